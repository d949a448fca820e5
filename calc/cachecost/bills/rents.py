"""Bills of what is rented by the hour: a vendor's reserved capacity, the machine of a deployment, and a stored cache
that is never deleted.

A unit of reserved capacity is rented whether it is used or not, and serves so many tokens a minute. The tokens that
count are those of the strategy that is compared with it: all of them, or all but cached reads where the vendor counts
none.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from types import MappingProxyType
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, NotInForce, NotSold
from ..prices.card import RateCard, Reserved
from ..prices.quote import quote
from ..prices.sheet import PriceSheet, Version
from ..prices.terms import usual_currency
from ..prices.usage import MAX_TOKENS, Usage
from ..prices.warnings import refusal
from ..selfhosted.serving import GPU_SECONDS
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH
from ..units import HOUR, hours
from ..workload.workload import Workload
from .bill import Bill
from .warnings import LeftOut, unanswered

SECONDS = 3600


class Reservation(NamedTuple):
    """Units of reserved capacity for a workload, at its mean pace, in the sheet's currency.

    `hours`: for how many started hours they are rented. `tokens`: those that count against the throughput. `used`: the
    share of it that the workload takes. `pays_from`: the share from which on the units are cheaper than the strategy on
    demand; above 1 they never are. `on_demand`: the cheapest bill by the token, of `strategy`.
    """

    sheet: PriceSheet
    terms: Reserved
    units: int
    hours: int
    tokens: int
    used: Fraction
    pays_from: Fraction | None
    total: Decimal
    strategy: str
    on_demand: Decimal


def reservations(cheapest: Iterable[Bill]) -> tuple[list[Reservation], list[str]]:
    """The units that a workload would need of each model that sells them, beside its cheapest bill, and why others are
    left out."""
    found: list[Reservation] = []
    left_out: list[str] = []
    for bill in cheapest:
        sheet, workload, terms = bill.plan.sheet, bill.plan.workload, bill.plan.card.reserved
        if terms and not workload.span(workload.queries):
            left_out.append(f"reserved capacity of {sheet.id}; say how the queries come, such as every 5m or over 8h")
        elif terms:
            found.append(_reserved(bill, terms))
    return found, left_out


def _reserved(best: Bill, terms: Reserved) -> Reservation:
    work, queries = best.plan.workload, best.plan.workload.queries
    span, on_demand = work.span(queries), best.total(queries)
    tokens = sum(
        int(line.quantity)
        for line in best.lines(queries)
        if line.unit == "tokens" and not (terms.cache_read == "free" and "cache_read" in line.name)
    )
    minutes = max(Fraction(1), hours(span) * 60)
    units = max(1, ceil(tokens / minutes / terms.tokens_per_minute))
    rented = max(1, ceil(hours(span)))
    total = money.multiply(terms.per_hour, Decimal(units * rented))
    served = units * terms.tokens_per_minute * 60 * rented
    # a full unit replaces served / tokens workloads like this one, each of which costs so much on demand
    pays_from = Fraction(total) * tokens / (Fraction(on_demand) * served) if on_demand else None
    used, plan = Fraction(tokens) / served, best.plan
    return Reservation(plan.sheet, terms, units, rented, tokens, used, pays_from, total, plan.strategy, on_demand)


class MachineAlone(NamedTuple):
    """The cards' rent for as long as the workload lasts, used or not, and how much of it the workload is. `hours`: how
    long it lasts. `busy`: hours in which all cards work for it. `work`: what they cost in these, if all of their hours
    are used. `rest`: what the bill has beside that, which is rent of memory."""

    total: Decimal
    share: Fraction
    hours: Fraction
    busy: Fraction
    work: Fraction
    rest: Fraction

    def use_at(self, total: Decimal) -> Fraction | None:
        """The share of the machine's hours that are used at which the bill is as high as another total: work costs more
        the less of them is used, and the rent of memory stays. None where no share is so low or so high."""
        left = Fraction(total) - self.rest
        use = self.work / left if left > 0 else Fraction(0)
        return use if 0 < use < 1 else None


def machine_alone(bill: Bill) -> MachineAlone | None:
    """The rent of the cards under a bill's workload; None where a vendor serves it, or all queries come at once."""
    plan, work = bill.plan, bill.plan.workload
    lasts, serving = Fraction(work.stay(work.queries), HOUR), plan.assumptions.serving
    if not (cards := plan.sheet.meter.cards) or not lasts:
        return None
    alone = Bill(plan.but(strategy=FRESH, serving=serving._replace(dedicated=True))).total(work.queries)
    worked = [line for line in bill.lines(work.queries) if line.unit == GPU_SECONDS]
    busy = sum((Fraction(line.quantity) for line in worked), Fraction(0)) / cards / SECONDS
    paid = sum((Fraction(line.amount) for line in worked), Fraction(0))
    total = Fraction(bill.total(work.queries))
    return MachineAlone(alone, total / Fraction(alone), lasts, busy, paid * serving.use, total - paid)


class Forgotten(NamedTuple):
    """The rent of a stored cache that is never deleted, at the rates of one card."""

    sheet: PriceSheet
    card: RateCard
    tokens: int
    hour: Decimal
    day: Decimal
    month: Decimal
    """Thirty days."""
    ends: tuple[Decimal, Decimal] | None = None
    """Lowest and highest of these thirty days, where the tokens of a document were only estimated."""

    @property
    def version(self) -> Version:
        return self.sheet.version(self.card)


def forgotten(sheet: PriceSheet, tokens: int, at: datetime, assumptions: Assumptions | None = None) -> Forgotten:
    """The rent of so many tokens in a stored cache. Raises NotSold where none is sold or the tokens are too few."""
    assumed = assumptions or Assumptions()
    card = sheet.card(at)
    stored = card.caching.stored
    if not 1 <= tokens <= MAX_TOKENS:
        raise BadWorkload(f"expected 1 to {MAX_TOKENS:,} tokens to store, not {tokens:,}", word="context")
    if stored is None:
        kinds = ", ".join(card.caching.kinds) or "none"
        raise NotSold(f"{sheet.version(card)} stores no cache that could be forgotten (its caching: {kinds})")
    if tokens < (stored.min_tokens or 0):
        raise NotSold(f"{sheet.version(card)} stores no cache below {stored.min_tokens:,} tokens, not {tokens:,}")

    def rent(hours: int) -> Decimal:
        usage = Usage(storage=tokens * hours)
        service, region, thinking = assumed.service, assumed.region, assumed.thinking
        return quote(usage, sheet, at=at, prompt=tokens, service=service, region=region, thinking=thinking).total

    return Forgotten(sheet, card, tokens, rent(1), rent(24), rent(24 * 30))


def _ends(rent: Forgotten, counted: tuple[int, int], at: datetime, assumptions: Assumptions) -> tuple[Decimal, Decimal]:
    """Lowest and highest rent of thirty days over the tokens that can be stored."""
    months = [rent.month]
    for tokens in counted:
        with suppress(NotSold):
            months.append(forgotten(rent.sheet, tokens, at, assumptions).month)
    return min(months), max(months)


def all_forgotten(
    asks: Iterable[tuple[PriceSheet, Workload]],
    assumptions: Assumptions,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> tuple[tuple[Forgotten, ...], tuple[LeftOut, ...]]:
    """The rent on every model that still stores caches, dearest first, and the most common currency before others;
    NotSold or Refused where none does. `counted`: by the id of a sheet, the fewest and the most tokens of a document
    which were only estimated."""
    totals: list[Forgotten] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        try:
            rent = forgotten(sheet, workload.context, workload.start, assumptions)
            if sheet.id in counted:
                rent = rent._replace(ends=_ends(rent, counted[sheet.id], workload.start, assumptions))
        except (NotSold, NotInForce) as error:
            left_out.append(LeftOut(sheet.id, error.kind, error.reason))
            continue
        if unserved := refusal(rent.card, prompt=rent.tokens, answer=0):
            left_out.append(LeftOut(sheet.id, unserved.kind, unserved.why))
        else:
            totals.append(rent)
    if not totals:
        raise unanswered(left_out)
    usual = usual_currency(each.sheet for each in totals)
    ranked = sorted(totals, key=lambda each: (each.sheet.currency != usual, each.sheet.currency, -each.hour))
    return tuple(ranked), tuple(left_out)
