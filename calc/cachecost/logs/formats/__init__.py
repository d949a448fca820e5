"""Every shape of log that is known, and which of them a record has: one small room for each."""

from __future__ import annotations

from ..format import Format, Record
from . import (
    anthropic_costs,
    anthropic_message,
    anthropic_usage,
    azure,
    bedrock,
    burstgpt,
    claude_code,
    failure,
    gemini,
    gemini_cached,
    helicone,
    langfuse,
    litellm_payload,
    litellm_spend,
    mooncake,
    openai_chat,
    openai_costs,
    openai_responses,
    openai_usage,
    openrouter_activity,
    openrouter_generation,
    otel,
    plain,
)

FORMATS: dict[str, Format] = {
    room.FORMAT.name: room.FORMAT
    for room in (
        claude_code,
        bedrock,
        litellm_spend,
        litellm_payload,
        mooncake,
        helicone,
        langfuse,
        openrouter_generation,
        openrouter_activity,
        azure,
        burstgpt,
        gemini_cached,
        openai_costs,
        openai_usage,
        anthropic_costs,
        anthropic_usage,
        openai_responses,
        anthropic_message,
        openai_chat,
        gemini,
        otel,
        plain,
        failure,
    )
}
"""By name; those with names of their own first, those that many speak last."""


def sniff(record: Record) -> Format | None:
    """The format of a record, None where no reader knows it."""
    return next((each for each in FORMATS.values() if each.detect(record)), None)
