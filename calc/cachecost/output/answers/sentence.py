"""The one sentence in which an answer ends, for readers who read nothing else."""

from collections.abc import Iterable
from datetime import datetime

from ...bills.comparison import Answer, Comparison
from ...prices.sheet import PriceSheet
from ...strategies.names import FRESH
from ..figures import NOUNS, amount, intervals, many, percent, span
from ..labels import names_of, served


def sentence(comparison: Comparison) -> str:
    """`Caching is cheaper from 2 queries on: 10 queries cost $0.97 with a 5-min cache instead of $4.50 without.`

    It says of the best model whether caching pays there, which models are free or would refuse the request, and
    nothing that the totals, the savings or the numbers of queries beside it contradict.
    """
    refused = {answer.model: answer for answer in comparison.answers if answer.refusal}
    none = [answer.refusal.of(model) for model, answer in refused.items() if answer.refusal]
    unserved = f"No answer: {'; '.join(none)}." if none else ""
    if not comparison.served:
        return unserved
    best = comparison.best
    names = names_of([answer.sheet for answer in comparison.answers])
    lead = f"Cheapest is {names[best.model]}. " if len(names) > 1 else ""
    if best.free:
        paid = comparison.best_paid
        terms = free((answer.sheet for answer in comparison.served if answer.free), comparison.workload.start)
        lead = f"{terms} "
        if paid is None:
            return f"{lead}{unserved}".rstrip()
        lead, best = f"{lead}Cheapest of those with a price is {names[paid.model]}. ", paid
    return f"{lead}{_verdict(comparison, best)} {unserved}".rstrip()


def free(sheets: Iterable[PriceSheet], at: datetime) -> str:
    """`Free, with limits that the vendor sets: zai/glm-4.5-flash (Free, cached or not).`: free models with their terms
    at an instant; nothing where there are none."""
    notes = {sheet.id: (sheet.card(at).note or "").rstrip(".") for sheet in sheets}
    terms = (f"{model} ({note})" if note else model for model, note in notes.items())
    return f"Free, with limits that the vendor sets: {'; '.join(terms)}." if notes else ""


def _verdict(comparison: Comparison, best: Answer) -> str:
    """Whether caching pays on the model of an answer."""
    cached = comparison.cached_beside(best)
    shown, how = cached or best, served(best.strategy, best.hold)
    currency, queries = shown.sheet.currency, many(shown.queries, *NOUNS[shown.workload.grows])
    estimated = f" ({span(shown.counted[:2], currency)})" if shown.counted else ""
    bill = f"{queries} {'costs' if shown.queries == 1 else 'cost'} {amount(shown.total, currency)}{estimated}"
    if cached is None:
        unsold = all(answer.strategy == FRESH for answer in comparison.answers)
        return f"{bill} {how}{'; no cache is sold, or none was asked for' if unsold else ''}."
    if cached.minimum:
        return f"Too short to cache: {many(cached.longest, 'token')}, the minimum is {cached.minimum:,}. {bill} {how}."
    if cached.total == cached.fresh:
        return f"Caching changes nothing here: {bill} either way; {_when(cached)}."
    ratio = cached.savings_ratio
    change = f" ({percent(abs(ratio))} {'less' if ratio > 0 else 'more'})" if ratio is not None else ""
    fresh = f"{amount(cached.fresh, currency)} without{change}"
    bill = f"{bill} {served(cached.strategy, cached.hold)} instead of {fresh}"
    if cached.total > cached.fresh:
        return f"Caching does not pay here: {bill}; {_when(cached)}."
    return f"Caching is cheaper{_pays_from(cached)}: {bill}."


def _pays_from(answer: Answer) -> str:
    if not (numbers := _numbers(answer)):
        return " here"
    return f"{' here, and' if _beyond(answer) else ''} {numbers}"


def _when(answer: Answer) -> str:
    if numbers := _numbers(answer):
        return f"it is cheaper {numbers}"
    horizon = answer.break_even and answer.break_even.horizon
    return f"it is never cheaper{f' within {many(horizon, *NOUNS[answer.workload.grows])}' if horizon else ''}"


def _numbers(answer: Answer) -> str:
    """`from 4 queries on`, `for 2 to 4 queries`, nothing where caching pays for no number; how far was tried is said
    where it is not proven for every number."""
    pays = answer.break_even
    if pays is None or pays.first is None:
        return ""
    tried = f" (tried up to {pays.horizon:,})" if pays.horizon else ""
    if pays.stable_from == pays.first and not _beyond(answer):
        return f"from {many(pays.first, *NOUNS[answer.workload.grows])} on{tried}"
    return f"for {intervals(pays, ' or more', ' to ')}{tried} {NOUNS[answer.workload.grows][1]}"


def _beyond(answer: Answer) -> bool:
    """Whether more queries were asked about than were tried."""
    horizon = answer.break_even and answer.break_even.horizon
    return horizon is not None and answer.queries > horizon
