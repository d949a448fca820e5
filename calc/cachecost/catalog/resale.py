"""Pages that say `resells: PROVIDER/MODEL`: what a host's cards leave out is as on that page, so that a change of price
is written once.

Works on the words of both pages before they are checked. A card takes over the terms of caching and the rows of its
`services` that are in force on its day, and follows later changes of them up to the next card, if it does not say
`follows: no`. Regions, limits, fees and reserved capacity are the host's own.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .. import money, units
from ..errors import BadQuantity
from ..prices.card import STANDARD
from ..prices.sheet import Path
from .shorthand import OF_CARD, SELECTS, fill
from .written import Items, Words, elsewhere, lined

Found = Iterator[tuple[Path, str]]
_NEVER = datetime.max.replace(tzinfo=UTC)
_GONE = ("withdrawn", "cancelled")
_NO_RATES = {*SELECTS, "free", "not_sold"}
"""Keys of a row that are taken over as they are written."""
_THEIRS = {"fees", "disputed", "plausible", "note"}
"""Keys of a row that speak of the other page alone."""
_NEEDS = {"cache_write": "written", "creation": "stored", "storage_per_hour": "stored", "storage_per_minute": "stored"}
"""Rates that are sold under one kind of caching only."""
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def resell(tree: Words, sold: Any) -> Found:
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
    if not isinstance(cards, Items) or not all(isinstance(card, dict) for card in cards):
        return  # the shape of the page is at fault, and its check says so
    theirs = [(_instant(card), card) for card in sold["rate_cards"] if card.get("status") not in _GONE]
    filled = lined(cards.line, Items())
    tree["rate_cards"] = filled
    for number, card in enumerate(cards):
        at = _instant(card)
        ends = [_instant(after) for after in cards[number + 1 :] if after.get("status") != "cancelled"]
        end = at if card.get("follows") == "no" else min(ends, default=_NEVER)
        resold = [(instant, words, _Resold(card, words)) for instant, words in theirs]
        here: Path = ("rate_cards", len(filled))
        filled.append(lined(card.line, Words(card)))
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
            after = lined(tree["resells"].line, Words(elsewhere(_terms(card)) | _follows(words, name)))
            fill(after, each.words)
            if _terms(after) != _terms(filled[-1]):
                filled.append(after)


def _follows(words: Words, name: str) -> dict[str, Any]:
    """What a card says of itself that was added because the other page has a card."""
    of_card = {key: words[key] for key in ("effective", "status", "source", "seen") if key in words}
    return of_card | {"confidence": "medium", "note": f"Follows {name}, whose rates are resold here."}


def _terms(card: Words) -> dict[str, Any]:
    return {key: value for key, value in card.items() if key not in OF_CARD}


def _instant(card: Words) -> datetime:
    """When a card begins; never, where it does not say so in the right way."""
    with suppress(BadQuantity):
        return units.instant(str(card.get("effective")))
    return _NEVER


class _Resold:
    """What a host's card takes over from a card of the other page. `known`: the words of the host's card that are for
    something there."""

    def __init__(self, card: Words, theirs: Words) -> None:
        self.without = _listed(card.get("without"))
        self.known: dict[str, set[str]] = {"services": set(), "without": set()}
        self.caching: Any = card.get("caching", theirs.get("caching", Words()))
        factor = str(card.get("factor", "1"))
        self.factor = Decimal(factor) if _PLAIN.fullmatch(factor) else Decimal(1)
        services = _listed(card.get("services")) or [STANDARD]
        rows = [row for row in theirs.get("tiers", []) if row.get("service", STANDARD) in services]
        self.known["services"].update(row.get("service", STANDARD) for row in rows)
        self.words = {"caching": self.caching, "tiers": Items(map(self._row, rows))}

    def _row(self, row: Words) -> Words:
        taken = ((key, self._taken(key, value)) for key, value in row.items() if key not in _THEIRS)
        return Words((key, value) for key, value in taken if value is not None)

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
            return Words((key, each) for key, each in parts if each is not None) or None
        if self.factor == 1 or not _PLAIN.fullmatch(str(value)):
            return value
        return money.text(money.multiply(Decimal(value), self.factor))


def _listed(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
