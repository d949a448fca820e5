"""The bounds of a request before it is sent, for people and programs."""

from decimal import Decimal
from fractions import Fraction

from ...advice.bounds import Bounds, Case
from ...units import show_instant
from ..figures import amount, cited, count, many, percent
from ..records import Count, Fields, OfOneModel, Text, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table


class BoundRecord(Fields):
    """A total, and why it is that much."""

    total: Decimal
    why: Text


class LikelyRecord(BoundRecord):
    """The mean of a hit and a miss."""

    hit_share: Fraction


class BoundsRecord(OfOneModel):
    """What one request costs at least, likely, and at most."""

    prompt: Count
    lowest: BoundRecord
    likely: LikelyRecord
    highest: BoundRecord
    sentence: Text


def reply(bounds: Bounds) -> Reply:
    """The answer in every form."""
    reasons, text = whys(bounds), sentence(bounds)
    kinds = {"lowest": BoundRecord, "likely": LikelyRecord, "highest": BoundRecord}
    parts = {name: record(kind, getattr(bounds, name), why=reasons[name]) for name, kind in kinds.items()}
    head = f"A request of {many(bounds.prompt, 'token')} to {bounds.sheet.id}"
    return Reply(
        page=lambda: Page(head, [table(bounds)], (), [cited(bounds.sheet, bounds.version)], text),
        record=lambda: record(BoundsRecord, bounds, sentence=text, **parts),
        rows=lambda: rows(
            "bound total why", ({"bound": name} | each for name, each in parts.items()), **of_model(bounds)
        ),
    )


def whys(bounds: Bounds) -> dict[str, str]:
    """What makes each of the three as much as it is."""
    share = bounds.likely.hit_share
    likely = _used(bounds.likely.hit if share == 1 else bounds.likely.miss)
    if 0 < share < 1:
        likely = f"{percent(share)} of the time {_used(bounds.likely.hit)}; otherwise {likely}"
    highest = _timed(bounds, bounds.highest) + ", the longest that fits the model" * bounds.is_cut
    return {"lowest": _timed(bounds, bounds.lowest), "likely": likely, "highest": highest}


def _timed(bounds: Bounds, case: Case) -> str:
    later = f", from {show_instant(case.at)} on" if case.at != bounds.likely.miss.at else ""
    return f"{_used(case)}{later}"


def _used(case: Case) -> str:
    """`100,000 tokens written for 1h, an answer of 4,096`."""
    usage, counts = case.usage, dict(case.usage.quantities)
    texts = [
        f"{many(usage.read, 'token')} read from a cache" if usage.read else "",
        f"{many(usage.written, 'token')} written for {case.ttl}" if usage.written else "",
        f"{many(counts['input'], 'token')} sent as input" if "input" in counts else "",
        f"an answer of {count(usage.output)}" if usage.output else "no answer",
    ]
    return ", ".join(filter(None, texts))


def table(bounds: Bounds) -> Table:
    """A row a bound."""
    currency = bounds.sheet.currency
    rows = [[name, amount(getattr(bounds, name).total, currency), why] for name, why in whys(bounds).items()]
    return Table(["bound", "costs", "because"], rows, ["costs"])


def sentence(bounds: Bounds) -> str:
    currency = bounds.sheet.currency
    return (
        f"Reserve {amount(bounds.highest.total, currency)}; it costs at least {amount(bounds.lowest.total, currency)}."
    )
