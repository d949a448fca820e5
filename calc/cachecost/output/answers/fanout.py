"""Parallel first requests for people and programs."""

from decimal import Decimal

from ...advice.fanout import Fanout
from ..figures import amount, cited, count, many
from ..labels import policy, served
from ..records import Count, OfOneModel, RecordFields, Text, fields, of, of_model, record, records, rows
from ..reply import Page, Reply
from ..table import Table


class FannedRecord(RecordFields):
    """One strategy: the bills of all at once, of one before the others, and without a cache."""

    strategy: Text
    all_at_once: Decimal = of("together")
    one_first: Decimal = of("seeded")
    fresh: Decimal
    saved_by_one_first: Decimal = of("saved")
    at_once_pays_after: Count | None = of("pays_after")


class FanoutRecord(OfOneModel):
    """Parallel first requests over one new context, and `then` later ones."""

    context: Count = of("workload.context")
    question: Count = of("workload.question")
    answer: Count = of("workload.answer")
    requests: Count
    then: Count = of("later")
    fresh: Decimal
    strategies: list[FannedRecord]
    min_tokens: Count | None = of("minimum")
    sentence: Text = of(lambda fanout: sentence(fanout))


def reply(fanout: Fanout) -> Reply:
    """The answer in every form."""
    return Reply(
        page=lambda: page(fanout),
        record=lambda: record(FanoutRecord, fanout),
        rows=lambda: rows(fields(FannedRecord), records(FannedRecord, fanout.strategies), **of_model(fanout)),
    )


def page(fanout: Fanout) -> Page:
    """A row a strategy: all at once, one first, and fresh."""
    currency = fanout.sheet.currency
    cells = [
        {
            "strategy": policy(each.strategy),
            "all at once": amount(each.together, currency),
            "one first": amount(each.seeded, currency),
            "no cache": amount(each.fresh, currency),
            "at once pays after": "never" if each.pays_after is None else f"{each.pays_after:,} more",
        }
        for each in fanout.strategies
    ]
    later = f", then {count(fanout.later)} more" if fanout.later else ""
    head = f"{many(fanout.requests, 'first request')} over {many(fanout.workload.context, 'token')}{later}"
    sources = [
        "One first: the others wait until its answer begins; that time is not known to a price sheet.",
        "Assumed: requests sent at once all miss; every later one hits.",
        cited(fanout.sheet, fanout.version),
    ]
    tables = [Table.of(cells, list(cells[0])[1:], spare=("at once pays after",))] if cells else []
    return Page(head, tables, (), sources, sentence(fanout))


def sentence(fanout: Fanout) -> str:
    """`Send one first: 10 requests cost $0.88 with a 5-min cache instead of $5.00 all at once; $4.00 without.`"""
    best, currency = fanout.best, fanout.sheet.currency
    total = fanout.requests + fanout.later
    cost = f"{count(total)} {'request costs' if total == 1 else 'requests cost'}"
    if best is None:
        return f"No cache is sold that a request fills: {cost} {amount(fanout.fresh, currency)}."
    if fanout.minimum:
        short = f"{many(fanout.workload.context, 'token')}, the minimum is {count(fanout.minimum)}"
        return f"Too short to cache: {short}. {cost} {amount(fanout.fresh, currency)} in any order."
    one, at_once, without = (amount(total, currency) for total in (best.seeded, best.together, best.fresh))
    if best.fresh <= best.seeded:
        return f"Use no cache: {cost} {without}, {served(best.strategy)} {one} after one, {at_once} all at once."
    return f"Send one first: {cost} {one} {served(best.strategy)} instead of {at_once} all at once; {without} without."
