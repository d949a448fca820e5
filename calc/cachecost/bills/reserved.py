"""Reserved capacity beside the bill on demand: how many units a workload needs, what they cost, and when they pay.

A unit is rented by the hour whether it is used or not, and serves so many tokens a minute. The tokens that count are
those of the strategy that is compared with it: all of them, or all but cached reads where the vendor counts none.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from .. import money
from ..prices.card import Reserved
from ..prices.sheet import PriceSheet
from ..units import hours
from .bill import Bill


class Reservation(NamedTuple):
    """Units of reserved capacity for a workload, at its mean pace, in the sheet's currency.

    `hours`: for how many started hours they are rented. `tokens`: those that count against the throughput. `used`: the
    share of it that the workload takes. `pays_from`: the share from which on the units are cheaper than the strategy on
    demand; above 1 they never are. `on_demand`: the cheapest bill by the token, of `strategy`.
    """

    sheet: PriceSheet
    terms: Reserved
    units: int
    hours: int
    tokens: int
    used: Fraction
    pays_from: Fraction | None
    total: Decimal
    strategy: str
    on_demand: Decimal


def reservations(cheapest: Iterable[Bill]) -> tuple[list[Reservation], list[str]]:
    """The units that a workload would need of each model that sells them, beside its cheapest bill, and why others are
    left out."""
    found: list[Reservation] = []
    left_out: list[str] = []
    for bill in cheapest:
        sheet, workload, terms = bill.plan.sheet, bill.plan.workload, bill.plan.card.reserved
        if terms and not workload.span(workload.queries):
            left_out.append(f"reserved capacity of {sheet.id}; say how the queries come, such as every 5m or over 8h")
        elif terms:
            found.append(_reserved(bill, terms))
    return found, left_out


def _reserved(best: Bill, terms: Reserved) -> Reservation:
    work, queries = best.plan.workload, best.plan.workload.queries
    span, on_demand = work.span(queries), best.total(queries)
    tokens = sum(
        int(line.quantity)
        for line in best.lines(queries)
        if line.unit == "tokens" and not (terms.cache_read == "free" and "cache_read" in line.name)
    )
    minutes = max(Fraction(1), hours(span) * 60)
    units = max(1, ceil(tokens / minutes / terms.tokens_per_minute))
    rented = max(1, ceil(hours(span)))
    total = money.multiply(terms.per_hour, Decimal(units * rented))
    served = units * terms.tokens_per_minute * 60 * rented
    # a full unit replaces served / tokens workloads like this one, each of which costs so much on demand
    pays_from = Fraction(total) * tokens / (Fraction(on_demand) * served) if on_demand else None
    used, plan = Fraction(tokens) / served, best.plan
    return Reservation(plan.sheet, terms, units, rented, tokens, used, pays_from, total, plan.strategy, on_demand)
