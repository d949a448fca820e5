"""Curves of several models in one picture, each by the strategy that is its cheapest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...sweep.curve import Curve, Line
from ..figures import amount, cited
from ..labels import names_of, policy
from ..records import Answered, of, record
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from .curve import COLOURS, MARKS, CurveRecord, exact_table, heading, picture, place_of
from .curve import reply as reply_of_one


class CurvesRecord(Answered):
    """The curve of each model, with all of its strategies."""

    curves: list[CurveRecord] = of(lambda curves: curves)
    left_out: list[str]


def reply(
    curves: Sequence[Curve], left_out: Sequence[str], service: str, counted: str = "", number: int | None = None
) -> Reply:
    """The curves in every form; `left_out` says why others have none. One model has the reply of its curve."""
    if len(curves) == 1 and not left_out:
        return reply_of_one(curves[0], service, counted, number)
    return Reply(
        page=lambda: Page(
            "",
            [points_table(curves, number)],
            [f"left out: {reason}" for reason in left_out],
            [cited(curve.sheet, curve.version) for curve in curves],
            about=[counted],
            drawing=partial(chart, curves, number),
            airy=False,
        ),
        record=lambda: record(CurvesRecord, curves, left_out=list(left_out)),
        rows=lambda: exact_table(curves, service),
    )


def best_line(curve: Curve, number: int | None) -> Line:
    """The cheapest strategy at the number of queries asked about, or the last that is served."""
    place = place_of(curve, number)
    return min(curve.lines, key=lambda line: line.totals[place])


def labelled(curves: Sequence[Curve], number: int | None) -> list[tuple[str, Line]]:
    """A line for each model, with its name and its strategy: `GPT-5.6 Luna, 30-min cache`."""
    names = names_of([curve.sheet for curve in curves])
    lines = [(curve, best_line(curve, number)) for curve in curves]
    return [(f"{names[curve.sheet.id]}, {policy(line.strategy)}", line) for curve, line in lines]


def points_table(curves: Sequence[Curve], number: int | None) -> Table:
    """A row a number of queries, a column a model."""
    lines = labelled(curves, number)
    currency = curves[0].sheet.currency
    columns = [
        ["-" if total is None else amount(total, currency) for total in line.served(line.totals)] for _, line in lines
    ]
    headings = ["queries", *(name for name, _ in lines)]
    cells = zip(map(str, curves[0].points), *columns, strict=True)
    return Table(headings, [*map(list, cells)], headings)


def chart(curves: Sequence[Curve], number: int | None, screen: Screen) -> None:
    """One picture of all models, and what each costs at the number of queries asked about."""
    lines, first = labelled(curves, number), curves[0]
    screen.paragraph(heading(first), "bold")
    places = [place_of(curve, number) for curve in curves]
    bills = [line.totals[place] for (_, line), place in zip(lines, places, strict=True)]
    series = [(line.served(line.totals), bill) for (_, line), bill in zip(lines, bills, strict=True)]
    picture(series, first, number, screen)
    for index, ((name, _), bill, curve, place) in enumerate(zip(lines, bills, curves, places, strict=True)):
        mark, colour = (MARKS[index], COLOURS[index]) if index < len(MARKS) else (" ", "")
        text = f"  {mark} {name}: {amount(bill, curve.sheet.currency)} at N = {curve.points[place]:,}"
        screen.drawn(text, [(colour, 2, 3)] if colour else [])
