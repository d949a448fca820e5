"""Office hours: queries that come only in some hours of the week, as instants of the world's clock.

Time is counted while the office is open alone; its hours are those of a zone, so that a day on which clocks change
has its own. A query that falls on the minute of closing comes at the next opening.

At a Poisson rate open time u passes at the rate of the clock while the office is open. A query at u is followed within
t of the clock iff the next comes within m(u) of open time, m(u) being how much of the t after it is open; so it is not
with probability e^(-rate x m(u)). Between a few edges m is constant, or falls as u rises towards a closing, and over
both the density of the n-th query (Erlang) integrates to sums of Poisson probabilities.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, NoClosedForm
from ..hours import Window, following, opening, spans
from ..units import HOUR, MICROSECOND
from .arrivals import Law
from .poisson import least, up_to
from .series import LONGEST, WIDE, exp

_PINGS = 50
"""Pings after a query whose shares are summed up."""
_MOST = 20_000
"""Stretches of the days that are summed; more are left to a simulation."""


class Office(NamedTuple):
    """Hours as they were asked for, the open time from one query to the next, expected where they come at random, and
    the Poisson rate per open hour, None where they come evenly."""

    text: str
    window: Window
    every: timedelta
    rate: Fraction | None = None


class Openings:
    """The openings from an instant on, as far as they were asked for, in microseconds after it: when each begins and
    ends, and the open time before it."""

    def __init__(self, window: Window, start: datetime) -> None:
        self.start, self._spans = start, spans(window, start)
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.before: list[int] = []

    def know(self, *, moment: int = 0, open_time: int = 0) -> None:
        """Look the openings up until one begins after a moment and so much open time has passed."""
        while not self.begins or self.begins[-1] <= moment or self._total() <= open_time:
            begin, end = ((at - self.start) // MICROSECOND for at in following(self._spans))
            if max(begin, open_time) > LONGEST // MICROSECOND:
                raise BadWorkload(
                    f"the last would come over {LONGEST.days:,} days after the first; ask for fewer or closer ones",
                    word="queries",
                )
            self.before.append(self._total() if self.begins else 0)
            self.begins.append(begin)
            self.ends.append(end)

    def _total(self) -> int:
        return self.before[-1] + self.ends[-1] - self.begins[-1]

    def moment(self, open_time: int) -> int:
        """When so much open time has passed."""
        self.know(open_time=open_time)
        place = bisect_right(self.before, open_time) - 1
        return self.begins[place] + open_time - self.before[place]

    def open_time(self, moment: int) -> int:
        """How much open time has passed at a moment, not before the first opening."""
        self.know(moment=moment)
        place = bisect_right(self.begins, moment) - 1
        return self.before[place] + min(moment, self.ends[place]) - self.begins[place]


def open_time(text: str, start: datetime, length: timedelta) -> timedelta:
    """How much open time there is in a length of time from `start` on."""
    openings = Openings(opening(text), start.astimezone(UTC))
    openings.know()
    last = length // MICROSECOND
    return timedelta(microseconds=openings.open_time(last) if openings.begins[0] < last else 0)


def inside(
    text: str,
    queries: int,
    start: datetime,
    *,
    every: timedelta | None,
    over: timedelta | None,
    rate: Fraction | None,
    arrivals: str,
) -> tuple[Office, list[datetime]]:
    """So many queries in these hours, the first when the office is open from `start` on, and their instants: one
    `every` so much open time, evenly `over` some, or at a `rate` per open hour."""
    paced = (every is not None) + (over is not None) + bool(rate)
    if paced != 1 or arrivals not in ("even", "poisson") or (arrivals == "poisson" and rate is None):
        raise BadWorkload(
            "say how queries come in open hours, evenly (every, over or rate) or poisson at a rate", word="office"
        )
    length = (over or every or timedelta(0)) // MICROSECOND
    step = HOUR / rate if rate else Fraction(length, 1 if over is None else max(1, queries - 1))
    window = opening(text)
    gap = timedelta(microseconds=int(step))
    office = Office(" ".join(text.split()), window, gap, rate if arrivals == "poisson" else None)
    return office, instants(window, start, [int(step * k) for k in range(queries)])


def instants(window: Window, start: datetime, offsets: list[int]) -> list[datetime]:
    """The instants of the world's clock at which so many microseconds of open time have passed since `start`."""
    begin = start.astimezone(UTC)
    openings = Openings(window, begin)
    openings.know(open_time=max(offsets))  # the last first: it may be too far away
    return [begin + timedelta(microseconds=openings.moment(offset)) for offset in offsets]


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
