"""Totals that are drawn or added up instead of quoted: the same as a comparison at each point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cachecost.bills.bill import Bill
from cachecost.catalog.catalog import Catalog
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.sweep.curve import curve
from cachecost.sweep.grid import Grid
from cachecost.sweep.lines import Axis
from cachecost.workload.workload import Workload

from .test_grid import check

NOW = datetime(2026, 10, 31, tzinfo=UTC)
CUT = datetime(2024, 9, 30, 21, tzinfo=UTC)
"""Three hours before a rate card of Gemini 1.5 Pro begins."""


@pytest.mark.parametrize(("model", "start"), [("deepseek-v4-pro", NOW), ("gemini-1.5-pro", CUT)])
@pytest.mark.parametrize("hit_share", ["1", "0.75"])
def test_queries_over_a_change_of_rates_are_added_up_stretch_by_stretch(
    model: str, start: datetime, hit_share: str, catalog: Catalog
) -> None:
    """Night hours, and a card that begins among the queries; both sides of an edge."""
    work = Workload(50_000, 100, 100, 1, start, every=timedelta(hours=1))
    check(catalog.sheet(model), work, Assumptions(hit_share=Decimal(hit_share)), [Axis("queries", (1, 2, 3, 4, 5, 12))])


@pytest.mark.parametrize(
    ("model", "start", "question"),
    [
        ("gemini-2.5-pro", NOW, {"first_query": "creates"}),
        ("gemini-2.5-pro", NOW, {"billed_per": "hour"}),
        ("gemini-1.5-pro", CUT, {"billed_per": "minute"}),
    ],
)
def test_a_stored_cache_costs_its_rent_and_the_queries_that_come_meanwhile(
    model: str, start: datetime, question: dict[str, Any], catalog: Catalog
) -> None:
    """Times held before and after each query, whole hours and others, and beyond a change of rates."""
    holds = tuple(timedelta(minutes=m) for m in (0, 7, 20, 59, 61, 240))
    work = Workload(100_000, 200, 500, 12, start)
    axes = [Axis("every", (timedelta(0), timedelta(minutes=20))), Axis("hold", holds)]
    check(catalog.sheet(model), work, Assumptions(**question), axes)


def test_blocks_of_a_context_are_cached_whole(catalog: Catalog) -> None:
    """Sizes with and without a rest over blocks of 64 and 128 tokens."""
    for model in ("deepseek-v4-pro", "gpt-5"):
        sizes = Axis("context", (2_048, 2_050, 2_112, 2_177, 2_304, 9_999, 12_800))
        check(catalog.sheet(model), Workload(1, 10, 10, 3, NOW), Assumptions(), [sizes])


@pytest.mark.parametrize("axis", [Axis("context", (900, 195_000)), Axis("every", (timedelta(0), timedelta(hours=2)))])
@pytest.mark.parametrize("model", ["deepseek-v4-pro", "claude-sonnet-4-5", "gemini-2.5-pro"])
def test_a_longer_conversation_begins_like_a_shorter_one(model: str, axis: Axis, catalog: Catalog) -> None:
    """Over tiers, minimums and dear hours."""
    work = Workload(50_000, 700, 300, 6, NOW, every=timedelta(minutes=7), grows=True, tools=400)
    for axes in ([Axis("queries", (1, 2, 7)), axis], [axis, Axis("question", (1, 5_000))]):
        check(catalog.sheet(model), work, Assumptions(hit_share=Decimal("0.9")), axes)


def test_pauses_after_which_turns_find_the_same_are_billed_once(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 pauses on 3 strategies: a turn finds the whole prompt before it or nothing, so there are 2 bills of each."""
    worked_out: list[str] = []
    total = Bill.total

    def counted(bill: Bill, queries: int) -> Decimal:
        worked_out.append(bill.plan.strategy)
        return total(bill, queries)

    monkeypatch.setattr(Bill, "total", counted)
    work = Workload(10_000, 200, 500, 300, NOW, every=timedelta(minutes=1), grows=True)
    pauses = Axis("every", tuple(timedelta(minutes=2 * k) for k in range(1, 61)))
    grid = Grid(catalog.sheet("claude-sonnet-4-5"), work, Assumptions(), [pauses])
    assert grid.strategies == ("fresh", "written:5m", "written:1h")
    assert {each: worked_out.count(each) for each in grid.strategies if worked_out.count(each) > 2} == {}


def test_a_curve_of_a_conversation_has_the_bill_of_each_number_of_turns(catalog: Catalog) -> None:
    """With the points in any order, and one twice."""
    work = Workload(50_000, 700, 300, 1, NOW, every=timedelta(minutes=7), grows=True)
    sheet, points = catalog.sheet("claude-sonnet-4-5"), [3, 1, 9, 3]
    for line in curve(sheet, work, points, assumptions=Assumptions()).lines:
        bills = [Bill(Plan(line.strategy, replace(work, queries=n), sheet, Assumptions())) for n in points]
        assert line.totals == tuple(bill.total(n) for n, bill in zip(points, bills, strict=True))
