"""Advice for people and programs: the strategies, what would turn their order, the rules, and the sentence."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ... import money
from ...advice.advice import Advice
from ...advice.thresholds import HIT_SHARE, QUERIES, Looked, Threshold, Value
from ...bills.rules import CachingRule
from ...strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, KEPT, STORED, WRITTEN, parsed
from ...workload.workload import Workload
from ..figures import NOUNS, amount, cited, count, duration, is_rounded, many, percent, plain, rough
from ..labels import a_policy, policy
from ..records import LATER, Count, OfOneModel, Point, RecordFields, Status, Text, of, record, rows
from ..reply import FIGURES, ROUNDED, UNSERVED, Page, Reply
from ..table import Table
from . import measures
from .block import free
from .measures import WHOLE, Note, apart, brief, full, more, of_card, of_change, risk, takers
from .question import INPUTS, AssumptionsRecord, WorkloadRecord, assumed, inputs_of, question

COLUMNS = (
    "strategy currency total total_low total_high more_than_best break_even.first break_even.stable_from status "
    "warnings"
)


MINUTE = timedelta(minutes=1)
"""Longer gaps are written in whole seconds."""


class RankedRecord(RecordFields):
    """A strategy and its bill."""

    strategy: Text
    total: Decimal
    total_low: Decimal = of(lambda bill: bill.ends[0])
    total_high: Decimal = of(lambda bill: bill.ends[1])
    spacing: measures.SpacingRecord | None
    break_even: measures.BreakEvenRecord | None


class ThresholdRecord(RecordFields):
    """The nearest value of an axis at which another strategy wins; `label` is its name for people."""

    axis: Text
    direction: Literal["above", "below"] = of(lambda each: "above" if each.rises else "below")
    value: Point
    winner: Text
    label: Text = of(lambda each: policy(each.winner))


class LookedRecord(RecordFields):
    """Between which values of an axis other winners were looked for; null without end."""

    axis: Text
    from_: Point = of("low")
    to: Point | None = of("high")


class LongerRecord(RecordFields):
    """Above which pace the next longer time to live is the cheaper."""

    strategy: Text = of(0)
    rate_per_hour: Decimal = of(1)


class RuleRecord(RecordFields):
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


class AdviceRecord(OfOneModel):
    """The strategies of one model, and what would turn their order."""

    checked: date = of("sheet.checked")
    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    status: Status
    free: bool
    best: str | None = of(lambda advice: None if advice.refusal else advice.best.strategy)
    runner_up: str | None = of(
        lambda advice: None if advice.refusal else advice.runner_up and advice.runner_up.strategy
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
    sentence: Text = of(lambda advice: sentence(advice))
    counted: str | None = LATER


def reply(advice: Advice, *, verbose: bool = False) -> Reply:
    """The advice for one model in every form. `verbose` shows people all notes, rules and sources."""

    def as_rows() -> Table:
        best, inputs = advice.best.total, inputs_of(advice.sheet, advice.workload, advice.assumptions.service)
        of_all = {"currency": advice.sheet.currency, "status": advice.status, "warnings": list(advice.notices)} | inputs
        cells = (
            record(RankedRecord, each) | of_all | {"more_than_best": plain(money.subtract(each.total, best))}
            for each in advice.ranking
        )
        return rows([*COLUMNS.split(), *INPUTS], cells, model=advice.sheet.id, version=advice.version)

    return Reply(
        page=lambda: Page(
            question([advice], advice.assumptions.service),
            [table(advice)],
            full(notes(advice)) if verbose else brief(notes(advice)),
            footer(advice) if verbose else (),
            verdict=sentence(advice),
        ),
        record=lambda: record(AdviceRecord, advice),
        rows=as_rows,
        exit_code=UNSERVED if advice.refusal else 0,
    )


def table(advice: Advice) -> Table:
    """A row a strategy, cheapest first."""
    best, currency = advice.best.total, advice.sheet.currency
    if advice.refusal:
        refused = [[policy(each.strategy), advice.status] for each in advice.ranking]
        return Table(["strategy", "total"], refused, FIGURES)
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


def notes(advice: Advice) -> list[Note]:
    """What would make another strategy win, what is announced, what to know, and what has no price."""
    if advice.refusal:
        return [Note(text, aside=True) for text in advice.warnings]
    currency, best = advice.sheet.currency, advice.best
    spaced = [(a_policy(each.strategy), each.spacing) for each in advice.ranking]
    lines = [Note(f"left out: {reason}", cost=WHOLE) for reason in advice.left_out]
    turning = [threshold_in_words(each, advice.workload) for each in advice.thresholds]
    lines += [Note(text, aside=text == turning[0]) for text in turning]  # the sentence says the first
    lines += [of_change(change, best.total, currency) for change in advice.changes]
    if advice.lives:
        text, dearest = measures.lived(advice.lives, currency), max(advice.lives.at_least, advice.lives.at_most)
        lines.append(Note(f"{policy(AUTOMATIC)}: {text}", cost=more(dearest, best.total), aside=best.lives is None))
    for each in advice.ranking:
        if text := measures.near(each.spacing):
            lines.append(Note(f"{policy(each.strategy)}: {text}", text, risk(each.spacing), aside=each is not best))
    return [
        *lines,
        *apart(spaced, [("", best.spacing)]),
        *of_card(advice.warnings, advice.sheet.card(advice.workload.start)),
    ]


def threshold_in_words(each: Threshold, work: Workload) -> str:
    """`at 3 queries no cache is the cheapest`, `below a hit rate of 24.15% a 5-min cache is the cheapest`."""
    side = ("above" if each.rises else "below") if each.axis == HIT_SHARE else "at"
    return f"{side} {_value(each.axis, each.value, work)} {a_policy(each.winner)} is the cheapest"


def _value(axis: str, value: Value, work: Workload) -> str:
    if isinstance(value, timedelta):
        if work.rate is not None:
            return f"{per_hour(Fraction(3600) / Fraction(int(value.total_seconds()) or 1))} queries per hour"
        return f"{'a window' if work.over is not None else 'a gap'} of {duration(value)}"
    if axis == QUERIES:
        return many(Fraction(value), *NOUNS[work.grows])
    return f"a hit rate of {percent(Fraction(value), least=2)}"


def footer(advice: Advice) -> list[str]:
    """The rules, how far was looked, and where the rates come from."""
    if advice.refusal:
        return [cited(advice.sheet, advice.version)]
    result = assumed(advice.workload, advice.assumptions, [advice.expected])
    lines = [f"Assumed: {'; '.join(result)}."] if result else []
    lines += [f"Rule: {rule_in_words(rule)}." for rule in advice.rules]
    lines.append(f"Looked at {'; '.join(_looked(each, advice.workload) for each in advice.looked)}.")
    lines.append(cited(advice.sheet, advice.version))
    return [*lines, ROUNDED] if any(is_rounded(each.total) for each in advice.ranking) else lines


def _looked(each: Looked, work: Workload) -> str:
    if each.axis == HIT_SHARE:
        return "every hit rate"
    if each.high is None:
        return "every number of queries"
    if isinstance(each.low, timedelta) and isinstance(each.high, timedelta):
        noun = "mean gaps" if work.rate is not None else "windows" if work.over is not None else "gaps"
        return f"{noun} from {duration(each.low)} to {duration(each.high)}"
    return f"{count(Fraction(each.low))} to {_value(each.axis, each.high, work)}"  # type: ignore[arg-type]


def rule_in_words(rule: CachingRule) -> str:
    """When one strategy pays, whatever the workload."""
    kind, label = parsed(rule.strategy).kind, a_policy(rule.strategy)
    if rule.minimum is not None:
        return f"{label} caches nothing below {many(rule.minimum, 'token')}"
    if kind == WRITTEN:
        return _written(rule, label)
    if kind == KEEP_ALIVE and rule.rate is not None and rule.gap is not None:
        above = f"{label} costs less than no cache above {per_hour(rule.rate)} queries per hour at random"
        return f"{above}, and no more while queries are at most {duration(rule.gap)} apart"
    if kind in (STORED, KEPT) and rule.rate is not None and rule.gap is not None:
        above = f"{label} pays above {per_hour(rule.rate)} queries per hour"
        gap = rule.gap if rule.gap < MINUTE else rule.gap - timedelta(microseconds=rule.gap.microseconds)
        return f"{above}; keep it from one query to the next if they are less than {duration(gap)} apart"
    if rule.never_dearer:
        return f"{label} never costs more than no cache, whatever the hit rate"
    return f"{label} pays where the reads save more than everything else it costs"


def _written(rule: CachingRule, label: str) -> str:
    if rule.hit_share is None:
        return f"{label} never pays: a read costs as much as plain input"
    texts = [f"{label} pays if at least {percent(rule.hit_share, least=2)} of later queries hit"]
    if rule.rate is not None:
        texts[0] += f", as they do above {per_hour(rule.rate)} queries per hour at random"
    if rule.longer:
        other, rate = rule.longer
        texts.append(f"{a_policy(other)} costs less than this one above {per_hour(rate)} per hour")
    if rule.pinged_up_to:
        apart = f"while queries are at most {duration(rule.pinged_up_to)} apart"
        texts.append(f"pings cost no more than writing again {apart}")
    return "; ".join(texts)


def per_hour(value: Fraction) -> str:
    """A break-even rate: `1.29`, four decimals below one: `0.5477`."""
    return count(value) if value >= 1 else money.text(money.rounded(value, 4))


def sentence(advice: Advice) -> str:
    """`Use a 5-min cache: 10 queries cost $1.10, $2.30 less than no cache; at 1 query no cache is the cheapest.`"""
    if advice.refusal:
        return f"No answer: {advice.refusal.of(advice.sheet.id)}.{takers(advice.refusal, advice.workload)}"
    if advice.free:
        return free([advice.sheet], advice.workload.start)
    best, other, currency = advice.best, advice.runner_up, advice.sheet.currency
    number = _value(QUERIES, advice.workload.queries, advice.workload)
    bill = f"{number} {'costs' if advice.workload.queries == 1 else 'cost'} {amount(best.total, currency)}"
    bill += f" ({rough(best.counted[:2], currency)})" if best.counted else ""
    if advice.too_short and best.strategy == FRESH:
        return f"{advice.too_short.capitalize()}. Use no cache: {bill}."
    use = f"Use {a_policy(best.strategy)}: {bill}"
    if other is None:
        return f"{use}; nothing else is sold."
    lead = advice.lead
    assert lead is not None
    ratio = f" ({percent(Fraction(lead) / Fraction(other.total))})" if other.total and lead else ""
    rival = a_policy(other.strategy)
    ahead = f"{amount(lead, currency)} less than {rival}{ratio}" if lead else f"the same as {rival}"
    turning = f"; {threshold_in_words(advice.thresholds[0], advice.workload)}" if advice.thresholds else ""
    return f"{use}, {ahead}{turning}."
