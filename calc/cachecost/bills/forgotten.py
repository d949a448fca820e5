"""The rent of a stored cache that is never deleted."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from ..errors import BadWorkload, NotInForce, NotSold
from ..prices.card import RateCard
from ..prices.quote import quote
from ..prices.sheet import PriceSheet, Version
from ..prices.terms import usual_currency
from ..prices.usage import MAX_TOKENS, Usage
from ..prices.warnings import refusal
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from .warnings import LeftOut, unanswered


class Forgotten(NamedTuple):
    """The rent of a stored cache that is never deleted, at the rates of one card."""

    sheet: PriceSheet
    card: RateCard
    tokens: int
    hour: Decimal
    day: Decimal
    month: Decimal
    """Thirty days."""
    ends: tuple[Decimal, Decimal] | None = None
    """Lowest and highest of these thirty days, where the tokens of a document were only estimated."""

    @property
    def version(self) -> Version:
        return self.sheet.version(self.card)


def forgotten(sheet: PriceSheet, tokens: int, at: datetime, assumptions: Assumptions | None = None) -> Forgotten:
    """The rent of so many tokens in a stored cache. Raises NotSold where none is sold or the tokens are too few."""
    assumed = assumptions or Assumptions()
    card = sheet.card(at)
    stored = card.caching.stored
    if not 1 <= tokens <= MAX_TOKENS:
        raise BadWorkload(f"expected 1 to {MAX_TOKENS:,} tokens to store, not {tokens:,}", word="context")
    if stored is None:
        kinds = ", ".join(card.caching.kinds) or "none"
        raise NotSold(f"{sheet.version(card)} stores no cache that could be forgotten (its caching: {kinds})")
    if tokens < (stored.min_tokens or 0):
        raise NotSold(f"{sheet.version(card)} stores no cache below {stored.min_tokens:,} tokens, not {tokens:,}")

    def rent(hours: int) -> Decimal:
        usage = Usage(storage=tokens * hours)
        service, region, thinking = assumed.service, assumed.region, assumed.thinking
        return quote(usage, sheet, at=at, prompt=tokens, service=service, region=region, thinking=thinking).total

    return Forgotten(sheet, card, tokens, rent(1), rent(24), rent(24 * 30))


def _ends(rent: Forgotten, counted: tuple[int, int], at: datetime, assumptions: Assumptions) -> tuple[Decimal, Decimal]:
    """Lowest and highest rent of thirty days over the tokens that can be stored."""
    months = [rent.month]
    for tokens in counted:
        with suppress(NotSold):
            months.append(forgotten(rent.sheet, tokens, at, assumptions).month)
    return min(months), max(months)


def all_forgotten(
    asks: Iterable[tuple[PriceSheet, Workload]],
    assumptions: Assumptions,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> tuple[tuple[Forgotten, ...], tuple[LeftOut, ...]]:
    """The rent on every model that still stores caches, dearest first, and the most common currency before others;
    NotSold or Refused where none does. `counted`: by the id of a sheet, the fewest and the most tokens of a document
    which were only estimated."""
    totals: list[Forgotten] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        try:
            rent = forgotten(sheet, workload.context, workload.start, assumptions)
            if sheet.id in counted:
                rent = rent._replace(ends=_ends(rent, counted[sheet.id], workload.start, assumptions))
        except (NotSold, NotInForce) as error:
            left_out.append(LeftOut(sheet.id, error.kind, error.reason))
            continue
        if unserved := refusal(rent.card, prompt=rent.tokens, answer=0):
            left_out.append(LeftOut(sheet.id, unserved.kind, unserved.why))
        else:
            totals.append(rent)
    if not totals:
        raise unanswered(left_out)
    usual = usual_currency(each.sheet for each in totals)
    ranked = sorted(totals, key=lambda each: (each.sheet.currency != usual, each.sheet.currency, -each.hour))
    return tuple(ranked), tuple(left_out)
