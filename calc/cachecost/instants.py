"""When the queries of a law are expected: how many come before an instant, and how many of these after a long pause.

The first query of a Poisson stream comes at the start, query k a Gamma(k, rate) time later. At random all of them are
independent and uniform in their window, the first being the smallest. Means are kept to `money.GRAIN` decimals.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from math import isqrt

from . import money
from .arrivals import hours
from .workload import LONGEST, POISSON, Workload

MOST = 100_000
"""Most queries of a Poisson stream whose instants are weighed; those of more stray by less than half a percent."""
FEW = 256
"""Up to so many, the means of a stretch are worked out at once for all numbers of queries to the next power of two."""
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_GRAIN = Decimal(1).scaleb(-money.GRAIN)
_NOTHING = Decimal(1).scaleb(-2 * money.GRAIN)
_MICROSECOND = timedelta(microseconds=1)
_NOW = timedelta(0)


def reach(workload: Workload, queries: int) -> timedelta:
    """By when all of them have come, but for less than the last decimal that is kept (a Chernoff bound)."""
    if workload.arrivals != POISSON:
        return workload.over or _NOW
    assert workload.rate is not None
    many = 1 << (queries - 1).bit_length()
    longest = (many + 12 * (isqrt(many) + 1) + 150) / workload.rate
    return min(LONGEST, timedelta(hours=int(longest) + 1)) if longest < LONGEST // timedelta(hours=1) else LONGEST


def first(workload: Workload, queries: int, before: timedelta) -> Decimal:
    """The chance that the first of them has come earlier than `before` after the start."""
    return Decimal(1) if workload.arrivals == POISSON else _kept(1 - _none_by(workload, queries, before))


def later(workload: Workload, queries: int, before: timedelta, *, than: timedelta = _NOW) -> Decimal:
    """Mean number of the queries after the first that come earlier than `before`, after a pause longer than `than`.

    Poisson: with m later queries, Pr(gap k > t and query k before b) = e^(-rate x t) Pr(query k before b - t), since
    what is left of a long gap is a gap again; and the k-th comes before b iff k or more do: E min(Poisson, m).
    Random: a query at x has such a pause iff none came in [x - t, x) and some did before that; over the window W this
    makes N (b-t)/W (1-t/W)^(N-1) - ((1-t/W)^N - (1-b/W)^N).
    """
    if queries < 2 or before <= than:
        return Decimal(0)
    if workload.arrivals == POISSON:
        assert workload.rate is not None
        load = workload.rate * hours(than)
        come = _least(workload.rate * hours(before - than), queries - 1)
        return _kept(_WIDE.multiply(_WIDE.exp(_decimal(-load)), come))
    assert workload.over is not None
    before = min(before, workload.over)
    if than >= before:
        return Decimal(0)
    window = workload.over // _MICROSECOND
    alone = _none_of(queries - 1, than // _MICROSECOND, window)
    share = _decimal(Fraction((before - than) // _MICROSECOND * queries, window))
    opening = _WIDE.subtract(_none_by(workload, queries, than), _none_by(workload, queries, before))
    return _kept(_WIDE.subtract(_WIDE.multiply(share, alone), opening))


def _none_by(workload: Workload, queries: int, before: timedelta) -> Decimal:
    """The chance that none of so many uniform times lies before this one."""
    assert workload.over is not None
    return _none_of(queries, before // _MICROSECOND, workload.over // _MICROSECOND)


@lru_cache(maxsize=4096)
def _none_of(queries: int, before: int, window: int) -> Decimal:
    return _WIDE.power(_WIDE.divide(Decimal(max(0, window - before)), Decimal(window)), queries)


@lru_cache(maxsize=4096)
def _least(mean: Fraction, most: int) -> Decimal:
    """E min(X, most) of a Poisson X: mean x Pr(X <= most-2) + most x Pr(X >= most)."""
    if most <= FEW:
        return _leasts(mean, 1 << most.bit_length())[most]
    load = _decimal(mean)
    power = _WIDE.subtract(_WIDE.multiply(_WIDE.ln(load), most - 1), load)
    here = _WIDE.exp(_WIDE.subtract(power, _log_factorial(most - 1)))
    up_to = _tail(here, load, most - 1)
    below = _WIDE.subtract(up_to, here)
    return _WIDE.add(_WIDE.multiply(load, below), _WIDE.multiply(Decimal(most), _WIDE.subtract(Decimal(1), up_to)))


def _tail(here: Decimal, load: Decimal, place: int) -> Decimal:
    """Pr(X <= place) from Pr(X = place), summed on the side on which the terms fall."""
    term, total, step = here, Decimal(0), place
    if load > place:
        while term > _NOTHING:
            total = _WIDE.add(total, term)
            term, step = _WIDE.divide(_WIDE.multiply(term, step), load), step - 1
        return total
    while term > _NOTHING:
        step += 1
        term = _WIDE.divide(_WIDE.multiply(term, load), step)
        total = _WIDE.add(total, term)
    return _WIDE.subtract(Decimal(1), total)


@lru_cache(maxsize=4096)
def _leasts(mean: Fraction, most: int) -> tuple[Decimal, ...]:
    """E min(X, m) for m = 0 .. most: the sum of Pr(X >= k) over k up to m."""
    load, total = _decimal(mean), Decimal(0)
    term = _WIDE.exp(-load)
    beyond = _WIDE.subtract(Decimal(1), term)
    found = [total]
    for k in range(1, most + 1):
        total = _WIDE.add(total, beyond)
        found.append(total)
        term = _WIDE.divide(_WIDE.multiply(term, load), k)
        beyond = _WIDE.subtract(beyond, term)
    return tuple(found)


@lru_cache(maxsize=64)
def _log_factorial(number: int) -> Decimal:
    return _WIDE.ln(reduce(_WIDE.multiply, range(2, number + 1), Decimal(1)))


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _kept(value: Decimal) -> Decimal:
    return value.quantize(_GRAIN, context=_WIDE)
