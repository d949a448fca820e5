"""`cachecost sweep`: how the bill and the cheapest strategy change with one or two words of the question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import typer

from .. import ask, money, quantities
from ..errors import BadQuantity, BadWorkload
from ..render.sweep import long_table, of_grid, on_screen, table
from ..sweep import AXES, MAX_CELLS, Axis, spaced
from ..sweep import sweep as swept
from . import options
from .compare import Strategies
from .options import Format

POINTS = 20
_MICROSECOND = timedelta(microseconds=1)

Sweep = Annotated[
    list[str],
    typer.Option(
        "--sweep",
        metavar="AXIS=FIRST..LAST[:POINTS]",
        help=f"What to vary, once or twice: context=10K..1M, every=1m..2h:30. Axes: {', '.join(AXES)}.",
    ),
]


def sweep(
    model: options.Model,
    sweep: Sweep = [],  # noqa: B006
    context: options.Context = "",
    file: options.File = "",
    queries: options.Queries = "10",
    question: options.Question = "0",
    answer: options.AnswerTokens = "0",
    every: options.Every = "",
    over: options.Over = "",
    rate: options.Rate = "",
    arrivals: options.Arrivals = "even",
    burst: options.Burst = "",
    times: options.Times = "",
    turns: options.Turns = "",
    tools: options.Tools = "0",
    hold: options.Hold = "",
    hit_share: options.HitShare = "",
    strategy: Strategies = [],  # noqa: B006
    creation: options.Creation = "",
    first_query: options.FirstQuery = "reads",
    billed_per: options.BilledPer = "",
    service: options.Service = "standard",
    region: options.Region = "",
    thinking: options.Thinking = False,
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    chart: options.Chart = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Vary one or two words of the question: a table along one, a map of the cheapest strategy over two.

    Example: cachecost sweep claude-opus-5-5 --sweep context=10K..1M --sweep every=1m..2h --queries 20
    """
    axes = axes_of(sweep)
    first: dict[str, Any] = {axis.name: axis.values[0] for axis in axes}
    if "context" in first and (context or file):
        raise BadWorkload(f"sweep: context is given by --{'context' if context else 'file'} too; give one of them")
    for flag, given in (("turns", turns), ("burst", burst), ("times", times)):
        if "queries" in first and given:
            raise BadWorkload(f"sweep: queries is given by --{flag} too; give one of them")
    catalog = options.catalog(prices)
    sheet = catalog.sheet(model)
    asked = ask.assumptions(
        hit_share=hit_share,
        hold=hold,
        creation=creation,
        first_query=first_query,
        billed_per=billed_per,
        service=service,
        region=region,
        thinking=thinking,
    )
    tokens, counted = (1, "") if "context" in first else options.context_tokens(context, file, sheet, catalog.folder)
    work = ask.workload(
        context=tokens,
        question=question,
        answer=answer,
        queries=queries,
        every=every,
        over=quantities.show_duration(first["over"]) if "over" in first else over,
        rate=f"{money.text(first['rate'])}/h" if "rate" in first else rate,
        arrivals=arrivals,
        burst=burst,
        times=options.instants(times),
        turns=turns,
        tools=tools,
        start=options.instant("as_of", as_of),
    )
    grid = swept(sheet, work, asked, axes, strategies=strategy)
    if chart:
        from ..render.vega import grid_spec, save

        save(grid_spec(grid), chart)
    if json or format is Format.json:
        options.emit(options.as_json(of_grid(grid)), out)
    elif format is Format.csv:
        options.emit(long_table(grid).as_csv(), out)
    elif format is Format.markdown:
        options.emit(table(grid).as_markdown(), out)
    else:
        options.show(on_screen(grid, counted), out)


class Kind(NamedTuple):
    """How an axis is written: its reader, the number that a value is, the value of a number, what is whole of it."""

    read: Callable[[str], Any]
    number: Callable[[Any], Fraction]
    value: Callable[[Fraction], Any]
    grain: Fraction | None


COUNT = Kind(quantities.count, Fraction, int, Fraction(1))
DURATION = Kind(
    quantities.duration,
    lambda length: Fraction(length // _MICROSECOND),
    lambda number: timedelta(microseconds=int(number)),
    Fraction(10**6),
)
SHARE = Kind(quantities.share, Fraction, money.exact, None)
RATE = Kind(quantities.rate, Fraction, Fraction, None)
KINDS = {"every": DURATION, "over": DURATION, "hold": DURATION, "hit_share": SHARE, "rate": RATE}


def axes_of(texts: list[str]) -> list[Axis]:
    """The axes that the flags describe, and no more cells than are answered."""
    if not texts:
        raise BadWorkload(f"sweep: say what to vary, such as --sweep context=10K..1M; axes are {', '.join(AXES)}")
    parted = [_parted(text) for text in texts]
    cells = 1
    for _, _, points in parted:
        cells *= points
    if cells > MAX_CELLS:
        raise BadWorkload(f"sweep: {cells:,} cells are too many; expected up to {MAX_CELLS:,}, so give fewer points")
    return [_axis(*each) for each in parted]


def axis(text: str) -> Axis:
    """`context=10K..1M`, `every=1m..2h:30`: so many points, both ends among them, whole tokens or seconds between."""
    return _axis(*_parted(text))


def _parted(text: str) -> tuple[str, str, int]:
    name, equals, span = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or name not in AXES:
        what = f"{name!r} is no axis" if equals else f"{text!r} names no axis"
        raise BadQuantity(f"sweep: {what}; expected AXIS=FIRST..LAST, AXIS one of {', '.join(AXES)}")
    ends, colon, many = span.partition(":")
    points = ask.read(f"sweep: {name}", quantities.count, many) if colon else POINTS
    if points < 2:
        raise BadQuantity(f"sweep: {name}: expected at least 2 points, not {points}")
    return name, ends, points


def _axis(name: str, ends: str, points: int) -> Axis:
    first_text, dots, last_text = ends.partition("..")
    if not (dots and first_text and last_text):
        raise BadQuantity(f"sweep: {name}: {ends!r} is not a range; expected FIRST..LAST, such as context=10K..1M")
    kind = KINDS.get(name, COUNT)
    first, last = (kind.number(ask.read(f"sweep: {name}", kind.read, text)) for text in (first_text, last_text))
    if first > last:
        hint = f"did you mean {last_text}..{first_text}?"
        raise BadQuantity(f"sweep: {name}: {ends!r} runs backwards: {hint}")
    return Axis(name, tuple(kind.value(number) for number in spaced(first, last, points, grain=kind.grain)))
