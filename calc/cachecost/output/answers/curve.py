"""A cost curve for people: a chart and a table."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Literal

from ...bills.measures import Lives
from ...sweep.curve import Curve, Line
from ..figures import NOUNS, amount, cited, listed, many, plain, span
from ..labels import a_policy, policy
from ..records import Count, Fields, OfOneModel, Record, Status, Text, of, of_model, record, rows
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from .measures import BreakEvenRecord, SpacingRecord, apart, lived, near
from .question import ASKED, OVER, WorkloadRecord, asked

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


class CurveLifetimeRecord(Fields):
    """The lives that a vendor names for automatic entries, and the totals between which they leave the bill."""

    least: timedelta = of("lifetime.least")
    most: timedelta = of("lifetime.most")
    totals_low: list[Decimal | None] = of(lambda line: line.served(tuple(map(min, line.totals, line.longest))))
    totals_high: list[Decimal | None] = of(lambda line: line.served(tuple(map(max, line.totals, line.longest))))


class CurveLineRecord(Fields):
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
    counted: str | None


def reply(curve: Curve, service: str, counted: str = "", number: int | None = None) -> Reply:
    """A curve in every form: on a terminal as a chart; `counted` says how a document was counted, `number` is
    that of queries which the chart marks."""
    estimated = any(line.estimated for line in curve.lines)
    return Reply(
        page=lambda: Page(
            "",
            [points_table(curve)],
            [*open_notes(curve), *warnings(curve, policy)],
            footer(curve),
            about=[counted, estimate_in_words(curve) if estimated else ""],
            drawing=partial(chart, curve, number),
            airy=False,
        ),
        record=lambda: record(CurveRecord, curve, counted=counted or None),
        rows=lambda: exact_table([curve], service),
    )


def exact_table(curves: Sequence[Curve], service: str) -> Table:
    """A row a model, strategy and number of queries, every digit; the lowest and highest total differ where a vendor
    leaves a life open, or the tokens of a document are an estimate."""

    def cells() -> Iterator[Record]:
        for curve in curves:
            of_all = of_model(curve) | asked(curve.sheet, curve.workload, service)
            for line in curve.lines:
                totals = (map(plain, line.served(each)) for each in (line.totals, line.lows, line.highs))
                warned = list(line.warnings)
                for n, refusal, *three in zip(curve.points, curve.refusals, *totals, strict=True):
                    yield (
                        of_all
                        | dict(zip(TOTALS, three, strict=True))
                        | {
                            "strategy": line.strategy,
                            "queries": n,
                            "status": refusal.status if refusal else "too_short" if line.minimum else "ok",
                            "warnings": [refusal.warning] if refusal else warned,
                        }
                    )

    columns = ["model", "version", "currency", "strategy", "queries", *TOTALS, "status", "warnings"]
    return rows([*columns, *(name for name in ASKED if name != "queries")], cells())


def warnings(curve: Curve, named: Callable[[str], str] = str) -> list[str]:
    """Each warning once, after its strategy, as it is named, where not every line has it."""
    return each_once([(named(line.strategy), line.warnings) for line in curve.lines])


def each_once(warned: Sequence[tuple[str, Sequence[str]]], few: int | None = None) -> list[str]:
    """Each warning once, after the names that have it where not every one has; of more than a few names the first."""
    texts = dict.fromkeys(text for _, texts in warned for text in texts)
    about = {text: [name for name, texts in warned if text in texts] for text in texts}
    return [text if len(names) == len(warned) else f"{listed(names, few)}: {text}" for text, names in about.items()]


def points_table(curve: Curve) -> Table:
    """A row a number of queries, a column a strategy."""
    names = [policy(line.strategy) for line in curve.lines]
    shown = zip(map(str, curve.points), *(_cells(line, curve) for line in curve.lines), strict=True)
    return Table(["queries", *names], [*map(list, shown)], ("queries", *names))


def _cells(line: Line, curve: Curve) -> list[str]:
    ends = zip(line.served(line.lows), line.served(line.highs), strict=True)
    return ["-" if low is None or high is None else span((low, high), curve.sheet.currency) for low, high in ends]


def open_notes(curve: Curve) -> list[str]:
    """From where on the vendor would refuse; what the life of automatic entries leaves open, at the largest
    number of queries where it changes the bill, and pauses near the life of an entry, at the largest that is served."""
    lines = [
        f"{policy(line.strategy)}: at N = {curve.points[curve.last]:,}, {text}"
        for line in curve.lines
        if (text := near(line.spacing))
    ]
    for n, refusal in zip(curve.points, curve.refusals, strict=True):
        if refusal:
            lines.insert(0, f"from N = {n:,} on {refusal.warning}")
            break
    for line in curve.lines:
        if line.lifetime:
            pairs = zip(curve.points, line.served(line.totals), line.longest, strict=True)
            differ = [(n, least, most) for n, least, most in pairs if least is not None and least != most]
            for n, least, most in [max(differ)] if differ else ():
                text = lived(Lives(*line.lifetime, least, most), curve.sheet.currency)
                lines.append(f"{policy(line.strategy)}: at N = {n:,} {text}")
    return lines


def footer(curve: Curve) -> list[str]:
    """What longer pauses would cost where no spacing was asked about, and where the rates come from."""
    spaced = apart((a_policy(line.strategy), line.spacing) for line in curve.lines)
    at = f"At N = {curve.points[curve.last]:,}: {spaced[0].lower()}{spaced[1:]}" if spaced else ""
    return [text for text in (at, cited(curve.sheet, curve.version)) if text]


def estimate_in_words(curve: Curve) -> str:
    """`The tokens are an estimate: at N = 20 no cache $1.50 to $2.50, automatic cache $0.60 to $1.00.`"""
    bills = [f"{policy(line.strategy)} {span(line.ends, curve.sheet.currency)}" for line in curve.lines]
    return f"The tokens are an estimate: at N = {curve.points[curve.last]:,} {', '.join(bills)}."


def chart(curve: Curve, number: int | None, screen: Screen) -> None:
    """Cost against the number of queries, a mark a strategy, and below it what each costs at the number asked about."""
    picture([(curve, line) for line in curve.lines], number, screen)
    place = place_of(curve, number)
    where = "at the end" if place == len(curve.points) - 1 else f"at N = {curve.points[place]:,}"
    where += ", the last that is served" if place == curve.last != len(curve.points) - 1 else ""
    for index, line in enumerate(curve.lines[: len(MARKS)]):
        bill = amount(line.totals[place], curve.sheet.currency)
        crossing = ""
        if line.break_even:
            first_n = line.break_even.first
            crossing = f", cheaper from N = {first_n:,}" if first_n else ", never cheaper"
        screen.drawn(f"  {MARKS[index]} {policy(line.strategy)}: {bill} {where}{crossing}", [(COLOURS[index], 2, 3)])


def place_of(curve: Curve, number: int | None) -> int:
    """The place of the number of queries asked about, or of the last that is served."""
    return min(curve.last, curve.points.index(number)) if number in curve.points else curve.last


def picture(lines: Sequence[tuple[Curve, Line]], number: int | None, screen: Screen) -> None:
    """Cost upwards, queries to the right, each line with a mark and a colour; where two meet the one that is cheaper
    at the number asked about is drawn. A line of dots stands at that number."""
    curve, work = lines[0][0], lines[0][0].workload
    sizes = f"each with {work.question:,} of question and {work.answer:,} of answer"
    what = NOUNS[work.grows][1]
    screen.paragraph(f"{what} {OVER[work.grows]} {many(work.context, 'token')}, {sizes}", "bold")
    series = [(line.served(line.totals), line.totals[place_of(own, number)]) for own, line in lines]
    top = max((total for totals, _ in series for total in totals if total is not None), default=Decimal(0))
    marks = [amount(top * (HEIGHT - 1 - row) / (HEIGHT - 1), curve.sheet.currency) for row in range(0, HEIGHT, 5)]
    margin = max(11, *map(len, marks))
    width = min(WIDTH, (screen.width or 80) - margin - 3)
    grid = [[" "] * width for _ in range(HEIGHT)]
    last = len(curve.points) - 1
    if number in curve.points and last:
        column = round(curve.points.index(number) * (width - 1) / last)
        for row in grid:
            row[column] = DOT
    for number, (totals, _) in sorted(enumerate(series[: len(MARKS)]), key=lambda each: each[1][1], reverse=True):
        for column in range(width):
            index = round(column * last / (width - 1)) if last else 0
            if (total := totals[index]) is not None:
                height = round(total / top * (HEIGHT - 1)) if top else 0
                grid[HEIGHT - 1 - height][column] = MARKS[number]
    for place, row in enumerate(grid):
        begin = f"{marks[place // 5] if place % 5 == 0 else '':>{margin}} |"
        cells = [
            (COLOURS[MARKS.index(mark)], len(begin) + column, len(begin) + column + 1)
            for column, mark in enumerate(row)
            if mark in MARKS
        ]
        screen.drawn(f"{begin}{''.join(row).rstrip()}", cells)
    screen.text(f"{'':>{margin}} +{'-' * width}")
    first, end = f"{curve.points[0]:,}", f"{curve.points[-1]:,} {what}"
    screen.text(f"{'':>{margin + 1}} {first}{end:>{max(1, width - len(first))}}")
