"""Under which rates millions of requests fall: the sheet's stretches and sizes compared with whole columns at once."""

from __future__ import annotations

from typing import Any

from ..errors import BadWorkload, CachecostError
from ..files.installed import install
from ..prices.card import STANDARD
from .epochs import DAY, Epochs
from .tally import Key
from .traffic import NONE

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any
LONG = 1_000 * DAY
"""A span above which stretches are looked up where there are requests, and not from end to end."""


def keys_of(
    epochs: Epochs,
    at: Array,
    size: Array,
    output: Array,
    *,
    service: str = STANDARD,
    region: str | None = None,
    thinking: bool = False,
) -> tuple[Array, list[Key]]:
    """The place of each request's key in the list, as `key_of` would find it; NONE where that would refuse.

    `at` in microseconds since 1970 UTC, `size` of the whole prompt, `output` in tokens.
    """
    found, keys = np.full(len(at), NONE, np.int64), list[Key]()
    stretch = _stretches(epochs, at)
    for epoch in np.unique(stretch):
        mine = np.flatnonzero(stretch == epoch)
        if epoch == NONE:
            continue
        billed, rows = _rows(epochs, int(epoch), size[mine], output[mine], (service, region, thinking))
        for row, those in rows:
            found[mine[those]] = len(keys)
            keys.append(Key(epochs.name, service, billed, int(epoch), row))
    return found, keys


def _stretches(epochs: Epochs, at: Array) -> Array:
    """The epoch of each instant; NONE before the first card."""
    found = np.full(len(at), NONE, np.int64)
    known = at >= epochs.starts[0]
    if not known.any():
        return found
    first, last = int(at[known].min()), int(at.max())
    if last - first > LONG:
        times, places = np.unique(at[known], return_inverse=True)
        found[known] = np.array([epochs.at(int(time)) for time in times], np.int64)[places]
        return found
    begins, stretches = epochs.between(first, last)
    found[known] = np.array(stretches, np.int64)[np.searchsorted(begins, at[known], "right") - 1]
    return found


def _rows(
    epochs: Epochs, epoch: int, size: Array, output: Array, asked: tuple[str, str | None, bool]
) -> tuple[str | None, list[tuple[int, Array]]]:
    """The card's name for the region; the rows of the card that are sold to some of the requests, and to which."""
    service, region, thinking = asked
    card = epochs.card(epoch)
    try:
        steps = epochs.steps(epoch, service, thinking)
        billed = card.billed_in(region)
    except CachecostError:
        return None, []
    chosen = np.full(len(size), NONE, np.int64)
    for step in reversed(steps):
        fits = (size >= step.low) & (output >= step.output_low)
        if step.high is not None:
            fits &= size <= step.high
        if step.output_high is not None:
            fits &= output <= step.output_high
        chosen[fits] = step.row
    sold = (int(row) for row in np.unique(chosen))
    kept = [row for row in sold if row != NONE and not card.rows[row].not_sold]
    return billed, [(row, np.flatnonzero(chosen == row)) for row in kept]
