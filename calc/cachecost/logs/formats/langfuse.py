"""Observations of Langfuse: classes of tokens side by side, under names that users choose.

https://langfuse.com/docs/observability/features/token-and-cost-tracking. Its own handlers take cached tokens out of
`input`; where the total shows that they were left in, they are taken out here.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields
from ..format import LONGEST, Format, Rule
from ..values import Record, inner, text

READ = "cache_read_input_tokens input_cached_tokens input_cache_read cached_tokens input_cached cache_read".split()
WRITE = "cache_creation_input_tokens input_cache_creation input_cache_write_tokens cache_write_tokens".split()
ANSWER = "output_reasoning output_reasoning_tokens reasoning_tokens output_thinking thinking_tokens".split()
COUNTS = ("usageDetails", "usage_details", "usage")


def _sum(names: list[str]) -> str:
    return "+".join(f"*.{name}" for name in names)


def _place(record: Record) -> str:
    return next((key for key in COUNTS if inner(record, key)), "")


def _is_ours(record: Record) -> bool:
    return _place(record) in COUNTS[:2] or ("traceId" in record and text(record, "type").isupper())


def _read(record: Record) -> list[Item]:
    kind, place = text(record, "type"), _place(record)
    if kind not in ("GENERATION", "EMBEDDING", ""):
        return [Skipped(f"an observation of type {kind[:LONGEST]}")]
    return MOVED[place].items(record) if place else [Skipped("an observation without usage")]


FORMAT = Format(
    "langfuse",
    "traceId type",
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
        may_lack_input=True,
        session="sessionId|session_id",
        project="projectId|project_id",
        id="id",
        paid="costDetails.total|cost_details.total|calculatedTotalCost",
    ),
    is_ours=_is_ours,
    reader=_read,
    skips=(
        Rule("type", "[a-z]|^[^A-Z]*$"),
        Rule("type", "!^(GENERATION|EMBEDDING)$", "an observation of type {}"),
    ),
    leaves=(Rule("type", "[a-z]|^[^A-Z]*$"),),
    place=_place,
    counts="*",
    others="unit",
)
MOVED = {place: FORMAT.moved(place) for place in COUNTS}
