"""The one sentence in which an answer ends, for somebody who reads nothing else."""

from __future__ import annotations

from ..compare import Answer, Comparison
from ..strategy import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED
from .figures import amount, duration, ordinal, percent


def sentence(comparison: Comparison) -> str:
    """`Caching pays from the 4th query: 10 queries cost $46.50 stored for 1 h instead of $70.00 fresh (34 % less).`"""
    best, cached = comparison.best, comparison.best_cached
    several = len({answer.model for answer in comparison.answers}) > 1
    lead = f"Cheapest is {best.sheet.id}. " if several else ""
    if cached is None or cached.sheet is not best.sheet:
        bill = f"{_queries(best)} {_cost(best)} {amount(best.total, best.sheet.currency)} {served(best)}"
        return f"{lead}{bill}{_not_sold(comparison)}."
    return lead + _verdict(cached)


def _verdict(cached: Answer) -> str:
    currency = cached.sheet.currency
    fresh = amount(cached.fresh, currency)
    bill = (
        f"{_queries(cached)} {_cost(cached)} {amount(cached.total, currency)} {served(cached)} instead of {fresh} fresh"
    )
    if cached.total <= cached.fresh:
        ratio = cached.savings_ratio
        change = f"{percent(ratio)} less" if ratio else "the same"
        return f"Caching pays{_pays_from(cached)}: {bill} ({change})."
    ratio = cached.savings_ratio
    more = f" ({percent(ratio)} more)" if ratio is not None else ""
    return f"Caching does not pay here: {bill}{more}; {_when(cached)}."


def _pays_from(answer: Answer) -> str:
    found = answer.break_even
    if found is None or found.first is None:
        return ""
    if found.stable_from == found.first:
        return f" from the {ordinal(found.first)} query{_tried(answer)}"
    return f" for {_intervals(answer)} queries"


def _when(answer: Answer) -> str:
    found = answer.break_even
    if found is None or found.first is None:
        within = f" within {found.horizon:,} queries" if found and found.horizon else ""
        return f"it never does{within}"
    if found.stable_from == found.first:
        return f"it pays from the {ordinal(found.first)} query{_tried(answer)}"
    return f"it pays for {_intervals(answer)} queries"


def _intervals(answer: Answer) -> str:
    """`4 or more`, `2 to 4`, `6, 8 or more`, `never`; a horizon is said."""
    found = answer.break_even
    if found is None or not found.intervals:
        return "never"
    parts = []
    for first, last in found.intervals:
        if last is None:
            parts.append(f"{first:,} or more")
        elif last == first:
            parts.append(f"{first:,}")
        else:
            parts.append(f"{first:,} to {last:,}")
    return ", ".join(parts) + _tried(answer)


def _tried(answer: Answer) -> str:
    """How far this was tried, where it is not proven for every number of queries."""
    horizon = answer.break_even and answer.break_even.horizon
    return f" (tried up to {horizon:,})" if horizon else ""


def served(answer: Answer) -> str:
    """How the queries are served: `fresh`, `stored for 1 h`, `cached for 5m`, `cached automatically`."""
    kind, _, ttl = answer.strategy.partition(":")
    if kind == STORED and ttl:
        return f"stored and deleted when idle for {ttl}"
    if kind == STORED:
        return f"stored for {duration(answer.hold)}" if answer.hold else "stored"
    if kind == KEEP_ALIVE:
        return f"cached with a TTL of {ttl} and kept alive by pings"
    if kind == SECOND_SIGHT:
        return f"cached with a TTL of {ttl} from the second query in time on"
    if kind == AUTOMATIC:
        return f"cached automatically for {ttl}" if ttl else "cached automatically"
    return "fresh" if kind == FRESH else f"cached with a TTL of {ttl}"


def _queries(answer: Answer) -> str:
    return f"{answer.queries:,} {'query' if answer.queries == 1 else 'queries'}"


def _cost(answer: Answer) -> str:
    return "costs" if answer.queries == 1 else "cost"


def _not_sold(comparison: Comparison) -> str:
    if any(answer.strategy != FRESH for answer in comparison.answers):
        return ""
    return "; no cache is sold, or none was asked for"
