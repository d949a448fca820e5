"""What changed in other people's datasets, sorted by what is to be done about it, each change with its first day.

A change is a proposal where two independent sources have the new rate, or one that read it on the vendor's page, and
a question otherwise: a line that the page here lacks, a new name, or so many models of a provider at once that the
dataset rather than the vendor may have changed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from .. import money
from ..errors import BadDocument
from ..prices.sheet import PriceSheet
from .datasets import Ours, PeerRate, Placed
from .releases import Pair, RateChange, Snapshot, changed

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


class Watched(NamedTuple):
    """The releases that were compared, what could not be had, and every change, proposals first."""

    pairs: Sequence[Pair]
    problems: Sequence[str]
    changes: list[Finding]

    @property
    def releases(self) -> list[str]:
        """`litellm 1.110.2 since 1.106.2`, `genai-prices 0.2.3 as a second source`."""
        return [
            f"{new.name} since {old.version or 'the previous file'}" if old else f"{new.name} as a second source"
            for old, new in self.pairs
        ]


def watched(pairs: Sequence[Pair], ours: Ours, *, problems: Sequence[BadDocument] = ()) -> Watched:
    """What the changes of every pair ask for, each held beside the present releases of the others."""
    changes = []
    for old, new in pairs:
        if old is not None and old.digest() != new.digest():
            others = [each.new for each in pairs if each.new.dataset != new.dataset]
            changes += findings(old, new, ours, others)
    changes.sort(key=lambda each: KINDS.index(each.kind))
    return Watched(pairs, list(map(str, problems)), changes)


def findings(old: Snapshot, new: Snapshot, ours: Ours, others: Sequence[Snapshot] = ()) -> list[Finding]:
    """The changes of one dataset, those to act on first; `others`: the present releases of other datasets."""
    watch = _Watch(old, new, ours, others)
    result = [finding for change in changed(old, new, ours.models) if (finding := watch.finding(change))]
    sheets: dict[str, set[PriceSheet]] = defaultdict(set)
    for each in result:
        if each.sheet and each.kind == "proposal":
            sheets[each.provider].add(each.sheet)
    for place, each in enumerate(result):
        many = len(sheets[each.provider])
        if each.kind == "proposal" and many > MANY and many > SHARE * ours.models[each.provider]:
            why = f"{many} models of {each.provider} at once; {each.why}"
            result[place] = each._replace(kind="question", why=why)
    return sorted(result, key=lambda each: (KINDS.index(each.kind), each.model, each.service, each.prompt))


class _Watch:
    """What every change of a dataset is held beside."""

    def __init__(self, old: Snapshot, new: Snapshot, ours: Ours, others: Sequence[Snapshot]) -> None:
        self.old, self.new, self.ours = old, new, ours
        self.known_names = {place[:2] for place in old.rates}
        self.others: dict[object, list[tuple[Snapshot, PeerRate]]] = defaultdict(list)
        for each in others:
            for rate in each.rates.values():
                if placed := ours.placed(rate):
                    self.others[_key(placed)].append((each, rate))

    def finding(self, change: RateChange) -> Finding | None:
        """What a change asks for; None for what asks for nothing: a cell of a name that went or came as a whole is
        said once, with the input rate."""
        if change.term:
            why = "new in the vendor's SDK"
            return self._question(PeerRate(self.new.dataset, "", "", 0, change.term, Decimal()), why)
        rate = change.new or change.old
        assert rate is not None
        sheet = self.ours.sheet(rate)
        if sheet is None:
            first = rate[2:5] == ("standard", 1_000, "input") and (rate.provider, rate.model) not in self.known_names
            if change.new is None or (change.old is None and not first):
                return None
            finding = self._question(rate, "a name that has no page here", change=change)
            reason = self.ours.why_not_kept(rate.provider, rate.model)
            return finding._replace(kind="explained", why=reason) if reason else finding
        if change.new is None:
            return None  # a dataset that forgets a rate says nothing of the vendor
        placed = self.ours.placed(rate)
        if placed is None:
            return self._question(rate, "our page has no such row now", change=change, sheet=sheet)
        return self._known(change, change.new, placed)

    def _known(self, change: RateChange, rate: PeerRate, placed: Placed) -> Finding:
        """What the new rate of a row asks for: who has it, independent of each other, and who has another one."""
        sheet, _, line, ours = placed
        said = [(self.new, rate), *self.others.get(_key(placed), ())]
        agreeing = [(each, other) for each, other in said if other.value == rate.value]
        sources = (*{other.origin or each.dataset: each.name for each, other in agreeing}.values(),)
        page = next((other.source for _, other in agreeing if other.source), "")
        began = self._began({each.dataset: other.since for each, other in agreeing if other.since})
        against = {f"{each.name} has {money.text(other.value)}" for each, other in said if other.value != rate.value}
        but = f"; but {', '.join(sorted(against))}" if against else ""
        finding = self._question(rate, f"only {self.new.name} has it{but}", change=change, sheet=sheet)
        finding = finding._replace(line=line, ours=ours, sources=sources, page=page, began=began)
        later = (self.ours.placed(rate, card.effective) for card in sheet.cards if card.effective > self.ours.at)
        if rate.says(ours) or any(each and rate.says(each.ours) for each in later):
            return finding._replace(kind="already here", why="our page has this rate")
        if reason := self.ours.why_other(self.new.dataset, rate, placed):
            return finding._replace(kind="explained", why=reason)
        if ours is None:
            return finding._replace(why="our page has no such rate")
        if len(sources) > 1 or page:
            return finding._replace(kind="proposal", why=f"{' and '.join(sources)} have it{but}")
        return finding

    def _began(self, days: Mapping[str, str]) -> Began:
        if best := next((name for name in BEST if name in days), None):
            return Began(date.fromisoformat(days[best]), True, f"first day stated by {best}")
        if self.old.day and self.new.day:
            return Began(self.new.day, False, f"came between {self.old.day} and {self.new.day}")
        return Began(self.new.day, False, f"came between {self.old.name} and {self.new.name}")

    def _question(
        self, rate: PeerRate, why: str, *, change: RateChange | None = None, sheet: PriceSheet | None = None
    ) -> Finding:
        old, new = (change.old, change.new) if change else (None, None)
        values = (old.value if old else None, new.value if new else None, None)
        where = (rate.provider, sheet.id if sheet else "/".join(filter(None, rate[:2])), sheet, *rate[2:5])
        return Finding("question", *where, *values, (self.new.name,), rate.source, self._began({}), why)


def _key(placed: Placed) -> object:
    return placed.sheet.id, placed.sheet.region, placed.row.service, placed.row.prompt, placed.line
