"""Office hours: queries that come only in some hours of the week, as instants of the world's clock.

Time is counted while the office is open alone; its hours are those of a zone, so that a day on which clocks change
has its own. A query that falls on the minute of closing comes at the next opening.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from ..errors import BadWorkload
from ..hours import Window, following, opening, spans
from ..units import HOUR, MICROSECOND
from .series import LONGEST


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
