"""The lines below the bill of a deployment: its speeds, what its machine costs alone, and what is assumed of it."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Literal

from ... import money
from ...bills.comparison import Answer
from ..figures import amount, count, percent
from ..labels import a_policy
from ..records import Fields, of
from .measures import BreakEvenRecord


class SpeedRecord(Fields):
    """A bill at the best or at the worst speed of a machine."""

    reading: Literal["best", "worst"]
    total: Decimal
    break_even: BreakEvenRecord | None
    break_even_rate_per_hour: Decimal | None


class MachineRecord(Fields):
    """A machine's rent while the workload lasts, used or not; the bill as a share of it; hours; hours of work in
    them."""

    total: Decimal
    share: Decimal
    hours: Decimal
    busy_hours: Decimal = of("busy")


def alone(answer: Answer, rival: Answer | None) -> tuple[str, str]:
    """What a machine costs by itself, in short; and how much of that the workload is, and at which use of the machine a
    vendor's dearer answer would cost the same."""
    machine, currency = answer.machine, answer.sheet.currency
    assert machine
    hours = count(money.rounded(machine.hours, 2))
    short = f"the machine alone costs {amount(machine.total, currency)} for these {hours} h"
    if machine.busy > machine.hours:
        needed, busy = ceil(machine.busy / machine.hours), count(money.rounded(machine.busy, 2))
        return short, f"{short}, and the work takes {busy} h of it: {needed:,} such machines are needed"
    text = f"{short}: this workload is {percent(machine.share)} of it, and other work has to pay for the rest"
    use = machine.use_at(rival.total) if rival else None
    if rival is None or use is None:
        return short, text
    kept, other = a_policy(answer.strategy), a_policy(rival.strategy)
    return short, f"{text}; at a use of {percent(use)} {kept} costs as much as {rival.sheet.name} with {other}"


def assumed(answers: tuple[Answer, ...]) -> Iterator[str]:
    """What is assumed of the deployments among the answers, each thing once."""
    yield from dict.fromkeys(text for answer in answers for text in answer.sheet.meter.assumed)


def first_by_speed(answer: Answer) -> str:
    """` (7 to 13)`: from how many queries on keeping pays at either end; nothing where it is the same at both."""
    firsts = sorted({each.break_even.first for each in answer.speeds if each.break_even and each.break_even.first})
    return f" ({firsts[0]:,} to {firsts[-1]:,})" if len(firsts) > 1 else ""


def rate_by_speed(answer: Answer) -> str:
    """` (0.73 to 1.42)`: the queries per hour above which keeping pays at either end; nothing where not known."""
    rates = [each.break_even_rate_per_hour for each in answer.speeds]
    known = sorted(each for each in rates if each is not None)
    return f" ({count(known[0])} to {count(known[-1])})" if known and len(known) == len(rates) else ""
