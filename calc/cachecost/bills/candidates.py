"""The strategies to compare for a workload, priced: the cheapest of them now, and under the rate cards to come."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from ..errors import NotSold
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet
from ..prices.warnings import AHEAD, Announced, announced, days_after
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, KEEP_ALIVE, WRITTEN, named as asked_for, not_sold, refreshed, sold
from ..strategies.outcomes import later, pings
from ..strategies.plan import Plan
from ..workload.workload import EVEN, Workload
from .bill import Bill
from .break_even import rates_may_change
from .measures import multiples

Offer = Callable[[PriceSheet, Workload, Assumptions], list[Plan]]


class PricedOffer(NamedTuple):
    """The bills of an offer with their totals, simpler strategies first, and why others have none."""

    bills: list[tuple[Bill, Decimal]]
    unsold: list[NotSold]

    @property
    def best(self) -> tuple[Bill, Decimal]:
        """The bill with the smallest total, the simpler strategy at a tie."""
        return min(self.bills, key=lambda each: each[1])


def plans(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, strategies: Sequence[str] = ()
) -> list[Plan]:
    """The plan of every strategy that the sheet sells to the workload, or of those named that it sells."""
    fresh = Plan(FRESH, workload, sheet, assumptions)
    offer = sold(fresh.card, fresh.row)
    named = asked_for(fresh.card, offer, strategies)
    if strategies and not named:
        message = f"{sheet.version(fresh.card)} does not sell {', '.join(strategies)}; it sells {', '.join(offer)}"
        raise not_sold(fresh.card, fresh.row, strategies, message, sheet)
    rest = [name for name in named or offer if name != FRESH]
    offered = [Plan(name, workload, sheet, assumptions) for name in rest]
    return offered if named and FRESH not in named else [fresh, *offered]


def candidates(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> list[Plan]:
    """What advice weighs at any number of queries: every strategy that is sold, and pings where they might win. Pings
    without end through the nights of an office have no closed form, and are not weighed."""
    offered = plans(sheet, workload, assumptions)
    in_window = workload.over is not None or bool(workload.times)
    return [*offered, *(each for each in _pinged(offered) if in_window or _may_win(each))]


def contenders(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> list[Plan]:
    """The same at the workload's own number of queries."""
    offered = plans(sheet, workload, assumptions)
    if workload.queries < 2:
        return offered
    late = [each for each in offered if each.ttl is not None and each.cached and later(each, workload.queries).late]
    return [*offered, *(each for each in _pinged(late) if _may_win(each))]


def _pinged(plans: list[Plan]) -> list[Plan]:
    """Written entries of a spread workload, kept alive."""
    written = [each for each in plans if each.kind == WRITTEN and each.cached and each.ttl]
    if not written:
        return []
    first = written[0]
    work, assumptions = first.workload, first.assumptions
    endless = work.office is not None and work.arrivals != EVEN and assumptions.pings is None
    if not work.spread or endless:
        return []
    names = refreshed(KEEP_ALIVE, first.card, [each.strategy for each in written])
    return [Plan(name, work, first.sheet, assumptions) for name in names]


def _may_win(pinged: Plan) -> bool:
    """Whether there are pings at all and, where rates stay, a later query in time costs less than a fresh one: it pays
    r for each read and w for each write, and the first of all has written already."""
    queries = max(2, pinged.workload.queries)
    if not pings(pinged, queries):
        return False
    if pinged.workload.grows or rates_may_change(pinged):
        return True
    query, (write, read) = later(pinged, queries), multiples(pinged)
    missed = query.late + query.lost
    reads, writes = 1 - missed + query.met.ping_reads, missed + query.met.ping_writes
    return write < 1 or reads * read + writes * write < 1


def priced(sheet: PriceSheet, workload: Workload, assumptions: Assumptions, *, offer: Offer = plans) -> PricedOffer:
    """The bill and total of every strategy of an offer; NotSold where even fresh has no price."""
    priced = PricedOffer([], [])
    for plan in offer(sheet, workload, assumptions):
        bill = Bill(plan)
        try:
            priced.bills.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            if plan.kind == FRESH:
                raise
            priced.unsold.append(NotSold(f"{plan.strategy}: {error}"))
    return priced


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
    known: PricedOffer | None = None,
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
