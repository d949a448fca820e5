"""Where to put cache breakpoints in a prompt of several parts that change at different rates.

Positions 0 = X_0 < ... < X_m; part i ends at X_i and the prefix up to there is unchanged and alive with probability
H_i, which never rises along the prompt. Tokens between two breakpoints cost w - (w - r) H of the later one; tokens
after the last one cost 1. At most `most` breakpoints (4 at Anthropic). Where several TTLs are sold they may be mixed,
the longer ones first (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

Stop = tuple[int, int]
"""A breakpoint: the part (1-based) behind which it stands, and the place of its TTL among the lives."""


class Life(NamedTuple):
    """Entries of one TTL: a write in input rates, for each part how often the prefix up to its end hits, and the
    smallest share at which caching a part pays, (w - 1) / (w - r)."""

    ttl: str
    write: Fraction
    hit_shares: tuple[Fraction, ...]
    least: Fraction = Fraction(0)


class Mixed(NamedTuple):
    """`stops`: the breakpoints in order. `cost`: in tokens at the input rate."""

    stops: tuple[Stop, ...]
    cost: Fraction


def best_mix(ends: Sequence[int], whole: int, lives: Sequence[Life], *, read: Fraction, most: int) -> Mixed:
    """The cheapest choice of at most `most` breakpoints, by dynamic program over their positions and TTLs.

    `ends`: 0, then for each part the tokens that a breakpoint behind it would cache, 0 where it would cache none.
    `whole`: tokens of the prompt. `lives`: the longest TTL first; a TTL never follows a shorter one.
    """
    best: dict[Stop, Mixed] = {(0, 0): Mixed((), Fraction(0))}
    answer = Mixed((), Fraction(whole))
    for _ in range(min(most, len(ends) - 1)):
        reached: dict[Stop, Mixed] = {}
        for before, mixed in best.items():
            for stop in _after(before, ends, lives):
                cost = mixed.cost + _segment(ends, lives, before, stop, read)
                if stop not in reached or cost < reached[stop].cost:
                    reached[stop] = Mixed((*mixed.stops, stop), cost)
        best = reached
        for (last, _), mixed in best.items():
            whole_cost = mixed.cost + whole - ends[last]
            if whole_cost < answer.cost:
                answer = Mixed(mixed.stops, whole_cost)
    return answer


def cost_of(
    stops: Sequence[Stop], ends: Sequence[int], whole: int, lives: Sequence[Life], *, read: Fraction
) -> Fraction:
    """What breakpoints at given places cost; those that would cache nothing count for nothing."""
    standing = [stop for stop in stops if ends[stop[0]]]
    segments = (_segment(ends, lives, before, stop, read) for before, stop in pairwise([(0, 0), *standing]))
    return sum(segments, Fraction(0)) + whole - (ends[standing[-1][0]] if standing else 0)


def _after(before: Stop, ends: Sequence[int], lives: Sequence[Life]) -> Iterator[Stop]:
    """Where the next breakpoint may stand: further on, caching more, with no longer a TTL."""
    place, life = before
    for further in range(place + 1, len(ends)):
        if ends[further] > ends[place]:
            yield from ((further, ttl) for ttl in range(life, len(lives)))


def _segment(ends: Sequence[int], lives: Sequence[Life], before: Stop, stop: Stop, read: Fraction) -> Fraction:
    place, ttl = stop
    write = lives[ttl].write
    return (ends[place] - ends[before[0]]) * (write - (write - read) * lives[ttl].hit_shares[place - 1])
