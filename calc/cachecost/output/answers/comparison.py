"""A comparison for people and programs: a row a model or every strategy, what to know, where the rates come from."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from ...bills.comparison import Answer, Comparison
from ...bills.rents import Reservation
from ..figures import amount, many, percent, rough, signed
from ..labels import names_of, policy
from ..records import LATER, Answered, Count, Currency, ModelId, OfModel, RecordFields, Text, Version, of, record, rows
from ..reply import FIGURES, UNSERVED, Page, Reply
from ..table import Table
from . import block, measures
from .comparison_notes import by_speed, footer, notes
from .measures import WHOLE, brief, full
from .question import INPUTS, AssumptionsRecord, WorkloadRecord, inputs_of, question
from .quote import LineRecord, line_cells

COLUMNS = (
    "model version strategy currency total per_query savings savings_ratio break_even.first break_even.stable_from "
    "status free total_low total_high warnings"
)

PER = {"total": "", "query": "per query: ", "month": "per month (30 days): "}
"""What bills are for -> before the head of an answer."""


class BandRecord(RecordFields):
    """The bill if every later query in time finds its entry, and if none does."""

    low: Decimal = of(0)
    high: Decimal = of(1)


class RangeRecord(BandRecord):
    """The lowest and the highest bill by the readings of disputed terms, or by the speed of a machine."""

    disputed: list[measures.DisputeRecord] = of("disputes")


class SpeedRecord(RecordFields):
    """A bill at the best or at the worst speed of a machine."""

    reading: Literal["best", "worst"]
    total: Decimal
    break_even: measures.BreakEvenRecord | None
    break_even_rate_per_hour: Decimal | None


class MachineRecord(RecordFields):
    """A machine's rent while the workload lasts, used or not; the bill as a share of it; hours; hours of work in
    them."""

    total: Decimal
    share: Decimal
    hours: Decimal
    busy_hours: Decimal = of("busy")


class AnswerRecord(OfModel):
    """One model under one strategy."""

    name: Text = of("sheet.name")
    checked: date = of("sheet.checked")
    strategy: Text
    label: Text = of(lambda answer: policy(answer.strategy))
    status: Literal["ok", "refused", "withdrawn", "too_short"]
    free: bool
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
    speeds: list[SpeedRecord]
    machine: MachineRecord | None
    spacing: measures.SpacingRecord | None
    total_low: Decimal = of(lambda bill: bill.ends[0])
    total_high: Decimal = of(lambda bill: bill.ends[1])
    fits: Count | None
    affordable: Count | None
    hold: timedelta | None
    expected: str | None
    warnings: list[str]


class BestRecord(RecordFields):
    """The cheapest of the answers."""

    model: ModelId
    version: Version
    strategy: Text
    total: Decimal
    currency: Currency = of("sheet.currency")
    free: bool


class ReservedRecord(RecordFields):
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
    sentence: Text = of(lambda comparison: block.sentence(comparison))
    recommendation: Text
    per: Literal["total", "query", "month"]
    factor: Fraction
    budget: Decimal | None
    counted: str | None = LATER


def reply(
    comparison: Comparison,
    *,
    lines: bool = False,
    every: bool = False,
    verbose: bool = False,
    per: str = "total",
    factor: Fraction = Fraction(1),
) -> Reply:
    """A comparison in every form. People see a block with a row a model, or `every` strategy; `lines` adds the line
    items of what is shown, `verbose` all notes, assumptions and sources. They read bills `per` query or month, which
    are the totals by a factor; records have the totals and the factor."""
    bills, budget = comparison.scaled(factor), comparison.budget
    all_rows = every and budget is None
    block_rows = block.rows_of(bills)
    recommendation = block.recommendation(bills, block_rows)

    def as_page() -> Page:
        head = f"{many(factor, 'conversation')} of " if per == "month" and comparison.workload.grows else ""
        head += question(comparison.answers, comparison.assumptions.service, but=() if budget is None else ("queries",))
        head, known = f"{PER[per]}{head}", notes(bills, block_rows)
        about = [] if budget is not None else [*map(reserved, comparison.reserved)]
        if budget is not None:
            head = f"What {amount(budget, comparison.answers[0].sheet.currency)} buys: {head}"
            known = [note for note in known if note.cost in (None, WHOLE)]
        texts, sources = (full(known), footer(bills)) if verbose or all_rows else (brief(known), [])
        in_block = [each for row in block_rows for each in row.shown if not each.refusal]
        shown = bills.served if all_rows else in_block
        bill = [lines_table(shown)] if lines and shown and budget is None else []
        if all_rows:
            return Page(head, [table(bills), *bill], texts, sources, block.sentence(bills), about)
        return Page(head, [block.table(bills, block_rows), *bill], texts, sources, about=about, verdict=recommendation)

    return Reply(
        page=as_page,
        record=lambda: record(ComparisonRecord, comparison, recommendation=recommendation, per=per, factor=factor),
        rows=lambda: exact_table(comparison),
        exit_code=0 if comparison.served else UNSERVED,
    )


def exact_table(comparison: Comparison) -> Table:
    """A row a model and strategy, every digit: for CSV."""
    service = comparison.assumptions.service
    cells = (record(AnswerRecord, each) | inputs_of(each.sheet, each.workload, service) for each in comparison.answers)
    return rows([*COLUMNS.split(), *INPUTS], cells)


def table(comparison: Comparison) -> Table:
    """A row a model and strategy, cheapest first."""
    names, lines = names_of([answer.sheet for answer in comparison.answers]), []
    for answer in comparison.answers:
        currency, fresh, served = answer.sheet.currency, answer.break_even is None, not answer.refusal
        pays = measures.breaks_even(answer.break_even, turns=answer.workload.grows)
        pays += by_speed(each.break_even and each.break_even.first for each in answer.speeds)
        lines.append(
            {
                "model": names[answer.model],
                "strategy": policy(answer.strategy),
                "total": answer.status if not served else "free" if answer.free else amount(answer.total, currency),
                "range": rough(answer.uncertain, currency) if served and answer.uncertain else "",
                "per query": amount(answer.per_query, currency) if served else "",
                "savings": amount(answer.savings, currency) if served and not fresh else "",
                "saved": signed(answer.savings_ratio) if served and not fresh else "",
                "max saving": percent(answer.savings_bound) if served and answer.savings_bound is not None else "",
                "breaks even": pays if served and not fresh else "",
            }
        )
    shown = Table.of(lines, FIGURES, spare=("max saving", "savings", "per query")).without_empty("range")
    return shown.without("model") if len(names) == 1 else shown


def lines_table(answers: Sequence[Answer]) -> Table:
    names = names_of([answer.sheet for answer in answers])
    cells = []
    for answer in answers:
        name = policy(answer.strategy)
        name = f"{names[answer.model]}, {name}" if len(names) > 1 else name
        for line in answer.lines:
            cells.append([name, *line_cells(line, answer.sheet.currency)])
            name = ""
    return Table(["bill", "line", "quantity", "unit", "rate", "amount"], cells, FIGURES, spare=("unit",))
