"""Requests exported from Helicone: cached tokens come on top of the prompt's, or inside it where its total says so.

https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse
"""

from __future__ import annotations

from ...replay.request import Item, Request, Skipped
from ..counts import uncached, usage
from ..format import Format, Record
from ..values import count, first, inner, instant, money, text, word

SESSION = ("Helicone-Session-Id", "helicone-session-id", "session")
MODEL = ("request_model", "response_model", "model_override", "model")


def detect(record: Record) -> bool:
    return "request_created_at" in record and ("request_model" in record or "response_model" in record)


def read(record: Record) -> list[Item]:
    status = count(record, "response_status")
    if first(record, ("prompt_tokens",)) is None:
        return [Skipped(f"a failed request: {status}" if status >= 400 else "an answer without usage")]
    cached, put = count(record, "prompt_cache_read_tokens"), count(record, "prompt_cache_write_tokens")
    output = count(record, "completion_tokens")
    total = count(record, "total_tokens") if first(record, ("total_tokens",)) is not None else None
    rest, doubts = uncached(count(record, "prompt_tokens"), cached + put, output, total)
    request = Request(
        at=instant(record.get("request_created_at"), "request_created_at"),
        model=word(record, MODEL),
        usage=usage(
            input=rest,
            cache_read=cached,
            cache_write=put,
            output=output,
            audio=(count(record, "prompt_audio_tokens"), count(record, "completion_audio_tokens")),
        ),
        provider=text(record, "provider").lower(),
        session=word(inner(record, "request_properties"), SESSION) or None,
        id=text(record, "request_id") or None,
        paid=money(record, "cost"),
    )
    return [request, *doubts]


FORMAT = Format("helicone", detect, read)
