"""Stretches of constant rates: where among its queries a workload meets other rates or other terms of caching."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from ..hours import Window
from ..prices.sheet import PriceSheet

_END = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
_DAYS = 365 * 2_000
Spell = tuple[datetime, frozenset[Window]]
"""When a rate card begins, and the windows of the rows of one service."""


class Stretches:
    """Those of one sheet, in one service, from an instant on."""

    def __init__(self, begin: datetime, sheet: PriceSheet, service: str) -> None:
        self.begin, self.sheet, self.service = begin, sheet, service

    @cached_property
    def _spells(self) -> tuple[Spell, ...]:
        cards = (self.sheet.card(self.begin), *self.sheet.changes(self.begin, _END, of_rates=True))
        return tuple((card.effective, card.windows(self.service)) for card in cards)

    def change(self, span: timedelta | None = None) -> bool:
        """Whether rates or terms may change at all, or up to `span` after the beginning."""
        later = self._spells[1:2]
        return bool(self._spells[0][1] or (later and (span is None or later[0][0] <= self.begin + span)))

    def starts(self, span: timedelta) -> tuple[datetime, ...]:
        """The starts of all of them, from the beginning to `span` after it."""
        if not span or not self.change():
            return (self.begin,)
        days = 1 << span.days.bit_length()
        end = min(_END, self.begin + timedelta(days)) if days < _DAYS else _END
        instants = _starts(self.begin, end, self._spells)
        return instants[: bisect_right(instants, self.begin + span)]

    def spans(self, span: timedelta) -> Iterator[tuple[datetime, timedelta | None]]:
        """The start of each, and how long after the beginning it ends; None for the last, which never does."""
        starts = self.starts(span)
        return zip(starts, [*(end - self.begin for end in starts[1:]), None], strict=True)

    def rates(self, instant: datetime) -> Hashable:
        """The same for every instant of the same rates: the place of the rate card, and the windows that are open."""
        place = bisect_right(self._spells, instant, lo=1, key=lambda spell: spell[0]) - 1
        return place, frozenset(window for window in self._spells[place][1] if window.is_open(instant))


@lru_cache(maxsize=256)
def _starts(begin: datetime, end: datetime, spells: tuple[Spell, ...]) -> tuple[datetime, ...]:
    """Kept for every plan, reading and number of queries that asks again, which is why `end` is a power of two days
    after `begin`."""
    changes = [max(begin, effective) for effective, _ in spells]
    instants = {begin, *changes}
    for place, (_, windows) in enumerate(spells):
        until = min(end, changes[place + 1]) if place + 1 < len(changes) else end
        for window in windows if until > changes[place] else ():
            instants |= set(window.edges(changes[place], until))
    ordered = sorted(instants)
    return tuple(ordered[: bisect_left(ordered, end) + 1])
