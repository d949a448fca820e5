"""Results of the Vercel AI SDK: `usage` of each step, of version 6 with what was cached inside the input.

https://ai-sdk.dev/docs/reference/ai-sdk-core/generate-text. Version 5 has `cachedInputTokens` alone and passes on each
vendor's count: inside the input, but beside it for Anthropic, whose written tokens are in `providerMetadata`.
"""

from ...replay.request import Item
from ..declared import BESIDE, Declared, Rule
from ..envelope import opened
from ..flat import Fields, unknown, value
from ..format import Format, Record
from ..values import inner, instant, objects

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
DECLARED = Declared(
    FIELDS,
    countings=(
        Rule("usage.inputTokenDetails", "!^({})?$", "inclusive"),
        Rule(FIELDS.model, "anthropic|claude", BESIDE),
        Rule(FIELDS.provider, "anthropic|claude", BESIDE),
        Rule("providerMetadata.anthropic", "!^$", BESIDE),
    ),
    leaves=(Rule("steps", r"!^(\[\])?$"),),
    is_enveloped=True,
)


def _detect(record: Record) -> bool:
    """Bedrock's Converse has the same names for input and output, and others for what was cached."""
    counts = inner(opened(record).body, "usage")
    known = "inputTokenDetails" in counts or "totalTokens" in counts or "cachedInputTokens" in counts
    return "inputTokens" in counts and known and not any(key.startswith("cacheRead") for key in counts)


def _read(record: Record) -> list[Item]:
    envelope = opened(record)
    body = envelope.body
    listed = [each for each in objects(body.get("steps")) if inner(each, "usage")]
    around = {"session": envelope.session, "project": envelope.project}
    items: list[Item] = []
    for step in listed or [body]:
        whole = {key: body[key] for key in ("model", "modelId", "provider") if key in body} | dict(step)
        at = instant(value(step, "response.timestamp"), "response.timestamp") or envelope.at
        items += [*DECLARED.requests(whole, at=at, **around), *unknown(inner(whole, "usage"), "usage", FIELDS, "raw")]
    return items


FORMAT = Format("vercel", _detect, _read, declared=DECLARED)
