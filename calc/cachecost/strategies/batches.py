"""The requests of a plan for any number of queries, each kind with its count: what a bill is made of."""

from collections.abc import Iterator
from itertools import chain

from ..prices.usage import Batch
from ..workload.workload import EVEN
from . import conversation, counted, expected, stored
from .names import FRESH, STORED
from .outcomes import later
from .plan import Plan


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """Requests alike, for so many queries; counts add up to `queries`, beside creation, pings, token-hours and the
    hours of a machine that is billed whatever it does."""
    return chain(_requests(plan, queries), stored.standing(plan, queries))


def _requests(plan: Plan, queries: int) -> Iterator[Batch]:
    if plan.workload.grows:
        return conversation.batches(plan, queries)
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
