"""Many models side by side, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ...bills.survey import Best, LeftOut, Survey
from ...strategies.assumptions import Assumptions
from ..figures import amount, cited, percent, plain, span
from ..labels import LEFT_OUT
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, of, record, records, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .question import WorkloadRecord, question

COLUMNS = "model version strategy currency total fresh status free total_low total_high warnings"


class LeftOutRecord(Fields):
    """A model without an answer, and why."""

    model: ModelId
    kind: Text
    why: Text


class SurveyWorkload(WorkloadRecord):
    """What was asked of every model; a document has another length on each."""

    omits = frozenset({"context"})


class StrategyRecord(Fields):
    """A strategy of a model and its bill."""

    strategy: Text = of(0)
    total: Decimal = of(1)
    total_low: Decimal = of(2)
    total_high: Decimal = of(3)


class BestOfModelRecord(Fields):
    """A model by its best strategy, beside its bill without a cache; `strategies` has all, cheapest first."""

    model: ModelId = of("sheet.id")
    version: Version
    context: Count = of("workload.context")
    strategy: Text
    status: Literal["ok"] = of(lambda _: "ok")
    free: bool
    warnings: list[str] = of(lambda best: [best.card.caution] if best.card.caution else [])
    currency: Currency = of("sheet.currency")
    total: Decimal
    fresh: Decimal
    total_low: Decimal = of(lambda best: best.ranges[0][0])
    total_high: Decimal = of(lambda best: best.ranges[0][1])
    strategies: list[StrategyRecord] = of(
        lambda best: [(*total, *ends) for total, ends in zip(best.totals, best.ranges, strict=True)]
    )


class SurveyRecord(Answered):
    """Many models side by side, cheapest first."""

    workload: SurveyWorkload = of(lambda survey: survey.found[0].workload)
    currency: Currency
    models: list[BestOfModelRecord] = of("found")
    left_out: list[LeftOutRecord]
    sentence: Text


def reply(survey: Survey, assumptions: Assumptions, *, top: int | None = None, every: bool = False) -> Reply:
    """A survey in every form; people are shown the cheapest `top`. `every`: a row of the tables is a strategy."""
    found = survey.found[:top]
    return Reply(
        page=lambda: Page(
            question(survey.found[0].workload, assumptions, [each.workload.context for each in survey.found]),
            [every_strategy(found) if every else table(found)],
            notes(survey, top),
            [cited(each.sheet, each.version) for each in found[:3]],
            sentence(survey),
        ),
        record=lambda: record(SurveyRecord, survey, sentence=sentence(survey)),
        rows=lambda: every_strategy(survey.found) if every else rows(COLUMNS, records(BestOfModelRecord, survey.found)),
    )


def every_strategy(bests: Sequence[Best]) -> Table:
    """A row a model and strategy, every digit; the models cheapest first, as are the strategies of each."""
    cells = [
        [each.sheet.id, each.version, strategy, each.sheet.currency, plain(total) or "", plain(each.fresh) or ""]
        for each in bests
        for strategy, total in each.totals
    ]
    return Table("model version strategy currency total fresh".split(), cells, FIGURES, spare=("version", "fresh"))


def table(bests: Sequence[Best]) -> Table:
    """A row a model, cheapest first."""
    cells = [
        [
            each.sheet.id,
            each.strategy,
            "free" if each.free else amount(each.total, each.sheet.currency),
            between(each.ranges[0], each.sheet.currency),
            amount(each.fresh, each.sheet.currency),
            percent(Fraction(each.fresh - each.total) / Fraction(each.fresh)) if each.fresh else "",
        ]
        for each in bests
    ]
    headings = ["model", "strategy", "total", "range", "fresh", "saved"]
    return Table(headings, cells, FIGURES, spare=("fresh", "saved")).without_empty("range")


def between(ends: tuple[Decimal, Decimal] | None, currency: str) -> str:
    """`$0.2378 to $1.25`: what is left open by the life of automatic entries and by estimated tokens."""
    return span(ends, currency) if ends and ends[0] != ends[1] else ""


def notes(survey: Survey, top: int | None = None) -> list[str]:
    hidden = len(survey.found[top:]) if top is not None else 0
    cautions = [f"{each.sheet.id}: {each.card.caution}" for each in survey.found[:top] if each.card.caution]
    return [
        *([f"{hidden:,} dearer models are not shown; see --top"] if hidden else []),
        *cautions,
        *left(survey.left_out),
    ]


def sentence(survey: Survey) -> str:
    """`Cheapest of 431 models is openai/gpt-5-nano, automatic: $0.0116; next is ..., $0.0121 (4.6% more).`"""
    free = [each for each in survey.found if each.free]
    best, *others = [each for each in survey.found if not each.free] or free
    if best.free:
        return f"Free, with limits that the vendor sets: {', '.join(each.sheet.id for each in free)}."
    told = f" Free, with limits that the vendor sets: {', '.join(each.sheet.id for each in free)}." if free else ""
    of = "models with a price" if free else "models"
    bill = f"{best.sheet.id} with {best.strategy}: {amount(best.total, survey.currency)}"
    if not others:
        return f"Only {bill}.{told}"
    second = others[0]
    more = f" ({percent(Fraction(second.total - best.total) / Fraction(best.total))} more)" if best.total else ""
    next_ = f"{second.sheet.id} with {second.strategy}, {amount(second.total, survey.currency)}{more}"
    return f"Cheapest of {len(others) + 1:,} {of} is {bill}; next is {next_}.{told}"


def left(left_out: Sequence[LeftOut], few: int = 3) -> Iterator[str]:
    """Each reason once with the number of its models, or with the models where they are few."""
    reasons = [LEFT_OUT.get(each.kind, each.kind) for each in left_out]
    for reason, number in Counter(reasons).items():
        if number <= few:
            yield from (
                f"left out: {each.model}: {each.why}"
                for each, its in zip(left_out, reasons, strict=True)
                if its == reason
            )
        else:
            yield f"left out: {number:,} models {reason}"
