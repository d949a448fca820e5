"""Logs of gateways between an application and its vendors: Cloudflare, Portkey, Helicone and OpenRouter.

https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/: a `cached` answer came from the gateway.
https://portkey.ai/docs/product/observability/logs-export: the columns of an export without the answers; what they hold
was not seen in a real file. https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse: cached tokens come on
top of the prompt's, or inside it where its total says so.

OpenRouter's activity, exported as CSV, and a generation as its API tells it, have native tokens, cached ones included:
https://openrouter.ai/docs/guides/guides/usage-accounting, https://openrouter.ai/docs/api-reference/get-a-generation.
Its sums by day say nothing of caches: https://openrouter.ai/docs/api/api-reference/analytics/get-user-activity, and as
CSV under the names that people read.
"""

from ..flat import Fields, words
from ..format import Format, Rule
from ..tables import SUMS, sums
from ..values import Record

NO_CACHE = "cached tokens are not listed separately: they are priced as plain input"
NO_WRITES = "written tokens are not listed separately: they are priced as plain input"
CLOUDFLARE = Format(
    "cloudflare",
    "tokens_in tokens_out provider",
    Fields(
        at="created_at",
        model="model",
        provider="provider",
        input="tokens_in",
        output="tokens_out",
        id="id",
        paid="cost",
    ),
    skips=(
        Rule("cached", "(?i)^true$", "answered from Cloudflare's own cache: nothing was bought"),
        Rule("success", "(?i)^false$", "a failed request"),
    ),
    note=NO_CACHE,
)
PORTKEY = Format(
    "portkey",
    "req_units ai_model",
    Fields(
        at="created_at",
        model="ai_model",
        provider="ai_org",
        input="req_units",
        output="res_units",
        total="total_units",
        session="trace_id",
        id="id",
    ),
    skips=(Rule("is_success", "(?i)^false$", "a failed request"),),
    note=NO_CACHE,
)
HELICONE = Format(
    "helicone",
    "request_created_at request_model|response_model",
    Fields(
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
        session="request_properties.Helicone-Session-Id|request_properties.helicone-session-id"
        "|request_properties.session",
        id="request_id",
        paid="cost",
    ),
    skips=(
        Rule("prompt_tokens", "!^$"),
        Rule("response_status", "^[4-9][0-9]{2}$", "a failed request: {}"),
        Rule("prompt_tokens", "^$", "an answer without usage"),
    ),
)


def _variant(record: Record) -> list[Record]:
    """The model with its variant, such as `:free`, which has other prices."""
    model, variant = words(record, "model_permaslug|model"), words(record, "variant")
    return [record if variant in ("", "standard") else {**record, "model_permaslug": f"{model}:{variant}"}]


OPENROUTER_ACTIVITY = Format(
    "openrouter_activity",
    fields=Fields(
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
    ),
    is_ours=lambda record: "generation_id" in record and "tokens_prompt" in record,
    parts=_variant,
    leaves=(Rule("variant", "!^(standard)?$"),),
    note=NO_WRITES,
)
OPENROUTER_GENERATION = Format(
    "openrouter_generation",
    "native_tokens_prompt",
    Fields(
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
    ),
    note=NO_WRITES,
).also_in("data")
OPENROUTER_DAILY = sums(
    "openrouter_daily",
    "byok_usage_inference|BYOK Usage+prompt_tokens|Prompt Tokens+requests|Requests",
    Fields(
        at="date|Date",
        model="model_permaslug|model|Slug",
        input="prompt_tokens|Prompt Tokens",
        output="completion_tokens|Completion Tokens",
        thoughts="reasoning_tokens|Reasoning Tokens",
        provider="provider_name",
        requests="requests|Requests",
        paid="usage|Usage",
    ),
    note=f"{SUMS}; {NO_CACHE}",
)
