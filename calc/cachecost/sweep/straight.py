"""Totals along a stretch on which every quantity grows evenly: quoted at its ends and drawn from there.

A point inside must agree with its own quote, otherwise every point is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from .. import money
from ..prices.quote import LineItem

FEW = 4
"""Points of a stretch that are quoted one by one, since drawing it takes as many quotes."""


def total_of(lines: Sequence[LineItem]) -> Decimal:
    return money.total(line.amount for line in lines)


def straight(lines: Callable[[Any], Sequence[LineItem]], values: Sequence[Any], block: int) -> list[Decimal | None]:
    """Totals of quantities that grow evenly, and by blocks; each point is quoted where they turn out not to."""
    first, last, middle = values[0], values[-1], values[len(values) // 2]
    far = first + (last - first) // block * block if block > 1 else last
    if len(values) <= FEW or far == first:
        return [total_of(lines(value)) for value in values]
    start, end = _quantities(lines(first)), _quantities(lines(far))
    run = Fraction(far - first)
    slope = {key: (end.get(key, 0) - start.get(key, 0)) / run for key in {**start, **end}}
    over = dict.fromkeys(slope, Fraction(0))
    if block > 1:
        near = _quantities(lines(first + 1))
        jump = (first + 1) % block - first % block
        if near.keys() - slope.keys():
            return [total_of(lines(value)) for value in values]
        over = {key: (near.get(key, 0) - start.get(key, 0) - slope[key]) / jump for key in slope}
    drawn = _Line.of({key: (start.get(key, Fraction(0)), slope[key], over[key]) for key in slope})

    def total(value: Any) -> Decimal:
        return drawn.at(value - first, value % block - first % block if block > 1 else 0)

    if any(total(value) != total_of(lines(value)) for value in (middle, last)):
        return [total_of(lines(value)) for value in values]
    return [total(value) for value in values]


def _quantities(lines: Sequence[LineItem]) -> dict[tuple[str, Decimal], Fraction]:
    """Quantities by line and money for one."""
    return {(line.name, line.each): Fraction(line.quantity) for line in lines}


class _Line(NamedTuple):
    """constant + slope x way + over x rest: in decimals, beside lines whose digits never end and are cut one by one."""

    constant: Decimal
    slope: Decimal
    over: Decimal
    endless: tuple[tuple[Fraction, Fraction, Fraction], ...]

    @classmethod
    def of(cls, quantities: Mapping[tuple[str, Decimal], tuple[Fraction, Fraction, Fraction]]) -> _Line:
        sums, endless = [Decimal(0)] * 3, []
        for (_, each), terms in quantities.items():
            amounts = [term * Fraction(each) for term in terms]
            ends = [money.exact(amount) for amount in amounts]
            if any(Fraction(end) != amount for end, amount in zip(ends, amounts, strict=True)):
                endless.append((amounts[0], amounts[1], amounts[2]))
            else:
                sums = [money.add(so_far, end) for so_far, end in zip(sums, ends, strict=True)]
        return cls(sums[0], sums[1], sums[2], tuple(endless))

    def at(self, way: int | Decimal, rest: int) -> Decimal:
        total = money.EXACT.fma(self.slope, way, self.constant)
        if rest:
            total = money.EXACT.fma(self.over, rest, total)
        for constant, slope, over in self.endless:
            total = money.add(total, money.exact(constant + slope * Fraction(way) + over * rest))
        return total
