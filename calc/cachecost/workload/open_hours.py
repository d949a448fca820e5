"""Poisson queries inside office hours: the share of pauses, by the world's clock, that are longer than a time.

Open time u passes at the rate of the clock while the office is open. A query at u is followed within t of the clock iff
the next comes within m(u) of open time, m(u) being how much of the t after it is open; so it is not with probability
e^(-rate x m(u)). Between a few edges m is constant, or falls as u rises towards a closing, and over both the density of
the n-th query (Erlang) integrates to sums of Poisson probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise

from .. import hours, money
from ..errors import NoClosedForm
from ..hours import Window
from ..units import HOUR, MICROSECOND
from .arrivals import Law
from .poisson import least, up_to
from .series import WIDE, exp

_PINGS = 50
"""Pings after a query whose shares are summed up."""
_MOST = 20_000
"""Stretches of the days that are summed; more are left to a simulation."""


@dataclass(frozen=True, slots=True)
class OpenPoisson(Law):
    """A Poisson rate per open hour, of so many queries of which the first comes at `start`, inside the hours."""

    window: Window
    start: datetime
    rate: Fraction
    queries: int

    def share_longer(self, than: timedelta) -> Fraction:
        return _share_longer(self.window, self.start, self.rate, self.queries, than)

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        if most is None or most > _PINGS:
            raise NoClosedForm
        return Law.expected_pings(self, first, step, most)

    def share_of_pairs(self, first: timedelta, than: timedelta | None) -> Fraction:
        raise NoClosedForm


@lru_cache(maxsize=4096)
def _share_longer(window: Window, start: datetime, rate: Fraction, queries: int, than: timedelta) -> Fraction:
    """Mean over the N - 1 pauses: the first begins at u = 0, the others with queries 2 .. N-1."""
    length, later = than // MICROSECOND, queries - 2

    def expected_in(opened: int) -> Fraction:
        return rate * opened / HOUR

    @cache
    def arrived(u: int) -> tuple[Decimal, Decimal]:
        """E min(P, later), which is how many of the queries 1 .. `later` came by then, and Pr(1 <= P <= later)."""
        mean = expected_in(u)
        return least(mean, later), WIDE.subtract(up_to(mean, later)[0], exp(-mean))

    found = Decimal(0)
    enough = int(Fraction(later + 16 * int((later + 9) ** 0.5) + 120) / rate * HOUR)
    for number, (low, high, open_after, falls) in enumerate(_pieces(window, start, length, enough)):
        if number > _MOST:
            raise NoClosedForm
        if not low:
            found = WIDE.add(found, exp(-expected_in(open_after)))
        if not later:
            break
        (mean_low, mass_low), (mean_high, mass_high) = arrived(low), arrived(high)
        alone = exp(-expected_in(open_after - (high - low) * falls))
        if falls:
            # The chance of none until the closing grows by e^(rate x u) while the density of the query falls by it.
            share = WIDE.subtract(mass_high, WIDE.multiply(mass_low, exp(-expected_in(high - low))))
        else:
            share = WIDE.subtract(mean_high, mean_low)
        found = WIDE.add(found, WIDE.multiply(alone, share))
    return Fraction(money.rounded(Fraction(found) / (queries - 1), money.GRAIN))


def _pieces(window: Window, start: datetime, length: int, enough: int) -> Iterator[tuple[int, int, int, bool]]:
    """(from u, to u, open time within `length` of the clock after its beginning, whether that falls by as much as u
    rises), in microseconds, until `enough` open time has passed."""
    opened = _Open(window, start)
    place, low = 0, 0
    while low < enough:
        begins, ends = opened.span(place)
        cuts = {begins, ends}
        other = place
        while opened.span(other)[0] <= ends + length:
            cuts |= {edge - length for edge in opened.span(other) if begins < edge - length < ends}
            other += 1
        for one, two in pairwise(sorted(cuts)):
            reached = opened.until(one + length)
            stands = opened.until(two + length) == reached
            yield low, low + two - one, reached - low, stands
            low += two - one
        place += 1


class _Open:
    """The openings as far as they were asked for, in microseconds after the start, and the open time before each."""

    def __init__(self, window: Window, start: datetime) -> None:
        self.start = start
        self.openings = hours.spans(window, start)
        self.spans: list[tuple[int, int]] = []
        self.before: list[int] = []
        self.reached = 0

    def span(self, place: int) -> tuple[int, int]:
        while place >= len(self.spans):
            begin, end = (instant - self.start for instant in hours.following(self.openings))
            self.before.append(sum(self.last()) if self.spans else 0)
            self.spans.append((begin // MICROSECOND, end // MICROSECOND))
        return self.spans[place]

    def last(self) -> tuple[int, int]:
        """Open time before the last known opening, and its length."""
        begin, end = self.spans[-1]
        return self.before[-1], end - begin

    def until(self, moment: int) -> int:
        """Open time before a moment; moments rise but for the length of one opening."""
        while self.reached and self.span(self.reached)[0] > moment:
            self.reached -= 1
        while self.span(self.reached + 1)[0] <= moment:
            self.reached += 1
        begin, end = self.spans[self.reached]
        return self.before[self.reached] + max(0, min(moment, end) - begin)
