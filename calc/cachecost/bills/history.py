"""What a workload would have cost under every rate card of a model."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from ..errors import BadWorkload, NotSold
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet, Version
from ..prices.warnings import Refusal
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, STORED, WRITTEN
from ..workload.workload import Workload
from .bill import crossing
from .break_even import BreakEven
from .candidates import priced
from .comparison import Ranked
from .measures import read_discount
from .rules import rules
from .warnings import LeftOut, notices, refused, unanswered


class Era(NamedTuple):
    """One rate card of a model and what the workload costs under it; no amounts where the vendor would have refused it.

    `cache`: the strategy that costs money to keep, stored or the first TTL written (automatic where only that is
    sold, None without a cache); `break_even`, `rate` per hour above which it pays and `discount` on a read are its.
    """

    sheet: PriceSheet
    card: RateCard
    strategy: str | None = None
    total: Decimal | None = None
    fresh: Decimal | None = None
    cache: str | None = None
    break_even: BreakEven | None = None
    rate: Fraction | None = None
    discount: Fraction | None = None
    refusal: Refusal | None = None
    ends: tuple[Decimal, Decimal] | None = None
    """Lowest and highest total over what the question leaves open."""
    warnings: tuple[str, ...] = ()
    """What to know about the cheapest strategy."""

    @property
    def version(self) -> Version:
        return self.sheet.version(self.card)

    @property
    def notices(self) -> tuple[str, ...]:
        """Why the vendor would have refused, or the warnings."""
        return (self.refusal.warning,) if self.refusal else self.warnings


def over_history(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    *,
    tokens: tuple[int, int] | None = None,
    today: date | None = None,
) -> tuple[tuple[Era, ...], tuple[LeftOut, ...]]:
    """The workload as if begun at each rate card's first instant and billed by that card alone, oldest first.

    Cards that change no rate, and nothing about whether the workload is served, are skipped, as are the cancelled and
    the withdrawn; raises NotSold if none is left. `tokens`: the fewest and the most of a document which were only
    estimated. `today` tells how long ago a source of the sheet was read; without it there are no warnings.
    """
    eras: list[Era] = []
    left_out: list[LeftOut] = []
    before: object = None
    for card in sheet.cards:
        if card.status in ("cancelled", "withdrawn"):
            continue
        alone, work = replace(sheet, cards=(card,)), replace(workload, start=card.effective)
        unserved = refused(alone, work)
        if before == (now := (card.rows, card.caching.kinds, unserved is None)):
            continue
        before = now
        if unserved:
            eras.append(Era(alone, card, refusal=unserved))
            continue
        try:
            eras.append(_era(alone, work, assumptions, tokens, today))
        except (NotSold, BadWorkload) as error:
            left_out.append(LeftOut(sheet.version(card), "not-sold", str(error)))
    if not eras:
        raise NotSold(left_out[0].why if left_out else f"{sheet.id} has no rate card that was ever in force")
    return tuple(eras), tuple(left_out)


def all_history(
    asks: Iterable[tuple[PriceSheet, Workload]],
    assumptions: Assumptions,
    *,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
    today: date | None = None,
) -> tuple[tuple[Era, ...], tuple[LeftOut, ...]]:
    """The same of several models, in order of their cards; NotSold where no card of any serves the workload."""
    eras: list[Era] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        try:
            eras_of_model, without = over_history(
                sheet, workload, assumptions, tokens=counted.get(sheet.id), today=today
            )
        except NotSold as error:
            left_out.append(LeftOut(sheet.id, error.kind, error.reason))
            continue
        eras += eras_of_model
        left_out += without
    if not eras:
        raise unanswered(left_out)
    return tuple(sorted(eras, key=lambda each: each.card.effective)), tuple(left_out)


def _era(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, tokens: tuple[int, int] | None, today: date | None
) -> Era:
    offered = priced(sheet, workload, assumptions)
    (fresh, fresh_total), (bill, total) = offered.bills[0], offered.best
    warnings, ends = notices(bill.plan, today=today) if today else (), Ranked(bill, tokens=tokens).ends
    strategy = bill.plan.strategy
    era = Era(sheet, fresh.plan.card, strategy, total, fresh_total, ends=ends, warnings=warnings)
    cached = [each for each, _ in offered.bills if each.plan.kind != FRESH]
    if not cached:
        return era
    cheapest = min(cached, key=lambda each: (STORED, WRITTEN, each.plan.kind).index(each.plan.kind))
    discount = read_discount(cheapest.plan)
    (rule,) = (each for each in rules([one.plan for one in cached]) if each.strategy == cheapest.plan.strategy)
    pays = crossing(cheapest, fresh)
    return era._replace(cache=cheapest.plan.strategy, break_even=pays, rate=rule.rate, discount=discount)
