"""Observations of Langfuse: classes of tokens side by side, under names that users choose.

https://langfuse.com/docs/observability/features/token-and-cost-tracking. Its own handlers take cached tokens out of
`input`; where the total shows that they were left in, they are taken out here.
"""

from ...replay.request import Item, Skipped
from ..counts import ttl_of
from ..declared import LONGEST, Declared, Rule
from ..flat import Fields, unknown
from ..format import Format, Record
from ..values import inner, text

READ = "cache_read_input_tokens input_cached_tokens input_cache_read cached_tokens input_cached cache_read".split()
WRITE = "cache_creation_input_tokens input_cache_creation input_cache_write_tokens cache_write_tokens".split()
ANSWER = "output_reasoning output_reasoning_tokens reasoning_tokens output_thinking thinking_tokens".split()
COUNTS = ("usageDetails", "usage_details", "usage")


def _sum(names: list[str]) -> str:
    return "+".join(f"*.{name}" for name in names)


def _place(record: Record) -> str:
    return next((key for key in COUNTS if inner(record, key)), "")


DECLARED = Declared(
    Fields(
        at="startTime|start_time",
        model="model|providedModelName|provided_model_name",
        input="*.input",
        read=_sum(READ),
        write=_sum(WRITE),
        ttls="*",
        output="*.output",
        apart=_sum(ANSWER),
        total="*.total",
        counting="total",
        session="sessionId|session_id",
        project="projectId|project_id",
        id="id",
        paid="costDetails.total|cost_details.total|calculatedTotalCost",
    ),
    "traceId type",
    skips=(
        Rule("type", "[a-z]|^[^A-Z]*$"),
        Rule("type", "!^(GENERATION|EMBEDDING)$", "an observation of type {}"),
    ),
    leaves=(Rule("type", "[a-z]|^[^A-Z]*$"),),
    place=_place,
)


def detect(record: Record) -> bool:
    return _place(record) in COUNTS[:2] or ("traceId" in record and text(record, "type").isupper())


def read(record: Record) -> list[Item]:
    kind, place = text(record, "type"), _place(record)
    if kind not in ("GENERATION", "EMBEDDING", ""):
        return [Skipped(f"an observation of type {kind[:LONGEST]}")]
    if not place:
        return [Skipped("an observation without usage")]
    counts = inner(record, place)
    declared, others = MOVED[place], {key: counts[key] for key in counts if not ttl_of(key)}
    whole = {**record, place: {**counts, "input": counts.get("input") or 0}}
    return [*declared.requests(whole), *unknown(others, place, declared.fields, "unit", name=COUNTS[0])]


MOVED = {place: DECLARED.moved(place) for place in COUNTS}
FORMAT = Format("langfuse", detect, read, declared=DECLARED)
