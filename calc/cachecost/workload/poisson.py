"""Queries at a Poisson rate: pauses without memory, and how many queries come before any instant.

The first query comes at the start, query k a Gamma(k, rate) time later, so that the k-th later one comes before an
instant iff a Poisson number is k or more.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from math import isqrt

from .. import money
from ..units import hours
from .arrivals import NOW, Law
from .series import LONGEST, WIDE, decimal, exp, to_grain

_FEW = 256
"""Up to so many terms, a Poisson sum begins with its first one."""
_NOTHING = Decimal(1).scaleb(-2 * money.GRAIN)


@dataclass(frozen=True, slots=True)
class Poisson(Law):
    """A rate per hour: a pause is longer than t with probability e^(-rate x t), whatever came before."""

    rate: Fraction
    queries: int

    @property
    def longest_pause(self) -> timedelta:
        """A pause is longer with a chance of e^-56, less than the last decimal that is kept."""
        return timedelta(hours=56) / float(self.rate)

    def _expected_in(self, length: timedelta) -> Fraction:
        return self.rate * hours(length)

    def share_longer(self, than: timedelta) -> Fraction:
        return Fraction(to_grain(exp(-self._expected_in(than))))

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        """A geometric series: S(first) (1 - q^most) / (1 - q), q the share of pauses longer than a step."""
        # Expected reads a query, pings included: 1 / (1 - q).
        reads = WIDE.divide(Decimal(1), WIDE.subtract(1, exp(-self._expected_in(step))))
        if most is None and first == step:
            return Fraction(to_grain(WIDE.subtract(reads, 1)))
        forever = self.share_longer(first) * Fraction(reads)
        part = 1 if most is None else 1 - self.share_longer(step * most)
        return Fraction(money.rounded(forever * part, money.GRAIN))

    def mean_hours_up_to(self, most: timedelta) -> Fraction:
        """(1 - e^(-rate x most)) / rate."""
        return (1 - self.share_longer(most)) / self.rate

    def late_without_refresh(self, ttl: timedelta) -> Fraction:
        """A query misses iff a cycle of write and hits begins with it; cycle j has begun by the last query with
        Pr(Poisson(j x rate x ttl) <= N-1-j), summed over the later ones, j = 1 .. N-1."""
        load, last = self._expected_in(ttl), self.queries - 1
        late = sum((Fraction(up_to(j * load, last - j)[0]) for j in range(1, self.queries)), Fraction(0))
        return Fraction(money.rounded(late / last, money.GRAIN))

    def first(self, before: timedelta, _: timedelta = NOW) -> Decimal:
        """The chance that the first query has come earlier."""
        return Decimal(1)

    def later(self, before: timedelta, than: timedelta = NOW) -> Decimal:
        """Mean number of the later queries that come earlier, after a pause longer than a time t.

        Pr(gap k > t and query k before b) = e^(-rate x t) Pr(query k before b - t), since what is left of a long gap
        is a gap again. Of m later queries min(P, m) come before an instant, P a Poisson number.
        """
        if self.queries < 2 or before <= than:
            return Decimal(0)
        come = least(self._expected_in(before - than), self.queries - 1)
        return to_grain(WIDE.multiply(exp(-self._expected_in(than)), come))

    def followed(self, before: timedelta, after: timedelta) -> Decimal:
        """Mean number of the queries that another one follows, longer than t later, where this time ends earlier.

        The first such time ends at t, and each later query but the last has one: e^(-rate x t) (1 + E min(P, N-2)),
        P the Poisson number before b - t.
        """
        if before <= after:
            return Decimal(0)
        come = least(self._expected_in(before - after), self.queries - 2)
        return to_grain(WIDE.multiply(exp(-self._expected_in(after)), WIDE.add(1, come)))

    def third(self, before: timedelta, cut: timedelta) -> Decimal:
        """Mean number of the queries from the third on that come earlier, after pauses from which `cut` can be cut.

        Those before b - cut, from which the second query has to be taken.
        """
        if before <= cut or self.queries < 3:
            return Decimal(0)
        mean = self._expected_in(before - cut)
        come = WIDE.subtract(least(mean, self.queries - 1), WIDE.subtract(1, exp(-mean)))
        return to_grain(WIDE.multiply(exp(-self._expected_in(cut)), come))

    def standing(self, idle: timedelta, before: timedelta) -> Fraction:
        """Mean hours before an instant for which a cache stands that is deleted when idle for so long.

        It stands until T, and at a later moment iff a query came within T and not all had come before that; so
        min(b, T) + (1 - e^(-rate x T)) E min(P, N-1) / rate, P the Poisson number before b - T.
        """
        if before <= idle:
            return hours(before)
        come = least(self._expected_in(before - idle), self.queries - 1)
        alive = WIDE.subtract(1, exp(-self._expected_in(idle)))
        return hours(idle) + Fraction(to_grain(WIDE.multiply(alive, come))) / self.rate

    def reach(self) -> timedelta:
        """By when all queries have come, but for less than the last decimal that is kept.

        A Chernoff bound, for a power of two of queries, so that fewer calendars are worked out.
        """
        many = 1 << (self.queries - 1).bit_length()
        longest = (many + 12 * (isqrt(many) + 1) + 150) / self.rate
        return min(LONGEST, timedelta(hours=int(longest) + 1)) if longest < hours(LONGEST) else LONGEST


def least(mean: Fraction, most: int) -> Decimal:
    """E min(P, most) of a Poisson number P: mean x Pr(P <= most-2) + most x Pr(P >= most)."""
    fewer, here = up_to(mean, most - 1)
    below = WIDE.multiply(decimal(mean), WIDE.subtract(fewer, here))
    return WIDE.add(below, WIDE.multiply(Decimal(most), WIDE.subtract(1, fewer)))


def up_to(mean: Fraction, most: int) -> tuple[Decimal, Decimal]:
    """Pr(P <= most) and Pr(P = most) of a Poisson number P."""
    if most < 0 or not mean:
        return Decimal(most >= 0), Decimal(most == 0)
    load, none = decimal(mean), exp(-mean)
    if most <= _FEW:
        total = Decimal(0)
        for each in _inverse_factorials(most):  # Horner's rule
            total = WIDE.fma(total, load, each)
        here = WIDE.multiply(WIDE.power(load, most), _inverse_factorials(most)[0])
        return WIDE.multiply(none, total), WIDE.multiply(none, here)
    power = WIDE.subtract(WIDE.multiply(WIDE.ln(load), most), load)
    here = WIDE.exp(WIDE.subtract(power, _log_factorial(most)))
    return _summed_to(here, load, most), here


def _summed_to(here: Decimal, load: Decimal, place: int) -> Decimal:
    """Pr(P <= place) from Pr(P = place), summed on the side on which the terms fall."""
    term, total, step = here, Decimal(0), place
    if load > place:
        while term > _NOTHING:
            total = WIDE.add(total, term)
            term, step = WIDE.divide(WIDE.multiply(term, step), load), step - 1
        return total
    while term > _NOTHING:
        step += 1
        term = WIDE.divide(WIDE.multiply(term, load), step)
        total = WIDE.add(total, term)
    return WIDE.subtract(1, total)


@lru_cache(maxsize=_FEW)
def _inverse_factorials(most: int) -> tuple[Decimal, ...]:
    """1/k! for k = most .. 0, the order in which Horner's rule takes them."""
    inverses = [Decimal(1)]
    for k in range(1, most + 1):
        inverses.append(WIDE.divide(inverses[-1], k))
    return tuple(reversed(inverses))


@lru_cache(maxsize=64)
def _log_factorial(number: int) -> Decimal:
    return WIDE.ln(reduce(WIDE.multiply, range(2, number + 1), Decimal(1)))
