"""Entries that vendors drop before their time: the share that is lost, by how long nobody touched them.

Nobody promises such a curve; whoever asks for one assumes it, and every answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from .errors import BadWorkload


class Eviction(NamedTuple):
    """`steps`: idle times, rising, and the share of entries lost that were idle longer than this, up to the next step;
    the last one holds from there on. `name` as it was asked for; a preset has a `source` and the day it was `seen`."""

    name: str
    steps: tuple[tuple[timedelta, Fraction], ...]
    source: str = ""
    seen: date | None = None

    def at(self, idle: timedelta) -> Fraction:
        """Share lost of the entries that were idle for exactly so long."""
        return next((share for begin, share in reversed(self.steps) if idle > begin), Fraction(0))

    def pieces(self, ttl: timedelta | None) -> Iterator[tuple[timedelta, timedelta | None, Fraction]]:
        """(idle longer than, up to, share lost) within a TTL; without one the last has no end."""
        ends = [*(begin for begin, _ in self.steps[1:]), ttl]
        for (begin, share), end in zip(self.steps, ends, strict=True):
            stop = ttl if ttl is not None and (end is None or end > ttl) else end
            if stop is None or stop > begin:
                yield begin, stop, share

    def lost(self, longer: Callable[[timedelta], Fraction], ttl: timedelta | None) -> Fraction:
        """Expected share of the queries in time whose entry is lost, where this share of pauses is `longer`."""
        return sum(
            (
                share * (longer(begin) - (longer(end) if end is not None else 0))
                for begin, end, share in self.pieces(ttl)
            ),
            Fraction(0),
        )


def checked(found: Eviction) -> Eviction:
    """The same, or BadWorkload where its steps do not rise or its shares are none."""
    if not found.steps or any(later <= earlier for (earlier, _), (later, _) in pairwise(found.steps)):
        raise BadWorkload("eviction: expected steps of rising idle times, such as 10m:8%,20m:13%")
    if any(not 0 <= share <= 1 for _, share in found.steps):
        raise BadWorkload("eviction: expected shares from 0 to 1, such as 10m:8%,20m:13%")
    return found
