"""A deployment's bill beside its machine: what the best and the worst speed make of it, and what the machine costs
alone."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..selfhosted.serving import GPU_SECONDS
from ..strategies.names import FRESH
from ..strategies.plan import Plan
from ..units import HOUR
from .bill import Bill, crossing
from .break_even import BreakEven
from .measures import break_even_rate

SECONDS = 3600


class Speed(NamedTuple):
    """A bill at one end of the band of speeds: `reading` is best or worst."""

    reading: str
    total: Decimal
    break_even: BreakEven | None
    break_even_rate_per_hour: Fraction | None


class MachineAlone(NamedTuple):
    """The cards' rent for as long as the workload lasts, used or not, and how much of it the workload is. `hours`: how
    long it lasts. `busy`: hours in which all cards work for it. `work`: what they cost in these, if all of their hours
    are used. `rest`: what the bill has beside that, which is rent of memory."""

    total: Decimal
    share: Fraction
    hours: Fraction
    busy: Fraction
    work: Fraction
    rest: Fraction

    def use_at(self, total: Decimal) -> Fraction | None:
        """The share of the machine's hours that are used at which the bill is as high as another total: work costs more
        the less of them is used, and the rent of memory stays. None where no share is so low or so high."""
        left = Fraction(total) - self.rest
        use = self.work / left if left > 0 else Fraction(0)
        return use if 0 < use < 1 else None


def speeds(plan: Plan) -> tuple[Speed, ...]:
    """The bill at the best and at the worst speed; nothing where a vendor serves it."""
    queries, serving, ends = plan.workload.queries, plan.assumptions.serving, []
    for reading in plan.sheet.meter.readings:
        each = plan.but(serving=serving._replace(reading=reading))
        bill = Bill(each)
        pays = None if plan.strategy == FRESH else crossing(bill, Bill(each.but(strategy=FRESH)))
        ends.append(Speed(reading, bill.total(queries), pays, break_even_rate(each)))
    return tuple(ends)


def machine_alone(bill: Bill) -> MachineAlone | None:
    """The rent of the cards under a bill's workload; None where a vendor serves it, or all queries come at once."""
    plan, work = bill.plan, bill.plan.workload
    hours, serving = Fraction(work.stay(work.queries), HOUR), plan.assumptions.serving
    if not (cards := plan.sheet.meter.cards) or not hours:
        return None
    alone = Bill(plan.but(strategy=FRESH, serving=serving._replace(dedicated=True))).total(work.queries)
    worked = [line for line in bill.lines(work.queries) if line.unit == GPU_SECONDS]
    busy = sum((Fraction(line.quantity) for line in worked), Fraction(0)) / cards / SECONDS
    paid = sum((Fraction(line.amount) for line in worked), Fraction(0))
    total = Fraction(bill.total(work.queries))
    return MachineAlone(alone, total / Fraction(alone), hours, busy, paid * serving.use, total - paid)
