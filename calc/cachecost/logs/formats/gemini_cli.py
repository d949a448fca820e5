"""Chats of Gemini CLI: one JSON document, or lines that begin with the session and may be written again.

A line with the id of an earlier one replaces it; `$set` lines have messages of the session as they are by then. The
total says whether the input includes cached tokens; thoughts and prompts of tools are counted beside input and output:
https://github.com/ccusage/ccusage/blob/main/rust/adapters/gemini/src/parser.rs,
https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/services/chatRecordingService.ts.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, requests, value, words
from ..format import Format
from ..values import Record, inner, objects, text

FIELDS = Fields(
    at="timestamp|created_at",
    model="model",
    input="tokens.input",
    tools="tokens.tool",
    read="tokens.cached",
    output="tokens.output",
    apart="tokens.thoughts",
    total="tokens.total",
    counting="total",
)
MESSAGE = frozenset(("id", "timestamp", "type", "content", "displayContent"))
KINDS = frozenset(("user", "info", "warning", "error"))


class Chat:
    """One session, whose id and project stand in the first line."""

    def __init__(self) -> None:
        self.session = self.project = ""

    def read(self, record: Record) -> list[Item]:
        self.session = words(record, "sessionId|session_id") or self.session
        self.project = text(record, "projectHash") or self.project
        listed = inner(record, "$set").get("messages") or record.get("messages")
        messages = objects(listed) if isinstance(listed, list) else [record]
        return [item for each in messages for item in self._message(each)]

    def _message(self, message: Record) -> list[Item]:
        kind = text(message, "type")
        if kind != "gemini":
            return [Skipped(f"not an answer ({kind[:30] or 'no type'})")]
        if value(message, "tokens.input|tokens.total") is None:
            return [Skipped("an answer without usage")]
        named = text(message, "id") or f"{self.session}:{text(message, 'timestamp')}:{words(message, FIELDS.total)}"
        return requests(message, FIELDS, session=self.session or None, project=self.project or None, id=named)


def _is_chat(record: Record) -> bool:
    if ("sessionId" in record and "projectHash" in record) or "$set" in record or "$rewindTo" in record:
        return True
    kind = text(record, "type")
    if kind == "gemini":
        return "tokens" in record or "content" in record
    return kind in KINDS and record.keys() >= {"id", "content"} and record.keys() <= MESSAGE


FORMAT = Format(
    "gemini_cli",
    is_ours=_is_chat,
    begin=lambda name: Chat().read,
    repeats=True,
    tool="Gemini CLI",
    places=(
        "${GEMINI_CLI_HOME:-~}/.gemini/tmp/*/chats/**/*.json",
        "${GEMINI_CLI_HOME:-~}/.gemini/tmp/*/chats/**/*.jsonl",
    ),
)
