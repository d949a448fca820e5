"""OpenRouter's activity, exported as CSV: native tokens, cached ones included; what was written is not told.

https://openrouter.ai/docs/guides/guides/usage-accounting
"""

from __future__ import annotations

from ...replay.request import Item, Request
from ..counts import plain, usage
from ..format import Format, Record
from ..values import count, instant, money, needed, text

STANDARD = ("", "standard")


def detect(record: Record) -> bool:
    return "generation_id" in record and "tokens_prompt" in record


def read(record: Record) -> list[Item]:
    cached, variant = count(record, "tokens_cached"), text(record, "variant")
    model = text(record, "model_permaslug") or text(record, "model")
    request = Request(
        at=instant(record.get("created_at"), "created_at"),
        model=model if variant in STANDARD else f"{model}:{variant}",
        usage=usage(
            input=plain(needed(record, "tokens_prompt"), cached),
            cache_read=cached,
            output=count(record, "tokens_completion"),
        ),
        provider=text(record, "provider_name"),
        project=text(record, "app_name") or None,
        id=text(record, "generation_id") or None,
        paid=money(record, "cost_total"),
        thinking=count(record, "tokens_reasoning") > 0,
    )
    return [request]


FORMAT = Format(
    "openrouter_activity", detect, read, note="written tokens are not told apart: they are priced as plain input"
)
