"""What one request used, as a person or a program says it: `20K`, `1h=20K`, `1M@24h`, or a JSON record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from . import ask, quantities
from .errors import BadUsage
from .usage import Usage

WORDS = ("input", "cache_read", "cache_write", "creation", "output", "audio", "storage")
"""The words of which a usage needs at least one."""
DEEPEST = 50
"""Lists and objects around each other in an id."""


def consumed(
    *,
    input: str = "",
    cache_read: Sequence[str] = (),
    cache_write: Sequence[str] = (),
    creation: str = "",
    output: str = "",
    audio: Sequence[str] = (),
    storage: str = "",
) -> tuple[Usage, int | None]:
    """The usage that the words describe, and the prompt that chooses its tier where only storage is asked for."""
    usage = Usage(
        input=ask.read("input", quantities.count, input or "0"),
        cache_read=keyed("cache_read", cache_read),
        cache_write=keyed("cache_write", cache_write),
        creation=ask.read("creation", quantities.count, creation or "0"),
        output=ask.read("output", quantities.count, output or "0"),
        audio=_parts("audio", audio),
        storage=ask.maybe("storage", quantities.storage, storage) or 0,
    )
    stored = quantities.count(storage.partition("@")[0]) if storage else None
    return usage, stored if usage.prompt == 0 else None


def refuse_nothing(*said: object) -> None:
    """BadUsage where no word of a usage is said: a forgotten word is no bill of zero."""
    if not any(said):
        raise BadUsage(f"usage: missing; expected at least one of {', '.join(WORDS)}, such as 20K for input")


def keyed(word: str, texts: Sequence[str]) -> int | dict[str, int]:
    """`20K` as a count, `1h=20K` by key."""
    if len(texts) == 1 and "=" not in texts[0]:
        return ask.read(word, quantities.count, texts[0])
    found: dict[str, int] = {}
    for text in texts:
        key, equals, number = text.partition("=")
        if not equals:
            raise BadUsage(f"{word}: {text!r} has no key; expected KEY=TOKENS where it is given more than once")
        key = ask.ttl(key)
        if key in found:
            raise BadUsage(f"{word}: {key} is given twice")
        found[key] = ask.read(word, quantities.count, number)
    return found or 0


def _parts(word: str, texts: Sequence[str]) -> dict[str, int] | None:
    if not texts:
        return None
    found = keyed(word, texts)
    if isinstance(found, int):
        raise BadUsage(f"{word}: {texts[0]!r} has no key; expected input=5K, cache_read=1K or output=2K")
    return found


def parsed(text: bytes) -> Any:
    """The JSON value in a text, numbers with a point as exact decimals; BadUsage where it is none."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise BadUsage(f"not a JSON record: {error}") from None


def plain_id(identity: Any, depth: int = 0) -> Any:
    """An id as it came, whatever JSON it is; a number that a float would change becomes text. BadUsage where it is
    nested deeper than anybody means."""
    if depth > DEEPEST:
        raise BadUsage(f"id: expected it to be nested no deeper than {DEEPEST}")
    if isinstance(identity, Decimal):
        return number if Decimal(repr(number := float(identity))) == identity else str(identity)
    if isinstance(identity, list):
        return [plain_id(each, depth + 1) for each in identity]
    if isinstance(identity, dict):
        return {key: plain_id(each, depth + 1) for key, each in identity.items()}
    return identity


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is beyond every number") from None


def _not_a_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")
