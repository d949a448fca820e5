"""Many models side by side, for people and programs: by their best strategies, or by the rent of a cache that is never
deleted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ...advice.advice import Advice, Survey
from ...bills.rents import Forgotten
from ...bills.warnings import LeftOut
from ..figures import amount, cited, count, listed, many, percent, rough, signed, span
from ..labels import LEFT_OUT, policy, served
from ..records import (
    LATER,
    Answered,
    Count,
    Currency,
    ModelId,
    OfModel,
    RecordFields,
    Text,
    fields,
    of,
    record,
    records,
    rows,
)
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .advice import RankedRecord
from .block import free
from .measures import Note, PriceChangeRecord, apart, brief, full, more, near, of_card, of_change, risk, why_a_range
from .question import INPUTS, WorkloadRecord, inputs_of, question

COLUMNS = "model version strategy currency total fresh status free total_low total_high warnings"
FEW = 3
"""Models that are named in one note, and whose rates are cited."""


class LeftOutRecord(RecordFields):
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


class BestOfModelRecord(OfModel):
    """A model by its best strategy, beside its bill without a cache; `strategies` has all, cheapest first."""

    context: Count = of("workload.context")
    strategy: Text = of("best.strategy")
    status: Literal["ok"]
    free: bool
    warnings: list[str] = of("notices")
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
    sentence: Text = of(lambda survey: sentence(survey))
    counted: str | None = LATER


class RentRecord(OfModel):
    """What a cache of a model costs that is never deleted."""

    tokens: Count
    hour: Decimal
    day: Decimal
    days_30: Decimal = of("month")
    days_30_low: Decimal = of(lambda rent: (rent.ends or (rent.month,))[0])
    days_30_high: Decimal = of(lambda rent: (rent.ends or (rent.month,))[-1])


class ForgottenRecord(Answered):
    """Rents of many models, dearest first."""

    forgotten: list[RentRecord] = of(lambda forgottens: forgottens)
    left_out: list[LeftOutRecord]
    sentence: Text = of(lambda forgottens: rents_sentence(forgottens))
    counted: str | None = LATER


def reply(survey: Survey, service: str, *, top: int | None = None, every: bool = False, verbose: bool = False) -> Reply:
    """A survey in every form; people are shown the cheapest `top`, and all notes where `verbose`. `every`: a row of the
    tables is a strategy."""
    shown = survey.advices[:top]

    def page() -> Page:
        known, rates = notes(survey, shown), [cited(each.sheet, each.version) for each in survey.advices[:FEW]]
        texts, sources = (full(known), rates) if verbose else (brief(known), [])
        head = question(survey.advices, service)
        return Page(head, [table(shown, every=every)], texts, sources, verdict=sentence(survey))

    return Reply(
        page=page,
        record=lambda: record(SurveyRecord, survey),
        rows=lambda: exact_table(survey.advices, service, every=every),
    )


def exact_table(shown: Sequence[Advice], service: str, *, every: bool) -> Table:
    """A row a model, or each of its strategies, every digit; the cheapest first: for CSV."""
    models = [record(BestOfModelRecord, each) | inputs_of(each.sheet, each.workload, service) for each in shown]
    columns = "model version strategy currency total fresh" if every else COLUMNS
    each = (model | strategy for model in models for strategy in model["strategies"]) if every else models
    return rows([*columns.split(), *INPUTS], each)


def table(shown: Sequence[Advice], *, every: bool = False) -> Table:
    """A row a model by its best strategy, or by `every` one, cheapest first."""
    lines = (
        {
            "model": each.sheet.id,
            "strategy": policy(ranked.strategy),
            "total": "free" if each.free else amount(ranked.total, each.sheet.currency),
            "range": between(ranked.ends, each.sheet.currency),
            "no cache": amount(each.fresh, each.sheet.currency),
            "saved": signed(Fraction(each.fresh - ranked.total) / Fraction(each.fresh)) if each.fresh else "",
        }
        for each in shown
        for ranked in (each.ranking if every else [each.best])
    )
    return Table.of(lines, FIGURES, spare=("no cache", "saved")).without_empty("range")


def between(ends: tuple[Decimal, Decimal] | None, currency: str) -> str:
    """`$0.2378 to $1.25`: what is left open by the life of automatic entries and by estimated tokens."""
    return span(ends, currency) if ends and ends[0] != ends[1] else ""


def notes(survey: Survey, shown: Sequence[Advice]) -> list[Note]:
    """What is announced and what to know about the best strategy of each model that is shown, each text once."""
    hidden = len(survey.advices) - len(shown)
    spaced = [(each.sheet.id, each.best.spacing) for each in shown[:FEW]]
    lines = [Note(f"{many(hidden, 'dearer model')} not shown; see --top")] if hidden else []
    lines += apart(spaced, spaced)
    about: dict[str, list[tuple[str, Note]]] = {}
    for each in shown:
        for note in _of(each):
            about.setdefault(note.text, []).append((each.sheet.id, note))
    for named in about.values():
        models, (_, note) = [model for model, _ in named], max(named, key=lambda each: each[1].cost or 0)
        lead = "" if len(models) == len(shown) else f"{listed(models, FEW)}: "
        lines.append(note._replace(text=f"{lead}{note.text}", short=f"{lead}{note.short or note.text}"))
    return [*lines, *(Note(text) for text in reasons_left_out(survey.left_out))]


def _of(advice: Advice) -> Iterator[Note]:
    """The notes of one model, without its name."""
    best = advice.best
    yield from (of_change(change, best.total, advice.sheet.currency) for change in advice.changes)
    if advice.too_short:
        yield Note(advice.too_short)
    if text := near(best.spacing):
        yield Note(text, cost=risk(best.spacing))
    if best.lives:
        yield Note(f"a range, since {why_a_range(best.lives)}", cost=more(best.ends[1], best.total))
    yield from of_card(advice.warnings, advice.sheet.card(advice.workload.start))


def sentence(survey: Survey) -> str:
    """`Cheapest of 431 models is openai/gpt-5-nano with an automatic cache: $0.0116; next is ..., $0.0121.`"""
    text = free((each.sheet for each in survey.advices if each.free), survey.advices[0].workload.start)
    priced = [each for each in survey.advices if not each.free]
    if not priced:
        return text
    bills = [_bill(each) for each in priced[:2]]
    first, *others = [f"{each.sheet.id} {served(each.best.strategy)}" for each in priced[:2]]
    if not others:
        return f"Only {first}: {bills[0]}. {text}".rstrip()
    best, second = (each.best.total for each in priced[:2])
    more = f" ({percent(Fraction(second - best) / Fraction(best))} more)" if best else ""
    more = " (the same)" if second == best else more
    of = "models with a price" if text else "models"
    ranking = f"Cheapest of {len(priced):,} {of} is {first}: {bills[0]}; next is {others[0]}, {bills[1]}{more}."
    return f"{ranking} {text}".rstrip()


def _bill(advice: Advice) -> str:
    """`$0.2703 ($0.23 to $0.31)`: the range where the tokens of a document were only estimated."""
    best, currency = advice.best, advice.sheet.currency
    return f"{amount(best.total, currency)}{f' ({rough(best.counted[:2], currency)})' if best.counted else ''}"


def reasons_left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Each reason once with the number of its models, or with the models where they are few."""
    reasons = [LEFT_OUT.get(each.kind, each.kind) for each in left_out]
    for reason, number in Counter(reasons).items():
        if number <= FEW:
            yield from (f"left out: {each.text}" for each, its in zip(left_out, reasons, strict=True) if its == reason)
        else:
            yield f"left out: {number:,} models {reason}"


def rents_reply(forgottens: Sequence[Forgotten], left_out: Sequence[LeftOut] = (), *, top: int | None = None) -> Reply:
    """Rents in every form; people are shown the dearest `top`."""
    shown = forgottens[:top]
    rates = [cited(each.sheet, each.version) for each in shown[:FEW]]
    return Reply(
        page=lambda: Page("", [rents_table(shown)], [*reasons_left_out(left_out)], rates, rents_sentence(forgottens)),
        record=lambda: record(ForgottenRecord, forgottens, left_out=left_out),
        rows=lambda: rows(fields(RentRecord), records(RentRecord, forgottens)),
    )


def rents_table(forgottens: Sequence[Forgotten]) -> Table:
    lines = (
        {
            "model": each.sheet.id,
            "tokens": count(each.tokens),
            "per hour": amount(each.hour, each.sheet.currency),
            "per day": amount(each.day, each.sheet.currency),
            "in 30 days": amount(each.month, each.sheet.currency),
            "range": between(each.ends, each.sheet.currency),
        }
        for each in forgottens
    )
    return Table.of(lines, FIGURES, spare=("tokens",)).without_empty("range")


def rents_sentence(forgottens: Sequence[Forgotten]) -> str:
    """`A cache of 1,000,000 tokens on google/gemini-2.5-pro that is never deleted costs $108.00 a day.`"""
    each = forgottens[0]
    day, month = amount(each.day, each.sheet.currency), amount(each.month, each.sheet.currency)
    month += f" ({open_})" if (open_ := between(each.ends, each.sheet.currency)) else ""
    cache = f"A cache of {many(each.tokens, 'token')} on {each.sheet.id} that is never deleted"
    return f"{cache} costs {day} a day, {month} in 30 days."
