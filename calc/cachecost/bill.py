"""What one strategy costs on one sheet, for any number of queries; and which of them is the cheapest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from . import money, slopes
from .breakeven import HORIZON, BreakEven, break_even
from .errors import BadWorkload, NotSold
from .notices import turns_served
from .offer import named as asked_for
from .offer import not_sold
from .quote import LineItem, Quote, quote
from .sheet import PriceSheet
from .strategy import FRESH, WRITTEN, Assumptions, Plan, kept_alive, sold
from .usage import Usage
from .workload import EVEN, Workload

Offer = Callable[[PriceSheet, Workload, Assumptions], list[Plan]]


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
        return slopes.affine_from(self.plan)


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
    found = [Plan(name, workload, sheet, assumptions) for name in rest]
    return found if named and FRESH not in named else [fresh, *found]


def candidates(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> list[Plan]:
    """What advice weighs at any number of queries: every strategy that is sold, and pings where they might win. Pings
    without end through the nights of an office have no closed form, and are not weighed."""
    found = plans(sheet, workload, assumptions)
    in_window = workload.over is not None or bool(workload.times)
    return [*found, *(each for each in _pinged(found) if in_window or _may_win(each))]


def contenders(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> list[Plan]:
    """The same at the workload's own number of queries."""
    found = plans(sheet, workload, assumptions)
    if workload.queries < 2:
        return found
    late = [each for each in found if each.ttl is not None and each.cached and each.later(workload.queries).late]
    return [*found, *(each for each in _pinged(late) if _may_win(each))]


def _pinged(found: list[Plan]) -> list[Plan]:
    """Written entries of a spread workload, kept alive."""
    written = [each for each in found if each.kind == WRITTEN and each.cached and each.ttl]
    if not written:
        return []
    first = written[0]
    work, asked = first.workload, first.assumptions
    endless = work.office is not None and work.arrivals != EVEN and asked.pings is None
    if not work.spread or endless:
        return []
    names = kept_alive(first.card, [each.strategy for each in written])
    return [Plan(name, work, first.sheet, asked) for name in names]


def _may_win(pinged: Plan) -> bool:
    """Whether there are pings at all and, where rates stay, a later query in time costs less than a fresh one: it pays
    r for each read and w for each write, and the first of all has written already."""
    queries = max(2, pinged.workload.queries)
    if not pinged.pings(queries):
        return False
    if pinged.workload.grows or slopes.rates_may_change(pinged):
        return True
    later, (write, read) = pinged.later(queries), multiples(pinged)
    missed = later.late + later.lost
    reads, writes = 1 - missed + Fraction(later.ping_reads), missed + Fraction(later.ping_writes)
    return write < 1 or reads * read + writes * write < 1


def multiples(plan: Plan) -> tuple[Fraction, Fraction]:
    """The write and read rates of a written strategy as multiples of its input rate."""
    rates = plan.row.rates
    plain = Fraction(rates["input"].value)
    read = rates.get(f"cache_read:{plan.kind}") or rates["cache_read"]
    return Fraction(rates[plan.written_as.replace(WRITTEN, "cache_write", 1)].value) / plain, Fraction(
        read.value
    ) / plain


def crossing(bill: Bill, fresh: Bill) -> BreakEven:
    """The numbers of queries at which one bill is below the fresh one."""
    if slopes.never_dearer(bill.plan) and bill.horizon > 1:
        # No query costs more than fresh, so what the second one saves is never lost again.
        with suppress(NotSold, BadWorkload):
            if bill.exact_total(2) < fresh.exact_total(2):
                return BreakEven(2, ((2, None),), 2)
    return break_even(bill, fresh)


def priced(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, *, offer: Offer = plans
) -> tuple[list[tuple[Bill, Decimal]], list[NotSold]]:
    """The bill and total of every strategy of an offer, simpler ones first, and why others have none; NotSold where
    even fresh has no price."""
    found, unsold = [], []
    for plan in offer(sheet, workload, assumptions):
        bill = Bill(plan)
        try:
            found.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            if plan.kind == FRESH:
                raise
            unsold.append(NotSold(f"{plan.strategy}: {error}"))
    return found, unsold


def cheapest(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, *, offer: Offer = plans
) -> tuple[str, Decimal]:
    """The strategy with the smallest total, the simpler one at a tie, and that total; NotSold where even fresh
    has no price."""
    bill, total = min(priced(sheet, workload, assumptions, offer=offer)[0], key=lambda each: each[1])
    return bill.plan.strategy, total
