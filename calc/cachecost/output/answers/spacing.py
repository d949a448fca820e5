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


def near(found: Spacing, total: Decimal, currency: str) -> str:
    """`1 s later every query would miss: $37.50; written:1h costs $0.45 more and is safe up to 1 h`."""
    assert found.gap is not None
    other = amount(found.total, currency)
    if found.mixed:
        pause = duration(found.ttl if found.late else found.ttl + STEP)
        where = "within the life of an entry" if found.late else "longer than an entry lives"
        text = f"pauses of {pause} in place of {duration(found.gap)}, {where}: {other}"
    elif found.late:
        text = f"at most {duration(found.ttl)} apart, within the life of an entry: {other}"
    else:
        later = timedelta(seconds=ceil((found.ttl + STEP - found.gap).total_seconds()))
        text = f"{duration(later)} later every query would miss: {other}"
    if found.safe is None:
        return text
    more = money.subtract(found.safe.total, total)
    costs = f"{amount(abs(more), currency)} {'less' if more < 0 else 'more'}" if more else "the same"
    reach = "whatever the pause" if found.safe.up_to is None else f"up to {duration(found.safe.up_to)}"
    return f"{text}; {found.safe.strategy} costs {costs} and is safe {reach}"


def apart(spaced: Iterable[tuple[str, Spacing | None]], currency: str) -> str:
    """`If the queries come further apart: $37.50 with written:5m beyond 5 min (say how far with --every).`"""
    texts = [
        f"{amount(each.total, currency)} with {name} beyond {duration(each.ttl)}"
        for name, each in spaced
        if each and each.gap is None
    ]
    return f"If the queries come further apart: {', '.join(texts)} (say how far with --every)." if texts else ""


def spacing_record(found: Spacing | None, total: Decimal, currency: str) -> Record | None:
    """The same for programs; `total` is the bill on this side of the time to live."""
    if found is None:
        return None
    beyond = f"if the queries come more than {duration(found.ttl)} apart: {amount(found.total, currency)}"
    return record(SpacingRecord, found, text=beyond if found.gap is None else near(found, total, currency))
