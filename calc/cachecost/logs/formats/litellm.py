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

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from json import loads
from typing import Any

from ...replay.request import Doubt, Item, Request, Skipped
from ..counts import uncached, usage, written
from ..format import Format, Record, unread
from ..prefixes import BLOCK, blocks, fits, joined
from ..values import count, decimal, given, inner, instant, located, money, needed, place, region, service, text
from .anthropic import searches
from .openai import ANSWER, KNOWN, PROMPT, kinds, writes

BATCHES = ("aretrieve_batch", "retrieve_batch")
COUNTS = KNOWN | {
    "cache_creation",
    "server_tool_use",
    "service_tier",
    "input_tokens",
    "output_tokens",
    "inference_geo",
    "speed",
}

_VERTEX_HOST = re.compile(r"^(?:https?://)?(?:([a-z0-9-]+)-)?aiplatform(?:\.[a-z]+)?\.googleapis\.com")


def _reader(paid: str, identity: str) -> Callable[[Record], list[Item]]:
    """What reads a line of either shape, by the keys of its cost and its id."""
    return lambda record: _items(record, paid=paid, identity=identity)


def _items(record: Record, *, paid: str, identity: str) -> list[Item]:
    if str(record.get("cache_hit")).strip().lower() == "true":
        return [Skipped("answered from LiteLLM's own cache: nothing was bought")]
    if text(record, "status") == "failure":
        return [Skipped("a failed request")]
    if text(record, "call_type") in ("acreate_batch", "create_batch"):
        return [Skipped("a batch that was begun: what it cost stands where it was retrieved")]
    meta = _metadata(record)
    counts = inner(meta, "usage_object")
    extra = inner(meta, "additional_usage_values")
    prompt_details, answered = inner(counts, "prompt_tokens_details"), inner(counts, "completion_tokens_details")
    prompt, output = needed(record, "prompt_tokens"), count(record, "completion_tokens")
    cached = max(count(each, "cache_read_input_tokens") for each in (counts, extra)) or count(
        prompt_details, "cached_tokens"
    )
    cache_write = writes(prompt_details, counts or extra)
    model, provider = text(record, "model"), text(record, "custom_llm_provider")
    total = count(record, "total_tokens") or None
    rest, remarks = uncached(prompt, cached + written(cache_write), output, total)
    used, more = usage(
        input=rest, cache_read=cached, cache_write=cache_write, output=output, **kinds(prompt_details, answered)
    )
    path, doubts = _prefix(meta.get("prefix_block_hashes"), prompt)
    basis = (inner(record, "cost_breakdown"), inner(meta, "cost_breakdown"), counts, meta, record)
    at, until = (instant(record.get(key), key) for key in ("startTime", "endTime"))
    request = Request(
        at=at,
        model=model,
        usage=used,
        provider=provider,
        service="fast" if _basis(basis, "speed") == "fast" else service(_basis(basis, "service_tier")),
        region=_region(basis, provider),
        session=text(record, "session_id") or None,
        project=text(record, "team_id") or text(meta, "user_api_key_team_id") or None,
        id=text(record, identity) or None,
        paid=money(record, paid),
        blocks=path,
        thinking=count(answered, "reasoning_tokens") > 0,
        calls=searches(inner(counts, "server_tool_use")) or searches(prompt_details),
    )
    if text(record, "call_type") in BATCHES:
        request = _batch(request, meta, until)
    remarks += [*more, *unread("usage_object", counts, COUNTS)]
    remarks += unread("usage_object.prompt_tokens_details", prompt_details, PROMPT)
    return [request, *doubts, *remarks, *unread("usage_object.completion_tokens_details", answered, ANSWER)]


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


def _metadata(record: Record) -> Record:
    """The metadata, which the spend log keeps as text."""
    value: Any = record.get("metadata")
    if isinstance(value, str):
        try:
            value = loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


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


SPEND = Format(
    "litellm_spend",
    lambda record: "call_type" in record and "spend" in record and "request_id" in record,
    _reader("spend", "request_id"),
)
PAYLOAD = Format(
    "litellm_payload",
    lambda record: "response_cost" in record and "prompt_tokens" in record,
    _reader("response_cost", "id"),
)
