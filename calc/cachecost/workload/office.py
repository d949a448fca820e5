"""Office hours: queries that come only in some hours of the week, as instants of the world's clock.

Time is counted while the office is open alone; its hours are those of a zone, so that a day on which clocks change
has its own. A query that falls on the minute of closing comes at the next opening.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from ..errors import BadWorkload
from ..hours import Window, following, opening, spans
from ..units import HOUR


class Office(NamedTuple):
    """Hours as they were asked for, the open time from one query to the next, expected where they come at random, and
    the Poisson rate per open hour, None where they come evenly."""

    text: str
    window: Window
    every: timedelta
    rate: Fraction | None = None


class Pace(NamedTuple):
    """How queries come while the office is open: one `every` so often, evenly `over` a time, or at a `rate`."""

    every: timedelta | None
    over: timedelta | None
    rate: Fraction | None
    arrivals: str


def inside(text: str, pace: Pace, queries: int, start: datetime) -> tuple[Office, list[datetime]]:
    """So many queries in these hours, the first when the office is open from `start` on, and their instants."""
    every, over, rate, arrivals = pace
    said = [each for each in (every, over, rate) if each is not None]
    if len(said) != 1 or arrivals not in ("even", "poisson") or (arrivals == "poisson" and rate is None):
        raise BadWorkload(
            "say how queries come in open hours, evenly (every, over or rate) or poisson at a rate", word="office"
        )
    if over is not None:
        offsets = [over * k // max(1, queries - 1) for k in range(queries)]
        every = over // max(1, queries - 1)
    elif rate:
        offsets = [timedelta(microseconds=int(k * HOUR / rate)) for k in range(queries)]
        every = timedelta(microseconds=int(HOUR / rate))
    else:
        offsets = [(every or timedelta(0)) * k for k in range(queries)]
    window = opening(text)
    office = Office(" ".join(text.split()), window, every or timedelta(0), rate if arrivals == "poisson" else None)
    return office, instants(window, start, offsets)


def instants(window: Window, start: datetime, offsets: Iterable[timedelta]) -> list[datetime]:
    """The instants of the world's clock at which so much open time has passed since the first opening; offsets rise."""
    openings = spans(window, start.astimezone(UTC))
    found: list[datetime] = []
    passed, (begin, end) = timedelta(0), following(openings)
    for offset in offsets:
        while offset - passed >= end - begin:
            passed += end - begin
            begin, end = following(openings)
        found.append(begin + (offset - passed))
    return found
