"""What to know of a comparison: notes on its bills, what is assumed, and where the rates come from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil

from ... import money
from ...bills.comparison import Answer, Comparison
from ...money import Number
from ...strategies.names import FRESH, KEPT, STORED, parsed
from ...strategies.plan import Plan
from ..figures import amount, cited, count, duration, is_rounded, percent, sized, span
from ..labels import CREATION, a_policy, policy
from ..reply import ROUNDED
from . import block, measures
from .measures import WHOLE, Note, apart, more, of_card, of_change, risk
from .question import assumed


def notes(comparison: Comparison, rows: Sequence[block.BlockRow]) -> list[Note]:
    """What to know of the answers, each note once with the models and strategies that it is about."""
    names = {row.best.model: row.name for row in rows}
    shown = [answer for row in rows for answer in row.shown if not answer.refusal]
    about: dict[str, list[tuple[Answer, Note]]] = {}
    for answer in comparison.answers:
        for note in _of(answer):
            about.setdefault(note.text, []).append((answer, note))
    return [
        *(Note(f"left out: {reason}", cost=WHOLE) for reason in comparison.left_out),
        *_apart(comparison, shown, names),
        *_machines(comparison, names),
        *(_merged(given, comparison, shown, names) for given in about.values()),
    ]


def _machines(comparison: Comparison, names: Mapping[str, str]) -> Iterator[Note]:
    """What the machine of each deployment costs alone, beside its cheapest answer; and how much of that the workload
    is, and at which use of the machine a vendor's dearer answer would cost the same."""
    said: set[str] = set()
    for answer in comparison.served:
        if not answer.machine or answer.model in said:
            continue
        said.add(answer.model)
        machine, lead = answer.machine, f"{names[answer.model]}: " if len(names) > 1 else ""
        hours, busy = (count(money.rounded(each, 2)) for each in (machine.hours, machine.busy))
        short = f"{lead}the machine alone costs {amount(machine.total, answer.sheet.currency)} for these {hours} h"
        text = f"{short}: this workload is {percent(machine.share)} of it, and other work has to pay for the rest"
        dearer = (each for each in comparison.served if not each.sheet.meter.cards and each.total > answer.total)
        rival = next(dearer, None)
        if machine.busy > machine.hours:
            needed = ceil(machine.busy / machine.hours)
            text = f"{short}, and the work takes {busy} h of it: {needed:,} such machines are needed"
        elif rival and (use := machine.use_at(rival.total)) is not None:
            kept, other = a_policy(answer.strategy), a_policy(rival.strategy)
            text += f"; at a use of {percent(use)} {kept} costs as much as {rival.sheet.name} with {other}"
        yield Note(text, short, money.subtract(machine.total, answer.total))


def _apart(comparison: Comparison, shown: Sequence[Answer], names: Mapping[str, str]) -> Iterator[Note]:
    """What the bills of the block become where the queries come further apart than entries live; for one model those
    of all its strategies."""
    several = len(names) > 1
    spaced = [
        (names[each.model] if several else a_policy(each.strategy), each.spacing)
        for each in (shown if several else comparison.served)
    ]
    return apart(spaced, [(names[each.model] if several else "", each.spacing) for each in shown])


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
    yield from of_card(answer.notices, answer.sheet.card(answer.workload.start))
    if answer.refusal:
        return
    yield from (of_change(change, total, currency) for change in answer.changes)
    if text := measures.near(answer.spacing):
        yield Note(text, text, risk(answer.spacing))
    if answer.band:
        low, high = (amount(end, currency) for end in answer.band)
        text = f"best effort: {low} if every later query in time hits, {high} if none does"
        short = f"{sized(answer.band[1], currency)} if no later query hits"
        yield Note(text, short, more(answer.band[1], total))
    if answer.lives:
        text = measures.lived(answer.lives, currency)
        yield Note(text, text.partition(";")[0], more(max(answer.lives.at_least, answer.lives.at_most), total))
    if answer.range and answer.range.disputes:
        terms = "; ".join(measures.disputed(dispute) for dispute in answer.range.disputes)
        text = f"{span(answer.range[:2], currency)}, since sources disagree"
        yield Note(f"{text}: {terms}", text, more(answer.range.high, total))
    if answer.counted:
        for text in answer.counted.warnings:
            yield Note(text, text.partition(", within")[0] + " inside the estimate", more(answer.counted.high, total))


def footer(comparison: Comparison) -> list[str]:
    """Assumptions, where the rates come from, and what was rounded."""
    lines = []
    if comparison.served:
        lines = [text for text in (_assumed(comparison), _break_evens(comparison)) if text]
    lines += dict.fromkeys(cited(answer.sheet, answer.version) for answer in comparison.answers)
    figures = [value for answer in comparison.answers for value in (answer.total, answer.savings, answer.per_query)]
    if any(map(is_rounded, figures)):
        lines.append(ROUNDED)
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
    texts += dict.fromkeys(text for answer in comparison.answers for text in answer.sheet.meter.assumed)
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
            rate += by_speed(each.break_even_rate_per_hour for each in answer.speeds)
            texts.append(f"{a_policy(answer.strategy)} pays above {rate} queries per hour")
        if answer.break_even_hit_share:
            texts.append(f"{a_policy(answer.strategy)} pays from a hit rate of {percent(answer.break_even_hit_share)}")
    one_model = len({answer.model for answer in comparison.answers}) == 1
    return f"In the long run {'; '.join(texts)}." if texts and one_model else ""


def by_speed(figures: Iterable[Number | None]) -> str:
    """` (7 to 13)`: what a figure is at the best and at the worst speed of a machine; nothing where it is the same at
    both, or not known at one."""
    ends = {each for each in figures if each is not None}
    return f" ({count(min(ends))} to {count(max(ends))})" if len(ends) > 1 else ""
