"""Cost against the number of queries: every point is what a comparison of that many queries says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.bill import Bill
from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NotSold
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.sweep.curve import curve
from cachecost.workload.workload import Workload

from ..conftest import a_third
from ..oracles.simulate import EPOCH, Case, asked, cases, real, sheets

CHECKED = date(2026, 11, 22)
SEED = Workload(1_000_000, 0, 0, 1, datetime(2024, 5, 25, tzinfo=UTC))

some_points = st.lists(st.integers(1, 300), min_size=1, max_size=8)


def check(sheet: PriceSheet, case: Case, points: list[int]) -> None:
    """Total for total, and break-even for break-even."""
    workload, assumptions = asked(case)
    drawn = curve(sheet, workload, points, assumptions=assumptions)
    for place, queries in enumerate(points):
        answers = compare([(sheet, replace(workload, queries=queries))], today=CHECKED, assumptions=assumptions).answers
        assert {line.strategy: line.totals[place] for line in drawn.lines} == {
            answer.strategy: answer.total for answer in answers
        }
        assert {line.strategy: line.break_even for line in drawn.lines} == {
            answer.strategy: answer.break_even for answer in answers
        }
    assert all(len(line.totals) == len(points) for line in drawn.lines)


@a_third()
@given(sheet=sheets(changing=False), case=cases(start=st.just(EPOCH)), points=some_points)
def test_on_invented_sheets_a_curve_says_what_comparisons_say_to_the_last_digit(
    sheet: PriceSheet, case: Case, points: list[int]
) -> None:
    """Straight pieces are drawn from two quotes each; points may come in any order, and twice."""
    check(sheet, case, points)


@given(sheet=sheets(changing=False), case=cases(start=st.just(EPOCH)))
def test_every_point_of_a_curve_is_the_bill_of_so_many_queries(sheet: PriceSheet, case: Case) -> None:
    """From 1 to 60, so that no bend of a bill lies inside a piece that is drawn straight."""
    workload, assumptions = asked(case)
    for line in curve(sheet, workload, range(1, 61), assumptions=assumptions).lines:
        bill = Bill(Plan(line.strategy, workload, sheet, assumptions))
        assert line.totals == tuple(bill.total(queries) for queries in range(1, 61)), line.strategy


BENDS = [
    # Gone after 1 h: queries at 0, 7, ..., 56 min read, the tenth is sent fresh. 9 reads, then 5.
    ("gemini-2.5-pro", "stored", {"every": timedelta(minutes=7)}, timedelta(hours=1)),
    # Kept while queries come: no more rent than for 1 h up to N = 9, then 7 minutes more for each.
    ("gemini-2.5-pro", "stored", {"every": timedelta(minutes=7)}, None),
    # 62 minutes in gaps of at most 5: from 1 + 13 queries on (12 gaps are 5 min 10 s each), all of them hit.
    ("claude-opus-5-5", "written:5m", {"over": timedelta(minutes=62)}, None),
]


@pytest.mark.parametrize(("model", "strategy", "spread", "hold"), BENDS)
def test_a_bill_bends_where_a_cache_ends_or_begins_to_hit(
    model: str, strategy: str, spread: dict[str, timedelta], hold: timedelta | None, catalog: Catalog
) -> None:
    """Each point around the bend is the bill of so many queries."""
    # Sheets whose last card has begun, so that nothing but the cache bends the line.
    sheet = catalog.sheet(model)
    sheet = replace(sheet, cards=tuple(card for card in sheet.cards if card.status != "withdrawn"))
    work = Workload(100_000, 10, 10, 1, datetime(2026, 11, 22, tzinfo=UTC), **spread)
    assumptions = Assumptions(hold=hold)
    (line,) = curve(sheet, work, range(1, 31), assumptions=assumptions, strategies=[strategy]).lines
    bill = Bill(Plan(strategy, work, sheet, assumptions))
    assert bill.pieces is not None
    assert line.totals == tuple(bill.total(queries) for queries in range(1, 31))


@a_third()
@given(
    sheet=sheets(),
    case=cases(start=st.timedeltas(timedelta(0), timedelta(hours=30)).map(EPOCH.__add__)),
    points=st.lists(st.integers(1, 60), min_size=1, max_size=2),
)
def test_where_rates_change_a_curve_says_what_comparisons_say(sheet: PriceSheet, case: Case, points: list[int]) -> None:
    """Changes of card and windows among the queries."""
    check(sheet, case, points)


@a_third()
@given(data=st.data(), points=some_points)
def test_on_real_sheets_a_curve_says_what_comparisons_say(
    data: st.DataObject, points: list[int], catalog: Catalog
) -> None:
    """Sheets whose rates do not change later: the last card of each."""
    sheet = data.draw(st.sampled_from([sheet for sheet in real(catalog) if sheet.cards[-1].status != "cancelled"]))
    case = data.draw(cases(start=st.just(sheet.cards[-1].effective)))
    check(sheet, replace(case, context=data.draw(st.integers(1, 300_000))), points)


def test_the_seed_curve_passes_through_the_known_bills(catalog: Catalog) -> None:
    """1M tokens at the announced prices: fresh 7 N, stored 11.50 + 3.50 N, up to a thousand million queries."""
    points = [1, 2, 3, 4, 10, 1_000, 10**9]
    drawn = curve(catalog.sheet("gemini-1.5-pro"), SEED, points, assumptions=Assumptions())
    assert {line.strategy: line.totals for line in drawn.lines} == {
        "fresh": tuple(Decimal(7 * n) for n in points),
        "stored": tuple(Decimal("11.5") + Decimal("3.5") * n for n in points),
    }
    assert drawn.version == "google/gemini-1.5-pro@2024-05-14"
    assert [line.break_even and line.break_even.first for line in drawn.lines] == [None, 4]


def test_a_rent_that_never_ends_in_decimals_is_cut_once_at_every_point(catalog: Catalog) -> None:
    """1,000,001 tokens for 7 minutes: 1,000,001 x 7/60 x 4.50 / 1M = 0.525000525 ends; for 7 s it does not."""
    work = replace(SEED, context=1_000_001)
    for seconds in (420, 7, 11):
        assumptions = Assumptions(hold=timedelta(seconds=seconds))
        drawn = curve(catalog.sheet("gemini-1.5-pro"), work, range(1, 20), assumptions=assumptions)
        (stored,) = (line for line in drawn.lines if line.strategy == "stored")
        for queries, total in zip(range(1, 20), stored.totals, strict=True):
            (answer,) = compare(
                [(catalog.sheet("gemini-1.5-pro"), replace(work, queries=queries))],
                today=CHECKED,
                assumptions=assumptions,
                strategies=["stored"],
            ).answers
            assert total == answer.total


def test_points_below_one_and_strategies_that_are_not_sold_are_refused(catalog: Catalog) -> None:
    """No queries cost nothing, which is no point of the curve."""
    sheet = catalog.sheet("gemini-1.5-pro")
    with pytest.raises(BadWorkload, match="from 1 on"):
        curve(sheet, SEED, [0, 1, 2], assumptions=Assumptions())
    with pytest.raises(NotSold, match="written:5m"):
        curve(sheet, SEED, [1], assumptions=Assumptions(), strategies=["written:5m"])
