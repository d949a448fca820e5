"""What can be said of a strategy beside its bill: break-even rates and shares, bounds, bands, disputed ranges."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from ..errors import NotSold
from ..prices.card import Dispute, RateCard, Row, Term
from ..prices.quote import rates_of
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..strategies.expected import come
from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from ..strategies.plan import Plan
from ..units import show_duration
from .bill import Bill, crossing
from .break_even import BreakEven

_NONE = Fraction(0)


class Range(NamedTuple):
    """Lowest and highest total over the readings of the terms that sources dispute, and which of them tell."""

    low: Decimal
    high: Decimal
    disputes: tuple[Dispute, ...]


def multiples(plan: Plan) -> tuple[Fraction, Fraction]:
    """The write and read rates of a written strategy as multiples of its input rate."""
    rates, read = plan.row.rates, plan.row.read_rate(plan.kind)
    assert read is not None
    plain, write = rates["input"].value, rates[plan.written_as.replace(WRITTEN, "cache_write", 1)].value
    return Fraction(write) / Fraction(plain), Fraction(read.value) / Fraction(plain)


def sent_and_read(plan: Plan, at: datetime, tokens: int) -> tuple[Fraction, Fraction]:
    """What so many tokens at the beginning of a prompt cost where they are sent, and where they are read, at the rates
    of an instant. The same twice where the row has no rate for reading."""
    card, row, meter = plan.sheet.card(at), plan.row_of(plan.workload.prompt, at), plan.sheet.meter
    sent = _cost(meter.request(tokens, 0), row, card, plan)
    try:
        return sent, _cost(plan.terms(at).reading(tokens), row, card, plan)
    except NotSold:
        return sent, sent


def _cost(usage: Usage, row: Row, card: RateCard, plan: Plan) -> Fraction:
    rates = rates_of((name for name, _ in usage.quantities), row, card, plan.sheet)
    return sum((Fraction(quantity) * Fraction(rates[name].each) for name, quantity in usage.quantities), _NONE)


def break_even_rate(plan: Plan) -> Fraction | None:
    """Queries per hour at which an hour's rent of the context equals what a read of it saves: storage / (input -
    cache_read) where both are rated by the token."""
    if plan.kind != STORED or plan.idle is not None:
        return None
    tokens, meter = plan.workload.context, plan.sheet.meter
    sent, read = sent_and_read(plan, plan.workload.start, tokens)
    rent = _cost(meter.rented(plan.entry), plan.row, plan.card, plan) * meter.size(tokens, plan.entry)
    return rent / (sent - read) if sent > read else None


def read_discount(plan: Plan) -> Fraction | None:
    """The share that reading saves of what the same tokens cost where they are sent; None where these cost nothing."""
    sent, read = sent_and_read(plan, plan.workload.start, plan.workload.context)
    return 1 - read / sent if sent else None


def break_even_hit_share(plan: Plan) -> Fraction | None:
    """Share of later queries that must hit for the write premium to come back: (w - 1) / (w - r)."""
    if plan.kind != WRITTEN or plan.seen_twice or not plan.row.rates["input"].value:
        return None
    write, read = multiples(plan)
    if read >= 1:
        return None
    return (write - 1) / (write - read) if write > 1 else Fraction(0)


def savings_bound(plan: Plan, fresh: Decimal) -> Fraction | None:
    """No policy saves a larger share than (1 - r) x the prefix' share of the fresh bill; where rates change
    while the queries come, each one counts at its own."""
    if not fresh or plan.workload.grows:
        return None
    spared = _NONE
    for start, count in come(plan, plan.workload.queries):
        sent, read = sent_and_read(plan, start, plan.cached if plan.kind == STORED else plan.terms(start).cached)
        spared += max(_NONE, sent - read) * count
    return spared / Fraction(fresh)


def band(plan: Plan, queries: int) -> tuple[Decimal, Decimal] | None:
    """Totals if every later query in time hits and if none does, where hits are the vendor's best effort; None where
    none can come in time."""
    if plan.kind != AUTOMATIC or not plan.cached:
        return None
    other = (plan if plan.assumptions.hit_share == share else plan.but(hit_share=Decimal(share)) for share in (1, 0))
    ends = [Bill(each).total(queries) for each in other]
    return (min(ends), max(ends)) if ends[0] != ends[1] else None


class Lives(NamedTuple):
    """How long automatic entries live after their last use, at least and at most, and the totals of a bill at either
    end."""

    least: timedelta
    most: timedelta
    at_least: Decimal
    at_most: Decimal


def lives(plan: Plan, queries: int) -> Lives | None:
    """The two totals that a vendor's "5 minutes to 1 hour" leaves open; None where it changes nothing."""
    longest = longest_life(plan)
    if longest is None or plan.lifetime is None:
        return None
    totals = [Bill(each).total(queries) for each in (plan, longest)]
    return Lives(*plan.lifetime, *totals) if totals[0] != totals[1] else None


def longest_life(plan: Plan) -> Plan | None:
    """The plan of an automatic cache with the longest life of a range; None where the sheet gives no range, or the
    strategy names the life."""
    lifetime = plan.lifetime
    if lifetime is None or lifetime.least == lifetime.most or not plan.cached or plan.strategy != AUTOMATIC:
        return None
    return plan.but(strategy=f"{AUTOMATIC}:{show_duration(lifetime.most)}")


class Counted(NamedTuple):
    """Lowest and highest total over the tokens that an estimated document may have, `fewest` to `most`, and what lies
    between them and changes the bill by a step: tiers, minimums, limits."""

    low: Decimal
    high: Decimal
    fewest: int
    most: int
    steps: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(f"{step}, within the estimate of {self.fewest:,} to {self.most:,} tokens" for step in self.steps)


def counted_range(plan: Plan, fewest: int, most: int) -> Counted:
    """Totals at both ends and on both sides of every step between them; between steps a bill is a straight line."""
    totals = []
    for other in over_tokens(plan, fewest, most):
        with suppress(NotSold):
            totals.append(Bill(other).total(plan.workload.queries))
    steps = tuple(_steps(plan, fewest, most).values())
    return Counted(min(totals), max(totals), fewest, most, steps)


def over_tokens(plan: Plan, fewest: int, most: int) -> Iterator[Plan]:
    """The plan with the tokens of both ends of an estimate, and of both sides of every step between them."""
    between = _steps(plan, fewest, most)
    for context in (fewest, plan.workload.context, most, *between, *(edge - 1 for edge in between)):
        with suppress(NotSold):
            yield plan.but(workload=replace(plan.workload, context=context))


def _steps(plan: Plan, fewest: int, most: int) -> dict[int, str]:
    """The tokens at which a tier, a minimum to cache or a limit begins inside an estimate, and what begins."""
    work, card = plan.workload, plan.card
    added = work.largest_prompt() - work.context
    steps = {
        row.prompt.low - work.question: f"a tier begins at {row.prompt.low:,} tokens"
        for row in card.rows
        if row.service == plan.assumptions.service
    }
    if plan.minimum:
        steps[plan.minimum] = f"the minimum to cache is {plan.minimum:,} tokens"
    for name, extra in (("context", added + work.answer), ("input", added)):
        if (limit := getattr(card.limits, name)) is not None:
            steps[limit + 1 - extra] = f"the {name} limit is {limit:,} tokens"
    return {edge: text for edge, text in sorted(steps.items()) if fewest < edge <= most}


def disputed_range(plan: Plan, queries: int) -> Range | None:
    """Totals over all readings of disputed terms; None where none of them changes the bill."""
    disputes = [each for each in plan.card.disputes if _bears(each, plan)]
    if not disputes:
        return None
    totals: dict[tuple[Term | None, ...], Decimal] = {}
    for read in product(*((None, *(value for value, _ in each.others)) for each in disputes)):
        changed = tuple((dispute, value) for dispute, value in zip(disputes, read, strict=True) if value is not None)
        other = plan.but(sheet=_read_as(plan.sheet, plan.card.effective, changed)) if changed else plan
        totals[read] = Bill(other).total(queries)
    low, high, taken = min(totals.values()), max(totals.values()), next(iter(totals.values()))
    if low == high:
        return None
    # A dispute tells where another reading of it alone changes the total.
    changed_by = [
        [dispute for dispute, value in zip(disputes, read, strict=True) if value is not None]
        for read, total in totals.items()
        if total != taken
    ]
    return Range(low, high, tuple(dispute for dispute in disputes if [dispute] in changed_by))


@lru_cache(maxsize=256)
def _read_as(sheet: PriceSheet, at: datetime, changed: tuple[tuple[Dispute, Term], ...]) -> PriceSheet:
    """The sheet with other readings of terms of the card in force at an instant."""
    card = other = sheet.card(at)
    for dispute, value in changed:
        other = other.with_reading(dispute, value)
    return replace(sheet, cards=tuple(other if each is card else each for each in sheet.cards))


def _bears(dispute: Dispute, plan: Plan) -> bool:
    """Whether a disputed term can change this bill: a rate, or a term of the plan's own kind of caching."""
    first, hold = dispute.where[0], plan.assumptions.hold
    if (
        plan.kind == STORED and dispute.where[-1] == "billed_for"
    ):  # tells only of a cache that stands for less than a TTL
        return plan.idle is None and hold is not None and hold < plan.stored.default_ttl
    return not isinstance(first, str) or first == plan.kind or dispute.where[-1] == "min_tokens"


class Speed(NamedTuple):
    """A bill at one end of the band of speeds: `reading` is best or worst."""

    reading: str
    total: Decimal
    break_even: BreakEven | None
    break_even_rate_per_hour: Fraction | None


def speeds(plan: Plan) -> tuple[Speed, ...]:
    """The bill at the best and at the worst speed; nothing where a vendor serves it."""
    queries, serving, ends = plan.workload.queries, plan.assumptions.serving, []
    for reading in plan.sheet.meter.readings:
        each = plan.but(serving=serving._replace(reading=reading))
        bill = Bill(each)
        pays = None if plan.strategy == FRESH else crossing(bill, Bill(each.but(strategy=FRESH)))
        ends.append(Speed(reading, bill.total(queries), pays, break_even_rate(each)))
    return tuple(ends)
