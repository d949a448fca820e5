"""Advice for people and programs: the strategies, what would turn their order, the rules, and the sentence."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from ... import money
from ...advice.advice import Advice
from ...advice.thresholds import HIT_SHARE, QUERIES, Looked, Threshold, Value
from ...bills.break_even import BreakEven
from ...bills.price_changes import PriceChange, change_in_words
from ...bills.rules import Rule
from ...strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, STORED, WRITTEN
from ...units import show_duration
from ...workload.workload import Workload
from ..figures import amount, cited, count, duration, is_rounded, percent, plain
from ..records import SCHEMA_VERSION, Record, of_assumptions, of_lives, of_open_range, of_workload
from ..screen import Screen
from ..table import Table
from .comparison import assumed, estimated, lived, pays_for, question
from .spacing import apart, near, of_spacing

FIGURES = ("total", "estimated", "more")
ROUNDED = "Amounts are rounded here; --json has every digit."


def on_screen(advice: Advice, counted: str = "") -> Screen:
    """The advice for one model; it ends in the sentence."""
    screen = Screen()
    screen.paragraph(question(advice.workload, advice.assumptions, [count(advice.workload.context)]), "bold")
    if counted:
        screen.paragraph(counted)
    screen.text("")
    screen.table(table(advice))
    screen.text("")
    for note in notes(advice):
        screen.paragraph(f"! {note}", "yellow")
    for line in footer(advice):
        screen.paragraph(line, "dim")
    screen.text("")
    screen.paragraph(sentence(advice), "bold", indent="")
    return screen


def markdown(advice: Advice, counted: str = "") -> str:
    head = question(advice.workload, advice.assumptions, [count(advice.workload.context)])
    parts = [head, *([counted] if counted else []), table(advice).as_markdown()]
    parts += ["\n".join(f"- {note}" for note in notes(advice))] if any(notes(advice)) else []
    return "\n\n".join([*parts, *footer(advice), f"**{sentence(advice)}**"])


def table(advice: Advice) -> Table:
    """A row a strategy, cheapest first."""
    best, currency = advice.best.total, advice.sheet.currency
    if advice.refusal:
        return Table(["strategy", "total"], [[each.strategy, advice.status] for each in advice.ranking], FIGURES)
    shown = [
        [
            each.strategy,
            amount(each.total, currency),
            "" if each is advice.best else amount(money.subtract(each.total, best), currency),
            "" if each.strategy == FRESH else pays_for(each.break_even),
        ]
        for each in advice.ranking
    ]
    headings = ["strategy", "total", "more", "pays for N"]
    if any(each.counted for each in advice.ranking):
        headings.insert(2, "estimated")
        for row, each in zip(shown, advice.ranking, strict=True):
            row.insert(2, estimated(each.counted, currency))
    return Table(headings, shown, FIGURES)


def ends(found: BreakEven | None) -> tuple[int | None, int | None]:
    """The first number of queries that pays, and that from which on all do."""
    return (found.first, found.stable_from) if found else (None, None)


def text(value: object) -> str:
    """A cell for machines."""
    return "" if value is None else str(value)


def notes(advice: Advice) -> list[str]:
    """What would make another strategy win, what is announced, what to know, and what has no price."""
    if advice.refusal:
        return list(advice.warnings)
    found = [f"{threshold_in_words(each, advice.workload)}" for each in advice.thresholds]
    found += [_change(each, advice) for each in advice.changes]
    found += [f"{AUTOMATIC}: {lived(advice.lives, advice.sheet.currency)}"] if advice.lives else []
    found += [
        f"{each.strategy}: {near(each.spacing, each.total, advice.sheet.currency)}"
        for each in advice.ranking
        if each.spacing and each.spacing.gap is not None
    ]
    return [*found, *advice.warnings, *(f"left out: {reason}" for reason in advice.left_out)]


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
        noun = "turn" if work.grows else "query"
        return f"{value:,} {noun if value == 1 else 'turns' if work.grows else 'queries'}"
    return f"a hit share of {percent(Fraction(value), least=2)}"


def _change(change: PriceChange, advice: Advice) -> str:
    bill = "" if change.total is None else f", {amount(change.total, advice.sheet.currency)}"
    return f"{change_in_words(change)}{bill}"


def footer(advice: Advice) -> list[str]:
    """The rules, how far was looked, and where the rates come from."""
    if advice.refusal:
        return [cited(advice.sheet, advice.version)]
    told = assumed(advice.workload, advice.assumptions, [advice.expected])
    spaced = apart([(each.strategy, each.spacing) for each in advice.ranking], advice.sheet.currency)
    lines = [spaced] if spaced else []
    lines += [f"Assumed: {'; '.join(told)}."] if told else []
    lines += [f"Rule: {rule_in_words(rule)}." for rule in advice.rules]
    lines.append(f"Looked at {'; '.join(_looked(each, advice.workload) for each in advice.looked)}.")
    lines.append(cited(advice.sheet, advice.version))
    return [*lines, ROUNDED] if any(is_rounded(each.total) for each in advice.ranking) else lines


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
    kind, _, ttl = rule.strategy.partition(":")
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
        other = rule.longer[0].partition(":")[2]
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
    best, other, currency = advice.best, advice.runner_up, advice.sheet.currency
    number = _value(QUERIES, advice.workload.queries, advice.workload)
    bill = f"{number} {'costs' if advice.workload.queries == 1 else 'cost'} {amount(best.total, currency)}"
    bill += f" ({estimated(best.counted, currency)})" if best.counted else ""
    if best.strategy == FRESH and (short := _too_short(advice)):
        return f"{short} Take fresh: {bill}."
    if other is None:
        return f"Take {best.strategy}: {bill}; nothing else is sold."
    lead = advice.lead
    assert lead is not None
    ratio = f" ({percent(Fraction(lead) / Fraction(other.total))})" if other.total and lead else ""
    ahead = f"{amount(lead, currency)} less than {other.strategy}{ratio}" if lead else f"the same as {other.strategy}"
    turning = f"; {threshold_in_words(advice.thresholds[0], advice.workload)}" if advice.thresholds else ""
    return f"Take {best.strategy}: {bill}, {ahead}{turning}."


def _too_short(advice: Advice) -> str:
    """`Too short to cache: 100 tokens, the minimum is 512.` where that is so of every strategy that caches."""
    minimums = [rule.minimum for rule in advice.rules]
    least = min((minimum for minimum in minimums if minimum is not None), default=0)
    if not least or None in minimums:
        return ""
    return f"Too short to cache: {advice.longest:,} tokens, the minimum is {least:,}."


def of_advice(advice: Advice) -> Record:
    """The advice for machines; durations as `46m40s`, shares and money as exact decimal text."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": advice.sheet.id,
        "version": advice.version,
        "checked": advice.sheet.checked.isoformat(),
        "currency": advice.sheet.currency,
        "workload": of_workload(advice.workload),
        "assumptions": of_assumptions(advice.assumptions),
        "status": advice.status,
        "best": None if advice.refusal else advice.best.strategy,
        "runner_up": None if advice.refusal else advice.runner_up and advice.runner_up.strategy,
        "lead": None if advice.refusal else plain(advice.lead),
        "strategies": [
            {
                "strategy": each.strategy,
                "total": plain(each.total),
                **of_open_range(each.total, each.lives, each.counted),
                "spacing": each.spacing and of_spacing(each.spacing, each.total, advice.sheet.currency),
                "break_even": each.break_even and each.break_even._asdict(),
            }
            for each in advice.ranking
        ],
        "thresholds": [
            {
                "axis": each.axis,
                "direction": "above" if each.rises else "below",
                "value": _plain(each.value),
                "winner": each.winner,
            }
            for each in advice.thresholds
        ],
        "looked": [{"axis": each.axis, "from": _plain(each.low), "to": _plain(each.high)} for each in advice.looked],
        "price_changes": [
            {
                "version": advice.sheet.version(change.card),
                "status": change.card.status,
                "days_after": change.days_after,
                "then": change.then,
                "total": plain(change.total),
            }
            for change in advice.changes
        ],
        "expected": advice.expected,
        "rules": [_of_rule(rule) for rule in advice.rules],
        "lifetime": advice.lives and of_lives(advice.lives),
        "warnings": list(advice.warnings),
        "left_out": list(advice.left_out),
        "sentence": sentence(advice),
    }


def _plain(value: Value | None) -> int | str | None:
    if isinstance(value, timedelta):
        return show_duration(value)
    return plain(value) if isinstance(value, Fraction) else value


def _of_rule(rule: Rule) -> Record:
    return {
        "strategy": rule.strategy,
        "hit_share": plain(rule.hit_share),
        "rate_per_hour": plain(rule.rate),
        "gap": None if rule.gap is None else show_duration(rule.gap),
        "longer": rule.longer and {"strategy": rule.longer[0], "rate_per_hour": plain(rule.longer[1])},
        "pinged_up_to": None if rule.pinged_up_to is None else show_duration(rule.pinged_up_to),
        "minimum": rule.minimum,
        "never_dearer": rule.never_dearer,
        "text": rule_in_words(rule),
    }
