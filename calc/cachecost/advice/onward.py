"""A conversation from some turn on: what each number of further turns costs, and whether to switch models for them.

A model that takes over knows nothing of what was said: its first turn sends the whole context at its rates, in its
tokens, and writes it where that is how it caches. The turns before the switch cost the same either way.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from ..bills.bill import Bill
from ..bills.break_even import HORIZON, BreakEven, break_even
from ..bills.candidates import plans
from ..bills.warnings import refused, turns_served
from ..errors import BadWorkload, DifferentCurrencies, Refused
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..strategies.assumptions import Assumptions
from ..strategies.batches import turn_by_turn
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
        self._bill, self._totals = Bill(plan), [before]
        self._turns = turn_by_turn(plan, first - 1 + self.horizon, first, alive=alive)

    def exact_total(self, turns: int) -> Fraction:
        """What so many turns cost; BadWorkload where they do not fit into the context."""
        if turns > self.horizon:
            raise BadWorkload(f"{turns:,} more turns do not fit into the context", word="turns_left")
        while len(self._totals) <= turns:
            costs = (
                Fraction(self._bill.of_one(self._written(usage), at, prompt)) * Fraction(times)
                for usage, times, at, prompt in next(self._turns)
            )
            self._totals.append(self._totals[-1] + sum(costs, Fraction(0)))
        return self._totals[turns]

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


def assumed_on(assumptions: Assumptions, sheet: PriceSheet, at: datetime) -> tuple[Assumptions, str | None]:
    """The assumptions about one model, for another: its standard service or the rates of no region where it does not
    sell the same, and a note that says so."""
    service, why = sheet.service_like(assumptions.service, at)
    region, why_region = sheet.region_like(assumptions.region, service, at)
    priced = [f"at {service} service: {why}"] if why else []
    priced += [f"at the rates of no region: {why_region}"] if why_region else []
    note = f"{sheet.id} is priced {'; '.join(priced)}" if priced else None
    return replace(assumptions, service=service, region=region), note


class Switch(NamedTuple):
    """One conversation on two models from a turn on. `before`: the turns up to there, on the first model. `pays`: with
    which numbers of turns from the switch on it costs less to have switched. `note`: where the other model does not
    sell the service or region, what it is priced at."""

    workload: Workload
    turn: int
    ratio: Fraction
    before: Fraction
    stay: Onward
    switch: Onward
    pays: BreakEven
    note: str | None

    @property
    def follow(self) -> int:
        """Turns from the switch on, to the end of the conversation."""
        return self.workload.queries - self.turn + 1

    def costs(self, onward: Onward) -> Fraction:
        """What those turns cost, on one of the two."""
        return onward.exact_total(self.follow)

    @property
    def saved(self) -> Fraction:
        """What switching saves over the conversation; below zero where it costs more."""
        return self.costs(self.stay) - self.costs(self.switch)


def stay_or_switch(
    sheet: PriceSheet,
    other: PriceSheet,
    workload: Workload,
    *,
    turn: int,
    ratio: Fraction = Fraction(1),
    assumptions: Assumptions | None = None,
    strategies: Sequence[str] = (),
) -> Switch:
    """A conversation that goes on with `other` from a turn on, beside one that stays; each under the cheapest strategy
    that it sells, or of those named. `ratio`: tokens of the other model, priced as
    `assumed_on` says.

    Raises BadWorkload where there is no such turn, Refused where a vendor would not serve the conversation to its end,
    DifferentCurrencies where bills differ so."""
    if not workload.grows:
        raise BadWorkload("missing; a switch is one in a conversation, such as 20", word="turns")
    if not 1 <= turn <= workload.queries:
        raise BadWorkload(f"expected a turn from 1 to {workload.queries:,}, not {turn:,}", word="at_turn")
    if sheet.currency != other.currency:
        raise DifferentCurrencies(
            f"bills in {sheet.currency} and {other.currency} cannot be compared without a rate of exchange"
        )
    if ratio <= 0:
        raise BadWorkload("expected more than 0 tokens for one, such as 1.1", word="token_ratio")
    assumed, moved = assumptions or Assumptions(), on_another(workload, ratio, turn=turn)
    for each, work in ((sheet, workload), (other, moved)):
        if unserved := refused(each, work):
            raise Refused(f"{each.id} {unserved.why}", word="turns")
    follow = moved.queries
    whole = cheapest(sheet, workload, assumed, turns=workload.queries, strategies=strategies)
    stay = Onward(whole.plan, first=turn, most=follow)
    there, note = assumed_on(assumed, other, moved.start)
    switched = cheapest(other, moved, there, turns=follow, strategies=strategies)
    pays = break_even(switched, stay)
    return Switch(workload, turn, ratio, whole.exact_total(turn - 1), stay, switched, pays, note)
