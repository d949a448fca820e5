"""Cost against the number of queries: one line a strategy, at chosen points."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from ..bills.bill import Bill, crossing
from ..bills.break_even import BreakEven
from ..bills.candidates import next_change, plans
from ..bills.measures import counted_range, longest_life, over_tokens
from ..bills.spacing import Spacing, spacing
from ..bills.warnings import LeftOut, notices, refused, too_short
from ..errors import BadWorkload, CachecostError, NotInForce, NotSold, Refused
from ..prices.caching import Lifetime
from ..prices.sheet import PriceSheet
from ..prices.warnings import Refusal, refusal
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH
from ..strategies.plan import Plan
from ..workload.workload import Workload
from .lines import over_queries


class Line(NamedTuple):
    """One strategy: its totals at the curve's points, and where it crosses fresh."""

    strategy: str
    totals: tuple[Decimal, ...]
    break_even: BreakEven | None
    refusals: tuple[Refusal | None, ...]
    """Those of the curve."""
    last: int
    """The place of the largest number of queries that is served; 0 where none is."""
    minimum: int | None = None
    """Tokens that a prompt needs to be cached, where none has so many."""
    warnings: tuple[str, ...] = ()
    """What `compare` warns of at the largest number of queries that is served."""
    lifetime: Lifetime | None = None
    """The lives that the vendor names for automatic entries, where the totals depend on them."""
    longest: tuple[Decimal, ...] = ()
    """The totals at the longest of these lives; `totals` are those at the shortest."""
    estimated: tuple[tuple[Decimal, Decimal], ...] = ()
    """Lowest and highest total at each point, where the tokens of a document were only estimated."""
    spacing: Spacing | None = None
    """What other pauses between the queries would make of the largest total that is served."""

    @property
    def lows(self) -> tuple[Decimal, ...]:
        return tuple(map(min, self.totals, *self._others))

    @property
    def highs(self) -> tuple[Decimal, ...]:
        return tuple(map(max, self.totals, *self._others))

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest total at the largest number of queries that is served."""
        return self.lows[self.last], self.highs[self.last]

    def served(self, totals: Sequence[Decimal]) -> tuple[Decimal | None, ...]:
        """Totals at the points, None where the vendor would refuse."""
        pairs = zip(totals, self.refusals, strict=True)
        return tuple(None if refusal else total for total, refusal in pairs)

    @property
    def unserved(self) -> list[str]:
        """Why the vendor would refuse at some of the points, each reason once."""
        return list(dict.fromkeys(refusal.warning for refusal in self.refusals if refusal))

    @property
    def _others(self) -> list[tuple[Decimal, ...]]:
        """Other totals at the points that the question leaves open, with the totals once more where it leaves none."""
        return [self.longest or self.totals, *zip(*self.estimated, strict=True)]


class Curve(NamedTuple):
    """The totals of one model at so many queries each (`points`), a line a strategy, in the currency of its sheet."""

    sheet: PriceSheet
    version: str
    workload: Workload
    points: Sequence[int]
    lines: tuple[Line, ...]
    refusal: Refusal | None = None
    """Why the vendor would refuse the first of these queries, and so all."""
    refusals: tuple[Refusal | None, ...] = ()
    """The same of each point: a card that begins before a point's last query may refuse it."""

    @property
    def statuses(self) -> tuple[str, ...]:
        return tuple(refusal.status if refusal else "ok" for refusal in self.refusals)

    @property
    def last(self) -> int:
        """The place of the largest number of queries that is served; 0 where none is."""
        return self.lines[0].last


def curves(
    asks: Iterable[tuple[PriceSheet, Workload]],
    points: Sequence[int],
    *,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
    **said: Any,
) -> tuple[list[Curve], list[str]]:
    """The curve of each model, and why others have none; raises the first of these reasons where none has one.

    `counted`: by model, and `said`: what else `curve` takes."""
    served: list[Curve] = []
    without: list[tuple[str, CachecostError]] = []
    for sheet, work in asks:
        try:
            drawn = curve(sheet, work, points, counted=counted.get(sheet.id), **said)
            if drawn.refusal:
                raise drawn.refusal.error(sheet.id)
        except (NotSold, NotInForce, BadWorkload, Refused) as error:
            without.append((sheet.id, error))
        else:
            served.append(drawn)
    if not served:
        raise without[0][1]
    return served, [LeftOut(model, error.kind, error.reason).text for model, error in without]


def curve(
    sheet: PriceSheet,
    workload: Workload,
    points: Sequence[int],
    *,
    assumptions: Assumptions,
    strategies: Sequence[str] = (),
    today: date | None = None,
    counted: tuple[int, int] | None = None,
) -> Curve:
    """Totals of every strategy that the sheet sells, or of those named, at each number of queries.

    `today` tells how long ago a source of the sheet was read; without it there are no warnings.
    `counted`: the fewest and the most tokens of a document which were only estimated.
    Raises what `compare` raises. Where a bill is a straight line between two known points only its ends are
    quoted; exact arithmetic makes the rest equal to the quotes, to the last digit.
    """
    if min(points, default=1) < 1:
        raise BadWorkload("expected points from 1 on", word="queries")
    fresh = Bill(Plan(FRESH, workload, sheet, assumptions))
    last = workload.first(max(points, default=1))
    over = refused(sheet, last)
    refusals = tuple(over and refused(sheet, workload.first(n)) for n in points)
    served = (place for place, refusal in enumerate(refusals) if not refusal)
    place = max(served, key=points.__getitem__, default=None)
    last = last.first(1 if place is None else points[place])
    change = next_change(sheet, last, assumptions) if today else ()
    offered = plans(sheet, workload, assumptions, strategies)
    totals = [_totals(plan, points) for plan in offered]
    at_last = [plan.but(workload=last) for plan in offered]
    rivals = [(plan, of_points[place or 0]) for plan, of_points in zip(at_last, totals, strict=True)] if points else []
    lines = []
    for plan, of_points, at_end in zip(offered, totals, at_last, strict=True):
        warnings = (*notices(at_end, today=today), *change) if today else ()
        warnings += counted_range(at_end, *counted).warnings if counted else ()
        pays = None if plan.strategy == FRESH else crossing(Bill(plan), fresh)
        life = longest_life(plan)
        longest = _totals(life, points) if life else of_points
        lives = (plan.lifetime, longest) if longest != of_points else (None, ())
        estimated = _estimated(plan, points, *counted) if counted else ()
        spaced = None if place is None else spacing(at_end, of_points[place], rivals)
        head = plan.strategy, of_points, pays, refusals, place or 0, too_short(plan), warnings
        lines.append(Line(*head, *lives, estimated, spaced))
    card = fresh.plan.card
    unserved = refusal(card, prompt=workload.prompt, answer=workload.answer)
    return Curve(sheet, sheet.version(card), workload, points, tuple(lines), unserved, refusals)


def _estimated(plan: Plan, points: Sequence[int], fewest: int, most: int) -> tuple[tuple[Decimal, Decimal], ...]:
    """Lowest and highest total at each point, over the tokens that a document may have."""
    ranges = []
    for other in over_tokens(plan, fewest, most):
        with suppress(NotSold):
            ranges.append(_totals(other, points))
    return tuple((min(totals), max(totals)) for totals in zip(*ranges, strict=True))


def _totals(plan: Plan, points: Sequence[int]) -> tuple[Decimal, ...]:
    work = plan.workload
    longest = work if work.times or not points else replace(work, queries=max(points))
    return tuple(over_queries(Bill(Plan(plan.strategy, longest, plan.sheet, plan.assumptions)), points))
