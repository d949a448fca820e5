"""What queries do, in numbers: what they meet, altogether or one of them on average."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

Count = Fraction | int


class Met(NamedTuple):
    """How many queries `missed` their entry, `read` it or were sent `plain` beside it, and how many pings read it, and
    wrote it since it was lost."""

    missed: Count = 0
    read: Count = 0
    plain: Count = 0
    ping_reads: Count = 0
    ping_writes: Count = 0

    def plus(self, other: Met, times: Count = 1) -> Met:
        """This, and so many times the other."""
        return Met(*[mine + times * theirs if theirs else mine for mine, theirs in zip(self, other, strict=True)])


class Later(NamedTuple):
    """What a later query meets on average, its pings among it. Of the misses, `late` came after the TTL and `lost` met
    an evicted entry. `basis`: by closed form or by simulation; None where queries were counted."""

    met: Met
    late: Count = 0
    lost: Count = 0
    basis: str | None = None
