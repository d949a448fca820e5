"""What a bill becomes where the queries come further apart than cache entries live, and which strategy is safe."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import NamedTuple

from ..errors import BadWorkload, NotInForce, NotSold
from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from ..strategies.outcomes import later
from ..strategies.plan import Plan
from ..workload.workload import EVEN, Workload
from .bill import Bill
from .warnings import too_short

STEP = timedelta(seconds=1)
FEW = Fraction(1, 20)
"""A share of later queries that come too late, below which entries count as safe where queries come by a law."""


def _near(pause: timedelta, ttl: timedelta) -> bool:
    """Whether a pause is longer than four fifths of a TTL, so that little is missing to outlive the entry."""
    return pause * 5 > ttl * 4


class Safe(NamedTuple):
    """Another strategy of the same model whose entries outlive the pause by far, and its total for the same workload.
    `up_to`: the longest pause that they outlive, None where it has no end."""

    strategy: str
    total: Decimal
    up_to: timedelta | None


class Spacing(NamedTuple):
    """How a bill hangs on the pause between two queries.

    `ttl`: how long an entry lives after its last use. `gap`: the pause, near the TTL or longer; None where no
    spacing was asked about and all queries come within the TTL. `total`: the bill with a pause on the other side of
    the TTL: a second longer than the TTL where the gap is within it, the TTL itself where the gap is longer. `mixed`:
    instants are given, and pauses of another length (inside a burst, over night) stay as they are. `by_law`: `gap` is
    the mean pause, and `total` the bill with one twice as long; `safe` loses hardly any entry at the mean asked about.
    `planned`: the bill of the question itself.
    """

    planned: Decimal
    currency: str
    ttl: timedelta
    gap: timedelta | None
    total: Decimal
    safe: Safe | None
    mixed: bool = False
    by_law: bool = False

    @property
    def late(self) -> bool:
        """Whether the queries already come after the entries have expired."""
        return self.gap is not None and self.gap > self.ttl


def spacing(plan: Plan, total: Decimal, rivals: Sequence[tuple[Plan, Decimal]]) -> Spacing | None:
    """What the pauses do to a plan of this total; None where they do next to nothing. `rivals`: the plans of the same
    model and their totals."""
    work, ttl = plan.workload, plan.ttl
    single = plan.kind in (WRITTEN, AUTOMATIC) and not plan.pinged and not plan.seen_twice
    if not single or not ttl or work.queries < 2 or too_short(plan):
        return None
    if work.arrivals != EVEN:
        return None if work.office else _by_law(plan, ttl, total, rivals)
    gap = None
    if work.spread:
        gap = work.pause
        if not _near(gap, ttl):
            return None
    pause = ttl if gap is not None and gap > ttl else ttl + STEP
    other = _spaced(work, pause)
    with suppress(NotSold, NotInForce, BadWorkload):
        changed = Bill(plan.but(workload=other)).total(work.queries)
        if changed != total:
            safe = None if gap is None else _safe(max(gap, pause), rivals)
            return Spacing(total, plan.sheet.currency, ttl, gap, changed, safe, mixed=bool(work.times))
    return None


def _by_law(plan: Plan, ttl: timedelta, total: Decimal, rivals: Sequence[tuple[Plan, Decimal]]) -> Spacing | None:
    """The same where queries come by a law: what twice the mean pause does, where entries are lost already."""
    work = plan.workload
    rarer = replace(work, rate=work.rate and work.rate / 2, over=work.over and work.over * 2)
    with suppress(NotSold, NotInForce, BadWorkload):
        if later(plan, work.queries).late < FEW:
            return None
        changed = Bill(plan.but(workload=rarer)).total(work.queries)
        if changed != total:
            timely = [(each, its) for each, its in rivals if not each.ttl or later(each, work.queries).late < FEW]
            safe = _safe(timedelta(0), timely)
            return Spacing(total, plan.sheet.currency, ttl, work.pause, changed, safe, by_law=True)
    return None


def _spaced(work: Workload, pause: timedelta) -> Workload:
    """The workload with another pause between its queries; of given instants the others keep their distance."""
    if not work.times:
        return replace(work, every=pause, over=None, rate=None)
    steps = (later - earlier for earlier, later in pairwise(work.times))
    changed = (pause if step == work.pause else step for step in steps)
    return replace(work, times=tuple(accumulate(changed, initial=work.times[0])))


def _safe(pause: timedelta, rivals: Sequence[tuple[Plan, Decimal]]) -> Safe | None:
    """The cheapest of the plans whose entries live well beyond a pause."""
    choices = []
    for plan, total in rivals:
        is_held = plan.kind == STORED and plan.cached and plan.idle is None and plan.assumptions.hold is None
        alive = plan.kind == WRITTEN and not plan.pinged and plan.cached and plan.ttl is not None
        if is_held:
            choices.append(Safe(plan.strategy, total, None))
        elif alive and plan.ttl is not None and not _near(pause, plan.ttl):
            choices.append(Safe(plan.strategy, total, plan.ttl))
    return min(choices, key=lambda each: each.total, default=None)
