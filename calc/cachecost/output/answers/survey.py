"""Many models side by side, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ...advice.advice import Advice
from ...advice.survey import Survey
from ...bills.warnings import LeftOut
from ...strategies.assumptions import Assumptions
from ..figures import amount, cited, percent, span
from ..labels import LEFT_OUT
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, of, record, records, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .advice import RankedRecord, changes
from .curve import each_once
from .measures import PriceChangeRecord, apart, estimated, near, why_a_range
from .question import WorkloadRecord, question
from .sentence import free

COLUMNS = "model version strategy currency total fresh status free total_low total_high warnings"
FEW = 3
"""Models that are named in one note, and whose rates are cited."""


class LeftOutRecord(Fields):
    """A model without an answer, and why."""

    model: ModelId
    kind: Text
    why: Text


class SurveyWorkload(WorkloadRecord):
    """What was asked of every model; a document has another length on each."""

    omits = frozenset({"context"})


class StrategyRecord(RankedRecord):
    """A strategy of one model among many; where it breaks even is not worked out."""

    omits = frozenset({"break_even"})


class BestOfModelRecord(Fields):
    """A model by its best strategy, beside its bill without a cache; `strategies` has all, cheapest first."""

    model: ModelId = of("sheet.id")
    version: Version
    terms: list[str] = of("version.terms")
    context: Count = of("workload.context")
    strategy: Text = of("best.strategy")
    status: Literal["ok"]
    free: bool
    warnings: list[str] = of("notices")
    currency: Currency = of("sheet.currency")
    total: Decimal = of("best.total")
    fresh: Decimal
    total_low: Decimal = of(lambda advice: advice.best.ends[0])
    total_high: Decimal = of(lambda advice: advice.best.ends[1])
    strategies: list[StrategyRecord] = of("ranking")
    price_changes: list[PriceChangeRecord] = of("changes")


class SurveyRecord(Answered):
    """Many models side by side, cheapest first."""

    workload: SurveyWorkload = of(lambda survey: survey.advices[0].workload)
    currency: Currency
    models: list[BestOfModelRecord] = of("advices")
    left_out: list[LeftOutRecord]
    sentence: Text
    counted: str | None


def reply(
    survey: Survey, assumptions: Assumptions, counted: str = "", *, top: int | None = None, every: bool = False
) -> Reply:
    """A survey in every form; people are shown the cheapest `top`. `counted` says how a document was counted; `every`:
    a row of the tables is a strategy."""
    shown = survey.advices[:top]
    return Reply(
        page=lambda: Page(
            question(survey.advices[0].workload, assumptions, [each.workload.context for each in survey.advices]),
            [every_strategy(shown) if every else table(shown)],
            notes(survey, top),
            footer(survey),
            sentence(survey),
            about=[counted],
        ),
        record=lambda: record(SurveyRecord, survey, sentence=sentence(survey), counted=counted or None),
        rows=lambda: (
            every_strategy(survey.advices) if every else rows(COLUMNS, records(BestOfModelRecord, survey.advices))
        ),
    )


def every_strategy(shown: Sequence[Advice]) -> Table:
    """A row a model and strategy, every digit; the models cheapest first, as are the strategies of each."""
    models = records(BestOfModelRecord, shown)
    each = (model | strategy for model in models for strategy in model["strategies"])
    table = rows("model version strategy currency total fresh", each)
    return table._replace(right=FIGURES, spare=("version", "fresh"))


def table(shown: Sequence[Advice]) -> Table:
    """A row a model, cheapest first."""
    lines = (
        {
            "model": each.sheet.id,
            "strategy": each.best.strategy,
            "total": "free" if each.free else amount(each.best.total, each.sheet.currency),
            "range": between(each.best.ends, each.sheet.currency),
            "fresh": amount(each.fresh, each.sheet.currency),
            "saved": percent(Fraction(each.fresh - each.best.total) / Fraction(each.fresh)) if each.fresh else "",
        }
        for each in shown
    )
    return Table.of(lines, FIGURES, spare=("fresh", "saved")).without_empty("range")


def between(ends: tuple[Decimal, Decimal] | None, currency: str) -> str:
    """`$0.2378 to $1.25`: what is left open by the life of automatic entries and by estimated tokens."""
    return span(ends, currency) if ends and ends[0] != ends[1] else ""


def notes(survey: Survey, top: int | None = None) -> list[str]:
    """What is announced and what to know about the best strategy of each model that is shown, each text once."""
    shown = survey.advices[:top]
    hidden = len(survey.advices) - len(shown)
    return [
        *([f"{hidden:,} dearer models are not shown; see --top"] if hidden else []),
        *each_once([(each.sheet.id, [*_warnings(each)]) for each in shown], FEW),
        *reasons_left_out(survey.left_out),
    ]


def _warnings(advice: Advice) -> Iterator[str]:
    best = advice.best
    yield from changes(advice)
    if advice.too_short:
        yield advice.too_short
    if text := near(best.spacing):
        yield text
    if best.lives:
        yield f"a range, since {why_a_range(best.lives)}"
    yield from advice.warnings


def footer(survey: Survey) -> list[str]:
    """What longer pauses would cost where no spacing was asked about, and where the rates come from."""
    first = survey.advices[:FEW]
    spaced = apart((f"{each.sheet.id} {each.best.strategy}", each.best.spacing) for each in first)
    return [*filter(None, [spaced]), *(cited(each.sheet, each.version) for each in first)]


def sentence(survey: Survey) -> str:
    """`Cheapest of 431 models is openai/gpt-5-nano, automatic: $0.0116; next is ..., $0.0121 (4.6% more).`"""
    text = free((each.sheet for each in survey.advices if each.free), survey.advices[0].workload.start)
    priced = [each for each in survey.advices if not each.free]
    if not priced:
        return text
    bills = [_bill(each) for each in priced[:2]]
    first, *others = [f"{each.sheet.id} with {each.best.strategy}" for each in priced[:2]]
    if not others:
        return f"Only {first}: {bills[0]}. {text}".rstrip()
    best, second = (each.best.total for each in priced[:2])
    more = f" ({percent(Fraction(second - best) / Fraction(best))} more)" if best else ""
    more = " (the same)" if second == best else more
    of = "models with a price" if text else "models"
    ranking = f"Cheapest of {len(priced):,} {of} is {first}: {bills[0]}; next is {others[0]}, {bills[1]}{more}."
    return f"{ranking} {text}".rstrip()


def _bill(advice: Advice) -> str:
    """`$0.2703 ($0.2311 to $0.3095)`: the range where the tokens of a document were only estimated."""
    best, currency = advice.best, advice.sheet.currency
    range_ = estimated(best.counted, currency)
    return f"{amount(best.total, currency)}{f' ({range_})' if range_ else ''}"


def reasons_left_out(left_out: Sequence[LeftOut], few: int = FEW) -> Iterator[str]:
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
