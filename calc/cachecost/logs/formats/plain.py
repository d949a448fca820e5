"""Our own names: a table with columns `at`, `model`, `input`, `cache_read`, `cache_write_5m`, `output`, `paid`.

Records such as `cachecost quote --from` prices, with their counts under `usage`, are read too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...errors import BadLog
from ...prices import usage_record
from ...prices.usage import Usage
from ...replay.request import Item, Request, Unread
from ..counts import ttl_of
from ..format import Format, Record
from ..values import count, given, instant, money, service, text, word

COUNTS = ("input", "cache_read", "cache_write", "creation", "output")
WORDS = frozenset(
    ("at", "provider", "model", "service", "region", "session", "project", "id", "paid", "currency", "thinking")
)
WRITTEN = "cache_write_"
KNOWN = WORDS | set(COUNTS) | {"usage", "blocks", "user", "team", "tag", "tags", "key"}


def detect(record: Record) -> bool:
    counts = record.get("usage")
    if isinstance(counts, dict):
        return not counts.keys() - usage_record.USAGE_KEYS and bool(counts)
    return any(key in record for key in COUNTS) and not any(isinstance(record.get(key), dict | list) for key in COUNTS)


def read(record: Record) -> list[Item]:
    nested = isinstance(record.get("usage"), dict)
    used = usage_record.usage(record["usage"]) if nested else _flat(record)
    request = Request(
        at=instant(record.get("at"), "at"),
        model=text(record, "model"),
        usage=used,
        provider=text(record, "provider"),
        service=service(record.get("service")),
        region=word(record, ("region",)) or None,
        session=word(record, ("session",)) or None,
        project=word(record, ("project",)) or None,
        id=word(record, ("id",)) or None,
        paid=money(record, "paid"),
        currency=word(record, ("currency",)) or "USD",
        thinking=str(record.get("thinking")).lower() in ("true", "1"),
    )
    unknown: list[Item] = [
        Unread(key) for key, value in record.items() if key not in KNOWN and not _ttl(key) and given(value)
    ]
    return [request, *unknown]


def _flat(record: Record) -> Usage:
    if not any(given(record.get(key)) for key in COUNTS) and not any(_ttl(key) for key in record):
        raise BadLog(f"no tokens; expected one of {', '.join(COUNTS)}")
    parts = {ttl: count(record, key) for key in record if (ttl := _ttl(key))}
    put: Any = {ttl: number for ttl, number in parts.items() if number}
    if bare := count(record, "cache_write"):
        if put:
            raise BadLog(f"cache_write: {bare:,} tokens are given beside tokens by TTL; expected one or the other")
        put = bare
    return Usage(
        input=count(record, "input"),
        cache_read=count(record, "cache_read"),
        cache_write=put,
        creation=count(record, "creation"),
        output=count(record, "output"),
    )


@lru_cache(maxsize=1_000)
def _ttl(key: str) -> str | None:
    if not key.startswith(WRITTEN):
        return None
    return usage_record.ttl(found) if (found := ttl_of(key.removeprefix(WRITTEN))) else None


FORMAT = Format("plain", detect, read)
