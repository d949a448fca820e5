"""Requests exported from Helicone: cached tokens come on top of the prompt's, or inside it where its total says so.

https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse
"""

from ..declared import Rule, flat
from ..flat import Fields

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


NO_ANSWER = (
    Rule("prompt_tokens", "!^$"),
    Rule("response_status", "^[4-9][0-9]{2}$", "a failed request: {}"),
    Rule("prompt_tokens", "^$", "an answer without usage"),
)
FORMAT = flat("helicone", "request_created_at request_model|response_model", FIELDS, skips=NO_ANSWER)
