"""Cost curves for people and programs: a chart and a table of the strategies of one model, or of several models each by
the strategy that is its cheapest."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Literal, NamedTuple

from ...bills.measures import Lives
from ...sweep.curve import Curve, Line
from ..figures import NOUNS, amount, cited, many, plain, span
from ..labels import a_policy, names_of, policy
from ..records import LATER, Answered, Count, OfOneModel, Record, RecordFields, Status, Text, of, of_model, record, rows
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from .measures import BreakEvenRecord, SpacingRecord, apart, each_once, lived, near
from .question import INPUTS, OVER, WorkloadRecord, inputs_of

MARKS = "ox+*#@"
COLOURS = ("white", "cyan", "magenta", "green", "yellow", "blue")
"""Of the marks, in their order."""
TOTALS = ("total", "total_low", "total_high")
DOT = "|"
"""Stands at the number of queries that is asked about."""
HEIGHT, WIDTH = 16, 64


class CurveWorkload(WorkloadRecord):
    """What was asked, but for the numbers of queries."""

    omits = frozenset({"queries"})


class CurveLifetimeRecord(RecordFields):
    """The lives that a vendor names for automatic entries, and the totals between which they leave the bill."""

    least: timedelta = of("lifetime.least")
    most: timedelta = of("lifetime.most")
    totals_low: list[Decimal | None] = of(lambda line: line.served(tuple(map(min, line.totals, line.longest))))
    totals_high: list[Decimal | None] = of(lambda line: line.served(tuple(map(max, line.totals, line.longest))))


class CurveLineRecord(RecordFields):
    """A strategy: its bill for each number of queries, null where the vendor would refuse them."""

    strategy: Text
    label: Text = of(lambda line: policy(line.strategy))
    status: Literal["ok", "too_short"] = of(lambda line: "too_short" if line.minimum else "ok")
    totals: list[Decimal | None] = of(lambda line: line.served(line.totals))
    lifetime: CurveLifetimeRecord | None = of(lambda line: line if line.lifetime else None)
    totals_low: list[Decimal | None] = of(lambda line: line.served(line.lows))
    totals_high: list[Decimal | None] = of(lambda line: line.served(line.highs))
    total_low: Decimal = of(lambda line: line.ends[0])
    total_high: Decimal = of(lambda line: line.ends[1])
    spacing: SpacingRecord | None
    break_even: BreakEvenRecord | None
    warnings: list[str] = of(lambda line: [*line.unserved, *line.warnings])


class CurveRecord(OfOneModel):
    """`lines[i].totals[k]` is the bill for `queries[k]` queries; `total_low` and `total_high` are of the largest number
    that is served."""

    workload: CurveWorkload
    queries: list[Count] = of("points")
    statuses: list[Status]
    lines: list[CurveLineRecord]
    counted: str | None = LATER


class OneOfCurvesRecord(CurveRecord):
    """The curve of one model, with all of its strategies."""

    omits = frozenset({"counted"})


class CurvesRecord(Answered):
    """The curves of several models; `counted` says for all of them how a document was counted."""

    curves: list[OneOfCurvesRecord] = of(lambda curves: curves)
    left_out: list[str]
    counted: str | None = LATER


class Drawn(NamedTuple):
    """A line of the picture, by its name. `model`: the name of its model, where there are several. `place`: that of the
    number of queries asked about, or of the last that is served; `total`: its bill there."""

    model: str
    name: str
    curve: Curve
    line: Line
    place: int
    total: Decimal


def drawn(curves: Sequence[Curve], number: int | None) -> list[Drawn]:
    """Every strategy of one model; of several models each by its cheapest at the number of queries asked about:
    `GPT-5.6 Luna, 30-min cache`."""
    lines, names = [], names_of([curve.sheet for curve in curves])
    for curve in curves:
        place = min(curve.last, curve.points.index(number)) if number in curve.points else curve.last
        own = [Drawn("", policy(line.strategy), curve, line, place, line.totals[place]) for line in curve.lines]
        if len(curves) > 1:
            best = min(own, key=attrgetter("total"))
            name = names[curve.sheet.id]
            own = [best._replace(model=name, name=f"{name}, {best.name}")]
        lines += own
    return lines


def reply(curves: Sequence[Curve], left_out: Sequence[str], service: str, number: int | None = None) -> Reply:
    """The curves in every form: on a terminal as a chart, which marks a `number` of queries. `left_out` says why other
    models have none."""
    lines = drawn(curves, number)
    of_one = partial(record, CurveRecord, curves[0])
    of_all = partial(record, CurvesRecord, curves, left_out=list(left_out))
    return Reply(
        page=lambda: Page(
            "",
            [points_table(lines)],
            [*(f"left out: {reason}" for reason in left_out), *notes(lines)],
            sources(curves),
            drawing=partial(chart, lines, number),
            airy=False,
        ),
        record=of_one if len(curves) == 1 and not left_out else of_all,
        rows=lambda: exact_table(curves, service),
    )


def exact_table(curves: Sequence[Curve], service: str) -> Table:
    """A row a model, strategy and number of queries, every digit; the lowest and highest total differ where a vendor
    leaves a life open, or the tokens of a document are an estimate."""

    def cells() -> Iterator[Record]:
        for curve in curves:
            of_all = of_model(curve) | inputs_of(curve.sheet, curve.workload, service)
            for line in curve.lines:
                totals = (map(plain, line.served(each)) for each in (line.totals, line.lows, line.highs))
                status, warned = "too_short" if line.minimum else "ok", list(line.warnings)
                for n, refusal, *three in zip(curve.points, curve.refusals, *totals, strict=True):
                    here = {"strategy": line.strategy, "queries": n, "status": status, "warnings": warned}
                    if refusal:
                        here |= {"status": refusal.status, "warnings": [refusal.warning]}
                    yield of_all | dict(zip(TOTALS, three, strict=True)) | here

    columns = ["model", "version", "currency", "strategy", "queries", *TOTALS, "status", "warnings"]
    return rows([*columns, *(name for name in INPUTS if name != "queries")], cells())


def points_table(lines: Sequence[Drawn]) -> Table:
    """A row a number of queries, a column a line of the picture: a total, or what it may be."""
    headings, columns = ["queries", *(each.name for each in lines)], [list(map(str, lines[0].curve.points))]
    for _, _, curve, line, *_ in lines:
        ends = zip(line.served(line.lows), line.served(line.highs), strict=True)
        currency = curve.sheet.currency
        columns.append(["-" if low is None or high is None else span((low, high), currency) for low, high in ends])
    return Table(headings, [*map(list, zip(*columns, strict=True))], headings)


def notes(lines: Sequence[Drawn]) -> list[str]:
    """From where on a vendor would refuse; pauses near the life of an entry, at the largest number of queries that is
    served; what the life of automatic entries leaves open, at the largest number where it changes the bill; and what
    else to know."""
    refused, spaced, open_ = dict[str, None](), [], []
    for model, name, curve, line, *_ in lines:
        lead = f"{model}: " if model else ""
        refusals = ((n, each.warning) for n, each in zip(curve.points, curve.refusals, strict=True) if each)
        refused |= {f"{lead}from N = {n:,} on {warning}": None for n, warning in [*refusals][:1]}
        if text := near(line.spacing):
            spaced.append(f"{name}: at N = {curve.points[curve.last]:,}, {text}")
        if line.lifetime:
            pairs = zip(curve.points, line.served(line.totals), line.longest, strict=True)
            differ = [(n, least, most) for n, least, most in pairs if least is not None and least != most]
            for n, least, most in [max(differ)] if differ else ():
                text = lived(Lives(*line.lifetime, least, most), curve.sheet.currency)
                open_.append(f"{name}: at N = {n:,} {text}")
    return [*refused, *spaced, *open_, *each_once([(each.name, each.line.warnings) for each in lines])]


def sources(curves: Sequence[Curve]) -> list[str]:
    """What longer pauses would cost one model where no spacing was asked about, and where the rates come from."""
    first = curves[0]
    spaced = ((a_policy(line.strategy), line.spacing) for line in first.lines if len(curves) == 1)
    texts = [f"At N = {first.points[first.last]:,}: i{note.text[1:]}" for note in apart(spaced)]
    return [*texts, *(cited(curve.sheet, curve.version) for curve in curves)]


def chart(lines: Sequence[Drawn], number: int | None, screen: Screen) -> None:
    """Cost against the number of queries, a mark a line, and below it what each costs at the number asked about."""
    picture(lines, number, screen)
    for index, (model, name, curve, line, place, _) in enumerate(lines):
        mark, colour = (MARKS[index], COLOURS[index]) if index < len(MARKS) else (" ", "")
        bill = span((line.lows[place], line.highs[place]), curve.sheet.currency)
        where = f"at N = {curve.points[place]:,}"
        where += ", the last that is served" if place == curve.last != len(curve.points) - 1 else ""
        pays = None if model else line.break_even
        crossing = f"cheaper from N = {pays.first:,}" if pays and pays.first else "never cheaper"
        text = f"  {mark} {name}: {bill} {where}{f', {crossing}' if pays else ''}"
        screen.drawn(text, [(colour, 2, 3)] if colour else [])


def picture(lines: Sequence[Drawn], number: int | None, screen: Screen) -> None:
    """Cost upwards, queries to the right, each line with a mark and a colour; where two meet the one that is cheaper
    at the number asked about is drawn. A line of dots stands at that number."""
    curve, work = lines[0].curve, lines[0].curve.workload
    sizes = f"each with {work.question:,} of question and {work.answer:,} of answer"
    what, last = NOUNS[work.grows][1], len(curve.points) - 1
    screen.paragraph(f"{what} {OVER[work.grows]} {many(work.context, 'token')}, {sizes}", "bold")
    series = [each.line.served(each.line.totals) for each in lines]
    top = max((total for totals in series for total in totals if total is not None), default=Decimal(0))
    marks = [amount(top * (HEIGHT - 1 - row) / (HEIGHT - 1), curve.sheet.currency) for row in range(0, HEIGHT, 5)]
    margin = max(11, *map(len, marks))
    width = min(WIDTH, (screen.width or 80) - margin - 3)
    grid = [[" "] * width for _ in range(HEIGHT)]
    if number in curve.points and last:
        column = round(curve.points.index(number) * (width - 1) / last)
        for row in grid:
            row[column] = DOT
    for index in sorted(range(len(lines))[: len(MARKS)], key=lambda index: lines[index].total, reverse=True):
        for column in range(width):
            total = series[index][round(column * last / (width - 1)) if last else 0]
            if total is not None:
                height = round(total / top * (HEIGHT - 1)) if top else 0
                grid[HEIGHT - 1 - height][column] = MARKS[index]
    for place, row in enumerate(grid):
        begin = f"{marks[place // 5] if place % 5 == 0 else '':>{margin}} |"
        colours = ((COLOURS[MARKS.index(mark)], column) for column, mark in enumerate(row, len(begin)) if mark in MARKS)
        screen.drawn(f"{begin}{''.join(row).rstrip()}", [(colour, column, column + 1) for colour, column in colours])
    screen.text(f"{'':>{margin}} +{'-' * width}")
    first, end = f"{curve.points[0]:,}", f"{curve.points[-1]:,} {what}"
    screen.text(f"{'':>{margin + 1}} {first}{end:>{max(1, width - len(first))}}")
