"""Totals that are carried on from one point to the next: the same as a comparison at each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.strategies.assumptions import Assumptions
from cachecost.sweep.axes import Axis
from cachecost.workload.workload import Workload

from .test_grid import check

NOW = datetime(2026, 10, 31, tzinfo=UTC)
HOLDS = tuple(timedelta(minutes=m) for m in (0, 7, 59, 61, 900))


@pytest.mark.parametrize("spread", [{"every": timedelta(hours=3)}, {"rate": Fraction(1, 2), "arrivals": "poisson"}])
@pytest.mark.parametrize("model", ["deepseek-v4-pro", "gemini-1.5-pro", "claude-sonnet-4-5"])
def test_where_rates_change_among_the_queries_totals_are_carried_on(
    model: str, spread: dict[str, Any], catalog: Catalog
) -> None:
    """Night hours, cards that begin among the queries; numbers of queries on both sides of every edge of a day."""
    start = datetime(2024, 9, 30, 21, tzinfo=UTC) if model == "gemini-1.5-pro" else NOW
    work = Workload(50_000, 100, 100, 1, start, **spread)
    axis = Axis("queries", (1, 2, 3, 8, 9, 17))
    check(catalog.sheet(model), work, Assumptions(hit_share=Decimal("0.75")), [axis])


@pytest.mark.parametrize("first", ["reads", "creates"])
@pytest.mark.parametrize("outer", ["every", "over", "rate"])
def test_the_time_held_against_the_spread_of_the_queries(outer: str, first: str, catalog: Catalog) -> None:
    """The rent of each hold is worked out once, what stands beside it for the queries that come meanwhile."""
    spans = tuple(timedelta(minutes=m) for m in (0, 20, 700))
    values: tuple[Any, ...] = tuple(Fraction(n, 3) for n in (1, 60)) if outer == "rate" else spans
    work = Workload(100_000, 200, 500, 12, NOW)
    for model, at in (("gemini-2.5-pro", NOW), ("gemini-1.5-pro", datetime(2024, 9, 30, 21, tzinfo=UTC))):
        asked = Assumptions(first_query=first, billed_per="minute")
        check(catalog.sheet(model), replace(work, start=at), asked, [Axis(outer, values), Axis("hold", HOLDS)])


@pytest.mark.parametrize("other", [Axis("hold", HOLDS), Axis("hit_share", tuple(map(Decimal, ("0", "0.3", "1"))))])
@pytest.mark.parametrize("grows", [False, True])
def test_what_the_other_axis_does_not_touch_is_worked_out_once(other: Axis, grows: bool, catalog: Catalog) -> None:
    """Holding is for stored caches, a hit share for the others; both axes in either order, conversations too."""
    work = Workload(5_000, 100, 100, 4, NOW, every=timedelta(minutes=20), grows=grows)
    for model in ("gemini-2.5-pro", "claude-sonnet-4-5"):
        for axes in ([other, Axis("queries", (1, 2, 5))], [Axis("context", (900, 3_000, 250_000)), other]):
            check(catalog.sheet(model), work, Assumptions(), axes)


@pytest.mark.parametrize("model", ["deepseek-v4-pro", "claude-sonnet-4-5", "gpt-5.6-sol"])
@pytest.mark.parametrize("arrivals", ["even", "random"])
def test_queries_that_share_a_window_differ_only_in_how_many_come_in_time(
    model: str, arrivals: str, catalog: Catalog
) -> None:
    """Numbers of queries against windows, with a share of hits, over dear hours, a card's end and without either."""
    over = Axis("over", tuple(timedelta(minutes=m) for m in (9, 1_000)))
    for start in (NOW, datetime(2026, 10, 13, 22, tzinfo=UTC)):
        work = Workload(50_000, 100, 100, 1, start, over=timedelta(hours=1), arrivals=arrivals)
        axes = [Axis("queries", (1, 2, 10, 30)), over]
        check(catalog.sheet(model), work, Assumptions(hit_share=Decimal("0.75")), axes)


@pytest.mark.parametrize("axis", [Axis("context", (900, 60_000, 195_000)), Axis("every", HOLDS[:3])])
@pytest.mark.parametrize("model", ["deepseek-v4-pro", "claude-sonnet-4-5", "gemini-2.5-pro"])
def test_a_longer_conversation_begins_like_a_shorter_one(model: str, axis: Axis, catalog: Catalog) -> None:
    """Turns are carried on and equal conversations worked out once, over tiers, minimums and dear hours."""
    work = Workload(50_000, 700, 300, 6, NOW, every=timedelta(minutes=7), grows=True, tools=400)
    for axes in ([Axis("queries", (1, 2, 5, 12)), axis], [axis, Axis("question", (1, 5_000))]):
        check(catalog.sheet(model), work, Assumptions(hit_share=Decimal("0.9")), axes)
