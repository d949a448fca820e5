"""Bedrock's log of invocations: input, read and written tokens side by side; TTLs where the answer tells them.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html, and for `cacheDetails`
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...replay.request import Item, Request, Skipped
from ..counts import adds_up, by_ttl, usage, written
from ..format import Format, Record, unread
from ..values import count, first, inner, instant, needed, service, text

KNOWN = frozenset(
    "inputTokens outputTokens totalTokens cacheReadInputTokens cacheWriteInputTokens cacheDetails input_tokens "
    "output_tokens cache_read_input_tokens cache_creation_input_tokens cache_creation cacheReadInputTokenCount "
    "cacheWriteInputTokenCount service_tier inference_geo server_tool_use".split()
)


def detect(record: Record) -> bool:
    return record.get("schemaType") == "ModelInvocationLog" or ("modelId" in record and "requestId" in record)


def read(record: Record) -> list[Item]:
    asked, answered = inner(record, "input"), inner(record, "output")
    body = inner(answered, "outputBodyJson")
    counts = inner(body, "usage")
    if first(asked, ("inputTokenCount",)) is None:
        error = text(record, "errorCode")
        return [Skipped(f"a failed request: {error}"[:80] if error else "an answer without usage")]
    plain, output = needed(asked, "inputTokenCount"), count(answered, "outputTokenCount")
    cached, put = count(asked, "cacheReadInputTokenCount"), count(asked, "cacheWriteInputTokenCount")
    cached = cached or count(counts, "cacheReadInputTokens") or count(counts, "cache_read_input_tokens")
    put = put or count(counts, "cacheWriteInputTokens") or count(counts, "cache_creation_input_tokens")
    writes = _writes(counts, put)
    request = Request(
        at=instant(record.get("timestamp"), "timestamp"),
        model=text(record, "modelId"),
        usage=usage(input=plain, cache_read=cached, cache_write=writes, output=output),
        provider="bedrock",
        service=service(first(inner(body, "serviceTier"), ("type",)) or record.get("serviceTier")),
        project=text(record, "accountId") or None,
        id=text(record, "requestId") or None,
    )
    total = adds_up(counts.get("totalTokens"), plain, cached, written(writes), output)
    return [request, *total, *unread("usage", counts, KNOWN)]


def _writes(counts: Record, total: int) -> int | dict[str, int]:
    if inner(counts, "cache_creation"):
        return by_ttl(inner(counts, "cache_creation"), total, where="cache_creation")
    listed = counts.get("cacheDetails")
    details = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    parts = {text(each, "ttl"): count(each, "inputTokens") for each in details}
    return by_ttl(parts, total, where="cacheDetails")


FORMAT = Format("bedrock", detect, read)
