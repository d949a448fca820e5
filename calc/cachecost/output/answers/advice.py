"""Advice for people and programs: the strategies, what would turn their order, the rules, and the sentence."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ... import money
from ...advice.advice import Advice
from ...advice.thresholds import HIT_SHARE, QUERIES, Looked, Threshold, Value
from ...bills.price_changes import change_in_words
from ...bills.rules import Rule
from ...strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED, WRITTEN, parsed
from ...workload.workload import Workload
from ..figures import amount, cited, count, duration, is_rounded, many, percent, plain, rough
from ..labels import policy
from ..records import Answered, Count, Currency, Fields, ModelId, Point, Status, Text, Version, of, record, rows
from ..reply import FIGURES, UNSERVED, Page, Reply
from ..table import Table
from . import measures
from .question import AssumptionsRecord, WorkloadRecord, assumed, question
from .sentence import free

COLUMNS = (
    "strategy currency total total_low total_high more_than_best break_even.first break_even.stable_from status "
    "warnings"
)


class RankedRecord(Fields):
    """A strategy and its bill."""

    strategy: Text
    total: Decimal
    total_low: Decimal = measures.open_end(0)
    total_high: Decimal = measures.open_end(1)
    spacing: measures.SpacingRecord | None
    break_even: measures.BreakEvenRecord | None


class ThresholdRecord(Fields):
    """The nearest value of an axis at which another strategy wins."""

    axis: Text
    direction: Literal["above", "below"] = of(lambda each: "above" if each.rises else "below")
    value: Point
    winner: Text


class LookedRecord(Fields):
    """Between which values of an axis other winners were looked for; null without end."""

    axis: Text
    from_: Point = of("low")
    to: Point | None = of("high")


class LongerRecord(Fields):
    """Above which pace the next longer time to live is the cheaper."""

    strategy: Text = of(0)
    rate_per_hour: Decimal = of(1)


class RuleRecord(Fields):
    """When a strategy pays, whatever the workload; `text` says it to people."""

    strategy: Text
    hit_share: Decimal | None
    rate_per_hour: Decimal | None = of("rate")
    gap: timedelta | None
    longer: LongerRecord | None
    pinged_up_to: timedelta | None
    minimum: Count | None
    never_dearer: bool
    text: Text = of(lambda rule: rule_in_words(rule))


class AdviceRecord(Answered):
    """The strategies of one model, and what would turn their order."""

    model: ModelId = of("sheet.id")
    version: Version
    terms: list[str] = of("version.terms")
    checked: date = of("sheet.checked")
    currency: Currency = of("sheet.currency")
    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    status: Status
    free: bool
    best: str | None = of(lambda advice: None if advice.refusal else advice.best.strategy)
    runner_up: str | None = of(
        lambda advice: advice.runner_up.strategy if advice.runner_up and not advice.refusal else None
    )
    lead: Decimal | None = of(lambda advice: None if advice.refusal else advice.lead)
    strategies: list[RankedRecord] = of("ranking")
    thresholds: list[ThresholdRecord]
    looked: list[LookedRecord]
    price_changes: list[measures.PriceChangeRecord] = of("changes")
    expected: str | None
    rules: list[RuleRecord]
    lifetime: measures.LivesRecord | None = of("lives")
    warnings: list[str]
    left_out: list[str]
    sentence: Text
    counted: str | None


def reply(advice: Advice, counted: str = "") -> Reply:
    """The advice for one model in every form; `counted` says how a document was counted."""

    def as_rows() -> Table:
        of_all = {"currency": advice.sheet.currency, "status": advice.status, "warnings": list(advice.notices)}
        cells = [
            record(RankedRecord, each)
            | of_all
            | {"more_than_best": plain(money.subtract(each.total, advice.best.total))}
            for each in advice.ranking
        ]
        return rows(COLUMNS, cells, model=advice.sheet.id, version=advice.version)

    return Reply(
        page=lambda: Page(
            question(advice.workload, advice.assumptions, [advice.workload.context]),
            [table(advice)],
            notes(advice),
            footer(advice),
            sentence(advice),
            about=[counted],
        ),
        record=lambda: record(AdviceRecord, advice, sentence=sentence(advice), counted=counted or None),
        rows=as_rows,
        exit_code=UNSERVED if advice.refusal else 0,
    )


def table(advice: Advice) -> Table:
    """A row a strategy, cheapest first."""
    best, currency = advice.best.total, advice.sheet.currency
    if advice.refusal:
        return Table(
            ["strategy", "total"], [[policy(each.strategy), advice.status] for each in advice.ranking], FIGURES
        )
    cells = [
        [
            policy(each.strategy),
            "free" if advice.free else amount(each.total, currency),
            rough(each.counted[:2], currency) if each.counted else "",
            "" if each is advice.best else amount(money.subtract(each.total, best), currency),
            "" if each.strategy == FRESH else measures.breaks_even(each.break_even, turns=advice.workload.grows),
        ]
        for each in advice.ranking
    ]
    return Table(["strategy", "total", "range", "more", "breaks even"], cells, FIGURES).without_empty("range")


def notes(advice: Advice) -> list[str]:
    """What would make another strategy win, what is announced, what to know, and what has no price."""
    if advice.refusal:
        return list(advice.warnings)
    lines = [f"{threshold_in_words(each, advice.workload)}" for each in advice.thresholds]
    lines += changes(advice)
    lines += [f"{AUTOMATIC}: {measures.lived(advice.lives, advice.sheet.currency)}"] if advice.lives else []
    lines += [f"{each.strategy}: {text}" for each in advice.ranking if (text := measures.near(each.spacing))]
    return [*lines, *advice.warnings, *(f"left out: {reason}" for reason in advice.left_out)]


def threshold_in_words(each: Threshold, work: Workload) -> str:
    """`at 3 queries fresh is the cheapest`, `below a hit share of 24.15% fresh is the cheapest`."""
    if each.axis == HIT_SHARE:
        return (
            f"{'above' if each.rises else 'below'} {_value(each.axis, each.value, work)} {each.winner} is the cheapest"
        )
    return f"at {_value(each.axis, each.value, work)} {each.winner} is the cheapest"


def _value(axis: str, value: Value, work: Workload) -> str:
    if isinstance(value, timedelta):
        if work.rate is not None:
            return f"{per_hour(Fraction(3600) / Fraction(int(value.total_seconds()) or 1))} queries per hour"
        return f"{'a window' if work.over is not None else 'a gap'} of {duration(value)}"
    if axis == QUERIES:
        return many(Fraction(value), "turn") if work.grows else many(Fraction(value), "query", "queries")
    return f"a hit share of {percent(Fraction(value), least=2)}"


def changes(advice: Advice) -> list[str]:
    """What is announced, with the bill that it makes."""
    bills = ("" if each.total is None else f", {amount(each.total, advice.sheet.currency)}" for each in advice.changes)
    return [f"{change_in_words(each)}{bill}" for each, bill in zip(advice.changes, bills, strict=True)]


def footer(advice: Advice) -> list[str]:
    """The rules, how far was looked, and where the rates come from."""
    if advice.refusal:
        return [cited(advice.sheet, advice.version)]
    result = assumed(advice.workload, advice.assumptions, [advice.expected])
    spaced = measures.apart((each.strategy, each.spacing) for each in advice.ranking)
    lines = [spaced] if spaced else []
    lines += [f"Assumed: {'; '.join(result)}."] if result else []
    lines += [f"Rule: {rule_in_words(rule)}." for rule in advice.rules]
    lines.append(f"Looked at {'; '.join(_looked(each, advice.workload) for each in advice.looked)}.")
    lines.append(cited(advice.sheet, advice.version))
    return [*lines, measures.ROUNDED] if any(is_rounded(each.total) for each in advice.ranking) else lines


def _looked(each: Looked, work: Workload) -> str:
    if each.axis == HIT_SHARE:
        return "every hit share"
    if each.high is None:
        return "every number of queries"
    if isinstance(each.low, timedelta) and isinstance(each.high, timedelta):
        noun = "mean gaps" if work.rate is not None else "windows" if work.over is not None else "gaps"
        return f"{noun} from {duration(each.low)} to {duration(each.high)}"
    return f"{count(Fraction(each.low))} to {_value(each.axis, each.high, work)}"  # type: ignore[arg-type]


def rule_in_words(rule: Rule) -> str:
    """When one strategy pays, whatever the workload."""
    kind, _, _, ttl = parsed(rule.strategy)
    if rule.minimum is not None:
        return f"{rule.strategy} caches nothing below {rule.minimum:,} tokens"
    if kind == WRITTEN:
        return _written(rule, ttl)
    if kind == KEEP_ALIVE and rule.rate is not None and rule.gap is not None:
        above = f"{rule.strategy}: pings beat fresh above {per_hour(rule.rate)} queries per hour of Poisson traffic"
        return f"{above}, and cost no more than fresh up to a gap of {duration(rule.gap)}"
    if kind == STORED and rule.rate is not None and rule.gap is not None:
        above = f"stored: rent pays above {per_hour(rule.rate)} queries per hour"
        return f"{above}; keep a cache between two queries closer than {duration(_whole(rule.gap))}"
    if rule.never_dearer:
        return f"{rule.strategy} is never dearer than fresh, whatever share hits"
    return f"{rule.strategy} pays where the reads save more than they cost beside"


def _written(rule: Rule, ttl: str) -> str:
    if rule.hit_share is None:
        return f"{rule.strategy} never pays: a read costs as much as plain input"
    texts = [f"write for {ttl} while at least {percent(rule.hit_share, least=2)} of later queries hit"]
    if rule.rate is not None:
        texts[0] += f", as they do above {per_hour(rule.rate)} queries per hour of steady Poisson traffic"
    if rule.longer:
        other = parsed(rule.longer[0]).ttl
        texts.append(f"above {per_hour(rule.longer[1])} of it the TTL of {other} is the cheaper")
    if rule.pinged_up_to:
        texts.append(f"pings cost no more than writing anew up to a gap of {duration(rule.pinged_up_to)}")
    return "; ".join(texts)


def per_hour(value: Fraction) -> str:
    """A break-even rate: `1.29`, four decimals below one: `0.5477`."""
    return count(value) if value >= 1 else money.text(money.rounded(value, 4))


def _whole(length: timedelta) -> timedelta:
    """Whole seconds, where it is long enough for them."""
    return length - timedelta(microseconds=length.microseconds) if length >= timedelta(minutes=1) else length


def sentence(advice: Advice) -> str:
    """`Take stored: 10 queries cost $46.50, $23.50 less than fresh (34%); at 3 queries fresh is the cheapest.`"""
    if advice.refusal:
        return f"No answer: {advice.sheet.id} {advice.refusal.why}."
    if advice.free:
        return free([advice.sheet], advice.workload.start)
    best, other, currency = advice.best, advice.runner_up, advice.sheet.currency
    number = _value(QUERIES, advice.workload.queries, advice.workload)
    bill = f"{number} {'costs' if advice.workload.queries == 1 else 'cost'} {amount(best.total, currency)}"
    bill += f" ({measures.estimated(best.counted, currency)})" if best.counted else ""
    if advice.too_short and best.strategy == FRESH:
        return f"{advice.too_short.capitalize()}. Take fresh: {bill}."
    if other is None:
        return f"Take {best.strategy}: {bill}; nothing else is sold."
    lead = advice.lead
    assert lead is not None
    ratio = f" ({percent(Fraction(lead) / Fraction(other.total))})" if other.total and lead else ""
    ahead = f"{amount(lead, currency)} less than {other.strategy}{ratio}" if lead else f"the same as {other.strategy}"
    turning = f"; {threshold_in_words(advice.thresholds[0], advice.workload)}" if advice.thresholds else ""
    return f"Take {best.strategy}: {bill}, {ahead}{turning}."
