"""Which models are meant by a search: words of their names, and what they must sell, at what price, for how long a
prompt. Once for the command line and the HTTP API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import units
from ..errors import BadQuantity
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet
from . import reading
from .word import Word
from .words import PROVIDER

Sold = tuple[PriceSheet, RateCard]
DOLLARS = "USD"
SORTS: dict[str, Callable[[Sold], Any]] = {
    "name": lambda sold: sold[0].id,
    "price": lambda sold: (*_by_price(*sold), *_by_relevance(sold)),
    "context": lambda sold: (-(sold[1].limits.prompt or 0), *_by_relevance(sold)),
    "new": lambda sold: (-sold[0].cards[0].effective.timestamp(), sold[0].id),
}
"""The orders of a list; prices in dollars come before others, which they cannot be compared with."""
WORDS = (
    Word("q", "", "TEXT", "Only models with these words in id, alias, name or provider.", "sonnet"),
    PROVIDER,
    Word("cached", False, "", "Only models that sell caching.", "true"),
    Word("max_input", "", "MONEY", "Input for at most so many dollars per 1M tokens: 1.", "1"),
    Word("fits", "", "TOKENS", "Only models known to take a prompt of so many tokens: 900K.", "900K"),
    Word("withdrawn", False, "", "Also models that are no longer sold, at their last rates.", "true"),
    Word("sort", "", "|".join(SORTS), "The order. Price and context are those of ordinary requests.", "price"),
)


def search(sheets: Iterable[PriceSheet], at: datetime, said: Mapping[str, Any]) -> list[Sold]:
    """The models sold at an instant that a search in these words means, each with its card in force: by id, or, where
    words are searched, those on sale first, makers before hosts and the newest first. Raises BadQuantity for a word
    that cannot be read."""
    sort, wanted = said["sort"], said["q"].lower().split()
    if sort and sort not in SORTS:
        raise BadQuantity(f"{sort!r} is no order; expected {', '.join(SORTS)}", word="sort")
    most = reading.maybe("max_input", reading.price, said["max_input"])
    least = reading.maybe("fits", units.count, said["fits"])

    def is_meant(sold: Sold) -> bool:
        sheet, card = sold
        text = " ".join([sheet.id, sheet.name, *sheet.names, sheet.maker or ""]).lower()
        price = card.input_rate
        return (
            all(word in text for word in wanted)
            and (not said["cached"] or bool(card.caching.kinds))
            and (most is None or (sheet.currency == DOLLARS and price is not None and price <= most))
            and (least is None or (card.limits.prompt is not None and card.limits.prompt >= least))
        )

    of_day = PriceSheet.in_force if said["withdrawn"] else PriceSheet.sold
    listed = [(sheet, card) for sheet in sheets if (card := of_day(sheet, at))]
    order = SORTS[sort or "name"] if sort or not wanted else _by_relevance
    return sorted(filter(is_meant, listed), key=order)


def without_one(sheets: Sequence[PriceSheet], at: datetime, said: Mapping[str, Any]) -> dict[str, int]:
    """How many models a search that means none would mean with those withdrawn, or without a word, by that word."""
    other_words = {"withdrawn": True} | {word: type(value)() for word, value in said.items() if value}
    others = {word: search(sheets, at, {**said, word: value}) for word, value in other_words.items()}
    return {word: len(models) for word, models in others.items() if models}


def _by_price(sheet: PriceSheet, card: RateCard) -> tuple[Any, ...]:
    return sheet.currency != DOLLARS, card.input_rate is None, card.input_rate or 0


def _by_relevance(sold: Sold) -> Any:
    sheet, card = sold
    return card.status == "withdrawn", sheet.maker is not None, -sheet.cards[0].effective.timestamp(), sheet.id
