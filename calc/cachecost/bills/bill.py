"""What one strategy costs on one sheet, for any number of queries; and which of them is the cheapest."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from .. import money
from ..errors import BadWorkload, NotSold
from ..prices.quote import LineItem, Quote, quote
from ..prices.usage import Usage
from ..strategies.batches import batches
from ..strategies.plan import Plan
from . import pieces
from .break_even import HORIZON, BreakEven, break_even
from .warnings import turns_served


class Bill:
    """What one strategy costs on one sheet, for any number of queries; unit quotes are worked out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._quotes: dict[tuple[Usage, datetime, int], Quote] = {}
        self._units: dict[tuple[Usage, datetime, int], tuple[LineItem, ...]] = {}
        self._exact: dict[int, Fraction] = {}

    def of_one(self, usage: Usage, at: datetime | None = None, prompt: int | None = None) -> Decimal:
        """What one request of the plan costs at an instant, or when its workload starts; at the tier of its first
        prompt, or of another."""
        return self._quoted(usage, at or self.plan.workload.start, prompt or self.plan.workload.prompt).total

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
        for usage, times, at, prompt in batches(self.plan, queries):
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
        for usage, times, at, prompt in batches(self.plan, queries):
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
        if queries not in self._exact:
            amounts = (Fraction(line.quantity) * Fraction(line.each) for line in self.lines(queries))
            self._exact[queries] = sum(amounts, Fraction(0))
        return self._exact[queries]

    @property
    def horizon(self) -> int:
        """How many queries are tried where the bill is no straight line; a conversation's bill takes its every turn,
        up to the last that the vendor would serve."""
        work = self.plan.workload
        if work.times:
            return min(HORIZON, len(work.times))
        if not work.grows:
            return HORIZON
        served = turns_served(self.plan.card, work)
        most = max(2 * work.queries, 20)
        return min(HORIZON, most if served is None else max(1, min(most, served)))

    @property
    def pieces(self) -> list[int] | None:
        return pieces.affine_from(self.plan)


def crossing(bill: Bill, fresh: Bill) -> BreakEven:
    """The numbers of queries at which one bill is below the fresh one."""
    if pieces.never_dearer(bill.plan) and bill.horizon > 1:
        # No query costs more than fresh, so what the second one saves is never lost again.
        with suppress(NotSold, BadWorkload):
            if bill.exact_total(2) < fresh.exact_total(2):
                return BreakEven(2, ((2, None),), 2)
    return break_even(bill, fresh)
