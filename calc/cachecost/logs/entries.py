"""A stream as entries: lines of JSON, the values of a JSON document, rows of CSV, each with its line and its faults."""

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from io import BufferedReader
from json import JSONDecodeError
from typing import Any, NamedTuple

from ..errors import BadLog
from .values import DECODER, Record

LONGEST = 64 * 2**20
"""Bytes of the longest line that is read; a request with a million tokens of text has a tenth of it."""
UTF8, UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
PEEK = 1 << 16
CHUNK = 1 << 20
REPLACED = "is not UTF-8 text: what stands for those bytes was replaced"
_COLUMN = re.compile(r"[^\W\d][\w .:()/%$#@&*?'≤>-]{0,99}|@timestamp")
TOO_LONG = f"is longer than {LONGEST // 2**20} MiB; expected one record"
CUT = "is cut off; expected a whole JSON object"
_GAP, _MARKS = re.compile(r"[\s,\[\]]*"), re.compile(r"[\n,\[\]]")


class Entry(NamedTuple):
    """One record and the line where it begins; `fault` in place of a record that could not be read; neither where
    there is nothing. `extra`: further lines that it takes. `doubt`: what was mended on the way."""

    line: int
    record: Record | None
    fault: str = ""
    extra: int = 0
    doubt: str = ""
    is_header: bool = False


def kind(stream: BufferedReader) -> str:
    """What a stream holds, detected from its first bytes: `parquet`, `sqlite`, `csv`, `jsonl` where its first line is a
    whole value, otherwise `document`."""
    head = stream.peek(PEEK)[:PEEK]
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    text = head.removeprefix(UTF8).lstrip()
    first, end, rest = text.partition(b"\n")
    if first.lower().startswith(b"sep="):
        first = rest.partition(b"\n")[0]
    if text.startswith(b"[") or (text.startswith(b"{") and end and not _is_whole(first)):
        return "document"
    return "csv" if not text.startswith(b"{") and _delimiter(first) else "jsonl"


def _is_whole(line: bytes) -> bool:
    try:
        DECODER.decode(line.decode(errors="replace").strip())
    except (ValueError, RecursionError):
        return False
    return True


def lines(stream: BufferedReader) -> Iterator[bytes | None]:
    """Each line with its end; None in place of one that is too long. A byte order mark is taken off."""
    _skip_mark(stream)
    while line := stream.readline(LONGEST + 1):
        if len(line) <= LONGEST or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
            pass
        yield None


def _skip_mark(stream: BufferedReader) -> None:
    head = stream.peek(3)
    if head.startswith(UTF16):
        raise BadLog("is UTF-16 text; expected UTF-8")
    if head.startswith(UTF8):
        stream.read(len(UTF8))


def json_values(stream: BufferedReader) -> Iterator[Entry]:
    """The objects of JSON text: one a line, over several lines, or in a list; each with the line where it begins.

    A value that its line does not end may go on in the next lines. Where they show that it is broken, only its first
    line is given up and reading goes on after it, so that one broken line of many costs no other. At most one value is
    in memory.
    """
    text, in_broken = _Text(stream), False
    while True:
        for blank in text.gap():
            yield Entry(blank, None)
        if text.is_empty:
            return
        line, is_inner = text.line, text.is_indented or text.starts("}")
        record, fault, doubt = text.value()
        in_broken = in_broken and is_inner
        if record is not None:
            yield Entry(line, record, doubt=doubt)
        elif not in_broken:
            yield Entry(line, None, fault)
            in_broken = True


class _Text:
    """UTF-8 text of a stream, taken value by value; bytes that are none are replaced.

    `line`: where what comes next stands. `is_indented`: whether only spaces stand before it there.
    """

    def __init__(self, stream: BufferedReader) -> None:
        _skip_mark(stream)
        self._stream, self._decoder = stream, getincrementaldecoder("utf-8")("replace")
        self._text, self._at = "", 0
        self._ended = self._replaced = self._used = False
        self.line, self.is_indented = 1, False

    @property
    def is_empty(self) -> bool:
        return self._ended and self._at == len(self._text)

    def starts(self, start: str) -> bool:
        """Whether what comes next starts so."""
        return self._text.startswith(start, self._at)

    def gap(self) -> Iterator[int]:
        """Pass over all that parts values: spaces, commas, ends of lists. The lines on which there is nothing."""
        if self._used and self.starts("\n{"):  # one value a line, as nearly always
            self.line, self._at, self.is_indented = self.line + 1, self._at + 1, False
            return
        while True:
            match = _GAP.match(self._text, self._at)
            assert match
            for mark in _MARKS.findall(self._text, self._at, match.end()):
                if mark == "\n":
                    if not self._used:
                        yield self.line
                    self.line += 1
                self._used = mark != "\n"
            if match[0]:
                self._at, self.is_indented = match.end(), match[0][-1] in " \t" and not self._used
            if self._at < len(self._text) or self._ended:
                self._used = True
                return
            self._more()

    def value(self) -> tuple[dict[str, Any] | None, str, str]:
        """The object that comes next; why it is none; and a doubt. What is none is passed over with its line."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                is_open = self._is_open(error)
                if not is_open or self._ended:
                    return None, self._passed(CUT if is_open and self.starts("{") else self._said(error)), ""
                if len(self._text) - self._at > LONGEST:
                    return None, self._passed(TOO_LONG), ""
            else:
                if type(value) is dict:
                    start, self._at = self._at, end
                    self.line += self._text.count("\n", start, end)
                    is_replaced = self._replaced and "\ufffd" in self._text[start:end]
                    return value, "", REPLACED if is_replaced else ""
                if end < len(self._text) or self._ended:
                    return None, self._passed(f"a JSON {type(value).__name__}; expected an object"), ""
            self._more()

    def _passed(self, fault: str) -> str:
        """The fault of a line that is given up."""
        while (end := self._text.find("\n", self._at)) < 0 and not self._ended:
            self._at = len(self._text)
            self._more()
        self._at = end if end >= 0 else len(self._text)
        return fault

    def _said(self, error: Exception) -> str:
        if isinstance(error, RecursionError):
            return "is not JSON: nested too deep"
        start, end = self._at, self._text.find("\n", self._at)
        if self._replaced and "\ufffd" in self._text[start : end if end >= 0 else None]:
            return "is neither UTF-8 text nor JSON"
        if isinstance(error, JSONDecodeError):
            error = JSONDecodeError(error.msg, self._text[start : error.pos], error.pos - start)
        return f"is not JSON: {str(error)[:120]}"

    def _is_open(self, error: Exception) -> bool:
        """Whether a value may go on where the text ends: nothing but spaces comes after the error, or no line's end."""
        if not isinstance(error, JSONDecodeError):
            return False
        return self._text.find("\n", error.pos) < 0 or not self._text[error.pos :].strip()

    def _more(self) -> None:
        """Read as much again as is left."""
        rest = self._text[self._at :]
        data = self._stream.read(max(CHUNK, len(rest)))
        text = self._decoder.decode(data, not data)
        self._replaced = self._replaced or text.count("\ufffd") > data.count(b"\xef\xbf\xbd")
        self._text, self._at, self._ended = rest + text, 0, not data


def _delimiter(line: bytes) -> str:
    """What parts the columns of a heading; empty where it does not look like one."""
    text = line.decode(errors="replace").strip()
    best = max(",;\t|", key=text.count)
    first, *others = [name.strip().strip('"') for name in text.split(best)]
    is_heading = all(map(_COLUMN.fullmatch, others)) and (not first or _COLUMN.fullmatch(first))  # an index has no name
    return best if others and is_heading else ""


def rows(stream: BufferedReader) -> Iterator[Entry]:
    """Rows of CSV by the names in its first line that is neither blank nor Excel's `sep=;`; a heading that comes again
    begins another export of the same columns."""
    parts: list[str] = []

    def texts() -> Iterator[str]:
        for line in lines(stream):
            if line is None:
                parts.append(TOO_LONG)
                yield "\n"
                continue
            text = line.decode(errors="replace")
            if "\ufffd" in text:
                parts.append(REPLACED)
            yield text

    source = texts()
    heading, begun = next(source, ""), 1
    while heading and (not heading.strip() or heading.lower().startswith("sep=")):
        yield Entry(begun, None)
        heading, begun = next(source, ""), begun + 1
    delimiter = _delimiter(heading.encode())
    names = [name.strip() for name in next(csv.reader([heading], delimiter=delimiter or ","), [])]
    yield Entry(begun, None, is_header=True)
    reader, before = csv.reader(source, delimiter=delimiter or ","), 0
    while True:
        parts.clear()
        try:
            row = next(reader, None)
            fault = "" if row is None or len(row) == len(names) else f"has {len(row)} columns; expected {len(names)}"
        except csv.Error as error:
            row, fault = [""], f"is not CSV: {error}"
        if row is None:
            return
        line, extra = before + begun + 1, max(0, reader.line_num - before - 1)
        before = max(reader.line_num, before + 1)
        if TOO_LONG in parts:
            yield Entry(line, None, TOO_LONG, extra)
        elif not row and not fault.startswith("is not"):
            yield Entry(line, None)
        elif fault:
            yield Entry(line, None, fault, extra)
        elif row[0].strip() == names[0] and [cell.strip() for cell in row] == names:
            yield Entry(line, None, "", extra, is_header=True)
        else:
            yield Entry(line, dict(zip(names, row, strict=True)), "", extra, REPLACED if parts else "")
