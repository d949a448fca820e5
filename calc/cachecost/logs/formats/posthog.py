"""Generations in PostHog's AI observability: cached tokens inside the input, except for Anthropic's.

https://posthog.com/docs/llm-analytics/calculating-costs: `$ai_cache_reporting_exclusive` says so where it is given, and
the Vercel AI SDK counts Anthropic's like all others. An export as a table has the same names after `properties.`.
"""

from __future__ import annotations

from ...replay.request import Item, Skipped
from ..flat import Fields, requests, value, words
from ..format import Format, Record

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
FRAMEWORK = "properties.$ai_framework"
KINDS = ("$ai_generation", "$ai_embedding")


def _read(record: Record) -> list[Item]:
    kind = words(record, "event")
    if kind not in KINDS:
        return [Skipped(f"not an answer ({kind[:30]})")]
    if value(record, FIELDS.input) is None:
        return [Skipped("an answer without usage")]
    said = value(record, APART)
    is_anthropics = "anthropic" in words(record, FIELDS.provider) and words(record, FRAMEWORK) != "vercel"
    is_apart = is_anthropics if said is None else str(said).lower() == "true"
    return requests(record, FIELDS._replace(counting="exclusive") if is_apart else FIELDS)


FORMAT = Format("posthog", lambda record: words(record, "event").startswith("$ai_"), _read)
