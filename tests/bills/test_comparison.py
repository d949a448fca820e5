"""Strategies side by side: known bills, savings and their bounds, warnings, ranges, and what cannot be compared."""

from __future__ import annotations

import decimal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.bill import Bill
from cachecost.bills.comparison import Answer, Comparison, compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import DifferentCurrencies, NotInForce, NotSold
from cachecost.prices.caching import Caching, Stored, Written
from cachecost.prices.card import Row
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.names import AUTOMATIC, FRESH, WRITTEN
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import Workload

from ..oracles.simulate import EPOCH, Case, asked, card, cases, invented, per_million, real, sheets, token_hours

CHECKED = date(2026, 11, 22)
TODAY = datetime(2026, 11, 22, tzinfo=UTC)
SEED = datetime(2024, 5, 25, tzinfo=UTC)
LATE = datetime(2025, 12, 15, tzinfo=UTC)
H = timedelta(hours=1)

SEED_CASE = Case(context=1_000_000, start=SEED)


def compared(sheet: PriceSheet, case: Case, today: date = CHECKED, strategies: tuple[str, ...] = ()) -> Comparison:
    workload, assumptions = asked(case)
    return compare([(sheet, workload)], today=today, assumptions=assumptions, strategies=strategies)


def answer(sheet: PriceSheet, strategy: str, case: Case, today: date = CHECKED) -> Answer:
    """The one answer of a strategy."""
    (answer,) = (each for each in compared(sheet, case, today).answers if each.strategy == strategy)
    return answer


# Known bills ------------------------------------------------------------

SEED_BILLS = [
    # N, fresh = 7 N, creation 7 + rent 4.50 + 3.50 N, first query creates 7 + rent 4.50 + 3.50 (N - 1)
    (1, "7", "15", "11.5"),
    (2, "14", "18.5", "15"),
    (3, "21", "22", "18.5"),
    (4, "28", "25.5", "22"),
    (10, "70", "46.5", "43"),
]


@pytest.mark.parametrize(("queries", "fresh", "reads", "creates"), SEED_BILLS)
def test_a_million_tokens_at_the_announced_prices_cost_what_the_announcement_implies(
    queries: int, fresh: str, reads: str, creates: str, catalog: Catalog
) -> None:
    """Gemini 1.5 Pro on 2024-05-25, stored for an hour, whichever way the first query is counted."""
    sheet = catalog.sheet("gemini-1.5-pro")
    for first_query, stored in (("reads", reads), ("creates", creates)):
        result = answer(sheet, "stored", replace(SEED_CASE, queries=queries, first_query=first_query))
        assert (result.fresh, result.total) == (Decimal(fresh), Decimal(stored))
        assert result.savings == Decimal(fresh) - Decimal(stored)
        assert result.hold == H


def test_the_lines_of_the_seed_question_are_creation_reads_and_rent(catalog: Catalog) -> None:
    """10 queries: 1 M created x 7, 10 M read x 3.50, 1 M token-hours x 4.50 = 7 + 35 + 4.50."""
    result = answer(catalog.sheet("gemini-1.5-pro"), "stored", replace(SEED_CASE, queries=10))
    assert [(line.name, line.quantity, line.rate, line.amount) for line in result.lines] == [
        ("creation", 1_000_000, Decimal("7.00"), 7),
        ("cache_read", 10_000_000, Decimal("3.50"), 35),
        ("storage", 1_000_000, Decimal("4.50"), Decimal("4.5")),
    ]
    assert result.savings_ratio == Fraction(235, 700)  # 23.50 of 70
    assert result.version == "google/gemini-1.5-pro@2024-05-14"


@given(queries=st.integers(1, 10**9))
def test_at_the_announced_prices_savings_never_reach_half(queries: int, catalog: Catalog) -> None:
    """Reads cost half, creation and rent cost something: below 1/2 for every number of queries."""
    for first_query in ("reads", "creates"):
        result = answer(
            catalog.sheet("gemini-1.5-pro"), "stored", replace(SEED_CASE, queries=queries, first_query=first_query)
        )
        assert result.savings_ratio is not None
        assert result.savings_ratio < Fraction(1, 2)
        assert result.savings_bound == Fraction(1, 2)


def test_answers_dilute_what_caching_can_save(catalog: Catalog) -> None:
    """With 8,192 answer tokens for $0.172032 a query costs 7.172032, of which 3.50 can be saved: 15625/32018."""
    result = answer(catalog.sheet("gemini-1.5-pro"), "stored", replace(SEED_CASE, answer=8_192, queries=10))
    assert result.fresh == Decimal("71.72032")
    assert result.savings_bound == Fraction(15_625, 32_018)


RATES = [
    # storage / (input - cache_read), in queries per hour
    ("gemini-1.5-pro", SEED, 1_000_000, Fraction(9, 7)),  # 4.50 / 3.50 = 1.2857
    ("gemini-1.5-pro", datetime(2024, 7, 1, tzinfo=UTC), 1_000_000, Fraction(6, 7)),  # 4.50 / 5.25
    ("gemini-1.5-flash", datetime(2024, 7, 1, tzinfo=UTC), 100_000, Fraction(80, 21)),  # 1 / 0.2625
    ("gemini-2.5-pro", TODAY, 200_000, Fraction(4)),  # 4.50 / 1.125
    ("gemini-2.5-pro", TODAY, 200_001, Fraction(2)),  # 4.50 / 2.25
    ("gemini-2.5-flash", TODAY, 100_000, Fraction(100, 27)),  # 1 / 0.27
]


@pytest.mark.parametrize(("model", "start", "context", "rate"), RATES)
def test_a_stored_cache_needs_so_many_queries_an_hour_to_earn_its_rent(
    model: str, start: datetime, context: int, rate: Fraction, catalog: Catalog
) -> None:
    """Rent of an hour over what one read saves; it halves above 200,000 tokens, since rent does not double."""
    result = answer(catalog.sheet(model), "stored", Case(context=context, start=start))
    assert result.break_even_rate_per_hour == rate


SHARES = [
    # (w - 1) / (w - r)
    ("claude-sonnet-4-5", "written:5m", Fraction(5, 23)),  # .25 / 1.15
    ("claude-sonnet-4-5", "written:1h", Fraction(10, 19)),  # 1 / 1.9
    ("gpt-5.6-luna", "written:30m", Fraction(5, 23)),
    ("claude-opus-5-5", "written:5m", Fraction(5, 24)),  # .25 / 1.20, since it reads at 0.05
    ("claude-opus-5-5", "written:1h", Fraction(20, 39)),  # 1 / 1.95
    ("qwen3-coder-plus", "written:5m", Fraction(5, 23)),
]


@pytest.mark.parametrize(("model", "strategy", "share"), SHARES)
def test_a_written_cache_needs_such_a_share_of_hits_to_earn_its_premium(
    model: str, strategy: str, share: Fraction, catalog: Catalog
) -> None:
    """The share at which a later query costs on average what it costs fresh."""
    result = answer(catalog.sheet(model), strategy, Case(context=100_000, start=TODAY))
    assert result.break_even_hit_share == share


def test_automatic_caches_come_in_whole_blocks(catalog: Catalog) -> None:
    """GPT-4o caches 1,024 of 1,100 tokens (8 blocks of 128); 76 and the question of 50 stay plain each time."""
    result = answer(catalog.sheet("gpt-4o"), AUTOMATIC, Case(context=1_100, question=50, queries=3, start=TODAY))
    # plain 1,150 + 2 x 126 = 1,402 x 2.50 = 3,505 millionths; read 2 x 1,024 = 2,048 x 1.25 = 2,560 millionths
    assert {line.name: (line.quantity, line.amount) for line in result.lines} == {
        "input": (1_402, Decimal("0.003505")),
        "cache_read": (2_048, Decimal("0.00256")),
    }
    assert result.band == (Decimal("0.006065"), Decimal("0.008625"))  # no hit: 3 x 1,150 x 2.50 = 8,625 millionths


# Laws ------------------------------------------------------------

moments = st.timedeltas(timedelta(0), timedelta(hours=30)).map(EPOCH.__add__)


def check_laws(comparison: Comparison) -> None:
    """What holds for the answers to any question."""
    totals = [answer.total for answer in comparison.answers]
    assert totals == sorted(totals)
    served = [answer.total for answer in comparison.served]
    assert not served or comparison.best.total == min(served)
    for answer in comparison.answers:
        assert sum((line.amount for line in answer.lines), Decimal(0)) == answer.total
        assert answer.per_query * answer.queries == Fraction(answer.total)
        assert answer.savings == answer.fresh - answer.total
        if answer.strategy == FRESH:
            assert (answer.total, answer.break_even, answer.savings_bound) == (answer.fresh, None, None)
        elif answer.savings_ratio is not None:
            assert answer.savings_bound is not None
            assert answer.savings_ratio <= answer.savings_bound
        if answer.band:
            low, high = answer.band
            assert low <= answer.total <= high
        if answer.range:
            assert answer.range.low <= answer.total <= answer.range.high
            assert answer.range.disputes


def writes_cheaply(sheet: PriceSheet) -> bool:
    """Whether writing a token costs less than sending it plain, in any row."""
    return any(
        rate.value < row.rates["input"].value
        for one in sheet.cards
        for row in one.rows
        for name, rate in row.rates.items()
        if name.startswith("cache_write")
    )


@given(sheet=sheets(), case=cases(start=moments))
def test_any_comparison_of_an_invented_sheet_is_sorted_adds_up_and_keeps_to_its_bounds(
    sheet: PriceSheet, case: Case
) -> None:
    """Whatever the rates, which may change while the queries come, and however creation is billed."""
    if not writes_cheaply(sheet):  # such a write would save by itself
        check_laws(compared(sheet, case))


@given(data=st.data())
def test_any_comparison_of_a_real_sheet_is_sorted_adds_up_and_keeps_to_its_bounds(
    data: st.DataObject, catalog: Catalog
) -> None:
    """Every sheet of the project, at the beginning of every card."""
    sheet = data.draw(st.sampled_from(real(catalog)))
    start = data.draw(st.sampled_from([card for card in sheet.cards if card.status != "cancelled"])).effective
    case = replace(data.draw(cases(start=st.just(start))), context=data.draw(st.integers(1, 400_000)))
    check_laws(compared(sheet, case))


@given(
    sheet=sheets(),
    case=cases(start=moments),
    share=st.decimals(0, 1, places=12),
)
def test_a_bill_moves_along_a_straight_line_with_the_hit_share(sheet: PriceSheet, case: Case, share: Decimal) -> None:
    """The bill at a share lies so far between the bills of no hits and of all hits; the band is those two."""
    workload, assumptions = asked(case)
    for answer in compared(sheet, case).answers:
        if not answer.strategy.startswith((AUTOMATIC, WRITTEN)):
            continue
        none, some, every = (
            Bill(Plan(answer.strategy, workload, sheet, replace(assumptions, hit_share=each))).exact_total(case.queries)
            for each in (Decimal(0), share, Decimal(1))
        )
        assert some == none + (every - none) * Fraction(share)
        if answer.band:
            assert sorted((none, every)) == [Fraction(end) for end in answer.band]


@given(data=st.data())
def test_without_reads_there_are_no_savings(data: st.DataObject, catalog: Catalog) -> None:
    """One query, or no hit at all: nothing is cheaper than sending it fresh, unless a write is (MiniMax has such)."""
    sheet = data.draw(st.sampled_from([sheet for sheet in real(catalog) if not writes_cheaply(sheet)]))
    start = data.draw(st.sampled_from([card for card in sheet.cards if card.status != "cancelled"])).effective
    case = Case(
        context=data.draw(st.integers(1, 300_000)),
        queries=data.draw(st.integers(1, 50)),
        start=start,
        hits=False,
        hold=timedelta(0),
        every=timedelta(minutes=1),
    )
    for answer in compared(sheet, case).answers:
        if answer.strategy != "stored":
            assert answer.savings <= 0
        elif case.queries > 1:
            # Gone at once: only the first query reads, and creation was paid as input.
            assert answer.savings <= 0


@given(share=st.integers(1_000, 9_999), queries=st.integers(2, 10**6))
def test_no_ambient_decimal_context_changes_a_comparison(share: int, queries: int, catalog: Catalog) -> None:
    """Hit shares are multiplied exactly, however narrow the context of the program around."""
    sheet = catalog.sheet("claude-opus-5-5")
    work = Workload(123_457, 89, 61, queries, TODAY)
    asked_for = Assumptions(hit_share=Decimal(share) / 10_000)
    wide = compare([(sheet, work)], today=CHECKED, assumptions=asked_for)
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.Inexact] = True
        narrow = compare([(sheet, work)], today=CHECKED, assumptions=asked_for)
    narrow_figures, wide_figures = ([vars(each) | {"bill": None} for each in of.answers] for of in (narrow, wide))
    assert narrow_figures == wide_figures


@given(sheet=sheets(changing=False), context=st.integers(1, 6_000))
def test_at_the_break_even_share_a_later_query_costs_what_it_costs_fresh(sheet: PriceSheet, context: int) -> None:
    """Found again from the bills of two queries: all of them hit, none does, and fresh."""
    work = Workload(context, 0, 0, 2, EPOCH)
    for answer in compare([(sheet, work)], today=CHECKED).answers:
        if not answer.strategy.startswith(WRITTEN):
            continue
        rates = sheet.cards[0].rows[0].rates
        read = rates.get("cache_read") or rates["cache_read:written"]
        write, plain = rates[answer.strategy.replace(WRITTEN, "cache_write")].value, rates["input"].value
        if read.value >= plain:
            assert answer.break_even_hit_share is None
        elif write <= plain:
            assert answer.break_even_hit_share == 0
        else:
            share = answer.break_even_hit_share
            assert share is not None
            assert share * Fraction(read.value) + (1 - share) * Fraction(write) == Fraction(plain)


# Disputed terms ------------------------------------------------------------


def test_an_answer_that_depends_on_a_disputed_term_shows_the_range(catalog: Catalog) -> None:
    """Gemini 2.5 Pro, 100,000 tokens, 10 queries, 1 h: creation billed as input or free."""
    result = answer(catalog.sheet("gemini-2.5-pro"), "stored", Case(context=100_000, queries=10, start=LATE))
    # creation 0.125 + reads 10 x 0.0125 + rent 0.45 = 0.70; free: 0.575. Life and TTL are both an hour.
    assert result.total == Decimal("0.7")
    assert result.range is not None
    assert (result.range.low, result.range.high) == (Decimal("0.575"), Decimal("0.7"))
    assert [dispute.name for dispute in result.range.disputes] == ["stored.creation"]


def test_a_range_spans_every_combination_of_readings(catalog: Catalog) -> None:
    """Deleted after half an hour, the rent may be 0.225 or 0.45, and creation 0.125 or nothing."""
    case = Case(context=100_000, queries=10, start=LATE, hold=H / 2)
    result = answer(catalog.sheet("gemini-2.5-pro"), "stored", case)
    # reads 0.125; both cheap: 0.125 + 0.225 = 0.35; as taken 0.475; both dear: 0.125 + 0.125 + 0.45 = 0.70
    assert result.total == Decimal("0.475")
    assert result.range is not None
    assert (result.range.low, result.range.high) == (Decimal("0.35"), Decimal("0.7"))
    assert [dispute.name for dispute in result.range.disputes] == ["stored.creation", "stored.billed_for"]


def test_a_disputed_rate_of_another_tier_or_a_settled_term_makes_no_range(catalog: Catalog) -> None:
    """A read rate is disputed up to 200,000 tokens only; who says that creation is free has settled it."""
    sheet = catalog.sheet("gemini-2.5-pro")
    summer = datetime(2025, 6, 1, tzinfo=UTC)
    # 10 reads of 100,000 at 0.31 or 0.3125: 0.31 or 0.3125 in all; the first query is sent plain, so 9: 0.279, 0.28125
    low = answer(sheet, AUTOMATIC, Case(context=100_000, queries=10, start=summer))
    assert low.range is not None
    assert (low.range.low, low.range.high) == (Decimal("0.404"), Decimal("0.40625"))
    high = answer(sheet, AUTOMATIC, Case(context=250_000, queries=10, start=summer))
    assert high.range is None
    settled = answer(sheet, "stored", Case(context=250_000, queries=10, start=summer, creation="free"))
    assert settled.range is None


# Warnings ------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "strategy", "case", "said"),
    [
        (
            "gpt-4o",
            FRESH,
            Case(context=128_000, question=1, start=TODAY),
            "takes at most 128,000 tokens, this request has 128,001",
        ),
        (
            "gpt-4o",
            FRESH,
            Case(context=9, answer=16_385, start=TODAY),
            "with at most 16,384 tokens, this request has 16,385",
        ),
        ("gpt-4o", AUTOMATIC, Case(context=1_023, start=TODAY), "1,023 tokens are below the minimum of 1,024"),
        ("gemini-1.5-pro", "stored", Case(context=32_767, start=SEED), "below the minimum of 32,768"),
        (
            "gemini-2.5-pro",
            "stored",
            Case(context=200_000, question=1, start=LATE),
            "moves every request into the tier",
        ),
        ("gemini-1.5-pro", FRESH, SEED_CASE, "announced, not yet sold"),
        (
            "claude-opus-5-5",
            "written:5m",
            Case(context=9_000, queries=96, over=8 * H, start=TODAY),
            "each one pays the write price again",
        ),
        (
            "gemini-2.5-pro",
            "stored",
            Case(context=9_000, queries=10, every=H, hold=2 * H, start=LATE),
            "7 of 10 queries come after the cache is gone",
        ),
    ],
)
def test_what_a_person_should_know_before_believing_an_answer_is_said(
    model: str, strategy: str, case: Case, said: str, catalog: Catalog
) -> None:
    """Limits, minimums, the tier, the kind of card, entries that expire, caches that are gone."""
    assert any(said in warning for warning in answer(catalog.sheet(model), strategy, case).warnings)


@pytest.mark.parametrize(
    ("model", "strategy", "case"),
    [
        ("gpt-4o", AUTOMATIC, Case(context=111_615, question=1, answer=16_384, queries=5, start=TODAY)),
        ("gpt-4o", AUTOMATIC, Case(context=1_024, start=TODAY)),
        ("claude-opus-5-5", "written:5m", Case(context=512, queries=97, over=8 * H, start=TODAY)),
    ],
)
def test_at_the_edge_nothing_is_said(model: str, strategy: str, case: Case, catalog: Catalog) -> None:
    """Exactly at the limit, the minimum, or the TTL there is nothing to warn of."""
    assert answer(catalog.sheet(model), strategy, case).warnings == ()


def test_a_question_that_is_long_by_itself_is_not_blamed_on_the_context(catalog: Catalog) -> None:
    """The question alone has over 200,000 tokens."""
    case = Case(context=9_000, question=200_001, start=LATE)
    result = answer(catalog.sheet("gemini-2.5-pro"), "stored", case)
    assert not any("moves every request" in warning for warning in result.warnings)


def test_below_the_minimum_every_strategy_costs_what_fresh_costs(catalog: Catalog) -> None:
    """No cache, no premium, no rent: Sonnet at 1,023 tokens, Gemini 1.5 Pro at 32,767."""
    for model, context, start in (("claude-sonnet-4-5", 1_023, TODAY), ("gemini-1.5-pro", 32_767, SEED)):
        comparison = compared(catalog.sheet(model), Case(context=context, queries=10, start=start))
        assert len({answer.total for answer in comparison.answers}) == 1
        assert comparison.best.strategy == FRESH


@pytest.mark.parametrize(("days", "is_warned"), [(90, False), (91, True)])
def test_a_sheet_whose_source_was_read_more_than_90_days_ago_is_called_stale(days: int, is_warned: bool) -> None:
    """Counted from the day on which it was last compared with its source."""
    sheet = invented(card(Row({"input": per_million("1")})), checked=date(2026, 3, 2))
    result = answer(sheet, FRESH, Case(context=9, start=EPOCH), today=date(2026, 3, 2) + timedelta(days))
    assert any("was last read on" in warning for warning in result.warnings) is is_warned


@pytest.mark.parametrize(("start", "is_warned"), [("2026-03-31", False), ("2026-04-01", True)])
def test_after_the_day_up_to_which_rates_were_promised_a_look_at_the_source_is_advised(
    start: str, is_warned: bool
) -> None:
    """The promised day itself is still covered."""
    sheet = invented(card(Row({"input": per_million("1")}), promised_until=date(2026, 3, 31)))
    result = answer(sheet, FRESH, Case(context=9, start=datetime.fromisoformat(start).replace(tzinfo=UTC)))
    assert any("promised only until 2026-03-31" in warning for warning in result.warnings) is is_warned


def test_the_end_of_an_introductory_price_is_told_and_that_the_verdict_stays(catalog: Catalog) -> None:
    """Gemini 4 Argon doubles everything on 2026-12-01, nine days after 2026-11-22."""
    best = compared(catalog.sheet("gemini-4-argon"), Case(context=100_000, queries=10, start=TODAY)).best
    expected = "rates change on 2026-12-01 (scheduled), 9 days after the last query: the verdict stays automatic"
    assert expected in best.warnings


def test_the_end_of_a_model_is_told(catalog: Catalog) -> None:
    """Sonnet 4.5 is withdrawn on 2026-11-30, eight days after 2026-11-22."""
    best = compared(catalog.sheet("claude-sonnet-4-5"), Case(context=100_000, queries=10, start=TODAY)).best
    assert "the model is withdrawn on 2026-11-30, 8 days after the last query" in best.warnings


def flipping(days: int, **terms: Any) -> PriceSheet:
    """Writing costs 1.25, and after so many days 3."""
    caching = Caching(written=Written(("5m",)))
    rates = {"input": per_million("1"), "cache_read": per_million("0.1"), "cache_write:5m": per_million("1.25")}
    later = EPOCH + timedelta(days)
    return invented(
        card(Row(rates), caching=caching),
        card(Row(rates | {"cache_write:5m": per_million("3")}), caching=caching, effective=later, **terms),
    )


@pytest.mark.parametrize(("days", "is_warned"), [(30, True), (90, True), (91, False)])
def test_a_price_change_within_90_days_that_flips_the_verdict_says_so(days: int, is_warned: bool) -> None:
    """Two queries over 1 M tokens, fresh $2: written 1.25 + 0.10 = $1.35 now, 3 + 0.10 = $3.10 then."""
    best = compared(flipping(days, status="scheduled"), Case(context=1_000_000, queries=2, start=EPOCH)).best
    assert best.total == Decimal("1.35")
    day = (EPOCH + timedelta(days)).date()
    flips = "it flips the verdict from written:5m to fresh"
    expected = f"rates change on {day} (scheduled), {days} days after the last query: {flips}"
    assert (expected in best.warnings) is is_warned


def test_a_price_change_among_the_queries_is_told_as_such() -> None:
    """The second of two queries comes after the change."""
    case = Case(context=1_000_000, queries=2, every=timedelta(days=2), start=EPOCH)
    best = compared(flipping(1), case).best
    assert any("2026-03-03, inside this workload" in warning for warning in best.warnings)


def test_a_cancelled_change_is_not_told() -> None:
    """It never comes."""
    best = compared(flipping(30, status="cancelled"), Case(context=1_000_000, queries=2, start=EPOCH)).best
    assert best.warnings == ()


# Models side by side ------------------------------------------------------------


def together(catalog: Catalog, models: tuple[str, ...], start: datetime, **changed: Any) -> Comparison:
    work = Workload(100_000, 0, 0, 10, start)
    return compare([(catalog.sheet(model), work) for model in models], today=CHECKED, **changed)


def test_several_models_are_ranked_in_one_list_cheapest_first(catalog: Catalog) -> None:
    """Each strategy of each model, by its total."""
    comparison = together(catalog, ("claude-opus-5-5", "gemini-2.5-flash", "gpt-5.6-luna"), TODAY)
    assert all(one.total <= other.total for one, other in pairwise(comparison.answers))
    assert {(answer.model, answer.strategy) for answer in comparison.answers} == {
        ("anthropic/claude-opus-5-5", FRESH),
        ("anthropic/claude-opus-5-5", "written:5m"),
        ("anthropic/claude-opus-5-5", "written:1h"),
        ("google/gemini-2.5-flash", FRESH),
        ("google/gemini-2.5-flash", AUTOMATIC),
        ("google/gemini-2.5-flash", "stored"),
        ("openai/gpt-5.6-luna", FRESH),
        ("openai/gpt-5.6-luna", "written:30m"),
        ("openai/gpt-5.6-luna", "written:12h"),
    }
    # Luna: 100,000 x 0.25 + 900,000 x 0.02 = 0.025 + 0.018; Flash automatic: 0.03 + 0.9 x 0.03 = 0.057
    assert (comparison.best.strategy, comparison.best.total) == ("written:30m", Decimal("0.043"))


def test_at_the_same_price_the_simpler_strategy_comes_first(catalog: Catalog) -> None:
    """GPT-4o's batch does not discount reads: automatic saves nothing, and fresh is simpler."""
    work = Workload(100_000, 0, 0, 10, TODAY)
    comparison = compare([(catalog.sheet("gpt-4o"), work)], today=CHECKED, assumptions=Assumptions(service="batch"))
    assert [answer.strategy for answer in comparison.answers] == [FRESH, AUTOMATIC]
    assert comparison.answers[0].total == comparison.answers[1].total == Decimal("1.25")


def test_a_model_that_cannot_answer_is_left_out_with_the_reason(catalog: Catalog) -> None:
    """Opus 5.5 was not yet sold in 2024, and sells no stored cache."""
    models = ("claude-opus-5-5", "gemini-1.5-pro")
    early = together(catalog, models, SEED)
    assert {answer.model for answer in early.answers} == {"google/gemini-1.5-pro"}
    assert len(early.left_out) == 1
    assert "claude-opus-5-5 has no rates at 2024-05-25" in early.left_out[0]
    stored = together(catalog, ("claude-opus-5-5", "gemini-2.5-pro"), TODAY, strategies=("stored",))
    assert [answer.strategy for answer in stored.answers] == ["stored"]
    assert "does not sell stored; it sells fresh, written:5m, written:1h" in stored.left_out[0]


def test_where_no_model_can_answer_the_reason_is_the_refusal(catalog: Catalog) -> None:
    """Alone, neither is left out of anything."""
    with pytest.raises(NotInForce, match="2026-09-22"):
        together(catalog, ("claude-opus-5-5",), SEED)
    with pytest.raises(NotSold, match="does not sell stored"):
        together(catalog, ("claude-opus-5-5",), TODAY, strategies=("stored",))
    with pytest.raises(NotSold, match="'priority'"):
        together(catalog, ("claude-opus-5-5",), TODAY, assumptions=Assumptions(service="priority"))


def test_a_strategy_that_a_later_card_no_longer_sells_is_left_out_and_the_others_are_answered(
    catalog: Catalog,
) -> None:
    """Half an hour before Kimi's cut of 2025-07-11 a cache cannot be kept for an hour; sending fresh still can."""
    comparison = together(catalog, ("moonshot-cn/moonshot-v1-128k",), datetime(2025, 7, 10, 23, 30, tzinfo=UTC))
    assert [answer.strategy for answer in comparison.answers] == [FRESH]
    assert comparison.left_out[0].startswith(
        "stored: storage of moonshot-cn/moonshot-v1-128k is no longer sold since 2025-07-11"
    )


def test_a_cache_that_ends_when_a_change_begins_pays_nothing_at_the_new_rates(catalog: Catalog) -> None:
    """An hour before the same cut: the hour of rent is the old card's, in one line."""
    comparison = together(catalog, ("moonshot-cn/moonshot-v1-128k",), datetime(2025, 7, 10, 23, tzinfo=UTC))
    (stored,) = (answer for answer in comparison.answers if answer.strategy == "stored")
    # creation 2.40 + rent 100,000 x 60 x 5 / 1M = 30 + ten fees of 0.02
    assert stored.total == Decimal("32.6")
    assert [line.name for line in stored.lines].count("storage") == 1


def test_bills_in_different_currencies_are_not_compared(catalog: Catalog) -> None:
    """Yuan and dollars need a rate of exchange that no sheet has."""
    with pytest.raises(DifferentCurrencies, match="CNY and USD"):
        together(catalog, ("moonshot-cn/moonshot-v1-128k", "gpt-4o"), datetime(2025, 1, 1, tzinfo=UTC))


def test_an_assumption_on_creation_overrides_a_rate_of_its_own(catalog: Catalog) -> None:
    """Kimi creates 100,000 tokens at 24: 2.40; asked for at the input rate of 60: 6.00; free: nothing."""
    start = datetime(2024, 9, 1, tzinfo=UTC)
    bills = {
        creation: answer(
            catalog.sheet("moonshot-cn/moonshot-v1-128k"),
            "stored",
            Case(context=100_000, start=start, creation=creation),
        ).total
        for creation in (None, "input", "free")
    }
    # rent of an hour 30, one hit 0.02
    assert bills == {None: Decimal("32.42"), "input": Decimal("36.02"), "free": Decimal("30.02")}


def test_the_best_way_to_cache_is_told_even_where_fresh_is_best() -> None:
    """The cheapest cached answer on the model of the cheapest answer; none where no cache is sold."""
    dear = {"input": per_million("1"), "cache_read": per_million("1"), "storage": token_hours("1")}
    stored = invented(card(Row(dear), caching=Caching(stored=Stored(H))))
    comparison = compared(stored, Case(context=9_000, queries=2, start=EPOCH))
    assert comparison.best.strategy == FRESH
    cached = comparison.cached_beside(comparison.best)
    assert cached is not None
    assert cached.strategy == "stored"
    bare = compared(invented(card(Row({"input": per_million("1")}))), Case(context=9_000, start=EPOCH))
    assert bare.cached_beside(bare.best) is None
