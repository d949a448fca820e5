"""What can be said of a strategy beside its bill: break-even rates and shares, bounds, bands, disputed ranges."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .bill import Bill
from .sheet import Dispute, Row
from .strategy import AUTOMATIC, STORED, WRITTEN, Plan


class Range(NamedTuple):
    """Lowest and highest total over the readings of the terms that sources dispute, and which of them tell."""

    low: Decimal
    high: Decimal
    disputes: tuple[Dispute, ...]


def read_rate(plan: Plan) -> Fraction:
    """What the strategy's reads are rated at."""
    rates = plan.row.rates
    return Fraction((rates.get(f"cache_read:{plan.kind}") or rates["cache_read"]).value)


def break_even_rate(plan: Plan) -> Fraction | None:
    """Queries per hour at which rent equals what reads save: storage / (input - cache_read)."""
    if plan.kind != STORED:
        return None
    saved = Fraction(plan.row.rates["input"].value) - read_rate(plan)
    return Fraction(plan.row.rates["storage"].value) / saved if saved > 0 else None


def break_even_hit_share(plan: Plan) -> Fraction | None:
    """Share of later queries that must hit for the write premium to come back: (w - 1) / (w - r)."""
    if plan.kind != WRITTEN:
        return None
    write = Fraction(plan.row.rates[plan.written_as.replace(WRITTEN, "cache_write", 1)].value)
    read, plain = read_rate(plan), Fraction(plan.row.rates["input"].value)
    if read >= plain:
        return None
    return (write - plain) / (write - read) if write > plain else Fraction(0)


def savings_bound(plan: Plan, fresh: Decimal) -> Fraction | None:
    """No policy saves a larger share than (1 - r) x the prefix' share of the fresh bill; where rates change
    while the queries come, each one counts at its own."""
    if not fresh or plan.workload.grows:
        return None
    spared = sum(
        (count * max(Fraction(0), _spared_by_a_read(plan, row)) for row, count in plan.rows(plan.workload.queries)),
        Fraction(0),
    )
    return spared * plan.cached / Fraction(fresh)


def _spared_by_a_read(plan: Plan, row: Row) -> Fraction:
    """Money for one token that is read instead of sent, 0 where the row has no rate for reading."""
    read = row.rates.get(f"cache_read:{plan.kind}") or row.rates.get("cache_read")
    return Fraction(row.rates["input"].each) - Fraction(read.each) if read else Fraction(0)


def band(plan: Plan, queries: int) -> tuple[Decimal, Decimal] | None:
    """Totals if every later query hits and if none does, where hits are the vendor's best effort."""
    if plan.kind != AUTOMATIC or not plan.cached:
        return None
    ends = []
    for share in (Decimal(1), Decimal(0)):
        asked = replace(plan.assumptions, hit_share=share)
        ends.append(Bill(Plan(plan.strategy, plan.workload, plan.sheet, asked)).total(queries))
    return min(ends), max(ends)


def disputed_range(plan: Plan, queries: int) -> Range | None:
    """Totals over all readings of disputed terms; None where none of them changes the bill."""
    if not plan.card.disputes:
        return None
    totals, telling = [], []
    for card in plan.card.readings():
        sheet = plan.sheet.reading(plan.card, card)
        totals.append(Bill(Plan(plan.strategy, plan.workload, sheet, plan.assumptions)).total(queries))
    for dispute in plan.card.disputes:
        for value, _ in dispute.others:
            sheet = plan.sheet.reading(plan.card, plan.card.with_reading(dispute, value))
            other = Bill(Plan(plan.strategy, plan.workload, sheet, plan.assumptions)).total(queries)
            if other != totals[0]:
                telling.append(dispute)
    if min(totals) == max(totals):
        return None
    return Range(min(totals), max(totals), tuple(dict.fromkeys(telling)))
