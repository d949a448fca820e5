"""LiteLLM's spend logs, payloads for callbacks and sums by day: prompts include the cached tokens, also Anthropic's.

https://docs.litellm.ai/docs/proxy/spend_logs and .../logging_spec. `cache_hit` means that LiteLLM itself
had the answer: nothing was bought. What decides the price beside tokens, LiteLLM writes down as the basis of its costs:
`cost_breakdown` with `service_tier`, `data_residency` and `vertex_location`, in the spend log inside `metadata`
(litellm 1.106.2, `CostBreakdown` in types/utils.py, `SpendLogsMetadata` in proxy/_types.py). A batch that was
retrieved is one row, the sum of `batch_successful_requests`.

`prefix_block_hashes`, from 1.111 on, are chained ids of the prompt's blocks, the last one also where it is not full:
https://docs.litellm.ai/docs/proxy/prefix_block_hashes. How many tokens a block has was not found there, so a list of
ids counts as blocks of 512 tokens only where there are as many as the prompt has such blocks. An object with a
`block_size` beside its list is taken at its word. Ids that do not name blocks of 512 are doubted and left out.

Sums by day are the tables `LiteLLM_DailyUserSpend`, `...TeamSpend` and so on, and the CSV of its dashboard:
https://github.com/BerriAI/litellm/blob/main/schema.prisma, https://github.com/BerriAI/litellm/pull/32015.
`api_requests` includes those that failed. A row of the table grows until its day is over: of rows of one id the largest
counts.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..flat import Fields, object_at, value
from ..format import Format, Rule
from ..tables import sums
from ..values import Record, instant, located, place, region, text
from .anthropic import searches
from .openai import OTHERS, counts_of, fields_of

BATCHES = ("aretrieve_batch", "retrieve_batch")
IN_USAGE = (
    f"{OTHERS} cache_creation server_tool_use service_tier input_tokens output_tokens total_tokens inference_geo speed "
    "cost"
)
_USAGE = "metadata.usage_object"
_MORE = "metadata.additional_usage_values"
_PRICED = ("cost_breakdown", "metadata.cost_breakdown", _USAGE, "metadata", "")
"""Where LiteLLM writes the basis of a price, the surest first."""


def _basis_of(key: str) -> str:
    return "|".join(f"{each}.{key}".removeprefix(".") for each in _PRICED)


API_BASE, VERTEX_LOCATION = _basis_of("api_base"), _basis_of("vertex_location")
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
    requests="metadata.batch_successful_requests",
    blocks="metadata.prefix_block_hashes",
)
SKIPS = (
    Rule("cache_hit", "(?i)^true$", "answered from LiteLLM's own cache: nothing was bought"),
    Rule("status", "^failure$", "a failed request"),
    Rule("call_type", "^a?create_batch$", "a batch that was begun: what it cost stands where it was retrieved"),
)
LEAVES = (
    Rule("call_type", "^a?retrieve_batch$"),
    Rule(f"{_USAGE}.server_tool_use.web_search_requests", "!^0?$"),
    Rule(f"{_USAGE}.prompt_tokens_details.web_search_requests", "!^0?$"),
    Rule("custom_llm_provider", "^vertex_ai"),
    Rule(API_BASE, "aiplatform"),
)
_VERTEX_HOST = re.compile(r"^(?:https?://)?(?:([a-z0-9-]+)-)?aiplatform(?:\.[a-z]+)?\.googleapis\.com")


def _opened(record: Record) -> list[Record]:
    """The row with its metadata as an object: a database has them as text."""
    return [{**record, "metadata": object_at(record, "metadata")}]


def _more(record: Record) -> Mapping[str, Any]:
    counts = object_at(record, _USAGE)
    details = (object_at(counts, key) for key in ("server_tool_use", "prompt_tokens_details"))
    more: dict[str, Any] = {"calls": next(filter(None, map(searches, details)), ())}
    if (where := _place(record)) and not region(value(record, FIELDS.region)):
        more["region"] = where
    if text(record, "call_type") in BATCHES:
        more |= _batch(record)
    return more


def _place(record: Record) -> str | None:
    """The place where Vertex ran the request, also as the host that was called."""
    host = _VERTEX_HOST.search(str(value(record, API_BASE)))
    if host is None and not text(record, "custom_llm_provider").startswith("vertex_ai"):
        return None
    return located(place(value(record, VERTEX_LOCATION)) or (host[1] or "" if host else ""))


def _batch(record: Record) -> dict[str, Any]:
    """The answers of a batch, as one sum of requests."""
    at, until = (instant(record.get(key), key) for key in ("startTime", "endTime"))
    models = value(record, "metadata.batch_models")
    is_one = isinstance(models, list) and len(models) == 1 and isinstance(models[0], str)
    return {
        "model": models[0] if is_one else text(record, "model"),
        "service": "batch",
        "lasting": until - at if at and until and until > at else timedelta(),
    }


def _format(name: str, keys: str, paid: str, identity: str) -> Format:
    """The format of lines of either shape, which have all of these keys, by those of their cost and their id."""
    wanted = frozenset(keys.split())
    return Format(
        name,
        "prompt_tokens model",
        FIELDS._replace(paid=paid, id=identity),
        is_ours=lambda record: record.keys() >= wanted,
        parts=_opened,
        more=_more,
        skips=SKIPS,
        leaves=LEAVES,
        counts=counts_of(_USAGE, "prompt", "completion"),
        others=IN_USAGE,
    )


SPEND = _format("litellm_spend", "call_type spend request_id", "spend", "request_id")
PAYLOAD = _format("litellm_payload", "response_cost prompt_tokens", "response_cost", "id")
DAILY = sums(
    "litellm_daily",
    "date+custom_llm_provider+prompt_tokens+completion_tokens+api_requests+spend",
    Fields(
        at="date",
        model="model|model_group",
        provider="custom_llm_provider",
        input="prompt_tokens",
        read="cache_read_input_tokens",
        write="cache_creation_input_tokens",
        output="completion_tokens",
        requests="successful_requests|api_requests",
        project="team_id|organization_id|user_id|tag",
        id="id",
        paid="spend",
    ),
    repeats=True,
)
EXPORT = sums(
    "litellm_export",
    "Date+Model+Spend+Prompt Tokens+Completion Tokens",
    Fields(
        at="Date",
        model="Model",
        input="Prompt Tokens",
        read="Cache Read Tokens",
        write="Cache Write Tokens",
        output="Completion Tokens",
        total="Total Tokens",
        counting="total",
        requests="Successful Requests|Requests",
        project="Team|Tag|User|Organization",
        paid="Spend",
    ),
)
