"""Checked sheets kept for the next start: found again by the bytes of the page itself, so never stale.

An entry is JSON, of which nothing is ever run. Its name is a digest of the page's bytes and of the code that checks
pages; a page changed in one character, or another version of the checks, has another name. Entries lie in a folder
that belongs to the user and is closed to others; any other folder is left alone. `prices check` reads none of them, and
`CACHECOST_CACHE=off` does without them.
"""

import json
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..files import private
from ..hours import Window
from ..prices.caching import Automatic, Caching, Lifetime, Stored, Written
from ..prices.card import Allowance, Band, Dispute, Limits, Rate, RateCard, Reserved, Row
from ..prices.sheet import PriceSheet
from ..units import MICROSECOND

_PACKAGE = Path(__file__).parents[1]
CHECKED_BY = (
    *sorted(_PACKAGE.glob("catalog/*.py")),
    *sorted(_PACKAGE.glob("prices/*.py")),
    *(_PACKAGE / name for name in ("hours.py", "money.py", "units.py", "files/reading.py", "files/yaml_text.py")),
)
"""The modules whose rules a kept sheet has passed."""
MAX_AGE = timedelta(7).total_seconds()
"""Seconds after which an entry is removed; a page that is still asked for is then read once more."""


def load(page: bytes) -> PriceSheet | None:
    """The checked sheet of a page with these bytes, if it has been kept."""
    where = private.folder("sheets")
    try:
        if where is None or not private.is_private(where):
            return None
        sheet = _decoded(Path(where, _name(page)).read_bytes())
    except Exception:  # a damaged entry is as good as none, in whatever way it is damaged
        return None
    return sheet if isinstance(sheet, PriceSheet) else None


@lru_cache(4096)  # a server that reads the folder again decodes only what has changed
def _decoded(entry: bytes) -> Any:
    return _value(json.loads(entry))


def keep(page: bytes, sheet: PriceSheet) -> None:
    """Keep a checked sheet; where nothing can be written, nothing is."""
    if (where := private.folder("sheets")) is None:
        return
    with suppress(OSError):
        if private.keep(where, _name(page), json.dumps(_plain(sheet), separators=(",", ":"))):
            _remove_old(Path(where))


@cache  # once is enough for a process that reads the whole catalogue
def _remove_old(where: Path) -> None:
    """Remove what has not been written for long."""
    ages = {entry: entry.stat().st_mtime for entry in where.iterdir()}
    oldest = max(ages.values()) - MAX_AGE
    for entry, written in ages.items():
        if written < oldest:
            entry.unlink()


def _name(page: bytes) -> str:
    return blake2b(page, digest_size=16, key=_version_of_checks()).hexdigest()


@cache
def _version_of_checks() -> bytes:
    """A digest of the code that checks pages, by size and time of each file, and of the Python that runs it."""
    stats = ((path.name, path.stat()) for path in CHECKED_BY)
    words = ";".join(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in stats)
    return blake2b(f"{sys.hexversion};{words}".encode(), digest_size=32).digest()


# What is no value of JSON is written as a list: the name of its class, and what its class makes it of.
_KINDS: dict[Any, tuple[Callable[[Any], Iterable[object]], Callable[..., Any]]] = {
    Decimal: (lambda value: [str(value)], Decimal),
    timedelta: (lambda value: [value // MICROSECOND], lambda microseconds: microseconds * MICROSECOND),
    tuple: (iter, lambda *parts: parts),
    frozenset: (iter, lambda *parts: frozenset(parts)),
    **{kind: (lambda value: [value.isoformat()], kind.fromisoformat) for kind in (date, datetime, time)},
    **{kind: (iter, kind) for kind in (Rate, Band, Dispute, Reserved, Allowance, Caching, Lifetime)},
}
for _kind in (PriceSheet, RateCard, Row, Limits, Window, Automatic, Written, Stored):
    _KINDS[_kind] = attrgetter(*(each.name for each in fields(_kind) if each.init)), _kind
_MAKERS = {kind.__name__: make for kind, (_, make) in _KINDS.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    kind = type(value)
    return [kind.__name__, *map(_plain, _KINDS[kind][0](value))] if kind in _KINDS else value


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _value(each) for key, each in plain.items()}
    if not isinstance(plain, list):
        return plain
    name, *parts = plain
    return _MAKERS[name](*map(_value, parts))
