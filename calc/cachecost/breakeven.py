"""From which number of queries on caching pays: every N at which the cached bill is not above the fresh one.

Bills are straight lines in N between a few known points, so each piece is solved exactly; where rates change
while the queries come, every N up to a horizon is tried instead.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol

from .errors import BadWorkload, NotSold

HORIZON = 200
"""Numbers of queries tried one by one where bills are no straight lines."""


class Billed(Protocol):
    def exact_total(self, queries: int) -> Fraction: ...
    @property
    def pieces(self) -> list[int] | None: ...
    @property
    def horizon(self) -> int: ...


class BreakEven(NamedTuple):
    """`first`: smallest N that pays, None if none does. `intervals`: all N that pay, [from, to] inclusive, `to`
    None for ever. `stable_from`: from here on every N pays. `horizon`: None where this holds for every N,
    otherwise the largest N that was tried."""

    first: int | None
    intervals: tuple[tuple[int, int | None], ...]
    stable_from: int | None
    horizon: int | None = None


ALWAYS = BreakEven(1, ((1, None),), 1)


def break_even(cached: Billed, fresh: Billed) -> BreakEven:
    """The set of N at which `cached` costs no more than `fresh` (a tie counts)."""
    mine, theirs = cached.pieces, fresh.pieces
    if mine is None or theirs is None:
        return _tried(cached, fresh)
    starts = sorted({1, *mine, *theirs})
    found: list[tuple[int, int | None]] = []
    for first, after in pairwise([*starts, None]):
        assert first is not None
        interval = _solve(cached, fresh, first, after - 1 if after is not None else None)
        if interval:
            found.append(interval)
    return _told(_joined(found), None)


def _tried(cached: Billed, fresh: Billed) -> BreakEven:
    """Every N up to the horizon, which is nearer where later queries can no longer be priced."""
    paying: list[tuple[int, int]] = []
    horizon = cached.horizon
    for n in range(1, horizon + 1):
        try:
            pays = _saved(cached, fresh, n) >= 0
        except (NotSold, BadWorkload):
            horizon = n - 1
            break
        if pays:
            paying.append((n, n))
    return _told(_joined(paying), horizon)


def _saved(cached: Billed, fresh: Billed, queries: int) -> Fraction:
    return fresh.exact_total(queries) - cached.exact_total(queries)


def _solve(cached: Billed, fresh: Billed, first: int, last: int | None) -> tuple[int, int | None] | None:
    """The N of one straight piece that pay; they lie side by side."""
    saved = _saved(cached, fresh, first)
    if last == first:
        return (first, last) if saved >= 0 else None
    slope = _saved(cached, fresh, first + 1) - saved
    if slope == 0:
        return (first, last) if saved >= 0 else None
    steps = -saved / slope
    if slope > 0:
        begin = first + max(0, -(-steps.numerator // steps.denominator))
        return (begin, last) if last is None or begin <= last else None
    if saved < 0:
        return None
    end = first + steps.numerator // steps.denominator
    return (first, end if last is None else min(end, last))


def _joined(
    intervals: list[tuple[int, int]] | list[tuple[int, int | None]],
) -> tuple[tuple[int, int | None], ...]:
    """Neighbouring intervals made one."""
    joined: list[tuple[int, int | None]] = []
    for begin, end in intervals:
        if joined and joined[-1][1] is not None and begin == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return tuple(joined)


def _told(intervals: tuple[tuple[int, int | None], ...], horizon: int | None) -> BreakEven:
    if not intervals:
        return BreakEven(None, (), None, horizon)
    begin, end = intervals[-1]
    stable = begin if end == horizon else None
    return BreakEven(intervals[0][0], intervals, stable, horizon)
