"""Every shape of log that is known, and which of them a record has: one file for each vendor or tool."""

from __future__ import annotations

from ..envelope import opened
from ..format import Format, Record
from ..values import given
from . import (
    agent_events,
    aider,
    anthropic,
    bedrock,
    bills,
    cline,
    codex,
    copilot,
    cursor,
    cursor_agent,
    deepseek,
    gateways,
    gemini,
    gemini_cli,
    helicone,
    inspect_ai,
    langchain,
    langfuse,
    litellm,
    litellm_daily,
    openai,
    opencode,
    openrouter,
    otel,
    plain,
    posthog,
    reports,
    traces,
    vercel,
)


def _is_failure(record: Record) -> bool:
    envelope = opened(record)
    return any(given(each.get("error")) or each.get("type") == "error" for each in (envelope.body, *envelope.around))


FAILURE = Format("failure", _is_failure, lambda record: [opened(record).failure])
"""A request that failed: no vendor charges for it, and no vendor's shape is left to detect."""
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        anthropic.TRANSCRIPT,
        codex.SESSION,
        codex.EXECUTION,
        opencode.FORMAT,
        gemini_cli.FORMAT,
        copilot.FORMAT,
        cline.FORMAT,
        cursor_agent.FORMAT,
        aider.FORMAT,
        inspect_ai.FORMAT,
        agent_events.FORMAT,
        posthog.FORMAT,
        langchain.LANGSMITH,
        langchain.LANGCHAIN,
        vercel.FORMAT,
        gateways.CLOUDFLARE,
        gateways.PORTKEY,
        bedrock.FORMAT,
        cursor.FORMAT,
        litellm_daily.DAILY,
        litellm_daily.EXPORT,
        deepseek.AMOUNTS,
        deepseek.COSTS,
        bills.AWS_USAGE,
        bills.AWS_EXPLORER,
        bills.GOOGLE_BILLING,
        bills.AZURE_COSTS,
        bills.FOCUS_COSTS,
        openrouter.DAILY,
        litellm.SPEND,
        litellm.PAYLOAD,
        traces.MOONCAKE,
        helicone.FORMAT,
        langfuse.FORMAT,
        openrouter.GENERATION,
        openrouter.ACTIVITY,
        traces.AZURE,
        traces.BURSTGPT,
        gemini.CACHE,
        reports.OPENAI_COSTS,
        reports.OPENAI_USAGE,
        reports.ANTHROPIC_COSTS,
        reports.ANTHROPIC_USAGE,
        openai.RESPONSE,
        anthropic.MESSAGE,
        openai.COMPLETION,
        gemini.ANSWER,
        otel.FORMAT,
        plain.FORMAT,
        FAILURE,
    )
}
"""By name; formats with distinctive keys first, shapes that many tools write last."""


def sniff(record: Record) -> Format | None:
    """The format of a record, None where no reader knows it."""
    return next((each for each in FORMATS.values() if each.detect(record)), None)
