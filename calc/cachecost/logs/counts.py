"""Token counts without overlap: what a vendor counts twice is counted once here.

Google and OpenAI count cached tokens in the prompt (inclusive), Anthropic beside it (exclusive); some collectors do one
or the other, and only their own total says which.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ..errors import BadLog
from ..prices.usage import Usage
from ..replay.request import Doubt, Item
from .values import count

Counting = Literal["inclusive", "within", "exclusive", "total"]
_BY_TTL = re.compile(
    r"(?:ephemeral_|ttl_|(?:input_)?cache_(?:write|creation)_)?([0-9]{1,4}[smhd])(?:_input)?(?:_tokens)?"
)


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
    match = _BY_TTL.fullmatch(key)
    return match[1] if match else None


def _doubted(total: int | None, *parts: int) -> list[Item]:
    """A doubt where a total is given that is not the sum of its parts."""
    if not total or total == sum(parts):
        return []
    return [Doubt(f"total {total:,} is not {' + '.join(f'{part:,}' for part in parts)} = {sum(parts):,}")]


def uncached(
    prompt: int, cached: int, output: int, total: int | None = None, *, counting: Counting = "inclusive"
) -> tuple[int, list[Item]]:
    """The tokens of a prompt that were neither read from a cache nor written to one, and what is doubtful about them.

    `counting`: whether the prompt includes those that were, by the rule of its format; `total` where only the record's
    own total says so, and without one they are taken as counted beside it. The total overrules the rule where it is
    the sum by the other reading, and so does a prompt that cannot hold them, unless they are `within` it at any rate.
    """
    is_inside = total == prompt + output
    is_apart = total == prompt + cached + output or (counting == "total" and not is_inside)
    if not cached or counting == "exclusive" or is_apart:
        return prompt, _doubted(total, prompt, cached, output)
    if cached <= prompt:
        return prompt - cached, _doubted(total, prompt, output)
    many = f"{cached:,} cached tokens are more than the prompt of {prompt:,}"
    if is_inside or counting == "within":
        message = f"{many}, which includes them; billed are the cached tokens alone"
        return 0, [Doubt(message), *_doubted(total, prompt, output)]
    return prompt, [Doubt(f"{many}; taken as counted beside it")]


class MediaTokens(NamedTuple):
    """Tokens of audio, images or video among those of a prompt, of an answer, and of what was read from a cache (None
    where it is not said); the last are among the prompt's too."""

    sent: int
    answered: int
    read: int | None = None


def usage(
    *,
    input: int,
    cache_read: int = 0,
    cache_write: int | Mapping[str, int] = 0,
    creation: int = 0,
    output: int = 0,
    kinds: Mapping[str, MediaTokens],
) -> tuple[Usage, list[Item]]:
    """The usage of an answer with these kinds of tokens beside text, and a doubt where they are more than all there
    are, or where it is not said which of the cached tokens were of a kind.

    Then text is taken to have been cached first: what the plain input cannot hold of the others must have been cached.
    """
    rest = {"input": input, "cache_read": cache_read, "output": output}
    counts: dict[str, dict[str, int]] = {}
    doubts: list[Item] = []
    for name, kind in kinds.items():
        read = max(0, kind.sent - rest["input"]) if kind.read is None else kind.read
        if kind.read is None and kind.sent and cache_read:
            doubts.append(
                Doubt(f"how many of {cache_read:,} cached tokens were {name} is not said: text is taken first")
            )
        parts = {"input": max(0, kind.sent - read), "cache_read": read, "output": kind.answered}
        counts[name] = {part: min(number, rest[part]) for part, number in parts.items()}
        rest = {part: number - counts[name][part] for part, number in rest.items()}
        if (said := sum(parts.values())) > (taken := sum(counts[name].values())):
            doubts.append(Doubt(f"{said:,} tokens of {name} are more than the record has: {taken:,} are billed"))
    return Usage(**rest, cache_write=cache_write, creation=creation, **counts), doubts  # type: ignore[arg-type]  # kinds have no other names
