"""The requests of a plan for any number of queries, each kind with its count: what a bill is made of.

Turn k of a conversation or an agent loop sends L_k = context + k x question + (k-1) x (answer + tools) tokens. Each
turn has the rates of its instant and of the size of its prompt, and caches the whole prompt. While the cache of the
previous turn lives, its L_(k-1) tokens are read and the rest is written; if every turn hits, they cost
w x L_n + r x (L_1 + ... + L_(n-1)) in all.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, pairwise

from ..errors import BadWorkload
from ..prices.usage import Batch
from ..workload.workload import EVEN, Workload
from . import counted, expected, stored
from .expected import number
from .names import FRESH, STORED
from .outcomes import later
from .plan import Count, Plan, RequestsOnCard


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """Requests alike, for so many queries; counts add up to `queries`, beside creation, pings, token-hours and the
    hours of a machine that is billed whatever it does."""
    return chain(_requests(plan, queries), stored.standing(plan, queries))


def _requests(plan: Plan, queries: int) -> Iterator[Batch]:
    if plan.workload.grows:
        turns = chain.from_iterable(turn_by_turn(plan, queries))
        return _stored_turns(plan, queries) if plan.kind == STORED else turns
    if plan.kind == STORED and plan.idle is None:
        return stored.batches(plan, queries) if plan.cached else expected.plain(plan, queries)
    if plan.kind == FRESH or plan.sizes(queries) == {0}:
        return expected.plain(plan, queries)
    if plan.kind == STORED:
        return stored.idle_batches(plan, queries)
    return counted.batches(plan, queries) if plan.workload.arrivals == EVEN else expected.batches(plan, queries)


def basis(plan: Plan) -> str | None:
    """How expected numbers are known: by closed form or simulated; None where queries are counted one by one."""
    queries = plan.workload.queries
    if queries < 2 or plan.sizes(queries) == {0}:
        return None
    if plan.workload.grows and plan.kind != STORED:
        return later(plan, queries).basis
    return stored.basis(plan, queries) if plan.kind == STORED else expected.basis(plan, queries)


def lengths(work: Workload, turns: int) -> list[int]:
    """L_1 .. L_n, the prompts of the turns."""
    return [work.prompt + k * work.added for k in range(turns)]


def turn_by_turn(plan: Plan, turns: int, first: int = 1, *, alive: int = 0) -> Iterator[list[Batch]]:
    """What each of so many turns uses, from the first or a later one on, where no cache is rented: turn n is the same
    in a longer conversation. `alive`: tokens that the first turn finds in the cache, where a session goes on."""
    if plan.seen_twice:
        raise BadWorkload("a conversation is never seen twice, since it grows; name written instead", word="strategy")
    work, pause, sent = plan.workload, later(plan, 2), counted.pings_before(plan, turns)  # every pause is alike
    share = plan.hit_share * (1 - pause.lost) if pause.late != 1 else 0
    before: RequestsOnCard | None = None
    for k, prompt in enumerate(lengths(work, turns)[max(0, first - 2) :], start=max(0, first - 2)):
        at = work.start + work.at(k, turns)
        terms = plan.terms(at, prompt)
        if k >= first - 1:
            read = min(before.cached if before else alive, terms.cached) if share else 0
            turn = [(0, 1 - share), (read, share)] if read else [(0, 1)]
            requests = [Batch(terms.request(tokens), number(part), at, prompt) for tokens, part in turn if part]
            if before and before.cached and plan.pinged:
                requests += _pinged(plan, sent, work.at(k - 1, turns), work.at(k, turns), before.cached)
            yield requests
        before = terms


def _pinged(
    plan: Plan, sent: Callable[[timedelta | None], Count], before: timedelta, after: timedelta, tokens: int
) -> Iterator[Batch]:
    """The pings between two turns, which keep what the first turn cached, each at the rates of its instant; `sent` says
    how many are sent before a time."""
    edges = [end for _, end in plan.stretches.spans(after) if end and before < end < after]
    for begin, end in pairwise([before, *edges, after]):
        if count := sent(end) - sent(begin):
            at = plan.workload.start + begin
            terms = plan.terms(at, tokens)
            usages = terms.reading(tokens), terms.reading(0, written=tokens)
            for usage, pings in zip(usages, plan.by_effect(count), strict=True):
                if pings:
                    yield Batch(usage, number(pings), at, tokens)


def _stored_turns(plan: Plan, turns: int) -> Iterator[Batch]:
    """The context alone is stored; what the turns add is sent plain."""
    work, cached = plan.workload, plan.cached
    if plan.idle is not None:
        raise BadWorkload(
            "an idle time-out is not reckoned for a conversation; name stored, with a hold", word="strategy"
        )
    yield from stored.creation(plan, 1, work.start, cached) if cached else ()
    length, creates = stored.hold(plan, turns), plan.assumptions.first_query == "creates"
    standing = work.up_to(turns, length) if cached else 0
    for k, prompt in enumerate(lengths(work, turns)):
        at, reads = work.start + work.at(k, turns), k < standing and not (creates and k == 0)
        usage = plan.terms(at, prompt).request(cached) if reads else plan.sheet.meter.request(prompt, work.answer)
        yield Batch(usage, 1, at, prompt)
    if cached:
        yield from stored.rent(plan, length)
