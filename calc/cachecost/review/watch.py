"""What changed in other people's datasets, sorted by what is to be done about it, each change with its first day.

A change is a proposal where two independent sources have the new rate, or one that read it on the vendor's page, and
a question otherwise: a line that the page here lacks, a new name, or so many models of a provider at once that the
dataset rather than the vendor may have changed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from .. import money
from ..catalog.catalog import Catalog
from ..prices.card import Row
from ..prices.sheet import PriceSheet
from .datasets import Accepted, NotKept, PeerRate, rate_of, row_of, why_not_kept
from .snapshots import Change, Snapshot, changed

Kind = Literal["proposal", "question", "explained", "already here"]
KINDS: tuple[Kind, ...] = ("proposal", "question", "explained", "already here")
MANY, SHARE = 5, Fraction(1, 20)
"""Over this many models of a provider, and over this share of them, at once: the dataset may have changed its ways."""
BEST = ("model-prices", "metergraph-core", "genai-prices")
"""Whose first days count, best first: documented by the vendor, dated from its page, dated by hand."""


class Began(NamedTuple):
    """The first day of a rate: stated by a source, or the later of two releases between which it came; None where not
    even those are known. `why` says which."""

    day: date | None
    stated: bool
    why: str


class Finding(NamedTuple):
    """One change and what is to be done about it. `sheet` None: a name without a page here, or a term of an SDK; `ours`
    None: our card has no such rate; `sources`: who has the new rate; `page`: of the vendor, where a dataset read it."""

    kind: Kind
    provider: str
    model: str
    sheet: PriceSheet | None
    service: str
    prompt: int
    line: str
    old: Decimal | None
    new: Decimal | None
    ours: Decimal | None
    sources: tuple[str, ...]
    page: str
    began: Began
    why: str


class _Placed(NamedTuple):
    """A rate on our pages: the sheet of its name, the row in force for it, and our name of its line."""

    sheet: PriceSheet
    row: Row
    line: str


def findings(
    old: Snapshot,
    new: Snapshot,
    catalog: Catalog,
    *,
    at: datetime,
    others: Sequence[Snapshot] = (),
    explained: Sequence[Accepted] = (),
    without: Sequence[NotKept] = (),
) -> list[Finding]:
    """The changes of one dataset, those to act on first; `others`: the present releases of other datasets."""
    watch = _Watch(old, new, catalog, at, others, explained, without)
    result = [finding for change in changed(old, new, watch.providers) if (finding := watch.finding(change))]
    sheets: dict[str, set[PriceSheet]] = defaultdict(set)
    for each in result:
        if each.sheet and each.kind == "proposal":
            sheets[each.provider].add(each.sheet)
    large = {provider: len(each) for provider, each in sheets.items() if watch.many(provider, len(each))}
    result = [
        each._replace(kind="question", why=f"{large[each.provider]} models of {each.provider} at once; {each.why}")
        if each.kind == "proposal" and each.provider in large
        else each
        for each in result
    ]
    return sorted(result, key=lambda each: (KINDS.index(each.kind), each.model, each.service, each.prompt))


class _Watch:
    """What every change of a dataset is held beside."""

    def __init__(
        self,
        old: Snapshot,
        new: Snapshot,
        catalog: Catalog,
        at: datetime,
        others: Sequence[Snapshot],
        explained: Sequence[Accepted],
        without: Sequence[NotKept],
    ) -> None:
        self.old, self.new, self.at, self.without = old, new, at, without
        self.reasons = {entry[:5]: entry.reason for entry in explained}
        sheets = catalog.sheets()
        self.providers = {sheet.provider for sheet in sheets}
        self.counts = {name: sum(sheet.provider == name for sheet in sheets) for name in self.providers}
        self.named = {(sheet.provider, name.lower()): sheet.called(name) for sheet in sheets for name in sheet.names}
        self.known_names = {place[:2] for place in old.rates}
        self.others = self._by_place(others)

    def many(self, provider: str, count: int) -> bool:
        return count > MANY and count > SHARE * self.counts[provider]

    def _by_place(self, others: Sequence[Snapshot]) -> Mapping[object, list[tuple[Snapshot, PeerRate]]]:
        """Every rate of the other datasets that falls on a page of ours, by sheet, region, row and line."""
        places: dict[object, list[tuple[Snapshot, PeerRate]]] = defaultdict(list)
        for each in others:
            for rate in each.rates.values():
                if placed := self._placed(rate, self.at):
                    places[_key(placed)].append((each, rate))
        return places

    def _placed(self, rate: PeerRate, at: datetime) -> _Placed | None:
        sheet = self.named.get((rate.provider, rate.model.lower()))
        row = row_of(sheet, rate, at) if sheet else None
        return _Placed(sheet, row, rate_of(row, rate)[0]) if sheet and row else None

    def finding(self, change: Change) -> Finding | None:
        """What a change asks for; None for what asks for nothing: a cell of a name that went or came as a whole is
        said once, with the input rate."""
        if change.term:
            why = "new in the vendor's SDK"
            return self._question(PeerRate(self.new.dataset, "", "", 0, change.term, Decimal()), why)
        rate = change.new or change.old
        assert rate is not None
        sheet = self.named.get((rate.provider, rate.model.lower()))
        if sheet is None:
            return self._unknown(change, rate)
        if change.new is None:
            return None  # a dataset that forgets a rate says nothing of the vendor
        placed = self._placed(rate, self.at)
        if placed is None:
            return self._question(rate, "our page has no such row now", change=change, sheet=sheet)
        return self._known(change, change.new, placed)

    def _unknown(self, change: Change, rate: PeerRate) -> Finding | None:
        reason = why_not_kept(rate.provider, rate.model, self.without)
        first = rate[2:5] == ("standard", 1_000, "input") and (rate.provider, rate.model) not in self.known_names
        if change.new is None or (change.old is None and not first):
            return None
        finding = self._question(rate, "a name that has no page here", change=change)
        return finding._replace(kind="explained", why=reason) if reason else finding

    def _known(self, change: Change, rate: PeerRate, placed: _Placed) -> Finding:
        sheet, row, line = placed
        ours = rate_of(row, rate)[1]
        agreeing, page, began, against = self._evidence(rate, placed)
        finding = self._question(rate, "", change=change, sheet=sheet)._replace(
            line=line, ours=ours, sources=agreeing, page=page, began=began
        )
        texts = ("none" if ours is None else money.text(ours), money.text(rate.value))
        if rate.says(ours) or self._comes(sheet, rate):
            return finding._replace(kind="already here", why="our page has this rate")
        if reason := self.reasons.get((self.new.dataset, sheet.id, rate.line, *texts)):
            return finding._replace(kind="explained", why=reason)
        if ours is None:
            return finding._replace(why="our page has no such rate")
        if len(agreeing) > 1 or page:
            return finding._replace(kind="proposal", why=f"{' and '.join(agreeing)} have it{against}")
        return finding._replace(why=f"only {self.new.name} has it{against}")

    def _comes(self, sheet: PriceSheet, rate: PeerRate) -> bool:
        """Whether a later card of the page brings the rate."""
        rows = (row_of(sheet, rate, card.effective) for card in sheet.cards if card.effective > self.at)
        return any(row is not None and rate.says(rate_of(row, rate)[1]) for row in rows)

    def _evidence(self, rate: PeerRate, placed: _Placed) -> tuple[tuple[str, ...], str, Began, str]:
        """Who has the rate, independent of each other; the vendor's page that one of them read; the first day; and who
        has another one."""
        said = [(self.new, rate), *self.others.get(_key(placed), ())]
        agreeing = [(each, other) for each, other in said if other.value == rate.value]
        origins = {other.origin or each.dataset: each.name for each, other in agreeing}
        page = next((other.source for _, other in agreeing if other.source), "")
        against = {f"{each.name} has {money.text(other.value)}" for each, other in said if other.value != rate.value}
        days = {each.dataset: other.since for each, other in agreeing if other.since}
        return (
            tuple(origins.values()),
            page,
            self._began(days),
            f"; but {', '.join(sorted(against))}" if against else "",
        )

    def _began(self, days: Mapping[str, str]) -> Began:
        if best := next((name for name in BEST if name in days), None):
            return Began(date.fromisoformat(days[best]), True, f"first day stated by {best}")
        if self.old.day and self.new.day:
            return Began(self.new.day, False, f"came between {self.old.day} and {self.new.day}")
        return Began(self.new.day, False, f"came between {self.old.name} and {self.new.name}")

    def _question(
        self, rate: PeerRate, why: str, *, change: Change | None = None, sheet: PriceSheet | None = None
    ) -> Finding:
        old, new = (change.old, change.new) if change else (None, None)
        values = (old.value if old else None, new.value if new else None, None)
        where = (rate.provider, sheet.id if sheet else "/".join(filter(None, rate[:2])), sheet, *rate[2:5])
        return Finding("question", *where, *values, (self.new.name,), rate.source, self._began({}), why)


def _key(placed: _Placed) -> object:
    sheet, row, line = placed
    return sheet.id, sheet.region, row.service, row.prompt, line
