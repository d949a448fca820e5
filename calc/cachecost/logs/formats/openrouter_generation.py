"""One generation as OpenRouter tells it: native tokens, cached ones and thoughts included.

https://openrouter.ai/docs/api-reference/get-a-generation
"""

from __future__ import annotations

from ...replay.request import Item, Request
from ..counts import plain, usage
from ..format import Format, Record
from ..values import count, inner, instant, money, needed, service, text


def detect(record: Record) -> bool:
    return "native_tokens_prompt" in record or "native_tokens_prompt" in inner(record, "data")


def read(record: Record) -> list[Item]:
    found = record if "native_tokens_prompt" in record else inner(record, "data")
    cached = count(found, "native_tokens_cached")
    request = Request(
        at=instant(found.get("created_at"), "created_at"),
        model=text(found, "model"),
        usage=usage(
            input=plain(needed(found, "native_tokens_prompt"), cached),
            cache_read=cached,
            output=count(found, "native_tokens_completion"),
        ),
        provider=text(found, "provider_name"),
        service=service(found.get("service_tier")),
        session=text(found, "session_id") or None,
        id=text(found, "id") or None,
        paid=money(found, "total_cost"),
        thinking=count(found, "native_tokens_reasoning") > 0,
    )
    return [request]


FORMAT = Format(
    "openrouter_generation", detect, read, note="written tokens are not told apart: they are priced as plain input"
)
