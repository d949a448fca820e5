"""Requests of a chunk session by session, and what each session's last request left for the next chunk."""

from __future__ import annotations

from typing import Any

from ..errors import BadWorkload
from ..files.installed import install
from .columns import Columns

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

CHUNK = 1 << 17
"""Requests held at once; small enough to stay in a processor's cache."""
_BITS = CHUNK.bit_length()
Array = Any


class Order:
    """The requests of a chunk that take part, sorted by session, then as they came; all arrays stand in that order.

    `places`: where they stand in the chunk. `first`, `last`: those that begin and end their session in this chunk.
    """

    __slots__ = ("at", "first", "key", "last", "places", "session")

    def __init__(self, chunk: Columns, taking: Array) -> None:
        packed = (chunk.session[taking] << _BITS) | taking
        packed.sort()  # several times as fast as a stable sort of places by session
        self.places = packed & ((1 << _BITS) - 1)
        self.session = packed >> _BITS
        begins = np.flatnonzero(self.session[1:] != self.session[:-1]) + 1
        self.first = np.concatenate(([0], begins))
        self.last = np.concatenate((begins - 1, [len(packed) - 1]))
        self.at = chunk.at[self.places]
        self.key = chunk.key[self.places]


class Left:
    """What the last request of every session left: one array a field, a place a session."""

    def __init__(self, **fields: int) -> None:
        self._nothing = fields
        self._fields = {name: np.full(0, nothing, np.int64) for name, nothing in fields.items()}

    def grow(self, sessions: int) -> None:
        """Room for so many sessions; new ones have left nothing."""
        for name, values in self._fields.items():
            if len(values) < sessions:
                more = np.full(max(sessions, 2 * len(values)) - len(values), self._nothing[name], np.int64)
                self._fields[name] = np.concatenate((values, more))

    def before(self, name: str, found: Order, values: Array) -> Array:
        """For each request the value of the one before it in its session; and the session's last value is kept."""
        held = self._fields[name]
        behind = np.empty(len(values), np.int64)
        behind[1:] = values[:-1]
        behind[found.first] = held[found.session[found.first]]
        held[found.session[found.last]] = values[found.last]
        return behind

    def __getitem__(self, name: str) -> Array:
        return self._fields[name]
