"""Reserved capacity beside the bill on demand: how many units a workload needs, what they cost, and when they pay.

A unit is rented by the hour whether it is used or not, and serves so many tokens a minute. The tokens that count are
those of the strategy that is compared with it: all of them, or all but cached reads where the vendor counts none.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple, Protocol

from .. import money
from ..prices.card import Reserved
from ..prices.quote import LineItem
from ..prices.sheet import PriceSheet
from ..prices.warnings import Refusal
from ..units import hours
from ..workload.workload import Workload


class Billed(Protocol):
    """What this asks of an answer of a comparison."""

    sheet: PriceSheet
    strategy: str
    total: Decimal
    lines: tuple[LineItem, ...]
    refusal: Refusal | None


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


def reservations(
    answers: Sequence[Billed], workloads: Iterable[tuple[PriceSheet, Workload]]
) -> tuple[list[Reservation], list[str]]:
    """The units that a workload would need of each model that sells them, and why others are left out."""
    found: list[Reservation] = []
    left_out: list[str] = []
    for sheet, workload in workloads:
        own = [answer for answer in answers if answer.sheet is sheet and not answer.refusal]
        terms = sheet.card(workload.start).reserved if own else None
        if terms and not workload.span(workload.queries):
            left_out.append(f"reserved capacity of {sheet.id}; say how the queries come, such as every 5m or over 8h")
        elif terms:
            found.append(_reserved(sheet, terms, workload, min(own, key=lambda answer: answer.total)))
    return found, left_out


def _reserved(sheet: PriceSheet, terms: Reserved, workload: Workload, best: Billed) -> Reservation:
    span = workload.span(workload.queries)
    tokens = sum(
        int(line.quantity)
        for line in best.lines
        if line.unit == "tokens" and not (terms.cache_read == "free" and "cache_read" in line.name)
    )
    minutes = max(Fraction(1), hours(span) * 60)
    units = max(1, ceil(tokens / minutes / terms.tokens_per_minute))
    rented = max(1, ceil(hours(span)))
    total = money.multiply(terms.per_hour, Decimal(units * rented))
    room = units * terms.tokens_per_minute * 60 * rented
    # a full unit replaces room / tokens workloads like this one, each of which costs so much on demand
    pays_from = Fraction(total) * tokens / (Fraction(best.total) * room) if best.total else None
    used = Fraction(tokens) / room
    return Reservation(sheet, terms, units, rented, tokens, used, pays_from, total, best.strategy, best.total)
