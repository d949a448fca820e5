"""Advice: known answers, and the laws that the advised strategy wins and that every threshold is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest

from cachecost import money
from cachecost.advice.advice import Advice, across
from cachecost.advice.thresholds import GAP, HIT_SHARE, QUERIES, Threshold, spread_by
from cachecost.bills.candidates import candidates, priced
from cachecost.bills.comparison import compare
from cachecost.bills.history import all_history, over_history
from cachecost.bills.rents import all_forgotten, forgotten
from cachecost.bills.rules import CachingRule
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NotInForce, NotSold
from cachecost.output.answers.advice import notes, rule_in_words, sentence
from cachecost.output.answers.measures import full
from cachecost.output.answers.over_history import sentence as history_sentence
from cachecost.prices.warnings import AHEAD
from cachecost.strategies.assumptions import Assumptions
from cachecost.workload.workload import Workload

from ..command import run
from ..conftest import TODAY

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SEED = datetime(2024, 5, 25, tzinfo=UTC)
PLAIN = Assumptions()
H, MIN, SEC = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
SONNET, GEMINI, SEEDED = "claude-sonnet-4-5", "gemini-2.5-pro", "gemini-1.5-pro"


def work(context: int = 100_000, queries: int = 10, start: datetime = NOW, **words: Any) -> Workload:
    return Workload(context=context, question=0, answer=0, queries=queries, start=start, **words)


def rule(advice: Advice, strategy: str) -> CachingRule:
    return next(rule for rule in advice.rules if rule.strategy == strategy)


def thresholds(advice: Advice, axis: str) -> list[tuple[bool, object, str]]:
    return [(each.rises, each.value, each.winner) for each in advice.thresholds if each.axis == axis]


# Known answers ----------------------------------------------------------


def test_the_seed_question_is_answered_with_its_runner_up_and_what_would_turn_it(catalog: Catalog) -> None:
    """Stored 7 + 4.50 + 10 x 3.50 = 46.50 against 10 x 7 = 70; at N = 3 21 < 22, at 4 28 > 25.50."""
    advice = Advice(catalog.sheet(SEEDED), work(10**6, start=SEED), PLAIN)
    assert (advice.best.strategy, advice.best.total) == ("stored", Decimal("46.5"))
    assert advice.runner_up is not None
    assert (advice.runner_up.strategy, advice.lead) == ("fresh", Decimal("23.5"))
    assert thresholds(advice, QUERIES) == [(False, 3, "fresh")]
    assert advice.looked == [(QUERIES, 1, None)]  # nothing spreads the queries, no share is assumed
    assert sentence(advice) == (
        "Use a stored cache (rent by the hour): 10 queries cost $46.50, $23.50 less than no cache (34%); "
        "at 3 queries no cache is the cheapest."
    )


def test_a_stored_cache_is_kept_between_queries_closer_than_46_minutes_40(catalog: Catalog) -> None:
    """4.50 / (7 - 3.50) = 9/7 = 1.29 an hour; one over that is 7/9 h = 2,800 s."""
    advice = rule(Advice(catalog.sheet(SEEDED), work(10**6, start=SEED), PLAIN), "stored")
    assert (advice.rate, advice.gap) == (Fraction(9, 7), 46 * MIN + 40 * SEC)
    assert rule_in_words(advice) == (
        "a stored cache (rent by the hour) pays above 1.29 queries per hour; "
        "keep it from one query to the next if they are less than 46 min 40 s apart"
    )


def test_the_rule_of_a_written_cache_names_the_published_figures(catalog: Catalog) -> None:
    """w = 1.25 and 2, r = 0.1: (w-1)/(w-r) = 5/23 and 10/19; ln(1.15/0.9) x 12 = 2.941; ln(1.9/0.9) = 0.7472;
    ln(1.9/1.15) x 60/55 = 0.5477; pings of r up to w: 12 x 5 min = 60 min."""
    advice = Advice(catalog.sheet(SONNET), work(), PLAIN)
    short, long = rule(advice, "written:5m"), rule(advice, "written:1h")
    assert (short.hit_share, long.hit_share) == (Fraction(5, 23), Fraction(10, 19))
    assert short.rate is not None
    assert long.rate is not None
    assert (round(short.rate, 3), round(long.rate, 4)) == (Fraction("2.941"), Fraction("0.7472"))
    assert short.longer is not None
    assert (short.longer[0], round(short.longer[1], 4)) == ("written:1h", Fraction("0.5477"))
    assert (short.pinged_up_to, long.longer) == (H, None)
    assert rule_in_words(short) == (
        "a 5-min cache pays if at least 21.74% of later queries hit, as they do above 2.94 queries per hour at random; "
        "a 1-hour cache costs less than this one above 0.5477 per hour; "
        "pings cost no more than writing again while queries are at most 1 h apart"
    )


def test_a_written_cache_lives_exactly_its_ttl_between_queries(catalog: Catalog) -> None:
    """Ten queries: at 5 min all hit, 1.25 + 9 x 0.1 = 2.15; a second later 5m writes ten times 1.25 = 12.50, and
    1h costs 2 + 0.9 = 2.90 against 10 fresh. With h hits 1.25 + 9 (1.25 - 1.15 h) = 10 at h = 2.5/10.35 = 50/207."""
    advice = Advice(catalog.sheet(SONNET), work(every=4 * MIN), PLAIN)
    assert advice.best.strategy == "written:5m"
    assert thresholds(advice, GAP) == [(True, 5 * MIN + SEC, "written:1h")]
    assert thresholds(advice, HIT_SHARE) == [(False, Fraction(50, 207), "fresh")]
    assert "at a gap of 5 min 1 s a 1-hour cache is the cheapest" in full(notes(advice))


def test_evenly_over_eight_hours_all_hit_from_97_queries_on(catalog: Catalog) -> None:
    """480/5 + 1 = 97. For 1h it is 480/60 + 1 = 9, 2 + 8 x 0.1 < 9; at 97, 5m costs 0.75 less than 1h. At 8 a ping
    between two queries, 69 minutes apart, keeps the entry: 2 + 7 x 2 x 0.1 = 3.4 < 8."""
    sheet = catalog.sheet(SONNET)
    at_9 = Advice(sheet, work(queries=9, over=8 * H), PLAIN)
    assert at_9.best.strategy == "written:1h"
    assert thresholds(at_9, QUERIES) == [(False, 8, "keep-alive:1h"), (True, 97, "written:5m")]


def test_where_bills_are_no_straight_lines_every_number_near_is_tried(catalog: Catalog) -> None:
    """Rent by whole hours, two queries an hour: at N = 5 2 h, 7 + 17.50 + 9 = 33.50 < 35; at 4 1.5 h are paid as 2,
    7 + 14 + 9 = 30 > 28. Up to 206 nothing else wins."""
    hourly = Assumptions(billed_per="hour")
    advice = Advice(catalog.sheet(SEEDED), work(10**6, 6, SEED, every=30 * MIN), hourly)
    assert thresholds(advice, QUERIES) == [(False, 4, "fresh")]
    assert advice.looked[0] == (QUERIES, 4, 206)


def test_a_price_change_already_announced_is_told_with_its_bill(catalog: Catalog) -> None:
    """Gemini 1.5 Pro shipped on 2024-06-18 at a quarter: 7 + 4.50 + 10 x 1.75 = 29."""
    advice = Advice(catalog.sheet(SEEDED), work(10**6, start=SEED), PLAIN)
    (change,) = advice.changes
    assert (change.then, change.total, change.days_after) == ("stored", Decimal(29), 24)
    stays = "the same from that day on costs $29.00; a stored cache (rent by the hour) stays the cheapest"
    assert f"rates change on 2024-06-18, 24 days after the last query: {stays}" in full(notes(advice))


def test_over_its_history_the_break_even_rate_rose_while_the_discount_rose_too(catalog: Catalog) -> None:
    """1.5 Pro as announced over 128K: 4.50 / 3.50 = 9/7 at 50%; 2.5 Pro up to 200K: 4.50 / (1.25 - 0.125) = 4 at
    90%. Where a card changes no rate (the context of 2024-06-30) it is skipped."""
    million, small = work(10**6), work(200_000)
    seeded, left_out = over_history(catalog.sheet(SEEDED), million, PLAIN)
    assert (seeded[0].rate, seeded[0].discount, seeded[0].total) == (Fraction(9, 7), Fraction(1, 2), Decimal("46.5"))
    assert [era.version.partition("@")[2] for era in seeded] == ["2024-05-14", "2024-06-18", "2024-10-01"]
    assert not left_out
    pro, _ = over_history(catalog.sheet(GEMINI), small, PLAIN)
    assert (pro[-1].rate, pro[-1].discount, pro[-1].cache) == (Fraction(4), Fraction(9, 10), "stored")
    assert pro[0].cache is None  # sold without a cache at first
    both, _ = all_history([(catalog.sheet(GEMINI), small), (catalog.sheet(SEEDED), small)], PLAIN)
    assert history_sentence(both).endswith(
        "the break-even rate rose from 1.29 to 4 queries per hour, while the discount on a read rose from 50% to 90%."
    )


def test_a_forgotten_million_tokens_cost_108_dollars_a_day(catalog: Catalog) -> None:
    """4.50 an hour x 24 = 108, x 30 = 3,240."""
    result = forgotten(catalog.sheet(GEMINI), 10**6, NOW)
    assert (result.hour, result.day, result.month) == (Decimal("4.5"), Decimal(108), Decimal(3240))


def test_a_forgotten_document_has_a_range_where_its_tokens_are_an_estimate(catalog: Catalog) -> None:
    """0.8 to 1.2 million tokens at 4.50 an hour for 720 hours: 2,592 to 3,888."""
    sheet = catalog.sheet(GEMINI)
    (result,), _ = all_forgotten([(sheet, work(10**6))], PLAIN, {sheet.id: (800_000, 1_200_000)})
    assert (result.month, result.ends) == (Decimal(3240), (Decimal(2592), Decimal(3888)))


@pytest.mark.parametrize("names", [(GEMINI, "baidu/deepseek-v3.2"), ("baidu/deepseek-v3.2", GEMINI)])
def test_of_as_many_models_in_each_currency_those_in_dollars_come_first(
    names: tuple[str, ...], catalog: Catalog
) -> None:
    """One model each, in either order of their names."""
    asks = [(catalog.sheet(name), work()) for name in names]
    survey = across(asks, PLAIN, today=TODAY)
    assert (survey.currency, [each.sheet.currency for each in survey.advices]) == ("USD", ["USD"])
    assert [each.kind for each in survey.left_out] == ["currency"]
    rents, _ = all_forgotten(asks, PLAIN)
    assert [each.sheet.currency for each in rents] == ["USD", "CNY"]


def test_models_are_ranked_by_their_best_strategy_in_one_currency(catalog: Catalog) -> None:
    """What does not fit, is withdrawn or bills otherwise is left out by name; nothing is dropped in silence."""
    names = ("gemini-3.6-flash", SONNET, "claude-opus-4-1", SEEDED, "qwen3.8-flash", "deepseek-v4-pro")
    sheets = [catalog.sheet(name) for name in names]
    survey = across([(sheet, work(300_000)) for sheet in sheets], PLAIN, today=TODAY)
    assert len({each.sheet.currency for each in survey.advices}) == 1
    assert {each.sheet.id for each in survey.advices} | {each.model for each in survey.left_out} == {
        s.id for s in sheets
    }
    assert {each.kind for each in survey.left_out} >= {"context", "withdrawn"}
    totals = [each.best.total for each in survey.advices]
    assert totals == sorted(totals)
    for each in survey.advices:
        bill, total = priced(each.sheet, each.workload, PLAIN).best
        assert (each.best.strategy, each.best.total) == (bill.plan.strategy, total)


def test_of_many_models_each_is_told_what_its_own_plan_tells() -> None:
    """Totals with their ranges and pauses, what is announced and every warning: a model that is withdrawn soon, one
    with an automatic cache of unknown life, a pause just below a TTL, a context below every minimum."""
    for question in ("--context 150K -n 50 --every 4m", "--context 150K -n 50 --every 4m50s", "--context 100 -n 9"):
        words = [*question.split(), "--as-of", "2026-11-28", "--json"]
        models = ("gemini-2.5-pro", "gpt-5.6-luna", "claude-opus-5-5", "deepseek-v4-pro")
        for answer in run("plan", *models, *words).json["models"]:
            alone = run("plan", answer["model"], *words).json
            strategies = [{key: each[key] for key in each if key != "break_even"} for each in alone["strategies"]]
            assert answer["strategies"] == strategies
            assert answer["price_changes"] == alone["price_changes"]
            assert set(alone["warnings"]) <= set(answer["warnings"])
    assert [text for text in answer["warnings"] if text.startswith("too short to cache: 100 tokens")]


def test_a_survey_says_what_is_announced_and_what_a_longer_pause_would_cost() -> None:
    """Gemini 2.5 Pro is withdrawn on 2026-12-01; a five minute entry of Claude Opus 5.5 dies 11 s after 4m50s, and
    then all 50 queries write 150,000 tokens at 1.25 x $4: 50 x (0.75 + 0.0108) = $38.04."""
    question = ("plan", "gemini-2.5-pro", "claude-opus-5-5", "-c", "150K", "-n", "50", "--as-of", "2026-11-28")
    out = run(*question, "--every", "4m50s", "-v").out
    assert "! google/gemini-2.5-pro: the model is withdrawn on 2026-12-01, 2 days after the last query" in out
    assert "! google/gemini-2.5-pro: how long an automatic cache lives is not known here" in out
    assert "! anthropic/claude-opus-5-5: 11 s later every query would miss: $38.04; a 1-hour cache costs" in out
    assert "$38.04 with anthropic/claude-opus-5-5 beyond 5 min" in run(*question, "-v").out


def test_two_models_of_the_same_bill_are_said_to_cost_the_same() -> None:
    """Sonnet 4.5 and 4.6 share their rates, as does the next model of a tie: no percentage is given."""
    out = run("plan", "claude-sonnet-4-5", "claude-sonnet-4-6", "-c", "100K", "--as-of", "2026-11-01").out
    assert re.search(r"Cheapest of 2 models is (\S+) with [^:]+: (\S+); next is \S+ with [^,]+, \2 \(the same\)\.", out)


def test_a_model_that_cannot_be_worked_out_does_not_take_the_answer_from_the_others(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where terms of caching change under a law of arrival, and numpy is not there to simulate it."""

    def planned(sheet: Any, *question: Any, **words: Any) -> Advice:
        if "gpt-5" in sheet.id:
            raise BadWorkload("simulation: no closed form is known here")
        return Advice(sheet, *question, **words)

    monkeypatch.setattr("cachecost.advice.advice.Advice", planned)
    gpt, sonnet = catalog.sheet("gpt-5"), catalog.sheet(SONNET)
    survey = across([(gpt, work()), (sonnet, work())], PLAIN, today=TODAY)
    assert [each.sheet for each in survey.advices] == [sonnet]
    assert [(each.model, each.why) for each in survey.left_out] == [
        ("openai/gpt-5", "simulation: no closed form is known here")
    ]
    with pytest.raises(BadWorkload, match="no closed form"):
        across([(gpt, work())], PLAIN, today=TODAY)


# Laws -------------------------------------------------------------------

MODELS = (SONNET, GEMINI, "gemini-3.6-flash", "gpt-5", "deepseek-v4-pro")
SPREADS: tuple[dict[str, Any], ...] = (
    {},
    {"every": 4 * MIN},
    {"every": 20 * MIN},
    {"every": timedelta(milliseconds=1500)},
    {"over": 8 * H},
    {"rate": Fraction(3), "arrivals": "poisson"},
    {"over": 2 * H, "arrivals": "random"},
    {"times": True},
)
ASSUMED = (PLAIN, Assumptions(hit_share=Decimal("0.2")), Assumptions(billed_per="hour"))
QUESTIONS = [
    question
    for question in [*product(MODELS, SPREADS, (1, 4, 30), ASSUMED)][::13]  # 13 divides no length: all pairs are met
    if not (question[0] == "deepseek-v4-pro" and question[1].get("arrivals"))  # some 5 s each: thousands of peak hours
]


@cache
def advised(catalog: Catalog) -> tuple[Advice, ...]:
    """Asked once for all laws."""
    return tuple(_advised(catalog))


def _advised(catalog: Catalog) -> Iterator[Advice]:
    for model, spread, queries, assumed in QUESTIONS:
        if spread.get("times"):  # bursts of two every ten minutes
            spread = {"times": tuple(10 * MIN * (k // 2) for k in range(queries))}
        yield Advice(catalog.sheet(model), work(50_000, queries, **spread), assumed)


def test_the_advised_strategy_is_never_beaten_in_a_comparison(catalog: Catalog) -> None:
    """Advice and comparison are one engine: same order, same totals."""
    for advice in advised(catalog):
        asks = [(advice.sheet, advice.workload)]
        sold = [each.strategy for each in compare(asks, today=TODAY, assumptions=advice.assumptions).answers]
        pinged = [name.replace("written", "keep-alive") for name in sold if name.startswith("written")]
        question = {"today": TODAY, "assumptions": advice.assumptions, "strategies": [*sold, *pinged]}
        totals = {each.strategy: each.total for each in compare(asks, **question).answers}  # type: ignore[arg-type]
        assert set(sold) <= {each.strategy for each in advice.ranking}
        assert all(totals[each.strategy] == each.total for each in advice.ranking)
        assert advice.best.total == min(totals.values())


def winner_at(advice: Advice, axis: str, value: Any) -> str:
    question, assumed = advice.workload, advice.assumptions
    if axis == QUERIES:
        question = replace(question, queries=value, times=question.times[:value])
    elif axis == GAP:
        question = spread_by(question, value // SEC)
    else:
        assumed = replace(assumed, hit_share=money.exact(value))
    return priced(advice.sheet, question, assumed, offer=candidates).best[0].plan.strategy


def step(each: Threshold) -> tuple[Any, Any]:
    """The values one step before a threshold, seen from the workload, and at it; of a share on both sides of it."""
    way = 1 if each.rises else -1
    if isinstance(each.value, int):
        return each.value - way, each.value
    if isinstance(each.value, timedelta):
        return each.value - way * SEC, each.value
    grain = Fraction(1, 10**9)
    share = Fraction(money.rounded(each.value, 12))
    return share - way * grain, share + way * grain


def test_at_each_threshold_the_winner_really_changes(catalog: Catalog) -> None:
    """One step before, the advised strategy still wins; at it, or just beyond a share, the one that was named."""
    seen = set()
    for advice in advised(catalog):
        for each in advice.thresholds:
            before, after = step(each)
            assert winner_at(advice, each.axis, before) == advice.best.strategy, (advice.version, each)
            assert winner_at(advice, each.axis, after) == each.winner != advice.best.strategy, (advice.version, each)
            seen.add((each.axis, each.rises))
    assert seen == set(product((QUERIES, GAP, HIT_SHARE), (False, True)))


def test_no_nearer_number_of_queries_turns_the_verdict(catalog: Catalog) -> None:
    """Every N between the workload's own and the threshold, or within forty of it, is won by the advised strategy."""
    for advice in advised(catalog):
        n = advice.workload.queries
        low = max((t[1] for t in thresholds(advice, QUERIES) if not t[0]), default=0)  # type: ignore[type-var]
        high = min((t[1] for t in thresholds(advice, QUERIES) if t[0]), default=n + 41)  # type: ignore[type-var]
        assert isinstance(low, int)
        assert isinstance(high, int)
        for queries in range(max(low + 1, n - 40), min(high, n + 1 if advice.workload.times else n + 41)):
            assert winner_at(advice, QUERIES, queries) == advice.best.strategy, (advice.version, queries)


def test_no_hit_share_between_turns_the_verdict(catalog: Catalog) -> None:
    """Where no threshold is given, every share has the same winner, up to ties at the ends."""
    for advice in advised(catalog):
        if any(each.axis == HIT_SHARE for each in advice.looked) and not thresholds(advice, HIT_SHARE):
            winners = {winner_at(advice, HIT_SHARE, Fraction(k, 10)) for k in range(1, 10)}
            assert winners == {advice.best.strategy}, advice.version


def test_changes_ahead_are_those_within_ninety_days(catalog: Catalog) -> None:
    """A change beyond the horizon of ninety days is not told."""
    early = SEED - timedelta(days=5)
    (change,) = Advice(catalog.sheet(SEEDED), work(10**6, start=early), PLAIN).changes
    assert change.card.effective - early <= AHEAD


# Bad input --------------------------------------------------------------


def test_a_cache_that_cannot_be_stored_cannot_be_forgotten(catalog: Catalog) -> None:
    """Claude stores none; below 2,048 tokens Gemini 2.5 Pro stores none; no tokens are no cache."""
    for model, tokens, error, message in (
        (SONNET, 10**6, NotSold, "stores no cache that could be forgotten"),
        (GEMINI, 2_047, NotSold, "below 2,048 tokens"),
        (GEMINI, 0, BadWorkload, "expected 1 to"),
    ):
        with pytest.raises(error, match=message):
            forgotten(catalog.sheet(model), tokens, NOW)
    with pytest.raises(NotSold, match="could be forgotten"):
        all_forgotten([(catalog.sheet(SONNET), work())], PLAIN)


def test_what_has_no_rates_then_is_refused_or_left_out(catalog: Catalog) -> None:
    """Before its first card a model has no advice; among others it is left out, alone it is refused."""
    early = work(start=datetime(2023, 1, 1, tzinfo=UTC))
    with pytest.raises(NotInForce):
        Advice(catalog.sheet(SONNET), early, PLAIN)
    with pytest.raises(NotSold, match="has no rates at 2023-01-01"):
        across([(catalog.sheet(SONNET), early)], PLAIN, today=TODAY)
    with pytest.raises(NotSold, match="no model serves this workload"):
        across([(catalog.sheet(SONNET), early), (catalog.sheet("gpt-5"), early)], PLAIN, today=TODAY)
    with pytest.raises(NotSold, match="no model was named"):
        across([], PLAIN, today=TODAY)
    with pytest.raises(NotSold, match="'gold' is not sold"):
        over_history(catalog.sheet(SONNET), work(), Assumptions(service="gold"))


def test_below_the_minimum_the_rule_says_so(catalog: Catalog) -> None:
    """Sonnet 4.5 caches from 1,024 tokens on."""
    advice = Advice(catalog.sheet(SONNET), work(1_023), PLAIN)
    assert advice.best.strategy == "fresh"
    assert rule_in_words(advice.rules[0]) == "a 5-min cache caches nothing below 1,024 tokens"
