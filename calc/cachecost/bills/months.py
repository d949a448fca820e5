"""What steady traffic costs month by month, at the rates that are in force by then, those announced included."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from ..errors import CachecostError, NotInForce, NotSold
from ..prices.sheet import PriceSheet
from ..prices.warnings import announced
from ..strategies.assumptions import Assumptions
from ..units import MICROSECOND, hours
from ..workload.workload import Workload
from .candidates import plans, priced
from .warnings import refused


class Traffic(NamedTuple):
    """Queries or conversations of one kind at a steady `rate` an hour. `workload`: makes a number of queries from an
    instant on, or one conversation. `policy`: its strategy, None for the cheapest of each month."""

    name: str
    sheet: PriceSheet
    rate: Fraction
    workload: Callable[[datetime, int], Workload]
    assumptions: Assumptions
    policy: str | None = None


class MonthBill(NamedTuple):
    """One month: how many queries or conversations, the strategy and the total. `why` there is no total, which is None
    then; `changes`: rate cards that begin in the month, in words."""

    start: datetime
    number: int
    strategy: str | None
    total: Fraction | None
    why: str = ""
    changes: tuple[str, ...] = ()


class Course(NamedTuple):
    """One kind of traffic over some months."""

    traffic: Traffic
    months: tuple[MonthBill, ...]

    @property
    def total(self) -> Fraction | None:
        """The sum of all months; None where one has no total."""
        totals = [month.total for month in self.months]
        return None if None in totals else sum((each or Fraction(0) for each in totals), Fraction(0))


def over_months(traffic: Traffic, starts: Sequence[datetime]) -> Course:
    """The bills of the months that begin at these instants; the last instant ends the last month."""
    return Course(traffic, tuple(_month(traffic, start, end) for start, end in pairwise(starts)))


def check(traffic: Traffic) -> None:
    """NotSold, as the newest card says, where no card of the sheet prices the traffic: a service, a region or a policy
    that the model has never had, or weights that no cards hold."""
    wrong: list[CachecostError] = []
    for card in reversed(traffic.sheet.cards):
        try:
            _cheapest(traffic, traffic.workload(card.effective, 1))
        except (NotSold, NotInForce) as error:
            wrong.append(error)
        else:
            return
    raise next((each for each in wrong if isinstance(each, NotSold)), wrong[0])


def months_from(start: datetime, number: int) -> list[datetime]:
    """The beginning of a month, of the next ones, and of the one after the last, in UTC."""
    first = start.year * 12 + start.month - 1
    return [datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC) for each in range(first, first + number + 1)]


def _month(traffic: Traffic, start: datetime, end: datetime) -> MonthBill:
    number = round(traffic.rate * hours(end - start))
    try:
        # A card that begins with the next month is not of this one.
        before, last = start - MICROSECOND, end - MICROSECOND
        known = traffic.sheet.in_force(before)
        coming = announced(traffic.sheet, before if known else start, last, traffic.assumptions.service)
        changes = tuple(each.text for each in coming)
        if traffic.workload(start, 1).grows or not number:
            strategy, total = _each_alone(traffic, start, end)
        else:  # the queries meet each rate of the month as they come
            strategy, total = _cheapest(traffic, traffic.workload(start, number))
    except (NotSold, NotInForce) as error:
        return MonthBill(start, number, None, None, str(error))
    if unserved := refused(traffic.sheet, traffic.workload(start, max(1, number))):
        return MonthBill(start, number, None, None, f"{traffic.sheet.id} {unserved.why}")
    return MonthBill(start, number, strategy, total, changes=changes)


def _each_alone(traffic: Traffic, start: datetime, end: datetime) -> tuple[str, Fraction]:
    """The strategy and the total of conversations, or of queries of which one comes in some months only: as many, or
    as large a part of one, as begin under each rate card of the month, all like the first of them."""
    begins = [start, *(card.effective for card in traffic.sheet.changes(start, end - MICROSECOND, of_rates=True))]
    total, strategy = Fraction(0), ""
    for begin, until in zip(begins, [*begins[1:], end], strict=True):
        strategy, each = _cheapest(traffic, traffic.workload(begin, 1))
        total += each * traffic.rate * hours(until - begin)
    return strategy, total


def _cheapest(traffic: Traffic, work: Workload) -> tuple[str, Fraction]:
    named = [traffic.policy] if traffic.policy else []
    bill, total = priced(traffic.sheet, work, traffic.assumptions, offer=partial(plans, strategies=named)).best
    return bill.plan.strategy, Fraction(total)
