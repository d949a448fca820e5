"""What one strategy costs on one sheet, for any number of queries: where it breaks even, and what a budget buys."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, NotSold
from ..prices.card import Rate
from ..prices.quote import LineItem, Quote, quote
from ..prices.usage import Batch, Usage
from ..strategies.batches import batches, turn_by_turn
from ..strategies.names import STORED
from ..strategies.plan import Plan
from ..workload.workload import EVEN, MAX_QUERIES, MAX_TURNS
from .break_even import HORIZON, BreakEven, affine_from, break_even, never_dearer
from .warnings import turns_served

Sums = tuple[Decimal, Fraction]
"""What requests cost whose number is a decimal, and what those cost whose number has digits without end, exactly."""
NOTHING: Sums = Decimal(0), Fraction(0)
MOST = 20_000
"""Most queries that are added up for a budget where rates change while they come."""


class Bill:
    """What one strategy costs on one sheet, for any number of queries; unit quotes are worked out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._quotes: dict[tuple[Usage, datetime, int], Quote] = {}

    def of_one(self, usage: Usage, at: datetime | None = None, prompt: int | None = None) -> Decimal:
        """What one request of the plan costs at an instant, or when its workload starts; at the tier of its first
        prompt, or of another."""
        return self._quoted(usage, at or self.plan.workload.start, prompt or self.plan.workload.prompt).total

    def _quoted(self, usage: Usage, at: datetime, prompt: int) -> Quote:
        key = (usage, at, prompt)
        if key not in self._quotes:
            assumed = self.plan.assumptions
            self._quotes[key] = quote(
                usage,
                self.plan.sheet,
                at=at,
                service=assumed.service,
                thinking=assumed.thinking,
                region=assumed.region,
                prompt=prompt,
            )
        return self._quotes[key]

    def _batches(self, queries: int) -> Iterable[Batch]:
        """Kept for the workload's own number of queries, for its lines and its total."""
        return self._own if queries == self.plan.workload.queries else batches(self.plan, queries)

    @cached_property
    def _own(self) -> list[Batch]:
        return list(batches(self.plan, self.plan.workload.queries))

    def lines(self, queries: int) -> tuple[LineItem, ...]:
        """Line items of so many queries: one for each name and rate, in order of their first appearance."""
        merged: dict[tuple[str, Decimal], tuple[Rate, money.Number]] = {}
        for usage, times, at, prompt in self._batches(queries):
            unit = self._quoted(usage, at, prompt)
            for name, quantity in unit.entries:
                rate = unit.rates[name]
                before = merged.get((name, rate.value))
                more = money.by(quantity, times)
                merged[name, rate.value] = (rate, money.plus(before[1], more)) if before else (rate, more)
        return tuple(
            LineItem(name, quantity, rate.unit, rate.value, money.times(quantity, rate.each))
            for (name, _), (rate, quantity) in merged.items()
        )

    def total(self, queries: int) -> Decimal:
        """The sum of the lines, whose quantities are merged before they are multiplied where their digits never end."""

        def added_up() -> Decimal:
            whole, endless = self._sums(queries)
            return money.total(line.amount for line in self.lines(queries)) if endless else whole

        return self.plan.once("total", queries, added_up)

    def exact_total(self, queries: int) -> Fraction:
        """The total without the cut at `money.GRAIN`, so that a tie is a tie."""
        whole, endless = self._sums(queries)
        return Fraction(whole) + endless

    def _sums(self, queries: int) -> Sums:
        plan = self.plan
        of_turns = plan.workload.grows and plan.kind != STORED and plan.workload.over is None
        if of_turns and not plan.sheet.meter.standing():
            return self._of_turns(queries)
        return plan.once("sums", queries, lambda: self._plus(NOTHING, self._batches(queries)))

    def _of_turns(self, queries: int) -> Sums:
        """The sums of so many turns: a turn costs the same in a longer conversation, so each is added up once."""
        known = self.plan.once("sums of turns", 0, lambda: [NOTHING])
        if queries >= len(known):
            for requests in turn_by_turn(self.plan, queries, first=len(known)):
                known.append(self._plus(known[-1], requests))
        return known[queries]

    def _plus(self, sums: Sums, requests: Iterable[Batch]) -> Sums:
        whole, endless = sums
        for usage, times, at, prompt in requests:
            price = self._quoted(usage, at, prompt).total
            if isinstance(times, Fraction):
                endless += times * Fraction(price)
            else:
                whole = money.EXACT.fma(price, times, whole)
        return whole, endless

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

    @cached_property
    def pieces(self) -> list[int] | None:
        return affine_from(self.plan)


def crossing(bill: Bill, fresh: Bill) -> BreakEven:
    """The numbers of queries at which one bill is below the fresh one."""
    if bill.pieces is None and never_dearer(bill.plan) and bill.horizon > 1:
        # No query costs more than fresh, so what the second one saves is never lost again.
        with suppress(NotSold, BadWorkload):
            if bill.exact_total(2) < fresh.exact_total(2):
                return BreakEven(2, ((2, None),), 2)
    return break_even(bill, fresh, known=bill.plan.workload.queries)


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
