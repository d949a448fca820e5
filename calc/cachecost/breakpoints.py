"""Where to put cache breakpoints in a prompt of several parts that change at different rates.

Positions 0 = X_0 < ... < X_m; part i ends at X_i and the prefix up to there is unchanged and alive with probability
H_i, which never rises along the prompt. Tokens between two breakpoints cost w - (w - r) H of the later one; tokens
after the last one cost 1. At most `most` breakpoints (4 at Anthropic).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import NamedTuple

from .errors import BadWorkload


class Part(NamedTuple):
    """A stretch of a prompt: its tokens, and the share of requests in which the prefix up to its end hits."""

    tokens: int
    hit_share: Fraction


class Layout(NamedTuple):
    """`after`: the parts (1-based) behind which a breakpoint stands. `cost`: in tokens at the input rate."""

    after: tuple[int, ...]
    cost: Fraction


def best_layout(parts: Sequence[Part], *, write: Fraction, read: Fraction, most: int = 4) -> Layout:
    """The cheapest choice of at most `most` breakpoints, by dynamic program over their positions; the fewest and
    earliest at a tie. BadWorkload where a hit share rises along the prompt."""
    ends = _ends(parts)
    best: dict[int, Layout] = {0: Layout((), Fraction(0))}
    answer = Layout((), Fraction(ends[-1]))
    for _ in range(min(most, len(parts))):
        reached: dict[int, Layout] = {}
        for i, layout in best.items():
            for j in range(i + 1, len(parts) + 1):
                cost = layout.cost + _segment(ends, parts, i, j, write, read)
                if j not in reached or cost < reached[j].cost:
                    reached[j] = Layout((*layout.after, j), cost)
        best = reached
        for j, layout in best.items():
            whole = Layout(layout.after, layout.cost + ends[-1] - ends[j])
            if whole.cost < answer.cost:
                answer = whole
    return answer


def brute_force(parts: Sequence[Part], *, write: Fraction, read: Fraction, most: int = 4) -> Fraction:
    """The cheapest cost by trying every choice: for small prompts, to check `best_layout`."""
    ends = _ends(parts)
    costs = [Fraction(ends[-1])]
    for size in range(1, min(most, len(parts)) + 1):
        for chosen in combinations(range(1, len(parts) + 1), size):
            stops = (0, *chosen)
            cost = sum(
                (_segment(ends, parts, i, j, write, read) for i, j in zip(stops, chosen, strict=False)), Fraction(0)
            )
            costs.append(cost + ends[-1] - ends[chosen[-1]])
    return min(costs)


def _ends(parts: Sequence[Part]) -> list[int]:
    if not parts:
        raise BadWorkload("parts: expected at least one part of a prompt")
    if any(later.hit_share > earlier.hit_share for earlier, later in pairwise(parts)):
        raise BadWorkload(
            "parts: a hit share rises along the prompt, but a prefix hits no oftener than what it begins with"
        )
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + part.tokens)
    return ends


def _segment(ends: list[int], parts: Sequence[Part], i: int, j: int, write: Fraction, read: Fraction) -> Fraction:
    """Cost of the tokens between breakpoints i and j."""
    return (ends[j] - ends[i]) * (write - (write - read) * parts[j - 1].hit_share)
