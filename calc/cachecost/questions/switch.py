"""Another model to switch to: the next cheaper one, and its tokens for one of the first model's."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import Any

from .. import units
from ..advice.onward import Switch, stay_or_switch
from ..catalog.catalog import Catalog
from ..documents.tokens import TOKEN_RATIOS, load_ratios, tokens_for_one
from ..errors import BadQuantity, BadUsage, BadWorkload
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from . import reading
from .word import TOKEN_RATIO


def switched(
    said: Mapping[str, str],
    asks: Sequence[tuple[PriceSheet, Workload]],
    sheet: Callable[[str], PriceSheet],
    assumptions: Assumptions,
    strategies: Sequence[str],
    folder: Path,
) -> Switch:
    """A conversation on one model that stays or goes on with another; `sheet` finds that by its name."""
    if not said["switch_to"]:
        word = next(word for word, text in said.items() if text)
        raise BadUsage("belongs to a switch; say which model to switch to as well, or leave this out", word=word)
    if len(asks) != 1:
        raise BadWorkload("a conversation begins on one model; name one", word="switch_to")
    ((first, workload),), other = asks, sheet(said["switch_to"])
    return stay_or_switch(
        first,
        other,
        workload,
        turn=reading.read("at_turn", units.count, said["at_turn"] or "2"),
        ratio=ratio(said["token_ratio"], first, other, folder),
        assumptions=assumptions,
        strategies=strategies,
    )


def ratio(text: str, sheet: PriceSheet, other: PriceSheet, folder: Path) -> Fraction:
    """Tokens of the other model for one of the first: as given, or as their families cut code and English text."""
    if text:
        return reading.read(TOKEN_RATIO.name, _ratio, text)
    names = (f"{each.maker or each.provider}/{each.model}" for each in (sheet, other))
    return tokens_for_one(load_ratios(folder / TOKEN_RATIOS), *names)


def _ratio(text: str) -> Fraction:
    value = Fraction(text) if re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,9})?", text) else Fraction(0)
    if not Fraction(1, 10) <= value <= 10:
        raise BadQuantity(f"{text!r} is not a ratio: expected a number from 0.1 to 10, such as 1.1")
    return value


def smaller(catalog: Catalog, sheet: PriceSheet, at: datetime) -> list[PriceSheet]:
    """The next cheaper sibling of a model: of the same provider, sold at an instant, with a name that differs in one
    word alone, as Sonnet's from Opus's. None where there is no such model."""
    own, siblings = _words(sheet.model), list[tuple[Decimal, PriceSheet]]()
    for path in catalog.paths:
        name = _words(path.stem)
        differ = [word for word, other in zip(own, name, strict=False) if word != other]
        if path.parent.name == sheet.provider and len(name) == len(own) and len(differ) == 1 and differ[0].isalpha():
            sibling = catalog.sheet(f"{sheet.provider}/{path.stem}")
            siblings += [(card.input_rate or Decimal(0), sibling)] if (card := sibling.sold(at)) else []
    own_rate = sheet.card(at).input_rate or Decimal(0)
    cheaper = [each for each in siblings if each[0] < own_rate]
    return [max(cheaper, key=itemgetter(0))[1]] if cheaper else []


def others(
    said: Mapping[str, Any],
    catalog: Catalog,
    find: Callable[[str, datetime], PriceSheet],
    sheet: PriceSheet,
    at: datetime,
) -> list[tuple[PriceSheet, Fraction]]:
    """The models to which a session on a sheet may switch, those that are said or the next cheaper one, each with its
    tokens for one of the session's. `find`: looks a name up at an instant."""
    named = [find(name, at) for name in said["switch_to"]] or smaller(catalog, sheet, at)
    return [(each, ratio(said["token_ratio"], sheet, each, catalog.folder)) for each in named]


def _words(model: str) -> list[str]:
    return re.split("[-.]", model)
