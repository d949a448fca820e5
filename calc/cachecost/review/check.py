"""What `cachecost prices check` says of price sheets: faults with file and line, and what looks wrong or old."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, NamedTuple

from ..catalog.catalog import Catalog, built_in_folder
from ..catalog.composed import compose
from ..catalog.pages import SELF_HOSTED, misnamed, read_page, shown, whole
from ..errors import BadSheet, Fault
from ..files.reading import exists
from ..files.yaml_text import Lines, line_of, lines_of
from ..prices.sheet import Path as Place, PriceSheet
from ..prices.warnings import STALE_AFTER_DAYS
from .laws import Laws
from .plausible import Implausible, doubts, family
from .side_pages import validated

LAWS = "plausibility.yaml"
PLACEHOLDER = re.compile(r"https?://([^/]*\.)?example\.(com|net|org)\b")


class Checked(NamedTuple):
    """The sheets that could be read, and what was noticed: faults; `warnings` of numbers that do not look like prices;
    `notes` of what no change of the page has caused: it has grown old, or the page that it resells has new rates."""

    sheets: list[PriceSheet]
    faults: list[Fault]
    warnings: list[Fault]
    notes: list[Fault]


def check(pages: Sequence[Path], catalog: Catalog, *, today: date, now: datetime) -> Checked:
    """Check pages, or the whole catalogue where there are none. `today`: the latest day that it is anywhere.

    The catalogue holds the other pages of a model, which a page is compared with.
    """
    checker = Checker(catalog, today=today, now=now)
    hardware = [page for page in pages if SELF_HOSTED in page.resolve().parts[-3:-1]]
    unpriced = list(checker.hardware_faults(hardware)) if hardware or not pages else []
    priced = [page for page in pages if page not in hardware]
    result = Checked([], unpriced, [], [])
    for path in priced if pages else checker.catalog.paths:
        try:
            sheet = read_page(path, text=checker.catalog.text, cached=False) if pages else checker.catalog.at(path)
        except BadSheet as error:
            result.faults.extend(error.faults)
            continue
        for all_, more in zip(result, checker.look(path, sheet), strict=True):
            all_ += more  # type: ignore[operator]
    if not pages:
        result.faults.extend(checker.catalog.claimed_twice(result.sheets))
        result.faults.extend(
            Fault(shown(path), 0, "is not read; expected the ending .yaml") for path in misnamed(catalog.folder)
        )
    return Checked(result.sheets, *map(sorted, result[1:]))


class Checker:
    """Compares one page after another with the laws and with the catalogue's pages of the same model."""

    def __init__(self, catalog: Catalog, *, today: date, now: datetime) -> None:
        self.catalog = catalog.uncached()
        self.laws = laws_of(catalog.folder)
        self.today, self.now = today, now
        self.days = self.laws.first_day.isoformat(), today.isoformat()
        self.families: dict[str, list[str]] = defaultdict(list)
        for (_, model), page in self.catalog.pages_by_name.items():
            self.families[family(model)].append(page)

    def hardware_faults(self, pages: Sequence[Path]) -> Iterator[Fault]:
        """What is wrong with pages of self-hosted models, machines and cards, or with all of them."""
        fleet = self.catalog.fleet
        if pages:
            where = next(parent for parent in pages[0].resolve().parents if parent.name == SELF_HOSTED)
            fleet, pages = Catalog(where.parent).fleet, [page.resolve() for page in pages]
        yield from fleet.faults(pages)
        for path in pages or fleet.paths:
            page = path.read_bytes().decode(errors="replace")
            tree, _ = compose(page, shown(path))
            for line, message in _unproven(tree, lines_of(tree), self.days):
                yield Fault(shown(path), line, message)

    def look(self, path: Path, sheet: PriceSheet) -> Checked:
        """The findings about the sheet at a path."""
        kin = filter(None, map(self.catalog.sound, map(Path, self.families[family(sheet.model)])))
        doubtful = list(doubts(sheet, [each for each in kin if each.id != sheet.id], self.laws, today=self.today))
        (page, resold), file = whole(path, self.catalog.text), shown(path)
        tree, _ = compose(page.decode(), file, resold.decode())
        lines = lines_of(tree)
        by_line: dict[int, dict[str, None]] = defaultdict(dict)
        for line, message in _unexplained(doubtful, tree):
            by_line[line][message] = None
        notes = [Fault(file, line_of(each.path, tree), each.message) for each in _old(sheet, self.today, self.now)]
        if sheet.resells and (doubted := [*by_line.pop(lines["resells",], {})]):
            more = f", and {len(doubted) - 1} more" if doubted[1:] else ""
            notes.append(Fault(file, lines["resells",], f"beside the rates of {sheet.resells}, {doubted[0]}{more}"))
        return Checked(
            [sheet],
            [Fault(file, line, message) for line, message in _unproven(tree, lines, self.days)],
            [Fault(file, line, "; ".join(messages)) for line, messages in by_line.items()],
            notes,
        )


def laws_of(folder: Path) -> Laws:
    """The laws beside the sheets of a folder, or the built-in ones where it has none; BadDocument with the line of the
    first fault."""
    own = folder / LAWS
    return validated(own if exists(own) else built_in_folder() / LAWS, Laws)


def _old(sheet: PriceSheet, today: date, now: datetime) -> Iterator[Implausible]:
    """What a sheet says that time may have overtaken. These cannot be explained away, only looked after."""
    card = sheet.in_force(now) or sheet.cards[0]
    place: Place = ("rate_cards", sheet.cards.index(card))
    if today - sheet.checked > timedelta(STALE_AFTER_DAYS) and card.status != "withdrawn":
        message = f"no source was read since {sheet.checked}; compare the rates with the source and set `seen`"
        yield Implausible((*place, "seen"), "", message)
    if card.promised_until and card.promised_until < now.date():
        message = f"promised only until {card.promised_until}; look at {card.sources[0]}"
        yield Implausible((*place, "promised_until"), "", message)
    if card.status == "scheduled" and card.effective <= now:
        message = f"the card of {card.effective:%Y-%m-%d} has begun but is still called scheduled; confirm it"
        yield Implausible((*place, "status"), "", message)


def _unproven(tree: Any, lines: Lines, days: tuple[str, str]) -> Iterator[tuple[int, str]]:
    """Sources that are placeholders, and days on which none can have been read, wherever they stand."""
    for path, line in lines.items():
        value = reduce(getitem, path, tree)
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        if not isinstance(value, str):
            continue
        if key in ("checked", "seen") and not days[0] <= value <= days[1]:
            where = "in the future" if value > days[1] else "before anyone sold tokens"
            yield line, f"{key}: {value} lies {where}; expected a day from {days[0]} to {days[1]}"
        if key == "source" and PLACEHOLDER.match(value):
            yield line, f"source: {value} is a placeholder; expected the address of the vendor's page"


def _unexplained(doubts: Iterable[Implausible], tree: Any) -> Iterator[tuple[int, str]]:
    """Doubts that no `plausible` of their row, card or page explains, and words of `plausible` that explain nothing."""
    lines = lines_of(tree)
    reasons = {(path[:-2], str(path[-1])): line for path, line in lines.items() if path[-2:-1] == ("plausible",)}
    used = set()
    for doubt in doubts:
        places = ((doubt.path[:depth], doubt.word) for depth in (4, 2, 0) if len(doubt.path) >= depth)
        if explained := next((place for place in places if place in reasons), None):
            used.add(explained)
        else:
            yield line_of(_as_written(doubt.path, lines), tree), doubt.message
    useful = {reasons[reason] for reason in used}  # a card that says `rest: as above` has the reasons above it as well
    for reason in sorted(reasons.keys() - used, key=str):
        if reasons[reason] not in useful:
            yield reasons[reason], f"plausible: {reason[1]} explains nothing that looks wrong here; remove it"


_OTHERWISE = {"storage_per_hour": "storage_per_minute", "prompt_over": "prompt_from"}


def _as_written(path: Place, lines: Lines) -> Place:
    """A path in the words of the page: what is stored by the minute, and the limits that hold for all cards."""
    choices = (path, (*path[:-1], _OTHERWISE.get(str(path[-1]), "")), path[2:])
    return next((each for each in choices if each and each in lines), path)
