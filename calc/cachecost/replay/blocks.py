"""What requests with block ids would have cost under other policies: a prefix tree, told request by request.

Rules: requests in the order of the log, a write visible to the next one; all `floor(prompt / 512)` full blocks can be
cached, the rest is plain input; the first blocks, as many as the vendor's minimum needs, are one node, so that fewer
count as no match; an entry lives while the time since its last touch is not above its life; a read or a write touches
the whole path; what can be cached and is not read is written; breakpoints have no limit and there is one scope for all
requests of a model.
A clock that goes back stands still. What a request leaves to pay (pings, rent until the next) is billed at its rates;
under `stored` every node is rented by itself, which no vendor sells: a bound from below. Where a card bills started
minutes or hours, each node pays up to the end of the last one when it is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ..errors import BadUsage
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED
from .columns import Base, Sums, tallies
from .epochs import Epochs
from .policy import NOT_SOLD, SECOND_SIGHT, Policy, terms
from .tally import Key, Tally

BLOCK = 512
"""Tokens that an id stands for."""


class Trace(NamedTuple):
    """Requests in the order of the log. `blocks`: chained ids, each the name of a whole prefix; the other columns as in
    `Columns`."""

    at: Sequence[int]
    key: Sequence[int]
    prompt: Sequence[int]
    output: Sequence[int]
    blocks: Sequence[Sequence[int]]


class Node(NamedTuple):
    """A node as it was last touched: when, at whose rates, its tokens, whether it lies in the cache; for the last of
    its prompt also the tokens of the whole path, which pings read; since when it has not been idle for too long."""

    at: int
    key: int
    tokens: int
    held: bool
    path: int
    since: int


def replay(
    trace: Trace, keys: Sequence[Key], sheets: Mapping[str, Epochs], policies: Sequence[Policy]
) -> dict[str, Tally]:
    """The tally of every policy, by its name."""
    base = Base()
    for _, key, prompt, output, _ in zip(*trace, strict=True):
        base.requests[key] += 1
        base.prompt[key] += prompt
        base.output[key] += output
    sums = {one.name: Sums() if one.kind == FRESH else _Tree(one, keys, sheets).follow(trace) for one in policies}
    return tallies(policies, keys, base, sums)


def first_nodes(one: Policy, keys: Sequence[Key], sheets: Mapping[str, Epochs]) -> list[int]:
    """For each key how many blocks the first node takes, by the largest minimum of its sheet; 0 where it does not sell
    the policy."""
    asked = [terms(one, key, sheets) for key in keys]
    least: dict[str, int] = {}
    for key, each in zip(keys, asked, strict=True):
        if each != NOT_SOLD:
            least[key.sheet] = max(least.get(key.sheet, 1), each.least)
    pairs = zip(keys, asked, strict=True)
    return [0 if each == NOT_SOLD else -(-least[key.sheet] // BLOCK) for key, each in pairs]


def path(blocks: Sequence[int], prompt: int, merged: int) -> Sequence[int]:
    """The nodes of a prompt, each called by its last block; none where it is shorter than the first node."""
    full = blocks[: prompt // BLOCK]
    if len(set(full)) < len(full):
        raise BadUsage(
            "blocks: an id stands twice in one prompt; expected chained ids, each the name of a whole prefix"
        )
    return full[merged - 1 :]


class _Tree:
    """One policy over the tree; `nodes` holds every node by its id."""

    def __init__(self, one: Policy, keys: Sequence[Key], sheets: Mapping[str, Epochs]) -> None:
        self.one = one
        self.merged = first_nodes(one, keys, sheets)
        self.nodes: dict[tuple[str, int], Node] = {}
        self.scopes = [key.sheet for key in keys]
        self.steps = [terms(one, key, sheets).step for key in keys]
        self.sums = Sums()

    def follow(self, trace: Trace) -> Sums:
        clock = 0
        for at, key, prompt, _, blocks in zip(*trace, strict=True):
            clock = max(clock, at)
            if merged := self.merged[key]:
                self._serve(clock, key, path(blocks, prompt, merged))
        for node in self.nodes.values():
            self._linger(node, self.one.life + 1)
        return self.sums

    def _serve(self, at: int, key: int, nodes: Sequence[int]) -> None:
        one, sums = self.one, self.sums
        scope, tokens = self.scopes[key], partial(_tokens, self.merged[key])
        found = [self.nodes.get((scope, name)) for name in nodes]
        alive = _leading([node is not None and at - node.at <= one.life for node in found])
        held = _leading([node is not None and node.held for node in found[:alive]])
        for node in filter(None, found):
            self._linger(node, at - node.at)
        read, written, kept = held, len(nodes) - held, len(nodes)
        if one.kind == STORED:
            sums.created[key] += tokens(held, len(nodes))
            read, written = len(nodes), 0
        if one.kind == SECOND_SIGHT:
            written, kept = alive - held, alive
        if one.kind != AUTOMATIC:
            sums.written[key] += tokens(read, read + written)
        sums.read[key] += tokens(0, read)
        sums.hits[key] += read > 0
        for depth, name in enumerate(nodes):
            leaf = tokens(0, len(nodes)) if depth == len(nodes) - 1 else 0
            before = found[depth]
            since = before.since if before and at - before.at <= one.life else at
            self.nodes[scope, name] = Node(at, key, tokens(depth, depth + 1), depth < kept, leaf, since)

    def _linger(self, node: Node, gap: int) -> None:
        """What a node costs over the gap after a touch."""
        if self.one.kind == STORED:
            self.sums.rent[node.key] += node.tokens * self._rented(node, gap)
        if self.one.kind == KEEP_ALIVE and node.path:
            pings = min(self.one.pings, max(0, -(gap // -self.one.every) - 1))
            self.sums.pings[node.key] += pings
            self.sums.pinged[node.key] += pings * node.path

    def _rented(self, node: Node, gap: int) -> int:
        """Microseconds that are paid for after a touch; a step that was started is paid to its end when all is over."""
        life = self.one.life
        return gap if gap <= life else life + -(node.at + life - node.since) % self.steps[node.key]


def _tokens(merged: int, begin: int, end: int) -> int:
    """Tokens of the nodes of a path from one depth to before another; the first node has so many blocks."""
    return BLOCK * (end - begin + (merged - 1 if begin == 0 < end else 0))


def _leading(marks: Sequence[bool]) -> int:
    """How many stand before the first that is false."""
    return marks.index(False) if False in marks else len(marks)
