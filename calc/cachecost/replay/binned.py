"""Sums of whole numbers by place, over arrays and yet exact: no float that rounds, no integer that wraps."""

from __future__ import annotations

from typing import Any

from ..errors import BadWorkload
from ..files.installed import install

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any
_EXACT = 2**53


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
