"""The requests of one sheet under every policy that it sells: weighed in whole tokens, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from .. import money
from ..prices.card import STANDARD
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED
from ..units import show_duration
from .bounds import Bounds
from .clairvoyant import Least
from .epochs import Epochs, Key
from .policies import Database, tallies
from .policy import NOT_SOLD, Policy, lifetimes, offered, policy, terms
from .report import ANY, Alternative
from .tally import Tally, price
from .traffic import Whole

CLAIRVOYANT = "clairvoyant"
PLAIN, OPEN, SAMPLED, LOGGED = "plain", "open", "sampled", "logged"
"""Names of tallies beside those of policies: what `bounds` needs; the bound over a sample, and what its requests did in
the log."""


class Share(NamedTuple):
    """How many requests there are at some rates, how many of them name a session, of how many nothing says with which
    others they share a prompt, and the longest prompt."""

    requests: int = 0
    named: int = 0
    alone: int = 0
    longest: int = 0


class Case:
    """Requests at the rates of one sheet, under every policy that it sells.

    `keys`: the rates by number. `foreseen`: whether the bound below all policies is worked out unasked. `shared`:
    whether anything tells which requests share a prompt. `common`: tokens that all sessions begin with. `weighed`: what
    they come to, in whole tokens by policy.
    """

    def __init__(
        self,
        sheet: str,
        keys: Mapping[int, Key],
        sheets: Mapping[str, Epochs],
        shares: Mapping[Key | None, Share],
        names: Sequence[str] = (),
        *,
        foreseen: bool,
        common: int = 0,
    ) -> None:
        self.common = common
        self.weighed: dict[str, Tally] = {}
        self.sheet, self.keys, self.sheets = sheet, dict(sorted(keys.items(), key=lambda each: _first(each[1]))), sheets
        self._shares = {key: shares.get(key, Share()) for key in self.keys.values()}
        self.shared = any(share.requests > share.alone for share in self._shares.values())
        self._policies = chosen(list(self.keys.values()), sheets, names) if self.shared else []
        if common:
            self._policies = [one for one in self._policies if one.kind not in (SECOND_SIGHT, STORED)]
        self.bounded = self.shared and not common and (CLAIRVOYANT in names or (foreseen and not names))

    @cached_property
    def _least(self) -> Least:
        return Least(self.keys, self.sheets)

    def weigh(self, database: Database, requests: str, sample: str = "", *, open_: bool = False) -> None:
        """What whole sessions come to, and all requests with block ids: a table as `policies.tallies` takes it. The
        bound is worked out for all where it is shown (`bounded`), else for the sample, which `undercut` needs. `open_`:
        sessions may share a prefix, so bounds are needed that rest on no session."""
        if not self.shared or open_ or self.common:
            bounds = Bounds(self.sheets)
            bounds.add_all(database, requests, self.keys)
            self.weighed |= {PLAIN: bounds.plain, OPEN: bounds.open}
        if not self.shared:
            return
        self.weighed |= tallies(database, requests, self.keys, self.sheets, self._policies, self.common)
        if self.bounded:
            self.weighed[CLAIRVOYANT] = self._least.tally(database, requests)
        elif sample:
            self.weighed[SAMPLED] = self._least.tally(database, sample)

    def undercut(self) -> bool:
        """Whether a sample of the log cost less than under any policy that knows each session alone."""
        logged = self.weighed.get(LOGGED, Tally())
        return bool(logged.sums) and price(logged, self.sheets).total < self._least.total(self.weighed[SAMPLED])

    def alternatives(self, unchanged: Tally, wholes: Sequence[Whole]) -> Iterator[Alternative]:
        """What all requests come to. `unchanged`: what no policy changes; `wholes`: sums of requests, which count where
        nothing is `shared`."""
        also = price(unchanged, self.sheets).total
        requests = sum(share.requests for share in self._shares.values())
        if not self.shared:
            yield from self._between(requests, also, wholes)
            return
        for one in self._policies:
            if one.kind == FRESH or any(terms(one, key, self.sheets) != NOT_SOLD for key in self.keys.values()):
                tally = self.weighed.get(one.name, Tally())
                total = money.add(price(tally, self.sheets).total, also)
                yield self._row(one.name, requests, total, _hit_share(one, tally))
        if self.bounded:
            least = self._least.total(self.weighed.get(CLAIRVOYANT, Tally()))
            yield self._row(CLAIRVOYANT, requests, money.add(least, also), None, "lower")

    def lifetime_notes(self, *, was_on: bool = False) -> Iterator[str]:
        """What the rows of automatic caching rest on. `was_on`: the log's own requests were served by it."""
        one = next((each for each in self._policies if each.name == AUTOMATIC), None)
        ends = lifetimes(self.keys.values(), self.sheets)
        if was_on:
            yield (
                f"{self.sheet} caches automatically: the log shows what that came to; its row here is what it would "
                "have been if every request in time had hit."
            )
        if one and ends:
            least, most = show_duration(min(end.least for end in ends)), show_duration(max(end.most for end in ends))
            other = f", the shortest life that the vendor names; --policy automatic:{most} takes the longest"
            yield f"Assumed: automatic entries of {self.sheet} live for {least}{other if most != least else ''}."
        elif one:
            yield f"Not known: how long automatic entries of {self.sheet} live; counted as if they never died."

    def floor(self, unchanged: Tally) -> Alternative:
        """What no caching can be below, whatever sessions share."""
        also, requests = price(unchanged, self.sheets).total, sum(share.requests for share in self._shares.values())
        return next(row for row in self._between(requests, also, ()) if row.bound == "lower")

    def _between(self, requests: int, also: Decimal, wholes: Sequence[Whole]) -> Iterator[Alternative]:
        """Fresh, and what any caching must lie between."""
        bounds = Bounds(self.sheets)
        bounds.plain.merge(self.weighed.get(PLAIN, ()))
        bounds.open.merge(self.weighed.get(OPEN, ()))
        longest = (share.longest for key, share in self._shares.items() if share.longest >= bounds.least(key))
        bounds.longest[self.sheet] = max(longest, default=0)
        for each in wholes:
            bounds.add(each.key, prompt=each.prompt, output=each.output, requests=each.requests)
        between, requests = bounds.between(), requests + sum(each.requests or 1 for each in wholes)
        yield self._row(FRESH, requests, money.add(between.fresh, also), Fraction(0))
        yield self._row(ANY, requests, money.add(between.lowest, also), None, "lower")
        yield self._row(ANY, requests, money.add(between.highest, also), None, "upper")

    def _row(
        self, name: str, requests: int, total: Decimal, hit_share: Fraction | None, bound: str = ""
    ) -> Alternative:
        currency = self.sheets[self.sheet].sheet.currency
        return Alternative(self.sheet, name, currency, requests, total, None, hit_share, bound)


def _first(key: Key) -> tuple[bool, str, str, int, int]:
    """Rates in an order that depends on the sheet alone: standard service before others, old before new."""
    return key.service != STANDARD, key.service, key.region or "", key.card, key.row


def _hit_share(one: Policy, tally: Tally) -> Fraction | None:
    """The share of prompt tokens that was read; none where pings read as well."""
    prompt = sum(tally.total(line) for line in ("input", "cache_read", "cache_write"))
    return Fraction(tally.total("cache_read"), prompt) if prompt and one.kind != KEEP_ALIVE else None


def chosen(keys: Sequence[Key], sheets: Mapping[str, Epochs], names: Sequence[str]) -> list[Policy]:
    """The policies that are sold, or those of them and others that were asked for by name."""
    known = {one.name: one for one in offered(keys, sheets)}
    if not names:
        return list(known.values())
    return [known.get(name) or policy(name) for name in dict.fromkeys(names) if name != CLAIRVOYANT]
