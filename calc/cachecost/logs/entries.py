"""A stream as entries: lines of JSON, the values of a JSON document, rows of CSV, each with its line and its faults."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from io import BufferedReader
from json import JSONDecoder
from typing import Any, NamedTuple

from ..errors import BadLog
from .format import Record

LONGEST = 64 * 2**20
"""Bytes of the longest line that is read; a request with a million tokens of text has a tenth of it."""
UTF8, UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
PEEK = 1 << 16
CHUNK = 1 << 20
LISTS = ("data", "results", "items", "records", "logs", "observations", "generations", "requests", "rows")
"""Keys under which services put a page of records."""
REPLACED = "is not UTF-8 text: what stands for those bytes was replaced"
_SPACE = re.compile(r"[\s,]*")
_COLUMN = re.compile(r"[^\W\d][\w .:()/%$#@&*?'≤>-]{0,99}|@timestamp")


class Entry(NamedTuple):
    """One record and the line where it begins; `fault` in place of a record that could not be read; neither where
    there is nothing. `extra`: further lines that it takes. `doubt`: what was mended on the way."""

    line: int
    record: Record | None
    fault: str = ""
    extra: int = 0
    doubt: str = ""
    is_header: bool = False


def _constant(name: str) -> object:
    """NaN is a value that was not given; an infinity is one that cannot be."""
    return None if name == "NaN" else name


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


DECODER = JSONDecoder(parse_float=_decimal, parse_constant=_constant)


def kind(stream: BufferedReader) -> str:
    """What a stream holds: `parquet`, `sqlite`, `document`, `csv` or `jsonl`, detected from its first bytes."""
    head = stream.peek(PEEK)[:PEEK]
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    text = head.removeprefix(UTF8).lstrip()
    if text.startswith(b"["):
        return "document"
    first, end, rest = text.partition(b"\n")
    if text.startswith(b"{"):
        return "document" if end and _parsed(first) is None and not rest.lstrip().startswith(b"{") else "jsonl"
    return "csv" if _delimiter(first) else "jsonl"


def _parsed(line: bytes) -> object:
    """The value of a line, None where it has none."""
    try:
        value: object = DECODER.decode(line.decode(errors="replace").strip())
    except (ValueError, RecursionError):
        return None
    return value


def lines(stream: BufferedReader, *, longest: int = LONGEST) -> Iterator[bytes | None]:
    """Each line with its end; None in place of one that is too long. A byte order mark is taken off."""
    _skip_mark(stream)
    while line := stream.readline(longest + 1):
        if len(line) <= longest or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(longest)) and not rest.endswith(b"\n"):
            pass
        yield None


def _skip_mark(stream: BufferedReader) -> None:
    head = stream.peek(3)
    if head.startswith(UTF16):
        raise BadLog("is UTF-16 text; expected UTF-8")
    if head.startswith(UTF8):
        stream.read(len(UTF8))


def json_lines(stream: BufferedReader, after: int = 0) -> Iterator[Entry]:
    """One record a line; of the lines up to `after` only that they are there."""
    for number, line in enumerate(lines(stream), 1):
        if number <= after:
            yield Entry(number, None)
        elif line is None:
            yield Entry(number, None, TOO_LONG)
        else:
            yield json_line(number, line)


def json_line(number: int, line: bytes) -> Entry:
    """The record of a line."""
    try:
        record = DECODER.decode(line.decode())
    except (ValueError, RecursionError) as error:
        return _mended(number, line, error)
    if type(record) is dict:
        return Entry(number, record)
    return Entry(number, None, f"a JSON {type(record).__name__}; expected an object")


TOO_LONG = f"is longer than {LONGEST // 2**20} MiB; expected one record"


def _mended(number: int, line: bytes, error: Exception) -> Entry:
    """A line that did not parse: blank, or with bytes that are no text, or broken."""
    text = line.decode(errors="replace").strip()
    if not text:
        return Entry(number, None)
    if isinstance(error, UnicodeDecodeError):
        record = _parsed(line)
        if isinstance(record, dict):
            return Entry(number, record, doubt=REPLACED)
        return Entry(number, None, "is neither UTF-8 text nor JSON")
    if not line.endswith(b"\n") and text.startswith("{"):
        return Entry(number, None, "is cut off; expected a whole JSON object")
    return Entry(number, None, f"is not JSON: {_said(error)}")


def _said(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else str(error)[:120]


def document(stream: BufferedReader, knows: Callable[[Record], bool]) -> Iterator[Entry]:
    """The values of a JSON document one by one: the items of a list, the objects that follow each other, the records
    of a page that is not itself a record that `knows` accepts. At most one value is in memory."""
    for entry in _values(stream):
        record = entry.record
        below = None if record is None or knows(record) else _listed(record)
        if below is None:
            yield entry
            continue
        for each in below:
            fine = isinstance(each, Mapping)
            yield Entry(entry.line, each if fine else None, "" if fine else "an item that is no object")


def _listed(record: Record) -> list[Any] | None:
    return next((record[key] for key in LISTS if isinstance(record.get(key), list)), None)


def _values(stream: BufferedReader) -> Iterator[Entry]:
    text, line, ended = "", 1, False
    opening = True
    decoder = _Text(stream)
    while True:
        start = _SPACE.match(text).end()  # type: ignore[union-attr]
        line, text = line + text.count("\n", 0, start), text[start:]
        if opening and text.startswith("["):
            opening, text = False, text[1:]
            continue
        if text.startswith("]"):
            text = text[1:]
            continue
        if text:
            try:
                value, end = DECODER.raw_decode(text)
            except (ValueError, RecursionError) as error:
                if ended or len(text) > LONGEST or isinstance(error, RecursionError):
                    said = TOO_LONG if len(text) > LONGEST else f"is not JSON from here on: {_said(error)}"
                    yield Entry(line, None, said)
                    return
            else:
                if end < len(text) or ended or not isinstance(value, int | float | Decimal):
                    fine = isinstance(value, dict)
                    fault = "" if fine else f"a JSON {type(value).__name__}; expected an object"
                    yield Entry(line, value if fine else None, fault, doubt=decoder.doubt())
                    line, text, opening = line + text.count("\n", 0, end), text[end:], False
                    continue
        elif ended:
            return
        more = decoder.read(max(CHUNK, len(text)))
        text, ended = text + more, not more


class _Text:
    """UTF-8 text of a stream, its bad bytes replaced and told once."""

    def __init__(self, stream: BufferedReader) -> None:
        from codecs import getincrementaldecoder

        self._stream = stream
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")
        self._replaced = False

    def read(self, size: int) -> str:
        while True:
            data = self._stream.read(size)
            text = self._decoder.decode(data, not data)
            if text or not data:
                self._replaced = self._replaced or "\ufffd" in text
                return text

    def doubt(self) -> str:
        told, self._replaced = self._replaced, False
        return REPLACED if told else ""


def _delimiter(line: bytes) -> str:
    """What parts the columns of a heading; empty where it does not look like one."""
    text = line.decode(errors="replace").strip()
    best = max(",;\t", key=text.count)
    first, *others = [name.strip().strip('"') for name in text.split(best)]
    is_heading = all(map(_COLUMN.fullmatch, others)) and (not first or _COLUMN.fullmatch(first))  # an index has no name
    return best if others and is_heading else ""


def rows(stream: BufferedReader) -> Iterator[Entry]:
    """Rows of CSV by the names in its first line."""
    told: list[str] = []

    def texts() -> Iterator[str]:
        for line in lines(stream):
            if line is None:
                told.append(TOO_LONG)
                yield "\n"
                continue
            text = line.decode(errors="replace")
            if "\ufffd" in text:
                told.append(REPLACED)
            yield text

    source = texts()
    heading = next(source, "")
    delimiter = _delimiter(heading.encode())
    names = [name.strip() for name in next(csv.reader([heading], delimiter=delimiter or ","), [])]
    yield Entry(1, None, is_header=True)
    reader, before = csv.reader(source, delimiter=delimiter or ","), 0
    while True:
        told.clear()
        try:
            row = next(reader, None)
            fault = "" if row is None or len(row) == len(names) else f"has {len(row)} columns; expected {len(names)}"
        except csv.Error as error:
            row, fault = [""], f"is not CSV: {error}"
        if row is None:
            return
        line, extra = before + 2, max(0, reader.line_num - before - 1)
        before = max(reader.line_num, before + 1)
        if TOO_LONG in told:
            yield Entry(line, None, TOO_LONG, extra)
        elif not row and not fault.startswith("is not"):
            yield Entry(line, None)
        elif fault:
            yield Entry(line, None, fault, extra)
        else:
            yield Entry(line, dict(zip(names, row, strict=True)), "", extra, REPLACED if told else "")
