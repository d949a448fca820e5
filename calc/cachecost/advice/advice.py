"""Which strategy to take for a workload, by how much it leads, what would make another win, and the rule in words; and
which of many models."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from .. import money
from ..bills.candidates import candidates, change_in_words, changes_ahead, priced
from ..bills.comparison import Ranked
from ..bills.measures import Lives
from ..bills.rules import rules
from ..bills.warnings import LeftOut, cacheable_prompt, least_to_cache, notices, refused, unanswered
from ..errors import BadWorkload, NotInForce, NotSold
from ..prices.sheet import PriceSheet
from ..prices.terms import usual_currency
from ..strategies.assumptions import Assumptions
from ..strategies.batches import basis
from ..strategies.names import FRESH
from ..strategies.outcomes import pings
from ..units import counted
from ..workload.workload import Workload
from .thresholds import Found, by_gap, by_hit_share, by_queries


class Advice:
    """The strategies of one sheet for a workload, cheapest first (the simpler one at a tie), and what would turn their
    order.

    `today` tells how long ago a source of the sheet was read; without it there are no warnings. `counted`: the fewest
    and the most tokens of a document which were only estimated. `turns`: also work out what would turn the order,
    break-evens and rules; they take most of the time.

    `expected` says how expected numbers of hits are known; None where all are counted. `free`: every rate is 0.
    `refusal`: why the vendor would serve no such request, so that no strategy is recommended. `longest`: tokens of the
    longest prefix that could be cached, were there no minimum; `minimum`: the fewest that any strategy caches, where no
    prefix has so many.

    Raises NotInForce before the first rate card and NotSold where even fresh has no price.
    """

    def __init__(
        self,
        sheet: PriceSheet,
        workload: Workload,
        assumptions: Assumptions,
        *,
        today: date | None = None,
        counted: tuple[int, int] | None = None,
        turns: bool = True,
    ) -> None:
        offered = priced(sheet, workload, assumptions, offer=candidates)
        bills = [bill for bill, _ in offered.bills]
        fresh, best, plans = bills[0], offered.best[0], [bill.plan for bill in bills]
        self.sheet, self.version, self.workload = sheet, sheet.version(fresh.plan.card), workload
        self.assumptions, self.refusal, self.free = assumptions, refused(sheet, workload), fresh.plan.free
        rivals = [(bill.plan, total) for bill, total in offered.bills]
        self.ranking = [
            Ranked(bill, rivals, fresh=fresh if turns else None, tokens=counted, refusal=self.refusal)
            for bill, _ in sorted(offered.bills, key=lambda each: each[1])
            if not bill.plan.pinged or pings(bill.plan, workload.queries)
        ]
        tried: list[Found | None] = []
        if turns:
            tried = [
                by_queries(bills, best, workload.queries),
                by_gap(sheet, workload, assumptions, best.plan.strategy),
                by_hit_share(bills, best),
            ]
        self.thresholds = [threshold for each in tried if each for threshold in each[0]]
        self.looked = [each[1] for each in tried if each]
        self.changes = changes_ahead(sheet, workload, assumptions, offer=candidates, known=offered)
        self.rules = rules(plans) if turns else ()
        self.left_out = [*map(str, offered.unsold)]
        self.warnings = notices(best.plan, today=today) if today else ()
        self.warnings += self.best.counted.warnings if self.best.counted else ()
        self.expected = next(filter(None, map(basis, plans)), None)
        self.longest, self.minimum = max(map(cacheable_prompt, plans)), least_to_cache(plans)

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
    def too_short(self) -> str:
        """`too short to cache: 100 tokens, the minimum is 512`; nothing where something is cached."""
        if not self.minimum:
            return ""
        return f"too short to cache: {counted(self.longest, 'token')}, the minimum is {self.minimum:,}"

    @property
    def notices(self) -> tuple[str, ...]:
        """The changes that are announced and the warnings, in words."""
        return (*map(change_in_words, self.changes), *filter(None, [self.too_short]), *self.warnings)

    @property
    def fresh(self) -> Decimal:
        return next(each.total for each in self.ranking if each.strategy == FRESH)


class Survey(NamedTuple):
    """The advice for every model that serves the workload, cheapest first, all in one currency."""

    currency: str
    advices: tuple[Advice, ...]
    left_out: tuple[LeftOut, ...]


def across(
    asks: Iterable[tuple[PriceSheet, Workload]],
    assumptions: Assumptions,
    *,
    today: date,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Survey:
    """The advice for each sheet, without what would turn it; one workload a sheet, since tokens differ between models.
    `counted`: by the id of a sheet, the fewest and the most tokens of a document which were only estimated.

    Only the usual currency of the models is ranked. A model for which the workload cannot be worked out
    (a simulation without numpy, or of too many queries) is left out. Raises NotSold where nothing is left, Refused
    where every vendor would refuse, or BadWorkload where it can be worked out for none.
    """
    advices: list[Advice] = []
    left_out: list[LeftOut] = []
    bad: BadWorkload | None = None
    for sheet, workload in asks:
        try:
            if refusal := refused(sheet, workload):
                left_out.append(LeftOut(sheet.id, refusal.kind, refusal.why))
            else:
                ends = counted.get(sheet.id)
                advices.append(Advice(sheet, workload, assumptions, today=today, counted=ends, turns=False))
        except (NotSold, NotInForce, BadWorkload) as error:
            left_out.append(LeftOut(sheet.id, error.kind, error.reason))
            bad = bad or (error if isinstance(error, BadWorkload) else None)
    if not advices and bad:
        raise bad
    if not advices:
        raise unanswered(left_out)
    currency = usual_currency(each.sheet for each in advices)
    left_out += [
        LeftOut(each.sheet.id, "currency", f"bills in {each.sheet.currency}, not in {currency}")
        for each in advices
        if each.sheet.currency != currency
    ]
    ranked = sorted((each for each in advices if each.sheet.currency == currency), key=lambda each: each.best.total)
    return Survey(currency, tuple(ranked), tuple(left_out))
