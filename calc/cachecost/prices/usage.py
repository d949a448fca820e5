"""What was used: disjoint token counts of one request, and token-hours of storage; read from a record of counts, and
counted for requests and caches that are planned.

`input`, `cache_read` and `cache_write` never overlap; vendors whose input count includes cached tokens
(OpenAI, Google, DeepSeek) are converted at the door.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from .. import units
from ..errors import BadQuantity, BadUsage
from ..money import Number
from .card import Row

MAX_TOKENS = 10**12
FINEST = 10**30
MODALITIES = ("audio", "image", "video")
PARTS = ("input", "cache_read", "output")

Quantity = int | Fraction
Q = TypeVar("Q", int, Quantity)


class Usage:
    """Token counts of one request, each at least 0, none counted twice.

    `cache_read`: a count, or counts by caching kind (`{"written": 900}`) where kinds differ in price.
    `cache_write`: counts by TTL (`{"5m": 1200}`), or a count where one TTL is sold or the default is meant.
    `creation`: tokens put into a stored cache. `storage`: token-hours that it stands.
    `audio`, `image`, `video`: counts `input`, `cache_read`, `cache_write:TTL`, `output` of that modality, beside the
    text, and its `storage`. `reasoning`: tokens of thought beside `output`, where they may have a rate to themselves.
    `fees`: calls of the vendor's tools by the name of their fee (`{"web_search": 3}`).

    `quantities` holds what is above zero under its line name, `prompt` the size that selects the tier.
    Raises BadUsage on counts that are negative, fractional (storage may be) or above 10**12.
    """

    __slots__ = ("cached", "output", "prompt", "quantities", "read", "written")

    def __init__(
        self,
        *,
        input: int = 0,
        cache_read: int | Mapping[str, int] = 0,
        cache_write: int | Mapping[str, int] = 0,
        creation: int = 0,
        output: int = 0,
        reasoning: int = 0,
        storage: Quantity = 0,
        audio: Mapping[str, int] | None = None,
        image: Mapping[str, int] | None = None,
        video: Mapping[str, int] | None = None,
        fees: Mapping[str, int] | None = None,
    ) -> None:
        counts: dict[str, Quantity] = {"input": _count("input", input)}
        counts |= _by_key("cache_read", cache_read)
        counts |= _by_key("cache_write", cache_write)
        counts["creation"] = _count("creation", creation)
        counts["output"] = _count("output", output)
        counts["reasoning"] = _count("reasoning", reasoning)
        if audio is not None or image is not None or video is not None:
            for modality, parts in zip(MODALITIES, (audio, image, video), strict=True):
                counts |= _modality(modality, parts)
        for name, count in (fees or {}).items():
            counts[f"fee.{name}"] = _count("fee", count)
        if storage:
            counts["storage"] = _hours(storage)
        self._settle({name: count for name, count in counts.items() if count})

    def _settle(self, counts: dict[str, Quantity]) -> None:
        self.quantities: tuple[tuple[str, Quantity], ...] = tuple(counts.items())
        self.read = self.written = self.output = self.prompt = 0
        for name, number in counts.items():
            part = _part(name)
            if part == "":
                continue
            count = int(number)
            if part == "output":
                self.output += count
                continue
            self.prompt += count
            if part == "cache_read":
                self.read += count
            elif part == "cache_write":
                self.written += count
        self.cached = self.read + self.written

    @classmethod
    def of_lines(cls, counts: dict[str, Quantity]) -> Usage:
        """The usage of so many units by line name, none of them 0: `creation:input` is a creation at the input rate."""
        usage = cls.__new__(cls)
        usage._settle(counts)
        return usage

    @classmethod
    def of_work(cls, quantities: Mapping[str, Quantity]) -> Usage:
        """The usage of a machine, by line name: seconds of work and hours of memory, none of which is a token."""
        usage = cls.__new__(cls)
        usage._settle({})
        usage.quantities = tuple(quantities.items())
        return usage

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Usage) and self.quantities == other.quantities

    def __hash__(self) -> int:
        return hash(self.quantities)

    def __repr__(self) -> str:
        return f"Usage({', '.join(f'{name}={count}' for name, count in self.quantities)})"


@lru_cache(maxsize=1_000)
def _part(name: str) -> str:
    """What a line counts: `output`, `cache_read`, `cache_write`, other `input`; empty where it counts no tokens."""
    if name.endswith("storage") or name.startswith("fee."):
        return ""
    if name.endswith(("output", "reasoning")):
        return "output"
    return next((part for part in ("cache_read", "cache_write") if part in name), "input")


def _count(name: str, value: object) -> int:
    if type(value) is int and 0 <= value <= MAX_TOKENS:
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadUsage(f"expected a whole number of tokens, not {shown(value)}", word=name)
    if not 0 <= value <= MAX_TOKENS:
        many = f"{value:,}" if abs(value) < 10**24 else "so many"
        raise BadUsage(f"{many} tokens cannot be; expected 0 to {MAX_TOKENS:,}", word=name)
    return value


def shown(value: object) -> str:
    """A value as a message quotes it: short, and a decimal as it was written."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _by_key(name: str, value: object) -> dict[str, int]:
    if type(value) is not dict and (isinstance(value, int) or not isinstance(value, Mapping)):
        return {name: _count(name, value)}
    return {f"{name}:{key}": _count(f"{name}:{key}", count) for key, count in value.items()}


def _modality(modality: str, parts: object) -> dict[str, Quantity]:
    if parts is None:
        return {}
    known = (*PARTS, "storage")
    if not isinstance(parts, Mapping) or not all(part in known or part.startswith("cache_write:") for part in parts):
        raise BadUsage(f"expected counts of {', '.join(known)} or cache_write:TTL, not {shown(parts)}", word=modality)
    return {
        f"{modality}.{part}": _hours(count) if part == "storage" else _count(f"{modality}.{part}", count)
        for part, count in parts.items()
    }


def _hours(value: object) -> Quantity:
    if not isinstance(value, int | Fraction) or isinstance(value, bool):
        raise BadUsage(f"expected token-hours as a whole number or a fraction, not {value!r}", word="storage")
    if value.denominator > FINEST:
        raise BadUsage(f"expected token-hours as a fraction of at most 1/{FINEST:,}, not a finer one", word="storage")
    if not 0 <= value <= MAX_TOKENS * 24 * 366:
        raise BadUsage(f"{value} token-hours cannot be; expected 0 or more, within reason", word="storage")
    return int(value) if value.denominator == 1 else value


class Batch(NamedTuple):
    """So many requests alike: one usage, its instant, and the prompt size that selects their row."""

    usage: Usage
    times: Number
    at: datetime
    prompt: int


STARTS = tuple(f"{modality}." for modality in MODALITIES)
_TEXT = ("input", "cache_read", "cache_write", "creation", "output", "reasoning")


def as_sold(usage: Usage, row: Row) -> Usage:
    """The usage with counts of a modality that the row does not rate moved to the text beside them. The same object
    where nothing moves, as nearly always."""
    counts = dict(usage.quantities)
    moved = sold(counts, row)
    if moved is counts:
        return usage
    # Text as listed above, and what a modality has after it.
    order = {line: _TEXT.index(kind) if (kind := line.partition(":")[0]) in _TEXT else len(_TEXT) for line in moved}
    return Usage.of_lines({line: moved[line] for line in sorted(moved, key=order.__getitem__)})


def sold(counts: dict[str, Q], row: Row) -> dict[str, Q]:
    """Counts by line, those of a modality that the row does not rate moved to the text beside them.

    Gemini 3 and GPT-4o bill images at the rates of text and their sheets list no others. The same object where
    nothing moves.
    """
    if not any(name.startswith(STARTS) and name not in row.rates for name in counts):
        return counts
    moved: dict[str, Q] = {}
    for name, quantity in counts.items():
        line = name.partition(".")[2] if name.startswith(STARTS) and name not in row.rates else name
        moved[line] = moved.get(line, 0) + quantity
    return moved


USAGE_KEYS = (*_TEXT, "storage_token_hours", *MODALITIES, "fees")
KEY_OF = {"fee": "fees", "storage": "storage_token_hours"}
"""Keys that are called otherwise than the words of their refusals."""


def usage_of(record: object) -> Usage:
    """The usage in a parsed object; null counts are counts that were not given."""
    if not isinstance(record, Mapping):
        raise BadUsage(f"expected an object with {', '.join(USAGE_KEYS)}, not {shown(record)}", word="usage")
    check_keys(record, USAGE_KEYS, "usage")
    given = {key: value for key, value in record.items() if value is not None}
    storage = given.pop("storage_token_hours", 0)
    if not isinstance(given.get("fees", {}), Mapping):
        raise BadUsage(f'expected calls by fee such as {{"web_search": 3}}, not {shown(given["fees"])}', word="fees")
    for key in ("cache_read", "cache_write"):
        if isinstance(counts := given.get(key), Mapping):
            names = [short_ttl(name) for name in counts]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise BadUsage(f"{twice} is given twice", word=key)
            given[key] = dict(zip(names, counts.values(), strict=True))
    return Usage(**given, storage=_token_hours(storage))


def check_keys(record: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    """BadUsage where a record has a key that is not known."""
    if unknown := [key for key in record if key not in known]:
        raise BadUsage(f"{unknown[0]!r} is not a key of {what} ({', '.join(known)})")


def short_ttl(name: str) -> str:
    """A TTL in its shortest writing, so that `60m` finds the rate of `1h`; other words as they are."""
    try:
        return units.show_duration(units.duration(name))
    except BadQuantity:
        return name


def _token_hours(value: object) -> int | Fraction:
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


class Meter:
    """Counts what a strategy uses: tokens and token-hours, as vendors do. `entry`: what follows the colon in its name:
    `5m` of `written:5m`, `ram` of `kept:ram`."""

    readings: tuple[str, ...] = ()
    """Other readings of what is counted, of which only a band is known."""
    assumed: tuple[str, ...] = ()
    """What is assumed of how much is used, in words."""
    cards: int = 0
    """Cards that do the work, where it is counted by their seconds; 0 where a vendor does it."""

    def request(
        self, plain: int, answer: int, kind: str = "", read: int = 0, entry: str = "", written: int = 0
    ) -> Usage:
        """A request with so many plain tokens, read tokens (of the `kind` of cache with a separate rate) and
        written ones."""
        return _request(plain, answer, kind, read, entry, written)

    def creation(self, tokens: int, line: str = "creation") -> Usage:
        """The creation of a cache of so many tokens, billed by a line."""
        return Usage.of_lines({line: tokens})

    def rented(self, entry: str) -> Usage:
        """What one unit of `size` uses in an hour for which a cache is kept."""
        return _ONE_TOKEN_HOUR

    def size(self, tokens: int, entry: str) -> Quantity:
        """Units that are rented for a cache of so many tokens."""
        return tokens

    def standing(self) -> Usage | None:
        """What is used in an hour whatever is asked; None where nothing is."""
        return None

    def doubts(self, prompt: int, answer: int, entry: str) -> tuple[str, ...]:
        """What to know before believing what is counted for requests of this size."""
        return ()


TOKENS = Meter()
_ONE_TOKEN_HOUR = Usage(storage=1)


@lru_cache(maxsize=4096)
def _request(plain: int, answer: int, kind: str, read: int, ttl: str, written: int) -> Usage:
    """One request. Alike on many models, so it is kept."""
    return Usage(
        input=plain,
        cache_read={kind: read} if kind and read else read,
        cache_write={ttl: written} if written else 0,
        output=answer,
    )
