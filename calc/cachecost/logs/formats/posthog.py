"""Generations in PostHog's AI observability: cached tokens inside the input, except for Anthropic's.

https://posthog.com/docs/llm-analytics/calculating-costs: `$ai_cache_reporting_exclusive` says so where it is given, and
the Vercel AI SDK counts Anthropic's like all others. An export as a table has the same names after `properties.`.
"""

from ..flat import Fields
from ..format import Format, Rule

FIELDS = Fields(
    at="timestamp",
    model="properties.$ai_model",
    provider="properties.$ai_provider",
    input="properties.$ai_input_tokens",
    read="properties.$ai_cache_read_input_tokens",
    write="properties.$ai_cache_creation_input_tokens",
    output="properties.$ai_output_tokens",
    thoughts="properties.$ai_reasoning_tokens",
    session="properties.$ai_session_id|properties.$ai_trace_id",
    id="uuid|properties.$ai_generation_id|properties.$ai_span_id",
    paid="properties.$ai_total_cost_usd",
)
APART = "properties.$ai_cache_reporting_exclusive"
FORMAT = Format(
    "posthog",
    "event",
    FIELDS,
    is_ours=lambda record: str(record.get("event")).startswith("$ai_"),
    skips=(
        Rule("event", r"!^\$ai_"),
        Rule("event", r"!^\$ai_(generation|embedding)$", "not an answer ({})"),
        Rule(FIELDS.input, "^$", "an answer without usage"),
    ),
    countings=(
        Rule(APART, "(?i)^true$", "exclusive"),
        Rule(APART, "!^$", "inclusive"),
        Rule("properties.$ai_framework", "^vercel$", "inclusive"),
        Rule(FIELDS.provider, "anthropic", "exclusive"),
    ),
    leaves=(Rule("event", r"!^\$ai_"),),
)
