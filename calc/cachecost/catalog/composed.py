"""The text of one price page -> its words, with what its cards leave out filled in: a change of price is written once.

Cards that say `rest: as above` take over the card above them. Those of a page that says `resells: PROVIDER/MODEL` take
over the terms of caching and the rows of their `services` that are in force there on their day, and follow later
changes of them up to the next card, if they do not say `follows: no`. Regions, limits, fees and reserved capacity are
the host's own. What has not the shape of a page is left alone: the checks name it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .. import money, units
from ..errors import BadQuantity, Fault
from ..files.yaml_text import LinedList, LinedMapping, elsewhere, line_of, lined, words_in
from ..prices.card import STANDARD
from ..prices.sheet import Path

REST = "as above"
OF_CARD = frozenset("effective status confidence note promised_until plausible source seen rest".split())
"""Keys that speak of the card on which they are written."""
SELECTS = (
    "service window prompt_up_to prompt_over prompt_below prompt_from output_up_to output_over output_below "
    "output_from thinking"
).split()
"""Keys of a row that say which requests it prices."""
OF_RATES = ("disputed", "plausible")
"""Keys of a row that speak of its rates as they are printed there; what they say of a rate ends with that rate."""
Faults = Iterator[tuple[Path, str]]
_NEVER = datetime.max.replace(tzinfo=UTC)
_GONE = ("withdrawn", "cancelled")
_NO_RATES = {*SELECTS, "free", "not_sold"}
"""Keys of a row that are taken over as they are written."""
_THEIRS = {"fees", "disputed", "plausible", "note"}
"""Keys of a row that speak of the other page alone."""
_NEEDS = {"cache_write": "written", "creation": "stored", "storage_per_hour": "stored", "storage_per_minute": "stored"}
"""Rates that are sold under one kind of caching only."""
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@lru_cache(256)  # hosts resell the same models, and a check looks once more at what it has read
def compose(text: str, file: str, resold: str = "") -> tuple[Any, Sequence[Fault]]:
    """The words of a page, None where it is no mapping, and what is no YAML that a page may hold.
    Cards that say `rest: as above` are filled in, and those of a page that resells from `resold`, the other page.
    None of it is to be changed."""
    tree, wrong = words_in(text)
    if not isinstance(tree, LinedMapping):
        if tree is not None or not wrong:
            wrong = [(1, "is not a price sheet; expected keys such as provider, model, rate_cards")]
        return None, [Fault(file, *each) for each in wrong]
    complete(tree)
    if "resells" in tree:
        unfit = list(resell(tree, elsewhere(compose(resold, "")[0] or "")))
        wrong += [(line_of(path, tree), named(path, message)) for path, message in unfit]
    return tree, [Fault(file, *each) for each in wrong]


def named(path: Path, message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"


def complete(tree: dict[str, Any]) -> None:
    """Fill in every card that says `rest: as above`, in place."""
    cards = tree.get("rate_cards")
    above: dict[str, Any] | None = None
    for card in cards if isinstance(cards, list) else ():
        if not isinstance(card, dict):
            continue
        if card.get("rest") == REST and above:
            fill(card, above)
        if card.get("status") not in ("cancelled", "withdrawn"):
            above = card


def fill(card: dict[str, Any], above: dict[str, Any]) -> None:
    """Give a card what it leaves out of the one above."""
    for key, value in above.items():
        if key == "tiers" and isinstance(value, list) and isinstance(card.get(key), list):
            card[key] = lined(card[key].line, LinedList(_rows(card[key], value)))
        elif key not in card and key not in OF_CARD:
            card[key] = value


def _rows(rows: list[Any], above: list[Any]) -> list[Any]:
    """The rows above, each with what the row for the same requests says here, and then the rows that are new here."""
    given = {_selection(row): row for row in rows}
    changed = [_merged(row, given.pop(_selection(row), None)) for row in above]
    return changed + [row for row in rows if _selection(row) in given]


def _merged(above: Any, row: Any) -> Any:
    """A row with the words of another put over it, if there is one; a service that is no longer sold keeps no rates."""
    if row is None or "not_sold" in row:
        return above if row is None else row
    kept = {key: value for key, value in above.items() if key != "not_sold"}
    for key in OF_RATES:
        if isinstance(about := kept.pop(key, None), LinedMapping):
            lasting = {name: each for name, each in about.items() if re.split("[.:]", name)[0] not in row}
            kept |= {key: lined(about.line, LinedMapping(lasting))}
    kept = {key: value for key, value in kept.items() if value != {}}
    for key, value in row.items():
        both = key not in SELECTS and isinstance(value, dict) and isinstance(kept.get(key), dict)
        kept[key] = lined(value.line, LinedMapping(kept[key] | value)) if both else value
    return lined(row.line, LinedMapping(kept))


def _selection(row: Any) -> str:
    """What a row prices, as a text; a row of another shape is like no other."""
    return repr([row.get(key) for key in SELECTS]) if isinstance(row, dict) else f"no row {id(row)}"


def resell(tree: LinedMapping, sold: Any) -> Faults:
    """Fill in the cards of a page that resells, in place, and give what is wrong with that. `sold`: the other page,
    without its lines."""
    name, cards = tree["resells"], tree.get("rate_cards")
    wrong = ""
    if not isinstance(sold, dict) or not isinstance(sold.get("rate_cards"), list):
        wrong = f"{name!r} is no page beside this one that can be read; expected PROVIDER/MODEL"
    elif "resells" in sold:
        wrong = f"{name} resells {sold['resells']} itself; expected the page that holds the rates"
    if wrong:
        yield ("resells",), wrong
        tree.setdefault("unit", "USD per 1M tokens")  # that of the other page: it is not missing here
        return
    tree.setdefault("maker", sold.get("maker", sold.get("provider")))
    if tree.setdefault("unit", sold.get("unit")) != sold.get("unit"):
        yield ("unit",), f"the rates of {name} are in {sold.get('unit')}; expected the same, or all rates on this page"
    if not isinstance(cards, LinedList) or not all(isinstance(card, dict) for card in cards):
        return  # the shape of the page is at fault, and its check says so
    theirs = [(_instant(card), card) for card in sold["rate_cards"] if card.get("status") not in _GONE]
    filled = lined(cards.line, LinedList())
    tree["rate_cards"] = filled
    for number, card in enumerate(cards):
        at = _instant(card)
        ends = [_instant(after) for after in cards[number + 1 :] if after.get("status") != "cancelled"]
        end = at if card.get("follows") == "no" else min(ends, default=_NEVER)
        resold = [(instant, words, _Resold(card, words)) for instant, words in theirs]
        here: Path = ("rate_cards", len(filled))
        filled.append(lined(card.line, LinedMapping(card)))
        if card.get("status") in _GONE or at is _NEVER:
            continue
        for key in ("services", "without"):
            known = {word for _, _, each in resold for word in each.known[key]}
            yield from (
                ((*here, key), f"{word} is nothing that {name} sells")
                for word in _listed(card.get(key))
                if word not in known
            )
        then = [each for instant, _, each in resold if instant <= at]
        if not then:
            yield (*here, "effective"), f"{name} has no rates on this day; expected all rates, or a later day"
            continue
        fill(filled[-1], then[-1].words)
        for instant, words, each in resold:
            if not at < instant < end:
                continue
            # What a card says of itself that is there because the other page has a card.
            of_card = {key: words[key] for key in ("effective", "status", "source", "seen") if key in words}
            of_card |= {"confidence": "medium", "note": f"Follows {name}, whose rates are resold here."}
            after = lined(tree["resells"].line, LinedMapping(elsewhere(_terms(card)) | of_card))
            fill(after, each.words)
            if _terms(after) != _terms(filled[-1]):
                filled.append(after)


def _terms(card: LinedMapping) -> dict[str, Any]:
    return {key: value for key, value in card.items() if key not in OF_CARD}


def _instant(card: LinedMapping) -> datetime:
    """When a card begins; never, where it does not say so in the right way."""
    with suppress(BadQuantity):
        return units.instant(str(card.get("effective")))
    return _NEVER


class _Resold:
    """What a host's card takes over from a card of the other page. `known`: the words of the host's card that are for
    something there."""

    def __init__(self, card: LinedMapping, theirs: LinedMapping) -> None:
        self.without = _listed(card.get("without"))
        self.known: dict[str, set[str]] = {"services": set(), "without": set()}
        self.caching: Any = card.get("caching", theirs.get("caching", LinedMapping()))
        factor = str(card.get("factor", "1"))
        self.factor = Decimal(factor) if _PLAIN.fullmatch(factor) else Decimal(1)
        services = _listed(card.get("services")) or [STANDARD]
        rows = [row for row in theirs.get("tiers", []) if row.get("service", STANDARD) in services]
        self.known["services"].update(row.get("service", STANDARD) for row in rows)
        self.words = {"caching": self.caching, "tiers": LinedList(map(self._row, rows))}

    def _row(self, row: LinedMapping) -> LinedMapping:
        taken = ((key, self._taken(key, value)) for key, value in row.items() if key not in _THEIRS)
        return LinedMapping((key, value) for key, value in taken if value is not None)

    def _taken(self, name: str, value: Any) -> Any:
        """A rate, or the rates below a name, times the factor; None where the host does not sell it."""
        if name in self.without:
            self.known["without"].add(name)
            return None
        if name in _NO_RATES:
            return value
        kind, _, which = name.rpartition(".")[2].partition(":")
        needs = _NEEDS.get(kind, which if kind == "cache_read" else "")
        if (needs and needs not in self.caching) or (kind == "cache_read" and not self.caching):
            return None
        if isinstance(value, dict):
            mark = ":" if kind.startswith("cache_") else "."
            parts = ((key, self._taken(f"{name}{mark}{key}", each)) for key, each in value.items())
            return LinedMapping((key, each) for key, each in parts if each is not None) or None
        if self.factor == 1 or not _PLAIN.fullmatch(str(value)):
            return value
        return money.text(money.multiply(Decimal(value), self.factor))


def _listed(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
