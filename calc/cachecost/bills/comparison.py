"""Strategies side by side: what N queries cost under each, and from which N on caching pays."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
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
from .candidates import PriceChange, change_in_words, changes_ahead, plans, priced
from .measures import (
    Range,
    band,
    break_even_hit_share,
    break_even_rate,
    counted_range,
    disputed_range,
    lives,
    savings_bound,
    speeds,
)
from .rents import Reservation, machine_alone, reservations
from .spacing import spacing
from .warnings import LeftOut, cacheable_prompt, notices, refused, too_short

NO_DEPLOYMENT = (
    "says how a self-hosted model is served, and no model here is self-hosted; name llama-3.1-70b@aws/p5.48xlarge"
)


class Ranked:
    """One strategy with its total in the sheet's currency, and what the question leaves open of it.

    `break_even`: at which numbers of queries it costs less than `fresh`, where that is given; None of fresh itself.
    `lives`, `counted`, `speeds`: its totals by the life of automatic entries, by the tokens of a document of which only
    the fewest and the most are known (`tokens`), and by the speed of a machine; None or empty where they change
    nothing. `spacing`: what other pauses between the queries would make of the total, beside its `rivals`.
    """

    def __init__(
        self,
        bill: Bill,
        rivals: Sequence[tuple[Plan, Decimal]] = (),
        *,
        fresh: Bill | None = None,
        tokens: tuple[int, int] | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        plan, queries = bill.plan, bill.plan.workload.queries
        self.bill, self.strategy, self.total, self.refusal = bill, plan.strategy, bill.total(queries), refusal
        self.break_even = crossing(bill, fresh) if fresh and plan.kind != FRESH else None
        self.lives, self.speeds = lives(plan, queries), speeds(plan)
        self.counted = counted_range(plan, *tokens) if tokens else None
        self.spacing = None if refusal else spacing(plan, self.total, rivals)

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """Lowest and highest total over what is left open, each by itself; the total twice where nothing is."""
        totals = [self.total, *(each.total for each in self.speeds)]
        totals += (self.lives.at_least, self.lives.at_most) if self.lives else ()
        totals += (self.counted.low, self.counted.high) if self.counted else ()
        return min(totals), max(totals)


class Answer(Ranked):
    """One strategy on one model: `savings` against fresh (may be negative), and all that can be said beside its total.

    `expected` says how expected numbers of hits are known, by closed form or simulated; None where all are counted.
    `refusal`: why the vendor would serve no such request, so that the total is no real bill. `minimum`: tokens that a
    prompt needs to be cached, where even the `longest` has fewer. `free`: every rate of the row is 0. `machine`: what
    a self-hosted machine costs whether it works or not.
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
        tokens: tuple[int, int] | None,
        budget: Decimal | None = None,
    ) -> None:
        super().__init__(bill, rivals, fresh=fresh, tokens=tokens, refusal=refusal)
        plan, work, queries = bill.plan, bill.plan.workload, bill.plan.workload.queries
        self.sheet, self.version = plan.sheet, plan.sheet.version(plan.card)
        self.workload, self.context, self.queries = work, work.context, queries
        self.fresh, self.lines = fresh.total(queries), bill.lines(queries)
        self.break_even_rate_per_hour = break_even_rate(plan)
        self.break_even_hit_share = break_even_hit_share(plan)
        self.savings_bound = None if plan.kind == FRESH else savings_bound(plan, self.fresh)
        self.machine, self.band = machine_alone(bill), band(plan, queries)
        totals = sorted(each.total for each in self.speeds)
        self.range = Range(totals[0], totals[-1], ()) if totals else disputed_range(plan, queries)
        stands = plan.kind == STORED and plan.cached and plan.idle is None
        self.hold = timedelta(microseconds=int(hold(plan, queries))) if stands else None
        self.expected = basis(plan)
        self.notices, self.changes = notices, changes
        self.minimum, self.longest, self.free = too_short(plan), cacheable_prompt(plan), plan.free
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

    def scaled(self, factor: Fraction) -> "Comparison":
        """Every amount multiplied, as for one query or a month of the same traffic; shares, ranks and numbers of
        queries stay as they are."""
        return self if factor == 1 else self._replace(answers=tuple(_scaled(each, factor) for each in self.answers))

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
    best = {id(answer.sheet): answer.bill for answer in reversed(ranked) if not answer.refusal}
    reserved, unspread = reservations(best[id(sheet)] for sheet, _ in asks if id(sheet) in best)
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
    offered = priced(sheet, workload, assumptions, offer=partial(plans, strategies=strategies))
    bills, unsold = offered
    if not bills:
        raise unsold[0]
    named = (bill for bill, _ in bills if bill.plan.kind == FRESH)
    fresh = next(named, None) or Bill(Plan(FRESH, workload, sheet, assumptions))
    known = None if strategies or unsold else offered
    changes = tuple(changes_ahead(sheet, workload, assumptions, known=known))
    refusal, rivals = refused(sheet, workload), [(bill.plan, total) for bill, total in bills]
    answers = [
        Answer(
            bill,
            fresh,
            rivals,
            notices=notices(bill.plan, today=today),
            changes=changes,
            refusal=refusal,
            tokens=tokens,
            budget=budget,
        )
        for bill, _ in bills
    ]
    return answers, unsold


def _scaled(answer: Answer, factor: Fraction) -> Answer:
    def by(amount: Decimal) -> Decimal:
        return money.exact(Fraction(amount) * factor)

    other = copy(answer)
    other.total, other.fresh = by(answer.total), by(answer.fresh)
    other.lines = tuple(
        line._replace(quantity=money.by(line.quantity, factor), amount=by(line.amount)) for line in answer.lines
    )
    if answer.band:
        other.band = by(answer.band[0]), by(answer.band[1])
    if lives := answer.lives:
        other.lives = lives._replace(at_least=by(lives.at_least), at_most=by(lives.at_most))
    if disputed := answer.range:
        other.range = disputed._replace(low=by(disputed.low), high=by(disputed.high))
    if counted := answer.counted:
        other.counted = counted._replace(low=by(counted.low), high=by(counted.high))
    if spacing := answer.spacing:
        safe = spacing.safe and spacing.safe._replace(total=by(spacing.safe.total))
        other.spacing = spacing._replace(planned=by(spacing.planned), total=by(spacing.total), safe=safe)
    other.speeds = tuple(speed._replace(total=by(speed.total)) for speed in answer.speeds)
    other.changes = tuple(
        change if change.total is None else change._replace(total=by(change.total)) for change in answer.changes
    )
    return other
