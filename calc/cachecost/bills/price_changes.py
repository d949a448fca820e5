"""Announced changes of rates and caching terms inside a workload or soon after it, and whether the verdict flips."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from ..errors import NotSold
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet
from ..prices.warnings import AHEAD, Announced, announced, days_after
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from .candidates import Offer, Priced, plans, priced


class PriceChange(NamedTuple):
    """A rate card that begins inside a workload or soon after its end, and the verdict before and after it.

    `days_after` the end, None inside; `total` is the bill of the same workload begun under that card. Of a model
    that is withdrawn by then, neither. `terms_alone`: no rate changes, but what can be cached, or for how long.
    """

    version: str
    card: RateCard
    days_after: int | None
    now: str
    then: str | None = None
    total: Decimal | None = None
    terms_alone: bool = False

    @property
    def announcement(self) -> str:
        """`rates change on 2026-12-01 (scheduled), 8 days after the last query`."""
        days = self.days_after
        where = "inside this workload" if days is None else days_after(days, "the last query")
        return f"{Announced(self.card, self.terms_alone).text}, {where}"


def changes_ahead(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    *,
    offer: Offer = plans,
    known: Priced | None = None,
) -> list[PriceChange]:
    """What the next rate cards would do to this workload, if they begin inside it or within 90 days after. `known`: the
    offer, where it has been priced."""
    end = workload.start + workload.span(workload.queries)
    coming = [*announced(sheet, workload.start, end + AHEAD, assumptions.service)]
    if not coming:
        return []
    changes: list[PriceChange] = []
    now = (known or priced(sheet, workload, assumptions, offer=offer)).best[0].plan.strategy
    for card, terms_alone in coming:
        head = sheet.version(card), card, None if card.effective <= end else (card.effective - end).days, now
        if card.status == "withdrawn":
            changes.append(PriceChange(*head))
            continue
        try:
            bill, total = priced(sheet, replace(workload, start=card.effective), assumptions, offer=offer).best
        except NotSold:
            continue
        changes.append(PriceChange(*head, bill.plan.strategy, total, terms_alone))
    return changes


def next_change(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> tuple[str, ...]:
    """The same in words."""
    return tuple(map(change_in_words, changes_ahead(sheet, workload, assumptions)))


def change_in_words(change: PriceChange) -> str:
    """`rates change on 2026-12-01 (scheduled), 8 days after the last query: the verdict stays stored`."""
    if change.then is None:
        return change.announcement
    flips = f"it flips the verdict from {change.now} to {change.then}"
    return f"{change.announcement}: {flips if change.then != change.now else f'the verdict stays {change.now}'}"
