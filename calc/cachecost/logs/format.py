"""One format of log: how it is detected, and how one of its records is read."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..replay.request import Item

Record = Mapping[str, Any]


Reader = Callable[[Record], list[Item]]
"""What a record says: requests, charges, and remarks. Raises BadLog or BadUsage where it contradicts itself."""


class Format(NamedTuple):
    """One shape of log: what tells it, and what a record of it says.

    `begin`: makes the reader of the file of that name, where records depend on earlier ones or on the name; `read` then
    reads one by itself.
    `repeats`: whether later records of one id are the same request seen further on, so that the largest counts.
    `note`: what can never be known from it. `tool`: the program that writes it, and `places` where on a disk: patterns
    such as `${CODEX_HOME:-~/.codex}/sessions/**/*.jsonl`. `tables`: of a database of SQLite.
    `declared`: a `Declared`, by which a database reads most of its records.
    """

    name: str
    detect: Callable[[Record], bool]
    read: Reader
    begin: Callable[[str], Reader] | None = None
    repeats: bool = False
    note: str = ""
    tool: str = ""
    places: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    declared: Any = None


def stateful(name: str, detect: Callable[[Record], bool], begin: Callable[[str], Reader], **more: Any) -> Format:
    """A format whose records depend on earlier ones of their file, or on its name."""
    return Format(name, detect, lambda record: begin("")(record), begin, **more)


def folder_of(name: str) -> str:
    """The folder in which a file of that name is; empty where the name has none."""
    return "".join(name.replace("\\", "/").split("/")[-2:-1])
