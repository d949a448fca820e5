"""Answers of Gemini: the prompt includes what was cached; thoughts and prompts of tools are counted separately.

https://ai.google.dev/api/generate-content#UsageMetadata, on Vertex the same with `trafficType`; Python's library writes
the names with underscores. An answer does not say where it came from. The log around it may, by the name of a resource
(`projects/p/locations/us-central1/publishers/google/models/...`) or by a `location` beside an answer with a
`trafficType`: then it is Vertex's, and costs what that place costs.

Stored caches are created once, rented by the token-hour from creation until they expire or are deleted:
https://ai.google.dev/api/caching#CachedContent. The same cache listed again with a later end is the same cache. On
Vertex its name says where it stands: `projects/p/locations/us-central1/cachedContents/1`.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Item, Request
from ...units import HOUR, MICROSECOND, show_instant
from ..envelope import Envelope, opened
from ..flat import Fields, requests, unknown
from ..format import Format
from ..values import Record, count, first, inner, instant, located, needed, objects, place, place_of, text


def _of(modality: str) -> tuple[str, str, str]:
    start, end = "usageMetadata.", f"TokensDetails.{modality}"
    sent, answered = f"prompt{end}+{start}toolUsePrompt{end}", f"candidates{end}|{start}response{end}"
    return start + sent, start + answered, f"{start}cache{end}"


FIELDS = Fields(
    model="modelVersion",
    input="usageMetadata.promptTokenCount",
    tools="usageMetadata.toolUsePromptTokenCount",
    read="usageMetadata.cachedContentTokenCount",
    output="usageMetadata.candidatesTokenCount|usageMetadata.responseTokenCount",
    apart="usageMetadata.thoughtsTokenCount",
    total="usageMetadata.totalTokenCount",
    audio=_of("audio"),
    image=_of("image"),
    video=_of("video"),
    service="usageMetadata.serviceTier|usageMetadata.trafficType",
    id="responseId",
    counting="within",
)
MODELS = ["model", "model_name", "modelName"]
RESOURCES = [*MODELS, "endpoint"]
PLACES = ["location", "region"]
VERTEX = "google-vertex"
_UNDERSCORE = re.compile(r"_([a-z])")


def _is_answer(record: Record) -> bool:
    body = opened(record).body
    counts = inner(body, "usageMetadata") or inner(body, "usage_metadata")
    if "input_tokens" in counts or _is_cache(record):
        return False  # LangChain's counts have the same place
    return "usageMetadata" in body or "usage_metadata" in body or ("candidates" in body and "modelVersion" in body)


def _answer(record: Record) -> list[Item]:
    envelope = opened(record)
    body = _camel(envelope.body)
    counts = _camel(inner(body, "usageMetadata"))
    if not counts:
        return [envelope.failure]
    counts |= {key: _by_modality(each) for key, each in counts.items() if key.endswith("TokensDetails")}
    provider, where = _host(envelope, on_vertex="trafficType" in counts)
    body |= {"usageMetadata": counts, "modelVersion": text(body, "modelVersion") or envelope.first(MODELS)}
    known = {"provider": provider, "region": located(where), "calls": _searches(body.get("candidates"))}
    return [*requests(body, FIELDS, **envelope.known, **known), *unknown(counts, "usageMetadata", FIELDS)]


def _searches(candidates: object) -> tuple[tuple[str, int], ...]:
    """The searches of the web on which an answer is grounded: https://ai.google.dev/gemini-api/docs/google-search."""
    number = 0
    for each in candidates if isinstance(candidates, list) else ():
        grounded = inner(_camel(each), "groundingMetadata") if isinstance(each, Mapping) else {}
        queries = first(grounded, ("webSearchQueries", "web_search_queries"))
        number += len(queries) if isinstance(queries, list) else 0
    return (("web_search", number),) if number else ()


def _host(envelope: Envelope, *, on_vertex: bool) -> tuple[str, str]:
    """The provider and the place, as far as the log names them."""
    resources = [str(envelope.first([key]) or "") for key in RESOURCES]
    named = [each for each in resources if "publishers/" in each or place_of(each)]
    region = place(envelope.first(PLACES)) if named or on_vertex else ""
    where = next(filter(None, map(place_of, named)), region)
    return VERTEX if named or where else "", where


def _camel(record: Record) -> dict[str, Any]:
    """The same names without underscores."""
    return {_UNDERSCORE.sub(lambda letter: letter[1].upper(), str(key)): value for key, value in record.items()}


def _by_modality(listed: object) -> dict[str, int]:
    """A list of counts as an object."""
    parts: dict[str, int] = {}
    for each in objects(listed):
        name = text(each, "modality").lower()
        parts[name] = parts.get(name, 0) + count(_camel(each), "tokenCount")
    return parts


def _is_cache(record: Record) -> bool:
    body = opened(record).body
    return "cachedContents/" in text(body, "name") and ("usageMetadata" in body or "usage_metadata" in body)


def _cache(record: Record) -> list[Item]:
    body = _camel(opened(record).body)
    tokens = needed(_camel(inner(body, "usageMetadata")), "totalTokenCount")
    created = instant(body.get("createTime"), "createTime")
    ends = [instant(body[key], key) for key in ("expireTime", "deleteTime") if first(body, (key,))]
    end = min((each for each in ends if each), default=None)
    if created is None or end is None:
        raise BadLog("createTime, expireTime: missing; expected both ends of the life of a cache")
    if end < created:
        raise BadLog(f"expireTime: {show_instant(end)} is before the cache was created")
    stood = Fraction((end - created) // MICROSECOND, HOUR)
    return [
        Request(
            at=created,
            model=text(body, "model"),
            usage=Usage(creation=tokens, storage=tokens * stood),
            region=located(place_of(body.get("name"))),
            session=text(body, "name"),
            id=text(body, "name"),
            prompt=tokens,
        )
    ]


ANSWER = Format("gemini", is_ours=_is_answer, reader=_answer)
CACHE = Format("gemini_cached", is_ours=_is_cache, reader=_cache, repeats=True)
