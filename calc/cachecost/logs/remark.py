"""What a reader says of a record beside its requests: why it was left out, what it could not read, what it doubts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .request import Charge, Request


class Skipped(NamedTuple):
    """A record, or a part of one, for which nobody pays by the token; and why."""

    reason: str


class Unread(NamedTuple):
    """A key inside a usage object that no reader knows: it may hold tokens that somebody pays for."""

    key: str


class Doubt(NamedTuple):
    """A record that was read, though its own numbers contradict each other."""

    message: str


Record = Mapping[str, Any]
Item = Request | Charge | Skipped | Unread | Doubt


class Format(NamedTuple):
    """One shape of log: what tells it, and what a record of it says.

    `read` raises BadLog or BadUsage on a record that contradicts itself. `repeats`: whether later records of one id
    are the same request seen further on, so that the largest counts. `note`: what can never be known from it.
    """

    name: str
    detect: Callable[[Record], bool]
    read: Callable[[Record], list[Item]]
    repeats: bool = False
    note: str = ""


def unread(where: str, found: Record, known: frozenset[str]) -> list[Item]:
    """One remark for each key that has a value and that nobody knows."""
    if found.keys() <= known:
        return []
    return [Unread(f"{where}.{key}") for key, value in found.items() if key not in known and value is not None]
