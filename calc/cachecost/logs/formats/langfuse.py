"""Observations of Langfuse: classes of tokens side by side, under names that users choose.

https://langfuse.com/docs/observability/features/token-and-cost-tracking. Its own handlers take cached tokens out of
`input`; where the total shows that they were left in, they are taken out here.
"""

from ...replay.request import Item, Skipped, Unread
from ..counts import ttl_of
from ..flat import Fields, requests
from ..format import Format, Record
from ..values import count, inner, text

PAID_FOR = ("GENERATION", "EMBEDDING", "")
READ = frozenset(
    "cache_read_input_tokens input_cached_tokens input_cache_read cached_tokens input_cached cache_read".split()
)
WRITE = frozenset(
    "cache_creation_input_tokens input_cache_creation input_cache_write_tokens cache_write_tokens".split()
)
ANSWER = frozenset("output_reasoning output_reasoning_tokens reasoning_tokens output_thinking thinking_tokens".split())
BY_TTL = ("input_cache_creation_", "cache_creation_", "cache_write_")
SUMS = {"read": READ, "write": WRITE, "thoughts": ANSWER}
KNOWN = READ | WRITE | ANSWER | {"input", "output", "total", "unit"}
FIELDS = Fields(
    at="startTime|start_time",
    model="model|providedModelName|provided_model_name",
    input="counts.input",
    read="counts.read",
    write="counts.write",
    ttls="counts.ttls",
    output="counts.output",
    apart="counts.thoughts",
    total="counts.total",
    counting="total",
    session="sessionId|session_id",
    project="projectId|project_id",
    id="id",
    paid="costDetails.total|cost_details.total|calculatedTotalCost",
)
"""`counts` are the sums of the names that mean the same."""


def detect(record: Record) -> bool:
    counts = inner(record, "usageDetails") or inner(record, "usage_details")
    return bool(counts) or ("traceId" in record and text(record, "type").isupper())


def read(record: Record) -> list[Item]:
    counts = inner(record, "usageDetails") or inner(record, "usage_details") or inner(record, "usage")
    if text(record, "type") not in PAID_FOR:
        return [Skipped(f"an observation of type {text(record, 'type')[:20]}")]
    if not counts:
        return [Skipped("an observation without usage")]
    sums = {name: sum(count(counts, key) for key in counts if key in keys) for name, keys in SUMS.items()}
    ttls = {ttl: counts[key] for key in counts if (ttl := _ttl(key))}
    known = {key: counts.get(key) or 0 for key in ("input", "output", "total")}
    unknown: list[Item] = [
        Unread(f"usageDetails.{key}")
        for key in counts
        if key not in KNOWN and not _ttl(key) and counts[key] is not None
    ]
    return [*requests({**record, "counts": known | sums | {"ttls": ttls}}, FIELDS), *unknown]


def _ttl(key: str) -> str | None:
    return next((ttl_of(key.removeprefix(start)) for start in BY_TTL if key.startswith(start)), None)


FORMAT = Format("langfuse", detect, read)
