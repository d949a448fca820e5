"""Where the requests of a log lie once they have their rates, and how they come back: in heaps of whole sessions."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import compress
from typing import NamedTuple, Protocol

from .tally import Key
from .traffic import NONE, Traffic


class Share(NamedTuple):
    """How many requests there are, and of how many nothing says with which others they share a prompt."""

    requests: int
    alone: int

    def plus(self, other: Share) -> Share:
        return Share(self.requests + other.requests, self.alone + other.alone)


NOBODY = Share(0, 0)


class Store(Protocol):
    """Where requests lie that are too many for memory: columns of int64 in, whole sessions out."""

    def add(self, columns: Mapping[str, array[int]]) -> None:
        """Keep requests: the columns `traffic.KEPT`, and their `place` in the log."""

    def shares(self) -> Mapping[int, Share]:
        """What is kept, by key."""

    def chunks(self) -> Iterator[Mapping[str, bytes]]:
        """What is kept, piece by piece in any order."""

    def heaps(self) -> Iterator[Mapping[str, bytes]]:
        """The same in heaps of whole sessions, within a session by time, then by place."""


def keep(traffic: Traffic) -> None:
    """Hand requests that have their keys to the store, where there is one."""
    if traffic.store and not traffic.pending and len(traffic) > len(traffic.blocks):
        traffic.store.add(traffic.taken_out())


def shares(traffic: Traffic) -> dict[Key | None, Share]:
    """All requests by key, those without a price under None."""
    told = dict(traffic.store.shares()) if traffic.store else {}
    requests, alone = Counter(traffic.key), Counter(compress(traffic.key, map(NONE.__eq__, traffic.session)))
    for place in traffic.blocks:
        alone[traffic.key[place]] -= 1
    for key, count in requests.items():
        told[key] = told.get(key, NOBODY).plus(Share(count, alone[key]))
    keys = traffic.known
    return {None if key == NONE else keys[key]: share for key, share in told.items()}


def chunks(traffic: Traffic) -> Iterator[Traffic]:
    """All requests, some at a time."""
    if traffic.store:
        yield from map(traffic.like, traffic.store.chunks())
    if len(traffic):
        yield traffic


def heaps(traffic: Traffic) -> Iterator[Traffic]:
    """The same in heaps of whole sessions: one where all are in memory."""
    keep(traffic)
    if traffic.store:
        yield from map(traffic.like, traffic.store.heaps())
    if len(traffic):
        yield traffic
