"""Gemini's stored caches: created once, rented by the token-hour from creation until they expire or are deleted.

https://ai.google.dev/api/caching#CachedContent. The same cache listed again with a later end is the same cache.
On Vertex its name says where it stands: `projects/p/locations/us-central1/cachedContents/1`.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Item, Request
from ..envelope import opened
from ..format import Format, Record
from ..values import first, inner, instant, located, needed, place_of, text
from .gemini import camel

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1) // MICROSECOND


def detect(record: Record) -> bool:
    body = opened(record).body
    return "cachedContents/" in text(body, "name") and ("usageMetadata" in body or "usage_metadata" in body)


def read(record: Record) -> list[Item]:
    body = camel(opened(record).body)
    tokens = needed(camel(inner(body, "usageMetadata")), "totalTokenCount")
    created = instant(body.get("createTime"), "createTime")
    ends = [instant(body[key], key) for key in ("expireTime", "deleteTime") if first(body, (key,))]
    end = min((each for each in ends if each), default=None)
    if created is None or end is None:
        raise BadLog("createTime, expireTime: missing; expected both ends of the life of a cache")
    if end < created:
        raise BadLog(f"expireTime: {end:%Y-%m-%dT%H:%M:%SZ} is before the cache was created")
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


FORMAT = Format("gemini_cached", detect, read, repeats=True)
