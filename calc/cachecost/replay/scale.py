"""The rates of a sheet as whole numbers of one small unit of money, so that millions of comparisons round nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from .. import money
from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from ..units import HOUR
from .epochs import Epochs, Key
from .policy import FOREVER, NOT_SOLD, Policy, offered, terms
from .tally import STORAGE


class Choice(NamedTuple):
    """What a token costs at one set of rates if cached one way, in units: to write, to read, to keep for a
    microsecond; how many microseconds it lives after a touch."""

    write: int
    read: int
    keep: int
    life: int


class Scale:
    """The rates of keys in one unit: `plain[key]` is that of a token sent plain.

    `ever`: which of the ways in `policies` some key sells.
    """

    def __init__(self, keys: Mapping[int, Key], sheets: Mapping[str, Epochs]) -> None:
        offer = offered(keys.values(), sheets, longest=True)
        self.policies = tuple(one for one in offer if one.kind in (AUTOMATIC, WRITTEN, STORED))
        self._terms = {number: [terms(one, key, sheets) for one in self.policies] for number, key in keys.items()}
        rates = {
            number: [
                None if own == NOT_SOLD else _rates(one, keys[number], sheets[keys[number].sheet])
                for one, own in zip(self.policies, row, strict=True)
            ]
            for number, row in self._terms.items()
        }
        plain = {number: sheets[key.sheet].each(key, "input") for number, key in keys.items()}
        each = [*plain.values(), *(rate for row in rates.values() for way in row for rate in way or ())]
        self._per = lcm(*(rate.denominator for rate in each))
        self.plain = {number: int(rate * self._per) for number, rate in plain.items()}
        self._choices = {
            number: [way and self._choice(one, way) for one, way in zip(self.policies, row, strict=True)]
            for number, row in rates.items()
        }
        self.ever = tuple(any(row[place] for row in self._choices.values()) for place in range(len(self.policies)))
        self._least = {}
        for number, key in keys.items():
            minimums = (
                each.least for other, row in self._terms.items() if keys[other].sheet == key.sheet for each in row
            )
            self._least[number] = min((least for least in minimums if least != NOT_SOLD.least), default=0)

    def ways(self, key: int, tokens: int) -> tuple[Choice | None, ...]:
        """The ways in which a prompt of so many cacheable tokens can be cached; None where it cannot."""
        pairs = zip(self._choices[key], self._terms[key], strict=True)
        return tuple(choice if terms.cacheable(tokens) else None for choice, terms in pairs)

    def merged(self, key: int, block: int) -> int:
        """How many blocks have to be alike before anything can be read at the rates of this sheet."""
        return max(1, -(-self._least[key] // block))

    def money(self, units: int) -> Decimal:
        return money.exact(Fraction(units, self._per))

    def _choice(self, one: Policy, rates: tuple[Fraction, ...]) -> Choice:
        write, read, keep = (int(rate * self._per) for rate in rates)
        return Choice(write, read, keep, FOREVER if one.kind == STORED else one.life)


def _rates(one: Policy, key: Key, epochs: Epochs) -> tuple[Fraction, Fraction, Fraction]:
    """To write a token, to read it, to keep it for a microsecond. A token put into a stored cache is read by the very
    request that it is created for."""
    read = epochs.each(key, f"cache_read:{one.kind}")
    if one.kind == STORED:
        return epochs.each(key, "creation") + read, read, epochs.each(key, STORAGE) / HOUR
    return epochs.each(key, "input" if one.kind == AUTOMATIC else f"cache_write:{one.ttl}"), read, Fraction(0)
