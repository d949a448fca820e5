"""Anthropic's cost report: money by day and description. Its amounts are cents, written as decimals.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-cost-report
"""

from __future__ import annotations

from decimal import Decimal

from ...errors import BadLog
from ...money import multiply
from ...replay.request import Charge, Item, Skipped
from ..format import Format, Record
from ..values import money, text
from .buckets import results, sample

CENT = Decimal("0.01")


def detect(record: Record) -> bool:
    found = sample(record)
    return found is not None and "amount" in found and "currency" in found and "uncached_input_tokens" not in found


def read(record: Record) -> list[Item]:
    items: list[Item] = []
    for result in results(record):
        cents = money(result.found, "amount")
        if cents is None:
            raise BadLog("amount: missing; expected an amount in cents")
        items.append(
            Charge(
                at=result.at,
                amount=multiply(cents, CENT),
                currency=text(result.found, "currency") or "USD",
                item=text(result.found, "description"),
                model=text(result.found, "model"),
                project=text(result.found, "workspace_id") or None,
                lasting=result.lasting,
            )
        )
    return items or [Skipped("a page without results")]


FORMAT = Format("anthropic_costs", detect, read)
