"""A stream as lines of bounded length: one of a gigabyte is stepped over without ever standing in memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from ..errors import BadLog

LONGEST = 64 * 2**20
"""Bytes of the longest line that is read; a request with a million tokens of text has a tenth of it."""
UTF8, UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


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
