"""Requests exported from Helicone: cached tokens come on top of the prompt's, or inside it where its total says so.

https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse
"""

from __future__ import annotations

from ..flat import Fields, flat
from ..format import Record
from ..values import count, given

FIELDS = Fields(
    at="request_created_at",
    model="request_model|response_model|model_override|model",
    provider="provider",
    input="prompt_tokens",
    read="prompt_cache_read_tokens",
    write="prompt_cache_write_tokens",
    output="completion_tokens",
    total="total_tokens",
    counting="total",
    audio=("prompt_audio_tokens", "completion_audio_tokens", ""),
    session="request_properties.Helicone-Session-Id|request_properties.helicone-session-id|request_properties.session",
    id="request_id",
    paid="cost",
)


def _is_request(record: Record) -> bool:
    return "request_created_at" in record and ("request_model" in record or "response_model" in record)


def _failure(record: Record) -> str:
    if given(record.get("prompt_tokens")):
        return ""
    status = count(record, "response_status")
    return f"a failed request: {status}" if status >= 400 else "an answer without usage"


FORMAT = flat("helicone", _is_request, FIELDS, failure=_failure)
