"""Office hours: queries that come only while somebody is at work, told as instants of the world's clock.

Time is counted while the office is open alone; its hours are those of a zone, so that a day on which clocks change
has its own. A query that falls on the minute of closing comes at the next opening.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .errors import BadQuantity, BadWorkload
from .window import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXPECTED = "expected hours such as 09:00-17:00, with days before and a zone after: mon-fri 09:00-17:00 Europe/Berlin"
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
_HOUR = 3_600_000_000
_YEAR = timedelta(366)
"""An office that never closes is told year by year."""
_LONGEST = 4000
"""Days without an opening after which none is expected any more."""


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
            "office: say how queries come in open hours, evenly (every, over or rate) or poisson at a rate"
        )
    if over is not None:
        offsets = [over * k // max(1, queries - 1) for k in range(queries)]
        every = over // max(1, queries - 1)
    elif rate:
        offsets = [timedelta(microseconds=int(k * _HOUR / rate)) for k in range(queries)]
        every = timedelta(microseconds=int(_HOUR / rate))
    else:
        offsets = [(every or timedelta(0)) * k for k in range(queries)]
    window = opening(text)
    office = Office(" ".join(text.split()), window, every or timedelta(0), rate if arrivals == "poisson" else None)
    return office, instants(window, start, offsets)


def opening(text: str) -> Window:
    """`09:00-12:00,13:00-17:00`, `mon-fri 09:00-17:00 Europe/Berlin`; every day and UTC where nothing is said."""
    parts = text.split()
    days = frozenset(range(7)) if not parts or _HOURS.match(parts[0]) else _days(parts.pop(0))
    if not parts or len(parts) > 2:
        raise BadQuantity(f"{text!r} are no office hours: {_EXPECTED}")
    hours = tuple(_hours(part) for part in parts[0].split(","))
    zone = parts[1] if len(parts) == 2 else "UTC"
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):
        raise BadQuantity(f"{zone!r} is no zone; expected a name such as Europe/Berlin or UTC") from None
    return Window(hours, days, zone)


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise BadQuantity(f"{part!r} are no days of the week; {_EXPECTED}")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}
    return frozenset(found)


def _hours(text: str) -> tuple[time, time]:
    match = _HOURS.fullmatch(text)
    if not match:
        raise BadQuantity(f"{text!r} are no hours of a day; {_EXPECTED}")
    hour, minute, end_hour, end_minute = match.groups("0")
    return time(int(hour), int(minute)), time(int(end_hour), int(end_minute))


def spans(window: Window, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every opening from an instant on, [begin, end) in UTC, one after another, those that touch made one."""
    held: tuple[datetime, datetime] | None = None
    for begin, end in _openings(window, start):
        begin = max(begin, start)
        if end <= start:
            continue
        if held and begin <= held[1]:
            if held[1] - held[0] < _YEAR:
                held = held[0], max(end, held[1])
                continue
            begin, end = held[1], max(end, held[1])
        if held:
            yield held
        held = begin, end
    if held:
        yield held


def _openings(window: Window, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(window.zone)
    day, barren = start.astimezone(zone).date() - timedelta(1), 0
    while barren < _LONGEST and day.year < 9000:
        barren += 1
        if day.weekday() in window.days and day not in window.closed_on:
            for opens, closes in sorted(window.hours):
                last = day if closes > opens else day + timedelta(1)
                begin = datetime.combine(day, opens, zone).astimezone(UTC)
                end = datetime.combine(last, closes, zone).astimezone(UTC)
                if end > begin:
                    barren = 0
                    yield begin, end
        day += timedelta(1)


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


def following(openings: Iterator[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    found = next(openings, None)
    if found is None:
        raise BadWorkload("office: these hours are never open; expected hours of days that come")
    return found
