"""Strategies side by side: what N queries cost under each, and from which N on caching pays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, CachecostError, DifferentCurrencies, NotInForce, NotSold
from ..prices.sheet import PriceSheet
from ..prices.warnings import Refusal
from ..selfhosted.serving import AS_ON_PAGES
from ..strategies.assumptions import Assumptions
from ..strategies.batches import basis
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..strategies.stored import hold
from ..workload.workload import Workload
from .bill import Bill, affordable, crossing
from .candidates import plans, priced
from .machine import machine_alone, speeds
from .measures import (
    Counted,
    Range,
    band,
    break_even_hit_share,
    break_even_rate,
    counted_range,
    disputed_range,
    lives,
    open_range,
    savings_bound,
)
from .price_changes import PriceChange, change_in_words, changes_ahead
from .reserved import Reservation, reservations
from .spacing import spacing
from .warnings import LeftOut, cacheable_prompt, notices, refused, too_short

NO_DEPLOYMENT = (
    "says how a self-hosted model is served, and no model here is self-hosted; name llama-3.1-70b@aws/p5.48xlarge"
)


class Answer:
    """One strategy on one model: totals in the sheet's currency, `savings` against fresh (may be negative).

    `expected` says how expected numbers of hits are known, by closed form or simulated; None where all are counted.
    `refusal`: why the vendor would serve no such request, so that the total is no real bill. `minimum`: tokens that a
    prompt needs to be cached, where even the `longest` has fewer. `free`: every rate of the row is 0. `speeds`,
    `machine`: what the speed of a self-hosted machine leaves open, and what it costs whether it works or not.
    """

    def __init__(
        self,
        bill: Bill,
        fresh: Bill,
        rivals: Sequence[tuple[Plan, Decimal]],
        *,
        notices: tuple[str, ...],
        changes: tuple[PriceChange, ...],
        refusal: Refusal | None,
        counted: Counted | None,
        budget: Decimal | None = None,
    ) -> None:
        plan = bill.plan
        work, queries, cached = plan.workload, plan.workload.queries, plan.strategy != FRESH
        self.sheet, self.strategy, self.version = plan.sheet, plan.strategy, plan.sheet.version(plan.card)
        self.workload, self.context, self.queries = work, work.context, queries
        self.total, self.fresh, self.lines = bill.total(queries), fresh.total(queries), bill.lines(queries)
        self.break_even = crossing(bill, fresh) if cached else None
        self.break_even_rate_per_hour = break_even_rate(plan)
        self.break_even_hit_share = break_even_hit_share(plan)
        self.savings_bound = savings_bound(plan, self.fresh) if cached else None
        self.speeds, self.machine = speeds(plan), machine_alone(bill)
        self.band, self.lives = band(plan, queries), lives(plan, queries)
        totals = sorted(each.total for each in self.speeds)
        self.range = Range(totals[0], totals[-1], ()) if totals else disputed_range(plan, queries)
        stands = plan.kind == STORED and plan.cached and plan.idle is None
        self.hold = timedelta(microseconds=int(hold(plan, queries))) if stands else None
        self.expected = basis(plan)
        self.notices, self.changes = notices, changes
        self.refusal, self.counted = refusal, counted
        self.minimum, self.longest, self.free = too_short(plan), cacheable_prompt(plan), plan.free
        self.spacing = None if refusal else spacing(plan, self.total, rivals)
        self.affordable = None if budget is None or refusal or plan.free else affordable(bill, budget)

    @property
    def model(self) -> str:
        return self.sheet.id

    @property
    def status(self) -> str:
        """`ok`; `refused` or `withdrawn`: the vendor serves no such request; `too_short`: nothing is cached."""
        return self.refusal.status if self.refusal else "too_short" if self.minimum else "ok"

    @property
    def fits(self) -> int | None:
        """Tokens of context that the vendor would take in place of too many; None where that is not what it refuses."""
        too_long = self.refusal is not None and self.refusal.kind in ("context", "input")
        return max(0, self.context - self.refusal.over) if too_long and self.refusal else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before believing the bill, what is announced, and what lies inside the range of an estimate."""
        return (*self.notices, *map(change_in_words, self.changes), *(self.counted.warnings if self.counted else ()))

    @property
    def uncertain(self) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest total over the tokens of an estimated document, or over the speed of a machine."""
        if self.counted:
            return self.counted[:2]
        return (self.speeds[0].total, self.speeds[-1].total) if self.speeds else None

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """Lowest and highest total over what is left open."""
        return open_range(self.total, self.lives, self.counted, (each.total for each in self.speeds))

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
    refuse comes last. `left_out` says of each model without an answer why it has none. `budget`: money, of which each
    answer says how many queries it buys. `reserved`: what capacity would cost that is rented by the hour."""

    workload: Workload
    assumptions: Assumptions
    answers: tuple[Answer, ...]
    left_out: tuple[str, ...] = ()
    budget: Decimal | None = None
    reserved: tuple[Reservation, ...] = ()

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
    budget: Decimal | None = None,
) -> Comparison:
    """Each workload under every strategy that its sheet sells, or under those named; cheapest first.

    One workload per sheet, since the same document has another number of tokens on another model. `today`
    tells how long ago its source was read. A sheet that cannot answer (NotSold, NotInForce, BadWorkload) where another
    can is left out with the reason. `counted`: by the id of a sheet, the fewest and the most tokens that a document may
    have which was only estimated. `budget`: work out how many queries it buys. Raises DifferentCurrencies where bills
    differ so, and BadWorkload without a sheet.
    """
    if not asks:
        raise BadWorkload("expected one sheet or more, each with its workload", word="model")
    assumed = assumptions or Assumptions()
    if assumed.serving != AS_ON_PAGES and not any(sheet.meter.cards for sheet, _ in asks):
        raise BadWorkload(NO_DEPLOYMENT, word=assumed.serving.word)
    refuse_mixed(sheet for sheet, _ in asks)
    answers: list[Answer] = []
    without: list[tuple[PriceSheet, CachecostError]] = []
    for sheet, workload in asks:
        try:
            answered, unsold = _answers(sheet, workload, assumed, strategies, today, counted.get(sheet.id), budget)
        except (NotSold, NotInForce, BadWorkload) as error:
            without.append((sheet, error))
        else:
            answers += answered
            without += [(sheet, error) for error in unsold]
    if not answers:
        raise without[0][1]
    ranked = tuple(sorted(answers, key=lambda answer: (answer.refusal is not None, answer.total)))
    reserved, unspread = reservations(ranked, asks)
    reasons = [LeftOut(sheet.id, error.kind, error.reason).text for sheet, error in without]
    return Comparison(asks[0][1], assumed, ranked, (*reasons, *unspread), budget, tuple(reserved))


def refuse_mixed(sheets: Iterable[PriceSheet]) -> None:
    """DifferentCurrencies where bills of several currencies would stand side by side."""
    currencies = sorted({sheet.currency for sheet in sheets})
    if len(currencies) > 1:
        several = " and ".join(currencies)
        raise DifferentCurrencies(
            f"bills in {several} cannot be compared without a rate; give one, such as CNY=0.14", word="exchange"
        )


def _answers(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    strategies: Sequence[str],
    today: date,
    tokens: tuple[int, int] | None,
    budget: Decimal | None,
) -> tuple[list[Answer], list[NotSold]]:
    """The answers, and why a strategy that is sold at the start has none: a later card stops selling it."""
    totals, unsold = priced(sheet, workload, assumptions, offer=partial(plans, strategies=strategies))
    named = (bill for bill, _ in totals if bill.plan.kind == FRESH)
    fresh = next(named, None) or Bill(Plan(FRESH, workload, sheet, assumptions))
    refusal = refused(sheet, workload)
    changes = tuple(changes_ahead(sheet, workload, assumptions, known=None if strategies or unsold else totals))
    rivals = [(bill.plan, total) for bill, total in totals]
    answers = []
    for bill, _ in totals:
        try:
            known = notices(bill.plan, today=today)
            counted = counted_range(bill.plan, *tokens) if tokens else None
            answers.append(
                Answer(
                    bill, fresh, rivals, notices=known, changes=changes, refusal=refusal, counted=counted, budget=budget
                )
            )
        except NotSold as error:
            unsold.append(NotSold(f"{bill.plan.strategy}: {error}"))
    if not answers:
        raise unsold[0]
    return answers, unsold
