"""Stretches of constant rates: where among its queries a workload meets other rates or other terms of caching."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from ..hours import Window
from ..prices.sheet import PriceSheet

_END = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
_DAYS = 365 * 2_000
Spell = tuple[datetime, frozenset[Window]]
"""When a rate card begins, and the windows of the rows of one service."""


class Stretches:
    """Those of one sheet, in one service, from an instant on."""

    def __init__(self, begin: datetime, sheet: PriceSheet, service: str) -> None:
        self.begin = begin
        self._found: dict[int, tuple[datetime, ...]] = {}
        every = (sheet.card(begin), *sheet.changes(begin, _END))
        # A model that is withdrawn keeps its last rates, so no stretch begins there.
        pairs = pairwise(every)
        changed = (card for before, card in pairs if (card.rows, card.caching) != (before.rows, before.caching))
        cards = (every[0], *changed)
        self._spells = tuple(
            (card.effective, frozenset(row.window for row in card.rows if row.window and row.service == service))
            for card in cards
        )

    def starts(self, span: timedelta) -> tuple[datetime, ...]:
        """The starts of all of them, from the beginning to `span` after it."""
        if not span:
            return (self.begin,)
        days = 1 << span.days.bit_length()
        if days not in self._found:
            end = min(_END, self.begin + timedelta(days)) if days < _DAYS else _END
            self._found[days] = _starts(self.begin, end, self._spells)
        found = self._found[days]
        return found[: bisect_right(found, self.begin + span)]

    def at(self, instant: datetime) -> datetime:
        """The start of the one in which an instant lies."""
        return self.starts(instant - self.begin)[-1]

    def rates(self, instant: datetime) -> Hashable:
        """The same for every instant of the same rates: the place of the rate card, and the windows that are open."""
        place = bisect_right(self._spells, instant, lo=1, key=lambda spell: spell[0]) - 1
        return place, frozenset(window for window in self._spells[place][1] if window.is_open(instant))


@lru_cache(maxsize=256)
def _starts(begin: datetime, end: datetime, spells: tuple[Spell, ...]) -> tuple[datetime, ...]:
    """Kept for every plan, reading and number of queries that asks again, which is why `end` is a power of two days
    after `begin`."""
    changes = [max(begin, effective) for effective, _ in spells]
    found = {begin, *changes}
    for place, (_, windows) in enumerate(spells):
        until = min(end, changes[place + 1]) if place + 1 < len(changes) else end
        for window in windows if until > changes[place] else ():
            found |= set(window.edges(changes[place], until))
    known = sorted(found)
    return tuple(known[: bisect_left(known, end) + 1])
