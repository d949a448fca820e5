"""A customer's own terms: factors of a contract over the rates that a page prints, each with the place where it stands,
and rates of exchange. Each answer cites them.

A sheet under terms is a sheet: its cards are cut where terms begin and end, and its rates are multiplied. Whatever asks
for a price then needs to know nothing of discounts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import pairwise

from .. import money
from .card import ONE, RateCard, Row
from .sheet import PriceSheet

Patterns = tuple[str, ...]
_EVER = datetime.max.replace(tzinfo=UTC)
BASE = "USD"
"""The currency into which others are exchanged."""


@dataclass(frozen=True)
class TermsRule:
    """A factor for the rates of some providers, models, services and lines, between two instants.

    Each of them is a list of names, in which `*` stands for any letters; an empty list means all. A model goes by its
    name, an alias, or `provider/model`; a line by its name (`cache_write:1h`) or kind (`cache_write`). `start` is
    inclusive, `end` is not. `said`: the rule in words, with its place: `your discount of 15%, terms.yaml:4`.
    """

    factor: Decimal
    said: str
    provider: Patterns = ()
    model: Patterns = ()
    service: Patterns = ()
    line: Patterns = ()
    start: datetime | None = None
    end: datetime | None = None

    def is_for(self, sheet: PriceSheet) -> bool:
        return _fits(self.provider, sheet.provider) and _fits(self.model, sheet.id, *sheet.names)

    def covers(self, row: Row, line: str) -> bool:
        return _fits(self.service, row.service) and _fits(self.line, line, line.partition(":")[0])

    def in_force(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def precision(self, sheet: PriceSheet) -> tuple[bool, ...]:
        """What makes a rule win over another: the model by its own name, then by a pattern, then the provider, the
        service, and the line."""
        by_name = any(name in self.model for name in (sheet.id, *sheet.names))
        return by_name, bool(self.model), bool(self.provider), bool(self.service), bool(self.line)


def _fits(patterns: Patterns, *names: str) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


@dataclass(frozen=True)
class Terms:
    """Rules of a contract. Exactly one rule holds for a rate: the most precise one, of equals the one further down."""

    rules: Sequence[TermsRule] = ()

    def on(self, sheet: PriceSheet) -> PriceSheet:
        """The sheet as the customer is billed; itself where no rule is for it."""
        rules = [rule for rule in reversed(self.rules) if rule.is_for(sheet)]
        if not rules:
            return sheet
        rules.sort(key=lambda rule: rule.precision(sheet), reverse=True)  # of equals the lower one stays first
        live = [card for card in sheet.cards if card.status != "cancelled"]
        ends = {card.effective: after.effective for card, after in pairwise(live)}
        cards: list[RateCard] = []
        for card in sheet.cards:
            whole = (card.effective, ends.get(card.effective, _EVER))
            cards += [card] if card.status == "cancelled" else _under(rules, card, *whole)
        return replace(sheet, cards=tuple(cards))


def _under(rules: Sequence[TermsRule], card: RateCard, start: datetime, end: datetime) -> Iterator[RateCard]:
    """The card in parts, from each instant at which rules begin or end."""
    edges = {edge for rule in rules for edge in (rule.start, rule.end) if edge and start < edge < end}
    before: tuple[TermsRule, ...] | None = None
    for instant in sorted({start, *edges}):
        now = tuple(rule for rule in rules if rule.in_force(instant))
        if now == before:
            continue
        before = now
        yield replace(_scaled(now, card), effective=instant, listed=card)


def _scaled(rules: Sequence[TermsRule], card: RateCard) -> RateCard:
    """The card with the first rule that covers each of its rates."""
    used: dict[str, None] = {}

    def factor(row: Row, line: str) -> Decimal:
        rule = next((rule for rule in rules if rule.covers(row, line)), None)
        if rule is None:
            return ONE
        used[rule.said] = None
        return rule.factor

    return replace(card.scaled(factor), terms=tuple(used))


def usual_currency(sheets: Iterable[PriceSheet]) -> str:
    """The currency of most of the sheets, in whatever order they come: at a tie dollars, then the first by its name."""
    often = Counter(sheet.currency for sheet in sheets)
    return min(often, key=lambda each: (-often[each], each != BASE, each))


def in_dollars(sheet: PriceSheet, rates: Mapping[str, Decimal]) -> PriceSheet:
    """The sheet with every rate in dollars, exact; itself where its currency has no rate. `rates`: dollars for one unit
    of a currency. The citations of its cards say so, behind other terms of the customer."""
    rate = rates.get(sheet.currency)
    if rate is None:
        return sheet

    def factor(row: Row, line: str) -> Decimal:
        return rate

    said = f"your rate of {money.text(rate)} {BASE} for 1 {sheet.currency}"
    cards = (replace(card.scaled(factor), terms=(*card.terms, said)) for card in sheet.cards)
    return replace(sheet, currency=BASE, cards=tuple(cards))
