"""LiteLLM's spend logs and the payload for callbacks: prompts include the cached tokens, also Anthropic's.

https://docs.litellm.ai/docs/proxy/spend_logs and .../logging_spec. `cache_hit` means that LiteLLM itself
had the answer: nothing was bought. What decides the price beside tokens, LiteLLM writes down as the basis of its costs:
`cost_breakdown` with `service_tier`, `data_residency` and `vertex_location`, in the spend log inside `metadata`
(litellm 1.106.2, `CostBreakdown` in types/utils.py, `SpendLogsMetadata` in proxy/_types.py). A batch that was
retrieved is one row, the sum of `batch_successful_requests`.

`prefix_block_hashes`, from 1.111 on, are chained ids of the prompt's blocks, the last one also where it is not full:
https://docs.litellm.ai/docs/proxy/prefix_block_hashes. How many tokens a block has was not found there, so a list of
ids counts as blocks of 512 tokens only where there are as many as the prompt has such blocks. An object with a
`block_size` beside its list is taken at its word. Ids that do not name blocks of 512 are doubted and left out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...replay.request import Doubt, Item, Request
from ..declared import Declared, Rule
from ..flat import Fields, object_at, requests
from ..format import Format, Record
from ..prefixes import BLOCK, blocks, fits, joined
from ..values import count, decimal, given, inner, instant, located, needed, place, region, text
from .anthropic import searches
from .openai import OTHERS, fields_of, unread

BATCHES = ("aretrieve_batch", "retrieve_batch")
COUNTS = f"{OTHERS} cache_creation server_tool_use service_tier input_tokens output_tokens inference_geo speed"

_USAGE = "metadata.usage_object"
_MORE = "metadata.additional_usage_values"
_PRICED = ("cost_breakdown", "metadata.cost_breakdown", _USAGE, "metadata", "")
"""Where LiteLLM writes the basis of a price, the surest first."""


def _basis_of(key: str) -> str:
    return "|".join(f"{each}.{key}".removeprefix(".") for each in _PRICED)


_ANSWER = fields_of(_USAGE, "prompt", "completion")
FIELDS = _ANSWER._replace(
    at="startTime",
    provider="custom_llm_provider",
    input="prompt_tokens",
    read=f"{_USAGE}.cache_read_input_tokens|{_MORE}.cache_read_input_tokens|{_ANSWER.read}",
    write=f"{_ANSWER.write}|{_MORE}.cache_creation_input_tokens",
    output="completion_tokens",
    total="total_tokens",
    service=_basis_of("service_tier"),
    speed=_basis_of("speed"),
    region=f"{_basis_of('inference_geo')}|{_basis_of('data_residency')}",
    session="session_id",
    project="team_id|metadata.user_api_key_team_id",
)
SKIPS = (
    Rule("cache_hit", "(?i)^true$", "answered from LiteLLM's own cache: nothing was bought"),
    Rule("status", "^failure$", "a failed request"),
    Rule("call_type", "^a?create_batch$", "a batch that was begun: what it cost stands where it was retrieved"),
)
LEAVES = (
    Rule("call_type", "^a?retrieve_batch$"),
    Rule("metadata.prefix_block_hashes", "!^$"),
    Rule(f"{_USAGE}.server_tool_use.web_search_requests", "!^0?$"),
    Rule(f"{_USAGE}.prompt_tokens_details.web_search_requests", "!^0?$"),
    Rule("custom_llm_provider", "^vertex_ai"),
    Rule(_basis_of("api_base"), "aiplatform"),
)
_VERTEX_HOST = re.compile(r"^(?:https?://)?(?:([a-z0-9-]+)-)?aiplatform(?:\.[a-z]+)?\.googleapis\.com")


def _format(name: str, detect: Callable[[Record], bool], paid: str, identity: str) -> Format:
    """The format of lines of either shape, by the keys of their cost and their id."""
    fields = FIELDS._replace(paid=paid, id=identity)
    declared = Declared(fields, "prompt_tokens model", skips=SKIPS, leaves=LEAVES)
    return Format(name, detect, lambda record: declared.skipped(record) or _items(record, fields), declared=declared)


def _items(record: Record, fields: Fields) -> list[Item]:
    meta = object_at(record, "metadata")
    counts = inner(meta, "usage_object")
    details = inner(counts, "prompt_tokens_details")
    basis = (inner(record, "cost_breakdown"), inner(meta, "cost_breakdown"), counts, meta, record)
    path, doubts = _prefix(meta.get("prefix_block_hashes"), needed(record, "prompt_tokens"))
    request, *remarks = requests(
        {**record, "metadata": meta},
        fields,
        region=_region(basis, text(record, "custom_llm_provider")),
        blocks=path,
        calls=searches(inner(counts, "server_tool_use")) or searches(details),
    )
    if text(record, "call_type") in BATCHES and isinstance(request, Request):
        request = _batch(request, meta, instant(record.get("endTime"), "endTime"))
    return [request, *remarks, *doubts, *unread(counts, _USAGE, _ANSWER, "prompt", "completion", COUNTS)]


def _basis(records: Sequence[Record], key: str) -> Any:
    """What the first of the records says of the basis of a price."""
    return next((each[key] for each in records if given(each.get(key))), None)


def _region(basis: Sequence[Record], provider: str) -> str | None:
    """The region that was asked for, or the place where Vertex ran the request, also as the host that was called."""
    if area := region(_basis(basis, "inference_geo") or _basis(basis, "data_residency")):
        return area
    host = _VERTEX_HOST.search(str(_basis(basis, "api_base")))
    is_vertex = host is not None or provider.startswith("vertex_ai")
    return located(place(_basis(basis, "vertex_location")) or (host[1] or "" if host else "")) if is_vertex else None


def _batch(request: Request, meta: Record, until: datetime | None) -> Request:
    """The answers of a batch, as one sum of requests."""
    many = count(meta, "batch_successful_requests")
    listed = meta.get("batch_models")
    models = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    return request._replace(
        model=models[0] if len(models) == 1 else request.model,
        service="batch",
        count=max(1, many),
        lasting=until - request.at if until and request.at and until > request.at else timedelta(),
        prompt=-(-request.usage.prompt // many) if many else None,
    )


def _prefix(stated: object, prompt: int) -> tuple[tuple[int, ...], list[Item]]:
    """Ids of the prompt's blocks of 512 tokens; none, and why, where the log's list cannot be such ids."""
    size = decimal(stated.get("block_size")) if isinstance(stated, Mapping) else None
    ids = next(filter(_is_list, stated.values()), None) if isinstance(stated, Mapping) else stated
    path = blocks(ids)
    if not path:
        return (), []
    if size is not None:
        whole = joined(path, int(size)) if size == int(size) else None
        doubt = f"prefix_block_hashes: blocks of {size} tokens do not make up blocks of {BLOCK}"
        return (whole, []) if whole is not None else ((), [Doubt(doubt)])
    if not fits(path, prompt):
        doubt = f"prefix_block_hashes: {len(path)} blocks are not a prompt of {prompt:,} tokens in blocks of {BLOCK}"
        return (), [Doubt(doubt)]
    return path, []


def _is_list(value: object) -> bool:
    return isinstance(value, list)


SPEND = _format(
    "litellm_spend",
    lambda record: "call_type" in record and "spend" in record and "request_id" in record,
    "spend",
    "request_id",
)
PAYLOAD = _format(
    "litellm_payload", lambda record: "response_cost" in record and "prompt_tokens" in record, "response_cost", "id"
)
