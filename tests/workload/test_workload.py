"""When queries come, and that every strategy's closed form costs what walking the queries one by one costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.bill import Bill
from cachecost.bills.candidates import plans
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NotSold
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.names import FRESH
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import MAX_QUERIES, Workload

from ..oracles.simulate import (
    EPOCH,
    LENGTHS,
    MICROSECOND,
    Case,
    Unpriced,
    asked,
    cases,
    instants,
    real,
    sheets,
    simulate,
)

START = datetime(2026, 11, 22, tzinfo=UTC)
H, M = timedelta(hours=1), timedelta(minutes=1)

shapes = st.one_of(
    st.just({}),
    st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda gap: {"every": gap}),
    st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda length: {"over": length}),
)


def work(**changed: object) -> Workload:
    return Workload(**{"context": 1000, "question": 0, "answer": 0, "queries": 10, "start": START} | changed)  # type: ignore[arg-type]


@given(shape=shapes, queries=st.integers(1, 50), after=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_queries_are_counted_as_if_each_were_asked_for_its_instant(
    shape: dict[str, timedelta], queries: int, after: timedelta
) -> None:
    """Up to an instant counts it, before it does not, however unevenly the microseconds divide."""
    case = Case(context=1, queries=queries, start=START, **shape)
    workload, moments = asked(case)[0], instants(case)
    limit = after // MICROSECOND
    assert workload.up_to(queries, Fraction(after // MICROSECOND)) == sum(when <= limit for when in moments)
    assert workload.before(queries, after) == sum(when < limit for when in moments)
    assert workload.span(queries) // MICROSECOND == moments[-1] - moments[0]


def all_hit(spread: Workload, queries: int, ttl: timedelta) -> bool:
    """Whether no query comes longer than a TTL after the one before."""
    return queries < 2 or not spread.law(queries).share_longer(ttl)


@given(shape=shapes, queries=st.integers(1, 50), ttl=st.sampled_from(list(LENGTHS.values())))
def test_all_later_queries_hit_if_no_gap_is_longer_than_the_ttl(
    shape: dict[str, timedelta], queries: int, ttl: timedelta
) -> None:
    """A gap of exactly the TTL is a hit."""
    case = Case(context=1, queries=queries, start=START, **shape)
    moments = instants(case)
    gaps = [after - before for before, after in pairwise(moments)]
    assert all_hit(asked(case)[0], queries, ttl) == all(gap <= ttl // MICROSECOND for gap in gaps)


@pytest.mark.parametrize(
    ("ttl", "first"),
    # The gap over / (N - 1) is within the TTL from N = 1 + ceil(8 h / TTL) on: 1 + 96, 1 + 16, 1 + 8.
    [("5m", 97), ("30m", 17), ("1h", 9)],
)
def test_evenly_over_eight_hours_all_hit_from_one_more_than_the_ttls_that_fit(ttl: str, first: int) -> None:
    """Below that number every query comes too late, at it every later one hits."""
    spread = work(over=8 * H)
    assert all_hit(spread, first, LENGTHS[ttl])
    assert not all_hit(spread, first - 1, LENGTHS[ttl])


def test_a_gap_of_exactly_the_ttl_hits_and_a_microsecond_more_misses() -> None:
    """Both sides of the edge."""
    assert all_hit(work(every=5 * M), 10, 5 * M)
    assert not all_hit(work(every=5 * M + MICROSECOND), 10, 5 * M)


def test_the_last_of_the_queries_comes_at_the_end_of_the_span() -> None:
    """Three queries over 8 h come at 0, 4 and 8 h."""
    spread = work(over=8 * H)
    hour = Fraction(H // MICROSECOND)
    assert [spread.up_to(3, after) for after in (4 * hour - 1, 4 * hour, 8 * hour)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"context": 0}, "context"),
        ({"context": -1}, "context"),
        ({"question": -1}, "question"),
        ({"answer": -1}, "answer"),
        ({"queries": 0}, "queries"),
        ({"queries": MAX_QUERIES + 1}, "queries"),
        ({"start": datetime(2026, 11, 22)}, "zone"),
        ({"start": datetime(9999, 12, 31, tzinfo=UTC)}, "year"),
        ({"every": -M}, "every"),
        ({"over": -M}, "over"),
        ({"every": M, "over": M}, "one of them"),
        ({"every": timedelta(days=1), "queries": MAX_QUERIES}, "queries"),
        ({"over": timedelta(days=999_999)}, "queries"),
    ],
)
def test_a_workload_that_cannot_happen_is_refused_in_its_own_words(changed: dict[str, object], said: str) -> None:
    """The message names what is wrong."""
    with pytest.raises(BadWorkload, match=said):
        work(**changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hold": -M}, "hold"),
        ({"hold": timedelta(days=999_999)}, "hold"),
        ({"hit_share": -1}, "hit_share"),
        ({"hit_share": 2}, "hit_share"),
        ({"creation": "cheap"}, "creation"),
        ({"first_query": "waits"}, "first_query"),
        ({"billed_per": "day"}, "billed_per"),
    ],
)
def test_an_assumption_that_cannot_be_is_refused_in_its_own_words(changed: dict[str, object], said: str) -> None:
    """The message names the assumption."""
    with pytest.raises(BadWorkload, match=said):
        Assumptions(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [{"every": 300 * timedelta(days=366)}, {"over": 300 * timedelta(days=366)}])
def test_a_thousand_million_queries_over_centuries_are_counted_without_overflow(shape: dict[str, timedelta]) -> None:
    """Counting does not multiply durations beyond what a calendar holds."""
    queries = MAX_QUERIES if "over" in shape else 2
    spread = work(queries=queries, **shape)
    assert spread.up_to(queries, Fraction(timedelta(days=365_000) // MICROSECOND)) == queries
    assert spread.before(queries, timedelta(days=365_000)) == queries
    assert all_hit(spread, queries, timedelta(days=365_000))


# Closed form = simulation --------------------------------------------------------------------------------------------


def offered(sheet: PriceSheet, case: Case) -> list[str]:
    """Every strategy that the sheet sells to the case, none where not even fresh has a price."""
    try:
        return [plan.strategy for plan in plans(sheet, *asked(case))]
    except NotSold:
        return []


def engine(sheet: PriceSheet, strategy: str, case: Case) -> Fraction | None:
    """The engine's total, or None where it says that something is not sold."""
    workload, assumptions = asked(case)
    try:
        return Bill(Plan(strategy, workload, sheet, assumptions)).exact_total(case.queries)
    except NotSold:
        return None


def walked(sheet: PriceSheet, strategy: str, case: Case) -> Fraction | None:
    try:
        return simulate(sheet, strategy, case)
    except Unpriced:
        return None


@given(sheet=sheets(), case=cases(start=st.timedeltas(timedelta(0), timedelta(hours=30)).map(EPOCH.__add__)))
def test_on_invented_sheets_the_closed_form_costs_what_walking_the_queries_costs(sheet: PriceSheet, case: Case) -> None:
    """Any strategy, spread, hold and switch, across changes of card, tiers and windows."""
    for strategy in offered(sheet, case):
        assert engine(sheet, strategy, case) == walked(sheet, strategy, case), strategy


@given(data=st.data())
def test_on_real_sheets_the_closed_form_costs_what_walking_the_queries_costs(
    data: st.DataObject, catalog: Catalog
) -> None:
    """Every sheet of the project, at instants around its price changes, in every service it sells."""
    sheet = data.draw(st.sampled_from(real(catalog)))
    card = data.draw(st.sampled_from([card for card in sheet.cards if card.status != "cancelled"]))
    near = st.timedeltas(timedelta(hours=-12), timedelta(hours=12)) | st.timedeltas(timedelta(0), timedelta(days=60))
    first = sheet.cards[0].effective
    start = near.map(lambda wait: max(first, card.effective + wait))
    case = data.draw(cases(start=start))
    in_force = sheet.card(case.start)
    context = data.draw(st.integers(1, 400_000) | st.sampled_from([32_768, 100_000, 128_000, 200_000, 272_000]))
    service = data.draw(st.sampled_from(in_force.services()))
    region = data.draw(st.sampled_from([None, *in_force.regions]))
    case = replace(case, context=context, service=service, region=region)
    for strategy in offered(sheet, case):
        assert engine(sheet, strategy, case) == walked(sheet, strategy, case), (sheet.id, strategy)


DEEPSEEK_NIGHT = Case(
    context=6_400, answer=100, queries=9, start=datetime(2025, 3, 1, 14, 30, tzinfo=UTC), every=90 * M
)
DEEPSEEK_WEEK = Case(
    context=10_000, answer=10, queries=200, start=datetime(2026, 9, 24, 20, 0, tzinfo=UTC), every=timedelta(hours=1)
)


@pytest.mark.parametrize(
    ("model", "case"),
    [
        # 14:30 16:00 | 17:30 19:00 20:30 22:00 23:30 | 01:00 02:30: two at day, five at night, two at day.
        ("deepseek-chat", DEEPSEEK_NIGHT),
        # Friday 2026-09-25 is a holiday, then a weekend, and 2026-10-01 is one again.
        ("deepseek-v4-flash", DEEPSEEK_WEEK),
        # The scheduled change of 2026-12-01.
        (
            "gemini-4-argon",
            Case(context=50_000, queries=40, start=datetime(2026, 11, 30, tzinfo=UTC), over=timedelta(days=2)),
        ),
        # Introductory until 2026-12-31: queries and rent on both sides.
        (
            "gemini-3.6-flash",
            Case(context=50_000, queries=40, start=datetime(2026, 12, 31, tzinfo=UTC), over=timedelta(days=2)),
        ),
        # Storage halved on 2024-08-07, billed per minute, a fee for every hit.
        (
            "moonshot-cn/moonshot-v1-128k",
            Case(context=9_000, answer=9, queries=7, start=datetime(2024, 8, 6, 23, 0, 30, tzinfo=UTC), every=20 * M),
        ),
    ],
)
def test_where_prices_change_among_the_queries_each_pays_the_rate_of_its_own_instant(
    model: str, case: Case, catalog: Catalog
) -> None:
    """Night hours, weekdays with holidays, scheduled cards, rent by the minute."""
    sheet = catalog.sheet(model)
    for strategy in offered(sheet, case):
        assert engine(sheet, strategy, case) == walked(sheet, strategy, case) is not None


def test_nine_queries_across_a_deepseek_night_cost_the_sum_worked_by_hand(catalog: Catalog) -> None:
    """Four queries by day, five by night, at the card of 2025-02-26: 0.27 / 1.10 by day, half of it by night."""
    # day:   6,400 x 0.27 + 100 x 1.10  = 1,728 + 110 = 1,838 millionths; x 4 = 7,352
    # night: 6,400 x 0.135 + 100 x 0.55 =   864 +  55 =   919 millionths; x 5 = 4,595
    assert engine(catalog.sheet("deepseek-chat"), FRESH, DEEPSEEK_NIGHT) == Fraction(7_352 + 4_595, 1_000_000)


# Rates that do not divide a microsecond -------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [7, 11, 13])
def test_as_many_queries_as_an_hour_has_come_exactly_an_hour_later(rate: int) -> None:
    """At 7 an hour query 7 comes 7 x 3600/7 s after the first: 01:00:00, not a fraction of a microsecond before it."""
    spread = work(rate=Fraction(rate))
    assert spread.moment(1, rate + 1) == Fraction(3_600_000_000, rate)
    assert spread.at(rate, rate + 1) == H
    assert spread.before(rate + 1, H) == rate
    assert spread.up_to(rate + 1, Fraction(H // MICROSECOND)) == rate + 1
    assert spread.stay(10 * rate) == 10 * H // MICROSECOND
