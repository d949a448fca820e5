"""Which prompts begin alike: chained ids of their blocks, each the name of everything up to the end of its block."""

from hashlib import blake2b

BLOCK = 512
"""Tokens of the blocks of a request."""


def blocks(ids: object) -> tuple[int, ...]:
    """Chained ids as numbers of 64 bits; none where there is no list of them."""
    if not isinstance(ids, list):
        return ()
    return tuple(_number(each) for each in ids)


def fits(path: tuple[int, ...], prompt: int) -> bool:
    """Whether a prompt of so many tokens has as many blocks, with or without a last one that is not full."""
    return len(path) in (prompt // BLOCK, -(-prompt // BLOCK))


def joined(path: tuple[int, ...], size: int) -> tuple[int, ...] | None:
    """The ids of blocks of 512 tokens among those of smaller ones, exact since each names all that is before it.

    What is left at the end is a block that is not full. None where blocks of that size do not make up one of 512.
    """
    if size < 1 or BLOCK % size:
        return None
    step = BLOCK // size
    ends = path[step - 1 :: step]
    return (*ends, path[-1]) if len(path) % step else ends


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return value
    return int.from_bytes(blake2b(str(value)[:200].encode(errors="replace"), digest_size=8).digest())
