"""Messages of Anthropic, alone or in transcripts of Claude Code: input, cache writes and cache reads side by side.

https://platform.claude.com/docs/en/api/messages; where a request was compacted on its way, `iterations` lists each
sampling, and only their sum was paid: https://platform.claude.com/docs/en/build-with-claude/compaction.

A transcript has a line for each block of an answer, each with the usage so far; the last is complete. Lines of one
message share its id, also where a resumed or forked session, a subagent or a question aside repeats them in another
file, there under another `requestId`; adding them up would count two or three times:
https://github.com/anthropics/claude-code/issues/91775, https://github.com/ryoppippi/ccusage/pull/1155. What
`claude --print --output-format stream-json` prints has the same messages; a `result` alone, of `--output-format json`,
has sums by model: https://code.claude.com/docs/en/headless.
"""

from datetime import datetime
from typing import Any

from ...replay.request import Item, Skipped
from ..envelope import Envelope, opened
from ..flat import Fields, object_at, words
from ..format import Format, Rule
from ..tables import by_model
from ..values import Record, count, inner, instant, money, objects, text

TOOLS = "web_search_requests web_fetch_requests"
OTHERS = f"server_tool_use iterations type model {TOOLS}"
"""What stands beside the counts, and below them."""
COUNTED = frozenset(
    "input_tokens cache_read_input_tokens cache_creation_input_tokens cache_creation output_tokens iterations".split()
)
"""The sums of all samplings."""
OF_ALL = ("service_tier", "speed", "inference_geo", "output_tokens_details")
"""What holds of each."""
PRINTED = frozenset(("system", "user", "assistant", "result", "stream_event"))
ASIDE = frozenset(("summary", "file-history-snapshot", "queue-operation", "custom-title", "ai-title", "tag"))


def _is_message(record: Record) -> bool:
    if _is_transcript(record):
        return False
    envelope = opened(record)
    counts = inner(envelope.body, "usage")
    if "input_tokens" in counts:
        return "input_tokens_details" not in counts and (
            envelope.body.get("type") == "message" or "cache_read_input_tokens" in counts or "content" in envelope.body
        )
    return any(text(outer, "type") in ("errored", "canceled", "expired") for outer in (envelope.body, *envelope.around))


FIELDS = Fields(
    input="usage.input_tokens",
    read="usage.cache_read_input_tokens",
    write="usage.cache_creation_input_tokens",
    ttls="usage.cache_creation",
    output="usage.output_tokens",
    thoughts="usage.output_tokens_details.thinking_tokens",
    counting="exclusive",
    model="model",
    provider="provider",
    service="usage.service_tier",
    speed="usage.speed",
    region="usage.inference_geo",
    id="id",
)
RESULT = Fields(
    input="inputTokens",
    read="cacheReadInputTokens",
    write="cacheCreationInputTokens",
    output="outputTokens",
    counting="exclusive",
    paid="costUSD",
)


def _is_transcript(record: Record) -> bool:
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    if kind in ASIDE or ("sessionId" in record and ("message" in record or "uuid" in record)):
        return True
    is_printed = "uuid" in record or "modelUsage" in record or "usage" in inner(record, "message")
    return is_printed and "session_id" in record and kind in PRINTED


class Transcript:
    """One transcript, or what one run printed: whether its messages were there, so that its result repeats them."""

    def __init__(self) -> None:
        self.has_messages = False

    def read(self, record: Record) -> list[Item]:
        kind, message = text(record, "type"), inner(record, "message")
        counts, session = inner(message, "usage"), words(record, "sessionId|session_id") or None
        at = instant(record.get("timestamp"), "timestamp")
        if kind == "result" and not self.has_messages:
            return self._sums(record, at, session)
        if kind != "assistant":
            return [Skipped(f"not an answer ({kind[:30] or 'no type'})")]
        if message.get("model") == "<synthetic>":
            return [Skipped("written by the program, not by a model")]
        if not counts:
            return [Envelope(record, ()).failure]
        self.has_messages = True
        identity = text(message, "id") or text(record, "requestId") or text(record, "uuid")
        known = {
            "session": session,
            "project": text(record, "cwd") or None,
            "paid": money(record.get("costUSD"), "costUSD"),
        }
        parts = _samplings({**message, "id": identity})
        return [item for part in parts for item in MESSAGE.items(part, at=at, **known)]

    def _sums(self, record: Record, at: datetime | None, session: str | None) -> list[Item]:
        named = text(record, "uuid") or f"{session}"
        items = by_model(inner(record, "modelUsage"), RESULT, named, at=at, session=session)
        return items or [Skipped("a result without usage")]


def _samplings(message: Record) -> list[Record]:
    """A message for each sampling that was paid; the first has what is paid beside tokens, and what no reader knows."""
    counts, identity = inner(message, "usage"), text(message, "id")
    listed = objects(counts.get("iterations"))
    if not listed:
        return [message]
    whole = {key: each for key, each in counts.items() if key not in COUNTED}
    later = {key: whole[key] for key in OF_ALL if key in whole}
    parts: list[Any] = [
        {**message, "usage": {**(later if number else whole), **each}} for number, each in enumerate(listed)
    ]
    for number, part in enumerate(parts):
        part["model"] = text(part["usage"], "model") or text(message, "model")
        part["id"] = f"{identity}#{number}" if identity and number else identity
        part["diagnostics"] = None if number else message.get("diagnostics")
    return parts


def _missed(message: Record) -> tuple[str, int] | None:
    """Why the prompt was not read from a cache, by https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics."""
    reason = inner(inner(message, "diagnostics"), "cache_miss_reason") if "diagnostics" in message else {}
    tokens = count(reason, "cache_missed_input_tokens")
    return (text(reason, "type"), tokens) if tokens else None


def searches(tools: Record) -> tuple[tuple[str, int], ...]:
    """The searches of the web among the calls of tools; a page that was fetched costs its tokens alone."""
    number = count(tools, "web_search_requests")
    return (("web_search", number),) if number else ()


MESSAGE = Format(
    "anthropic_message",
    fields=FIELDS,
    is_ours=_is_message,
    is_enveloped=True,
    parts=_samplings,
    more=lambda message: {
        "calls": searches(object_at(message, "usage.server_tool_use")),
        "missed": _missed(message),
    },
    providers=(Rule("id", "^msg_vrtx_", "google-vertex"), Rule("id", "^msg_bdrk_", "bedrock")),
    leaves=(
        Rule("usage.iterations", "!^$"),
        Rule("usage.server_tool_use.web_search_requests", "!^0?$"),
        Rule("diagnostics.cache_miss_reason", "!^$"),
    ),
    counts="usage usage.server_tool_use",
    others=OTHERS,
)
TRANSCRIPT = Format(
    "claude_code",
    is_ours=_is_transcript,
    begin=lambda name: Transcript().read,
    repeats=True,
    tool="Claude Code",
    places=("${CLAUDE_CONFIG_DIR:-~/.claude}/projects/**/*.jsonl", "~/.config/claude/projects/**/*.jsonl"),
)
