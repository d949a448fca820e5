"""Events that agents send as log records of OpenTelemetry: requests of Claude Code, Gemini CLI and Codex CLI.

https://code.claude.com/docs/en/monitoring-usage: what was cached stands beside the input.
https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md: inside it; thoughts and prompts of tools
stand beside. https://developers.openai.com/codex/security/#enable-otel-opt-in: inside; the page does not name its
counts, and those here are as others read them. Records that repeat an event under general names are left out.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, requests, value, words
from ..format import Format
from ..values import Record, first, inner, instant, text
from .otel import FIELDS, attributes, below, flattened, read

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
ENVELOPES = ("resourceLogs", "scopeLogs", "logRecords")
IDENTITY = "request_id session.id conversation.id prompt_id prompt.id event.sequence event.timestamp".split()


def _name(record: Record, attributes: Record) -> str:
    body = record.get("body")
    return words(attributes, "event.name") or (
        body if isinstance(body, str) else text(inner(record, "body"), "stringValue")
    )


def _detect(record: Record) -> bool:
    if any(isinstance(record.get(key), list) for key in (*ENVELOPES, *METRICS)):
        return True
    values = attributes(record)
    name = _name(record, values)
    return name.startswith(AGENTS) or name == REPEATED or (name == "api_request" and "cost_usd" in values)


def _read(record: Record) -> list[Item]:
    if any(key in record for key in METRICS):
        return [Skipped("metrics: the requests that they sum up are in log records")]
    items = [item for each, resource in below(record, ENVELOPES) for item in _event(each, resource)]
    return items or [Skipped("an envelope without events")]


def _event(record: Record, resource: Record) -> list[Item]:
    values = attributes(record)
    name = _name(record, values)
    fields, sender = EVENTS.get(name), words(resource, "service.name")
    if fields is None and value(values, FIELDS.input) is not None and sender != "gemini-cli":
        return read(flattened(record, resource))
    if fields is None or value(values, fields.input) is None:
        return [Skipped(f"not an answer ({name[:40] or 'no name'})")]
    at = first(values, ("event.timestamp",)) or first(record, ("timeUnixNano", "observedTimeUnixNano", "timestamp"))
    named = [words(values, key) for key in IDENTITY if words(values, key)]
    at = instant(at, "event.timestamp")
    return requests(values, fields, at=at, project=sender or None, id=":".join(named) or None)


FORMAT = Format("agent_events", is_ours=_detect, reader=_read)
