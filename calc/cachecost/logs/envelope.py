"""What people write around a vendor's answer when they log it: a time, a session, whom it was for, the answer as text.

Whom it was for, under the names that gateways and vendors give it, is read only where it is asked for.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..replay.request import Skipped
from .flat import value
from .values import Record, as_object, first, inner, instant

BODIES = (
    "response response_body responseBody body raw_response rawResponse completion message result output data kwargs"
).split()
TIMES = (
    "timestamp created_at createdAt created time ts at date datetime start_time startTime createTime create_time "
    "request_time request_timestamp processed_time"
).split()
SESSIONS = "session_id sessionId session conversation_id conversationId thread_id prompt_cache_key".split()
PROJECTS = "project project_id projectId workspace_id workspace".split()
LABELS = {
    "user": "user|user_id|userId|end_user|account_id|user_email|metadata.user_id|metadata.userId|attributes.user.id",
    "team": "team|team_id|team_alias|organization_id|metadata.user_api_key_team_id|metadata.team",
    "tag": "tag|tags|request_tags|metadata.tags",
    "key": "key|api_key_alias|api_key_id|key_name|metadata.user_api_key_alias|api_key|virtual_key",
}
"""Label, each of `OPTIONAL` in `replay/account.py` -> the paths under which it may lie, the plainest first."""
SECRET = 12
"""Characters of a key that may be shown whole: a longer one may be the secret itself, or its digest."""
DEEPEST = 4


class Envelope(NamedTuple):
    """A vendor's answer and the records around it, outermost last."""

    body: Record
    around: tuple[Record, ...]

    def first(self, keys: list[str]) -> Any:
        """The first value under any of the keys, the innermost record first."""
        value = first(self.body, keys)
        for record in self.around:
            if value is not None:
                return value
            value = first(record, keys)
        return value

    @property
    def known(self) -> dict[str, Any]:
        """Fields of a request that a vendor's answer itself does not have."""
        session, project = _word(self.first(SESSIONS)), _word(self.first(PROJECTS))
        batch = {"service": "batch"} if self.is_batch else {}
        return {"at": instant(self.first(TIMES), "time"), "session": session, "project": project, **batch}

    @property
    def is_batch(self) -> bool:
        """OpenAI and Anthropic give a line of a batch its `custom_id`, Vertex a `processed_time`, Gemini a `key`."""
        return any("custom_id" in record or "processed_time" in record or _is_keyed(record) for record in self.around)

    @property
    def failure(self) -> Skipped:
        """Why an answer has no usage."""
        error = self.first(["error", "error_message", "errorMessage", "errorCode"])
        if error is None:
            return Skipped("an answer without usage")
        if isinstance(error, Mapping):
            error = inner(error, "error") or error
        kind = first(error, ("type", "code", "status")) if isinstance(error, Mapping) else None
        return Skipped(f"a failed request{f': {kind}' if isinstance(kind, str | int) else ''}"[:80])


def _is_keyed(record: Record) -> bool:
    return "key" in record and "response" in record and not first(record, TIMES)


def _word(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def opened(record: Record) -> Envelope:
    """The innermost record that looks like an answer: through `response`, `response.body`, `result.message`, or JSON
    that was logged as text."""
    around: tuple[Record, ...] = ()
    body = record
    while len(around) < DEEPEST and not (
        inner(body, "usage") or inner(body, "usageMetadata") or inner(body, "usage_metadata")
    ):
        below = next((each for key in BODIES if (each := as_object(body.get(key))) is not None), None)
        if below is None:
            break
        body, around = below, (body, *around)
    return Envelope(body, around)


def labels(record: Record) -> Mapping[str, str]:
    """The labels of a record by their words, empty where it has none; several tags are one label, with commas."""
    return {word: _text(word, value(record, paths)) for word, paths in LABELS.items()}


def _text(word: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
    text = "" if value is None or isinstance(value, Mapping) else str(value)
    return f"{text[:4]}...{text[-4:]}" if word == "key" and len(text) > SECRET else text
