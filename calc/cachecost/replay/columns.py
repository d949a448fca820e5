"""Requests as columns of whole numbers, and what a policy makes of them, summed for every set of rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from .policy import Policy
from .tally import HITS, REQUESTS, STORAGE, Key, Tally

Column = Any
"""A list, or an array of int64."""


class Columns(NamedTuple):
    """Requests, one a place in each column, times not decreasing within a session.

    `at`: microseconds since 1970 UTC. `key`: place in a list of keys. `prompt`: all text tokens of the prompt;
    `cacheable`: those of them that a cache may take. `session`: 0, 1, 2...; -1 where nothing tells it.
    """

    at: Column
    key: Column
    prompt: Column
    cacheable: Column
    output: Column
    session: Column


@dataclass(slots=True)
class Base:
    """What no policy changes, by place of the key: requests, tokens of their prompts and of their answers."""

    requests: Counter[int] = field(default_factory=Counter)
    prompt: Counter[int] = field(default_factory=Counter)
    output: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Sums:
    """What one policy did, by place of the key: tokens read, written, created and read by pings; requests that read;
    pings; token-microseconds of rent."""

    read: Counter[int] = field(default_factory=Counter)
    written: Counter[int] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)
    pings: Counter[int] = field(default_factory=Counter)
    pinged: Counter[int] = field(default_factory=Counter)
    created: Counter[int] = field(default_factory=Counter)
    rent: Counter[int] = field(default_factory=Counter)


def tally(one: Policy, keys: Sequence[Key], base: Base, sums: Sums) -> Tally:
    """The sums under the names of lines: what was neither read nor written went as plain input."""
    kind = one.kind if one.kind in (AUTOMATIC, STORED) else WRITTEN
    found = Tally()
    for place, key in enumerate(keys):
        found.add(key, "input", base.prompt[place] - sums.read[place] - sums.written[place])
        found.add(key, f"cache_read:{kind}", sums.read[place] + sums.pinged[place])
        found.add(key, f"cache_write:{one.ttl}", sums.written[place])
        found.add(key, "creation", sums.created[place])
        found.add(key, "output", base.output[place])
        found.add(key, STORAGE, sums.rent[place])
        found.add(key, REQUESTS, base.requests[place] + sums.pings[place])
        found.add(key, HITS, sums.hits[place] + sums.pings[place])
    return found


def tallies(policies: Sequence[Policy], keys: Sequence[Key], base: Base, sums: Mapping[str, Sums]) -> dict[str, Tally]:
    """The tally of every policy, by its name."""
    return {one.name: tally(one, keys, base, sums[one.name]) for one in policies}
