"""Many models side by side, for people and programs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from ...bills.survey import Best, Survey
from ...strategies.assumptions import Assumptions
from ..figures import amount, count, percent, plain
from ..records import SCHEMA_VERSION, Record, of_workload
from ..reply import FIGURES, left
from ..table import Table
from .advice import text
from .comparison import question


def every_strategy(survey: Survey, *, top: int | None = None) -> Table:
    """A row a model and strategy, every digit; the models cheapest first, as are the strategies of each."""
    rows = [
        [each.sheet.id, each.version, strategy, survey.currency, text(plain(total)), text(plain(each.fresh))]
        for each in survey.found[:top]
        for strategy, total in each.totals
    ]
    return Table("model version strategy currency total fresh".split(), rows, FIGURES, spare=("version", "fresh"))


def survey_table(survey: Survey, *, exact: bool = False, top: int | None = None) -> Table:
    """A row a model, cheapest first, as many as `top`."""
    if exact:
        headings = "model version strategy currency total fresh status free total_low total_high warnings".split()
        rows = [
            [
                each.sheet.id,
                each.version,
                each.strategy,
                survey.currency,
                text(plain(each.total)),
                text(plain(each.fresh)),
                "ok",
                str(each.free).lower(),
                *(text(plain(end)) for end in each.ranges[0]),
                each.card.caution or "",
            ]
            for each in survey.found
        ]
        return Table(headings, rows)
    shown = [
        [
            each.sheet.id,
            each.strategy,
            "free" if each.free else amount(each.total, survey.currency),
            amount(each.fresh, survey.currency),
            percent(Fraction(each.fresh - each.total) / Fraction(each.fresh)) if each.fresh else "",
        ]
        for each in survey.found[:top]
    ]
    headings = ["model", "strategy", "total", "fresh", "saved"]
    if any(low != high for low, high in (each.ranges[0] for each in survey.found[:top])):
        headings.insert(3, "range")
        for row, each in zip(shown, survey.found, strict=False):
            row.insert(3, between(each.ranges[0], survey.currency))
    return Table(headings, shown, FIGURES, spare=("fresh", "saved"))


def between(ends: tuple[Decimal, Decimal] | None, currency: str) -> str:
    """`$0.2378 to $1.25`: what is left open by the life of automatic entries and by estimated tokens."""
    return " to ".join(amount(end, currency) for end in ends) if ends and ends[0] != ends[1] else ""


def head(survey: Survey, assumptions: Assumptions) -> str:
    """The question in one line."""
    lengths = {count(each.workload.context) for each in survey.found}
    return question(survey.found[0].workload, assumptions, lengths)


def survey_notes(survey: Survey, top: int | None = None) -> list[str]:
    hidden = len(survey.found[top:]) if top is not None else 0
    cautions = [f"{each.sheet.id}: {each.card.caution}" for each in survey.found[:top] if each.card.caution]
    return [
        *([f"{hidden:,} dearer models are not shown; see --top"] if hidden else []),
        *cautions,
        *left(survey.left_out),
    ]


def survey_sentence(survey: Survey) -> str:
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


def of_survey(survey: Survey) -> Record:
    first = survey.found[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "workload": {key: value for key, value in of_workload(first.workload).items() if key != "context"},
        "currency": survey.currency,
        "models": [_of_best(each, survey.currency) for each in survey.found],
        "left_out": [each._asdict() for each in survey.left_out],
        "sentence": survey_sentence(survey),
    }


def _of_best(each: Best, currency: str) -> Record:
    return {
        "model": each.sheet.id,
        "version": each.version,
        "context": each.workload.context,
        "strategy": each.strategy,
        "status": "ok",
        "free": each.free,
        "warnings": [each.card.caution] if each.card.caution else [],
        "currency": currency,
        "total": plain(each.total),
        "fresh": plain(each.fresh),
        "total_low": plain(each.ranges[0][0]),
        "total_high": plain(each.ranges[0][1]),
        "strategies": [
            {"strategy": strategy, "total": plain(total), "total_low": plain(low), "total_high": plain(high)}
            for (strategy, total), (low, high) in zip(each.totals, each.ranges, strict=True)
        ],
    }
