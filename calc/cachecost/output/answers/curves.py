"""Curves of several models in one picture, each by the strategy that is its cheapest."""

from collections.abc import Sequence
from functools import partial

from ...sweep.curve import Curve, Line
from ..figures import amount, cited
from ..labels import names_of, policy
from ..records import Answered, of, record
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from .curve import COLOURS, MARKS, CurveRecord, exact_table, picture, place_of
from .curve import reply as reply_of_one


class OneOfCurvesRecord(CurveRecord):
    """The curve of one model, with all of its strategies."""

    omits = frozenset({"counted"})


class CurvesRecord(Answered):
    """The curves of several models; `counted` says for all of them how a document was counted."""

    curves: list[OneOfCurvesRecord] = of(lambda curves: curves)
    left_out: list[str]
    counted: str | None


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
        record=lambda: record(CurvesRecord, curves, left_out=list(left_out), counted=counted or None),
        rows=lambda: exact_table(curves, service),
    )


def labelled(curves: Sequence[Curve], number: int | None) -> list[tuple[str, Line]]:
    """The cheapest line of each model at the number of queries asked about, or the last that is served, with its name
    and its strategy: `GPT-5.6 Luna, 30-min cache`."""
    names = names_of([curve.sheet for curve in curves])
    cheapest = [min(curve.lines, key=lambda line: line.totals[place_of(curve, number)]) for curve in curves]
    pairs = zip(curves, cheapest, strict=True)
    return [(f"{names[curve.sheet.id]}, {policy(line.strategy)}", line) for curve, line in pairs]


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
    names, lines = zip(*labelled(curves, number), strict=True)
    picture([*zip(curves, lines, strict=True)], number, screen)
    for index, (name, line, curve) in enumerate(zip(names, lines, curves, strict=True)):
        mark, colour = (MARKS[index], COLOURS[index]) if index < len(MARKS) else (" ", "")
        place = place_of(curve, number)
        text = f"  {mark} {name}: {amount(line.totals[place], curve.sheet.currency)} at N = {curve.points[place]:,}"
        screen.drawn(text, [(colour, 2, 3)] if colour else [])
