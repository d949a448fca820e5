"""A law of arrival inside some stretches of the calendar: the pauses that end there, as shares of all pauses.

Both laws keep their form when a pause longer than t is cut by t: with the chance that it is longer, what is left are
pauses of the same law, everything after it a time t sooner (and at random in a window as much shorter).
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from .arrivals import LEAST, NOW, Law
from .poisson import Poisson
from .series import WIDE
from .uniform import Random

RandomLaw = Poisson | Random
"""A law of which the mean number of queries before any instant is known."""
Mean = Literal["first", "later", "followed", "third"]


@dataclass(frozen=True, slots=True)
class Within(Law):
    """`ends`: when each stretch but the last ends, which never does. `places`: the stretches that are meant."""

    law: RandomLaw
    ends: tuple[timedelta, ...]
    places: tuple[int, ...]

    @property
    def first(self) -> Fraction:
        """The chance that the first query comes in them."""
        return self._mine("first", NOW, Fraction(1))

    @property
    def later(self) -> Fraction:
        """Mean number of the later queries that come in them."""
        return self._mine("later", NOW, Fraction(self.law.queries - 1))

    @property
    def share(self) -> Fraction:
        """The same as a share of all later queries."""
        return self.later / (self.law.queries - 1)

    def share_longer(self, than: timedelta) -> Fraction:
        later = self.law.queries - 1
        return self._mine("later", than, self.law.share_longer(than) * later) / later

    def pings(self, ttl: timedelta, most: int | None) -> Fraction:
        """Mean number, for each later query, of the pings that are sent in them, a TTL after one another."""
        total, number, later = Fraction(0), 1, self.law.queries - 1
        # No ping may be sent in them so soon after its query and yet many much later, so all pauses end the sum.
        while (most is None or number <= most) and (share := self.law.share_longer(ttl * number)) >= LEAST:
            total += self._mine("followed", ttl * number, share * later) / later
            number += 1
        return total

    def share_of_pairs(self, first: timedelta, than: timedelta | None) -> Fraction:
        after, pairs = than or NOW, self.law.queries - 2
        every = self.law.share_of_pairs(first, after) * pairs
        cut = self.law.share_longer(after) * pairs
        both = self._mine("third", first + after, cut - every)
        return (self._mine("third", after, cut) - both) / pairs

    def _mine(self, mean: Mean, cut: timedelta, everything: Fraction) -> Fraction:
        """A mean number that is known up to any instant, of these stretches alone; `everything`: that of all."""
        reached = _reached(self.law, mean, self.ends, cut)
        last = len(self.ends)
        total = Decimal(0)
        for place in self.places:
            total = WIDE.add(total, WIDE.subtract(reached[min(place + 1, last)], reached[place]))
        return Fraction(total) + (everything - Fraction(reached[last]) if self.places[-1] == last else 0)


@lru_cache(maxsize=64)
def _reached(law: RandomLaw, mean: Mean, ends: tuple[timedelta, ...], cut: timedelta) -> tuple[Decimal, ...]:
    """A mean at the start and at each end: the same for every strategy and for all stretches, so it is kept."""
    return (Decimal(0), *(getattr(law, mean)(end, cut) for end in ends))
