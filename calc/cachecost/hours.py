"""Hours of some weekdays in one zone: how they are written, and when they are open.

Rows of a price sheet have them (`window`), and so have queries that come in office hours. Both read a day on which
clocks change in the same way: hours begin and end the first time the zone's clock shows that minute, or a later one
where it skips that minute. So 02:30-10:00 is one stretch on every day.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TypeVar

from .errors import BadQuantity, BadWorkload, NotInForce
from .units import show_instant

T = TypeVar("T")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[time, time]
"""Opening and closing time by the clock on the wall; it closes on the next day where that is not later."""
Stretch = tuple[datetime, datetime]
"""[begin, end) in UTC."""
_HOURS = r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)"
_OPENING = "expected hours such as 09:00-17:00, with days before and a zone after: mon-fri 09:00-17:00 Europe/Berlin"
_DAY, _SECOND, _YEAR = timedelta(1), timedelta(seconds=1), timedelta(366)
_LONGEST = 4000
"""Days without an opening after which none is expected any more."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of some weekdays in one zone, half-open, with days on which they do not count. Hours past midnight belong
    to the day on which they begin."""

    hours: tuple[Hours, ...]
    days: frozenset[int]
    zone: str
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in one of the stretches."""
        try:
            stretches = _around(self, at.astimezone(UTC).date())
        except OverflowError:
            raise NotInForce(f"{show_instant(at)} is no day in {self.zone}; expected a nearer one") from None
        return any(begin <= at < end for begin, end in stretches)

    def edges(self, start: datetime, end: datetime) -> list[datetime]:
        """Instants inside (start, end) at which a stretch begins or ends, ascending, in the zone of `start`."""
        stretches = self.stretches(start.astimezone(UTC).date() - 2 * _DAY, end.astimezone(UTC).date() + _DAY)
        edges = {edge for stretch in stretches for edge in stretch if start < edge < end}
        return [edge.astimezone(start.tzinfo) for edge in sorted(edges)]

    def stretches(self, first: date, last: date) -> Iterator[Stretch]:
        """Those that begin on the zone's days from `first` to `last`, in order."""
        for day in (first + number * _DAY for number in range((last - first).days + 1)):
            yield from self.on(day)

    # A replay reads the same days again for each batch of its requests.
    @lru_cache(maxsize=16_384)  # noqa: B019  (windows are values, and live as long as the pages)
    def on(self, day: date) -> tuple[Stretch, ...]:
        """Those that begin on one day of the zone, in order."""
        if day.weekday() not in self.days or day in self.closed_on:
            return ()
        zone = _zone(self.zone)
        stretches = (
            (_first(day, opens, zone), _first(day if closes > opens else day + _DAY, closes, zone))
            for opens, closes in sorted(self.hours)
        )
        return tuple((begin, end) for begin, end in stretches if begin < end)


@lru_cache(maxsize=4096)
def _around(window: Window, day: date) -> tuple[Stretch, ...]:
    """Every stretch that meets a day of UTC: a zone is at most a day ahead or behind, and a stretch ends on the day
    after the one on which it begins."""
    return tuple(window.stretches(day - 2 * _DAY, day + _DAY))


def _first(day: date, shown: time, zone: tzinfo) -> datetime:
    """The first instant, in UTC, at which a zone's clock shows this time of a day, or a later one where it skips it."""
    wall = datetime.combine(day, shown)
    first, other = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= other:
        return first
    # A skipped time: read by the offset before the change it lies after the change, by the offset after it, before.
    return other + _SECOND * bisect_left(
        range((first - other) // _SECOND),
        True,
        key=lambda second: (other + _SECOND * second).astimezone(zone).replace(tzinfo=None) >= wall,
    )


def spans(window: Window, start: datetime) -> Iterator[Stretch]:
    """Every stretch from an instant on, one after another, those that touch made one of at most about a year."""
    latest: Stretch | None = None
    for begin, end in _from(window, start.astimezone(UTC).date() - 2 * _DAY):
        begin = max(begin, start)
        if end <= start:
            continue
        if latest and begin <= latest[1]:
            if latest[1] - latest[0] < _YEAR:
                latest = latest[0], max(end, latest[1])
                continue
            begin, end = latest[1], max(end, latest[1])
        if latest:
            yield latest
        latest = begin, end
    if latest:
        yield latest


def _from(window: Window, day: date) -> Iterator[Stretch]:
    barren = 0
    while barren < _LONGEST and day.year < 9000:
        stretches = window.on(day)
        barren = 0 if stretches else barren + 1
        yield from stretches
        day += _DAY


def following(openings: Iterator[Stretch]) -> Stretch:
    """The next of the `spans` of office hours. BadWorkload where there is none."""
    opening = next(openings, None)
    if opening is None:
        raise BadWorkload("these hours are never open; expected hours of days that come", word="office")
    return opening


def opening(text: str) -> Window:
    """`09:00-12:00,13:00-17:00`, `mon-fri 09:00-17:00 Europe/Berlin`; every day and UTC where nothing is said."""
    parts = text.split()
    days = frozenset(range(7))
    if parts and not parts[0][0].isdigit():
        days = _part("are no days of the week", weekdays, parts.pop(0).lower())
    if not parts or len(parts) > 2:
        raise BadQuantity(f"{text!r} are no office hours: {_OPENING}")
    hours = tuple(_part("are no hours of a day", hours_of_day, part) for part in parts[0].split(","))
    return Window(hours, days, _part("is no zone", zone_name, parts[1]) if len(parts) == 2 else "UTC")


def _part(refusal: str, read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except BadQuantity as error:
        raise BadQuantity(f"{text!r} {refusal}; {error}") from None


def hours_of_day(text: str) -> Hours:
    """`16:30-00:30`, `00:00-24:00`. BadQuantity says what was expected."""
    match = re.fullmatch(_HOURS, text)
    if not match:
        raise BadQuantity("expected hours from 00:00 to 24:00 such as 16:30-00:30, or a list of them")
    hour, minute, end_hour, end_minute = map(int, match.groups("0"))
    begin, end = time(hour, minute), time(end_hour, end_minute)
    if begin == end and text != "00:00-24:00":
        raise BadQuantity("a window cannot begin and end at the same minute (the whole day is 00:00-24:00)")
    return begin, end


def weekdays(text: str) -> frozenset[int]:
    """`mon-fri`, `sat,sun`, `fri-mon`: Monday is 0. BadQuantity says what was expected."""
    days: set[int] = set()
    for part in text.split(","):
        ends = part.strip().split("-")
        if len(ends) > 2 or not set(ends) <= set(DAYS):
            raise BadQuantity(f"expected weekdays such as mon-fri or sat,sun ({', '.join(DAYS)})")
        begin, end = DAYS.index(ends[0]), DAYS.index(ends[-1])
        days |= {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}
    return frozenset(days)


def zone_name(text: str) -> str:
    """The name of a zone that this machine knows. BadQuantity says what was expected."""
    _zone(text)
    return text


def _zone(name: str) -> tzinfo:
    """A zone by its name; UTC needs no time zone data."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, available_timezones  # most sheets have no hours

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        if not available_timezones():
            raise BadQuantity(f"time zone data is missing, which {name} needs: pip install tzdata") from None
        raise BadQuantity("expected a zone such as UTC or Asia/Shanghai") from None
