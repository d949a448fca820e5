"""One file -> its text: plain text, HTML, PDF, DOCX or EPUB, told apart by the file's ending."""

from __future__ import annotations

import codecs
import logging
import warnings
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from ..errors import BadDocument
from ..files.installed import install

LARGEST: Final = 512 * 1024 * 1024
"""Bytes in one file; a larger one is refused, for no context window holds it."""

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "head"})
BLOCKS: Final = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 section article pre table ul ol dt dd".split())


def text_of(path: Path) -> str:
    """The text of a file; BadDocument where it has none, cannot be read, or is too large."""
    data = _bytes(path)
    reader = READERS.get(path.suffix.lower(), _plain)
    text = reader(path, data)
    if not text.strip():
        raise BadDocument(f"{path}: no text in it, expected words to count; {_no_text_hint(path, data)}")
    return text


def _no_text_hint(path: Path, data: bytes) -> str:
    if not data:
        return "the file is empty"
    if path.suffix.lower() == ".pdf":
        return "a scanned PDF needs text recognition (OCR) first"
    return "check that it is the right file"


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            what = "not a file or folder" if path.exists() else "no such file or folder"
            raise BadDocument(f"{path}: {what}, expected a document; check the path")
        size = path.stat().st_size
        if size > LARGEST:
            limit = LARGEST // 1024**2
            raise BadDocument(f"{path}: {size:,} bytes, expected at most {limit} MB; give a part of it")
        return path.read_bytes()
    except OSError as error:
        raise BadDocument(
            f"{path}: cannot be read ({error.strerror}), expected a readable file; check its permissions"
        ) from None


def _plain(path: Path, data: bytes) -> str:
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
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.unseen = ""
        if tag in BLOCKS:
            self.parts.append("\n")

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


def _html(path: Path, data: bytes) -> str:
    return visible(_plain(path, data))


def _pdf(path: Path, data: bytes) -> str:
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    except ImportError:
        raise _not_installed(path, "pypdf") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong, we say ourselves
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        return "\n".join(page.extract_text() for page in reader.pages)
    except (FileNotDecryptedError, DependencyError):  # AES needs one library more, even to fail
        raise BadDocument(f"{path}: an encrypted PDF, expected one that opens without a password") from None
    except Exception as error:
        raise _broken(path, "PDF", error) from None


def _docx(path: Path, data: bytes) -> str:
    try:
        import docx
    except ImportError:
        raise _not_installed(path, "python-docx") from None
    _check_zip(path, "DOCX", data)
    try:
        body = docx.Document(BytesIO(data)).element.body
        pieces = body.iter(f"{WORD}p", f"{WORD}t", f"{WORD}tab", f"{WORD}br")
        return "".join(map(_piece, pieces)).strip()
    except Exception as error:
        raise _broken(path, "DOCX", error) from None


def _piece(element: Any) -> str:
    if element.tag == f"{WORD}p":
        return "\n"
    if element.tag == f"{WORD}t":
        return element.text or ""
    return " " if element.getparent().tag == f"{WORD}r" else ""  # elsewhere a tab is a ruler's stop


def _epub(path: Path, data: bytes) -> str:
    try:
        import ebooklib  # type: ignore[import-untyped]
        from ebooklib import epub
    except ImportError:
        raise _not_installed(path, "ebooklib") from None
    _check_zip(path, "EPUB", data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = epub.read_epub(BytesIO(data), {"ignore_ncx": True})
        chapters = {item.get_id(): item for item in book.get_items_of_type(ebooklib.ITEM_DOCUMENT)}
        spine = [chapters[idref] for idref, _ in book.spine if idref in chapters]
        return "\n\n".join(visible(chapter.get_content().decode()) for chapter in spine)
    except Exception as error:
        raise _broken(path, "EPUB", error) from None


def _check_zip(path: Path, kind: str, data: bytes) -> None:
    if not is_zipfile(BytesIO(data)):
        raise _broken(path, kind, "it is not a ZIP archive")
    try:
        with ZipFile(BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except BadZipFile as error:
        raise _broken(path, kind, error) from None
    if size > LARGEST:
        raise BadDocument(f"{path}: {size:,} bytes unpacked, expected at most {LARGEST:,}; give a part of it")


def _broken(path: Path, kind: str, why: object) -> BadDocument:
    return BadDocument(
        f"{path}: a broken {kind} ({str(why).strip() or type(why).__name__}), expected one that opens; "
        "save it again or give its text"
    )


def _not_installed(path: Path, package: str) -> BadDocument:
    return BadDocument(f"{path}: {package} is not installed, expected it for {path.suffix} files; {install('files')}")


READERS: Final[dict[str, Callable[[Path, bytes], str]]] = {
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".epub": _epub,
}
