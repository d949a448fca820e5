"""A comparison for people and programs: a row a model or every strategy, what to know, where the rates come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from ... import money
from ...bills.comparison import Answer, Comparison
from ...bills.projection import scaled
from ...bills.reserved import Reservation
from ...strategies.names import FRESH, KEPT, STORED, parsed
from ...strategies.plan import Plan
from ..figures import amount, by_size, cited, count, duration, is_rounded, percent, rough, signed, span
from ..labels import CREATION, a_policy, policy
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, of, record, records, rows
from ..reply import FIGURES, UNSERVED, Page, Reply
from ..table import Table
from . import block, budgets, machine, measures
from .notes import Note, brief, full, of_card
from .question import AssumptionsRecord, WorkloadRecord, assumed, question
from .quote import LineRecord, line_cells
from .sentence import sentence

COLUMNS = (
    "model version strategy currency total per_query savings savings_ratio break_even.first break_even.stable_from "
    "status free total_low total_high warnings"
)

PER = {"total": "", "query": "per query: ", "month": "per month (30 days): "}
"""What bills are for -> before the head of an answer."""


class BandRecord(Fields):
    """The bill if every later query in time finds its entry, and if none does."""

    low: Decimal = of(0)
    high: Decimal = of(1)


class RangeRecord(BandRecord):
    """The lowest and the highest bill by the readings of disputed terms, or by the speed of a machine."""

    disputed: list[measures.DisputeRecord] = of("disputes")


class AnswerRecord(Fields):
    """One model under one strategy."""

    model: ModelId
    name: Text = of("sheet.name")
    version: Version
    terms: list[str] = of("version.terms")
    checked: date = of("sheet.checked")
    strategy: Text
    label: Text = of(lambda answer: policy(answer.strategy))
    status: Literal["ok", "refused", "withdrawn", "too_short"]
    free: bool
    currency: Currency = of("sheet.currency")
    total: Decimal
    per_query: Decimal
    savings: Decimal
    savings_ratio: Decimal | None
    savings_bound: Decimal | None
    lines: list[LineRecord]
    break_even: measures.BreakEvenRecord | None
    break_even_rate_per_hour: Decimal | None
    break_even_hit_share: Decimal | None
    band: BandRecord | None
    lifetime: measures.LivesRecord | None = of("lives")
    range: RangeRecord | None
    speeds: list[machine.SpeedRecord]
    machine: machine.MachineRecord | None
    spacing: measures.SpacingRecord | None
    total_low: Decimal = measures.open_end(0)
    total_high: Decimal = measures.open_end(1)
    fits: Count | None
    affordable: Count | None
    hold: timedelta | None
    expected: str | None
    warnings: list[str]


class BestRecord(Fields):
    """The cheapest of the answers."""

    model: ModelId
    version: Version
    strategy: Text
    total: Decimal
    currency: Currency = of("sheet.currency")
    free: bool


class ReservedRecord(Fields):
    """Capacity rented by the hour, for the mean pace of the workload."""

    model: ModelId = of("sheet.id")
    unit: Text = of("terms.unit")
    units: Count
    hours: Count
    tokens: Count
    used: Fraction
    pays_from: Fraction | None
    total: Decimal
    strategy: Text
    on_demand: Decimal


def reserved(each: Reservation) -> str:
    """`Reserved: 2 PTU for 8 h cost $16.00, on demand $2.17 (automatic); 35% used, cheaper from 78% on.`"""
    currency, units = each.sheet.currency, f"{each.units:,} {each.terms.unit} for {each.hours:,} h"
    pays = each.pays_from
    when = "never cheaper" if pays is None or pays > 1 else f"cheaper from {percent(pays)} on"
    bills = f"{amount(each.total, currency)}, on demand {amount(each.on_demand, currency)} ({policy(each.strategy)})"
    return f"Reserved capacity of {each.sheet.name}: {units}: {bills}; {percent(each.used)} used, {when}."


class ComparisonRecord(Answered):
    """Every strategy of one or more models, cheapest first; `counted` says how a document was counted."""

    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    answers: Annotated[list[AnswerRecord], ("minItems", 1)]
    best: BestRecord | None = of(lambda comparison: comparison.best if comparison.served else None)
    left_out: list[str]
    reserved: list[ReservedRecord]
    sentence: Text
    recommendation: Text
    per: Literal["total", "query", "month"]
    factor: Fraction
    budget: Decimal | None
    counted: str | None


def reply(
    comparison: Comparison,
    counted: str = "",
    *,
    lines: bool = False,
    every: bool = False,
    verbose: bool = False,
    per: str = "total",
    factor: Fraction = Fraction(1),
) -> Reply:
    """A comparison in every form; `counted` says how documents were counted. People see a block with a row a model, or
    `every` strategy; `lines` adds the line items of what is shown, `verbose` all notes, assumptions and sources. They
    read bills `per` query or month, which are the totals by a factor; records have the totals and the factor."""
    shown_bills = scaled(comparison, factor)

    def as_page() -> Page:
        comparison = shown_bills
        rows = block.rows_of(comparison)
        shown = comparison.served if every else [each for row in rows for each in row.shown if not each.refusal]
        bill = [lines_table(shown)] if lines and shown else []
        about = [counted, *map(reserved, comparison.reserved)]
        head = question(
            comparison.workload,
            comparison.assumptions.service,
            [each.context for each in comparison.answers],
            [each.version for each in comparison.answers],
            number=comparison.budget is None,
        )
        head = f"{PER[per]}{head}"
        if comparison.budget is not None:
            head = f"What {amount(comparison.budget, comparison.answers[0].sheet.currency)} buys: {head}"
            known = [note for note in notes(comparison, rows) if note.cost is None]
            return Page(
                head,
                [budgets.table(comparison)],
                full(known),
                footer(comparison) if verbose else (),
                verdict=budgets.sentence(comparison),
                about=[counted],
            )
        if every:
            parts = full(notes(comparison, rows)), footer(comparison), sentence(comparison)
            return Page(head, [table(comparison), *bill], *parts, about=about)
        known = notes(comparison, rows)
        return Page(
            head,
            [block.table(comparison, rows), *bill],
            full(known) if verbose else [*filter(None, [brief(known)])],
            footer(comparison) if verbose else (),
            verdict=block.recommendation(comparison, rows),
            about=about,
        )

    return Reply(
        page=as_page,
        record=lambda: record(
            ComparisonRecord,
            comparison,
            sentence=sentence(comparison),
            recommendation=budgets.sentence(comparison)
            if comparison.budget is not None
            else block.recommendation(shown_bills, block.rows_of(shown_bills)),
            per=per,
            factor=factor,
            counted=counted or None,
        ),
        rows=lambda: rows(COLUMNS, records(AnswerRecord, comparison.answers)),
        exit_code=0 if comparison.served else UNSERVED,
    )


def table(comparison: Comparison) -> Table:
    """A row an answer."""
    names = block.names_of([answer.sheet for answer in comparison.answers])
    lines = (_shown(answer, names[answer.model]) for answer in comparison.answers)
    shown = Table.of(lines, FIGURES, spare=("max saving", "savings", "per query")).without_empty("range")
    return shown.without("model") if len(names) == 1 else shown


def _shown(answer: Answer, name: str) -> dict[str, str]:
    currency, fresh, served = answer.sheet.currency, answer.break_even is None, not answer.refusal
    turns = answer.workload.grows
    return {
        "model": name,
        "strategy": policy(answer.strategy),
        "total": answer.status if answer.refusal else "free" if answer.free else amount(answer.total, currency),
        "range": rough(answer.uncertain, currency) if served and answer.uncertain else "",
        "per query": amount(answer.per_query, currency) if served else "",
        "savings": amount(answer.savings, currency) if served and not fresh else "",
        "saved": signed(answer.savings_ratio) if served and not fresh else "",
        "max saving": percent(answer.savings_bound) if served and answer.savings_bound is not None else "",
        "breaks even": "" if answer.refusal or fresh else _breaks_even(answer, turns=turns),
    }


def _breaks_even(answer: Answer, *, turns: bool) -> str:
    return measures.breaks_even(answer.break_even, turns=turns) + machine.first_by_speed(answer)


def lines_table(answers: Sequence[Answer]) -> Table:
    """The line items of some answers."""
    names = block.names_of([answer.sheet for answer in answers])
    cells = []
    for answer in answers:
        name = policy(answer.strategy)
        name = f"{names[answer.model]}, {name}" if len(names) > 1 else name
        for line in answer.lines:
            cells.append([name, *line_cells(line, answer.sheet.currency)])
            name = ""
    return Table(["bill", "line", "quantity", "unit", "rate", "amount"], cells, FIGURES, spare=("unit",))


def notes(comparison: Comparison, rows: Sequence[block.Row]) -> list[Note]:
    """What to know of the answers, each note once with the models and strategies that it is about."""
    names = {row.best.model: row.name for row in rows}
    shown = [answer for row in rows for answer in row.shown if not answer.refusal]
    about: dict[str, list[tuple[Answer, Note]]] = {}
    for answer in comparison.answers:
        for note in _of(answer):
            about.setdefault(note.text, []).append((answer, note))
    return [
        *(Note(f"left out: {reason}", cost=None) for reason in comparison.left_out),
        *_apart(comparison, shown, names),
        *_machines(comparison, names),
        *(_merged(given, comparison, shown, names) for given in about.values()),
    ]


def _machines(comparison: Comparison, names: Mapping[str, str]) -> Iterator[Note]:
    """What the machine of each deployment costs alone, beside its cheapest answer."""
    said: set[str] = set()
    for answer in comparison.served:
        if answer.machine and answer.model not in said:
            said.add(answer.model)
            dearer = (each for each in comparison.served if not each.sheet.meter.cards and each.total > answer.total)
            lead = f"{names[answer.model]}: " if len(names) > 1 else ""
            short, text = machine.alone(answer, next(dearer, None))
            yield Note(f"{lead}{text}", f"{lead}{short}", money.subtract(answer.machine.total, answer.total))


def _apart(comparison: Comparison, shown: Sequence[Answer], names: Mapping[str, str]) -> Iterator[Note]:
    """What the bills of the block become where the queries come further apart than entries live; for one model those
    of all its strategies."""
    open_ = [each for each in shown if each.spacing and each.spacing.gap is None]
    several = len(names) > 1
    text = measures.apart(
        (names[each.model] if several else a_policy(each.strategy), each.spacing)
        for each in (open_ if several else comparison.served)
    )
    if not text:
        return
    short = measures.apart_in_short([(names[each.model] if several else "", each.spacing) for each in open_])
    cost = max((money.subtract(e.spacing.total, e.spacing.planned) for e in open_ if e.spacing), default=Decimal(0))
    yield Note(text, short, cost, aside=not open_)


def _merged(
    given: list[tuple[Answer, Note]], comparison: Comparison, shown: Sequence[Answer], names: Mapping[str, str]
) -> Note:
    """The same note of several answers as one: its text begins with what it is about, and its cost is the largest that
    it has in a bill of the block."""
    answers, (_, note) = [answer for answer, _ in given], given[0]
    models = list(dict.fromkeys(names[answer.model] for answer in answers))
    policies = list(dict.fromkeys(policy(answer.strategy) for answer in answers))
    lead = f"{', '.join(models)}: " if len(models) < len(names) else ""
    every = len(answers) == sum(names[each.model] in models for each in comparison.answers)
    which = "" if every else f"{', '.join(policies)}: " if not lead else f"{', '.join(models)}, {', '.join(policies)}: "
    costs = [note.cost for answer, note in given if answer in shown and not answer.minimum]
    cost = None if None in costs else max([each for each in costs if each is not None], default=Decimal(0))
    return Note(f"{which or lead}{note.text}", f"{lead}{note.short or note.text}", cost, aside=not costs)


def _of(answer: Answer) -> Iterator[Note]:
    """The notes of one answer, without saying whose they are."""
    currency, total = answer.sheet.currency, answer.total

    def more(other: Decimal) -> Decimal:
        return max(Decimal(0), money.subtract(other, total))

    yield from of_card(answer.notices, answer.sheet.card(answer.workload.start))
    if answer.refusal:
        return
    for change in answer.changes:
        withdrawn = change.total is None
        text = measures.change_in_words(change, currency)
        yield Note(text, measures.short_change(change, currency), None if withdrawn else more(change.total or total))
    if text := measures.near(answer.spacing):
        yield Note(text, text, more(answer.spacing.total) if answer.spacing else None)
    if answer.band:
        low, high = (amount(end, currency) for end in answer.band)
        text = f"best effort: {low} if every later query in time hits, {high} if none does"
        short = f"{by_size([answer.band[1]], currency)[answer.band[1]]} if no later query hits"
        yield Note(text, short, more(answer.band[1]))
    if answer.lives:
        text = measures.lived(answer.lives, currency)
        yield Note(text, text.partition(";")[0], more(max(answer.lives.at_least, answer.lives.at_most)))
    if answer.range and answer.range.disputes:
        terms = "; ".join(measures.disputed(dispute) for dispute in answer.range.disputes)
        text = f"{span(answer.range[:2], currency)}, since sources disagree"
        yield Note(f"{text}: {terms}", text, more(answer.range.high))
    if answer.counted:
        for text in answer.counted.warnings:
            yield Note(text, text.partition(", within")[0] + " inside the estimate", more(answer.counted.high))


def footer(comparison: Comparison) -> list[str]:
    """Assumptions, where the rates come from, and what was rounded."""
    lines = []
    if comparison.served:
        lines = [text for text in (_assumed(comparison), _break_evens(comparison)) if text]
    lines += dict.fromkeys(cited(answer.sheet, answer.version) for answer in comparison.answers)
    figures = [value for answer in comparison.answers for value in (answer.total, answer.savings, answer.per_query)]
    if any(map(is_rounded, figures)):
        lines.append(measures.ROUNDED)
    return lines


def _assumed(comparison: Comparison) -> str:
    texts = []
    result = comparison.assumptions
    first = f"the first query {result.first_query} the cache"
    stored = [answer for answer in comparison.answers if answer.strategy == STORED and answer.hold]
    if stored and (hold := stored[0].hold):
        plan = Plan(STORED, comparison.workload, stored[0].sheet, result)
        texts = [
            f"stored for {duration(hold)}",
            CREATION[plan.creation],
            first,
            f"rent is paid by the {plan.billed_per}",
        ]
    kept = [each.hold for each in comparison.answers if parsed(each.strategy).kind == KEPT and each.hold]
    if kept and kept[0]:
        texts += [f"kept for {duration(kept[0])}", *([] if stored else [first])]
    texts += machine.assumed(comparison.answers)
    texts += assumed(comparison.workload, result, {answer.expected: None for answer in comparison.answers})
    if any(parsed(answer.strategy).kind not in (FRESH, STORED, KEPT) for answer in comparison.answers):
        share = Fraction(result.hit_share)
        every = "every later query that finds its entry hits" if result.eviction else "every later query in time hits"
        texts.append(every if share == 1 else f"{percent(share)} of the later queries hit")
    return f"Assumed: {'; '.join(texts)}." if texts else ""


def _break_evens(comparison: Comparison) -> str:
    texts = []
    for answer in comparison.answers:
        if answer.break_even_rate_per_hour is not None:
            rate = count(answer.break_even_rate_per_hour)
            rate += machine.rate_by_speed(answer)
            texts.append(f"{a_policy(answer.strategy)} pays above {rate} queries per hour")
        if answer.break_even_hit_share:
            texts.append(f"{a_policy(answer.strategy)} pays from a hit rate of {percent(answer.break_even_hit_share)}")
    one_model = len({answer.model for answer in comparison.answers}) == 1
    return f"In the long run {'; '.join(texts)}." if texts and one_model else ""
