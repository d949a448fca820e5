"""Whether a strategy's bill is a straight line in the number of queries, and between which numbers."""

from datetime import UTC, datetime

from ..strategies.names import AUTOMATIC, STORED
from ..strategies.plan import Plan
from ..units import MICROSECOND
from ..workload.workload import EVEN, RANDOM

_FAR = datetime.max.replace(tzinfo=UTC)


def affine_from(plan: Plan) -> list[int] | None:
    """Numbers of queries at which the total changes its slope; None where it is not made of such pieces."""
    work, assumed, ttl = plan.workload, plan.assumptions, plan.ttl
    # The first queries do something else than later ones: pings need two of them, a second sight three.
    uneven = plan.pinged or plan.seen_twice or plan.idle is not None or assumed.eviction is not None
    if work.grows or work.times or rates_may_change(plan) or (uneven and work.over):
        return None
    # The share of the queries that come too late depends on how many there are.
    if ttl is not None and (work.arrivals == RANDOM or (not plan.refresh and work.spread)):
        return None
    if plan.idle is not None and plan.billed_per != "second":
        return None
    pieces = {1, 2, 3} if uneven or work.over else {1}
    if ttl is not None and work.over:  # from so many on they come within the TTL
        pieces.add(-(-work.over // (ttl or MICROSECOND)) + 1)
    if plan.kind == STORED and plan.cached and work.gap:
        # Rent is a started unit at a time where the cache stands until the last query.
        if work.arrivals != EVEN or (assumed.hold is None and plan.billed_per != "second"):
            return None
        # The last query before the cache is gone; at a rate N queries take N gaps, at a given gap they take N - 1.
        stays = int((assumed.hold or plan.stored.default_ttl) // MICROSECOND // work.gap) + 1
        pieces |= {stays, stays + 1}
    if plan.kind == STORED and plan.cached and work.over and assumed.hold is not None and assumed.hold < work.over:
        return None
    return sorted(pieces)


def never_dearer(plan: Plan) -> bool:
    """Whether no query can cost more than sent fresh, at no instant: no fee, and no read above input."""
    cards = (plan.card, *plan.sheet.changes(plan.workload.start, _FAR))
    return plan.kind == AUTOMATIC and all(
        row.rates["input"].value >= read.value and "fee.cache_hit" not in row.fees
        for card in cards
        for row in card.rows
        for name in ("cache_read", f"cache_read:{AUTOMATIC}")
        if (read := row.rates.get(name))
    )


def rates_may_change(plan: Plan) -> bool:
    """Whether a later query could meet other rates than the first."""
    work = plan.workload
    return bool(work.gap or work.over) and plan.stretches.change(None if work.gap else work.over)
