"""Answers of Gemini: the prompt includes what was cached; thoughts and prompts of tools stand beside the rest.

https://ai.google.dev/api/generate-content#UsageMetadata, on Vertex the same with `trafficType`; Python's library writes
the names with underscores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...usage import MODALITIES, Usage
from ..counts import adds_up, plain
from ..envelope import opened
from ..remark import Format, Item, Record, unread
from ..request import Request
from ..values import count, first, inner, needed, service, text

KNOWN = frozenset(
    "promptTokenCount cachedContentTokenCount candidatesTokenCount responseTokenCount thoughtsTokenCount "
    "toolUsePromptTokenCount totalTokenCount promptTokensDetails cacheTokensDetails candidatesTokensDetails "
    "responseTokensDetails toolUsePromptTokensDetails trafficType serviceTier".split()
)
_UNDERSCORE = re.compile(r"_([a-z])")


def detect(record: Record) -> bool:
    body = opened(record).body
    return "usageMetadata" in body or "usage_metadata" in body or ("candidates" in body and "modelVersion" in body)


def read(record: Record) -> list[Item]:
    envelope = opened(record)
    body = camel(envelope.body)
    counts = camel(inner(body, "usageMetadata"))
    if not counts:
        return [envelope.failure]
    tools, thoughts = count(counts, "toolUsePromptTokenCount"), count(counts, "thoughtsTokenCount")
    prompt = needed(counts, "promptTokenCount")
    answer = count(counts, "candidatesTokenCount") or count(counts, "responseTokenCount")
    request = Request(
        at=envelope.at,
        model=text(body, "modelVersion") or str(envelope.first(["model", "model_name", "modelName"]) or ""),
        usage=_usage(counts, prompt=prompt, tools=tools, output=answer + thoughts),
        service="batch" if envelope.is_batch else service(first(counts, ("serviceTier", "trafficType"))),
        session=envelope.session,
        project=envelope.project,
        id=text(body, "responseId") or None,
        thinking=thoughts > 0,
    )
    total = adds_up(counts.get("totalTokenCount"), prompt, answer, thoughts, tools)
    return [request, *total, *unread("usageMetadata", counts, KNOWN)]


def camel(record: Record) -> dict[str, Any]:
    """The same names without underscores."""
    return {_UNDERSCORE.sub(lambda found: found[1].upper(), str(key)): value for key, value in record.items()}


def _usage(counts: Record, *, prompt: int, tools: int, output: int) -> Usage:
    cached = count(counts, "cachedContentTokenCount")
    asked, kept = _by_modality(counts, "promptTokensDetails"), _by_modality(counts, "cacheTokensDetails")
    answered = _by_modality(counts, "candidatesTokensDetails") or _by_modality(counts, "responseTokensDetails")
    extra = _by_modality(counts, "toolUsePromptTokensDetails")
    beside: dict[str, dict[str, int]] = {}
    for name in MODALITIES:
        fresh = plain(asked.get(name, 0), kept.get(name, 0)) + extra.get(name, 0)
        parts = {"input": fresh, "cache_read": kept.get(name, 0), "output": answered.get(name, 0)}
        beside[name] = {part: number for part, number in parts.items() if number}
    taken = {part: sum(parts.get(part, 0) for parts in beside.values()) for part in ("input", "cache_read", "output")}
    return Usage(
        input=plain(plain(prompt, cached) + tools, taken["input"]),
        cache_read=plain(cached, taken["cache_read"]),
        output=plain(output, taken["output"]),
        audio=beside["audio"],
        image=beside["image"],
        video=beside["video"],
    )


def _by_modality(counts: Record, key: str) -> dict[str, int]:
    """Counts of audio, image and video; text and documents are what is left."""
    found: dict[str, int] = {}
    listed = counts.get(key)
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and (name := text(each, "modality").lower()) in MODALITIES:
            found[name] = found.get(name, 0) + count(camel(each), "tokenCount")
    return found


FORMAT = Format("gemini", detect, read)
