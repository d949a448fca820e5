"""What the pauses between queries do to a bill, in words."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from math import ceil

from ... import money
from ...bills.spacing import STEP, Spacing
from ..figures import amount, duration
from ..records import Record, record
from .records import SpacingRecord


def near(spacing: Spacing, total: Decimal, currency: str) -> str:
    """`1 s later every query would miss: $37.50; written:1h costs $0.45 more and is safe up to 1 h`."""
    assert spacing.gap is not None
    other = amount(spacing.total, currency)
    if spacing.mixed:
        pause = duration(spacing.ttl if spacing.late else spacing.ttl + STEP)
        where = "within the life of an entry" if spacing.late else "longer than an entry lives"
        text = f"pauses of {pause} in place of {duration(spacing.gap)}, {where}: {other}"
    elif spacing.late:
        text = f"at most {duration(spacing.ttl)} apart, within the life of an entry: {other}"
    else:
        later = timedelta(seconds=ceil((spacing.ttl + STEP - spacing.gap).total_seconds()))
        text = f"{duration(later)} later every query would miss: {other}"
    if spacing.safe is None:
        return text
    more = money.subtract(spacing.safe.total, total)
    costs = f"{amount(abs(more), currency)} {'less' if more < 0 else 'more'}" if more else "the same"
    reach = "whatever the pause" if spacing.safe.up_to is None else f"up to {duration(spacing.safe.up_to)}"
    return f"{text}; {spacing.safe.strategy} costs {costs} and is safe {reach}"


def apart(spaced: Iterable[tuple[str, Spacing | None]], currency: str) -> str:
    """`If the queries come further apart: $37.50 with written:5m beyond 5 min (say how far with --every).`"""
    texts = [
        f"{amount(each.total, currency)} with {name} beyond {duration(each.ttl)}"
        for name, each in spaced
        if each and each.gap is None
    ]
    return f"If the queries come further apart: {', '.join(texts)} (say how far with --every)." if texts else ""


def spacing_record(spacing: Spacing | None, total: Decimal, currency: str) -> Record | None:
    """The same for programs; `total` is the bill on this side of the time to live."""
    if spacing is None:
        return None
    beyond = f"if the queries come more than {duration(spacing.ttl)} apart: {amount(spacing.total, currency)}"
    return record(SpacingRecord, spacing, text=beyond if spacing.gap is None else near(spacing, total, currency))
