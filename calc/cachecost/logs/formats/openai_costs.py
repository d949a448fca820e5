"""OpenAI's cost report: money by day and line item, without tokens.

https://platform.openai.com/docs/api-reference/usage/costs
"""

from __future__ import annotations

from ...errors import BadLog
from ...replay.request import Charge, Item, Skipped
from ..format import Format, Record
from ..values import inner, money, text
from .buckets import results, sample


def detect(record: Record) -> bool:
    found = sample(record)
    return found is not None and (
        text(found, "object") == "organization.costs.result" or "value" in inner(found, "amount")
    )


def read(record: Record) -> list[Item]:
    items: list[Item] = []
    for result in results(record):
        amount = inner(result.found, "amount")
        value = money(amount, "value")
        if value is None:
            raise BadLog("amount.value: missing; expected an amount of money")
        items.append(
            Charge(
                at=result.at,
                amount=value,
                currency=(text(amount, "currency") or "usd").upper(),
                item=text(result.found, "line_item"),
                project=text(result.found, "project_id") or None,
                lasting=result.lasting,
            )
        )
    return items or [Skipped("a page without results")]


FORMAT = Format("openai_costs", detect, read)
