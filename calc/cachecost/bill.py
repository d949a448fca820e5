"""What one strategy costs on one sheet, for any number of queries; and which of them is the cheapest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from . import money
from .breakeven import ALWAYS, HORIZON, BreakEven, break_even
from .errors import NotSold
from .quote import LineItem, Quote, quote
from .sheet import PriceSheet
from .strategy import FRESH, Assumptions, Plan, kept_alive, sold
from .usage import Usage
from .workload import Workload


class Bill:
    """What one strategy costs on one sheet, for any number of queries; unit quotes are worked out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._quotes: dict[tuple[Usage, datetime, int], Quote] = {}
        self._units: dict[tuple[Usage, datetime, int], tuple[LineItem, ...]] = {}

    def _quoted(self, usage: Usage, at: datetime, prompt: int) -> Quote:
        key = (usage, at, prompt)
        if key not in self._quotes:
            asked = self.plan.assumptions
            self._quotes[key] = quote(
                usage,
                self.plan.sheet,
                at=at,
                service=asked.service,
                thinking=asked.thinking,
                region=asked.region,
                prompt=prompt,
            )
        return self._quotes[key]

    def _unit(self, usage: Usage, at: datetime, prompt: int) -> tuple[LineItem, ...]:
        key = (usage, at, prompt)
        if key not in self._units:
            self._units[key] = self._quoted(usage, at, prompt).lines
        return self._units[key]

    def lines(self, queries: int) -> tuple[LineItem, ...]:
        """Line items of so many queries: one for each name and rate, in order of their first appearance."""
        merged: dict[tuple[str, Decimal], tuple[LineItem, money.Number]] = {}
        for usage, times, at, prompt in self.plan.batches(queries):
            for unit in self._unit(usage, at, prompt):
                key = (unit.name, unit.rate)
                before = merged[key][1] if key in merged else 0
                merged[key] = (unit, money.plus(before, money.by(unit.quantity, times)))
        return tuple(
            LineItem(unit.name, quantity, unit.unit, unit.rate, money.times(quantity, unit.each))
            for unit, quantity in merged.values()
        )

    def total(self, queries: int) -> Decimal:
        """The sum of the lines; only rent, a fraction of an hour, has to be merged before it is multiplied."""
        found, rents = Decimal(0), dict[Decimal, Fraction]()
        for usage, times, at, prompt in self.plan.batches(queries):
            unit = self._quoted(usage, at, prompt)
            if not isinstance(times, Fraction):
                found = money.EXACT.fma(unit.total, times, found)
            elif len(unit.entries) == 1:
                rents[unit.total] = rents.get(unit.total, Fraction(0)) + times
            else:
                return money.total(line.amount for line in self.lines(queries))
        return money.total([found, *(money.times(times, each) for each, times in rents.items())])

    def exact_total(self, queries: int) -> Fraction:
        """The total without the cut at `money.GRAIN`, so that a tie is a tie."""
        return sum((Fraction(line.quantity) * Fraction(line.each) for line in self.lines(queries)), Fraction(0))

    @property
    def horizon(self) -> int:
        """How many queries are tried where the bill is no straight line; a conversation's bill takes its every turn."""
        work = self.plan.workload
        if work.times:
            return min(HORIZON, len(work.times))
        return min(HORIZON, max(2 * work.queries, 20)) if work.grows else HORIZON

    @property
    def pieces(self) -> list[int] | None:
        return self.plan.affine_from()


def plans(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, strategies: Sequence[str] = ()
) -> list[Plan]:
    """The plan of every strategy that the sheet sells to the workload, or of those named that it sells."""
    fresh = Plan(FRESH, workload, sheet, assumptions)
    offer = sold(fresh.card, fresh.row)
    named = [name for name in (*offer, *kept_alive(fresh.card, offer)) if name in strategies]
    if strategies and not named:
        raise NotSold(f"{sheet.version(fresh.card)} does not sell {', '.join(strategies)}; it sells {', '.join(offer)}")
    rest = [name for name in named or offer if name != FRESH]
    found = [Plan(name, workload, sheet, assumptions) for name in rest]
    return found if named and FRESH not in named else [fresh, *found]


def crossing(bill: Bill, fresh: Bill) -> BreakEven:
    """The numbers of queries at which one bill is not above the fresh one."""
    return ALWAYS if bill.plan.never_dearer() else break_even(bill, fresh)


def priced(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions
) -> tuple[list[tuple[Bill, Decimal]], list[NotSold]]:
    """The bill and total of every strategy, simpler ones first, and why others have none; NotSold where even fresh
    has no price."""
    found, unsold = [], []
    for plan in plans(sheet, workload, assumptions):
        bill = Bill(plan)
        try:
            found.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            if plan.kind == FRESH:
                raise
            unsold.append(NotSold(f"{plan.strategy}: {error}"))
    return found, unsold


def cheapest(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> tuple[str, Decimal]:
    """The strategy with the smallest total, the simpler one at a tie, and that total; NotSold where even fresh
    has no price."""
    bill, total = min(priced(sheet, workload, assumptions)[0], key=lambda each: each[1])
    return bill.plan.strategy, total
