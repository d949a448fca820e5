"""What a person should know before believing an answer: limits, minimums, tiers, age and kind of the card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .expected import by_law
from .quantities import show_duration, show_instant
from .sheet import Band
from .strategy import AUTOMATIC, FRESH, STORED, Plan
from .workload import EVEN

STALE_AFTER_DAYS = 90


def notices(plan: Plan, *, today: date) -> tuple[str, ...]:
    """Warnings about one plan, most severe first."""
    return tuple(_notices(plan, today))


def _notices(plan: Plan, today: date) -> Iterator[str]:
    work, card = plan.workload, plan.card
    limits = card.limits
    largest = work.largest_prompt()
    if limits.context is not None and largest > limits.context:
        over = f"is over the context limit of {limits.context:,}"
        yield f"the prompt of {largest:,} tokens {over}; it would be refused"
    if limits.output is not None and work.answer > limits.output:
        yield f"the answer of {work.answer:,} tokens is over the output limit of {limits.output:,}"
    if card.caution:
        yield card.caution
    if plan.kind != FRESH:
        yield from _of_caching(plan)
    if by_law(plan, work.queries):
        yield "rates change while the queries come: each stretch of rates has as many as are expected in it"
    elif work.arrivals != EVEN and len(plan.stretches.starts(work.span(work.queries))) > 1:
        yield "rates change while the queries come: each is priced at the instant at which it is expected"
    low = plan.row.prompt.low
    if plan.kind != FRESH and work.question < low:
        yield (
            f"the context itself moves every request into the tier {tier_text(plan.row.prompt)}: "
            "cached tokens count for the tier"
        )
    if card.promised_until and work.start.date() > card.promised_until:
        yield f"these rates were promised only until {card.promised_until}; look at the source"
    age = (today - plan.sheet.checked).days
    if age > STALE_AFTER_DAYS:
        yield f"nobody has checked this sheet against its source for {age} days (last on {plan.sheet.checked})"


def _of_caching(plan: Plan) -> Iterator[str]:
    work, minimum = plan.workload, plan.minimum
    if minimum is not None and work.context < minimum:
        yield f"{work.context:,} tokens are below the minimum of {minimum:,}: nothing is cached, no premium is paid"
    if plan.pinged:
        yield from _of_pings(plan)
    if plan.ttl is not None and plan.cached and work.queries > 1:
        yield from _of_misses(plan)
    if plan.kind == AUTOMATIC and plan.ttl is None and plan.cached and work.queries > 1 and work.spread:
        yield "how long an automatic cache lives is not known here: every later query is counted as in time"
    if plan.kind == STORED and plan.cached and plan.idle is None:
        late = work.queries - work.up_to(work.queries, plan.hold(work.queries))
        if late:
            yield f"{late:,} of {work.queries:,} queries come after the cache is gone and are sent fresh"


def _of_misses(plan: Plan) -> Iterator[str]:
    found = plan.later(plan.workload.queries)
    late, lost = found.late, found.lost
    plain = plan.seen_twice or plan.kind == AUTOMATIC
    then = "is sent plain" if plain else "writes anew"
    life = plan.lifetime
    if late and life and plan.ttl == life.least < life.most:
        share = "every query comes"
        if late != 1:
            share = f"of the later queries {float(late) * 100:.1f}% are expected to come"
        yield (
            f"{share} more than {show_duration(life.least)} after the one before, the shortest life that the vendor "
            f"names for an automatic cache (the longest is {show_duration(life.most)}), and counted as a miss"
        )
    elif late == 1:
        yield f"every query comes after the entry has expired: each one {then}"
    elif late:
        share = f"{float(late) * 100:.1f} %"
        then = "be sent plain" if plain else "write anew"
        yield f"of the later queries {share} are expected to come too late and to {then}"
    if lost:
        yield f"of the later queries {float(lost) * 100:.1f} % are assumed to find their entry evicted before its time"


def _of_pings(plan: Plan) -> Iterator[str]:
    """How many pings, and until when: none follows the last query."""
    work = plan.workload
    each = plan.pings(work.queries)
    if not each:
        yield "no query comes later than the entry lives: no ping is needed"
        return
    total = float(each) * (work.queries - 1)
    last = show_instant(work.start + work.span(work.queries))
    bound = plan.assumptions.pings
    most = "" if bound is None else f", at most {bound:,} after a query"
    yield f"{_number(float(each))} pings before each later query{most}, {_number(total)} in all, until {last}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def tier_text(band: Band) -> str:
    """`up to 200,000`, `over 200,000`, `32,001 to 128,000`, `of any size`."""
    low, high = band
    if high is None:
        return "of any size" if low == 0 else f"over {low - 1:,}"
    return f"up to {high:,}" if low == 0 else f"{low:,} to {high:,}"
