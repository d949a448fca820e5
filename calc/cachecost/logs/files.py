"""The files of logs: those that a command line means, those that tools keep on this machine, and their bytes unpacked.

A cut of gzip or zstd is survived: what came before it is read.
"""

import io
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..errors import BadLog
from ..files.installed import install
from ..files.reading import exists, files_in, is_file, is_folder
from .formats import FORMATS

SUFFIXES = frozenset((".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".log", ".txt", ".db", ".gz", ".zst"))
"""What is read of a folder; a file named outright is read whatever its name."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
DENSER = {".parquet": 25, ".gz": 8, ".zst": 8, ".csv": 5}
"""In how many times fewer bytes than as JSON the same requests lie, by the end of a name."""
_ROOT = re.compile(r"(?:\$\{(\w+):-([^}]*)\}|(~))/")
BUFFER = 1 << 20
GZIP_CHUNK, ZSTD_CHUNK = 1 << 16, 1 << 10
"""Bytes unpacked at once: of zstd few, since a kilobyte may unpack to tens of megabytes."""


def files_of(paths: Sequence[str]) -> list[Path]:
    """Every file that the paths mean, each once: in the order given, within a folder or pattern sorted.

    Raises BadLog where a path means none. `-` is for stdin and not a file.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if path != "-":
            for file in _meant(path):
                files.setdefault(file.resolve(), file)
    return list(files.values())


def _meant(path: str) -> Iterable[Path]:
    place = Path(path)
    if is_folder(place):
        inside = [each for each in files_in(place) if each.suffix.lower() in SUFFIXES and is_file(each)]
        if not inside:
            raise BadLog(f"{path}: no logs in this folder; expected files such as *.jsonl, *.json, *.csv or *.parquet")
        return inside
    if exists(place):
        if place.is_char_device():  # which may never end; a pipe may be named, as by <(command)
            raise BadLog(f"{path}: a device; expected a log")
        return [place]
    matched = sorted(glob(path, recursive=True)) if has_magic(path) else []  # noqa: PTH207  # patterns may be absolute
    if not matched:
        raise BadLog(f"{path}: no such file; expected a log, a folder of logs, a pattern such as 'logs/*.jsonl', or -")
    return [file for each in matched for file in ([Path(each)] if is_file(Path(each)) else _meant(each))]


def weight(path: Path) -> int:
    """The bytes that a log would have, were it JSON."""
    return path.stat().st_size * DENSER.get(path.suffix, 1)


class Packing(NamedTuple):
    """How bytes were packed: what unpacks one member, how it fails, how much to feed it at once."""

    begin: Callable[[], Any]
    fault: type[Exception]
    chunk: int


class Unpacked(io.RawIOBase):
    """Bytes of a stream as they were before they were packed, member after member.

    What cannot be unpacked ends the stream as if it ended there; `cut` then says why.
    """

    def __init__(self, packed: io.BufferedReader, how: Packing) -> None:
        self._packed, self._how = packed, how
        self._member: Any = None
        self._ready = memoryview(b"")
        self.cut = ""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._ready:
            if self.cut or not self._more():
                return 0
        size = min(len(target), len(self._ready))
        target[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _more(self) -> bool:
        """Unpack another chunk; False at the end."""
        rest = b""
        if self._member is not None and self._member.eof:
            rest, self._member = self._member.unused_data.lstrip(b"\0"), None
        data = rest or self._packed.read(self._how.chunk)
        if self._member is None:
            data = data.lstrip(b"\0")
        if not data:
            self.cut = "" if self._member is None else "the file ends in the middle of what was packed"
            return False
        try:
            self._member = self._member or self._how.begin()
            self._ready = memoryview(self._member.decompress(data))
        except self._how.fault as error:
            self.cut = f"cannot be unpacked from here on: {error}"
            return False
        return True


class Raw(io.RawIOBase):
    """A stream that only reads, as a buffer wants it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        data = self._file.read(len(target))
        target[: len(data)] = data
        return len(data)


class Stream:
    """A log as plain bytes: `bytes` to read from, and at the end whether it was `cut`."""

    def __init__(self, packed: BinaryIO) -> None:
        file: io.BufferedReader = packed if isinstance(packed, io.BufferedReader) else _buffered(Raw(packed))
        self._unpacked = _unpacked(file)
        self.bytes: io.BufferedReader = _buffered(self._unpacked) if self._unpacked else file

    @property
    def packed(self) -> bool:
        return self._unpacked is not None

    @property
    def cut(self) -> str:
        return self._unpacked.cut if self._unpacked else ""


def _buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, BUFFER)


def _unpacked(file: io.BufferedReader) -> Unpacked | None:
    magic = file.peek(4)[:4]
    if magic.startswith(GZIP):
        return Unpacked(file, Packing(lambda: zlib.decompressobj(wbits=31), zlib.error, GZIP_CHUNK))
    if magic == ZSTD:
        try:
            import zstandard
        except ImportError:
            raise BadLog(f"is packed with zstd, which needs another package: {install('logs')}") from None
        packing = Packing(lambda: zstandard.ZstdDecompressor().decompressobj(), zstandard.ZstdError, ZSTD_CHUNK)
        return Unpacked(file, packing)
    return None


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """A file's stream; BadLog where it cannot be opened or read."""
    try:
        with path.open("rb", buffering=BUFFER) as file:
            yield Stream(file)
    except OSError as error:
        raise BadLog(f"cannot be read: {error.strerror or error}") from None


class LogPlace(NamedTuple):
    """A place where a tool keeps logs, and the files that are there, sorted."""

    format: str
    tool: str
    pattern: str
    files: Sequence[Path]

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)


def on_this_machine(environ: Mapping[str, str] | None = None) -> list[LogPlace]:
    """Every place of every format, also those without files."""
    known = os.environ if environ is None else environ
    return [
        LogPlace(shape.name, shape.tool, pattern, sorted(_files(pattern, known)))
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
