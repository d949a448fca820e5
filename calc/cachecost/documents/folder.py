"""A document, whether a file or a folder of files, becomes the text whose tokens will be counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import BadDocument
from .text import text_of

PASSED_OVER: Final = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class Document:
    """A document's text, ready to be counted.

    name     as it was asked for
    text     the text; files of a folder in the order of their paths, joined by a blank line
    files    how many files the text was read from
    skipped  what a folder holds that was not read, each `path: why`, ordered by path
    """

    name: str
    text: str
    files: int
    skipped: tuple[str, ...] = ()


def read(path: Path) -> Document:
    """The document at `path`: plain text, Markdown, source code, JSON, HTML, PDF, EPUB, DOCX, or a folder.

    Plain text is UTF-8, or UTF-16 with a byte order mark; of HTML and EPUB only what a reader sees counts.
    In a folder whatever cannot be read is passed over and listed; a file asked for by name is read or
    refused. Raises BadDocument.
    """
    if not _is_folder(path):
        return Document(name=str(path), text=text_of(path), files=1)
    texts: list[str] = []
    skipped: list[str] = []
    for document, why in _walk(path, frozenset()):
        try:
            if why:
                raise BadDocument(f"{document}: {why}")
            texts.append(text_of(document))
        except BadDocument as refusal:
            reason = str(refusal).removeprefix(f"{document}: ")
            skipped.append(f"{document.relative_to(path).as_posix()}: {reason}")
    if not texts:
        raise BadDocument(f"{path}: no text in this folder, expected a text file; {len(skipped)} skipped")
    return Document(name=str(path), text="\n\n".join(texts), files=len(texts), skipped=tuple(skipped))


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
        if not _is_folder(entry):
            yield entry, ""
        elif entry.name.startswith(".") or entry.name in PASSED_OVER:
            yield entry, "a folder that belongs to a tool"
        elif entry.resolve() in here:
            yield entry, "a link to a folder that holds it"
        else:
            yield from _walk(entry, here)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # out of reach: reading it as a file then says why
        return False
