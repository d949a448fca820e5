"""Where tools keep their logs on a disk, and what of that is on this machine."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..files.reading import is_file
from .formats import FORMATS

_ROOT = re.compile(r"(?:\$\{(\w+):-([^}]*)\}|(~))/")


class Place(NamedTuple):
    """A place where a tool keeps logs, and the files that are there, sorted."""

    format: str
    tool: str
    pattern: str
    files: Sequence[Path]

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)


def on_this_machine(environ: Mapping[str, str] | None = None) -> list[Place]:
    """Every place of every format, also those without files."""
    known = os.environ if environ is None else environ
    return [
        Place(shape.name, shape.tool, pattern, sorted(_files(pattern, known)))
        for shape in FORMATS.values()
        for pattern in shape.places
    ]


def _files(pattern: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """The files of a pattern that begins with `~` or with `${CODEX_HOME:-~/.codex}`, a variable that may name several
    folders with commas between them. None where the user has no home folder."""
    root = _ROOT.match(pattern)
    if root is None:
        raise ValueError(f"{pattern!r} begins with no root; expected ~/ or ${{NAME:-~/folder}}/")
    name, default, _ = root.groups()
    value = (environ.get(name) or default) if name else "~"
    for each in dict.fromkeys(value.split(",")):
        folder = os.path.expanduser(each.strip())  # noqa: PTH111  # a Path raises where there is no home folder
        if not folder.startswith("~"):
            yield from (file for file in Path(folder).glob(pattern[root.end() :]) if is_file(file))
