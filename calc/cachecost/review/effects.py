"""What a change of a price sheet does to the bills of five workloads that everybody recognises."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from typing import NamedTuple

from ..bills.candidates import priced
from ..bills.warnings import refused
from ..errors import CachecostError
from ..prices.card import STANDARD
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload

FAR = 5
"""A rate, a term or a bill that grows or shrinks by more than this factor is probably a slip."""
Bills = dict[str, Decimal]
"""Strategy -> total, simpler strategies first; empty where nothing is sold."""
ALIKE = Fraction(1, 100)
"""Another service or region that moves as the usual one does, but for so little rounding, is not shown as well."""


class Reference(NamedTuple):
    """A named workload, how often it runs side by side, and the service that it prefers where that is sold."""

    name: str
    context: int
    question: int
    answer: int
    queries: int
    every: timedelta | None = None
    over: timedelta | None = None
    service: str = "standard"
    times: int = 1

    def at(self, start: datetime) -> Workload:
        return Workload(
            self.context, self.question, self.answer, self.queries, start=start, every=self.every, over=self.over
        )


REFERENCES = (
    Reference("a book of 900K tokens asked 50 times in an hour", 900_000, 200, 500, 50, over=timedelta(hours=1)),
    Reference("a support bot with a 10K prompt, 1,000 times a day", 10_000, 300, 300, 1_000, over=timedelta(days=1)),
    Reference("an agent loop of 40 turns over 40K", 40_000, 1_500, 700, 40, every=timedelta(seconds=30)),
    Reference(
        "a nightly batch over 100 documents of 20K, 5 questions each", 20_000, 200, 300, 5, service="batch", times=100
    ),
    Reference("a quiet tool over 50K, 3 questions a day", 50_000, 200, 500, 3, over=timedelta(hours=8)),
)


class Effect(NamedTuple):
    """One reference workload on one model, before and after, in `currencies`: strategy and bill, None where the
    workload is not served. By its cheapest strategy, unless `strategy` names one; in the service that the workload
    prefers, unless `service` names one."""

    model: str
    reference: Reference
    at: datetime
    currencies: tuple[str, str]
    before: tuple[str, Decimal] | None
    after: tuple[str, Decimal] | None
    service: str | None = None
    region: str | None = None
    strategy: str | None = None

    @property
    def differs(self) -> bool:
        return self.before != self.after or (bool(self.before) and self.currencies[0] != self.currencies[1])

    @property
    def flips(self) -> bool:
        """Whether another strategy becomes the cheapest one."""
        return bool(self.before and self.after) and self.before[0] != self.after[0]  # type: ignore[index]

    @property
    def factor(self) -> Fraction | None:
        """The bill after over the bill before; None where one is missing, nothing or in another currency."""
        if not self.before or not self.after or self.currencies[0] != self.currencies[1] or not self.before[1]:
            return None
        return Fraction(self.after[1]) / Fraction(self.before[1])

    @property
    def far(self) -> bool:
        return far(self.factor)


def far(factor: Fraction | None) -> bool:
    """Whether a factor is over `FAR`, or under its inverse."""
    return factor is not None and (factor > FAR or factor * FAR < 1)


def effects(before: PriceSheet, after: PriceSheet, instants: Sequence[datetime]) -> Iterator[Effect]:
    """The bills that differ at each instant: the cheapest; where it stays or another strategy moves far, that strategy;
    and other services and regions that move otherwise than the usual one."""
    for at in instants:
        for reference in REFERENCES:
            yield from _Asked(before, after, at, reference).differing()


def beside(kin: PriceSheet | None, sheet: PriceSheet, at: datetime) -> Iterator[Effect]:
    """Every bill of a sheet, with the bill of its kin as `before`."""
    for reference in REFERENCES:
        asked = _Asked(kin, sheet, at, reference)
        yield asked.effect(asked.bills())


class _Asked(NamedTuple):
    """A reference workload at an instant, on two sheets."""

    before: PriceSheet | None
    after: PriceSheet
    at: datetime
    reference: Reference

    def differing(self) -> Iterator[Effect]:
        bills = self.bills()
        usual = self.effect(bills)
        if usual.differs:
            yield usual
        cheapest = {best[0] for best in (usual.before, usual.after) if best}
        for strategy in dict.fromkeys([*bills[0], *bills[1]]):
            one = self.effect(bills, strategy=strategy)
            shown_by_usual = usual.differs and (strategy in cheapest or not one.far)
            if one.differs and not shown_by_usual:
                yield one
        cards = [card for sheet in (self.before, self.after) if sheet and (card := sheet.in_force(self.at))]
        preferred = {each.service for each in REFERENCES}  # their bills are the usual ones
        services = dict.fromkeys(service for card in cards for service in card.services() if service not in preferred)
        regions = dict.fromkeys(region for card in cards for region in card.regions)
        for service, region in [*((each, None) for each in services), *((None, each) for each in regions)]:
            other = self.effect(self.bills(service, region), service=service, region=region)
            if other.differs and not _alike(other, usual):
                yield other

    def effect(self, bills: tuple[Bills, Bills], strategy: str | None = None, **where: str | None) -> Effect:
        """The cheapest bill on both sides, or those of one strategy."""
        old, new = (
            min((bill for bill in each.items() if strategy in (None, bill[0])), key=itemgetter(1), default=None)
            for each in bills
        )
        currencies = ((self.before or self.after).currency, self.after.currency)
        return Effect(self.after.id, self.reference, self.at, currencies, old, new, strategy=strategy, **where)

    def bills(self, service: str | None = None, region: str | None = None) -> tuple[Bills, Bills]:
        """Both sheets' totals in a service, or in the one that the workload prefers where it is sold, else in the
        standard one. None where no such request is served: before the first card, after the last, over a limit of
        tokens, or in a year that is too far to work out."""

        def totals(sheet: PriceSheet | None) -> Bills:
            for each in [service] if service else dict.fromkeys((self.reference.service, STANDARD)):
                try:
                    work = self.reference.at(self.at)
                    if not sheet or not sheet.in_force(self.at) or refused(sheet, work):
                        return {}
                    bills, _ = priced(sheet, work, Assumptions(service=each, region=region))
                except CachecostError:
                    continue
                return {bill.plan.strategy: total * self.reference.times for bill, total in bills}
            return {}

        return totals(self.before), totals(self.after)


def _alike(other: Effect, usual: Effect) -> bool:
    """Whether another service or region only moves as the usual one does."""
    if usual.factor is None or other.factor is None:
        return usual.differs and bool(usual.before) == bool(other.before) and bool(usual.after) == bool(other.after)
    return abs(other.factor - usual.factor) <= ALIKE * usual.factor
