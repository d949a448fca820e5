"""What sessions would have cost under other policies, told one request after another: the plain road.

Assumed, since counts do not say it: within a session a prompt extends the one before, or is the beginning of it where
it is shorter. So min(before, now) of the cacheable tokens can be read while the entry lives. A read or a write starts
the time to live again; all that is cacheable and not read is written; below the vendor's minimum nothing is cached and
nothing touched. A stored entry stays as it was created, and only its beginning that all prompts since have had is read.
Requests without a session share nothing and are sent plain. What follows from a request (its pings,
its rent until the next) is billed at that request's rates. Where a card bills started minutes or hours, an entry pays
up to the end of the last one when it is deleted, at the rates of the request that touched it last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..errors import BadWorkload
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED, WRITTEN
from .columns import Base, Columns, Sums, tallies
from .epochs import Epochs
from .policy import SECOND_SIGHT, Policy, Terms, terms
from .tally import Key, Tally


class Touch(NamedTuple):
    """What a request leaves behind: when, at whose rates, cacheable tokens, and those that lie in the cache; the fewest
    tokens that it could read.

    Of a stored entry also the tokens with which all prompts since have begun, since when it is rented, and in steps of
    how many microseconds.
    """

    at: int
    key: int
    tokens: int
    least: int
    entry: int = 0
    alike: int = 0
    since: int = 0
    step: int = 1

    def matched(self, tokens: int) -> int:
        """How many of so many tokens left in a cache this request finds there."""
        shared = min(tokens, self.tokens)
        return 0 if shared < self.least else shared


class Fold:
    """Requests in, tallies out. `keys` may grow between two calls of `feed`."""

    def __init__(self, keys: Sequence[Key], sheets: Mapping[str, Epochs], policies: Sequence[Policy]) -> None:
        self.keys, self.sheets, self.policies = keys, sheets, policies
        self._base = Base()
        self._sums = {one.name: Sums() for one in policies}
        self._left: dict[str, dict[int, Touch]] = {one.name: {} for one in policies}
        self._terms: dict[tuple[str, int], Terms] = {}

    def feed(self, columns: Columns) -> None:
        """Requests that follow those fed before."""
        base = self._base
        for _, key, prompt, _, output, _ in zip(*columns, strict=True):
            base.requests[key] += 1
            base.prompt[key] += prompt
            base.output[key] += output
        for one in self.policies:
            if one.kind != FRESH:
                self._follow(one, columns)

    def tallies(self) -> dict[str, Tally]:
        """What has been fed so far, by policy; pings and rent after the last request of each session included."""
        ended = {one.name: self._ended(one) for one in self.policies}
        return tallies(self.policies, self.keys, self._base, ended)

    def _follow(self, one: Policy, columns: Columns) -> None:
        serve, sums, left = _SERVE[one.kind], self._sums[one.name], self._left[one.name]
        for at, key, prompt, cacheable, _, session in zip(*columns, strict=True):
            asked = self._asked(one, key)
            tokens = asked.cacheable(min(prompt, cacheable))
            if session < 0 or not tokens:
                continue
            before = left.get(session)
            if before and at < before.at:
                raise BadWorkload("replay: times go back within a session; expected its requests sorted by time")
            left[session] = serve(one, before, Touch(at, key, tokens, asked.least, step=asked.step), sums)

    def _asked(self, one: Policy, key: int) -> Terms:
        found = self._terms.get((one.name, key))
        if found is None:
            found = self._terms[one.name, key] = terms(one, self.keys[key], self.sheets)
        return found

    def _ended(self, one: Policy) -> Sums:
        sums = Sums()
        before = self._sums[one.name]
        for name in Sums.__slots__:
            getattr(sums, name).update(getattr(before, name))
        for touch in self._left[one.name].values():
            _linger(one, touch, one.life + 1, sums)
        return sums


def _linger(one: Policy, touch: Touch, gap: int, sums: Sums) -> None:
    """What an entry costs over the gap after a touch: pings, or rent."""
    if one.kind == KEEP_ALIVE:
        pings = min(one.pings, max(0, -(gap // -one.every) - 1))
        sums.pings[touch.key] += pings
        sums.pinged[touch.key] += pings * touch.tokens
    elif one.kind == STORED:
        sums.rent[touch.key] += touch.entry * _rented(one, touch, gap)


def _rented(one: Policy, touch: Touch, gap: int) -> int:
    """Microseconds that are paid for after a touch; a step that was started is paid to its end when all is over."""
    if gap <= one.life:
        return gap
    return one.life + -(touch.at + one.life - touch.since) % touch.step


def _read(touch: Touch, tokens: int, sums: Sums) -> None:
    sums.read[touch.key] += tokens
    sums.hits[touch.key] += tokens > 0


def _written(one: Policy, before: Touch | None, now: Touch, sums: Sums) -> Touch:
    """The entry always ends where the prompt's cacheable tokens end, whether it was read or written."""
    read = 0
    if before:
        _linger(one, before, now.at - before.at, sums)
        if now.at - before.at <= one.life:
            read = now.matched(before.tokens)
    _read(now, read, sums)
    if one.kind != AUTOMATIC:
        sums.written[now.key] += now.tokens - read
    return now


def _second_sight(one: Policy, before: Touch | None, now: Touch, sums: Sums) -> Touch:
    """Only what is seen again within the TTL is written; what is seen for the first time goes plain."""
    if before is None or now.at - before.at > one.life:
        return now
    shared, read = now.matched(before.tokens), now.matched(before.entry)
    _read(now, read, sums)
    sums.written[now.key] += shared - read
    return now._replace(entry=shared)


def _stored(one: Policy, before: Touch | None, now: Touch, sums: Sums) -> Touch:
    """Created from the prompt of the request that finds none, and read by it and by all that follow in time."""
    if before:
        _linger(one, before, now.at - before.at, sums)
    if before is None or now.at - before.at > one.life:
        sums.created[now.key] += now.tokens
        _read(now, now.tokens, sums)
        return now._replace(entry=now.tokens, alike=now.tokens, since=now.at)
    _read(now, now.matched(before.alike), sums)
    return now._replace(entry=before.entry, alike=min(before.alike, now.tokens), since=before.since)


_SERVE: Mapping[str, Callable[[Policy, Touch | None, Touch, Sums], Touch]] = {
    AUTOMATIC: _written,
    WRITTEN: _written,
    KEEP_ALIVE: _written,
    SECOND_SIGHT: _second_sight,
    STORED: _stored,
}
