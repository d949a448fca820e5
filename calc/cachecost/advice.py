"""Which strategy to take for a workload, by how much it leads, what would make another win, and the rule in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from . import arrivals, keepalive, money, slopes
from .bill import candidates, crossing, multiples, priced
from .breakeven import BreakEven
from .changes import PriceChange, changes_ahead
from .measures import Counted, Lives, break_even_hit_share, break_even_rate, counted_range, lives
from .notices import Refusal, cacheable_prompt, notices, refused, too_short
from .sheet import PriceSheet
from .spacing import Spacing, spacing
from .strategy import FRESH, STORED, WRITTEN, Assumptions, Plan
from .thresholds import Found, Looked, Threshold, by_gap, by_hit_share, by_queries
from .workload import Workload


class Ranked(NamedTuple):
    """One strategy, its total, and the numbers of queries at which it costs no more than fresh (None of fresh); the
    totals that the life of automatic entries and the estimated tokens of a document leave open, None where they do
    not; what other pauses between the queries would make of the total."""

    strategy: str
    total: Decimal
    break_even: BreakEven | None
    lives: Lives | None = None
    counted: Counted | None = None
    spacing: Spacing | None = None


class Rule(NamedTuple):
    """When one strategy pays, whatever the workload: what its rates alone imply.

    `hit_share`: at least this share of later queries must hit. `rate`: queries per hour of steady traffic (Poisson
    where written) above which it beats fresh. `gap`: one over that rate. `longer`: another TTL, and the rate above
    which it is the cheaper of the two. `pinged_up_to`: longest gap over which pings cost no more than writing anew.
    `minimum`: the context is below it, and nothing is cached. `never_dearer` than fresh, whatever hits.
    """

    strategy: str
    hit_share: Fraction | None = None
    rate: Fraction | None = None
    gap: timedelta | None = None
    longer: tuple[str, Fraction] | None = None
    pinged_up_to: timedelta | None = None
    minimum: int | None = None
    never_dearer: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """The strategies of one sheet, cheapest first (the simpler one at a tie), and what would turn their order.
    `expected` says how expected numbers of hits are known; None where all are counted."""

    sheet: PriceSheet
    version: str
    workload: Workload
    assumptions: Assumptions
    ranking: tuple[Ranked, ...]
    thresholds: tuple[Threshold, ...]
    looked: tuple[Looked, ...]
    changes: tuple[PriceChange, ...]
    rules: tuple[Rule, ...]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expected: str | None = None
    refusal: Refusal | None = None
    """Why the vendor would serve no such request, so that no strategy is recommended."""

    longest: int = 0
    """Tokens of the longest prefix that could be cached, were there no minimum."""

    @property
    def status(self) -> str:
        return self.refusal.status if self.refusal else "ok"

    @property
    def best(self) -> Ranked:
        return self.ranking[0]

    @property
    def runner_up(self) -> Ranked | None:
        return self.ranking[1] if len(self.ranking) > 1 else None

    @property
    def lead(self) -> Decimal | None:
        """What the runner-up costs more."""
        return money.subtract(self.runner_up.total, self.best.total) if self.runner_up else None

    @property
    def lives(self) -> Lives | None:
        """The totals of an automatic cache between which the vendor leaves it open how long entries live."""
        return next((each.lives for each in self.ranking if each.lives), None)

    @property
    def fresh(self) -> Decimal:
        return next(each.total for each in self.ranking if each.strategy == FRESH)


def plan(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    *,
    today: date | None = None,
    counted: tuple[int, int] | None = None,
) -> Advice:
    """The cheapest strategy that the sheet sells to a workload, and what would have to change for another to win.

    `today` tells how long ago the sheet was checked; without it there are no warnings.
    `counted`: the fewest and the most tokens of a document which were only estimated.
    Raises NotInForce before the first rate card and NotSold where even fresh has no price.
    """
    found, unsold = priced(sheet, workload, assumptions, offer=candidates)
    bills = [bill for bill, _ in found]
    fresh, queries = bills[0], workload.queries
    best = min(found, key=lambda each: each[1])[0]
    refusal, rivals = refused(sheet, workload), [(bill.plan, total) for bill, total in found]
    ranking = [
        Ranked(
            bill.plan.strategy,
            total,
            None if bill is fresh else crossing(bill, fresh),
            lives(bill.plan, queries),
            counted_range(bill.plan, *counted) if counted else None,
            None if refusal else spacing(bill.plan, total, rivals),
        )
        for bill, total in sorted(found, key=lambda each: each[1])
        if not bill.plan.pinged or bill.plan.pings(queries)
    ]
    turns: list[Found | None] = [
        by_queries(bills, best, queries),
        by_gap(sheet, workload, assumptions, best.plan.strategy),
        by_hit_share(sheet, workload, assumptions, bills, best),
    ]
    told = [turn for turn in turns if turn]
    warnings = notices(best.plan, today=today) if today else ()
    warnings += ranking[0].counted.warnings if ranking[0].counted else ()
    return Advice(
        sheet,
        sheet.version(fresh.plan.card),
        workload,
        assumptions,
        tuple(ranking),
        tuple(threshold for thresholds, _ in told for threshold in thresholds),
        tuple(looked for _, looked in told),
        tuple(changes_ahead(sheet, workload, assumptions, offer=candidates)),
        rules([bill.plan for bill in bills]),
        tuple(map(str, unsold)),
        warnings,
        next((bill.plan.told for bill in bills if bill.plan.told), None),
        refusal=refusal,
        longest=max(cacheable_prompt(bill.plan) for bill in bills),
    )


def rules(plans: Sequence[Plan]) -> tuple[Rule, ...]:
    """The rule of each strategy that caches."""
    return tuple(_rule(each, plans) for each in plans if each.kind != FRESH)


def _rule(each: Plan, plans: Sequence[Plan]) -> Rule:
    if minimum := too_short(each):
        return Rule(each.strategy, minimum=minimum)
    if each.pinged:
        return _pinged(each)
    if each.kind == WRITTEN:
        return _written(each, plans)
    if each.kind != STORED:
        return Rule(each.strategy, never_dearer=slopes.never_dearer(each))
    rate = break_even_rate(each)
    gap = timedelta(microseconds=int(3_600_000_000 / rate)) if rate else None
    return Rule(each.strategy, rate=rate, gap=gap)


def _pinged(each: Plan) -> Rule:
    """Rate ln(1/(1-r))/TTL and gap TTL x floor(1/r) up to which pings for ever cost no more than sending fresh."""
    read = multiples(each)[1]
    if not each.ttl or not 0 < read < 1:
        return Rule(each.strategy)
    rate = Fraction(keepalive.fresh_rate(read, each.ttl))
    return Rule(each.strategy, rate=rate, gap=each.ttl * (1 // read))


def _written(each: Plan, plans: Sequence[Plan]) -> Rule:
    """Hit share (w-1)/(w-r), rate ln((w-r)/(1-r))/TTL, and the crossing with the next longer TTL."""
    share = break_even_hit_share(each)
    if share is None:
        return Rule(each.strategy)
    terms, ttl = each.card.caching.written, each.ttl
    if not ttl or terms is None or not terms.refresh:
        return Rule(each.strategy, share)
    write, read = multiples(each)
    found = arrivals.break_even_rate(write, read, ttl)
    longer = [
        (other.strategy, Fraction(rate))
        for other in plans
        if other.kind == WRITTEN and not other.pinged and other.ttl is not None and other.ttl > ttl
        if (rate := arrivals.longer_ttl_rate((write, ttl), (multiples(other)[0], other.ttl), read)) is not None
    ]
    return Rule(
        each.strategy,
        share,
        rate=None if found is None else Fraction(found),
        longer=min(longer, key=lambda pair: pair[1]) if longer else None,
        pinged_up_to=keepalive.longest_gap(write, read, ttl) if read else None,
    )
