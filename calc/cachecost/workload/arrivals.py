"""How long the pauses between queries are: what every law of arrival answers, and the laws whose pauses are counted.

Shares are exact where queries are counted or the law is rational; of other laws they are kept to `money.GRAIN`
decimals. The other laws are `poisson`, `uniform` and `office`; `within` takes a law by hours of the calendar.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from .. import money
from ..errors import NoClosedForm
from ..units import MICROSECOND, hours

CLOSED = "closed form"
LEAST = Fraction(1, 10**money.GRAIN)
"""The smallest share that counts."""
NOW = timedelta(0)


class Law(ABC):
    """What is asked of the N - 1 pauses of N queries. Every law says what share of them is longer than a time; the
    other answers are made of that one where a law has no better formula, or raise NoClosedForm, and are simulated.

    `basis`: how the answers are known, None where queries are counted one by one, otherwise `CLOSED`.
    """

    __slots__ = ()
    basis: ClassVar[str | None] = CLOSED

    @property
    def share(self) -> Fraction:
        """Which share of all later queries it is about."""
        return Fraction(1)

    @abstractmethod
    def share_longer(self, than: timedelta) -> Fraction:
        """Share of the pauses that are longer."""

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        """Mean number, for each pause, of the times `first`, `first` + `step`, ... (at most so many) below it: the sum
        of the shares of pauses longer than each of them, until nothing is left."""
        total, number = Fraction(0), 0
        while (most is None or number < most) and (share := self.share_longer(first + step * number)) >= LEAST:
            total, number = total + share, number + 1
        return total

    def pings(self, ttl: timedelta, most: int | None) -> Fraction:
        """Mean number, for each later query, of the pings that follow it, a TTL after one another."""
        return self.expected_pings(ttl, ttl, most)

    def share_of_pairs(self, first: timedelta, than: timedelta | None) -> Fraction:
        """Share of the pairs of neighbouring pauses of which the one before is at most `first` and the one after
        longer than `than` (None: of any length). Here, of pauses that are independent of each other."""
        return (1 - self.share_longer(first)) * (1 if than is None else self.share_longer(than))

    def mean_hours_up_to(self, most: timedelta) -> Fraction:
        """Mean hours of a pause, of which at most so much counts."""
        raise NoClosedForm

    def late_without_refresh(self, ttl: timedelta) -> Fraction:
        """Share of the later queries that miss where an entry dies a TTL after it was written, however often it is
        read."""
        raise NoClosedForm


@dataclass(frozen=True, slots=True)
class Even(Law):
    """Every pause is the same number of microseconds."""

    gap: Fraction
    queries: int
    basis: ClassVar[None] = None

    def share_longer(self, than: timedelta) -> Fraction:
        return Fraction(self.gap > than // MICROSECOND)

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        return Fraction(below(self.gap, first, step, most))

    def mean_hours_up_to(self, most: timedelta) -> Fraction:
        return min(self.gap, Fraction(most // MICROSECOND)) * hours(MICROSECOND)

    def late_without_refresh(self, ttl: timedelta) -> Fraction:
        return Fraction(-(-self.queries // self.cycle(ttl)) - 1, self.queries - 1)

    def cycle(self, ttl: timedelta) -> int:
        """How many queries come from one write to the next where reads do not refresh: the write and its hits."""
        return int(ttl // MICROSECOND // self.gap) + 1 if self.gap else self.queries


@dataclass(frozen=True, slots=True)
class Given(Law):
    """The pauses between so many times, in order."""

    times: Sequence[timedelta]
    basis: ClassVar[None] = None

    @property
    def _gaps(self) -> list[timedelta]:
        return [later - earlier for earlier, later in pairwise(self.times)]

    def share_longer(self, than: timedelta) -> Fraction:
        return Fraction(sum(gap > than for gap in self._gaps), len(self.times) - 1)

    def expected_pings(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        counts = (below(Fraction(gap // MICROSECOND), first, step, most) for gap in self._gaps)
        return Fraction(sum(counts), len(self.times) - 1)

    def share_of_pairs(self, first: timedelta, than: timedelta | None) -> Fraction:
        pairs = list(pairwise(self._gaps))
        return Fraction(sum(a <= first and (than is None or b > than) for a, b in pairs), len(pairs))

    def mean_hours_up_to(self, most: timedelta) -> Fraction:
        return hours(sum((min(gap, most) for gap in self._gaps), NOW)) / (len(self.times) - 1)

    def late_without_refresh(self, ttl: timedelta) -> Fraction:
        late, written = 0, self.times[0]
        for at in self.times[1:]:
            if at - written > ttl:
                late, written = late + 1, at
        return Fraction(late, len(self.times) - 1)


def below(gap: Fraction, first: timedelta, step: timedelta, most: int | None) -> int:
    """How many of first, first + step, ... are below a gap in microseconds."""
    number = max(0, -((first // MICROSECOND - gap) // (step // MICROSECOND)))
    return number if most is None else min(number, most)


def bursts(queries: int, size: int, apart: timedelta) -> tuple[timedelta, ...]:
    """When so many queries come in bursts of `size` at once, a time `apart`; the last burst may be smaller."""
    return tuple(apart * (k // size) for k in range(queries))
