"""Documents become the text whose tokens will be counted: files, folders, patterns, standard input, addresses; plain
text, HTML, PDF, DOCX or EPUB, by the suffix of a file."""

import codecs
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import glob, has_magic
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from ..errors import BadDocument
from ..files.installed import install
from ..files.reading import is_there, read
from ..units import counted

LARGEST: Final = 512 * 1024 * 1024
"""Bytes in one file; a larger one is refused, for no context window holds it."""

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PASSED_OVER: Final = frozenset({"node_modules", "__pycache__"})
UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "head"})
BLOCKS: Final = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 section article pre table ul ol dt dd".split())


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


def document_of(sources: Path | Sequence[str], exclude: Sequence[str] = ()) -> Document:
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

        yield name, text_in(*fetch(name, most=LARGEST))
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


def text_of(path: Path) -> str:
    """The text of a file; BadDocument where it has none, cannot be read, or is too large."""
    return text_in(path, read(path, most=LARGEST, expected="a document"))


def text_in(path: Path | str, data: bytes, *, most: int = LARGEST) -> str:
    """The same for the bytes of a file with this name, which may unpack to so many. A name without a suffix leaves the
    format to the first bytes."""
    if len(data) > LARGEST:
        raise BadDocument(f"{path}: over {LARGEST // 1024**2:,} MB; give a part of it")
    suffix = Path(path).suffix.lower() or _suffix(data)
    if suffix in FORMATS:
        text = _extracted(path, data, most, *FORMATS[suffix])
    else:
        text = _plain(path, data)
        text = visible(text) if suffix in (".html", ".htm", ".xhtml") else text
    if not text.strip():
        hint = "a scanned PDF needs text recognition (OCR) first" if suffix == ".pdf" else "is it the right file?"
        hint = hint if data else "the file is empty"
        raise BadDocument(f"{path}: no text in it, expected words to count; {hint}")
    return text


def _suffix(data: bytes) -> str:
    """The suffix that a file without one should have, by its first bytes."""
    start = data[:1000].lstrip().lower()
    if start.startswith(b"%pdf-"):
        return ".pdf"
    if start.startswith(b"pk\3\4"):
        return ".epub" if b"application/epub" in start else ".docx"
    return ".html" if start.startswith((b"<!doctype html", b"<html")) else ""


def _plain(path: Path | str, data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(
            f"{path}: not text (byte {error.start:,} is not {'UTF-16' if utf16 else 'UTF-8'}), "
            "expected UTF-8, or UTF-16 with a byte order mark; convert it first"
        ) from None
    if "\0" in text:
        raise BadDocument(f"{path}: a binary file (it holds NUL bytes), expected text; convert it first")
    return text


class _Visible(HTMLParser):
    """Collects what a reader of the page would see; `parts` are its pieces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.unseen and tag in UNSEEN:
            self.unseen = tag
        elif tag == "body":
            self.unseen = ""
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.unseen = ""
        self.handle_startendtag(tag, [])

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def visible(html: str) -> str:
    """The text of a page as a reader sees it: no tags, scripts, styles or comments, no runs of blanks."""
    parser = _Visible()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)


def _extracted(path: Path | str, data: bytes, most: int, kind: str, package: str, read: Callable[[bytes], str]) -> str:
    """The text in a file of a format that a library reads. Whatever the library raises is a broken file."""
    try:
        if kind != "PDF":
            with ZipFile(BytesIO(data)) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
            if size > most:
                raise BadDocument(f"{size:,} bytes unpacked, expected at most {most:,}; give a part of it")
        return read(data)
    except BadDocument as error:
        raise BadDocument(f"{path}: {error}") from None
    except ImportError:
        why = f"{package} is not installed, expected it for {kind} files; {install('files')}"
    except Exception as error:
        why = f"a broken {kind} ({str(error).strip() or type(error).__name__}), expected one that opens"
        why += "; save it again or give its text"
    raise BadDocument(f"{path}: {why}")


def _pdf(data: bytes) -> str:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong, we say ourselves
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        return "\n".join(page.extract_text() for page in reader.pages)
    except (FileNotDecryptedError, DependencyError):  # AES needs one library more, even to fail
        raise BadDocument("an encrypted PDF, expected one that opens without a password") from None


def _docx(data: bytes) -> str:
    import docx

    body = docx.Document(BytesIO(data)).element.body
    return "".join(map(_piece, body.iter(f"{WORD}p", f"{WORD}t", f"{WORD}tab", f"{WORD}br"))).strip()


def _piece(element: Any) -> str:
    if element.tag == f"{WORD}p":
        return "\n"
    if element.tag == f"{WORD}t":
        return element.text or ""
    return " " if element.getparent().tag == f"{WORD}r" else ""  # elsewhere a tab is a ruler's stop


def _epub(data: bytes) -> str:
    import ebooklib  # type: ignore[import-untyped]
    from ebooklib import epub

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = epub.read_epub(BytesIO(data), {"ignore_ncx": True})
    chapters = {item.get_id(): item for item in book.get_items_of_type(ebooklib.ITEM_DOCUMENT)}
    return "\n\n".join(visible(chapters[id_].get_content().decode()) for id_, _ in book.spine if id_ in chapters)


FORMATS: Final[dict[str, tuple[str, str, Callable[[bytes], str]]]] = {
    ".pdf": ("PDF", "pypdf", _pdf),
    ".docx": ("DOCX", "python-docx", _docx),
    ".epub": ("EPUB", "ebooklib", _epub),
}
"""Ending of a file's name -> its format, the package that reads it, and how."""
