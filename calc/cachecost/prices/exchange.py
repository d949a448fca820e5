"""Sheets of other currencies in dollars, at rates of exchange that the user gives: each answer cites them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from .. import money
from .card import Row
from .sheet import PriceSheet

BASE = "USD"


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
