"""When which rates of a price sheet hold: stretches of time over which every request of one size pays the same.

A stretch is told by the card in force and by which of its windows (night or peak hours) are open. Both are packed into
one whole number, the epoch, that depends on the sheet alone and not on the log, so that sums made apart can be merged.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ..errors import NotInForce, NotSold
from ..hours import Window
from ..prices.card import SERVICE, RateCard, Row
from ..prices.sheet import PriceSheet
from ..units import show_instant

_MICROSECOND = timedelta(microseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1) // _MICROSECOND, timedelta(days=1) // _MICROSECOND
_WINDOWS = 16
"""Room for the open windows of a card in the low bits of an epoch: four of them, two more than any page has."""


def microseconds(at: datetime) -> int:
    """An instant with a zone as whole microseconds since 1970-01-01 UTC."""
    return (at - _START) // _MICROSECOND


def instant(at: int) -> datetime:
    """The instant so many microseconds after 1970-01-01 UTC."""
    return _START + at * _MICROSECOND


class Step(NamedTuple):
    """A row of a card and the sizes that it is for, both ends inclusive; None has no end."""

    row: int
    low: int
    high: int | None
    output_low: int
    output_high: int | None

    def fits(self, prompt: int, output: int) -> bool:
        return (
            self.low <= prompt
            and (self.high is None or prompt <= self.high)
            and self.output_low <= output
            and (self.output_high is None or output <= self.output_high)
        )


class Epochs:
    """The stretches of one sheet. Times are whole microseconds since 1970 UTC."""

    def __init__(self, sheet: PriceSheet) -> None:
        self.sheet = sheet
        self.cards = tuple(card for card in sheet.cards if card.status != "cancelled")
        self.starts = [microseconds(card.effective) for card in self.cards]
        self._windows = [_windows(card) for card in self.cards]
        self._days: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        self._steps: dict[tuple[int, str, bool], tuple[Step, ...]] = {}
        self._latest = (1, 0, 0)

    def at(self, time: int) -> int:
        """The epoch of an instant; NotInForce before the first card."""
        begin, end, epoch = self._latest
        if begin <= time < end:
            return epoch
        card = bisect_right(self.starts, time) - 1
        if card < 0:
            raise NotInForce(
                f"{self.sheet.id} has no rates at {show_instant(instant(time))}: "
                f"its first card begins {show_instant(self.cards[0].effective)}; ask for that day or a later one"
            )
        if not self._windows[card]:
            end = self.starts[card + 1] if card + 1 < len(self.starts) else time + DAY
            self._latest = (self.starts[card], end, card * _WINDOWS)
            return card * _WINDOWS
        starts, epochs = self._day(card, time // DAY)
        return epochs[bisect_right(starts, time) - 1]

    def between(self, start: int, end: int) -> tuple[list[int], list[int]]:
        """The stretches that meet [start, end]: where each begins (the first at `start`), and its epoch."""
        edges = {start, *(begin for begin in self.starts if start < begin <= end)}
        for card, windows in enumerate(self._windows):
            first = max(start, self.starts[card])
            last = min(end + 1, self.starts[card + 1]) if card + 1 < len(self.starts) else end + 1
            for window in windows if first < last else ():
                edges |= set(map(microseconds, window.edges(instant(first), instant(last))))
        begins: list[int] = []
        epochs: list[int] = []
        for begin in sorted(edges):
            if not epochs or self.at(begin) != epochs[-1]:
                begins.append(begin)
                epochs.append(self.at(begin))
        return begins, epochs

    @property
    def name(self) -> str:
        """What keys call this sheet: its id, with the region where a name of the model stands for one."""
        return f"{self.sheet.id}[{self.sheet.region}]" if self.sheet.region else self.sheet.id

    def card(self, epoch: int) -> RateCard:
        return self.cards[epoch // _WINDOWS]

    def steps(self, epoch: int, service: str, thinking: bool = False) -> tuple[Step, ...]:
        """The rows that a service has in an epoch: the first that fits a request prices it. NotSold without any."""
        asked = (epoch, service, thinking)
        if asked not in self._steps:
            self._steps[asked] = self._find_steps(*asked)
        return self._steps[asked]

    def row(self, epoch: int, service: str, prompt: int, output: int, thinking: bool = False) -> int:
        """The place in its card of the row that prices a request; NotSold where the row says that it is not sold."""
        card = self.card(epoch)
        for step in self.steps(epoch, service, thinking):
            if step.fits(prompt, output):
                row = card.rows[step.row]
                if row.not_sold:
                    what = f"service {service!r} for a prompt of {prompt:,} tokens"
                    raise NotSold(f"{what} is not sold: {row.not_sold}")
                return step.row
        raise NotSold(f"{self.sheet.version(card)} has no row for a prompt of {prompt:,} tokens in service {service!r}")

    def _find_steps(self, epoch: int, service: str, thinking: bool) -> tuple[Step, ...]:
        card, windows = self.card(epoch), self._windows[epoch // _WINDOWS]
        if service not in card.services():
            message = f"service {service!r} is not sold; this card sells {', '.join(card.services())}"
            raise self.sheet.explained(NotSold(message, (SERVICE, service)), card)
        fitting = [
            (place, row)
            for place, row in enumerate(card.rows)
            if row.service == service and row.thinking in (None, thinking) and _open(row, windows, epoch % _WINDOWS)
        ]
        fitting.sort(key=lambda found: found[1].window is None)
        return tuple(
            Step(place, row.prompt.low, row.prompt.high, row.output.low, row.output.high) for place, row in fitting
        )

    def _day(self, card: int, day: int) -> tuple[list[int], list[int]]:
        """The stretches of one UTC day under one card."""
        if (card, day) not in self._days:
            begin, end = instant(day * DAY), instant((day + 1) * DAY)
            edges = {begin, *(edge for window in self._windows[card] for edge in window.edges(begin, end))}
            starts = sorted(map(microseconds, edges))
            self._days[card, day] = starts, [self._open_at(card, start) for start in starts]
        return self._days[card, day]

    def _open_at(self, card: int, time: int) -> int:
        at = instant(time)
        return card * _WINDOWS + sum(window.is_open(at) << bit for bit, window in enumerate(self._windows[card]))


def _windows(card: RateCard) -> tuple[Window, ...]:
    found = tuple(dict.fromkeys(row.window for row in card.rows if row.window))
    if 1 << len(found) > _WINDOWS:
        raise NotSold(f"a card with {len(found)} windows cannot be replayed; expected at most 4")
    return found


def _open(row: Row, windows: tuple[Window, ...], bits: int) -> bool:
    return row.window is None or bool(bits >> windows.index(row.window) & 1)
