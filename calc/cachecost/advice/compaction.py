"""Replacing a long cached context by a summary of it: what that costs, and after how many turns it pays.

The call sends the context and is answered by the summary, which the first turn writes into the cache; from then on
every turn reads the summary instead of the context. What the turns themselves add costs the same either way and is
left out. In rates r, w and b (read, write, output over input) and a summary of p of the context that is
(r + p (b + w - r)) / (r (1 - p)) turns; here each amount is a quote at the tier of its own prompt.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..bills.bill import Bill
from ..bills.candidates import plans
from ..errors import BadWorkload, NotSold
from ..prices.limits import refusal
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.names import STORED
from ..strategies.plan import Plan
from ..workload.workload import Workload


class Compacted(NamedTuple):
    """One strategy. `hits`: whether the call finds the context in the cache; `call`: what the call costs; `written`:
    the summary in the first turn, which writes it or sends it plain; `before` and `after`: one turn's prefix; `turns`:
    the smallest number that pays, None never."""

    strategy: str
    hits: bool
    call: Decimal
    written: Decimal
    before: Decimal
    after: Decimal

    @property
    def cost(self) -> Decimal:
        """The call, and what the first turn costs more than a later one."""
        return money.add(self.call, money.subtract(self.written, self.after))

    @property
    def saved(self) -> Decimal:
        """What every later turn costs less; below zero where it costs more."""
        return money.subtract(self.before, self.after)

    @property
    def exact_turns(self) -> Fraction | None:
        """Turns at which both cost the same; None where a turn saves nothing."""
        return Fraction(self.cost) / Fraction(self.saved) if self.saved > 0 else None

    @property
    def turns(self) -> int | None:
        exact = self.exact_turns
        return None if exact is None else -(-exact.numerator // exact.denominator)

    def ahead(self, turns: int) -> Decimal:
        """What so many later turns leave: savings less the cost; below zero where compaction has not paid."""
        return money.subtract(money.multiply(self.saved, turns), self.cost)


class Compaction(NamedTuple):
    """The strategies of one sheet, each with a call that hits and, where that differs, one that misses."""

    sheet: PriceSheet
    version: str
    context: int
    summary: int
    strategies: tuple[Compacted, ...]
    left_out: tuple[str, ...] = ()


def compact(
    sheet: PriceSheet, *, context: int, summary: int, at: datetime, assumptions: Assumptions | None = None
) -> Compaction:
    """When a summary of so many tokens pays for itself. BadWorkload where it is no shorter than the context;
    Refused where the vendor would not serve the call that writes it."""
    if context < 2:
        raise BadWorkload("expected at least 2 tokens to replace by fewer", word="context")
    if not 1 <= summary < context:
        raise BadWorkload(f"expected a summary of 1 to {context - 1:,} tokens, less than the context", word="to")
    assumed = assumptions or Assumptions()
    rows: list[Compacted] = []
    left_out: list[str] = []
    if unserved := refusal(sheet.card(at), prompt=context, answer=summary):
        raise unserved.error(sheet.id, output="to")
    long = plans(sheet, Workload(context, 0, summary, 1, at), assumed)
    for plan in long:
        if plan.kind == STORED:
            left_out.append(
                f"{plan.strategy}: a stored cache is rented, and a summary would be stored anew; see compare"
            )
            continue
        try:
            rows += _of_plan(plan, summary)
        except NotSold as error:
            left_out.append(f"{plan.strategy}: {error}")
    return Compaction(sheet, sheet.version(long[0].card), context, summary, tuple(rows), tuple(left_out))


def _of_plan(plan: Plan, summary: int) -> list[Compacted]:
    """The call as a hit and, if that is another price, as a miss."""
    asking = plan.workload
    before, after = (
        Plan(plan.strategy, Workload(tokens, 0, 0, 1, asking.start), plan.sheet, plan.assumptions)
        for tokens in (asking.context, summary)
    )
    first = Bill(after).of_one(after.missed_request)
    turns = (first, Bill(before).of_one(before.read_request), Bill(after).of_one(after.read_request))
    hit, miss = call_cost(plan, plan.cached), call_cost(plan, 0)
    outcomes = [Compacted(plan.strategy, True, hit, *turns)]
    return outcomes if hit == miss else [*outcomes, Compacted(plan.strategy, False, miss, *turns)]


def call_cost(plan: Plan, alive: int) -> Decimal:
    """What the call costs that sends the context of a plan and is answered by the summary: it reads what is `alive` of
    it in the cache, and writes nothing, since what it would write is not sent again."""
    work, read = plan.workload, min(alive, plan.cached)
    return Bill(plan).of_one(plan.terms(work.start).reading(read, work.prompt - read, work.answer))
