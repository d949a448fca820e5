"""What requests with block ids would have cost under other policies: the prefix tree over arrays.

The rules of `blocks`, told for all touches of all nodes at once: sorted by node, each touch stands behind the one
before it, and the rung of their gap says which lives reach over it. Needs the extra `fast`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from ..errors import BadUsage, BadWorkload
from ..files.installed import install
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED
from .binned import add, binned, products
from .blocks import BLOCK, Trace, first_nodes
from .columns import Base, Sums, tallies
from .epochs import Epochs
from .policy import SECOND_SIGHT, Policy, terms
from .rungs import below, climb, count_pings, rungs
from .tally import Key, Tally

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any
_LONG_AGO = 2**61


def replay(
    trace: Trace, keys: Sequence[Key], sheets: Mapping[str, Epochs], policies: Sequence[Policy]
) -> dict[str, Tally]:
    """The tally of every policy, by its name; the same as `blocks.replay`."""
    size, base = len(keys), Base()
    key = np.asarray(trace.key, np.int64)
    add(base.requests, binned(key, None, size))
    add(base.prompt, binned(key, np.asarray(trace.prompt, np.int64), size))
    add(base.output, binned(key, np.asarray(trace.output, np.int64), size))
    ids = _Ids(trace, key, keys)
    alike: dict[tuple[int, ...], list[Policy]] = {}
    for one in policies:
        if one.kind != FRESH:
            alike.setdefault(tuple(first_nodes(one, keys, sheets)), []).append(one)
    sums = {one.name: Sums() for one in policies}
    for merged, together in alike.items():
        steps = {one.name: [terms(one, each, sheets).step for each in keys] for one in together if one.kind == STORED}
        sums |= _Touches(ids, key, np.array(merged, np.int64)[key], size, steps).sums(together)
    return tallies(policies, keys, base, sums)


class _Ids:
    """The full blocks of all prompts in one row: how many each request has, and small numbers for their ids."""

    def __init__(self, trace: Trace, key: Array, keys: Sequence[Key]) -> None:
        self.at = np.maximum.accumulate(np.asarray(trace.at, np.int64))
        named = np.fromiter(map(len, trace.blocks), np.int64, len(trace.blocks))
        self.full = np.minimum(named, np.asarray(trace.prompt, np.int64) // BLOCK)
        scopes = list(dict.fromkeys(key.sheet for key in keys))
        scope = np.array([scopes.index(key.sheet) for key in keys], np.int64)[key]
        everything = _numbers(trace.blocks, int(named.sum()), len(scopes)) * len(scopes) + np.repeat(scope, named)
        place = np.arange(len(everything)) - np.repeat(np.cumsum(named) - named, named)
        self.ids = everything[place < np.repeat(self.full, named)]


def _numbers(blocks: Sequence[Sequence[int]], many: int, scopes: int) -> Array:
    """The ids one after another as numbers small enough to be sorted together with their scopes and places."""
    try:
        found = np.fromiter(chain.from_iterable(blocks), np.int64, many)
    except OverflowError:
        known: dict[int, int] = {}
        numbers = (known.setdefault(each, len(known)) for each in chain.from_iterable(blocks))
        return np.fromiter(numbers, np.int64, many)
    if many and (int(found.max()) >> 61 - many.bit_length() - scopes.bit_length() or int(found.min()) < 0):
        return np.unique(found, return_inverse=True)[1].astype(np.int64)
    return found


class _Touches:
    """Every touch of every node, in the order of the log: its request, its tokens, the gap since the node's last.

    `steps`: for each policy that pays rent, by key, the microseconds of which it pays those that it has started.
    """

    def __init__(self, ids: _Ids, key: Array, merged: Array, size: int, steps: Mapping[str, Sequence[int]]) -> None:
        self.size, self.steps = size, steps
        self.rounded = any(step > 1 for each in steps.values() for step in each)
        many = np.where((merged > 0) & (ids.full >= merged), ids.full - merged + 1, 0)
        place = np.arange(len(ids.ids)) - np.repeat(np.cumsum(ids.full) - ids.full, ids.full)
        taken = np.repeat(many > 0, ids.full) & (place >= np.repeat(merged, ids.full) - 1)
        node = ids.ids[taken]
        self.request = np.repeat(np.arange(len(many)), many)
        self.key, self.at = key[self.request], ids.at[self.request]
        self.leaf = (np.cumsum(many) - 1)[many > 0]
        self.first = np.concatenate(([0], self.leaf[:-1] + 1)) if len(self.leaf) else self.leaf
        self.tokens = np.full(len(node), BLOCK)
        self.tokens[self.first] = BLOCK * merged[many > 0]
        self.path = (many + merged - 1)[many > 0] * BLOCK
        self._chain(node)

    def _chain(self, node: Array) -> None:
        """Which touch of a node stands before each, which after it; -1 for none."""
        bits = len(node).bit_length()
        packed = (node << bits) | np.arange(len(node))
        packed.sort()
        place = packed & ((1 << bits) - 1)
        if self.rounded:
            self.order = place
        same = np.flatnonzero(packed[1:] >> bits == packed[:-1] >> bits)
        self.before = np.full(len(node), -1)
        self.before[place[same + 1]] = place[same]
        self.after = np.full(len(node), -1)
        self.after[place[same]] = place[same + 1]
        if (self.request[self.before] == self.request)[self.before >= 0].any():
            raise BadUsage(
                "blocks: an id stands twice in one prompt; expected chained ids, each the name of a whole prefix"
            )
        self.gap = np.where(self.before < 0, _LONG_AGO, self.at - self.at[self.before])

    def sums(self, policies: Sequence[Policy]) -> dict[str, Sums]:
        """What each policy does."""
        if not len(self.at):
            return {one.name: Sums() for one in policies}
        lives = sorted({one.life for one in policies})
        steps = len(lives) + 1
        rung = self._down(rungs(self.gap, lives), steps)
        once, twice = self._climb(rung, steps), None
        if any(one.kind == SECOND_SIGHT for one in policies):
            late = np.where(self.before < 0, len(lives), rung[self.before])
            twice = self._climb(self._down(np.maximum(rung, late), steps), steps)
        return {one.name: self._policy(one, lives.index(one.life) + 1, once, twice) for one in policies}

    def _down(self, rung: Array, steps: int) -> Array:
        """Each node's rung, at least that of the node above it: a path is read only as far as it lives."""
        floor = self.request * steps
        return np.maximum.accumulate(floor + rung) - floor

    def _climb(self, rung: Array, steps: int) -> list[Sums]:
        found = [Sums() for _ in range(steps)]
        climb(found, rung, self.key, self.tokens, self.size)
        for sums in found:
            sums.hits.clear()
        counted = [Sums() for _ in range(steps)]
        climb(counted, rung[self.first], self.key[self.first], self.tokens[self.first], self.size)
        for sums, count in zip(found, counted, strict=True):
            sums.hits = count.hits
        return found

    def _policy(self, one: Policy, top: int, once: list[Sums], twice: list[Sums] | None) -> Sums:
        steps, seen = len(once), below(once, top).read
        if one.kind == STORED:
            return self._stored(one, below(once, steps), seen)
        sums = below(twice if one.kind == SECOND_SIGHT and twice else once, top)
        if one.kind == SECOND_SIGHT:
            sums.written = seen - sums.read
        elif one.kind != AUTOMATIC:
            sums.written = below(once, steps).read - sums.read
        if one.kind == KEEP_ALIVE:
            after = self.after[self.leaf]
            gap = np.where(after < 0, one.life, self.at[after] - self.at[self.leaf])
            count_pings(one, sums, self.key[self.leaf], self.path, gap, self.size)
        return sums

    def _stored(self, one: Policy, everything: Sums, seen: Any) -> Sums:
        """All that can be cached is read; what was not there is created first; rent runs to the next touch."""
        everything.created = everything.read - seen
        gap = np.where(self.after < 0, one.life, np.minimum(self.at[self.after] - self.at, one.life))
        add(everything.rent, products(self.key, self.tokens, gap, self.size))
        if self.rounded:
            self._round(one, everything)
        return everything

    def _round(self, one: Policy, sums: Sums) -> None:
        """Rent from the end of each life of a node to the end of the step in which it ended."""
        created = self.gap[self.order] > one.life
        begun = np.maximum.accumulate(np.where(created, np.arange(len(created)), 0))
        over = np.append(created[1:], True)
        first, last = self.order[begun[over]], self.order[over]
        lasted, key = self.at[last] + one.life - self.at[first], self.key[last]
        unpaid = -lasted % np.array(self.steps[one.name], np.int64)[key]
        add(sums.rent, products(key, self.tokens[last], unpaid, self.size))
