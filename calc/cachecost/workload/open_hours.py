"""Poisson queries inside office hours: the share of pauses, by the world's clock, that are longer than a time.

Open time u passes at the rate of the clock while the office is open. A query at u is followed within t of the clock iff
the next comes within m(u) of open time, m(u) being how much of the t after it is open; so it is not with probability
e^(-rate x m(u)). Between a few edges m is constant, or falls as u rises towards a closing, and over both the density of
the n-th query (Erlang) integrates to sums of Poisson probabilities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise

from .. import money
from ..errors import NoClosedForm
from ..hours import Window
from ..units import HOUR, MICROSECOND
from .arrivals import Law
from .office import Openings
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

    total = Decimal(0)
    enough = int(Fraction(later + 16 * int((later + 9) ** 0.5) + 120) / rate * HOUR)
    for number, (low, high, open_after, falls) in enumerate(_pieces(window, start, length, enough)):
        if number > _MOST:
            raise NoClosedForm
        if not low:
            total = WIDE.add(total, exp(-expected_in(open_after)))
        if not later:
            break
        (mean_low, mass_low), (mean_high, mass_high) = arrived(low), arrived(high)
        alone = exp(-expected_in(open_after - (high - low) * falls))
        if falls:
            # The chance of none until the closing grows by e^(rate x u) while the density of the query falls by it.
            share = WIDE.subtract(mass_high, WIDE.multiply(mass_low, exp(-expected_in(high - low))))
        else:
            share = WIDE.subtract(mean_high, mean_low)
        total = WIDE.add(total, WIDE.multiply(alone, share))
    return Fraction(money.rounded(Fraction(total) / (queries - 1), money.GRAIN))


def _pieces(window: Window, start: datetime, length: int, enough: int) -> Iterator[tuple[int, int, int, bool]]:
    """(from u, to u, open time within `length` of the clock after its beginning, whether that falls by as much as u
    rises), in microseconds, until `enough` open time has passed.

    An edge of an opening that is `length` after a query changes what is open within that length, so each opening is cut
    `length` before every later edge.
    """
    openings = Openings(window, start)
    place, low = 0, 0
    while low < enough:
        openings.know(open_time=low)
        begins, ends = openings.begins[place], openings.ends[place]
        openings.know(moment=ends + length)
        edges = (edge - length for edge in (*openings.begins[place:], *openings.ends[place:]))
        for one, two in pairwise(sorted({begins, ends, *(edge for edge in edges if begins < edge < ends)})):
            reached = openings.open_time(one + length)
            falls = openings.open_time(two + length) == reached
            yield low, low + two - one, reached - low, falls
            low += two - one
        place += 1
