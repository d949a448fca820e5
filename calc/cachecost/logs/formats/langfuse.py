"""Observations of Langfuse: classes of tokens side by side, under names that users choose.

https://langfuse.com/docs/observability/features/token-and-cost-tracking. Its own handlers take cached tokens out of
`input`; where the total shows that they were left in, they are taken out here.
"""

from __future__ import annotations

from ...prices.usage import Usage
from ...replay.request import Item, Request, Skipped, Unread
from ..counts import by_ttl, ttl_of, uncached, written
from ..format import Format, Record
from ..values import count, first, inner, instant, money, text, word

PAID_FOR = ("GENERATION", "EMBEDDING", "")
READ = frozenset(
    "cache_read_input_tokens input_cached_tokens input_cache_read cached_tokens input_cached cache_read".split()
)
WRITE = frozenset(
    "cache_creation_input_tokens input_cache_creation input_cache_write_tokens cache_write_tokens".split()
)
ANSWER = frozenset("output_reasoning output_reasoning_tokens reasoning_tokens output_thinking thinking_tokens".split())
BY_TTL = ("input_cache_creation_", "cache_creation_", "cache_write_")
PLAIN = frozenset(("input", "output", "total", "unit"))


def detect(record: Record) -> bool:
    counts = inner(record, "usageDetails") or inner(record, "usage_details")
    return bool(counts) or ("traceId" in record and text(record, "type").isupper())


def read(record: Record) -> list[Item]:
    counts = inner(record, "usageDetails") or inner(record, "usage_details") or inner(record, "usage")
    if text(record, "type") not in PAID_FOR:
        return [Skipped(f"an observation of type {text(record, 'type')[:20]}")]
    if not counts:
        return [Skipped("an observation without usage")]
    put = _writes(counts)
    cached = sum(count(counts, key) for key in counts if key in READ)
    thoughts = sum(count(counts, key) for key in counts if key in ANSWER)
    output = count(counts, "output") + thoughts
    total = count(counts, "total") if first(counts, ("total",)) is not None else None
    if total is not None and thoughts and total == count(counts, "input") + cached + written(put) + output - thoughts:
        output -= thoughts
    rest, doubts = uncached(count(counts, "input"), cached + written(put), output, total, counting="total")
    costs = inner(record, "costDetails") or inner(record, "cost_details")
    request = Request(
        at=instant(first(record, ("startTime", "start_time")), "startTime"),
        model=word(record, ("model", "providedModelName", "provided_model_name")),
        usage=Usage(input=rest, cache_read=cached, cache_write=put, output=output),
        session=word(record, ("sessionId", "session_id")) or None,
        project=word(record, ("projectId", "project_id")) or None,
        id=text(record, "id") or None,
        paid=money(costs, "total") if costs else money(record, "calculatedTotalCost"),
        thinking=thoughts > 0,
    )
    known = READ | WRITE | ANSWER | PLAIN
    unknown: list[Item] = [
        Unread(f"usageDetails.{key}")
        for key in counts
        if key not in known and not _ttl(key) and counts[key] is not None
    ]
    return [request, *doubts, *unknown]


def _writes(counts: Record) -> int | dict[str, int]:
    total = sum(count(counts, key) for key in counts if key in WRITE)
    parts = {ttl: counts[key] for key in counts if (ttl := _ttl(key))}
    return by_ttl(parts, total or None, where="usageDetails")


def _ttl(key: str) -> str | None:
    return next((ttl_of(key.removeprefix(start)) for start in BY_TTL if key.startswith(start)), None)


FORMAT = Format("langfuse", detect, read)
