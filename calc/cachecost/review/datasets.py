"""Other people's datasets beside our sheets: where they disagree, row by row, and which disagreements are explained."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, NamedTuple

from pydantic import Field

from .. import money
from ..catalog.catalog import Catalog
from ..catalog.confirmed import cell
from ..errors import CachecostError
from ..prices.card import Row
from ..prices.sheet import PriceSheet
from .side_pages import validated

Text = Annotated[str, Field(min_length=1)]


class PeerRate(NamedTuple):
    """One rate of a dataset in our words: money per 1M tokens for a prompt of this size in this service.

    `since`: the first day that the dataset states, else ""; `source`: the page that the dataset says it was read from,
    where that is the vendor's; `origin`: the dataset that it was copied from; `within`: how far the dataset's rounding
    may have moved it."""

    provider: str
    model: str
    service: str
    prompt: int
    line: str
    value: Decimal
    since: str = ""
    source: str = ""
    origin: str = ""
    within: Decimal = Decimal()

    def says(self, ours: Decimal | None) -> bool:
        return ours is not None and abs(ours - self.value) <= self.within


class Disagreement(NamedTuple):
    """`ours` None: our sheet has no such rate. `reason`: why our value stays, where one is written down."""

    sheet: PriceSheet
    rate: PeerRate
    ours: Decimal | None
    source: str
    reason: str | None = None


class Accepted(NamedTuple):
    """A disagreement that was looked into. Both values are named, so that a later change is looked into again."""

    dataset: Text
    model: Text
    line: Text
    ours: Text
    theirs: Text
    reason: Text


class NotKept(NamedTuple):
    """Models of a provider without a page; a name may hold `*`."""

    provider: Text
    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    reason: Text


class Agreement(NamedTuple):
    """`known` and `unknown`: the dataset's models with a cache price, at providers that we keep, with and without a
    sheet of ours; `checked`: how many of its rates were compared; `confirmed`: by sheet, those that are ours."""

    dataset: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    checked: int
    disagreements: tuple[Disagreement, ...]
    confirmed: Mapping[PriceSheet, Mapping[str, Decimal]]

    @property
    def unexplained(self) -> tuple[Disagreement, ...]:
        return tuple(each for each in self.disagreements if each.reason is None)


class Placed(NamedTuple):
    """A rate of a dataset on our pages: the sheet of its name, the row for the same request, our name of its line and
    our rate; None where the row has none."""

    sheet: PriceSheet
    row: Row
    line: str
    ours: Decimal | None


class Ours:
    """Our sheets by the names of datasets, at an instant, and what is written down beside them: which disagreements are
    explained, and which models have no page for a reason. BadDocument, with the line, where a file of these is unfit.
    """

    def __init__(self, catalog: Catalog, at: datetime) -> None:
        self.at = at
        sheets = catalog.sheets()
        self.models = Counter(sheet.provider for sheet in sheets)
        self._named = {(sheet.provider, name.lower()): sheet.called(name) for sheet in sheets for name in sheet.names}
        explained = validated(catalog.folder / "disagreements.yaml", list[Accepted])
        self._reasons = {entry[:5]: entry.reason for entry in explained}
        self._not_kept = validated(catalog.folder / "not-kept.yaml", list[NotKept])

    def sheet(self, rate: PeerRate) -> PriceSheet | None:
        return self._named.get((rate.provider, rate.model.lower()))

    def placed(self, rate: PeerRate, at: datetime | None = None) -> Placed | None:
        """Where a rate falls at the instant, or at another; None where we sell nothing then or have no such service.

        Datasets have one rate for the day. Where ours has hours, the row that has it counts, and else the one that
        holds outside of windows: the hour at which a release is read changes nothing.
        """
        sheet, at = self.sheet(rate), at or self.at
        try:
            card = sheet.card(at) if sheet and sheet.currency == "USD" else None
            if sheet is None or card is None or card.status in ("withdrawn", "announced"):
                return None
            now = card.row(at=at, prompt=rate.prompt, service=rate.service)
        except CachecostError:
            return None
        kind = (now.service, now.prompt, now.output, now.thinking)
        rows = [row for row in card.rows if (row.service, row.prompt, row.output, row.thinking) == kind]
        rows.sort(key=lambda row: row.window is not None)
        places = [Placed(sheet, row, *_line(row, rate)) for row in rows]
        return next((each for each in places if rate.says(each.ours)), places[0])

    def why_not_kept(self, provider: str, model: str) -> str | None:
        """Why a model has no page; None where nothing is written down."""
        entries = (each for each in self._not_kept if each.provider == provider)
        return next((each.reason for each in entries if any(fnmatchcase(model, name) for name in each.names)), None)

    def why_other(self, dataset: str, rate: PeerRate, placed: Placed) -> str | None:
        """Why our rate stays, where that is written down."""
        texts = ("none" if placed.ours is None else money.text(placed.ours), money.text(rate.value))
        return self._reasons.get((dataset, placed.sheet.id, rate.line, *texts))


def compared(dataset: str, rates: Iterable[PeerRate], ours: Ours) -> Agreement:
    """Every rate of the dataset that falls on a sheet of ours, held beside ours."""
    differing: dict[tuple[object, ...], Disagreement] = {}
    cached: dict[str, bool] = {}
    confirmed: dict[PriceSheet, dict[str, Decimal]] = defaultdict(dict)
    checked = 0
    for rate in (each for each in rates if each.provider in ours.models):
        is_known = ours.sheet(rate) is not None
        if rate.line == "cache_read" and (is_known or ours.why_not_kept(rate.provider, rate.model) is None):
            cached[f"{rate.provider}/{rate.model}"] = is_known
        if (placed := ours.placed(rate)) is None:
            continue
        checked += 1
        sheet, row, line, value = placed
        if value is not None and rate.says(value):
            if not sheet.region and not row.window:
                confirmed[sheet][cell(row, line)] = value
        elif value is not None or not _says_nothing(rate, row):
            source, reason = sheet.card(ours.at).sources[0], ours.why_other(dataset, rate, placed)
            disagreement = Disagreement(sheet, rate, value, source, reason)
            differing.setdefault((sheet.id, rate.service, rate.line, value, rate.value), disagreement)
    known, unknown = (tuple(sorted(name for name, has in cached.items() if has is kind)) for kind in (True, False))
    return Agreement(dataset, known, unknown, checked, tuple(differing.values()), confirmed)


def _line(row: Row, rate: PeerRate) -> tuple[str, Decimal | None]:
    """Our name of a line and our rate; a write without a TTL is the first that we sell, a read of any kind counts."""
    names = [name for name in row.rates if name == rate.line or name.startswith(f"{rate.line}:")] or [rate.line]
    ours = {name: row.rates[name].value if name in row.rates else None for name in names}
    reads = names if rate.line == "cache_read" else ()
    name = next((name for name in reads if rate.says(ours[name])), names[0])
    return name, ours[name]


def _says_nothing(rate: PeerRate, row: Row) -> bool:
    """A dataset's way to say that something is not charged apart: writes at nothing, reads and writes at the input
    rate, audio, images and video at the rate of text."""
    plain = "input" if rate.line.startswith("cache_") else rate.line.rpartition(".")[2]
    nothing = rate.value == 0 and rate.line != "cache_read"
    return rate.line != plain and plain in row.rates and (nothing or rate.says(row.rates[plain].value))
