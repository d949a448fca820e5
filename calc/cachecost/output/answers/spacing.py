"""What the pauses between queries do to a bill, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from math import ceil

from ... import money
from ...bills.spacing import STEP, Spacing
from ...units import show_duration
from ..figures import amount, duration, plain


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


def of_spacing(found: Spacing, total: Decimal, currency: str) -> dict[str, object]:
    """The same for machines, with the words for people; `total` is the bill on the other side of the TTL."""
    safe = found.safe
    beyond = f"if the queries come more than {duration(found.ttl)} apart: {amount(found.total, currency)}"
    return {
        "ttl": show_duration(found.ttl),
        "gap": None if found.gap is None else show_duration(found.gap),
        "total": plain(found.total),
        "safe": safe
        and {
            "strategy": safe.strategy,
            "total": plain(safe.total),
            "up_to": None if safe.up_to is None else show_duration(safe.up_to),
        },
        "text": beyond if found.gap is None else near(found, total, currency),
    }
