"""A conversation from some turn on: what each number of further turns costs, from what the cache has by then."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd

from ..bills.bill import Bill
from ..bills.break_even import HORIZON
from ..bills.candidates import plans
from ..bills.warnings import turns_served
from ..errors import BadWorkload
from ..prices.sheet import PriceSheet
from ..prices.usage import TOKENS, Batch, Usage
from ..strategies.assumptions import Assumptions
from ..strategies.conversation import turn_by_turn
from ..strategies.names import STORED
from ..strategies.plan import Plan
from ..workload.workload import Workload

ALIKE = ("", 0)


class Onward:
    """The turns of a plan's conversation from the `first` on.

    `alive`: tokens that the first of them finds in the cache. `longer`: the life for which the first tokens of every
    prompt are written, where it is not that of the plan, and how many they are. `before`: money that is due first.
    `most`: turns that are asked about, beyond the horizon of break-evens.
    """

    pieces = None

    def __init__(
        self,
        plan: Plan,
        *,
        first: int = 1,
        alive: int = 0,
        longer: tuple[str, int] = ALIKE,
        before: Fraction = Fraction(0),
        most: int = 0,
    ) -> None:
        self.plan, self._longer = plan, longer
        served = turns_served(plan.card, plan.workload)
        self.served = None if served is None else max(0, served - first + 1)
        """Turns until the context is full; None where no limit is known, or nothing is added."""
        wanted = max(HORIZON, most)
        self.horizon = wanted if self.served is None else min(wanted, self.served)
        self._bill, self._totals, self._costs = Bill(plan), [before], [Fraction(0)]
        self._first, self._alive = first, alive
        self._turns: Iterator[list[Batch]] = iter(())
        self._next = 0
        self._period, self._edges = _period(plan), _edges(plan, longer[1])

    def exact_total(self, turns: int) -> Fraction:
        """What so many turns cost; BadWorkload where they do not fit into the context."""
        if turns > self.horizon:
            raise BadWorkload(f"{turns:,} more turns do not fit into the context", word="turns_left")
        while (turn := len(self._totals)) <= turns:
            last, period = self._straight(turn), self._period
            growth = self._costs[-period] - self._costs[-2 * period] if last else None
            for each in range(turn, max(turn, last) + 1):
                self._costs.append(self._costs[-period] + growth if growth is not None else self._priced(each))
                self._totals.append(self._totals[-1] + self._costs[-1])
        return self._totals[turns]

    def _straight(self, turn: int) -> int:
        """The last of the turns from one on whose costs follow from those before: each costs as much more than the one
        a period before it as that one did, since no term changes with the size of their prompts. 0 where none does."""
        begin, work = turn - 2 * self._period - 1, self.plan.workload
        if not self._period or begin < 1:
            return 0
        first = work.prompt + (self._first - 2) * work.added
        smallest, prompt = first + begin * work.added, first + turn * work.added
        place = bisect_left(self._edges, smallest)
        if place < bisect_right(self._edges, prompt):
            return 0
        if place == len(self._edges) or not work.added:
            return self.horizon
        return min(self.horizon, (self._edges[place] - 1 - first) // work.added)

    def _priced(self, turn: int) -> Fraction:
        """What one of them costs by what it uses."""
        if turn != self._next:
            last = self._first - 1 + self.horizon
            self._turns = turn_by_turn(self.plan, last, self._first - 1 + turn, alive=self._alive)
        self._next = turn + 1
        costs = (
            Fraction(self._bill.of_one(self._written(usage), at, prompt)) * Fraction(times)
            for usage, times, at, prompt in next(self._turns)
        )
        return sum(costs, Fraction(0))

    def _written(self, usage: Usage) -> Usage:
        """The same request with the first of the tokens that it writes under their own, longer life."""
        ttl, tokens = self._longer
        moved = min(max(0, tokens - usage.read), usage.written)
        if not moved:
            return usage
        counts = dict(usage.quantities)
        own = next(name for name in counts if name.startswith("cache_write"))
        rest = {name: count - moved if name == own else count for name, count in counts.items()}
        return Usage.of_lines({name: count for name, count in {**rest, f"cache_write:{ttl}": moved}.items() if count})


def _period(plan: Plan) -> int:
    """Turns after which prompts end at the same place in a block of the cache, whatever their size; 0 where turns may
    meet other rates, or where a machine's seconds are counted, which grow by more than the tokens."""
    if plan.workload.spread or plan.sheet.meter is not TOKENS:
        return 0
    return plan.block // gcd(plan.block, plan.workload.added)


def _edges(plan: Plan, longer: int) -> list[int]:
    """Sizes of a prompt at which its rates change, or what is read and written of it and for which life."""
    bands = (row.prompt for row in plan.card.rows)
    tiers = {edge for band in bands for edge in (band.low, band.high) if edge is not None}
    return sorted({*tiers, plan.minimum or 0, plan.block, longer, longer + plan.block})


def cheapest(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, *, turns: int, strategies: Sequence[str] = ()
) -> Onward:
    """A new conversation under the strategy that makes so many turns cheapest, the simpler one at a tie; a stored cache
    is left out, since it is rented for a context that stays. NotSold where nothing is sold."""
    offered = [plan for plan in plans(sheet, workload, assumptions, strategies) if plan.kind != STORED]
    onward = [Onward(plan, most=turns) for plan in offered]
    if not onward:
        raise BadWorkload("a stored cache serves no conversation that moves; name another", word="strategy")
    return min(onward, key=lambda each: each.exact_total(min(turns, each.horizon)))


def on_another(workload: Workload, ratio: Fraction, *, turn: int = 1) -> Workload:
    """The conversation from a turn on as a new one, in tokens of another model: `ratio` of them for one of this."""

    def tokens(count: int) -> int:
        return -(-(count * ratio).numerator // (count * ratio).denominator)

    return replace(
        workload,
        context=tokens(workload.context + (turn - 1) * workload.added),
        question=tokens(workload.question),
        answer=tokens(workload.answer),
        tools=tokens(workload.tools),
        queries=max(1, workload.queries - turn + 1),
        start=workload.start + workload.at(turn - 1, max(turn, workload.queries)),
    )
