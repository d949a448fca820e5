"""Hours of some weekdays in one zone, with days on which they do not count: when dear or cheap hours are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
        """Instants inside (start, end) at which the window may open or close."""
        zone = ZoneInfo(self.zone)
        day, last = start.astimezone(zone).date() - timedelta(1), end.astimezone(zone).date() + timedelta(1)
        found = []
        while day <= last:
            for hour in {hour for pair in self.hours for hour in pair} | {time(0)}:
                instant = datetime.combine(day, hour, zone).astimezone(start.tzinfo)
                if start < instant < end:
                    found.append(instant)
            day += timedelta(1)
        return found


def _within(now: time, begin: time, end: time) -> bool:
    if begin < end:
        return begin <= now < end
    return now >= begin or now < end
