"""`cachecost sweep`: how the bill and the cheapest strategy change with one or two words of the question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import typer

from .. import ask, clock, money, quantities
from ..axis import AXES, Axis, spaced
from ..errors import BadQuantity, BadWorkload
from ..question import Question
from ..render.sweep import long_table, markdown, of_grid, on_screen
from ..sweep import MAX_CELLS
from ..sweep import sweep as swept
from . import options
from .compare import Strategies
from .options import Format
from .words import with_words, workload

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


@with_words
def sweep(
    words: Question,
    model: options.Model,
    sweep: Sweep = [],  # noqa: B006
    strategy: Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Vary one or two words of the question: a table along one, a map of the cheapest strategy over two.

    Example: cachecost sweep claude-opus-5-5 --sweep context=10K..1M --sweep every=1m..2h --queries 20
    """
    axes = axes_of(sweep)
    first: dict[str, Any] = {axis.name: axis.values[0] for axis in axes}
    if "context" in first and (words.context or words.file):
        given = "context" if words.context else "file"
        raise BadWorkload(f"sweep: context is given by --{given} too; give one of them")
    for flag in ("turns", "burst", "times"):
        if "queries" in first and getattr(words, flag):
            raise BadWorkload(f"sweep: queries is given by --{flag} too; give one of them")
    catalog = options.catalog(prices)
    sheet = catalog.sheet(model)
    asked = words.assumptions(options.evictions(words.eviction, catalog.folder))
    tokens, counted, _ = (
        options.Length(1)
        if "context" in first
        else options.context_tokens(words.context, words.file, sheet, catalog.folder)
    )
    if "over" in first:
        words = words.instead(over=quantities.show_duration(first["over"]))
    if "rate" in first:
        words = words.instead(rate=f"{money.text(first['rate'])}/h")
    work = workload(words, tokens)
    grid = swept(sheet, work, asked, axes, strategies=strategy, today=clock.today())
    if chart:
        from ..render.vega import grid_spec, save

        save(grid_spec(grid), *chart)
    if json or format is Format.json:
        options.emit(options.as_json(of_grid(grid)), out)
    elif format is Format.csv:
        options.emit(long_table(grid).as_csv(), out)
    elif format is Format.markdown:
        options.emit(markdown(grid, counted), out)
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
