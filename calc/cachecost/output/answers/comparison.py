"""A comparison for people: what was asked, the table, what to know, where the rates come from, the sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from ...bills.comparison import Answer, Comparison
from ...strategies.names import FRESH, STORED, parsed
from ...strategies.plan import Plan
from ..figures import amount, cited, count, duration, is_rounded, percent, signed, span
from ..labels import CREATION
from ..records import Answered, Currency, Fields, ModelId, Text, Version, of, record, records, rows
from ..reply import FIGURES, UNSERVED, Page, Reply
from ..table import Table
from . import measures
from .question import AssumptionsRecord, WorkloadRecord, assumed, question
from .quote import LineRecord, line_cells
from .sentence import sentence

COLUMNS = (
    "model version strategy currency total per_query savings savings_ratio break_even.first break_even.stable_from "
    "status free total_low total_high warnings"
)


class BandRecord(Fields):
    """The bill if every later query in time finds its entry, and if none does."""

    low: Decimal = of(0)
    high: Decimal = of(1)


class RangeRecord(BandRecord):
    """The lowest and the highest bill by the readings of disputed terms."""

    disputed: list[measures.DisputeRecord] = of("disputes")


class AnswerRecord(Fields):
    """One model under one strategy."""

    model: ModelId
    version: Version
    checked: date = of("sheet.checked")
    strategy: Text
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
    spacing: measures.SpacingRecord | None
    total_low: Decimal = measures.open_end(0)
    total_high: Decimal = measures.open_end(1)
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


class ComparisonRecord(Answered):
    """Every strategy of one or more models, cheapest first; `counted` says how a document was counted."""

    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    answers: Annotated[list[AnswerRecord], ("minItems", 1)]
    best: BestRecord | None = of(lambda comparison: comparison.best if comparison.served else None)
    left_out: list[str]
    sentence: Text
    counted: str | None


def reply(comparison: Comparison, counted: str = "", *, lines: bool = False) -> Reply:
    """A comparison in every form; `counted` says how documents were counted, `lines` adds the line items."""
    return Reply(
        page=lambda: Page(
            question(comparison.workload, comparison.assumptions, [each.context for each in comparison.answers]),
            [table(comparison), *([lines_table(comparison)] if lines else [])],
            notes(comparison),
            footer(comparison),
            sentence(comparison),
            about=[counted],
        ),
        record=lambda: record(ComparisonRecord, comparison, sentence=sentence(comparison), counted=counted or None),
        rows=lambda: rows(COLUMNS, records(AnswerRecord, comparison.answers)),
        exit_code=0 if comparison.served else UNSERVED,
    )


def table(comparison: Comparison) -> Table:
    """A row an answer."""
    ids = {answer.model for answer in comparison.answers}
    short = len({answer.sheet.model for answer in comparison.answers}) == len(ids)
    lines = (_shown(answer, short) for answer in comparison.answers)
    shown = Table.of(lines, FIGURES, spare=("of at most", "savings", "per query")).without_empty("estimated")
    return shown.without("model") if len(ids) == 1 else shown


def _shown(answer: Answer, short: bool) -> dict[str, str]:
    currency, fresh, served = answer.sheet.currency, answer.break_even is None, not answer.refusal
    return {
        "model": answer.sheet.model if short else answer.model,
        "strategy": answer.strategy,
        "total": answer.status if answer.refusal else "free" if answer.free else amount(answer.total, currency),
        "estimated": measures.estimated(answer.counted, currency) if served else "",
        "per query": amount(answer.per_query, currency) if served else "",
        "savings": amount(answer.savings, currency) if served and not fresh else "",
        "saved": signed(answer.savings_ratio) if served and not fresh else "",
        "of at most": percent(answer.savings_bound) if served and answer.savings_bound is not None else "",
        "pays for N": "never" if answer.refusal else "" if fresh else measures.pays_for(answer.break_even),
    }


def lines_table(comparison: Comparison) -> Table:
    """The line items of every answer."""
    several = len({answer.model for answer in comparison.answers}) > 1
    cells = []
    for answer in comparison.served:
        name = f"{answer.sheet.id} {answer.strategy}" if several else answer.strategy
        for line in answer.lines:
            cells.append([name, *line_cells(line, answer.sheet.currency)])
            name = ""
    return Table(["strategy", "line", "quantity", "unit", "rate", "amount"], cells, FIGURES, spare=("unit",))


def notes(comparison: Comparison) -> list[str]:
    """Every warning once, with the strategies that it is about where it is not about all."""
    warned: dict[str, list[Answer]] = {}
    for answer in comparison.answers:
        for warning in (*answer.warnings, *(() if answer.refusal else _of_figures(answer))):
            warned.setdefault(warning, []).append(answer)
    texts = [f"{_about(answers, comparison)}{warning}" for warning, answers in warned.items()]
    return [*texts, *(f"left out: {reason}" for reason in comparison.left_out)]


def _about(answers: list[Answer], comparison: Comparison) -> str:
    """What a warning is about, as a lead: some strategies, some models, one strategy of a model; nothing for all."""
    if len(answers) == len(comparison.answers):
        return ""
    models = sorted({answer.sheet.model for answer in answers})
    if len({answer.model for answer in comparison.answers}) == 1:
        return f"{', '.join(answer.strategy for answer in answers)}: "
    if len(models) == 1 and len(answers) == 1:
        return f"{models[0]} {answers[0].strategy}: "
    return f"{', '.join(models)}: "


def _of_figures(answer: Answer) -> Iterator[str]:
    currency = answer.sheet.currency
    if text := measures.near(answer.spacing):
        yield text
    if answer.band:
        low, high = (amount(end, currency) for end in answer.band)
        yield f"best effort: {low} if every later query in time hits, {high} if none does"
    if answer.lives:
        yield measures.lived(answer.lives, currency)
    if answer.range:
        terms = "; ".join(measures.disputed(dispute) for dispute in answer.range.disputes)
        yield f"{span(answer.range[:2], currency)}, since sources disagree: {terms}"


def footer(comparison: Comparison) -> list[str]:
    """Assumptions, where the rates come from, and what was rounded."""
    lines = []
    if comparison.served:
        best = comparison.best
        spaced = [(each.strategy, each.spacing) for each in comparison.served if each.sheet is best.sheet]
        texts = (measures.apart(spaced), _assumed(comparison), _break_evens(comparison))
        lines = [text for text in texts if text]
    lines += dict.fromkeys(cited(answer.sheet, answer.version) for answer in comparison.answers)
    figures = [value for answer in comparison.answers for value in (answer.total, answer.savings, answer.per_query)]
    if any(map(is_rounded, figures)):
        lines.append(measures.ROUNDED)
    return lines


def _assumed(comparison: Comparison) -> str:
    texts = []
    result = comparison.assumptions
    stored = [answer for answer in comparison.answers if answer.strategy == STORED and answer.hold]
    if stored and (hold := stored[0].hold):
        plan = Plan(STORED, comparison.workload, stored[0].sheet, result)
        first = f"the first query {result.first_query} the cache"
        texts = [
            f"stored for {duration(hold)}",
            CREATION[plan.creation],
            first,
            f"rent is paid by the {plan.billed_per}",
        ]
    texts += assumed(comparison.workload, result, {answer.expected: None for answer in comparison.answers})
    if any(parsed(answer.strategy).kind not in (FRESH, STORED) for answer in comparison.answers):
        share = Fraction(result.hit_share)
        every = "every later query that finds its entry hits" if result.eviction else "every later query in time hits"
        texts.append(every if share == 1 else f"{percent(share)} of the later queries hit")
    return f"Assumed: {'; '.join(texts)}." if texts else ""


def _break_evens(comparison: Comparison) -> str:
    texts = []
    for answer in comparison.answers:
        if answer.break_even_rate_per_hour is not None:
            texts.append(f"{answer.strategy} pays above {count(answer.break_even_rate_per_hour)} queries per hour")
        if answer.break_even_hit_share:
            texts.append(f"{answer.strategy} pays from a hit share of {percent(answer.break_even_hit_share)}")
    one_model = len({answer.model for answer in comparison.answers}) == 1
    return f"In the long run {'; '.join(texts)}." if texts and one_model else ""
