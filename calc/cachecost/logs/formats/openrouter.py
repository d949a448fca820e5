"""OpenRouter's activity, exported as CSV, and a generation as its API tells it: native tokens, cached ones included.

https://openrouter.ai/docs/guides/guides/usage-accounting, https://openrouter.ai/docs/api-reference/get-a-generation
"""

from __future__ import annotations

from ...replay.request import Item
from ..flat import Fields, request
from ..format import Format, Record
from ..values import inner, text

NOTE = "written tokens are not listed separately: they are priced as plain input"
IN_ACTIVITY = Fields(
    at="created_at",
    model=("model_permaslug", "model"),
    input="tokens_prompt",
    cached="tokens_cached",
    output="tokens_completion",
    thoughts="tokens_reasoning",
    provider="provider_name",
    project="app_name",
    id="generation_id",
    paid="cost_total",
)
IN_GENERATION = Fields(
    at="created_at",
    model=("model",),
    input="native_tokens_prompt",
    cached="native_tokens_cached",
    output="native_tokens_completion",
    thoughts="native_tokens_reasoning",
    provider="provider_name",
    service="service_tier",
    session="session_id",
    id="id",
    paid="total_cost",
)


def _activity(record: Record) -> list[Item]:
    found, variant = request(record, IN_ACTIVITY), text(record, "variant")
    return [found if variant in ("", "standard") else found._replace(model=f"{found.model}:{variant}")]


def _generation(record: Record) -> Record:
    return record if IN_GENERATION.input in record else inner(record, "data")


ACTIVITY = Format(
    "openrouter_activity", lambda record: "generation_id" in record and "tokens_prompt" in record, _activity, note=NOTE
)
GENERATION = Format(
    "openrouter_generation",
    lambda record: IN_GENERATION.input in _generation(record),
    lambda record: [request(_generation(record), IN_GENERATION)],
    note=NOTE,
)
