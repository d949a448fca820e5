"""One file -> its text: plain text, HTML, PDF, DOCX or EPUB, by the file's suffix."""

import codecs
import logging
import warnings
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from ..errors import BadDocument
from ..files.installed import install
from ..files.reading import read

LARGEST: Final = 512 * 1024 * 1024
"""Bytes in one file; a larger one is refused, for no context window holds it."""

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "head"})
BLOCKS: Final = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 section article pre table ul ol dt dd".split())


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
