"""The session that a log ends with: the last requests of its last session, read from the end of the file."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import BadLog
from ..files.reading import is_file
from ..prices.sheet import PriceSheet
from ..replay.ledger import Ledger
from ..replay.request import Request
from .entries import CUT, kind
from .files import Stream, files_of, opened
from .names import Names
from .reader import Reading
from .values import EPOCH

HEAD, TAIL = 1 << 16, 1 << 20
"""Bytes that are read of the beginning, where sessions name themselves, and at first of the end."""


class Session(NamedTuple):
    """The last requests of one session on one model, in order; the model is that of the last request."""

    log: str
    name: str
    requests: tuple[Request, ...]

    @property
    def last(self) -> Request:
        return self.requests[-1]

    def sheet(self, names: Names) -> PriceSheet:
        """The sheet of its model. BadLog where its last request names none and no alias does, UnknownModel where there
        is no sheet."""
        if not self.last.model and not names.knows(""):
            raise BadLog(f"{self.log}: its last request names no model; expected one that does, or an alias: =MODEL")
        return names.sheet(self.last.model, self.last.provider)


def newest(paths: Sequence[str]) -> Path:
    """The file that was written last, of those that the paths mean. BadLog where a path means none."""
    files = [file for file in files_of(paths) if is_file(file)]
    if not files:
        raise BadLog(f"{paths[0]}: not a file; expected one, since a live session is read from its end")
    return max(files, key=lambda file: file.stat().st_mtime)


def last_session(path: Path | str) -> Session:
    """The session of the last request of a log. Lines of JSON are read from the end of the file, as many as it takes
    to meet a request; other formats as a whole.

    Raises BadLog where the file cannot be read, ends in the middle of a record, or has no request with a session and a
    time.
    """
    path = Path(path)
    with opened(path) as stream:
        shape = "packed" if stream.packed else kind(stream.bytes)
    if shape != "jsonl":
        return _session(path, _requests(path, path.read_bytes() if shape == "csv" else None))
    size, length = path.stat().st_size, TAIL
    while True:
        requests = _requests(path, _ends(path, size, length))
        if requests or size <= HEAD + length:
            return _session(path, requests)
        length *= 4


def session_in(content: bytes, name: str) -> Session:
    """The same where the content of the log is at hand."""
    return _session(Path(name), _requests(Path(name), content))


def _ends(path: Path, size: int, length: int) -> bytes:
    """The whole lines of the first and of the last bytes of a file, or all of a short one."""
    with path.open("rb") as file:
        if size <= HEAD + length:
            return file.read()
        head = file.read(HEAD)
        file.seek(size - length)
        tail = file.read()
    return head[: head.rfind(b"\n") + 1] + tail[tail.find(b"\n") + 1 :]


def _requests(path: Path, text: bytes | None) -> list[Request]:
    """The requests of a file, or of the part of it that is given as text, in the order of their times."""
    ledger = Ledger()
    reading = Reading(ledger)
    items = reading.file(path) if text is None else reading.stream(Stream(io.BytesIO(text)), str(path))
    requests = [item for item in (*items, *reading.rest()) if isinstance(item, Request)]
    last = 0 if text is None else text.rstrip().count(b"\n") + 1
    for fault in ledger.malformed:
        if fault.line in (0, last) or fault.message.startswith(CUT):
            raise BadLog(f"{path}: its last record {fault.message.rstrip('.')}; ask again once it has been written")
    return requests


def _session(path: Path, requests: Sequence[Request]) -> Session:
    if not requests:
        raise BadLog(f"{path}: no request of a model in it; expected the log of a session, see `cachecost logs`")
    if not (dated := [each for each in requests if each.at is not None and each.is_single]):
        raise BadLog(f"{path}: its requests have no times; expected a log that says when each was sent")
    last = max(reversed(dated), key=lambda each: each.at or EPOCH)
    if last.session is None:
        raise BadLog(f"{path}: its last request names no session; expected a log of sessions, see `cachecost logs`")
    same = [each for each in dated if each.session == last.session]
    ordered = sorted(same, key=lambda each: each.at or EPOCH)
    others = [place for place, each in enumerate(ordered) if (each.model, each.provider) != (last.model, last.provider)]
    return Session(str(path), last.session, tuple(ordered[max(others, default=-1) + 1 :]))
