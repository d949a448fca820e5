"""Whether a strategy's bill is a straight line in the number of queries, and between which numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..strategies.names import AUTOMATIC, STORED
from ..workload.workload import EVEN, RANDOM

if TYPE_CHECKING:
    from ..strategies.plan import Plan

_MICROSECOND = timedelta(microseconds=1)
_FAR = datetime.max.replace(tzinfo=UTC)


def affine_from(plan: Plan) -> list[int] | None:
    """Numbers of queries at which the total changes its slope; None where it is not made of such pieces."""
    work, asked = plan.workload, plan.assumptions
    pieces = {1, 2, 3}
    expected = plan.pinged or plan.seen_twice or plan.idle is not None or asked.eviction is not None
    if expected and (work.over or (plan.idle is not None and plan.billed_per != "second")):
        return None
    if work.times or (plan.ttl is not None and not plan.refresh and (work.gap or work.over)):
        return None
    if rates_may_change(plan) or work.grows or (work.arrivals == RANDOM and plan.ttl is not None):
        return None
    if plan.ttl is not None and work.over:
        pieces.add(-(-work.over // (plan.ttl or timedelta.resolution)) + 1)
    if plan.kind == STORED and plan.cached and work.gap:
        stored = plan.card.caching.stored
        assert stored is not None
        if work.arrivals != EVEN or (asked.hold is None and plan.billed_per != "second"):
            return None
        stays = int((asked.hold or stored.default_ttl) // _MICROSECOND // work.gap) + 1
        pieces |= {stays, stays + 1}  # at a rate N queries take N gaps, at a given gap they take N - 1
    if plan.kind == STORED and plan.cached and work.over and asked.hold is not None and asked.hold < work.over:
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
    work, card = plan.workload, plan.card
    if not work.gap and not work.over:
        return False
    end = _FAR if work.gap else work.start + (work.over or timedelta(0))
    windows = any(row.window for row in card.rows if row.service == plan.assumptions.service)
    changes = plan.sheet.changes(work.start, end)
    return windows or any((later.rows, later.caching) != (card.rows, card.caching) for later in changes)
