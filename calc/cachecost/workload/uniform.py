"""Queries at random in a window: N independent uniform times, the smallest of which is the first.

Their spacings are exchangeable, so that any k of them are longer than t1 .. tk with probability
(1 - (t1 + .. + tk) / window)^N (Pyke, "Spacings", 1965).
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import factorial

from .. import money
from ..units import MICROSECOND, hours
from .arrivals import NOW, Law
from .series import WIDE, decimal, to_grain

FEW_TERMS = 40
"""Terms of a sum that are added one by one."""


@lru_cache(maxsize=1)
def _bernoulli() -> list[Fraction]:
    """B_2j / (2j)! for j up to 20: coefficients of x/(e^x - 1), each found from those before it."""
    coefficients = [Fraction(1)]
    for degree in range(1, 41):
        known = (each / factorial(degree + 1 - place) for place, each in enumerate(coefficients))
        coefficients.append(-sum(known, Fraction(0)))
    return coefficients[2::2]


@dataclass(frozen=True, slots=True)
class Random(Law):
    """So many queries in a window of some length."""

    window: timedelta
    queries: int

    @property
    def longest_pause(self) -> timedelta:
        return self.window

    def _none(self, length: timedelta, queries: int | None = None, window: timedelta | None = None) -> Decimal:
        """The chance that none of so many (all) comes within a length of a window (the whole)."""
        return _none_of(self.queries if queries is None else queries, length, window or self.window)

    def _expected_in(self, length: timedelta, window: timedelta) -> Decimal:
        return decimal(Fraction(length // MICROSECOND * self.queries, window // MICROSECOND))

    def share_longer(self, than: timedelta) -> Fraction:
        return Fraction(to_grain(self._none(than)))

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        """The sum of (1 - (first + k step)/W)^N, a polynomial in k. Where it falls slowly and so has many terms, it is
        the integral and the corrections of Euler and Maclaurin, which end with the degree of the polynomial and shrink
        by a factor of 150 or more each: https://dlmf.nist.gov/2.10#E1"""
        terms = max(0, (self.window - first - timedelta.resolution) // step + 1)
        terms = terms if most is None else min(most, terms)
        if terms < FEW_TERMS or 2 * self.queries * step > self.window:
            return Law.expected_pings(self, first, step, most)
        n, fall = self.queries, decimal(Fraction(step // MICROSECOND, self.window // MICROSECOND))
        ends = [
            decimal(1 - Fraction(at // MICROSECOND, self.window // MICROSECOND))
            for at in (first, first + step * (terms - 1))
        ]
        begin, end = (WIDE.power(each, n) for each in ends)
        whole = WIDE.subtract(WIDE.multiply(begin, ends[0]), WIDE.multiply(end, ends[1]))
        total = WIDE.add(WIDE.divide(whole, WIDE.multiply(fall, n + 1)), WIDE.divide(WIDE.add(begin, end), 2))
        factor = Decimal(1)
        for order, bernoulli in enumerate(_bernoulli(), start=1):
            done = 2 * order - 1  # f(k)'s derivative of this order is -(step/W)^done N!/(N-done)! (...)^(N-done)
            if done > n:
                break
            for lost in range(max(0, done - 2), done):
                factor = WIDE.multiply(factor, WIDE.multiply(fall, n - lost))
            fallen = WIDE.subtract(WIDE.power(ends[0], n - done), WIDE.power(ends[1], n - done))
            total = WIDE.add(total, WIDE.multiply(WIDE.multiply(decimal(bernoulli), factor), fallen))
        return Fraction(to_grain(total))

    def share_of_pairs(self, first: timedelta, than: timedelta | None) -> Fraction:
        after = than or NOW
        return Fraction(to_grain(WIDE.subtract(self._none(after), self._none(first + after))))

    def mean_hours_up_to(self, most: timedelta) -> Fraction:
        """window / (N+1) x (1 - (1 - most/window)^(N+1)), the integral of the share longer."""
        rest = max(Fraction(0), 1 - Fraction(most // MICROSECOND, self.window // MICROSECOND))
        mean = hours(self.window) * (1 - rest ** (self.queries + 1)) / (self.queries + 1)
        return Fraction(money.rounded(mean, money.GRAIN))

    def first(self, before: timedelta, _: timedelta = NOW) -> Decimal:
        return to_grain(WIDE.subtract(1, self._none(before)))

    def later(self, before: timedelta, than: timedelta = NOW) -> Decimal:
        """A query at x has such a pause iff none came in [x - t, x) and some did before that; over the window W this
        makes N (b-t)/W (1-t/W)^(N-1) - ((1-t/W)^N - (1-b/W)^N)."""
        before = min(before, self.window)
        if self.queries < 2 or before <= than:
            return Decimal(0)
        alone = self._none(than, self.queries - 1)
        opening = WIDE.subtract(self._none(than), self._none(before))
        return to_grain(WIDE.subtract(WIDE.multiply(self._expected_in(before - than, self.window), alone), opening))

    def followed(self, before: timedelta, after: timedelta) -> Decimal:
        """A query at x has such a time iff none comes in (x, x + t] and not all others came before x:
        N (b-t)/W (1-t/W)^(N-1) - ((b-t)/W)^N."""
        ends = min(before, self.window) - after
        if ends <= NOW:
            return Decimal(0)
        alone = self._none(after, self.queries - 1)
        come = WIDE.multiply(self._expected_in(ends, self.window), alone)
        return to_grain(WIDE.subtract(come, self._none(self.window - ends)))

    def third(self, before: timedelta, cut: timedelta) -> Decimal:
        """With V = W - cut left of the window and x = b - cut: N x/V - Pr(one or more) - Pr(two or more), all times
        (V/W)^N."""
        window, length = self.window - cut, min(before, self.window) - cut
        if length <= NOW or self.queries < 3:
            return Decimal(0)
        here = self._expected_in(length, window)
        none = self._none(length, window=window)
        one = WIDE.multiply(here, self._none(length, self.queries - 1, window))
        come = WIDE.add(WIDE.subtract(here, 2), WIDE.add(WIDE.multiply(2, none), one))
        return to_grain(WIDE.multiply(self._none(cut), come))

    def standing(self, idle: timedelta, before: timedelta) -> Fraction:
        """It stands iff one of N came within T, up to T after the window W: with F(x) = (1 - (1-x/W)^(N+1)) W/(N+1),
        the integral of (1-x/W)^N, it is b - F(b) up to T, then T - F(T) + (b-T) (1 - (1-T/W)^N), then the mirror of the
        beginning."""
        window = self.window
        before, brim = min(before, window + idle), min(idle, window)
        start = self._opened(min(before, brim))
        flat = max(NOW, min(before, max(window, idle)) - brim)
        middle = hours(flat) * Fraction(WIDE.subtract(1, self._none(brim)))
        rest = min(brim, window + idle - before)
        return Fraction(money.rounded(start + middle + self._opened(brim) - self._opened(rest), money.GRAIN))

    def _opened(self, until: timedelta) -> Fraction:
        """Mean hours from the first query to a time in the window: the integral of 1 - (1-x/W)^N."""
        none = self._none(until, self.queries + 1)
        return hours(until) - hours(self.window) * Fraction(WIDE.subtract(1, none)) / (self.queries + 1)

    def reach(self) -> timedelta:
        return self.window


@lru_cache(maxsize=4096)
def _none_of(queries: int, length: timedelta, window: timedelta) -> Decimal:
    whole = window // MICROSECOND
    return WIDE.power(WIDE.divide(Decimal(max(0, whole - length // MICROSECOND)), Decimal(whole)), queries)
