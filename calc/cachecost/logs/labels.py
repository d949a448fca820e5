"""Who a request was made for, under the names that gateways and vendors give it: read only where it is asked for."""

from collections.abc import Mapping

from .flat import value
from .values import Record

PATHS = {
    "user": "user|user_id|userId|end_user|account_id|user_email|metadata.user_id|metadata.userId|attributes.user.id",
    "team": "team|team_id|team_alias|organization_id|metadata.user_api_key_team_id|metadata.team",
    "tag": "tag|tags|request_tags|metadata.tags",
    "key": "key|api_key_alias|api_key_id|key_name|metadata.user_api_key_alias|api_key|virtual_key",
}
"""Label, each of `ASKED` in `replay/account.py` -> the paths under which it may lie, the plainest first."""
SECRET = 12
"""Characters of a key that may be shown whole: a longer one may be the secret itself, or its digest."""


def labels(record: Record) -> Mapping[str, str]:
    """The labels of a record by their words, empty where it has none; several tags are one label, with commas."""
    return {word: _text(word, value(record, paths)) for word, paths in PATHS.items()}


def _text(word: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
    text = "" if value is None or isinstance(value, Mapping) else str(value)
    return f"{text[:4]}...{text[-4:]}" if word == "key" and len(text) > SECRET else text
