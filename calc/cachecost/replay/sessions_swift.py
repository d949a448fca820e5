"""What sessions would have cost under other policies, millions of requests a second: the road over arrays.

The same rules as in `sessions`, told for a chunk of requests at once: sorted by session, each request stands behind the
one that it follows, and whether it hits is a comparison of two times. Only what the last request of a session left is
kept between chunks, so memory grows with the sessions, not with the requests. Needs the extra `fast`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BadWorkload
from ..files.installed import install
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED
from .binned import add, binned, products
from .columns import Base, Columns, Sums, tallies
from .epochs import Epochs
from .order import CHUNK, Left, Order
from .policy import SECOND_SIGHT, Policy, Terms, terms
from .rungs import below, climb, count_pings, rungs
from .tally import Key, Tally

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

NEVER = -(2**61)
"""A last touch so long ago that no life reaches it."""
Array = Any


class Fold:
    """Requests in, tallies out. `keys` may grow between two calls of `feed`."""

    def __init__(self, keys: Sequence[Key], sheets: Mapping[str, Epochs], policies: Sequence[Policy]) -> None:
        self.keys, self.sheets, self.policies = keys, sheets, policies
        self._base = Base()
        self._asked: dict[str, list[Terms]] = {one.name: [] for one in policies if one.kind != FRESH}
        self._passes: list[_Pass] = []

    def feed(self, columns: Columns) -> None:
        """Requests that follow those fed before."""
        self._learn()
        arrays = [np.asarray(column, dtype=np.int64) for column in columns]
        for begin in range(0, len(arrays[0]), CHUNK):
            self._chunk(Columns(*(array[begin : begin + CHUNK] for array in arrays)))

    def tallies(self) -> dict[str, Tally]:
        """What has been fed so far, by policy; pings and rent after the last request of each session included."""
        sums = {one.name: Sums() for one in self.policies}
        for each in self._passes:
            sums |= each.ended(len(self.keys), self._asked)
        return tallies(self.policies, self.keys, self._base, sums)

    def _learn(self) -> None:
        """Ask the terms of keys that are new, and put policies that ask the same of all keys into one pass."""
        for one in self.policies:
            if one.kind != FRESH:
                asked = self._asked[one.name]
                asked += [terms(one, key, self.sheets) for key in self.keys[len(asked) :]]
        if not self._passes:
            alike: dict[tuple[Terms, ...], list[Policy]] = {}
            for one in self.policies:
                if one.kind != FRESH:
                    alike.setdefault(tuple(self._asked[one.name]), []).append(one)
            self._passes = [_Pass(policies) for policies in alike.values()]

    def _chunk(self, chunk: Columns) -> None:
        base, size = self._base, len(self.keys)
        add(base.requests, binned(chunk.key, None, size))
        add(base.prompt, binned(chunk.key, chunk.prompt, size))
        add(base.output, binned(chunk.key, chunk.output, size))
        for each in self._passes:
            each.follow(chunk, self._asked)


class _Pass:
    """All policies that ask the same of a prompt, told together.

    `_lives` are all their lives in order; the rung of a request is the number of lives for which it comes too late, so
    that sums by rung hold those of every policy.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = policies
        kinds = {one.kind for one in policies}
        self._lives = sorted({one.life for one in policies if one.kind != STORED})
        self._seeing = SECOND_SIGHT in kinds
        self._lasting = [one for one in policies if one.kind in (KEEP_ALIVE, STORED)]
        fields = {"at": NEVER, "tokens": 0}
        if self._seeing:
            fields |= {"rung": len(self._lives), "shared": 0}
        if self._lasting:
            fields["key"] = 0
        for one in policies:
            if one.kind == STORED:
                fields |= {one.name: 0, _since(one): 0, _alike(one): 0}
        self._left = Left(**fields)
        self._once, self._twice = ([Sums() for _ in range(len(self._lives) + 1)] for _ in range(2))
        self._all = Sums()
        self._lingering = {one.name: Sums() for one in self._lasting}

    def follow(self, chunk: Columns, told: Mapping[str, Sequence[Terms]]) -> None:
        """Requests in the order of their sessions, each behind the one whose entry it may read. `told`: the terms of
        every policy."""
        asked = told[self.policies[0].name]
        tokens = _cacheable(chunk, asked)
        taking = np.flatnonzero((tokens > 0) & (chunk.session >= 0))
        if not len(taking):
            return
        found = Order(chunk, taking)
        tokens = tokens[found.places]
        self._left.grow(int(found.session[-1]) + 1)
        gap = found.at - self._left.before("at", found, found.at)
        if int(gap.min()) < 0:
            raise BadWorkload("replay: times go back within a session; expected its requests sorted by time")
        before = self._left.before("tokens", found, tokens)
        least, size = _each([one.least for one in asked], found.key), len(asked)
        shared = _matched(before, tokens, least)
        rung = rungs(gap, self._lives)
        add(self._all.written, binned(found.key, tokens, size))
        climb(self._once, rung, found.key, shared, size)
        if self._seeing:
            late = np.maximum(rung, self._left.before("rung", found, rung))
            again = _matched(self._left.before("shared", found, shared), tokens, least)
            climb(self._twice, late, found.key, again, size)
        if self._lasting:
            key = self._left.before("key", found, found.key)
            for one in self._lasting:
                if one.kind == KEEP_ALIVE:
                    count_pings(one, self._lingering[one.name], key, before, gap, size)
                else:
                    self._store(one, found, gap, tokens, key, told[one.name])

    def ended(self, size: int, told: Mapping[str, Sequence[Terms]]) -> dict[str, Sums]:
        """The sums of every policy, with what lingers after the last request of each session."""
        return {one.name: self._ended(one, size, told[one.name]) for one in self.policies}

    def _ended(self, one: Policy, size: int, asked: Sequence[Terms]) -> Sums:
        sums = Sums()
        if one.kind in (KEEP_ALIVE, STORED):
            for name in Sums.__slots__:
                getattr(sums, name).update(getattr(self._lingering[one.name], name))
            key, tokens = self._left["key"], self._left["tokens"]
            gap = np.full(len(key), one.life, np.int64)
            if one.kind == STORED:
                gap += _unpaid(self._left["at"] + one.life - self._left[_since(one)], key, asked)
                add(sums.rent, products(key, self._left[one.name], gap, size))
                return sums
            count_pings(one, sums, key, tokens, gap, size)
        top = self._lives.index(one.life) + 1
        once, twice = below(self._once, top), below(self._twice, top)
        reads = twice if one.kind == SECOND_SIGHT else once
        sums.read, sums.hits = reads.read, reads.hits
        if one.kind == SECOND_SIGHT:
            sums.written = once.read - twice.read
        elif one.kind != AUTOMATIC:
            sums.written = self._all.written - once.read
        return sums

    def _store(self, one: Policy, found: Order, gap: Array, tokens: Array, key: Array, asked: Sequence[Terms]) -> None:
        """An entry holds what the request that created it sent, until it has been idle for too long. `key`: of the
        request before, which pays the rent until this one."""
        sums, size = self._lingering[one.name], int(max(found.key.max(), key.max())) + 1
        created = gap > one.life
        known = created.copy()
        known[found.first] = True
        begun = np.maximum.accumulate(np.where(known, np.arange(len(gap)), 0))
        held, since, alike = tokens.copy(), found.at.copy(), tokens.copy()
        carried = found.first[~created[found.first]]
        session = found.session[carried]
        held[carried], since[carried] = self._left[one.name][session], self._left[_since(one)][session]
        alike[carried] = np.minimum(alike[carried], self._left[_alike(one)][session])
        held, since, alike = held[begun], since[begun], _least_since(known, alike)
        self._left.before(_alike(one), found, alike)
        read = alike * (alike >= _each([each.least for each in asked], found.key))
        add(sums.created, binned(found.key, np.where(created, tokens, 0), size))
        add(sums.read, binned(found.key, read, size))
        add(sums.hits, binned(found.key[read > 0], None, size))
        rented, since = self._left.before(one.name, found, held), self._left.before(_since(one), found, since)
        paid = np.minimum(gap, one.life)
        over = np.flatnonzero(created)
        paid[over] += _unpaid(found.at[over] - gap[over] + one.life - since[over], key[over], asked)
        add(sums.rent, products(key, rented, paid, size))


def _since(one: Policy) -> str:
    """What the creation of an entry is called among what a session left."""
    return f"{one.name} since"


def _alike(one: Policy) -> str:
    """What the beginning that all prompts since have had is called there."""
    return f"{one.name} alike"


def _least_since(known: Array, values: Array) -> Array:
    """The least value (below 2**44) since the last place that is marked, itself included."""
    floor = np.cumsum(known) << 44
    return np.minimum.accumulate(values - floor) + floor


def _unpaid(lasted: Array, key: Array, asked: Sequence[Terms]) -> Array:
    """Microseconds from the end of each life to the end of the step in which it ended."""
    return -lasted % _each([each.step for each in asked], key)


def _matched(left: Array, tokens: Array, least: Array) -> Array:
    """How many tokens left in a cache each request finds there: none where they are fewer than the minimum."""
    shared = np.minimum(left, tokens)
    shared *= shared >= least
    return shared


def _cacheable(chunk: Columns, asked: Sequence[Terms]) -> Array:
    """What a cache may take of each prompt: whole blocks, none below the minimum."""
    tokens = np.minimum(chunk.prompt, chunk.cacheable)
    least = _each([one.least for one in asked], chunk.key)
    block = _each([one.block for one in asked], chunk.key)
    kept = tokens * (tokens >= least)
    return kept if isinstance(block, int) and block == 1 else kept // block * block


def _each(values: Sequence[int], key: Array) -> Array:
    """A value for each request by its key; the value itself where it is the same for all."""
    return values[0] if len(set(values)) == 1 else np.array(values, np.int64)[key]
