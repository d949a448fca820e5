"""OpenRouter's activity, exported as CSV, and a generation as its API tells it: native tokens, cached ones included.

https://openrouter.ai/docs/guides/guides/usage-accounting, https://openrouter.ai/docs/api-reference/get-a-generation
Sums by day say nothing of caches: https://openrouter.ai/docs/api/api-reference/analytics/get-user-activity, and as CSV
under the names that people read.
"""

from ...replay.request import Item
from ..declared import flat
from ..flat import Fields, requests
from ..format import Format, Record
from ..tables import SUMS, sums
from ..values import text

NOTE = "written tokens are not listed separately: they are priced as plain input"
IN_ACTIVITY = Fields(
    at="created_at",
    model="model_permaslug|model",
    input="tokens_prompt",
    read="tokens_cached",
    output="tokens_completion",
    thoughts="tokens_reasoning",
    provider="provider_name",
    project="app_name",
    id="generation_id",
    paid="cost_total",
)
IN_GENERATION = Fields(
    at="created_at",
    model="model",
    input="native_tokens_prompt",
    read="native_tokens_cached",
    output="native_tokens_completion",
    thoughts="native_tokens_reasoning",
    provider="provider_name",
    service="service_tier",
    session="session_id",
    id="id",
    paid="total_cost",
)
IN_DAY = Fields(
    at="date|Date",
    model="model_permaslug|model|Slug",
    input="prompt_tokens|Prompt Tokens",
    output="completion_tokens|Completion Tokens",
    thoughts="reasoning_tokens|Reasoning Tokens",
    provider="provider_name",
    requests="requests|Requests",
    paid="usage|Usage",
)


def _activity(record: Record) -> list[Item]:
    variant = text(record, "variant")
    model = text(record, "model_permaslug") or text(record, "model")
    return requests(record, IN_ACTIVITY, **({} if variant in ("", "standard") else {"model": f"{model}:{variant}"}))


ACTIVITY = Format(
    "openrouter_activity", lambda record: "generation_id" in record and "tokens_prompt" in record, _activity, note=NOTE
)
GENERATION = flat("openrouter_generation", "native_tokens_prompt", IN_GENERATION, inside="data", note=NOTE)
DAILY = sums(
    "openrouter_daily",
    "byok_usage_inference|BYOK Usage+prompt_tokens|Prompt Tokens+requests|Requests",
    IN_DAY,
    note=f"{SUMS}; cached tokens are not listed separately: they are priced as plain input",
)
