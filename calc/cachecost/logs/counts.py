"""Token counts told apart: what a vendor counts twice is counted once here.

Google and OpenAI count cached tokens in the prompt (inclusive), Anthropic beside it (exclusive); some collectors do one
or the other, and only their own total says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import BadLog
from ..prices.usage import Usage
from ..replay.request import Doubt, Item
from .values import count

_BY_TTL = re.compile(r"(?:ephemeral_|ttl_|cache_write_|input_cache_write_)?([0-9]{1,4}[smhd])(?:_input)?(?:_tokens)?")


def plain(prompt: int, *cached: int) -> int:
    """The tokens of an inclusive prompt that were neither read from a cache nor written to one."""
    rest = prompt - sum(cached)
    if rest < 0:
        many = f"{sum(cached):,} cached tokens are more than the prompt of {prompt:,}"
        raise BadLog(f"{many}; expected a prompt that includes them")
    return rest


def by_ttl(counts: Mapping[str, Any], total: int | None, *, where: str) -> int | dict[str, int]:
    """Written tokens by TTL (`ephemeral_5m_input_tokens`, `ttl_30m_tokens`); one count without TTLs.

    Raises BadLog where the parts are not the total.
    """
    parts: dict[str, int] = {}
    for key in counts:
        if (ttl := ttl_of(key)) and (number := count(counts, key)):
            parts[ttl] = parts.get(ttl, 0) + number
    if not parts:
        return total or 0
    if total is not None and sum(parts.values()) != total:
        raise BadLog(f"{where}: {total:,} tokens written are not the sum of their TTLs, {sum(parts.values()):,}")
    return parts


def written(counts: int | Mapping[str, int]) -> int:
    """How many tokens were written, whatever their TTLs."""
    return counts if isinstance(counts, int) else sum(counts.values())


@lru_cache(maxsize=1_000)
def ttl_of(key: str) -> str | None:
    """`5m` for `cache_write_5m` and the like; None for another key."""
    found = _BY_TTL.fullmatch(key)
    return found[1] if found else None


def adds_up(total: object, *parts: int, what: str = "total") -> list[Item]:
    """A doubt where a total is given that is not the sum of its parts."""
    if not isinstance(total, int) or isinstance(total, bool) or total == sum(parts):
        return []
    return [Doubt(f"{what} {total:,} is not {' + '.join(f'{part:,}' for part in parts)} = {sum(parts):,}")]


def uncached(prompt: int, cached: int, output: int, total: int | None) -> tuple[int, list[Item]]:
    """Plain input where a collector may count either way: its own total tells; without one, exclusive is taken."""
    if not cached or total is None or total == prompt + cached + output:
        return prompt, []
    if total == prompt + output:
        return plain(prompt, cached), []
    doubt = f"total {total:,} is neither {prompt:,} + {output:,} nor that and {cached:,} cached; taken as exclusive"
    return prompt, [Doubt(doubt)]


def usage(
    *,
    input: int,
    cache_read: int = 0,
    cache_write: int | Mapping[str, int] = 0,
    output: int = 0,
    audio: tuple[int, int] = (0, 0),
    image: tuple[int, int] = (0, 0),
) -> Usage:
    """The usage of an answer; `audio` and `image` are (input, output) counts that lie inside `input` and `output`.

    A modality that the plain input cannot hold was cached: that part stays under the cached text.
    """
    if audio == (0, 0) == image:
        return Usage(input=input, cache_read=cache_read, cache_write=cache_write, output=output)
    heard, said = min(audio[0], input), min(audio[1], output)
    seen, drawn = min(image[0], input - heard), min(image[1], output - said)
    return Usage(
        input=input - heard - seen,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output - said - drawn,
        audio={"input": heard, "output": said},
        image={"input": seen, "output": drawn},
    )
