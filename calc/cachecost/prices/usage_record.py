"""The usage of one request, read from a record of counts."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .. import units
from ..errors import BadQuantity, BadUsage
from .usage import MODALITIES, Usage, shown

USAGE_KEYS = (
    "input",
    "cache_read",
    "cache_write",
    "creation",
    "output",
    "reasoning",
    "storage_token_hours",
    *MODALITIES,
    "fees",
)
KEY_OF = {"fee": "fees", "storage": "storage_token_hours"}
"""Keys that are called otherwise than the words of their refusals."""


def usage(record: object) -> Usage:
    """The usage in a parsed object; null counts are counts that were not given."""
    if not isinstance(record, Mapping):
        raise BadUsage(f"expected an object with {', '.join(USAGE_KEYS)}, not {shown(record)}", word="usage")
    _known(record, USAGE_KEYS, "usage")
    given = {key: value for key, value in record.items() if value is not None}
    storage = given.pop("storage_token_hours", 0)
    if not isinstance(given.get("fees", {}), Mapping):
        raise BadUsage(f'expected calls by fee such as {{"web_search": 3}}, not {shown(given["fees"])}', word="fees")
    for key in ("cache_read", "cache_write"):
        if isinstance(given.get(key), Mapping):
            given[key] = _by_ttl(key, given[key])
    return Usage(**given, storage=_hours(storage))


def _by_ttl(key: str, counts: Mapping[str, object]) -> dict[str, object]:
    shortened: dict[str, object] = {}
    for name, count in counts.items():
        if (short := ttl(name)) in shortened:
            raise BadUsage(f"{short} is given twice", word=key)
        shortened[short] = count
    return shortened


def ttl(name: str) -> str:
    """A TTL in its shortest writing, so that `60m` finds the rate of `1h`; other words as they are."""
    try:
        return units.show_duration(units.duration(name))
    except BadQuantity:
        return name


def _hours(value: object) -> int | Fraction:
    """Token-hours: a number, or text such as "25000/3" where no decimal is exact."""
    if isinstance(value, int | Decimal | str) and not isinstance(value, bool):
        text = str(value) if not isinstance(value, int) else ""
        try:
            # Fraction("1e999999999") would count to a number with as many digits: short exponents only.
            if len(text) <= units.MAX_TEXT and not re.search(r"[eE][+-]?\d{3}", text):
                return Fraction(value)
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    raise BadUsage(f'expected a number or a fraction such as "25000/3", not {shown(value)}', word="storage_token_hours")


def _known(record: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := [key for key in record if key not in known]:
        raise BadUsage(f"{unknown[0]!r} is not a key of {where} ({', '.join(known)})")
