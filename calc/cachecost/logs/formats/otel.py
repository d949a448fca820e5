"""Spans and log records of OpenTelemetry, under every name of generative AI there; input includes cached tokens.

https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/ of today and of 2024, OpenLLMetry, Sentry,
Pydantic AI; OpenInference (Phoenix, Arize, Langflow), where some count cached tokens apart and the total says so:
https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md; the Vercel AI SDK's `ai.usage`:
https://ai-sdk.dev/docs/ai-sdk-core/telemetry; MLflow's traces, whose attributes are JSON as text:
https://mlflow.org/docs/latest/genai/tracing/token-usage-cost/. A span is read from OTLP's JSON, alone or in its
envelope, from the console exporter, flat, or as a row of a table. Spans of agents repeat the tokens of the calls below
them: left out.

Agents send their requests as log records: https://code.claude.com/docs/en/monitoring-usage, where what was cached
stands beside the input; https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md, where it is inside
it, and thoughts and prompts of tools stand beside; https://developers.openai.com/codex/security/#enable-otel-opt-in,
where it is inside; that page does not name its counts, and those here are as others read them. Records that repeat an
event under general names are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...replay.request import Item, Skipped, Unread
from ..flat import Fields, all_paths, object_at, requests, under, value, words
from ..format import BESIDE, Format, Rule
from ..values import NOTHING, Record, given, inner, instant, objects, text


def _names(start: str, names: str) -> str:
    return "|".join(f"{start}{name}" for name in names.split())


def _any(gen_ai: str, llm: str = "", inference: str = "", vercel: str = "") -> str:
    """The paths of a count: OpenTelemetry's, OpenLLMetry's, OpenInference's, and the Vercel AI SDK's."""
    each = ("gen_ai.usage.", gen_ai), ("llm.usage.", llm), ("llm.token_count.", inference), ("ai.usage.", vercel)
    return "|".join(_names(start, names) for start, names in each if names)


FIELDS = Fields(
    input=_any("input_tokens prompt_tokens", "prompt_tokens", "prompt", "inputTokens promptTokens"),
    output=_any("output_tokens completion_tokens", "completion_tokens", "completion", "outputTokens completionTokens"),
    read=_any(
        "cache_read.input_tokens cache_read_input_tokens input_tokens.cached cache_read_tokens input_cached_tokens "
        "details.cache_read_tokens details.cache_read_input_tokens",
        "cache_read_input_tokens",
        "prompt_details.cache_read",
        "inputTokenDetails.cacheReadTokens cachedInputTokens",
    ),
    write=_any(
        "cache_write.input_tokens cache_creation.input_tokens cache_creation_input_tokens cache_write_input_tokens "
        "input_tokens.cache_write cache_write_tokens cache_creation_tokens details.cache_write_tokens "
        "details.cache_creation_input_tokens",
        "cache_creation_input_tokens",
        "prompt_details.cache_write",
        "inputTokenDetails.cacheWriteTokens",
    ),
    thoughts=_any(
        "reasoning.output_tokens reasoning_tokens output_tokens.reasoning details.reasoning_tokens",
        "reasoning_tokens",
        "completion_details.reasoning",
        "outputTokenDetails.reasoningTokens reasoningTokens",
    ),
    audio=(
        _any("audio.input_tokens input_audio_tokens", inference="prompt_details.audio"),
        _any("audio.output_tokens output_audio_tokens", inference="completion_details.audio"),
        _any("audio.cache_read.input_tokens cache_read.audio.input_tokens"),
    ),
    image=(
        _any("image.input_tokens"),
        _any("image.output_tokens"),
        _any("image.cache_read.input_tokens cache_read.image.input_tokens"),
    ),
    total=_any("total_tokens", "total_tokens", "total", "totalTokens"),
    model="gen_ai.response.model|gen_ai.request.model|llm.request.model|llm.model_name|ai.response.model|ai.model.id",
    provider="gen_ai.provider.name|gen_ai.system|llm.provider|llm.vendor|llm.system|ai.model.provider",
    service="openai.response.service_tier|gen_ai.openai.response.service_tier|gen_ai.response.service_tier",
    session="gen_ai.conversation.id|session.id|traceloop.association.properties.session_id",
    paid="llm.cost.total",
)
COUNTS = ("gen_ai.usage.", "llm.usage.", "llm.token_count.", "ai.usage.")
KNOWN = all_paths(FIELDS)
PARTS = (
    "gen_ai.usage.details.",
    "ai.usage.inputTokenDetails.",
    "ai.usage.outputTokenDetails.",
    "llm.token_count.prompt_details.",
    "llm.token_count.completion_details.",
)
"""Counts that say what others are made of."""
OF_MLFLOW = {"mlflow.llm.model": "gen_ai.request.model", "mlflow.llm.provider": "gen_ai.provider.name"}
OPERATION = "*gen_ai.operation.name|*ai.operationId"
OF_AGENT = "a span of an agent ({}): its calls have their own"
BEGIN = ("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime", "start_timestamp", "timestamp")
ENVELOPES = ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans", "spans")
DEEPEST = 4


def _place(span: Record) -> str | None:
    """What comes before the names of attributes; None in an envelope of many spans, or where they are a list."""
    lists = (*(span.get(key) for key in ENVELOPES), inner(span, "data").get("spans"), span.get("attributes"))
    if any(isinstance(each, list) for each in (*lists, inner(span, "resource").get("attributes"))):
        return None
    objects = (f"{key}." for key in ("attributes", "data", "tags") if inner(span, key))
    return next(objects, "attributes." if any(key.startswith("attributes.") for key in span) else "")


_PATHS: Any = under("*", FIELDS[:-2])
_SKIPS = (
    Rule(f"{_PATHS[0]}|{_PATHS[1]}", "^$", "a span without tokens"),
    Rule(OPERATION, "^(invoke_agent|create_agent|execute_tool|invoke_workflow|handoff)$", OF_AGENT),
    Rule(OPERATION, "[.]do"),
    Rule(OPERATION, "^ai[.]", OF_AGENT),
)
_LEAVES = [Rule(f"*{key}", "!^$") for key in ("event.name", "mlflow.chat.tokenUsage")]


def _is_ours(record: Record) -> bool:
    if any(isinstance(record.get(key), list) for key in ENVELOPES) or isinstance(
        inner(record, "data").get("spans"), list
    ):
        return True
    if "spanId" in record or "span_id" in record or "span_id" in inner(record, "context"):
        return True
    return any(key.removeprefix("attributes.").startswith(("gen_ai.", "llm.token_count.")) for key in record)


def _below(
    record: Record, envelopes: tuple[str, ...], resource: Record = NOTHING, depth: int = 0
) -> Iterator[tuple[Record, Record]]:
    """Every span or log record in an envelope, and the attributes of what sent it."""
    resource = attributes(inner(record, "resource")) or resource
    lists = [
        each[key] for each in (record, inner(record, "data")) for key in envelopes if isinstance(each.get(key), list)
    ]
    if not lists or depth == DEEPEST:
        yield record, resource
        return
    for listed in lists:
        for each in objects(listed):
            yield from _below(each, envelopes, resource, depth + 1)


def attributes(span: Record) -> dict[str, Any]:
    """Attributes by name: OTLP's list of typed values, an object, Sentry's `data`, or the span itself."""
    listed = span.get("attributes")
    if isinstance(listed, list):
        pairs = [(each.get("key"), each.get("value")) for each in objects(listed)]
        return {key: _plain(value) for key, value in pairs if isinstance(key, str)}
    values = inner(span, "attributes") or inner(span, "data") or inner(span, "tags")
    return dict(values) if values else {key.removeprefix("attributes."): span[key] for key in span if "." in key}


def _plain(value: object) -> Any:
    """`{"intValue": "12"}` is "12"."""
    return next(iter(value.values()), None) if isinstance(value, Mapping) else value


def _flattened(span: Record, resource: Record) -> Record:
    """A span with its attributes, and the name of what sent it, beside its own keys."""
    values = attributes(span)
    if counts := object_at(values, "mlflow.chat.tokenUsage"):
        values |= {f"gen_ai.usage.{key}": each for key, each in counts.items()}
        values |= {name: words(values, key).strip('"') for key, name in OF_MLFLOW.items()}
    beside = {key: each for key, each in span.items() if each is not None}
    return {**values, **beside, "resource.service.name": words(resource, "service.name")}


def _request(span: Record) -> list[Item]:
    """The request of a flattened span."""
    items = ATTRIBUTES.items(span)
    if isinstance(items[0], Skipped):
        return items
    keys = (key for key in span if key.startswith(COUNTS) and key not in KNOWN and not key.startswith(PARTS))
    return [*items, *(Unread(key) for key in keys if given(span[key]))]


SPANS = Format(
    "otel",
    "spanId|span_id|context.span_id",
    Fields(*_PATHS)._replace(
        at="|".join(BEGIN),
        id="traceId|trace_id|context.trace_id+spanId|span_id|context.span_id",
        project="resource.attributes.service.name|resource.service.name",
    ),
    is_ours=_is_ours,
    parts=lambda record: (_flattened(*each) for each in _below(record, ENVELOPES)),
    reader=_request,
    skips=(*_LEAVES, *_SKIPS),
    countings=(
        # version 5 of the Vercel AI SDK passes on Anthropic's own count
        Rule("*ai.usage.cachedInputTokens", "^$", "inclusive"),
        Rule("*ai.usage.inputTokenDetails.cacheReadTokens", "!^$", "inclusive"),
        Rule(under("*", FIELDS.provider), "anthropic", BESIDE),
        Rule(under("*", FIELDS.model), "claude", BESIDE),
    ),
    leaves=_LEAVES,
    place=_place,
    note="spans do not say how long what was written lives: the default TTL is taken",
)
ATTRIBUTES = SPANS._replace(skips=_SKIPS).moved("")


CLAUDE_CODE = Fields(
    model="model",
    input="input_tokens",
    read="cache_read_tokens",
    write="cache_creation_tokens",
    output="output_tokens",
    counting="exclusive",
    speed="speed",
    session="session.id",
    paid="cost_usd",
)
GEMINI_CLI = Fields(
    model="model",
    input="input_token_count",
    tools="tool_token_count",
    read="cached_content_token_count",
    output="output_token_count",
    apart="thoughts_token_count",
    total="total_token_count",
    session="session.id",
    counting="within",
)
CODEX = Fields(
    model="model",
    input="input_token_count",
    read="cached_token_count",
    output="output_token_count",
    thoughts="reasoning_token_count",
    session="conversation.id",
)
EVENTS = {
    "api_request": CLAUDE_CODE,
    "claude_code.api_request": CLAUDE_CODE,
    "gemini_cli.api_response": GEMINI_CLI,
    "codex.sse_event": CODEX,
}
AGENTS = ("claude_code.", "gemini_cli.", "codex.")
REPEATED = "gen_ai.client.inference.operation.details"
METRICS = ("resourceMetrics", "scopeMetrics")
LOGS = ("resourceLogs", "scopeLogs", "logRecords")
TIMES = ("event.timestamp", "timeUnixNano", "observedTimeUnixNano", "timestamp")
"""When it happened, or else was observed; 0 is not known:
https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto"""
IDENTITY = "request_id session.id conversation.id prompt_id prompt.id event.sequence event.timestamp".split()


def _name(record: Record, attributes: Record) -> str:
    body = record.get("body")
    return words(attributes, "event.name") or (
        body if isinstance(body, str) else text(inner(record, "body"), "stringValue")
    )


def _is_event(record: Record) -> bool:
    if any(isinstance(record.get(key), list) for key in (*LOGS, *METRICS)):
        return True
    values = attributes(record)
    name = _name(record, values)
    return name.startswith(AGENTS) or name == REPEATED or (name == "api_request" and "cost_usd" in values)


def _event(record: Record) -> list[Item]:
    """The request of a flattened log record."""
    if any(key in record for key in METRICS):
        return [Skipped("metrics: the requests that they sum up are in log records")]
    name, sender = _name(record, record), words(record, "resource.service.name")
    fields = EVENTS.get(name)
    if fields is None and value(record, FIELDS.input) is not None and sender != "gemini-cli":
        return _request(record)
    if fields is None or value(record, fields.input) is None:
        return [Skipped(f"not an answer ({name[:40] or 'no name'})")]
    times = (value(record, key) for key in TIMES)
    at = next((each for each in times if each not in (None, 0, "0")), None)
    named = ":".join(filter(None, (words(record, key) for key in IDENTITY)))
    return requests(record, fields, at=instant(at, "event.timestamp"), project=sender or None, id=named or None)


AGENT_EVENTS = Format(
    "agent_events",
    is_ours=_is_event,
    parts=lambda record: (_flattened(*each) for each in _below(record, LOGS)),
    reader=_event,
)
