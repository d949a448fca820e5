"""What Cursor's agent prints with `--output-format stream-json`: a run's sum in its last line, what was cached apart.

The first line names the model, the session and the folder. https://cursor.com/docs/cli/reference/output-format; that
`inputTokens` exclude what was cached is as others read it, and was not found on that page.
"""

from datetime import timedelta

from ...replay.request import Item, Skipped
from ..flat import Fields, requests
from ..format import Record, stateful
from ..values import inner, text

FIELDS = Fields(
    at="timestamp_ms",
    model="model",
    input="usage.inputTokens",
    read="usage.cacheReadTokens",
    write="usage.cacheWriteTokens",
    output="usage.outputTokens",
    counting="exclusive",
    session="session_id",
    project="cwd",
    id="request_id",
)
LINES = frozenset("system user assistant thinking tool_call".split())


class Run:
    """One run, of which the first line says what it ran on."""

    def __init__(self) -> None:
        self.known: Record = {}

    def read(self, record: Record) -> list[Item]:
        if record.get("type") == "system":
            self.known = {key: record[key] for key in ("model", "session_id", "cwd") if key in record}
        if record.get("type") != "result" or "inputTokens" not in inner(record, "usage"):
            return [Skipped(f"not a sum of requests ({text(record, 'type')[:30]})")]
        return requests({**self.known, **record}, FIELDS, lasting=timedelta())


def _is_line(record: Record) -> bool:
    """Claude Code prints lines like these, each with a `uuid`."""
    kind = text(record, "type")
    if kind == "result":
        return "inputTokens" in inner(record, "usage")
    is_told = "content" in inner(record, "message") or "subtype" in record
    return kind in LINES and "session_id" in record and is_told and "uuid" not in record


FORMAT = stateful(
    "cursor_agent",
    _is_line,
    lambda name: Run().read,
    tool="cursor-agent --output-format stream-json",
    note="sums of the requests of a run: a rate that depends on the length of a prompt cannot be told",
)
