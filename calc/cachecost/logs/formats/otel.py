"""Spans of OpenTelemetry: today's names for generative AI, those of 2024, OpenLLMetry's and Sentry's; input inclusive.

https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/. A span is read from OTLP's JSON, alone or in
its envelope, from the console exporter, or flat. Spans of agents repeat the tokens of the calls below them: left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...replay.request import Item, Request, Skipped, Unread
from ..counts import adds_up, plain, usage
from ..format import Format, Record
from ..values import count, first, given, inner, instant, service, text, word

USAGE = "gen_ai.usage."
INPUT = (f"{USAGE}input_tokens", f"{USAGE}prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT = (f"{USAGE}output_tokens", f"{USAGE}completion_tokens", "llm.usage.completion_tokens")
READ = tuple(
    USAGE + name
    for name in (
        "cache_read.input_tokens",
        "cache_read_input_tokens",
        "input_tokens.cached",
        "details.cache_read_tokens",
    )
)
WRITE = tuple(
    USAGE + name
    for name in (
        "cache_creation.input_tokens",
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
        "input_tokens.cache_write",
        "details.cache_write_tokens",
    )
)
THOUGHTS = tuple(
    USAGE + name
    for name in ("reasoning.output_tokens", "reasoning_tokens", "output_tokens.reasoning", "details.reasoning_tokens")
)
TOTAL = (f"{USAGE}total_tokens", "llm.usage.total_tokens")
KNOWN = frozenset((*INPUT, *OUTPUT, *READ, *WRITE, *THOUGHTS, *TOTAL))
SESSION = ("gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id")
SERVICE = ("openai.response.service_tier", "gen_ai.openai.response.service_tier", "gen_ai.response.service_tier")
AGENTS = frozenset(("invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "handoff"))
BEGIN = ("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime", "start_timestamp", "timestamp")
ENVELOPES = ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans", "spans")
DEEPEST = 4


def detect(record: Record) -> bool:
    if any(isinstance(record.get(key), list) for key in ENVELOPES):
        return True
    if "spanId" in record or "span_id" in record or "span_id" in inner(record, "context"):
        return True
    return any(key.startswith("gen_ai.") for key in record)


def read(record: Record) -> list[Item]:
    items = [item for span, resource in _spans(record, {}, 0) for item in _span(span, resource)]
    return items or [Skipped("an envelope without spans")]


def _spans(record: Record, resource: Record, depth: int) -> Iterator[tuple[Record, Record]]:
    """Every span and the attributes of what sent it."""
    resource = attributes(inner(record, "resource")) or resource
    below = [each for key in ENVELOPES if isinstance(record.get(key), list) for each in record[key]]
    if depth < DEEPEST and any(isinstance(record.get(key), list) for key in ENVELOPES):
        for each in below:
            if isinstance(each, Mapping):
                yield from _spans(each, resource, depth + 1)
        return
    yield record, resource


def attributes(span: Record) -> dict[str, Any]:
    """Attributes by name: OTLP's list of typed values, an object, Sentry's `data`, or the span itself."""
    listed = span.get("attributes")
    if isinstance(listed, list):
        pairs = [(each.get("key"), each.get("value")) for each in listed if isinstance(each, Mapping)]
        return {key: _plain(value) for key, value in pairs if isinstance(key, str)}
    found = inner(span, "attributes") or inner(span, "data") or inner(span, "tags")
    return dict(found) if found else {key: value for key, value in span.items() if "." in key}


def _plain(value: object) -> Any:
    """`{"intValue": "12"}` is "12"."""
    return next(iter(value.values()), None) if isinstance(value, Mapping) else value


def _span(span: Record, resource: Record) -> list[Item]:
    found = attributes(span)
    if first(found, INPUT) is None and first(found, OUTPUT) is None:
        return [Skipped("a span without tokens")]
    operation = word(found, ("gen_ai.operation.name",))
    if operation in AGENTS:
        return [Skipped(f"a span of an agent ({operation}): its calls have their own")]
    counted = {name: _one(found, keys) for name, keys in (("prompt", INPUT), ("read", READ), ("write", WRITE))}
    output = _one(found, OUTPUT)
    request = Request(
        at=instant(first(span, BEGIN), "start time"),
        model=word(found, ("gen_ai.response.model", "gen_ai.request.model", "llm.request.model")),
        usage=usage(
            input=plain(counted["prompt"], counted["read"], counted["write"]),
            cache_read=counted["read"],
            cache_write=counted["write"],
            output=output,
        ),
        provider=word(found, ("gen_ai.provider.name", "gen_ai.system", "llm.vendor")),
        service=service(first(found, SERVICE)),
        session=word(found, SESSION) or None,
        project=word(resource, ("service.name",)) or None,
        id=_identity(span),
        thinking=_one(found, THOUGHTS) > 0,
    )
    total = _one(found, TOTAL)
    unknown: list[Item] = [
        Unread(key) for key in found if key.startswith(USAGE) and key not in KNOWN and given(found[key])
    ]
    return [request, *(adds_up(total, counted["prompt"], output) if total else []), *unknown]


def _one(record: Record, keys: tuple[str, ...]) -> int:
    """The count under the first of the names that is given."""
    key = next((key for key in keys if given(record.get(key))), keys[0])
    return count(record, key)


def _identity(span: Record) -> str | None:
    where = {**inner(span, "context"), **span}
    trace, own = (
        text(where, key) or text(where, other) for key, other in (("traceId", "trace_id"), ("spanId", "span_id"))
    )
    return f"{trace}:{own}" if own else None


FORMAT = Format("otel", detect, read, note="spans do not say how long what was written lives: the default TTL is taken")
