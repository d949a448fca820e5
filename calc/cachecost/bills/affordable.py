"""How many queries a budget buys."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..errors import BadWorkload, NotSold
from ..workload.workload import EVEN, MAX_QUERIES, MAX_TURNS
from .bill import Bill
from .break_even import break_even
from .warnings import turns_served

MOST = 20_000
"""Most queries that are added up where rates change while they come."""


class Budget(NamedTuple):
    """The same amount of money for any number of queries."""

    money: Decimal
    pieces: list[int]
    horizon: int = MAX_QUERIES

    def exact_total(self, queries: int) -> Fraction:
        return Fraction(self.money)


def affordable(bill: Bill, budget: Decimal) -> int | None:
    """The largest number of queries whose bill is within a budget, 0 where one costs more; None without end.

    Where bills are straight lines in N, the lines are solved as for a break-even. Otherwise no query makes the others
    cheaper, so bills never fall as N grows: a bound is doubled until its bill is too high, and the interval halved.
    Queries that have no price, as after a model is withdrawn, are not bought.
    """
    if bill.pieces is not None:
        within = break_even(bill, Budget(budget, [1]), ties=True).intervals
        return within[-1][1] if within else 0
    model = bill.plan.sheet.id
    work, most = bill.plan.workload, MOST
    if work.over or work.times or work.arrivals != EVEN:
        raise BadWorkload(f"{model}: give every or rate, evenly; rates change meanwhile", word="budget")
    if work.grows:
        served = turns_served(bill.plan.card, work)
        most = MAX_TURNS if served is None else min(MAX_TURNS, served)

    def fits(queries: int) -> bool:
        try:
            return bill.exact_total(queries) <= budget
        except (NotSold, BadWorkload):
            return False

    if not work.grows and fits(most):
        raise BadWorkload(
            f"{model}: it buys over {most:,}, of which rates change meanwhile; ask for less", word="budget"
        )
    low, high = 0, 1
    while high <= most and fits(high):
        low, high = high, high * 2
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
