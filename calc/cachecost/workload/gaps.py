"""How long the pauses between queries are: for each way in which queries come, the share that is longer than a time.

Every law answers the same five questions about the N - 1 pauses of N queries. Shares are exact where queries are
counted or the law is rational; of other laws they are kept to `money.GRAIN` decimals. `told` names the way: None where
queries are counted one by one, otherwise `CLOSED`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol

from .. import money
from ..errors import NoClosedForm
from . import keepalive, series

CLOSED = "closed form"
LAST = Fraction(1, 10**money.GRAIN)
"""The smallest share that counts."""
_MICROSECOND = timedelta(microseconds=1)
_NOW = timedelta(0)
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_GRAIN = Decimal(1).scaleb(-money.GRAIN)


class Gaps(Protocol):
    """What is asked of the pauses; raises NoClosedForm where only a simulation can say."""

    @property
    def told(self) -> str | None: ...

    def longer(self, than: timedelta) -> Fraction:
        """Share of the pauses that are longer."""

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        """Mean number, for each pause, of the times `first`, `first` + `step`, ... (at most so many) below it."""

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        """Share of the pairs of neighbouring pauses of which the one before is at most `first` and the one after
        longer than `than` (None: of any length)."""

    def idle(self, most: timedelta) -> Fraction:
        """Mean hours of a pause, of which at most so much counts."""

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        """Expected misses, the first query's among them, where an entry dies a TTL after it was written."""


class Even(NamedTuple):
    """Every pause is the same number of microseconds."""

    gap: Fraction
    queries: int

    @property
    def told(self) -> None:
        return None

    def longer(self, than: timedelta) -> Fraction:
        return Fraction(self.gap > than // _MICROSECOND)

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        return Fraction(below(self.gap, first, step, most))

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        return (1 - self.longer(first)) * (1 if than is None else self.longer(than))

    def idle(self, most: timedelta) -> Fraction:
        return min(self.gap, Fraction(most // _MICROSECOND)) * series.hours(_MICROSECOND)

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        if not self.gap:
            return Fraction(1)
        hits = ttl // _MICROSECOND // self.gap
        return Fraction(-(-self.queries // (hits + 1)))


class Given(NamedTuple):
    """The pauses between so many times, in order."""

    times: Sequence[timedelta]

    @property
    def told(self) -> None:
        return None

    @property
    def _gaps(self) -> list[timedelta]:
        return [later - earlier for earlier, later in pairwise(self.times)]

    def longer(self, than: timedelta) -> Fraction:
        return Fraction(sum(gap > than for gap in self._gaps), len(self.times) - 1)

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        counts = (below(Fraction(gap // _MICROSECOND), first, step, most) for gap in self._gaps)
        return Fraction(sum(counts), len(self.times) - 1)

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        pairs = list(pairwise(self._gaps))
        return Fraction(sum(a <= first and (than is None or b > than) for a, b in pairs), len(pairs))

    def idle(self, most: timedelta) -> Fraction:
        return series.hours(sum((min(gap, most) for gap in self._gaps), _NOW)) / (len(self.times) - 1)

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        misses, written = 1, self.times[0]
        for at in self.times[1:]:
            if at - written > ttl:
                misses, written = misses + 1, at
        return Fraction(misses)


def below(gap: Fraction, first: timedelta, step: timedelta, most: int | None) -> int:
    """How many of first, first + step, ... are below a gap in microseconds."""
    found = max(0, -((first // _MICROSECOND - gap) // (step // _MICROSECOND)))
    return found if most is None else min(found, most)


class Poisson(NamedTuple):
    """Pauses without memory, at a rate per hour: longer than t with probability e^(-rate x t)."""

    rate: Fraction
    queries: int

    @property
    def told(self) -> str:
        return CLOSED

    def longer(self, than: timedelta) -> Fraction:
        return Fraction(money.rounded(series.poisson_miss_share(self.rate, than), money.GRAIN))

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        """A geometric series: S(first) (1 - q^most) / (1 - q), q the share of pauses longer than a step."""
        if most is None and first == step:
            return Fraction(money.rounded(keepalive.poisson_reads(self.rate, step) - 1, money.GRAIN))
        forever = self.longer(first) * Fraction(keepalive.poisson_reads(self.rate, step))
        kept = 1 if most is None else 1 - self.longer(step * most)
        return Fraction(money.rounded(forever * kept, money.GRAIN))

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        return (1 - self.longer(first)) * (1 if than is None else self.longer(than))

    def idle(self, most: timedelta) -> Fraction:
        """(1 - e^(-rate x most)) / rate."""
        return (1 - self.longer(most)) / self.rate

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        return Fraction(series.poisson_misses_without_refresh(self.queries, self.rate, ttl))


class Random(NamedTuple):
    """Spacings of N independent uniform times in a window: exchangeable, so that any k of them are longer than
    t1 .. tk with probability (1 - (t1 + .. + tk) / window)^N (Pyke, "Spacings", 1965)."""

    window: timedelta
    queries: int

    @property
    def told(self) -> str:
        return CLOSED

    def _beyond(self, time: timedelta) -> Decimal:
        """Far more digits than are kept, since those of the power itself would be as many as there are queries."""
        window = self.window // _MICROSECOND
        left = max(0, window - time // _MICROSECOND)
        return _WIDE.power(_WIDE.divide(Decimal(left), Decimal(window)), self.queries)

    def longer(self, than: timedelta) -> Fraction:
        return Fraction(_kept(self._beyond(than)))

    def rungs(self, first: timedelta, step: timedelta, most: int | None) -> Fraction:
        return summed(self.longer, first, step, most)

    def then(self, first: timedelta, than: timedelta | None) -> Fraction:
        after = than or _NOW
        return Fraction(_kept(_WIDE.subtract(self._beyond(after), self._beyond(first + after))))

    def idle(self, most: timedelta) -> Fraction:
        """window / (N+1) x (1 - (1 - most/window)^(N+1)), the integral of the share longer."""
        left = max(Fraction(0), 1 - Fraction(most // _MICROSECOND, self.window // _MICROSECOND))
        mean = series.hours(self.window) * (1 - left ** (self.queries + 1)) / (self.queries + 1)
        return Fraction(money.rounded(mean, money.GRAIN))

    def unrefreshed(self, ttl: timedelta) -> Fraction:
        raise NoClosedForm("at random no closed form is known where a read does not refresh the entry", word="arrivals")


def _kept(value: Decimal) -> Decimal:
    return value.quantize(_GRAIN, context=_WIDE)


def summed(longer: Callable[[timedelta], Fraction], first: timedelta, step: timedelta, most: int | None) -> Fraction:
    """The sum of a law's shares longer than first, first + step, ..., until nothing is left of it."""
    found, rung = Fraction(0), 0
    while most is None or rung < most:
        share = longer(first + step * rung)
        if share < LAST:
            break
        found, rung = found + share, rung + 1
    return found
