"""A prefix tree under other policies, told request by request: the slow way, for comparison with the plan in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cachecost.replay.epochs import Epochs, RateKey
from cachecost.replay.policies import BLOCK, NOT_SOLD, Policy, terms
from cachecost.replay.tally import HITS, REQUESTS, Tally


class Node(NamedTuple):
    """A node as it was last touched: when, at whose rates, its tokens, whether it lies in the cache; for the last of
    its prompt also the tokens of the whole path, which pings read; since when it has not been idle for too long."""

    at: int
    key: int
    tokens: int
    held: bool
    path: int
    since: int


class Tree:
    """One policy over all requests; `nodes` holds every node by its id."""

    def __init__(self, one: Policy, keys: Sequence[RateKey], sheets: Mapping[str, Epochs]) -> None:
        self.one, self.keys = one, keys
        question = {number: terms(one, key, sheets) for number, key in enumerate(keys)}
        self.steps = [each.step for each in question.values()]
        self.merged = [0] * len(keys)
        for number, each in question.items():
            if each != NOT_SOLD:  # the largest minimum of the sheet
                sold = (question[n] for n, key in enumerate(keys) if key.sheet == keys[number].sheet)
                self.merged[number] = -(-max(1, *(other.least for other in sold if other != NOT_SOLD)) // BLOCK)
        self.nodes: dict[tuple[str, int], Node] = {}
        self.sums: Counter[tuple[int, str]] = Counter()

    def follow(self, trace: Any) -> Tally:
        """The tally of requests (time, key, prompt, output, blocks) in the order of the log."""
        clocks = Counter[str]()
        for at, key, prompt, output, blocks in zip(*trace, strict=True):
            clocks[self.keys[key].sheet] = clock = max(clocks[self.keys[key].sheet], at)
            self.sums.update({(key, "input"): prompt, (key, "output"): output, (key, REQUESTS): 1})
            if merged := self.merged[key]:
                self.serve(clock, key, blocks[: prompt // BLOCK][merged - 1 :])
        for node in self.nodes.values():
            self.linger(node, self.one.life + 1)
        return Tally((self.keys[key], line, count) for (key, line), count in self.sums.items())

    def serve(self, at: int, key: int, nodes: Sequence[int]) -> None:
        """Read as far as the path lives, write the rest, and touch all of it."""
        one, scope = self.one, self.keys[key].sheet
        result = [self.nodes.get((scope, name)) for name in nodes]
        alive = _leading([node is not None and at - node.at <= one.life for node in result])
        held = _leading([node is not None and node.held for node in result[:alive]])
        for node in filter(None, result):
            self.linger(node, at - node.at)
        read, written, kept, created = held, len(nodes) - held, len(nodes), 0
        if one.kind == "automatic":
            written = 0
        if one.kind == "stored":
            created, read, written = self.tokens(key, held, len(nodes)), len(nodes), 0
        if one.kind == "second-sight":
            written, kept = alive - held, alive
        kind = one.kind if one.kind in ("automatic", "stored") else "written"
        put = self.tokens(key, read, read + written)
        self.sums[key, "creation"] += created
        self.sums[key, f"cache_read:{kind}"] += self.tokens(key, 0, read)
        self.sums[key, f"cache_write:{one.ttl}"] += put
        self.sums[key, "input"] -= self.tokens(key, 0, read) + put
        self.sums[key, HITS] += read > 0
        for depth, name in enumerate(nodes):
            path = self.tokens(key, 0, len(nodes)) if depth == len(nodes) - 1 else 0
            before = result[depth]
            since = before.since if before and at - before.at <= one.life else at
            size = self.tokens(key, depth, depth + 1)
            self.nodes[scope, name] = Node(at, key, size, depth < kept, path, since)

    def linger(self, node: Node, gap: int) -> None:
        """What a node costs over the gap after a touch: rent, or pings."""
        life, key = self.one.life, node.key
        if self.one.kind == "stored":
            unpaid = 0 if gap <= life else -(node.at + life - node.since) % self.steps[key]
            self.sums[key, "storage"] += node.tokens * (min(gap, life) + unpaid)
        if self.one.kind == "keep-alive" and node.path:
            pings = min(self.one.pings, max(0, -(gap // -self.one.every) - 1))
            counts = {"cache_read:written": pings * node.path, REQUESTS: pings, HITS: pings}
            self.sums.update({(key, line): count for line, count in counts.items()})

    def tokens(self, key: int, begin: int, end: int) -> int:
        """Tokens of the nodes of a path from one depth to before another; the first node has so many blocks."""
        return BLOCK * (end - begin + (self.merged[key] - 1 if begin == 0 < end else 0))


def replay(
    trace: Any, keys: Sequence[RateKey], sheets: Mapping[str, Epochs], policies: Sequence[Policy]
) -> dict[str, Tally]:
    """The tally of every policy, by its name."""
    return {one.name: Tree(one, keys, sheets).follow(trace) for one in policies}


def _leading(marks: Sequence[bool]) -> int:
    """How many stand before the first that is false."""
    return marks.index(False) if False in marks else len(marks)
