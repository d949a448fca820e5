"""Requests at the rates of one sheet, under every policy that it sells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..prices.card import STANDARD
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE
from ..units import show_duration
from .bounds import Bounds, Texts
from .clairvoyant import Least
from .epochs import Epochs
from .policies import Database, tallies
from .policy import NOT_SOLD, Policy, lifetimes, offered, policy, terms
from .report import Alternative
from .tally import Key, Tally, price
from .traffic import Whole

CLAIRVOYANT, ANY = "clairvoyant", "any caching"
FORESEEN = 100_000
"""Requests of a log up to which the bound is worked out unasked: some seconds."""


@dataclass
class Weighed:
    """What a part of a log has come to on one sheet, in whole numbers that can be added up with those of other parts.

    `tallies` by policy; `texts` where nothing tells which requests share a prompt; `units` and `plain` of the bound;
    `logged`: what the log did with the requests of a sample, where the bound is only worked out for a sample.
    """

    requests: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    units: int = 0
    plain: Tally = field(default_factory=Tally)
    logged: Tally = field(default_factory=Tally)

    def merge(self, other: Weighed) -> None:
        self.requests += other.requests
        for name, tally in other.tallies.items():
            self.tallies.setdefault(name, Tally()).merge(tally)
        self.texts.merge(other.texts)
        self.units += other.units
        self.plain.merge(other.plain)
        self.logged.merge(other.logged)


class Sample(NamedTuple):
    """A table with some whole sessions, and what the log did with them."""

    requests: str
    logged: Tally


class Case:
    """Requests at the rates of one sheet, under every policy that it sells.

    `keys`: what requests count their rates through. `shared`: whether anything tells which requests share a prompt.
    `foreseen`: whether the bound below all policies is worked out unasked.
    """

    def __init__(
        self,
        sheet: str,
        keys: Sequence[Key],
        sheets: Mapping[str, Epochs],
        names: Sequence[str] = (),
        *,
        shared: bool,
        foreseen: bool,
    ) -> None:
        self.sheet, self.keys, self.sheets, self.shared = sheet, keys, sheets, shared
        self.own = sorted((key for key in keys if key.sheet == sheet), key=_first)
        self._policies = chosen(self.own, sheets, names) if shared else []
        self.bounded = shared and (CLAIRVOYANT in names or (foreseen and not names))

    def weigh(self, database: Database, requests: str, sample: Sample | None = None) -> Weighed:
        """What whole sessions come to, and all requests with block ids: a table as `policies.tallies` takes it. The
        bound is worked out for all where it is shown (`bounded`), else for the sample, which `undercut` needs."""
        ((count,),) = database.rows(f"SELECT COUNT(*) FROM {requests}")
        found = Weighed(count)
        if not self.shared:
            bounds = Bounds(self.sheets)
            bounds.add_all(database, requests, self.keys)
            found.texts = bounds.texts
        if self._policies:
            found.tallies = tallies(database, requests, self.keys, self.sheets, self._policies)
        bounded = requests if self.bounded else sample.requests if sample and self.shared else None
        if bounded:
            least = Least(self.keys, self.sheets)
            least.add(database, bounded)
            found.units, found.plain = least.units, least.plain
            found.logged = Tally() if self.bounded or not sample else sample.logged
        return found

    def undercut(self, weighed: Weighed) -> bool:
        """Whether a sample of the log cost less than under any policy that knows each session alone."""
        return bool(weighed.logged.sums) and price(weighed.logged, self.sheets).total < self._least(weighed)

    def _least(self, weighed: Weighed) -> Decimal:
        least = Least(self.keys, self.sheets)
        least.units, least.plain = weighed.units, weighed.plain
        return least.total

    def alternatives(self, weighed: Weighed, beside: Tally, wholes: Sequence[Whole]) -> Iterator[Alternative]:
        """What all requests come to. `beside`: what no policy changes; `wholes`: sums of requests, which count where
        nothing is `shared`."""
        also = price(beside, self.sheets).total
        if not self.shared:
            yield from self._between(weighed, also, wholes)
            return
        for one in self._policies:
            if sells(one, self.own, self.sheets):
                tally = weighed.tallies.get(one.name, Tally())
                total = money.add(price(tally, self.sheets).total, also)
                yield self._row(one.name, weighed.requests, total, _hit_share(one, tally))
        if self.bounded:
            yield self._row(CLAIRVOYANT, weighed.requests, money.add(self._least(weighed), also), None, "lower")

    def lifetime_notes(self, *, was_on: bool = False) -> Iterator[str]:
        """What the rows of automatic caching rest on. `was_on`: the log's own requests were served by it."""
        one = next((each for each in self._policies if each.name == AUTOMATIC), None)
        ends = lifetimes(self.own, self.sheets)
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

    def _between(self, weighed: Weighed, also: Decimal, wholes: Sequence[Whole]) -> Iterator[Alternative]:
        """Fresh, and what any caching must lie between."""
        bounds = Bounds(self.sheets)
        bounds.texts.merge(weighed.texts)
        for each in wholes:
            bounds.add(each.key, prompt=each.prompt, output=each.output, requests=each.requests)
        found, requests = bounds.between(), weighed.requests + sum(each.requests or 1 for each in wholes)
        yield self._row(FRESH, requests, money.add(found.fresh, also), Fraction(0))
        yield self._row(ANY, requests, money.add(found.lowest, also), None, "lower")
        yield self._row(ANY, requests, money.add(found.highest, also), None, "upper")

    def _row(
        self, name: str, requests: int, total: Decimal, hit_share: Fraction | None, bound: str = ""
    ) -> Alternative:
        currency = self.sheets[self.sheet].sheet.currency
        return Alternative(self.sheet, name, currency, requests, total, None, hit_share, bound)


def _first(key: Key) -> tuple[bool, str, str, int, int]:
    """Rates in an order that depends on the sheet alone: standard service before others, old before new."""
    return key.service != STANDARD, key.service, key.region or "", key.epoch, key.row


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


def sells(one: Policy, keys: Sequence[Key], sheets: Mapping[str, Epochs]) -> bool:
    return one.kind == FRESH or any(terms(one, key, sheets) != NOT_SOLD for key in keys)
