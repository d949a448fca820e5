"""The strategies to compare for a workload, priced, and the cheapest of them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ..errors import NotSold
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, WRITTEN, kept_alive, not_sold, sold
from ..strategies.names import named as asked_for
from ..strategies.outcomes import later, pings
from ..strategies.plan import Plan
from ..workload.workload import EVEN, Workload
from .bill import Bill
from .break_even import rates_may_change
from .measures import multiples

Offer = Callable[[PriceSheet, Workload, Assumptions], list[Plan]]


class Priced(NamedTuple):
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
    names = kept_alive(first.card, [each.strategy for each in written])
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


def priced(sheet: PriceSheet, workload: Workload, assumptions: Assumptions, *, offer: Offer = plans) -> Priced:
    """The bill and total of every strategy of an offer; NotSold where even fresh has no price."""
    priced = Priced([], [])
    for plan in offer(sheet, workload, assumptions):
        bill = Bill(plan)
        try:
            priced.bills.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            if plan.kind == FRESH:
                raise
            priced.unsold.append(NotSold(f"{plan.strategy}: {error}"))
    return priced
