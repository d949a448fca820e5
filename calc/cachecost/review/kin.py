"""The price sheet that a new one can be held against: the same model elsewhere, or its nearest older relative."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

from ..prices.sheet import PriceSheet

SAME, OLDER = "same model", "nearest older model"


def kin_of(sheet: PriceSheet, others: Sequence[PriceSheet], at: datetime) -> tuple[PriceSheet | None, str]:
    """The same model at its maker or at another host, else the model of the provider with the nearest name that began
    no later; with rates at the instant. (None, "") where there is neither."""
    priced = [other for other in others if other.id != sheet.id and other.in_force(at)]
    same = [other for other in priced if _maker(other) == _maker(sheet) and _names(other) & _names(sheet)]
    if same:
        return min(same, key=lambda other: other.maker is not None), SAME
    begun = sheet.cards[0].effective
    older = [other for other in priced if other.provider == sheet.provider and other.cards[0].effective <= begun]
    if not older:
        return None, ""
    return max(older, key=lambda other: (_likeness(other.model, sheet.model), other.cards[0].effective)), OLDER


def _maker(sheet: PriceSheet) -> str:
    return sheet.maker or sheet.provider


def _names(sheet: PriceSheet) -> set[str]:
    return {name.lower() for name in sheet.names}


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
