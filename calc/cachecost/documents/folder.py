"""Documents become the text whose tokens will be counted: files, folders, patterns, standard input, addresses."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import glob, has_magic
from pathlib import Path
from typing import Final

from ..errors import BadDocument
from ..files.reading import is_there
from ..units import counted
from .text import LARGEST, text_in, text_of

PASSED_OVER: Final = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class Document:
    """The text of one or more documents, ready to be counted.

    name     as it was asked for
    text     the text; of several files joined by a blank line, those of a folder in the order of their paths
    parts    each file that was read, with the number of its characters
    skipped  what was passed over, each `path: why`
    """

    name: str
    text: str
    parts: tuple[tuple[str, int], ...]
    skipped: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        return len(self.parts)

    def contents(self, most: int = 5) -> str:
        """The largest files with their shares of the text; nothing for one that was named itself."""
        if self.files < 2 and not self.skipped:
            return ""
        whole = sum(size for _, size in self.parts)
        ordered = sorted(self.parts, key=lambda part: -part[1])
        largest = [f"{name} {size / whole:.0%}" for name, size in ordered[:most]]
        more = [f"{self.files - most:,} more"] if self.files > most else []
        skipped = f"; {len(self.skipped):,} skipped" if self.skipped else ""
        return f"{counted(self.files, 'file')}: {', '.join(largest + more)}{skipped}"


def read(sources: Path | Sequence[str], exclude: Sequence[str] = ()) -> Document:
    """The documents at paths, patterns and http(s) addresses, `-` for standard input: plain text, Markdown, source
    code, JSON, HTML, PDF, EPUB, DOCX, or a folder of them.

    Plain text is UTF-8, or UTF-16 with a byte order mark; of HTML and EPUB only what a reader sees counts. In a folder
    whatever cannot be read is passed over and listed, and so is what a pattern in `exclude` matches by its name or
    path; a file asked for by name is read or refused. Raises BadDocument.
    """
    names = [str(sources)] if isinstance(sources, Path) else list(sources)
    texts: list[str] = []
    parts: list[tuple[str, int]] = []
    skipped: list[str] = []
    for name in names:
        for place, text in _texts(name, exclude, skipped):
            texts.append(text)
            parts.append((place, len(text)))
    if not texts:
        raise BadDocument(f"{', '.join(names)}: no text in this folder, expected a text file; {len(skipped)} skipped")
    return Document(", ".join(names), "\n\n".join(texts), tuple(parts), tuple(skipped))


def paths_of(name: str) -> list[Path]:
    """The paths that a name means: itself, or what matches it as a pattern, sorted."""
    if not has_magic(name) or is_there(Path(name)):
        return [Path(name)]
    return sorted(map(Path, glob(name, recursive=True)))  # noqa: PTH207  # patterns may be absolute


def _texts(name: str, exclude: Sequence[str], skipped: list[str]) -> Iterator[tuple[str, str]]:
    """Each file of one source with its text; what is passed over is added to `skipped`."""
    if name == "-":
        yield "standard input", text_in("standard input", sys.stdin.buffer.read(LARGEST + 1))
        return
    if name.startswith(("http://", "https://")):
        from .web import fetch

        yield name, text_in(*fetch(name))
        return
    paths = paths_of(name)
    if not paths:
        raise BadDocument(f"{name}: no file matches this pattern; check the path")
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112  # out of reach: reading it as a file says why
            yield str(path), text_of(path)
            continue
        for document, why in _walk(path, frozenset()):
            inside = document.relative_to(path).as_posix()
            if any(fnmatch(inside, pattern) or fnmatch(document.name, pattern) for pattern in exclude):
                why = "excluded"
            try:
                if why:
                    raise BadDocument(f"{document}: {why}")
                yield (inside if len(paths) == 1 else str(document)), text_of(document)
            except BadDocument as refusal:
                skipped.append(f"{inside}: {str(refusal).removeprefix(f'{document}: ')}")


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[tuple[Path, str]]:
    """Everything under `folder` in order of path, with "" or why it is passed over.

    A link may lead anywhere except to a folder that holds it, so that the walk ends.
    """
    here = above | {folder.resolve()}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield folder, f"cannot be opened, {error.strerror}"
        return
    for entry in entries:
        if not os.path.isdir(entry):  # noqa: PTH112
            yield entry, ""
        elif entry.name.startswith(".") or entry.name in PASSED_OVER:
            yield entry, "a folder that belongs to a tool"
        elif entry.resolve() in here:
            yield entry, "a link to a folder that holds it"
        else:
            yield from _walk(entry, here)
