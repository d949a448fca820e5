"""Chat completions of OpenAI and of everybody who speaks its language: the prompt includes what was cached.

https://platform.openai.com/docs/api-reference/chat/object. DeepSeek counts `prompt_cache_hit_tokens`, Moonshot
`cached_tokens` beside the details; xAI counts thoughts outside the completion, which its total shows.
"""

from __future__ import annotations

from ...replay.request import Item, Request
from ..counts import adds_up, by_ttl, plain, usage, written
from ..envelope import opened
from ..format import Format, Record, unread
from ..values import count, first, inner, money, needed, service, text

KNOWN = frozenset(
    "prompt_tokens completion_tokens total_tokens prompt_tokens_details completion_tokens_details "
    "prompt_cache_hit_tokens prompt_cache_miss_tokens cached_tokens reasoning_tokens cost cost_details is_byok "
    "cache_read_input_tokens cache_creation_input_tokens".split()
)
PROMPT = frozenset(
    "cached_tokens cache_write_tokens cache_write_tokens_details cache_creation_tokens "
    "cache_creation_token_details audio_tokens image_tokens text_tokens".split()
)
ANSWER = frozenset(
    "reasoning_tokens audio_tokens image_tokens text_tokens accepted_prediction_tokens "
    "rejected_prediction_tokens".split()
)
OBJECTS = ("chat.completion", "text_completion")


def detect(record: Record) -> bool:
    body = opened(record).body
    return "prompt_tokens" in inner(body, "usage") or text(body, "object").startswith(OBJECTS)


def read(record: Record) -> list[Item]:
    envelope = opened(record)
    body = envelope.body
    counts = inner(body, "usage")
    if not counts:
        return [envelope.failure]
    asked, answered = inner(counts, "prompt_tokens_details"), inner(counts, "completion_tokens_details")
    prompt, output = needed(counts, "prompt_tokens"), count(counts, "completion_tokens")
    thoughts = count(answered, "reasoning_tokens") or count(counts, "reasoning_tokens")
    cached = count(asked, "cached_tokens") or count(counts, _first_of(counts))
    total = count(counts, "total_tokens")
    if total == prompt + output + thoughts:
        output = total - prompt
    put = writes(asked, counts)
    used = usage(
        input=plain(prompt, cached, written(put)),
        cache_read=cached,
        cache_write=put,
        output=output,
        audio=(count(asked, "audio_tokens"), count(answered, "audio_tokens")),
        image=(count(asked, "image_tokens"), count(answered, "image_tokens")),
    )
    request = Request(
        at=envelope.at,
        model=text(body, "model"),
        usage=used,
        provider=text(body, "provider"),
        service="batch" if envelope.is_batch else service(body.get("service_tier")),
        session=envelope.session,
        project=envelope.project,
        id=text(body, "id") or None,
        paid=money(counts, "cost"),
        thinking=thoughts > 0,
    )
    remarks = adds_up(total, prompt, output) if total else []
    remarks += unread("usage", counts, KNOWN)
    remarks += unread("usage.prompt_tokens_details", asked, PROMPT)
    return [request, *remarks, *unread("usage.completion_tokens_details", answered, ANSWER)]


def writes(details: Record, counts: Record) -> int | dict[str, int]:
    """Tokens written to a cache, by TTL where told: OpenAI's own names, and LiteLLM's for Anthropic."""
    keys = ("cache_write_tokens", "cache_creation_tokens")
    total = next((count(details, key) for key in keys if first(details, (key,)) is not None), None)
    if total is None:
        total = count(counts, "cache_creation_input_tokens")
    parts = inner(details, "cache_write_tokens_details") or inner(details, "cache_creation_token_details")
    return by_ttl(parts, total, where="cache_write_tokens")


def _first_of(counts: Record) -> str:
    """Where the cached tokens stand when they do not stand in the details."""
    keys = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
    return next((key for key in keys if key in counts), keys[0])


FORMAT = Format("openai_chat", detect, read)
