"""A price change as text: the last card of a page copied below it, with the new rates and what follows from them.

The given rates are those of the row for the smallest standard prompts. A rate that kept a vendor's stated multiple
before (a read, a write, a larger prompt, batch) keeps it after. All others stay as they are, or with `scale_rest` move
in proportion to the rate that they hang on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money, units
from ..catalog.composed import Lines, compose
from ..errors import BadDocument
from ..prices.card import STANDARD, RateCard, Row
from ..prices.sheet import Path, PriceSheet, printed_at
from .laws import Group, Law, Laws
from .plausible import base_of, selection, subject

DECIMALS = 12
"""The most that a page may print."""
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_OF_CARD = ("effective", "status", "confidence", "note", "promised_until", "plausible", "source", "seen")
_OF_ROW = ("disputed", "plausible")
"""Keys that hold only for the card and the row on which they are written, so a new card does not copy them."""


class Moved(NamedTuple):
    """One rate of one row before and after; `new` is `old` where it stays."""

    row: Row
    name: str
    old: Decimal
    new: Decimal


class Bump(NamedTuple):
    """The page with the new card, the card alone, every rate of it, and the lines of the page with a rent or a fee,
    which hang on no other rate and so stay as they were."""

    page: str
    card: str
    moved: tuple[Moved, ...]
    stays: Mapping[int, Moved]


def bump(
    page: str,
    sheet: PriceSheet,
    laws: Laws,
    *,
    rates: Mapping[str, Decimal],
    begins: str,
    source: str,
    today: date,
    scale_rest: bool = False,
) -> Bump:
    """A page of `sheet` with one card more, from `begins` on. Raises BadDocument where that cannot be."""
    last = sheet.cards[-1]
    effective = units.instant(begins)
    tree, lines, _ = compose(page, sheet.id)
    number = len(tree["rate_cards"]) - 1
    if last.status in ("withdrawn", "cancelled"):
        raise BadDocument(
            f"{sheet.id}.yaml:{lines['rate_cards', number]}: its last card is {last.status}, and a bump copies the "
            "last card; copy the card before it to the end of the page and edit its rates and dates by hand"
        )
    if effective <= last.effective:
        raise BadDocument(
            f"{begins} is not after the last card of {sheet.id}, {units.show_instant(last.effective)}; "
            "a correction of a card in force is made by hand",
            word="from",
        )
    moved = tuple(_moved(sheet, last, laws, rates, scale_rest))
    if all(each.old == each.new for each in moved):
        raise BadDocument(f"{sheet.id}: these are the rates of its last card; nothing would change")
    card = page.splitlines()[lines["rate_cards", number] - 1 :]
    offset = lines["rate_cards", number] - 1
    here = {path[2:]: line - offset for path, line in lines.items() if path[:2] == ("rate_cards", number)}
    for each in moved:
        if each.old != each.new:
            _write(card, here, next(path for path in _paths(last, each) if path in here), each)
    status = "    status: scheduled\n" if effective.date() > today else ""
    head = f"  - effective: {begins}\n{status}    source: {source}\n    seen: {today}\n"
    text = head + "".join(f"{line}\n" for line in _rest(card, here))
    checked = re.sub(r"^(checked: *)\S+", rf"\g<1>{today}", page, count=1, flags=re.MULTILINE)
    new = checked.rstrip("\n") + "\n\n" + text
    lines = compose(new, sheet.id)[1]
    stays = {
        lines[path]: each
        for each in moved
        if each.old == each.new and (each.name == "storage" or each.name.startswith("fee."))
        for path in _paths(last, each, ("rate_cards", number + 1))
        if path in lines
    }
    return Bump(new, text, moved, stays)


def _paths(card: RateCard, moved: Moved, start: Path = ()) -> Iterator[Path]:
    """Where a page may print a rate; rent by the hour or by the minute."""
    row: Path = (*start, "tiers", card.rows.index(moved.row))
    yield (*row, *printed_at(moved.name))
    if moved.name == "storage":
        yield (*row, "storage_per_minute")


def _moved(
    sheet: PriceSheet, card: RateCard, laws: Laws, given: Mapping[str, Decimal], scale_rest: bool
) -> Iterator[Moved]:
    """Every rate of the card, row after row, each after the one that it hangs on."""
    plain = card.plain_row()
    if plain.service != STANDARD or plain.window or not plain.rates:
        raise BadDocument(f"{sheet.id}: its last card has no standard row outside of a window; write the card by hand")
    if unknown := [name for name in given if name not in plain.rates]:
        raise BadDocument(f"{sheet.id}: {unknown[0]} is not a rate of its last card ({', '.join(plain.rates)})")
    new: dict[tuple[int, str], Decimal] = {}
    standard = {selection(row): row for row in card.rows if row.service == STANDARD}
    for row in sorted(card.rows, key=lambda row: (row is not plain, row.service != STANDARD, row.prompt.low)):
        group: Group = "rates" if row is plain else "sizes" if row.service == STANDARD else "services"
        base = standard.get(selection(row), plain) if group == "services" else plain
        for name in sorted(row.rates, key=lambda name: (name not in ("input", "output"), name == "output")):
            key, old = (id(row), name), row.rates[name].value
            base_name = base_of(name, row) if row is plain else name
            new[key] = given.get(name, old) if row is plain else old
            if base_name in base.rates and not (row is plain and name in given):
                was, now = base.rates[base_name].value, new[id(base), base_name]
                law = laws.law(group, subject(sheet, row, name, to=base_name if row is plain else ""))
                new[key] = _settled(old, was, now, law, scale_rest)
    for row in card.rows:
        for name, rate in row.rates.items():
            yield Moved(row, name, rate.value, new[id(row), name])


def _settled(old: Decimal, was: Decimal, now: Decimal, law: Law | None, scale_rest: bool) -> Decimal:
    """The new rate of a line, whose base moved: by the law that it obeyed, in proportion, or as it was."""
    multiple = next((each for each in law.values if law.keeps(old, was, each)), None) if law else None
    if multiple is not None:
        return money.multiply(multiple, now) if now != was else old
    if scale_rest and was:
        return money.rounded(Fraction(old) * Fraction(now) / Fraction(was), DECIMALS)
    return old


def _write(card: list[str], here: Lines, path: Path, moved: Moved) -> None:
    """Put a new rate in the place of the old one, in the card's own lines."""
    at = here[path] - 1
    printed = money.rounded(Fraction(moved.new) / (60 if path[-1] == "storage_per_minute" else 1), DECIMALS)
    digits = money.text(printed)
    if "." not in digits or len(digits.partition(".")[2]) < 2:
        digits = f"{printed:.2f}"
    line, count = re.subn(rf"(?<![\w.])({re.escape(str(path[-1]))}: *){_NUMBER}(?![\w.])", rf"\g<1>{digits}", card[at])
    if count != 1:
        raise BadDocument(f"{card[at].strip()}: {moved.name} cannot be found on this line; write the card by hand")
    card[at] = line


def _rest(card: Sequence[str], here: Lines) -> Iterator[str]:
    """The card below `seen`: without what holds only for the old card, a key and all that is indented below it."""
    starts = {
        line - 1
        for path, line in here.items()
        if (len(path) == 1 and path[0] in _OF_CARD) or (len(path) == 3 and path[0] == "tiers" and path[2] in _OF_ROW)
    }
    dropped_below: int | None = None
    for at, line in enumerate(card):
        indent = len(line) - len(line.lstrip(" -"))
        if at in starts:
            dropped_below = indent
        elif line.strip() and (dropped_below is None or indent <= dropped_below):
            dropped_below = None
            yield line
