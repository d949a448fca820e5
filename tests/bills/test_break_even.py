"""From which number of queries on caching pays: known answers, and every N tried by walking the queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.bill import Bill, crossing
from cachecost.bills.break_even import HORIZON, BreakEven, break_even
from cachecost.bills.candidates import plans
from cachecost.catalog.catalog import Catalog
from cachecost.errors import NotSold
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.names import FRESH
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import Workload

from ..conftest import a_third
from ..oracles.simulate import EPOCH, Case, Unpriced, asked, cases, real, sheets, simulate

SEED = datetime(2024, 5, 25, tzinfo=UTC)
SHIPPED = datetime(2024, 7, 1, tzinfo=UTC)
TODAY = datetime(2026, 11, 22, tzinfo=UTC)
LATE = datetime(2025, 12, 15, tzinfo=UTC)
H, M = timedelta(hours=1), timedelta(minutes=1)


def found(catalog: Catalog, model: str, strategy: str, case: Case) -> BreakEven:
    """What the engine says for one strategy."""
    sheet = catalog.sheet(model)
    return crossing(*(Bill(Plan(name, *_words(sheet, case))) for name in (strategy, FRESH)))


def _words(sheet: PriceSheet, case: Case) -> tuple[Workload, PriceSheet, Assumptions]:
    workload, assumptions = asked(case)
    return workload, sheet, assumptions


SEED_CASE = Case(context=1_000_000, start=SEED)
NEW_CASE = Case(context=100_000, start=LATE)

FIRST = [
    # Stored, N* = ceil((1 + sigma H) / (1 - r)) where creation is billed as input and every query reads.
    ("gemini-1.5-pro", "stored", SEED_CASE, 4),  # (7 + 4.5) / 3.5 = 3.29
    ("gemini-1.5-pro", "stored", replace(SEED_CASE, first_query="creates"), 3),  # (3.5 + 4.5) / 3.5 = 2.29
    ("gemini-1.5-pro", "stored", replace(SEED_CASE, hold=24 * H), 33),  # (7 + 108) / 3.5 = 32.86
    ("gemini-1.5-pro", "stored", replace(SEED_CASE, start=SHIPPED), 3),  # (7 + 4.5) / 5.25 = 2.19
    ("gemini-1.5-pro", "stored", replace(SEED_CASE, start=SHIPPED, hold=24 * H), 22),  # (7 + 108) / 5.25 = 21.9
    ("gemini-1.5-flash", "stored", replace(NEW_CASE, start=SHIPPED), 6),  # (.35 + 1) / .2625 = 5.14
    ("gemini-1.5-flash", "stored", replace(NEW_CASE, start=SHIPPED, hold=24 * H), 93),  # 24.35 / .2625 = 92.8
    ("gemini-2.5-pro", "stored", NEW_CASE, 6),  # (1.25 + 4.5) / 1.125 = 5.11
    ("gemini-2.5-pro", "stored", replace(NEW_CASE, creation="free"), 5),  # 4.5 / 1.125 = 4 exactly: a tie saves nothing
    ("gemini-2.5-pro", "stored", replace(NEW_CASE, hold=24 * H), 98),  # (1.25 + 108) / 1.125 = 97.1
    ("gemini-2.5-pro", "stored", replace(NEW_CASE, context=300_000), 4),  # (2.5 + 4.5) / 2.25 = 3.11
    ("gemini-2.5-pro", "stored", replace(NEW_CASE, context=300_000, hold=24 * H), 50),  # (2.5 + 108) / 2.25 = 49.1
    ("gemini-2.5-flash", "stored", NEW_CASE, 5),  # (.3 + 1) / .27 = 4.81
    ("gemini-2.5-flash", "stored", replace(NEW_CASE, hold=24 * H), 91),  # (.3 + 24) / .27 = 90 exactly: a tie
    # Written, N* = 1 + ceil((w - 1) / (1 - r)).
    ("claude-sonnet-4-5", "written:5m", replace(NEW_CASE, start=TODAY), 2),  # 1 + ceil(.25 / .9)
    ("claude-sonnet-4-5", "written:1h", replace(NEW_CASE, start=TODAY), 3),  # 1 + ceil(1 / .9)
    ("claude-opus-5-5", "written:5m", replace(NEW_CASE, start=TODAY), 2),  # 1 + ceil(.25 / .95)
    ("claude-opus-5-5", "written:1h", replace(NEW_CASE, start=TODAY), 3),  # 1 + ceil(1 / .95)
    ("gpt-5.6-luna", "written:30m", replace(NEW_CASE, start=TODAY), 2),  # 1 + ceil(.25 / .9)
    # No write fee: the first query costs the same, and each later one less.
    ("gpt-4o", "automatic", replace(NEW_CASE, start=TODAY), 2),
    ("deepseek-chat", "automatic", replace(NEW_CASE, start=datetime(2025, 1, 1, tzinfo=UTC)), 2),
    # Evenly over 8 h all hit from 1 + 8 h / TTL on, and every query before misses.
    ("claude-opus-5-5", "written:5m", replace(NEW_CASE, start=TODAY, over=8 * H), 97),
    ("gpt-5.6-luna", "written:30m", replace(NEW_CASE, start=TODAY, over=8 * H), 17),
    ("claude-opus-5-5", "written:1h", replace(NEW_CASE, start=TODAY, over=8 * H), 9),
]


@pytest.mark.parametrize(("model", "strategy", "case", "first"), FIRST)
def test_caching_pays_from_the_number_of_queries_worked_by_hand_and_from_then_on(
    model: str, strategy: str, case: Case, first: int, catalog: Catalog
) -> None:
    """The published break-evens; none of them is ever lost again."""
    assert found(catalog, model, strategy, case) == BreakEven(first, ((first, None),), first)


def test_a_tie_does_not_pay_four_queries_with_a_free_creation_cost_fifty_cents_either_way(catalog: Catalog) -> None:
    """Fresh 4 x 100,000 x 1.25 = $0.50; stored 4 x 100,000 x 0.125 = $0.05 and $0.45 of rent."""
    case = replace(NEW_CASE, creation="free", queries=4)
    sheet = catalog.sheet("gemini-2.5-pro")
    bills = [Bill(Plan(name, *_words(sheet, case))).total(4) for name in ("stored", FRESH)]
    assert bills == [Decimal("0.5"), Decimal("0.5")]


def test_rent_by_started_hours_pays_for_ten_queries_not_for_eleven_or_twelve_and_from_thirteen_on(
    catalog: Catalog,
) -> None:
    """Seed prices, a query every 40 minutes: saved 3.5 N - 7 - 4.5 x started hours of 40 (N - 1) minutes."""
    # N = 9: 5 h 20 -> 6 h: 31.5 - 7 - 27   = -2.5     N = 12: 7 h 20 -> 8 h: 42   - 7 - 36 = -1
    # N = 10: 6 h    -> 6 h: 35   - 7 - 27   = +1       N = 13: 8 h    -> 8 h: 45.5 - 7 - 36 = +2.5
    # N = 11: 6 h 40 -> 7 h: 38.5 - 7 - 31.5 =  0       later: every three queries bring 10.5 and cost 9
    case = replace(SEED_CASE, every=40 * M, billed_per="hour")
    expected = BreakEven(10, ((10, 10), (13, HORIZON)), 13, HORIZON)
    assert found(catalog, "gemini-1.5-pro", "stored", case) == expected


@pytest.mark.parametrize(("hits", "first"), [(True, 2), (False, None)])
def test_where_rates_change_every_day_an_automatic_cache_pays_once_it_is_read(
    catalog: Catalog, hits: bool, first: int | None
) -> None:
    """A read costs less than input at every hour, so the second query pays if it hits; without a hit all bills tie."""
    case = Case(context=100_000, start=TODAY, every=H, hits=hits)
    assert found(catalog, "deepseek-v4-pro", "automatic", case).first == first


def test_a_cache_that_is_gone_before_it_has_paid_never_pays(catalog: Catalog) -> None:
    """Seed prices, hold 1 h, one query every 30 minutes: only 3 read, saved 10.50 of 11.50, and then never more."""
    case = replace(SEED_CASE, every=30 * M, hold=H)
    assert found(catalog, "gemini-1.5-pro", "stored", case) == BreakEven(None, (), None, HORIZON)


def test_slower_than_the_break_even_rate_a_cache_that_is_kept_never_pays(catalog: Catalog) -> None:
    """9/7 queries an hour is one in 46 min 40 s: at 46 min 39 s it pays some day, at 46 min 40 s never."""
    gap = timedelta(minutes=46, seconds=40)
    faster = found(catalog, "gemini-1.5-pro", "stored", replace(SEED_CASE, every=gap - timedelta(seconds=1)))
    slower = found(catalog, "gemini-1.5-pro", "stored", replace(SEED_CASE, every=gap))
    # A second of rent is 4.50 / 3600 = $0.00125. N - 1 gaps of 2,799 s leave 3.5 - 3.49875 = $0.00125 each, and 7 - 3.5
    # of the first query have to come in: after 3.5 / 0.00125 = 2,800 gaps. The cards change before that.
    assert slower.first is None
    assert (faster.first, faster.horizon) == (None, HORIZON)


def test_a_flip_to_other_rates_ends_what_can_be_tried(catalog: Catalog) -> None:
    """From 2025-07-11 on Kimi sells no cache: a query a day from 2025-07-01 can be priced for ten days only."""
    case = Case(context=100_000, start=datetime(2025, 7, 1, tzinfo=UTC), every=timedelta(days=1), queries=2)
    assert found(catalog, "moonshot-cn/moonshot-v1-128k", "stored", case).horizon == 10


# Laws -----------------------------------------------------------------------------------------------------------------


def walked(sheet: PriceSheet, strategy: str, case: Case, most: int) -> list[Fraction]:
    """The bills of 1, 2, 3, ... queries, by walking the queries of each."""
    return [simulate(sheet, strategy, replace(case, queries=n)) for n in range(1, most + 1)]


def held(answer: BreakEven, most: int) -> list[int]:
    """The N up to `most` that lie in the intervals."""
    return [n for n in range(1, most + 1) if any(a <= n and (b is None or n <= b) for a, b in answer.intervals)]


def check(sheet: PriceSheet, case: Case, most: int) -> None:
    try:
        offer = plans(sheet, *asked(case))
    except NotSold:
        return
    fresh = Bill(offer[0])
    plain = walked(sheet, FRESH, case, most)
    for plan in offer[1:]:
        bill = Bill(plan)
        answer = crossing(bill, fresh)
        reach = min(most, HORIZON if answer.horizon is None else answer.horizon)
        try:
            bills = zip(walked(sheet, plan.strategy, case, reach), plain, strict=False)
            paying = [n for n, (cached, sent) in enumerate(bills, start=1) if cached < sent]
        except Unpriced:
            assert answer.horizon is None  # automatic reads that a later card no longer sells
            continue
        assert held(answer, reach) == paying, plan.strategy
        assert answer.first == min(held(answer, HORIZON), default=answer.first)
        if answer.first is not None:
            assert bill.exact_total(answer.first) < fresh.exact_total(answer.first)
            if answer.first > 1:
                assert bill.exact_total(answer.first - 1) >= fresh.exact_total(answer.first - 1)
        if answer.stable_from is not None and answer.horizon is None:
            for n in range(answer.stable_from, 301, 7):
                assert bill.exact_total(n) < fresh.exact_total(n)


@a_third()
@given(sheet=sheets(changing=False), case=cases(start=st.just(EPOCH)))
def test_on_invented_sheets_the_intervals_are_those_found_by_trying_every_number(sheet: PriceSheet, case: Case) -> None:
    """Straight pieces solved exactly, against N = 1..60 walked query by query; the bills cross at the first."""
    check(sheet, case, 60)


@a_third()
@given(sheet=sheets(), case=cases(start=st.timedeltas(timedelta(0), timedelta(hours=30)).map(EPOCH.__add__)))
def test_where_rates_change_the_intervals_are_still_those_found_by_trying_every_number(
    sheet: PriceSheet, case: Case
) -> None:
    """Changes of card and windows among the queries, N = 1..25."""
    check(sheet, case, 25)


@a_third()
@given(data=st.data())
def test_on_real_sheets_the_intervals_are_those_found_by_trying_every_number(
    data: st.DataObject, catalog: Catalog
) -> None:
    """Every sheet of the project at some instant of some card, N = 1..60."""
    sheet = data.draw(st.sampled_from(real(catalog)))
    sold = [card for card in sheet.cards if card.caching.kinds and card.status != "cancelled"]
    if not sold:
        return
    start = data.draw(st.sampled_from(sold)).effective
    case = data.draw(cases(start=st.just(start)))
    check(sheet, replace(case, context=data.draw(st.integers(1, 400_000))), 60)


class Line:
    """A bill that is a straight line from 1 on: fixed + each x N."""

    def __init__(self, fixed: Fraction, each: Fraction) -> None:
        self.fixed, self.each = fixed, each
        self.pieces: list[int] | None = [1]
        self.horizon = 200

    def exact_total(self, queries: int) -> Fraction:
        return self.fixed + self.each * queries


small = st.fractions(-20, 20, max_denominator=12)


@given(fixed=small, mine=small, theirs=small)
def test_two_straight_lines_cross_where_algebra_says(fixed: Fraction, mine: Fraction, theirs: Fraction) -> None:
    """fixed + mine N < theirs N, and with ties <=."""
    for ties in (False, True):
        answer = break_even(Line(fixed, mine), Line(Fraction(0), theirs), ties=ties)
        saved = {n: (theirs - mine) * n - fixed for n in range(1, 1000)}
        pays = [n for n, money in saved.items() if money > 0 or (ties and not money)]
        assert held(answer, 999) == pays
        for_ever = mine < theirs or (mine == theirs and (fixed < 0 or (ties and not fixed)))
        assert answer.stable_from == (min(pays) if for_ever else None)
