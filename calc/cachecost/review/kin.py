"""The price sheet that a new one can be held against: the same model elsewhere, or its nearest older relative."""

import re
from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

from ..prices.sheet import PriceSheet

SAME, OLDER = "same model", "nearest older model"


def family(model: str) -> str:
    """One name for a model that hosts spell in their own ways: `glm-5p1` and `glm-5.1-maas` are `glm-5.1`."""
    return re.sub(r"(?<=\d)p(?=\d)", ".", model.lower()).removesuffix("-maas")


def kin_of(sheet: PriceSheet, others: Sequence[PriceSheet], at: datetime) -> tuple[PriceSheet | None, str]:
    """The same model at its maker or at another host, else the model of the provider with the nearest name that began
    no later; sold at the instant. (None, "") where there is neither."""
    priced = [other for other in others if other.id != sheet.id and other.sold(at)]
    maker, names = sheet.maker or sheet.provider, set(map(family, sheet.names))
    by_maker = [other for other in priced if (other.maker or other.provider) == maker]
    if same := [other for other in by_maker if names & set(map(family, other.names))]:
        return min(same, key=lambda other: other.maker is not None), SAME
    begun = sheet.cards[0].effective
    older = [other for other in priced if other.provider == sheet.provider and other.cards[0].effective <= begun]

    def likeness(other: PriceSheet) -> tuple[float, datetime]:
        return SequenceMatcher(None, other.model, sheet.model).ratio(), other.cards[0].effective

    return (max(older, key=likeness), OLDER) if older else (None, "")
