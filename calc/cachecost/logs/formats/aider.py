"""Aider's log of analytics (`--analytics-log`): one line a message, with the tokens of the prompt and of the answer.

https://aider.chat/docs/more/analytics.html; the file is where that flag says.
"""

from ..flat import Fields
from ..format import Format, Rule
from ..values import Record, text

FIELDS = Fields(
    at="time",
    model="properties.main_model",
    input="properties.prompt_tokens",
    output="properties.completion_tokens",
    total="properties.total_tokens",
    paid="properties.cost",
)
EVENTS = frozenset(("launched", "repo", "no-repo", "auto_commits", "cli session", "message_send", "exit"))


def _is_event(record: Record) -> bool:
    properties, event = record.get("properties"), text(record, "event")
    is_known = event in EVENTS or event.startswith("command_")
    return isinstance(properties, dict) and "time" in record and ("main_model" in properties or is_known)


FORMAT = Format(
    "aider",
    fields=FIELDS,
    is_ours=_is_event,
    skips=(Rule("event", "!^message_send$", "not an answer"), Rule(FIELDS.input, "^$", "not an answer")),
    tool="Aider",
    places=("~/.aider/analytics*.jsonl",),
    note="cached tokens are not listed separately: they are priced as plain input",
)
