"""Strategies side by side: what N queries cost under each, and from which N on caching pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from . import money
from .breakeven import ALWAYS, HORIZON, BreakEven, break_even
from .errors import CachecostError, DifferentCurrencies, NotInForce, NotSold
from .notices import notices
from .quote import LineItem, Quote, quote
from .sheet import Dispute, PriceSheet, RateCard, Row
from .strategy import AUTOMATIC, FRESH, STORED, WRITTEN, Assumptions, Plan, kept_alive, sold
from .usage import Usage
from .workload import Workload

AHEAD = timedelta(days=90)
"""How long after a workload's end an announced price change is still told."""


class Bill:
    """What one strategy costs on one sheet, for any number of queries; unit quotes are worked out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._quotes: dict[tuple[Usage, datetime, int], Quote] = {}
        self._units: dict[tuple[Usage, datetime, int], tuple[LineItem, ...]] = {}

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
        return sum((Fraction(line.quantity) * Fraction(line.each) for line in self.lines(queries)), Fraction(0))

    @property
    def horizon(self) -> int:
        """How many queries are tried where the bill is no straight line; a conversation's bill takes its every turn."""
        work = self.plan.workload
        if work.times:
            return min(HORIZON, len(work.times))
        return min(HORIZON, max(2 * work.queries, 20)) if work.grows else HORIZON

    @property
    def pieces(self) -> list[int] | None:
        return self.plan.affine_from()


class Range(NamedTuple):
    """Lowest and highest total over the readings of the terms that sources dispute, and which of them tell."""

    low: Decimal
    high: Decimal
    disputes: tuple[Dispute, ...]


@dataclass(frozen=True)
class Answer:
    """One strategy on one model: totals in the sheet's currency, `savings` against fresh (may be negative)."""

    sheet: PriceSheet
    version: str
    strategy: str
    context: int
    queries: int
    total: Decimal
    fresh: Decimal
    lines: tuple[LineItem, ...]
    break_even: BreakEven | None = None
    break_even_rate_per_hour: Fraction | None = None
    break_even_hit_share: Fraction | None = None
    savings_bound: Fraction | None = None
    band: tuple[Decimal, Decimal] | None = None
    range: Range | None = None
    hold: timedelta | None = None
    warnings: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        return self.sheet.id

    @property
    def per_query(self) -> Fraction:
        return Fraction(self.total) / self.queries

    @property
    def savings(self) -> Decimal:
        return money.subtract(self.fresh, self.total)

    @property
    def savings_ratio(self) -> Fraction | None:
        return Fraction(self.savings) / Fraction(self.fresh) if self.fresh else None


@dataclass(frozen=True)
class Comparison:
    """All answers, cheapest first; at the same total the simpler strategy comes first. `left_out` says of each
    model without an answer why it has none."""

    workload: Workload
    assumptions: Assumptions
    answers: tuple[Answer, ...]
    left_out: tuple[str, ...] = ()

    @property
    def best(self) -> Answer:
        return self.answers[0]

    @property
    def best_cached(self) -> Answer | None:
        """The cheapest way to cache on the model of the cheapest answer, or on any; None where none is sold."""
        cached = [answer for answer in self.answers if answer.strategy != FRESH]
        same = [answer for answer in cached if answer.sheet is self.best.sheet]
        return next(iter(same or cached), None)


def compare(
    asks: Sequence[tuple[PriceSheet, Workload]],
    *,
    today: date,
    assumptions: Assumptions | None = None,
    strategies: Sequence[str] = (),
) -> Comparison:
    """Each workload under every strategy that its sheet sells, or under those named; cheapest first.

    One workload per sheet, since the same document has another number of tokens on another model. `today`
    tells how long ago a sheet was checked. Where a sheet cannot answer (NotSold, NotInForce) and another can,
    it is left out with the reason. Raises DifferentCurrencies where bills differ so.
    """
    asked = assumptions or Assumptions()
    currencies = sorted({sheet.currency for sheet, _ in asks})
    if len(currencies) > 1:
        raise DifferentCurrencies(
            f"bills in {' and '.join(currencies)} cannot be compared without a rate of exchange; ask for them apart"
        )
    answers: list[Answer] = []
    refused: list[CachecostError] = []
    for sheet, workload in asks:
        try:
            found, unsold = _answers(sheet, workload, asked, strategies, today)
        except (NotSold, NotInForce) as error:
            refused.append(error)
        else:
            answers += found
            refused += unsold
    if not answers:
        raise refused[0]
    ranked = tuple(sorted(answers, key=lambda answer: answer.total))
    return Comparison(asks[0][1], asked, ranked, tuple(map(str, refused)))


def plans(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, strategies: Sequence[str] = ()
) -> list[Plan]:
    """The plan of every strategy that the sheet sells to the workload, or of those named that it sells."""
    fresh = Plan(FRESH, workload, sheet, assumptions)
    offer = sold(fresh.card, fresh.row)
    named = [name for name in (*offer, *kept_alive(fresh.card, offer)) if name in strategies]
    if strategies and not named:
        raise NotSold(f"{sheet.version(fresh.card)} does not sell {', '.join(strategies)}; it sells {', '.join(offer)}")
    rest = [name for name in named or offer if name != FRESH]
    found = [Plan(name, workload, sheet, assumptions) for name in rest]
    return found if named and FRESH not in named else [fresh, *found]


def _answers(
    sheet: PriceSheet, workload: Workload, asked: Assumptions, strategies: Sequence[str], today: date
) -> tuple[list[Answer], list[NotSold]]:
    """The answers, and why a strategy that is sold at the start has none: a later card stops selling it."""
    fresh = Bill(Plan(FRESH, workload, sheet, asked))
    change = _next_change(sheet, workload, asked)
    answers, unsold = [], []
    for plan in plans(sheet, workload, asked, strategies):
        try:
            answers.append(_answer(Bill(plan), fresh, notices(plan, today=today) + change))
        except NotSold as error:
            unsold.append(NotSold(f"{plan.strategy}: {error}"))
    if not answers:
        raise unsold[0]
    return answers, unsold


def _answer(bill: Bill, fresh: Bill, warnings: tuple[str, ...]) -> Answer:
    plan, queries = bill.plan, bill.plan.workload.queries
    lines = bill.lines(queries)
    cached = plan.strategy != FRESH
    return Answer(
        sheet=plan.sheet,
        version=plan.sheet.version(plan.card),
        strategy=plan.strategy,
        context=plan.workload.context,
        queries=queries,
        total=money.total(line.amount for line in lines),
        fresh=fresh.total(queries),
        lines=lines,
        break_even=crossing(bill, fresh) if cached else None,
        break_even_rate_per_hour=break_even_rate(plan),
        break_even_hit_share=break_even_hit_share(plan),
        savings_bound=_savings_bound(plan, fresh.total(queries)) if cached else None,
        band=_band(plan, queries),
        range=_range(plan, queries),
        hold=plan.hold(queries) if plan.kind == STORED and plan.cached else None,
        warnings=warnings,
    )


def crossing(bill: Bill, fresh: Bill) -> BreakEven:
    """The numbers of queries at which one bill is not above the fresh one."""
    return ALWAYS if bill.plan.never_dearer() else break_even(bill, fresh)


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


def _savings_bound(plan: Plan, fresh: Decimal) -> Fraction | None:
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


def _band(plan: Plan, queries: int) -> tuple[Decimal, Decimal] | None:
    """Totals if every later query hits and if none does, where hits are the vendor's best effort."""
    if plan.kind != AUTOMATIC or not plan.cached:
        return None
    ends = []
    for share in (Decimal(1), Decimal(0)):
        asked = replace(plan.assumptions, hit_share=share)
        ends.append(Bill(Plan(plan.strategy, plan.workload, plan.sheet, asked)).total(queries))
    return min(ends), max(ends)


def _range(plan: Plan, queries: int) -> Range | None:
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


class PriceChange(NamedTuple):
    """A rate card that begins inside a workload or soon after its end, and the verdict before and after it.

    `days_after` the end, None inside; `total` is the bill of the same workload begun under that card. Of a model
    that is withdrawn by then, neither.
    """

    card: RateCard
    days_after: int | None
    now: str
    then: str | None = None
    total: Decimal | None = None


def priced(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions
) -> tuple[list[tuple[Bill, Decimal]], list[NotSold]]:
    """The bill and total of every strategy, simpler ones first, and why others have none; NotSold where even fresh
    has no price."""
    found, unsold = [], []
    for plan in plans(sheet, workload, assumptions):
        bill = Bill(plan)
        try:
            found.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            if plan.kind == FRESH:
                raise
            unsold.append(NotSold(f"{plan.strategy}: {error}"))
    return found, unsold


def cheapest(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> tuple[str, Decimal]:
    """The strategy with the smallest total, the simpler one at a tie, and that total; NotSold where even fresh
    has no price."""
    bill, total = min(priced(sheet, workload, assumptions)[0], key=lambda each: each[1])
    return bill.plan.strategy, total


def changes_ahead(sheet: PriceSheet, workload: Workload, asked: Assumptions) -> list[PriceChange]:
    """What the next rate cards would do to this workload, if they begin inside it or within 90 days after."""
    end = workload.start + workload.span(workload.queries)
    coming = sheet.changes(workload.start, end + AHEAD)
    if not coming:
        return []
    found: list[PriceChange] = []
    now, _ = cheapest(sheet, workload, asked)
    before = sheet.card(workload.start)
    for card in coming:
        if card.rows == before.rows and card.status != "withdrawn":
            continue
        before = card
        days = None if card.effective <= end else (card.effective - end).days
        if card.status == "withdrawn":
            found.append(PriceChange(card, days, now))
            continue
        try:
            then, total = cheapest(sheet, replace(workload, start=card.effective), asked)
        except NotSold:
            continue
        found.append(PriceChange(card, days, now, then, total))
    return found


def _next_change(sheet: PriceSheet, workload: Workload, asked: Assumptions) -> tuple[str, ...]:
    """The same in words."""
    return tuple(change_in_words(change) for change in changes_ahead(sheet, workload, asked))


def change_in_words(change: PriceChange) -> str:
    """`rates change on 2026-12-01 (scheduled), 8 days after it: the verdict stays stored`."""
    card = change.card
    when = f"{card.effective:%Y-%m-%d}" + (" (scheduled)" if card.status == "scheduled" else "")
    where = "inside this workload" if change.days_after is None else f"{change.days_after} days after it"
    if change.then is None:
        return f"the model is withdrawn on {when}, {where}"
    stays = change.then == change.now
    verdict = f"the verdict stays {change.now}" if stays else f"it flips the verdict from {change.now} to {change.then}"
    return f"rates change on {when}, {where}: {verdict}"
