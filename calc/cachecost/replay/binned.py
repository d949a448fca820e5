"""Sums of whole numbers by place, over arrays and yet exact: no float that rounds, no integer that wraps."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..errors import BadWorkload
from ..files.installed import install

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any
_EXACT = 2**53
_LIMB = 20


def binned(places: Array, weights: Array | None, size: int) -> list[int]:
    """The sum of the weights (at least 0, int64) at each of `size` places; without weights, how many there are.

    numpy sums by place in floats, which are exact below 2**53; larger weights are summed in two halves.
    """
    if weights is None or not len(places):
        return [int(count) for count in np.bincount(places, minlength=size)]
    if int(weights.max()) * len(weights) < _EXACT:
        return [int(count) for count in np.bincount(places, weights, size)]
    low, high = weights & ((1 << 30) - 1), weights >> 30
    halves = zip(np.bincount(places, low, size), np.bincount(places, high, size), strict=True)
    return [int(small) + (int(large) << 30) for small, large in halves]


def products(places: Array, weights: Array, lengths: Array, size: int) -> list[int]:
    """The sums of weight x length by place, where a product may be longer than an integer of the machine.

    `weights` are token counts, up to 2**40 each; `lengths` microseconds.
    """
    found = [0] * size
    shift = 0
    while (lengths > 0).any():
        part = binned(places, weights * (lengths & ((1 << _LIMB) - 1)), size)
        found = [one + (more << shift) for one, more in zip(found, part, strict=True)]
        lengths = lengths >> _LIMB
        shift += _LIMB
    return found


def add(sums: Counter[int], counts: list[int]) -> None:
    """Counts by place into a counter, zeros left out."""
    for place, count in enumerate(counts):
        if count:
            sums[place] += count
