"""What is done of a long reading, kept in a file: the same command goes on after the files that were read to their end.

A file of the log counts as done or as not begun, so that nothing is counted twice; a log in one piece is not kept.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any

from ..errors import BadLog, Fault
from ..logs.ledger import FileCount, Ledger, Unpriced
from ..logs.reader import Reading
from ..logs.repeats import Growing, Held, Seen
from ..logs.request import Charge, Request
from ..replay.account import STATE, Part, Rating, Told
from ..replay.run import Run
from ..replay.tally import Key, Tally
from ..replay.traffic import Traffic, Who
from ..usage import Usage
from .frozen import Shapes

VERSION = 1
HEAD = 1 << 16
SHAPES = Shapes(
    Charge,
    FileCount,
    Fault,
    Growing,
    Held,
    Key,
    Ledger,
    Part,
    Rating,
    Request,
    Seen,
    Tally,
    Told,
    Traffic,
    Unpriced,
    Usage,
    Who,
)
ACCOUNT = (*STATE, "rating")
PATIENCE = 10
"""How many times as long as a writing took there is none."""
READING = ("_seen", "_growing")
"""What a reading remembers of one file for the next."""


class Checkpoint:
    """A file that holds what is done. `asked`: the arguments that must be the same when it is taken up again."""

    def __init__(self, path: Path, asked: Mapping[str, Any]) -> None:
        self.path = path
        self._asked = json.loads(json.dumps(asked))
        self._done: dict[str, str] = {}
        self._kept = 0
        self._next = 0.0

    @property
    def kept(self) -> int:
        """How many files of the log the checkpoint on disk holds."""
        return self._kept

    def resume(self, run: Run, reading: Reading, files: Iterable[Path]) -> set[Path]:
        """Put back what was done; the files that need not be read again. BadLog where it was another reading."""
        if not self.path.exists():
            return set()
        found = self._read()
        if found["asked"] != self._asked:
            changed = [name for name in self._asked if found["asked"].get(name) != self._asked[name]]
            raise self._refused(f"it was begun with another {' and '.join(changed) or 'command'}")
        named = {str(path.resolve()): path for path in files}
        for name, digest in found["done"].items():
            if name not in named:
                raise self._refused(f"it holds {name}, which is not among these logs")
            if digest_of(named[name]) != digest:
                raise self._refused(f"{name} has changed since")
        self._put_back(found, run, reading)
        self._done, self._kept = found["done"], len(found["done"])
        return {named[name] for name in self._done}

    def done(self, path: Path, run: Run, reading: Reading) -> None:
        """Take note that a file was read to its end, and write it down: not so often that writing takes a tenth of the
        time."""
        self._done[str(path.resolve())] = digest_of(path)
        begun = monotonic()
        if begun >= self._next:
            self._write(self._state(run, reading))
            self._kept = len(self._done)
            self._next = monotonic() + PATIENCE * (monotonic() - begun)

    def _state(self, run: Run, reading: Reading) -> bytes:
        run.settle()
        state: dict[str, Any] = {name: getattr(run.account, name) for name in ACCOUNT}
        kept = {
            "version": VERSION,
            "asked": self._asked,
            "done": self._done,
            "sheets": {name: sheet_digest(each) for name, each in run.account.sheets.items()},
            "names": [list(each) for each in run.account.named],
            "account": SHAPES.frozen(state),
            "outside": run.outside,
            "ledger": SHAPES.frozen(run.ledger),
            "traffic": SHAPES.frozen(run.traffic),
            "reading": SHAPES.frozen({name: getattr(reading, name) for name in READING}),
        }
        return zlib.compress(json.dumps(kept).encode(), 1)

    def finished(self) -> None:
        """Nothing is left to go on with."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(zlib.decompress(self.path.read_bytes()))
        except (OSError, ValueError, zlib.error) as error:
            raise self._refused(f"it cannot be read: {error}") from None
        if not isinstance(found, dict) or found.get("version") != VERSION:
            raise self._refused("another version of cachecost wrote it")
        return found

    def _put_back(self, found: Mapping[str, Any], run: Run, reading: Reading) -> None:
        for model, provider in found["names"]:
            run.account.epochs(model, provider)
        for name, digest in found["sheets"].items():
            sheet = run.account.sheets.get(name)
            if sheet is None or sheet_digest(sheet) != digest:
                raise self._refused(f"the price sheet of {name} has changed since")
        for name, value in SHAPES.thawed(found["account"]).items():
            setattr(run.account, name, value)
        for name, value in SHAPES.thawed(found["reading"]).items():
            setattr(reading, name, value)
        strict = run.ledger.strict
        run.ledger = reading.ledger = SHAPES.thawed(found["ledger"])
        run.ledger.strict = strict
        run.traffic, run.outside = SHAPES.thawed(found["traffic"]), found["outside"]

    def _write(self, content: bytes) -> None:
        """All of it or nothing: a file of another name takes the place of the old one once it is on the disk."""
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            why = f"{self.path} cannot be written: {error.strerror}"
            raise BadLog(f"checkpoint: {why}; name a file that can") from None

    def _refused(self, why: str) -> BadLog:
        return BadLog(f"checkpoint: {self.path}: {why}; delete it to begin anew, or name another file")


def digest_of(path: Path) -> str:
    """What tells a log from another: its size, and how it begins and ends."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        told = blake2b(file.read(HEAD), digest_size=16)
        file.seek(max(0, size - HEAD))
        told.update(file.read(HEAD))
    return f"{size}:{told.hexdigest()}"


def sheet_digest(epochs: Any) -> str:
    """The rates of a sheet: the places of its cards and rows mean the same only while they stand."""
    return blake2b(repr(epochs.sheet.cards).encode(), digest_size=16).hexdigest()
