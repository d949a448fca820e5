"""The bounds of a request before it is sent, for people and programs."""

from decimal import Decimal
from fractions import Fraction

from ...advice.bounds import Bounds, Case
from ...units import show_instant
from ..figures import amount, cited, count, many, percent
from ..records import Count, OfOneModel, RecordFields, Text, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table


class BoundRecord(RecordFields):
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


KINDS = {"lowest": BoundRecord, "likely": LikelyRecord, "highest": BoundRecord}


def reply(bounds: Bounds) -> Reply:
    """The answer in every form."""
    currency, reasons = bounds.sheet.currency, whys(bounds)
    parts = {name: record(kind, getattr(bounds, name), why=reasons[name]) for name, kind in KINDS.items()}
    totals = {name: amount(getattr(bounds, name).total, currency) for name in KINDS}
    head = f"A request of {many(bounds.prompt, 'token')} to {bounds.sheet.id}"
    text = f"Reserve {totals['highest']}; it costs at least {totals['lowest']}."
    table = Table(["bound", "costs", "because"], [[name, totals[name], reasons[name]] for name in KINDS], ["costs"])
    cells = [{"bound": name} | each for name, each in parts.items()]
    return Reply(
        page=lambda: Page(head, [table], (), [cited(bounds.sheet, bounds.version)], text),
        record=lambda: record(BoundsRecord, bounds, sentence=text, **parts),
        rows=lambda: rows("bound total why", cells, **of_model(bounds)),
    )


def whys(bounds: Bounds) -> dict[str, str]:
    """What makes each of the three as much as it is."""
    share, hit, miss = bounds.likely.hit_share, _used(bounds.likely.hit), _used(bounds.likely.miss)
    likely = hit if share == 1 else f"{percent(share)} of the time {hit}; otherwise {miss}" if share else miss
    lowest, highest = (
        _used(case) + (f", from {show_instant(case.at)} on" if case.at != bounds.likely.miss.at else "")
        for case in (bounds.lowest, bounds.highest)
    )
    highest += ", the longest that fits the model" * bounds.is_cut
    return {"lowest": lowest, "likely": likely, "highest": highest}


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
