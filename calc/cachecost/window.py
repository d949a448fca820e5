"""Hours of some weekdays in one zone, with days on which they do not count: when dear or cheap hours are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .errors import NotInForce
from .quantities import show_instant


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of some weekdays in one zone, during which a row replaces its standing row. Half-open."""

    hours: tuple[tuple[time, time], ...]
    days: frozenset[int]
    zone: str
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in the window; hours past midnight belong to the day on which they begin."""
        try:
            local = at.astimezone(ZoneInfo(self.zone))
        except OverflowError:
            raise NotInForce(f"{show_instant(at)} is no day in {self.zone}; expected a nearer one") from None
        return any(
            self._day(local.date()) if begin <= local.time() else self._day(local.date() - timedelta(1))
            for begin, end in self.hours
            if _within(local.time(), begin, end)
        )

    def _day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.closed_on

    def edges(self, start: datetime, end: datetime) -> list[datetime]:
        """Instants inside (start, end) at which the window may open or close: its hours, each twice where clocks show
        it twice, and the moments at which clocks are changed."""
        zone = ZoneInfo(self.zone)
        hours = {hour for pair in self.hours for hour in pair} | {time(0)}
        day, last = start.astimezone(zone).date() - timedelta(1), end.astimezone(zone).date() + timedelta(1)
        found = set[datetime]()
        while day <= last:
            first, then = (datetime.combine(each, time(0), zone).astimezone(UTC) for each in (day, day + timedelta(1)))
            changed = first.astimezone(zone).utcoffset() != then.astimezone(zone).utcoffset()
            found |= {datetime.combine(day, hour, zone).astimezone(UTC) for hour in hours}
            if changed:
                found |= {datetime.combine(day, hour.replace(fold=1), zone).astimezone(UTC) for hour in hours}
                found.add(_jump(first, then, zone))
            day += timedelta(1)
        return [instant.astimezone(start.tzinfo) for instant in sorted(found) if start < instant < end]


def _jump(first: datetime, then: datetime, zone: ZoneInfo) -> datetime:
    """The second between two instants from which the zone's clocks are set as at the later one."""
    before = first.astimezone(zone).utcoffset()
    low, high = 0, int((then - first).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = (first + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return first + timedelta(seconds=high)


def _within(now: time, begin: time, end: time) -> bool:
    if begin < end:
        return begin <= now < end
    return now >= begin or now < end
