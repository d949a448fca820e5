"""The axes of a sweep, read from words such as `queries=1..100`."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from .. import money, units
from ..errors import BadQuantity, BadWorkload
from ..sweep.grid import refuse_too_many
from ..sweep.lines import AXES, Axis, spaced
from . import reading
from .words import MEDIA, Question

POINTS = 20


class AxisKind(NamedTuple):
    """How an axis is written: its reader, the number that a value is, the value of a number, what is whole of it."""

    read: Callable[[str], Any]
    number: Callable[[Any], Fraction]
    value: Callable[[Fraction], Any]
    grain: Fraction | None


COUNT = AxisKind(units.count, Fraction, int, Fraction(1))
DURATION = AxisKind(
    units.duration,
    lambda length: Fraction(length // units.MICROSECOND),
    lambda number: timedelta(microseconds=int(number)),
    Fraction(10**6),
)
SHARE = AxisKind(units.share, Fraction, money.exact, None)
RATE = AxisKind(units.rate, Fraction, Fraction, None)
KINDS = {"every": DURATION, "over": DURATION, "hold": DURATION, "hit_share": SHARE, "rate": RATE}


def axes_of(texts: list[str]) -> list[Axis]:
    """The axes that the flags describe, and no more cells than are answered."""
    if not texts:
        raise BadWorkload(f"say what to vary, such as context=10K..1M; axes are {', '.join(AXES)}", word="sweep")
    parted = [_parted(text) for text in texts]
    refuse_too_many(prod(points for _, _, points in parted))
    return [_axis(*each) for each in parted]


def begun(words: Question, axes: Sequence[Axis]) -> Question:
    """The question at one value of what is varied; BadWorkload where a word says it too."""
    first: dict[str, Any] = {axis.name: axis.values[0] for axis in axes}
    rivals = {
        "context": ("context", "file", *MEDIA),
        "queries": ("turns", "burst", "times", "for_", *(["over"] if words.office else [])),
    }
    # A length would make another number of each point, and the others say when every query comes.
    rivals |= dict.fromkeys(("every", "over", "rate"), ("for_", "office", "burst", "times"))
    for name in rivals.keys() & first.keys():
        for rival in rivals[name]:
            if getattr(words, rival):
                said = f"{rival.removesuffix('_')} is given too, and both say {name}; give one of them"
                raise BadWorkload(said, word="sweep")
    if "context" in first:
        words = words.instead(context="1")
    if "queries" in first and words.office:
        last = next(axis.values[-1] for axis in axes if axis.name == "queries")
        words = words.instead(queries=str(last))  # each instant is worked out; a point takes the first of them
    if "over" in first:
        words = words.instead(over=units.show_duration(first["over"]))
    if "rate" in first:
        words = words.instead(rate=f"{money.text(first['rate'])}/h")
    return words


def _parted(text: str) -> tuple[str, str, int]:
    """`every=1m..2h:30`: the name, the ends as they are written, and the number of points."""
    name, equals, span = text.partition("=")
    name = name.strip().replace("-", "_")
    name = "hit_share" if name == "hit_rate" else name  # as its flag is called
    if not equals or name not in AXES:
        what = f"{name!r} is no axis" if equals else f"{text!r} names no axis"
        raise BadQuantity(f"{what}; expected AXIS=FIRST..LAST, AXIS one of {', '.join(AXES)}", word="sweep")
    ends, colon, many = span.partition(":")
    points = reading.read(f"sweep: {name}", units.count, many) if colon else POINTS
    if points < 2:
        raise BadQuantity(f"{name}: expected at least 2 points, not {points}", word="sweep")
    return name, ends, points


def _axis(name: str, ends: str, points: int) -> Axis:
    """So many points, both ends among them, whole tokens or seconds between."""
    first_text, dots, last_text = ends.partition("..")
    if not (dots and first_text and last_text):
        raise BadQuantity(
            f"{name}: {ends!r} is not a range; expected FIRST..LAST, such as context=10K..1M", word="sweep"
        )
    kind = KINDS.get(name, COUNT)
    first, last = (kind.number(reading.read(f"sweep: {name}", kind.read, text)) for text in (first_text, last_text))
    if first > last:
        hint = f"did you mean {last_text}..{first_text}?"
        raise BadQuantity(f"{name}: {ends!r} runs backwards: {hint}", word="sweep")
    return Axis(name, tuple(kind.value(number) for number in spaced(first, last, points, grain=kind.grain)))
