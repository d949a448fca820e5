"""The words of a question that can be varied, and the values that they take from a first to a last one."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..workload.series import decimal, exp, ln

FACTOR = 100
"""From this ratio of last to first on, points are spaced by a factor."""
OF_WORKLOAD = ("context", "question", "answer", "queries", "every", "over", "rate")
OF_ASSUMPTIONS = ("hold", "hit_share")
AXES = OF_WORKLOAD + OF_ASSUMPTIONS
SIZES = ("context", "question", "answer")
INNER = (*SIZES, "hit_share", "queries", "hold")
"""Axes in the order in which they are preferred for the stretches that are drawn straight."""
_DIGITS = 4

Value = int | Decimal | Fraction | timedelta


class Axis(NamedTuple):
    """A word of the workload or the assumptions, and the values that it takes, rising."""

    name: str
    values: tuple[Value, ...]


def spaced(first: Fraction, last: Fraction, points: int, *, grain: Fraction | None = None) -> list[Fraction]:
    """So many numbers from first to last, both exact, each once: by a factor where last is `FACTOR` times first or
    more, otherwise evenly. Those between are whole multiples of `grain`, or have four digits where there is none."""
    steps = points - 1
    if last == first or not steps:
        return [first]
    if first > 0 and last / first >= FACTOR:
        power = Fraction(ln(last / first))
        between = [first * Fraction(exp(power * k / steps)) for k in range(1, steps)]
        grain_of: Callable[[Fraction], Fraction] = lambda value: grain or _short(value)  # noqa: E731
    else:
        between = [first + (last - first) * k / steps for k in range(1, steps)]
        grain_of = lambda _: grain or Fraction(0)  # noqa: E731
    whole = [round(value / fine) * fine if (fine := grain_of(value)) else value for value in between]
    return [first, *sorted({value for value in whole if first < value < last}), last]


def _short(value: Fraction) -> Fraction:
    """The place of a number's fourth digit."""
    return Fraction(10) ** (decimal(value).adjusted() - _DIGITS + 1)
