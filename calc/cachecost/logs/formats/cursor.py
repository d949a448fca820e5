"""Cursor: usage events exported from its dashboard as CSV, and what its agent prints.

`Input (w/ Cache Write)` are the tokens written to a cache, `Input (w/o Cache Write)` those that were not. The total of
a row is the sum of both, of what was read and of the output: https://github.com/pingdotgg/t3code/pull/6046. Where it is
the first of the two with the rest, the second lies inside the first, as
https://github.com/steipete/CodexBar/pull/3113 has it. Older exports lack the columns from User to Kind. An event is a
turn of the agent, which may have taken several requests. What a plan includes is priced like anything else.

`--output-format stream-json` prints a run's sum in its last line, what was cached apart; the first line names the
model, the session and the folder. https://cursor.com/docs/cli/reference/output-format; that `inputTokens` exclude what
was cached is as others read it, and was not found on that page.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, number, requests
from ..format import Format, Reader, Rule
from ..tables import NOW, sums
from ..values import Record, inner, text

EVENT = Fields(
    at="Date",
    model="Model",
    input="Input (w/o Cache Write)",
    write="Input (w/ Cache Write)",
    read="Cache Read",
    output="Output Tokens",
    total="Total Tokens",
    counting="exclusive",
    project="User",
    paid="Cost",
)
RUN = Fields(
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


def _apart(record: Record) -> list[Record]:
    """An event whose written tokens do not include those that were not written."""
    written, rest = number(record, EVENT.write), number(record, EVENT.input)
    is_inside = number(record, EVENT.total) == number(record, f"{EVENT.write}+{EVENT.read}+{EVENT.output}")
    return [{**record, EVENT.write: written - rest} if is_inside and rest <= written else record]


def _run(name: str) -> Reader:
    """What reads one run, of which the first line says what it ran on."""
    known: dict[str, object] = {}

    def read(record: Record) -> list[Item]:
        if record.get("type") == "system":
            known.update({key: record[key] for key in (RUN.model, RUN.session, RUN.project) if key in record})
        if record.get("type") != "result" or "inputTokens" not in inner(record, "usage"):
            return [Skipped(f"not a sum of requests ({text(record, 'type')[:30]})")]
        return requests({**known, **record}, RUN, lasting=NOW)

    return read


def _is_line(record: Record) -> bool:
    """Claude Code prints lines like these, each with a `uuid`."""
    kind = text(record, "type")
    if kind == "result":
        return "inputTokens" in inner(record, "usage")
    is_told = "content" in inner(record, "message") or "subtype" in record
    return kind in LINES and "session_id" in record and is_told and "uuid" not in record


EVENTS = sums(
    "cursor",
    "Date+Model+Input (w/ Cache Write)+Input (w/o Cache Write)",
    EVENT,
    parts=_apart,
    more=lambda record: {"lasting": NOW},
    skips=(Rule("Kind", "(?i)no charge|not charged", "an event without a charge ({})"),),
    note="an event may be several requests: their sizes are not known",
    tool="Cursor",
)
AGENT = Format(
    "cursor_agent",
    is_ours=_is_line,
    begin=_run,
    tool="cursor-agent --output-format stream-json",
    note="sums of the requests of a run: a rate that depends on the length of a prompt cannot be told",
)
