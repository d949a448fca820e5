"""A stored cache turned into requests: created, read while it stands, and rented by the token-hour.

Under an idle time-out (`stored:15m`) it is deleted when no query read it for so long, and the next query creates it
again; it stands for the time-out after the last query too. A cache keeps the tokens that it was created with.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from ..errors import BadWorkload, NoClosedForm
from ..prices.usage import Batch, Usage
from ..units import HOUR, MICROSECOND, hours
from ..workload.arrivals import CLOSED
from ..workload.workload import EVEN
from .assumptions import PER
from .expected import AS_EXPECTED, arrivals, at_one_rate, by_stretch, number, plain, reach
from .plan import Count, Plan

MOST = 1_000_000
"""Most stands of a cache that are billed one by one."""
Stand = tuple[Count, Count, int]
"""When a cache is created, in microseconds after the start, for how many it is paid, and its tokens."""


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that stands from the start until its hold is over; later queries are sent plain."""
    yield from creation(plan, 1, plan.workload.start, plan.cached)
    length, creates = hold(plan, queries), plan.assumptions.first_query == "creates"
    arrived, standing = arrivals(plan, queries), _standing(plan, queries, length)

    def until(before: timedelta | None) -> tuple[Count, Count]:
        first, later = arrived(before)
        reads = min(later, standing[1]) + (0 if creates else min(first, standing[0]))
        return reads, first + later - reads

    plain_first = creates
    for start, (read, sent) in by_stretch(plan, reach(plan, queries), until):
        yield from _queries(plan, start, read, sent, plain_first=plain_first)
        plain_first = plain_first and not sent
    yield from rent(plan, length)


def creation(plan: Plan, count: Count, at: datetime, tokens: int) -> Iterator[Batch]:
    """So many creations of a cache of so many tokens, where they are paid for: not where the first query makes it."""
    if count and plan.creation != "free" and plan.assumptions.first_query != "creates":
        usage = plan.once("creation", tokens, lambda: _creating(plan, tokens))
        yield Batch(usage, number(count), at, tokens)


def _creating(plan: Plan, tokens: int) -> Usage:
    """The tokens of a creation, at the input rate where that is asked for and the card would bill it otherwise."""
    otherwise = plan.stored.creation != "input" or "creation" in plan.row_of(tokens).rates
    if plan.creation == "input" and otherwise:
        return plan.sheet.meter.creation(tokens, "creation:input")
    return plan.sheet.meter.creation(tokens)


def _queries(plan: Plan, start: datetime, read: Count, sent: Count, *, plain_first: bool) -> Iterator[Batch]:
    """So many queries that read the cache, and so many that are sent plain."""
    kinds = [(plan.terms(start).request(plan.cached), read), (plan.plain_request, sent)]
    for usage, count in reversed(kinds) if plain_first else kinds:
        if count > 0:
            yield Batch(usage, number(count), start, plan.workload.prompt)


def rent(plan: Plan, length: Count) -> Iterator[Batch]:
    """Token-hours of a cache that stands once, for so many microseconds: at least the TTL where that is billed."""
    least = plan.stored.default_ttl // MICROSECOND if plan.stored.billed_for == "ttl" else 0
    return _rented(plan, [(0, _in_units(plan, max(length, least)), plan.cached)])


def _rented(plan: Plan, stands: Sequence[Stand]) -> Iterator[Batch]:
    """Token-hours of so many stands, by the stretches of constant rates."""
    usage = plan.sheet.meter.rented(plan.entry)
    for tokens, start, length in _stretched(plan, stands):
        yield Batch(usage, number(length * plan.sheet.meter.size(tokens, plan.entry)), start, tokens)


def standing(plan: Plan, queries: int) -> Iterator[Batch]:
    """Hours of a machine that is billed whatever it does, while so many queries come."""
    if usage := plan.sheet.meter.standing():
        prompt, length = plan.workload.prompt, plan.workload.stay(queries)
        for _, start, stretch in _stretched(plan, [(0, length, prompt)]):
            yield Batch(usage, number(stretch), start, prompt)


def _stretched(plan: Plan, stands: Sequence[Stand]) -> Iterator[tuple[int, datetime, Fraction]]:
    """The tokens of each stand, and its hours by the stretches of constant rates."""
    last = max(begin + length for begin, length, _ in stands)
    starts = plan.stretches.starts(timedelta(microseconds=int(last)))
    edges: list[Count] = [(start - plan.workload.start) // MICROSECOND for start in starts]
    for begin, length, tokens in stands:
        for place in range(bisect_right(edges, begin) - 1, bisect_left(edges, begin + length)):
            end = min([begin + length, *edges[place + 1 : place + 2]])
            yield tokens, starts[place], Fraction(end - max(begin, edges[place]), HOUR)


def hold(plan: Plan, queries: int) -> Count:
    """Microseconds for which the cache stands."""
    if plan.assumptions.hold is not None:
        return plan.assumptions.hold // MICROSECOND
    return max(plan.workload.stay(queries), plan.stored.default_ttl // MICROSECOND)


def _in_units(plan: Plan, length: Count) -> Count:
    """Microseconds of rent for so many: started minutes or hours count whole, seconds to the moment."""
    unit = PER[plan.billed_per] // MICROSECOND
    return length if plan.billed_per == "second" else -(-length // unit) * unit


def _standing(plan: Plan, queries: int, length: Count) -> tuple[Count, Count]:
    """The chance that the first query comes while the cache stands, and how many later ones do."""
    if plan.workload.by_law(queries):
        return arrivals(plan, queries)(timedelta(microseconds=int(length)))
    standing = plan.workload.up_to(queries, length)
    return min(1, standing), max(0, standing - 1)


def outlived(plan: Plan, queries: int) -> Count:
    """How many queries come after the cache is gone."""
    return queries - sum(_standing(plan, queries, hold(plan, queries)))


def basis(plan: Plan, queries: int) -> str | None:
    """How expected numbers are known; None where queries are counted one by one."""
    one_rate = at_one_rate(plan, queries)
    if plan.idle is not None:
        known = recreations(plan, queries)[2]
        return known if plan.workload.by_law(queries) or one_rate else known and AS_EXPECTED
    if plan.workload.arrivals == EVEN or (one_rate and not outlived(plan, queries)):
        return None
    return CLOSED if plan.workload.by_law(queries) else AS_EXPECTED


def idle_batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that is deleted when idle: the queries that find it deleted create it again."""
    assert plan.idle is not None
    starts = plan.stretches.starts(reach(plan, queries) + plan.idle)
    law = recreations(plan, queries)[2]
    if law is not None and plan.billed_per != "second":
        raise BadWorkload(
            "rent by started minutes or hours is known here only where instants are; give every or times",
            word="billed_per",
        )
    if law is not None and not plan.cached:
        yield from plain(plan, queries)
        return
    if law is None and (len(starts) > 1 or plan.billed_per != "second"):
        yield from _each_stand(plan, queries)
        return
    creates, until = plan.assumptions.first_query == "creates", _until(plan, queries)
    size, rents = Fraction(plan.sheet.meter.size(plan.cached, plan.entry)), []
    for start, (come, created, stood) in by_stretch(plan, reach(plan, queries) + plan.idle, until):
        yield from creation(plan, created, start, plan.cached)
        sent = created if creates else 0
        yield from _queries(plan, start, come - sent, sent, plain_first=True)
        rents.append(Batch(plan.sheet.meter.rented(plan.entry), Fraction(stood * size), start, plan.cached))
    yield from (rent for rent in rents if rent.times)


def _until(plan: Plan, queries: int) -> Callable[[timedelta | None], tuple[Count, Count, Count]]:
    """Mean numbers of queries that came and of creations, and mean hours for which the cache stood, up to a time after
    the start; None is for ever. Where a law's are not known, every later query has the same share."""
    law, idle, arrived = plan.workload.by_law(queries), plan.idle, arrivals(plan, queries)
    assert idle is not None
    again, mean, _ = recreations(plan, queries)

    def until(before: timedelta | None) -> tuple[Count, Count, Count]:
        first, later = arrived(before)
        if before is not None and law:
            return first + later, first + Fraction(law.later(before, idle)), law.standing(idle, before)
        after = hours(idle) if later == queries - 1 else 0
        return first + later, first + later * again, later * mean + after

    return until


def _each_stand(plan: Plan, queries: int) -> Iterator[Batch]:
    """Query by query: each creates the cache where it finds none and the terms of its instant allow one."""
    work, creates = plan.workload, plan.assumptions.first_query == "creates"
    assert plan.idle is not None
    if queries > MOST:
        raise BadWorkload(
            f"{queries:,} stands of a cache are too many to tell apart; expected {MOST:,}", word="queries"
        )
    lasts, starts = plan.idle // MICROSECOND, plan.stretches.starts(work.span(queries))
    stands: list[Stand] = []
    requests: Counter[tuple[Usage, datetime, int]] = Counter()
    size, begin, last = 0, Fraction(0), Fraction(0)
    for k in range(queries):
        at = work.moment(k, queries)
        start = starts[bisect_right(starts, work.start + timedelta(microseconds=int(at))) - 1]
        if size and at - last > lasts:
            stands.append((begin, _in_units(plan, last + lasts - begin), size))
            size = 0
        creating = not size
        if creating:
            size, begin = plan.terms(start).cached, at
        for usage, *_ in creation(plan, 1, start, size) if creating and size else ():
            requests[usage, start, size] += 1
        reads = size and not (creating and creates)
        requests[plan.terms(start).request(size) if reads else plan.plain_request, start, work.prompt] += 1
        last = at
    if size:
        stands.append((begin, _in_units(plan, last + lasts - begin), size))
    yield from (Batch(usage, count, start, prompt) for (usage, start, prompt), count in requests.items())
    yield from _rented(plan, stands) if stands else ()


def recreations(plan: Plan, queries: int) -> tuple[Fraction, Fraction, str | None]:
    """Share of the later queries that find the cache deleted, mean hours for which it stood before each of them, and
    how both are known."""
    assert plan.idle is not None
    if queries < 2:
        return Fraction(0), Fraction(0), None
    law = plan.workload.law(queries)
    try:
        return law.share_longer(plan.idle), law.mean_hours_up_to(plan.idle), law.basis
    except NoClosedForm:
        from . import simulated

        return simulated.recreations(plan, queries)
