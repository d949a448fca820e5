"""Which prompts begin alike: chained ids of their blocks, each the name of everything up to the end of its block."""

from collections.abc import Mapping
from hashlib import blake2b

from ..replay.request import Doubt, Item
from .values import decimal

BLOCK = 512
"""Tokens of the blocks of a request."""


def prefix(stated: object, prompt: int) -> tuple[tuple[int, ...], list[Item]]:
    """Chained ids of the blocks of a prompt of so many tokens, as numbers of 64 bits; none, and why, where they cannot
    be ids of blocks of 512.

    A list counts where there are as many ids as the prompt has such blocks, with or without a last one that is not
    full. An object with a `block_size` beside its list is taken at its word: of smaller blocks those ids are taken that
    end one of 512, exact since each names all that is before it.
    """
    if stated is None:
        return (), []
    size = None
    if isinstance(stated, Mapping):
        size = decimal(stated.get("block_size"))
        stated = next((each for each in stated.values() if isinstance(each, list)), None)
    path = tuple(map(_number, stated)) if isinstance(stated, list) else ()
    if not path:
        return (), []
    if size is None:
        if len(path) in (prompt // BLOCK, -(-prompt // BLOCK)):
            return path, []
        return (), [Doubt(f"{len(path)} blocks are not a prompt of {prompt:,} tokens in blocks of {BLOCK}")]
    if size < 1 or size != int(size) or BLOCK % size:
        return (), [Doubt(f"blocks of {size} tokens do not make up blocks of {BLOCK}")]
    step = BLOCK // int(size)
    ends = path[step - 1 :: step]
    return (*ends, path[-1]) if len(path) % step else ends, []  # what is left at the end is a block that is not full


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return value
    return int.from_bytes(blake2b(str(value)[:200].encode(errors="replace"), digest_size=8).digest())
