"""What queries do, in numbers: shares of the later queries of a plan, and counts of those that come in a stretch."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from .. import money

Count = Fraction | int
_NONE = Fraction(0)


class Later(NamedTuple):
    """Shares of the later queries that `read`, that `missed` their entry, and that are sent `plain` beside; pings for
    each later query that read, and that wrote since the entry was lost. Of the misses, `late` came after the TTL and
    `lost` met an evicted entry. `basis`: by closed form or by simulation; None where queries were counted."""

    read: money.Number
    missed: money.Number
    plain: money.Number = 0
    ping_reads: money.Number = 0
    ping_writes: money.Number = 0
    late: Fraction = _NONE
    lost: Fraction = _NONE
    basis: str | None = None


class Met(NamedTuple):
    """How many queries `missed`, `read` or were sent `plain`, and how many pings read and wrote."""

    missed: Count = 0
    read: Count = 0
    plain: Count = 0
    ping_reads: Count = 0
    ping_writes: Count = 0

    def more(self, later: Later, queries: Count) -> Met:
        """This, and what so many later queries meet."""
        shares = (later.missed, later.read, later.plain, later.ping_reads, later.ping_writes)
        return Met(*(mine + queries * Fraction(share) for mine, share in zip(self, shares, strict=True)))

    def less(self, other: Met) -> Met:
        return Met(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Simulated(NamedTuple):
    """What is met in each stretch of constant rates, by its start, on average over many runs; and how this is known."""

    stretches: list[tuple[datetime, Met]]
    basis: str
