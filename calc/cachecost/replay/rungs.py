"""Several times to live in one pass: a request's rung is the number of lives for which it comes too late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import BadWorkload
from ..files.installed import install
from .binned import add, binned
from .columns import Sums
from .policy import Policy

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any


def rungs(gap: Array, lives: Sequence[int]) -> Array:
    """The rung of each gap; an entry lives while the gap is not longer than its life."""
    found = np.zeros(len(gap), np.int64)
    for life in lives:
        found += gap > life
    return found


def climb(steps: list[Sums], rung: Array, key: Array, read: Array, size: int) -> None:
    """Add tokens, and requests that read any, to the sums of their rung, by key."""
    places = rung * size + key if size > 1 else rung
    read_by = binned(places, read, size * len(steps))
    hits_by = binned(places[read > 0], None, size * len(steps))
    for step, sums in enumerate(steps):
        add(sums.read, read_by[step * size : (step + 1) * size])
        add(sums.hits, hits_by[step * size : (step + 1) * size])


def below(steps: list[Sums], top: int) -> Sums:
    """What the first `top` rungs have together: the reads of the life that stands there."""
    found = Sums()
    for sums in steps[:top]:
        found.read.update(sums.read)
        found.hits.update(sums.hits)
    return found


def count_pings(one: Policy, sums: Sums, key: Array, tokens: Array, gap: Array, size: int) -> None:
    """Pings over the gaps after requests that left so many tokens."""
    pings = np.clip(-(gap // -one.every) - 1, 0, one.pings) * (tokens > 0)
    add(sums.pings, binned(key, pings, size))
    add(sums.pinged, binned(key, pings * tokens, size))
