"""Results of the Vercel AI SDK: `usage` of each step, of version 6 with what was cached inside the input.

https://ai-sdk.dev/docs/reference/ai-sdk-core/generate-text. Version 5 has `cachedInputTokens` alone and passes on each
vendor's count: inside the input, but beside it for Anthropic, whose written tokens are in `providerMetadata`.
"""

from collections.abc import Iterator

from ..envelope import opened
from ..flat import Fields
from ..format import BESIDE, Format, Rule
from ..values import Record, inner, objects

FIELDS = Fields(
    at="response.timestamp",
    model="response.modelId|modelId|model",
    provider="provider",
    input="usage.inputTokens",
    read="usage.inputTokenDetails.cacheReadTokens|usage.cachedInputTokens",
    write="usage.inputTokenDetails.cacheWriteTokens|providerMetadata.anthropic.cacheCreationInputTokens",
    output="usage.outputTokens",
    thoughts="usage.outputTokenDetails.reasoningTokens|usage.reasoningTokens",
    total="usage.totalTokens",
    id="response.id",
)


def _is_ours(record: Record) -> bool:
    """Bedrock's Converse has the same names for input and output, and others for what was cached."""
    counts = inner(opened(record).body, "usage")
    known = "inputTokenDetails" in counts or "totalTokens" in counts or "cachedInputTokens" in counts
    return "inputTokens" in counts and known and not any(key.startswith("cacheRead") for key in counts)


def _steps(body: Record) -> Iterator[Record]:
    """Each step of an answer, or the answer itself, whose usage is that of its last step."""
    known = {key: body[key] for key in ("model", "modelId", "provider") if key in body}
    for step in [each for each in objects(body.get("steps")) if inner(each, "usage")] or [body]:
        yield {**known, **step}


FORMAT = Format(
    "vercel",
    fields=FIELDS,
    is_ours=_is_ours,
    is_enveloped=True,
    parts=_steps,
    countings=(
        Rule("usage.inputTokenDetails", "!^({})?$", "inclusive"),
        Rule(FIELDS.model, "anthropic|claude", BESIDE),
        Rule(FIELDS.provider, "anthropic|claude", BESIDE),
        Rule("providerMetadata.anthropic", "!^$", BESIDE),
    ),
    leaves=(Rule("steps", r"!^(\[\])?$"),),
    counts="usage",
    others="raw",
)
