"""The best breakpoints of a prompt, by trying every choice of places and times to live."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

from cachecost.advice.breakpoints import Life, cost_of


def brute_mix(ends: Sequence[int], whole: int, lives: Sequence[Life], *, read: Fraction, most: int) -> Fraction:
    """The cheapest cost of at most `most` breakpoints, in tokens at the input rate."""
    costs = [Fraction(whole)]
    for size in range(1, min(most, len(ends) - 1) + 1):
        for chosen in combinations([place for place in range(1, len(ends)) if ends[place]], size):
            for ttls in product(range(len(lives)), repeat=size):
                if list(ttls) == sorted(ttls):
                    costs.append(cost_of(list(zip(chosen, ttls, strict=True)), ends, whole, lives, read=read))
    return min(costs)
