"""When the queries of a law are expected: how many come before an instant, and how many of these after a long pause.

The first query of a Poisson stream comes at the start, query k a Gamma(k, rate) time later. At random all of them are
independent and uniform in their window, the first being the smallest. Means are kept to `money.GRAIN` decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from math import factorial, isqrt
from typing import TYPE_CHECKING, NamedTuple

from .. import money
from ..errors import NoClosedForm
from .gaps import CLOSED, LAST, Gaps, summed
from .series import hours
from .workload import LONGEST, POISSON, Workload

if TYPE_CHECKING:
    pass

MOST = 100_000
"""Most queries of a Poisson stream whose instants are weighed; those of more stray by less than half a percent."""
FEW = 256
"""Up to so many queries, a mean number is summed up from its first term on."""
RUNGS = 1_000
"""Most pings after a query whose instants are summed up."""
_HOUR = 3_600_000_000
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


def later(workload: Workload, queries: int, before: timedelta, than: timedelta = _NOW) -> Decimal:
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
        come = _least(workload.rate * hours(before - than), queries - 1)
        return _kept(_WIDE.multiply(_alone(workload.rate * hours(than)), come))
    assert workload.over is not None
    before = min(before, workload.over)
    if than >= before:
        return Decimal(0)
    window = workload.over // _MICROSECOND
    alone = _none_of(queries - 1, than // _MICROSECOND, window)
    share = _decimal(Fraction((before - than) // _MICROSECOND * queries, window))
    opening = _WIDE.subtract(_none_by(workload, queries, than), _none_by(workload, queries, before))
    return _kept(_WIDE.subtract(_WIDE.multiply(share, alone), opening))


class Part(NamedTuple):
    """The pauses of so many queries that end in some stretches: what is asked of all pauses (`gaps.Gaps`), in shares of
    all of them.

    `ends`: when each stretch but the last ends, which never does. `places`: those of the stretches that are meant.
    Both laws keep their form when a pause longer than t is cut by t: with the chance that it is longer, what is left
    are pauses of the same law, everything after it a time t sooner (and at random in a window as much shorter).
    """

    workload: Workload
    queries: int
    ends: tuple[timedelta, ...]
    places: tuple[int, ...]

    @property
    def told(self) -> str:
        return CLOSED

    @property
    def first(self) -> Fraction:
        """The chance that the first query comes in them."""
        return self._mine(_first, _NOW, Fraction(1))

    @property
    def later(self) -> Fraction:
        """Mean number of the later queries that come in them."""
        return self._mine(later, _NOW, Fraction(self.queries - 1))

    @property
    def share(self) -> Fraction:
        """The same as a share of all later queries."""
        return self.later / (self.queries - 1)

    @property
    def _all(self) -> Gaps:
        return self.workload.gaps(self.queries)

    def longer(self, than: timedelta) -> Fraction:
        later_ones = self.queries - 1
        return self._mine(later, than, self._all.longer(than) * later_ones) / later_ones

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        return summed(self.longer, first, step, most)

    def pings(self, ttl: timedelta, most: int | None) -> Fraction:
        """Mean number, for each later query, of the pings that are sent in them, a TTL after one another."""

        found, rung, later_ones = Fraction(0), 1, self.queries - 1
        # No ping may be sent in them so soon after its query and yet many much later, so all pauses end the sum.
        while (most is None or rung <= most) and (share := self._all.longer(ttl * rung)) >= LAST:
            found += self._mine(_followed, ttl * rung, share * later_ones) / later_ones
            rung += 1
        return found

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        after, pairs = than or _NOW, self.queries - 2
        every = self._all.then(first, after) * pairs
        cut = self._all.longer(after) * pairs
        both = self._mine(_third, first + after, cut - every)
        return (self._mine(_third, after, cut) - both) / pairs

    def idle(self, most: timedelta) -> Fraction:
        raise NoClosedForm("no closed form is known for the mean of the pauses before an instant", word="arrivals")

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        raise NoClosedForm("no closed form is known where a read does not refresh the entry", word="arrivals")

    def _mine(self, mean: Mean, cut: timedelta, everything: Fraction) -> Fraction:
        """A mean number that is known up to any instant, of these stretches alone; `everything`: that of all."""
        reached = _reached(mean, self.workload, self.queries, self.ends, cut)
        last = len(self.ends)
        found = Decimal(0)
        for place in self.places:
            found = _WIDE.add(found, _WIDE.subtract(reached[min(place + 1, last)], reached[place]))
        return Fraction(found) + (everything - Fraction(reached[last]) if self.places[-1] == last else 0)


Mean = Callable[[Workload, int, timedelta, timedelta], Decimal]


@lru_cache(maxsize=64)
def _reached(
    mean: Mean, workload: Workload, queries: int, ends: tuple[timedelta, ...], cut: timedelta
) -> tuple[Decimal, ...]:
    """A mean at the start and at each end: the same for every strategy and for all stretches, so it is kept."""
    return (Decimal(0), *(mean(workload, queries, end, cut) for end in ends))


def _first(workload: Workload, queries: int, before: timedelta, _: timedelta) -> Decimal:
    return first(workload, queries, before)


def _followed(workload: Workload, queries: int, before: timedelta, after: timedelta) -> Decimal:
    """Mean number of the queries that another one follows, longer than `after` later, where this time ends before an
    instant b.

    Poisson: the first such time ends at t, and each later query but the last has one: e^(-rate x t) (1 + E min(P,
    N-2)), P the Poisson number before b - t. Random, over a window W: a query at x has one iff none comes in
    (x, x + t] and not all others came before x: N (b-t)/W (1-t/W)^(N-1) - ((b-t)/W)^N.
    """
    if before <= after:
        return Decimal(0)
    if workload.arrivals == POISSON:
        assert workload.rate is not None
        come = _least(workload.rate * hours(before - after), queries - 2)
        return _kept(_WIDE.multiply(_alone(workload.rate * hours(after)), 1 + come))
    assert workload.over is not None
    ends, window = min(before, workload.over) - after, workload.over // _MICROSECOND
    if ends <= _NOW:
        return Decimal(0)
    share = _decimal(Fraction(ends // _MICROSECOND * queries, window))
    alone = _none_of(queries - 1, after // _MICROSECOND, window)
    return _kept(_WIDE.subtract(_WIDE.multiply(share, alone), _none_of(queries, window - ends // _MICROSECOND, window)))


def _third(workload: Workload, queries: int, before: timedelta, cut: timedelta) -> Decimal:
    """Mean number of the queries from the third on that come before an instant, after pauses from which `cut` can be
    cut: those before b - cut, from which the second one has to be taken."""
    if before <= cut or queries < 3:
        return Decimal(0)
    if workload.arrivals == POISSON:
        assert workload.rate is not None
        mean = workload.rate * hours(before - cut)
        come = _WIDE.subtract(_least(mean, queries - 1), _WIDE.subtract(1, _WIDE.exp(_decimal(-mean))))
        return _kept(_WIDE.multiply(_alone(workload.rate * hours(cut)), come))
    assert workload.over is not None
    window, ends = workload.over // _MICROSECOND, min(before, workload.over) // _MICROSECOND
    shift = cut // _MICROSECOND
    if shift >= ends:
        return Decimal(0)
    # With V = W - cut left of the window and x = b - cut: N x/V - Pr(one or more) - Pr(two or more), all (V/W)^N.
    here = _decimal(Fraction((ends - shift) * queries, window - shift))
    none = _none_of(queries, ends - shift, window - shift)
    one = _WIDE.multiply(here, _none_of(queries - 1, ends - shift, window - shift))
    come = _WIDE.add(_WIDE.subtract(here, 2), _WIDE.add(_WIDE.multiply(2, none), one))
    return _kept(_WIDE.multiply(_none_of(queries, shift, window), come))


def standing(workload: Workload, queries: int, idle: timedelta, before: timedelta) -> Fraction:
    """Mean hours before an instant b for which a cache stands that is deleted when idle for T.

    Poisson: it stands until T, and at a later moment iff a query came within T and not all had come before that; so
    min(b, T) + (1 - e^(-rate x T)) E min(P, N-1) / rate, P the Poisson number before b - T. Random: it stands iff
    one of N came within T, up to T after the window W: with F(x) = (1 - (1-x/W)^(N+1)) W/(N+1), the integral of
    (1-x/W)^N, it is b - F(b) up to T, then T - F(T) + (b-T) (1 - (1-T/W)^N), then the mirror of the beginning.
    """
    if workload.arrivals == POISSON:
        assert workload.rate is not None
        if before <= idle:
            return hours(before)
        come = _least(workload.rate * hours(before - idle), queries - 1)
        alive = _WIDE.subtract(1, _WIDE.exp(_decimal(-workload.rate * hours(idle))))
        return hours(idle) + Fraction(_kept(_WIDE.multiply(alive, come))) / workload.rate
    assert workload.over is not None
    window = workload.over
    before, brim = min(before, window + idle), min(idle, window)
    start = _opened(workload, queries, min(before, brim))
    flat = max(_NOW, min(before, max(window, idle)) - brim)
    alone = _none_of(queries, brim // _MICROSECOND, window // _MICROSECOND)
    middle = hours(flat) * Fraction(1 - alone)
    rest = min(brim, window + idle - before)
    end = _opened(workload, queries, brim) - _opened(workload, queries, rest)
    return Fraction(money.rounded(start + middle + end, money.GRAIN))


def _opened(workload: Workload, queries: int, until: timedelta) -> Fraction:
    """Mean hours from the first of so many uniform times to a time in their window: the integral of 1 - (1-x/W)^N."""
    assert workload.over is not None
    left = _none_of(queries + 1, until // _MICROSECOND, workload.over // _MICROSECOND)
    return hours(until) - hours(workload.over) * Fraction(1 - left) / (queries + 1)


def _none_by(workload: Workload, queries: int, before: timedelta) -> Decimal:
    """The chance that none of so many uniform times lies before this one."""
    assert workload.over is not None
    return _none_of(queries, before // _MICROSECOND, workload.over // _MICROSECOND)


@lru_cache(maxsize=4096)
def _none_of(queries: int, before: int, window: int) -> Decimal:
    return _WIDE.power(_WIDE.divide(Decimal(max(0, window - before)), Decimal(window)), queries)


@lru_cache(maxsize=4096)
def _alone(load: Fraction) -> Decimal:
    """The chance that none comes while so many are expected."""
    return _WIDE.exp(_decimal(-load))


def _least(mean: Fraction, most: int) -> Decimal:
    """E min(X, most) of a Poisson X: mean x Pr(X <= most-2) + most x Pr(X >= most); or, of a few, what is short of
    `most`: most - e^-mean x the sum of (most-k) mean^k / k! over k < most."""
    if most <= FEW:
        load, short = _decimal(mean), Decimal(0)
        for each in _shortfalls(most):
            short = _WIDE.fma(short, load, each)
        return _WIDE.subtract(Decimal(most), _WIDE.multiply(_alone(mean), short))
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


@lru_cache(maxsize=FEW)
def _shortfalls(most: int) -> tuple[Decimal, ...]:
    """(most-k) / k! for k = most-1 .. 0, the order in which Horner's rule takes them."""
    return tuple(_WIDE.divide(Decimal(most - k), Decimal(factorial(k))) for k in reversed(range(most)))


@lru_cache(maxsize=64)
def _log_factorial(number: int) -> Decimal:
    return _WIDE.ln(reduce(_WIDE.multiply, range(2, number + 1), Decimal(1)))


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _kept(value: Decimal) -> Decimal:
    return value.quantize(_GRAIN, context=_WIDE)
