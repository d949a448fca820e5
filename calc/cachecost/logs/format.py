"""One format of log: how it is detected, and how one of its records is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..replay.request import Item, Unread

Record = Mapping[str, Any]


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


def unread(where: str, record: Record, known: frozenset[str]) -> list[Item]:
    """One remark for each key that has a value and is not known."""
    if record.keys() <= known:
        return []
    return [Unread(f"{where}.{key}") for key, value in record.items() if key not in known and value is not None]
