"""OpenAI's Responses and Realtime answers: the input includes what was cached and written, each TTL told apart.

https://platform.openai.com/docs/api-reference/responses/object and .../realtime-server-events/response/done, whose
details are `input_token_details`, in the singular.
"""

from __future__ import annotations

from ...replay.request import Item, Request
from ..counts import adds_up, plain, usage, written
from ..envelope import opened
from ..format import Format, Record, unread
from ..values import count, inner, needed, service, text
from .openai_chat import writes

KNOWN = frozenset(
    "input_tokens output_tokens total_tokens input_tokens_details output_tokens_details input_token_details "
    "output_token_details".split()
)
PROMPT = frozenset(
    "cached_tokens cache_write_tokens cache_write_tokens_details audio_tokens image_tokens text_tokens "
    "cached_tokens_details".split()
)
ANSWER = frozenset("reasoning_tokens audio_tokens image_tokens text_tokens".split())
OBJECTS = ("response", "realtime.response")


def detect(record: Record) -> bool:
    body = opened(record).body
    counts = inner(body, "usage")
    if body.get("object") in OBJECTS:
        return True
    return "input_tokens" in counts and ("input_tokens_details" in counts or "input_token_details" in counts)


def read(record: Record) -> list[Item]:
    envelope = opened(record)
    body = envelope.body
    counts = inner(body, "usage")
    if not counts:
        return [envelope.failure]
    asked = inner(counts, "input_tokens_details") or inner(counts, "input_token_details")
    answered = inner(counts, "output_tokens_details") or inner(counts, "output_token_details")
    prompt, output, cached = (
        needed(counts, "input_tokens"),
        count(counts, "output_tokens"),
        count(asked, "cached_tokens"),
    )
    put = writes(asked, {})
    heard = inner(asked, "cached_tokens_details")
    used = usage(
        input=plain(prompt, cached, written(put)),
        cache_read=cached,
        cache_write=put,
        output=output,
        audio=(max(0, count(asked, "audio_tokens") - count(heard, "audio_tokens")), count(answered, "audio_tokens")),
        image=(max(0, count(asked, "image_tokens") - count(heard, "image_tokens")), count(answered, "image_tokens")),
    )
    request = Request(
        at=envelope.at,
        model=text(body, "model"),
        usage=used,
        service="batch" if envelope.is_batch else service(body.get("service_tier")),
        session=envelope.session,
        project=envelope.project,
        id=text(body, "id") or None,
        thinking=count(answered, "reasoning_tokens") > 0,
    )
    remarks = adds_up(counts.get("total_tokens"), prompt, output) + unread("usage", counts, KNOWN)
    remarks += unread("usage.input_tokens_details", asked, PROMPT)
    return [request, *remarks, *unread("usage.output_tokens_details", answered, ANSWER)]


FORMAT = Format("openai_responses", detect, read)
