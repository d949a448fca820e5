"""Replacing a long cached context by a summary of it: what that costs, and after how many turns it pays.

The call sends the context and is answered by the summary, which the first turn writes into the cache; from then on
every turn reads the summary instead of the context. Both ways are conversations as `next` prices them, to which turns
add nothing, since what they add costs the same either way: straight lines from the first turn on. In rates r, w and b
(read, write, output over input) and a summary of p of the context they meet at (r + p (b + w - r)) / (r (1 - p)) turns.
"""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from ..bills.bill import Bill
from ..bills.candidates import plans
from ..bills.warnings import least_to_cache
from ..errors import BadWorkload, NotSold
from ..prices.sheet import PriceSheet
from ..prices.warnings import refusal
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..workload.workload import Workload
from .onward import Onward


class Compacted(NamedTuple):
    """One strategy. `hits`: whether the call finds the context in the cache. `stay`: turns with the context, which they
    read; `shorter`: the call, and turns with the summary instead, which the first of them writes, or sends plain."""

    strategy: str
    hits: bool
    stay: Onward
    shorter: Onward

    @property
    def call(self) -> Fraction:
        return self.shorter.exact_total(0)

    @property
    def written(self) -> Fraction:
        """The first turn with the summary."""
        return self.shorter.exact_total(1) - self.call

    @property
    def before(self) -> Fraction:
        """One turn with the context."""
        return self.stay.exact_total(1)

    @property
    def after(self) -> Fraction:
        """A later turn with the summary."""
        return self.shorter.exact_total(2) - self.shorter.exact_total(1)

    @property
    def cost(self) -> Fraction:
        """The call, and what the first turn costs more than a later one."""
        return self.call + self.written - self.after

    @property
    def saved(self) -> Fraction:
        """What every later turn costs less; below zero where it costs more."""
        return self.before - self.after

    @property
    def exact_turns(self) -> Fraction | None:
        """Turns at which both cost the same; None where a turn saves nothing."""
        return self.cost / self.saved if self.saved > 0 else None

    @property
    def turns(self) -> int | None:
        """The smallest number that pays, however large; None where none does."""
        exact = self.exact_turns
        return None if exact is None else -(-exact.numerator // exact.denominator)

    def ahead(self, turns: int) -> Fraction:
        """What so many later turns leave: savings less the cost; below zero where compaction has not paid."""
        return self.saved * turns - self.cost


class Compaction:
    """When a summary of so many tokens pays for itself: the strategies of one sheet, each with a call that hits and,
    where that differs, one that misses. `minimum`: the tokens that the context, or else the summary, would need to be
    cached; None where it is, or where no cache is sold.

    BadWorkload where the summary is no shorter than the context; Refused where the vendor would not serve the call that
    writes it; NotSold where even without a cache it has no price.
    """

    def __init__(
        self, sheet: PriceSheet, *, context: int, summary: int, at: datetime, assumptions: Assumptions | None = None
    ) -> None:
        if context < 2:
            raise BadWorkload("expected at least 2 tokens to replace by fewer", word="context")
        if not 1 <= summary < context:
            raise BadWorkload(f"expected a summary of 1 to {context - 1:,} tokens, less than the context", word="to")
        if unserved := refusal(sheet.card(at), prompt=context, answer=summary):
            raise unserved.error(sheet.id, output="to")
        self.sheet, self.version, self.context, self.summary = sheet, sheet.version(sheet.card(at)), context, summary
        self.strategies: list[Compacted] = []
        self.left_out: list[str] = []
        assumed, whole = assumptions or Assumptions(), []
        for plan in plans(sheet, Workload(context, 0, summary, 1, at), assumed):
            try:
                if plan.kind == STORED:
                    raise NotSold("a stored cache is rented, and a summary would be stored anew; see compare")
                whole.append(plan)
                self.strategies += _of_plan(plan, summary)
            except NotSold as error:
                if plan.kind == FRESH:
                    raise
                self.left_out.append(f"{plan.strategy}: {error}")
        short = (Plan(plan.strategy, Workload(summary, 0, 0, 1, at), sheet, assumed) for plan in whole)
        self.minimum = least_to_cache(whole) or least_to_cache(short)

    @property
    def cached(self) -> bool:
        """Whether the context is."""
        return self.minimum is None or self.context >= self.minimum


def _of_plan(plan: Plan, summary: int) -> list[Compacted]:
    """The call as a hit and, if that is another price, as a miss."""
    long, short = (
        Plan(plan.strategy, Workload(tokens, 0, 0, 2, plan.workload.start, grows=True), plan.sheet, plan.assumptions)
        for tokens in (plan.workload.context, summary)
    )
    stay, calls = Onward(long, alive=long.cached), dict.fromkeys((call_cost(plan, plan.cached), call_cost(plan, 0)))
    return [Compacted(plan.strategy, not place, stay, Onward(short, before=call)) for place, call in enumerate(calls)]


def call_cost(plan: Plan, alive: int) -> Fraction:
    """What the call costs that sends the context of a plan and is answered by the summary: it reads what is `alive` of
    it in the cache, and writes nothing, since what it would write is not sent again."""
    work, read = plan.workload, min(alive, plan.cached)
    return Fraction(Bill(plan).of_one(plan.terms(work.start).reading(read, work.prompt - read, work.answer)))
