"""The least that the same traffic can have cost: a cache that knows every later request.

Each token is followed alone. Whenever its prompt is sent it goes plain, is written for one of the TTLs, or is read
where an earlier write or read still lives; the cheapest way through all its requests is found from state to state
(nothing in a cache, or alive one way). No policy costs less at these rates, since each token of it costs no less than
its cheapest. Pings are no part of it, so that it bounds all policies but keep-alive. Fees on reads and the steps of
automatic caches are left out, which only lowers the bound. A
stored cache lives as long as wanted at a rent by the microsecond, also where a card bills started minutes or hours, and
an automatic one for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain, groupby
from math import lcm
from typing import Any, NamedTuple

from .. import money
from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from ..units import HOUR
from .epochs import Epochs, RateKey
from .policies import BLOCK, FOREVER, NOT_SOLD, Policy, PolicyTerms, offered, terms
from .survey import RequestSurvey
from .tally import REQUESTS, STORAGE, Tally, price


class Choice(NamedTuple):
    """What a token costs at one set of rates if sent one way, in units: to write, to read, to keep for a microsecond;
    how many microseconds it lives after a touch. What is sent plain is read at the same rate, for ever."""

    write: int
    read: int
    keep: int
    life: int


class Alive(NamedTuple):
    """A token that was sent one way: the least that it has cost so far, when it was last touched, and at which
    rates."""

    cost: int
    at: int
    by: Choice


State = tuple[Alive | None, ...]
"""A token, sent each way: plain, and cached in those that are sold; None where it cannot be."""


class Segment(NamedTuple):
    """So many tokens that stand side by side and have the same history."""

    tokens: int
    state: State


def least(survey: RequestSurvey) -> Decimal:
    """The bound for the requests that have keys, all of one sheet: whole sessions, and all that have block ids. They
    have the columns that `policies.tallies` needs."""
    columns = f"{survey.session}, moment, key, prompt, output, blocks"
    order = f"blocks IS NOT NULL, {survey.session}, CASE WHEN blocks IS NULL THEN moment END, place"
    rows = survey.database.batches(f"SELECT {columns} FROM {survey.those} ORDER BY {order}")
    return _Least(survey.keys, survey.sheets).total(chain.from_iterable(rows))


class _Least:
    """The bound for requests on one sheet: `tally` holds what is sent plain.

    All else is counted in one small unit of money, in which every rate is a whole number, so that millions of
    comparisons round nothing. `choices`: what the ways of sending a token cost by key, plain first, None where it does
    not sell one.
    """

    def __init__(self, keys: Mapping[int, RateKey], sheets: Mapping[str, Epochs]) -> None:
        self._keys, self._sheets, self._tally = keys, sheets, Tally()
        offer = offered(keys.values(), sheets, longest=True)
        policies = [one for one in offer if one.kind in (FRESH, AUTOMATIC, WRITTEN, STORED)]
        self._terms = {
            number: [PolicyTerms() if one.kind == FRESH else terms(one, key, sheets) for one in policies]
            for number, key in keys.items()
        }
        rates = {
            number: [
                None if own == NOT_SOLD else _rates(one, keys[number], sheets[keys[number].sheet])
                for one, own in zip(policies, row, strict=True)
            ]
            for number, row in self._terms.items()
        }
        self._unit = lcm(*(rate.denominator for row in rates.values() for way in row for rate in way or ()))
        lives = [FOREVER if one.kind == STORED else one.life for one in policies]
        self._choices = {
            number: [
                way and Choice._make((*(int(rate * self._unit) for rate in way), life))
                for life, way in zip(lives, row, strict=True)
            ]
            for number, row in rates.items()
        }
        self._ever = [any(of_key) for of_key in zip(*self._choices.values(), strict=True)]
        self._new: State = (None,) * len(policies)
        minimums = (each.least for row in self._terms.values() for each in row[1:] if each != NOT_SOLD)
        # so many blocks have to be alike before anything can be read
        self._merged = max(1, -(-min(minimums, default=0) // BLOCK))

    def total(self, requests: Iterable[tuple[Any, ...]]) -> Decimal:
        """What the requests come to in money; those with block ids come last."""
        units = 0
        for traced, some in groupby(requests, lambda row: row[-1] is not None):
            units += (self._blocks if traced else self._sessions)(some)
        return money.add(money.exact(Fraction(units, self._unit)), price(self._tally, self._sheets).total)

    def _ways(self, key: int, tokens: int) -> tuple[Choice | None, ...]:
        """The ways in which a prompt of so many cacheable tokens can be sent; None where it cannot."""
        pairs = zip(self._choices[key], self._terms[key], strict=True)
        return tuple(choice if terms.cacheable(tokens) else None for choice, terms in pairs)

    def _sessions(self, requests: Iterable[tuple[Any, ...]]) -> int:
        """Session by session, each in the order of time, under the assumption of `policies` on what a prompt shares
        with the one before."""
        last, stack, units = None, list[Segment](), 0
        for session, at, key, tokens, output, _ in requests:
            if session != last:
                last, stack = session, []
            ways = self._ways(key, tokens) if session is not None else ()
            is_cached = any(ways[1:])
            self._add(key, 0 if is_cached else tokens, output)
            if is_cached:
                whole = all(way or not sold for way, sold in zip(ways, self._ever, strict=True))
                paid, stack = self._grow(stack, tokens, at, ways, whole)
                units += paid
        return units

    def _grow(
        self, stack: list[Segment], tokens: int, at: int, ways: Sequence[Choice | None], whole: bool
    ) -> tuple[int, list[Segment]]:
        """The segments of a session after one more prompt, and what is now paid for good. `whole`: open to every way,
        so that what lies beyond a shorter prompt is gone."""
        paid, segments, rest = 0, list[Segment](), tokens
        for segment in stack:
            inside = min(rest, segment.tokens)
            rest -= inside
            if inside:
                paid += _push(segments, Segment(inside, _after(segment.state, at, ways)))
            if not whole and segment.tokens > inside:
                paid += _push(segments, segment._replace(tokens=segment.tokens - inside))
        if rest:
            paid += _push(segments, Segment(rest, _after(self._new, at, ways)))
        return paid, segments

    def _blocks(self, requests: Iterable[tuple[Any, ...]]) -> int:
        """In the order of the log, each node of the prefix tree by itself."""
        nodes, clock, merged = dict[int, Segment](), 0, self._merged
        for _, at, key, prompt, output, blocks in requests:
            clock = max(clock, at)
            touched = blocks[: prompt // BLOCK][merged - 1 :]
            ways = self._ways(key, (len(touched) + merged - 1) * BLOCK) if touched else ()
            if not any(ways[1:]):
                touched = ()
            self._add(key, prompt - (len(touched) + merged - 1 if touched else 0) * BLOCK, output)
            last, after = None, self._new
            for depth, name in enumerate(touched):
                node = nodes.get(name) or Segment(BLOCK * (1 if depth else merged), self._new)
                if node.state is not last:  # nodes of one path nearly always share their whole history
                    last, after = node.state, _after(node.state, clock, ways)
                nodes[name] = Segment(node.tokens, after)
        return sum(node.tokens * _least(node.state) for node in nodes.values())

    def _add(self, key: int, tokens: int, output: int) -> None:
        self._tally.add(self._keys[key], {"input": tokens, "output": output, REQUESTS: 1})


def _rates(one: Policy, key: RateKey, epochs: Epochs) -> tuple[Fraction, Fraction, Fraction]:
    """To write a token, to read it, to keep it for a microsecond. A token put into a stored cache is read by the very
    request that it is created for."""
    plain = epochs.each(key, "input")
    if one.kind == FRESH:
        return plain, plain, Fraction(0)
    read = epochs.each(key, one.read)
    if one.kind == STORED:
        return epochs.each(key, "creation") + read, read, epochs.each(key, STORAGE) / HOUR
    return plain if one.kind == AUTOMATIC else epochs.each(key, f"cache_write:{one.ttl}"), read, Fraction(0)


def _least(state: State) -> int:
    return min((one.cost for one in state if one), default=0)


def _after(before: State, at: int, ways: Sequence[Choice | None]) -> State:
    """What a token has cost after one more request. A way that is closed to this request, which then goes plain, leaves
    its entry untouched."""
    least, plain = _least(before), ways[0].write if ways[0] else 0
    nexts: list[Alive | None] = []
    for way, old in zip(ways, before, strict=True):
        if way is None:
            nexts.append(old and old._replace(cost=old.cost + plain))
            continue
        cost = least + way.write
        if old and at - old.at <= old.by.life:
            cost = min(cost, old.cost + way.read + old.by.keep * (at - old.at))
        nexts.append(Alive(cost, at, way))
    return tuple(nexts)


def _push(stack: list[Segment], segment: Segment) -> int:
    """Add a segment whose least cost is taken out and handed back; one with the same history as the last joins it."""
    least, tokens = _least(segment.state), segment.tokens
    state = tuple(one and one._replace(cost=one.cost - least) for one in segment.state)
    if stack and stack[-1].state == state:
        tokens += stack.pop().tokens
    stack.append(Segment(tokens, state))
    return least * segment.tokens
