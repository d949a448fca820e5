"""Strategies side by side: what N queries cost under each, and from which N on caching pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, CachecostError, DifferentCurrencies, NotInForce, NotSold
from ..prices.limits import Refusal
from ..prices.quote import LineItem
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.batches import basis
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..strategies.stored import hold
from ..workload.workload import Workload
from .bill import Bill, crossing
from .break_even import BreakEven
from .candidates import plans
from .measures import (
    Counted,
    Lives,
    Range,
    band,
    break_even_hit_share,
    break_even_rate,
    counted_range,
    disputed_range,
    lives,
    savings_bound,
)
from .price_changes import next_change
from .spacing import Spacing, spacing
from .warnings import cacheable_prompt, notices, refused, too_short


class Answer(NamedTuple):
    """One strategy on one model: totals in the sheet's currency, `savings` against fresh (may be negative).

    `expected` says how expected numbers of hits are known, by closed form or simulated; None where all are counted.
    `refusal`: why the vendor would serve no such request, so that the total is no real bill. `minimum`: tokens that a
    prompt needs to be cached, where even the `longest` has fewer. `free`: every rate of the row is 0.
    """

    sheet: PriceSheet
    version: str
    strategy: str
    context: int
    queries: int
    total: Decimal
    fresh: Decimal
    lines: tuple[LineItem, ...]
    break_even: BreakEven | None = None
    break_even_rate_per_hour: Fraction | None = None
    break_even_hit_share: Fraction | None = None
    savings_bound: Fraction | None = None
    band: tuple[Decimal, Decimal] | None = None
    lives: Lives | None = None
    range: Range | None = None
    hold: timedelta | None = None
    expected: str | None = None
    warnings: tuple[str, ...] = ()
    refusal: Refusal | None = None
    minimum: int | None = None
    longest: int = 0
    free: bool = False
    spacing: Spacing | None = None
    counted: Counted | None = None

    @property
    def model(self) -> str:
        return self.sheet.id

    @property
    def status(self) -> str:
        """`ok`; `refused` or `withdrawn`: the vendor serves no such request; `too_short`: nothing is cached."""
        return self.refusal.status if self.refusal else "too_short" if self.minimum else "ok"

    @property
    def per_query(self) -> Fraction:
        return Fraction(self.total) / self.queries

    @property
    def savings(self) -> Decimal:
        return money.subtract(self.fresh, self.total)

    @property
    def savings_ratio(self) -> Fraction | None:
        return Fraction(self.savings) / Fraction(self.fresh) if self.fresh else None


class Comparison(NamedTuple):
    """All answers, cheapest first; at the same total the simpler strategy comes first, and what the vendor would
    refuse comes last. `left_out` says of each model without an answer why it has none."""

    workload: Workload
    assumptions: Assumptions
    answers: tuple[Answer, ...]
    left_out: tuple[str, ...] = ()

    @property
    def served(self) -> tuple[Answer, ...]:
        """The answers that the vendor would serve."""
        return tuple(answer for answer in self.answers if not answer.refusal)

    @property
    def best(self) -> Answer:
        """The cheapest answer that the vendor would serve; raises Refused where it would serve none."""
        first = self.answers[0]
        if first.refusal:
            raise first.refusal.error(first.model)
        return first

    @property
    def best_paid(self) -> Answer | None:
        """The same among models that are not free."""
        return next((answer for answer in self.served if not answer.free), None)

    def cached_beside(self, best: Answer) -> Answer | None:
        """The cheapest way to cache on the model of an answer; what is too short to be cached comes last."""
        cached = [answer for answer in self.served if answer.strategy != FRESH and answer.sheet is best.sheet]
        return min(cached, key=lambda answer: answer.minimum or 0, default=None)


def compare(
    asks: Sequence[tuple[PriceSheet, Workload]],
    *,
    today: date,
    assumptions: Assumptions | None = None,
    strategies: Sequence[str] = (),
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Comparison:
    """Each workload under every strategy that its sheet sells, or under those named; cheapest first.

    One workload per sheet, since the same document has another number of tokens on another model. `today`
    tells how long ago a sheet was checked. A sheet that cannot answer (NotSold, NotInForce, BadWorkload) where another
    can is left out with the reason. `counted`: by the id of a sheet, the fewest and the most tokens that a document may
    have which was only estimated. Raises DifferentCurrencies where bills differ so.
    """
    asked = assumptions or Assumptions()
    currencies = sorted({sheet.currency for sheet, _ in asks})
    if len(currencies) > 1:
        raise DifferentCurrencies(
            f"bills in {' and '.join(currencies)} cannot be compared without a rate of exchange; ask for them apart"
        )
    answers: list[Answer] = []
    without: list[CachecostError] = []
    for sheet, workload in asks:
        try:
            found, unsold = _answers(sheet, workload, asked, strategies, today, counted.get(sheet.id))
        except (NotSold, NotInForce, BadWorkload) as error:
            without.append(error)
        else:
            answers += found
            without += unsold
    if not answers:
        raise without[0]
    ranked = tuple(sorted(answers, key=lambda answer: (answer.refusal is not None, answer.total)))
    return Comparison(asks[0][1], asked, ranked, tuple(map(str, without)))


def _answers(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    strategies: Sequence[str],
    today: date,
    tokens: tuple[int, int] | None,
) -> tuple[list[Answer], list[NotSold]]:
    """The answers, and why a strategy that is sold at the start has none: a later card stops selling it."""
    offer, refusal = plans(sheet, workload, assumptions, strategies), refused(sheet, workload)
    fresh = Bill(offer[0] if offer[0].strategy == FRESH else Plan(FRESH, workload, sheet, assumptions))
    totals: list[tuple[Bill, Decimal]] = []
    unsold: list[NotSold] = []
    for plan in offer:
        bill = fresh if plan is fresh.plan else Bill(plan)
        try:
            totals.append((bill, bill.total(workload.queries)))
        except NotSold as error:
            unsold.append(NotSold(f"{plan.strategy}: {error}"))
    known = totals if not strategies and fresh.plan is offer[0] and not unsold else None
    change = next_change(sheet, workload, assumptions, known)
    rivals = [(bill.plan, total) for bill, total in totals]
    found = []
    for bill, _ in totals:
        try:
            warnings = notices(bill.plan, today=today) + change
            range_of_tokens = counted_range(bill.plan, *tokens) if tokens else None
            found.append(_answer(bill, fresh, warnings, refusal, rivals, range_of_tokens))
        except NotSold as error:
            unsold.append(NotSold(f"{bill.plan.strategy}: {error}"))
    if not found:
        raise unsold[0]
    return found, unsold


def _answer(
    bill: Bill,
    fresh: Bill,
    warnings: tuple[str, ...],
    refusal: Refusal | None,
    rivals: Sequence[tuple[Plan, Decimal]],
    counted: Counted | None,
) -> Answer:
    plan, queries = bill.plan, bill.plan.workload.queries
    total = bill.total(queries)
    cached = plan.strategy != FRESH
    return Answer(
        sheet=plan.sheet,
        version=plan.sheet.version(plan.card),
        strategy=plan.strategy,
        context=plan.workload.context,
        queries=queries,
        total=total,
        fresh=fresh.total(queries),
        lines=bill.lines(queries),
        break_even=crossing(bill, fresh) if cached else None,
        break_even_rate_per_hour=break_even_rate(plan),
        break_even_hit_share=break_even_hit_share(plan),
        savings_bound=savings_bound(plan, fresh.total(queries)) if cached else None,
        band=band(plan, queries),
        lives=lives(plan, queries),
        range=disputed_range(plan, queries),
        hold=timedelta(microseconds=int(hold(plan, queries)))
        if plan.kind == STORED and plan.cached and plan.idle is None
        else None,
        expected=basis(plan),
        warnings=warnings + (counted.warnings if counted else ()),
        refusal=refusal,
        minimum=too_short(plan),
        longest=cacheable_prompt(plan),
        free=plan.free,
        spacing=None if refusal else spacing(plan, total, rivals),
        counted=counted,
    )
