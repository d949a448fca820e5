"""A prompt of several parts that change at different rates: which of them to cache, and what a query then costs.

Queries come at a Poisson rate, or evenly; part i changes at its own Poisson rate, so that the prefix up to its
end changes at C, the sum of the rates so far. A query hits that prefix iff the one before it came within the TTL and
nothing in the prefix has changed since: with probability rate/(rate + C) x (1 - e^(-(rate + C) ttl)) at a Poisson
rate, and e^(-C gap) at an even gap up to the TTL. Costs are of one later query in the long run, prompt only.

Positions 0 = X_0 < ... < X_m; part i ends at X_i and the prefix up to there is unchanged and alive with probability
H_i, which never rises along the prompt. Tokens between two breakpoints cost w - (w - r) H of the later one; tokens
after the last one cost 1. At most `most` breakpoints (4 at Anthropic). Where several TTLs are sold they may be mixed,
the longer ones first (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import NamedTuple

from .. import money, units
from ..errors import BadWorkload, NotSold
from ..prices.caching import cacheable
from ..prices.card import STANDARD, Row
from ..prices.sheet import PriceSheet
from ..prices.warnings import refusal
from ..strategies.names import WRITTEN, sold
from ..units import hours
from ..workload.series import exp

MOST = 4
"""Breakpoints of one request where the sheet does not say: Anthropic's limit, the only one that is published."""
MAX_PARTS = 64
LONGEST = 10**9
Stop = tuple[int, int]
"""A breakpoint: the part (1-based) behind which it stands, and the place of its TTL among the lives."""


class Piece(NamedTuple):
    """A named part of a prompt; it changes so often an hour (0 never), or with every query (None)."""

    name: str
    tokens: int
    changes: Fraction | None = Fraction(0)


class Pace(NamedTuple):
    """How queries come: at a Poisson `rate` per hour, or evenly with a `gap`; one of the two."""

    rate: Fraction | None = None
    gap: timedelta | None = None

    def hit_share(self, changes: Fraction | None, ttl: timedelta) -> Fraction:
        """Probability that a prefix that changes so often an hour is unchanged and alive when the next query comes."""
        if changes is None:
            return Fraction(0)
        if self.rate is not None:
            both = self.rate + changes
            share = self.rate / both * (1 - Fraction(exp(-both * hours(ttl))))
        else:
            assert self.gap is not None
            share = Fraction(exp(-changes * hours(self.gap))) if self.gap <= ttl else Fraction(0)
        return Fraction(money.rounded(share, money.GRAIN))


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


class BreakpointWay(NamedTuple):
    """One way to place breakpoints: `none`, `one` behind the last part, `best` within the limit, or `unlimited`.

    `ttl`: of its breakpoints, `mixed` where there may be several, None where there are none. `stops`: (part from 0,
    TTL). `cost`: in tokens at the input rate; `total`: money for one query's prompt.
    """

    name: str
    ttl: str | None
    stops: tuple[tuple[int, str], ...]
    cost: Fraction
    total: Decimal


class Placement:
    """Where to put breakpoints in a prompt on one sheet, each way beside the others; the cheapest is `best`. `most`: of
    one request, as asked or as the sheet says. `minimum`: the tokens of a prefix that is cached.

    BadWorkload on parts that cannot be; Refused where the vendor would not serve the prompt; NotSold without a written
    cache.
    """

    def __init__(
        self,
        sheet: PriceSheet,
        pieces: Sequence[Piece],
        pace: Pace,
        *,
        at: datetime,
        ttls: Sequence[str] = (),
        most: int | None = None,
        service: str = STANDARD,
        region: str | None = None,
    ) -> None:
        _check(pieces, pace, most)
        whole, card = sum(piece.tokens for piece in pieces), sheet.card(at)
        if refused := refusal(card, prompt=whole, answer=0):
            raise refused.error(sheet.id, context="part", input="part")
        row = sheet.row(card, at=at, prompt=whole, service=service, region=region)
        written, version = card.caching.written, sheet.version(card)
        offered = [name.partition(":")[2] for name in sold(card, row) if name.startswith(f"{WRITTEN}:")]
        if written is None or not offered:
            raise NotSold(f"{version} sells no written cache, so it has no breakpoints to place")
        if missing := [ttl for ttl in ttls if ttl not in offered]:
            raise NotSold(f"{version} does not sell a TTL of {missing[0]}; it sells {', '.join(offered)}")
        if not written.refresh:
            raise NotSold(f"{version}: a read does not refresh an entry there, and no law is known for that")
        read = _multiple(row, f"cache_read:{WRITTEN}" if f"cache_read:{WRITTEN}" in row.rates else "cache_read")
        ends = [0, *(cacheable(written, end) for end in accumulate(piece.tokens for piece in pieces))]
        longest_first = sorted(ttls or offered, key=units.duration, reverse=True)
        lives = [_life(row, read, ttl, pieces, pace) for ttl in longest_first]
        self.sheet, self.version, self.pieces, self.pace = sheet, version, pieces, pace
        self.most, self.minimum = most or written.breakpoints or MOST, written.min_tokens or 0
        self.lives = lives[::-1]
        each = Fraction(row.rates["input"].each)
        self.ways = [*_ways(ends, whole, lives, read=read, limit=self.most, each=each)]

    @property
    def best(self) -> BreakpointWay:
        """The cheapest way within the limit, the one with fewer breakpoints at a tie."""
        within = [way for way in self.ways if len(way.stops) <= self.most]
        return min(within, key=lambda way: (way.cost, len(way.stops)))

    @property
    def fresh(self) -> BreakpointWay:
        return self.ways[0]


def _check(pieces: Sequence[Piece], pace: Pace, most: int | None) -> None:
    if not 1 <= len(pieces) <= MAX_PARTS:
        raise BadWorkload(f"expected 1 to {MAX_PARTS} parts of a prompt, not {len(pieces)}", word="part")
    for name, tokens, changes in pieces:
        if not 1 <= tokens <= LONGEST:
            raise BadWorkload(f"{name}: expected 1 to {LONGEST:,} tokens, not {tokens:,}", word="part")
        if changes is not None and changes < 0:
            raise BadWorkload(f"{name}: expected 0 changes an hour or more", word="part")
    names = [piece.name for piece in pieces]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadWorkload(f"{twice} is given twice; give each part its own name", word="part")
    if (pace.rate is None) == (pace.gap is None):
        raise BadWorkload("say how queries come; give a rate such as 12/h, or every such as 5m", word="rate")
    if pace.rate is not None and pace.rate <= 0:
        raise BadWorkload("expected more than 0 queries per hour, such as 12/h", word="rate")
    if most is not None and most < 1:
        raise BadWorkload("expected at least one breakpoint", word="at_most")


def _life(row: Row, read: Fraction, ttl: str, pieces: Iterable[Piece], pace: Pace) -> Life:
    write, length = _multiple(row, f"cache_write:{ttl}"), units.duration(ttl)
    # Changes an hour of the prefix up to each part; None from the first part on that changes with every query.
    so_far = accumulate(
        (piece.changes for piece in pieces),
        lambda before, own: None if before is None or own is None else before + own,
    )
    shares = tuple(pace.hit_share(changes, length) for changes in so_far)
    return Life(ttl, write, shares, max(Fraction(0), (write - 1) / (write - read)) if write > read else Fraction(0))


def _multiple(row: Row, name: str) -> Fraction:
    plain = row.rates["input"].value
    if not plain:
        raise NotSold("input is free in this row, so there is nothing to save by a cache")
    return Fraction(row.rates[name].value) / Fraction(plain)


def _ways(
    ends: Sequence[int], whole: int, lives: Sequence[Life], *, read: Fraction, limit: int, each: Fraction
) -> Iterator[BreakpointWay]:
    """Fresh first; then for each TTL, the shortest first: one at the end, the best, unlimited; then the best mix."""
    last = len(ends) - 1

    def way(name: str, ttl: str | None, stops: Iterable[Stop], cost: Fraction, among: Sequence[Life]) -> BreakpointWay:
        named = tuple((after - 1, among[life].ttl) for after, life in stops)
        return BreakpointWay(name, ttl, named, cost, money.exact(cost * each))

    yield way("none", None, (), Fraction(whole), ())
    for among in [*((life,) for life in reversed(lives)), *([lives] if len(lives) > 1 else [])]:
        ttl = among[0].ttl if len(among) == 1 else "mixed"
        if len(among) == 1:
            end = [(last, 0)] if ends[last] else []
            yield way("one", ttl, end, cost_of(end, ends, whole, among, read=read), among)
        for name, most in (("best", limit), ("unlimited", last)):
            yield way(name, ttl, *best_mix(ends, whole, among, read=read, most=most), among)


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
