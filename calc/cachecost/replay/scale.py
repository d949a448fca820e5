"""The rates of a log as whole numbers of one small unit of money, so that millions of comparisons round nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from .. import money
from ..prices.quote import rates_of
from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from .epochs import Epochs
from .policy import FOREVER, NOT_SOLD, Policy, Terms, offered, terms
from .tally import STORAGE, Key, row_of

_HOUR = 3_600_000_000
Money = tuple[Fraction, Fraction, Fraction]


class Choice(NamedTuple):
    """What a token costs at one set of rates if cached one way, in units: to write, to read, to keep for a
    microsecond; how many microseconds it lives after a touch, and after how many it can still be read: more only where
    pings keep it alive."""

    write: int
    read: int
    keep: int
    life: int
    reach: int

    def held(self, gap: int) -> int:
        """What it costs to have it alive after a gap: rent, and a ping at the end of every life but the last."""
        pings = max(0, -(gap // -self.life) - 1)
        return self.keep * gap + self.read * pings


class Scale:
    """All rates of the keys in one unit: `plain[key]` is that of a token sent plain.

    `ever`: which of the ways in `policies` some key sells.
    """

    def __init__(self, keys: Sequence[Key], sheets: Mapping[str, Epochs], *, pings: bool = False) -> None:
        ways = offered(keys, sheets, longest=True)
        self.policies = tuple(one for one in ways if one.kind in (AUTOMATIC, WRITTEN, STORED))
        self._terms = [[terms(one, key, sheets) for one in self.policies] for key in keys]
        money_of = [[_money(one, key, sheets) for one in self.policies] for key in keys]
        plain = [_each("input", key, sheets) for key in keys]
        all_rates = [*plain, *(rate for row in money_of for way in row for rate in way or ())]
        self._per = lcm(*(rate.denominator for rate in all_rates))
        self.plain = [self._units(rate) for rate in plain]
        self._choices = [
            [self._choice(*pair, pings) for pair in zip(self.policies, row, strict=True)] for row in money_of
        ]
        self.ever = tuple(any(row[place] for row in self._choices) for place in range(len(self.policies)))
        self._least = [_least(key, keys, self._terms) for key in keys]

    def ways(self, key: int, tokens: int) -> tuple[Choice | None, ...]:
        """The ways in which a prompt of so many cacheable tokens can be cached; None where it cannot."""
        pairs = zip(self._choices[key], self._terms[key], strict=True)
        return tuple(choice if asked.cacheable(tokens) else None for choice, asked in pairs)

    def merged(self, key: int, block: int) -> int:
        """How many blocks have to be alike before anything can be read at the rates of this sheet."""
        return max(1, -(-self._least[key] // block))

    def money(self, units: int) -> Decimal:
        return money.exact(Fraction(units, self._per))

    def _units(self, rate: Fraction) -> int:
        return int(rate * self._per)

    def _choice(self, one: Policy, rates: Money | None, pings: bool) -> Choice | None:
        if rates is None:
            return None
        write, read, keep = map(self._units, rates)
        life = FOREVER if one.kind == STORED else one.life
        return Choice(write, read, keep, life, FOREVER if pings else life)


def _least(mine: Key, keys: Sequence[Key], asked: Sequence[Sequence[Terms]]) -> int:
    """The smallest prompt that a sheet caches at all."""
    found = (each.least for key, row in zip(keys, asked, strict=True) if key.sheet == mine.sheet for each in row)
    return min((least for least in found if least != NOT_SOLD.least), default=0)


def _money(one: Policy, key: Key, sheets: Mapping[str, Epochs]) -> Money | None:
    """To write a token, to read it, to keep it for a microsecond; None where the key does not sell it. A token put into
    a stored cache is read by the very request that it is created for."""
    if terms(one, key, sheets) == NOT_SOLD:
        return None
    read = _each(f"cache_read:{one.kind}", key, sheets)
    if one.kind == STORED:
        return _each("creation", key, sheets) + read, read, _each(STORAGE, key, sheets) / _HOUR
    return _each("input" if one.kind == AUTOMATIC else f"cache_write:{one.ttl}", key, sheets), read, Fraction(0)


def _each(name: str, key: Key, sheets: Mapping[str, Epochs]) -> Fraction:
    epochs = sheets[key.sheet]
    return Fraction(rates_of((name,), row_of(key, epochs), epochs.card(key.epoch), epochs.sheet)[name].each)
