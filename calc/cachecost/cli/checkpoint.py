"""What is done of a long reading, kept in a file: the same command goes on there, between two entries of a log.

A file is kept as done, or up to an entry before which everything has been taken, so that nothing is counted twice.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from ..errors import BadLog, Fault
from ..files.output import written
from ..logs.reader import Reading
from ..logs.repeats import Growing, Held, Seen
from ..prices.usage import Usage
from ..replay.account import STATE, Part, Rating, Told
from ..replay.ledger import FileCount, Ledger, Unpriced
from ..replay.request import Charge, Request
from ..replay.run import Run
from ..replay.tally import Key, Tally
from ..replay.traffic import TABLES, Who, Whole
from .frozen import Shapes

VERSION = 4
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
    Unpriced,
    Usage,
    Who,
    Whole,
)
ACCOUNT = (*STATE, "rating")
PATIENCE = 10
"""How many times as long as a writing took there is none."""
EVERY = 1_000
"""Entries between two looks at the clock."""
READING = ("_seen", "_growing")
"""What a reading remembers of one file for the next."""


class Kept(NamedTuple):
    """What a checkpoint on disk holds: so many files, and so many entries of one more."""

    files: int = 0
    name: str = ""
    entries: int = 0


class Checkpoint:
    """A file that holds what is done. `asked`: the arguments that must be the same when it is taken up again."""

    def __init__(self, path: Path, record: Mapping[str, Any]) -> None:
        self.path = path
        self._asked = json.loads(json.dumps(record))
        self._done: dict[str, str] = {}
        self._next = 0.0
        self.kept = Kept()

    def resume(self, run: Run, reading: Reading, files: Iterable[Path]) -> dict[Path, int | None]:
        """Put back what was done: the files that need not be read again, and of one how many entries. BadLog where it
        was another reading."""
        if not self.path.exists():
            return {}
        found = self._read()
        if found["asked"] != self._asked:
            changed = [name for name in self._asked if found["asked"].get(name) != self._asked[name]]
            raise self._refused(f"it was begun with another {' and '.join(changed) or 'command'}")
        named = {str(path.resolve()): path for path in files}
        inside: dict[str, list[Any]] = found["inside"]
        for name, digest in [*found["done"].items(), *((name, digest) for name, (digest, _) in inside.items())]:
            if name not in named:
                raise self._refused(f"it holds {name}, which is not among these logs")
            if digest_of(named[name]) != digest:
                raise self._refused(f"{name} has changed since")
        self._put_back(found, run, reading)
        self._done = found["done"]
        self.kept = Kept(len(self._done))
        entries_of = {named[name]: entries for name, (_, entries) in inside.items()}
        return {**{named[name]: None for name in self._done}, **entries_of}

    def done(self, path: Path, run: Run, reading: Reading) -> None:
        """Take note that a file was read to its end, and write it down: not so often that writing takes a tenth of the
        time."""
        self._done[str(path.resolve())] = digest_of(path)
        if monotonic() >= self._next:
            self._keep(run, reading)

    def within(self, path: Path, entries: int, run: Run, reading: Reading) -> None:
        """The same of the first entries of a file; at once where somebody asked to stop."""
        if run.stop.asked or (entries % EVERY == 0 and monotonic() >= self._next):
            self._keep(run, reading, path, entries)

    def _keep(self, run: Run, reading: Reading, path: Path | None = None, entries: int = 0) -> None:
        begun = monotonic()
        inside = {str(path.resolve()): [digest_of(path), entries]} if path else {}
        self._write(self._state(run, reading, inside))
        self.kept = Kept(len(self._done), path.name if path else "", entries)
        self._next = monotonic() + PATIENCE * (monotonic() - begun)

    def _state(self, run: Run, reading: Reading, inside: Mapping[str, Any]) -> bytes:
        run.settle()
        state: dict[str, Any] = {name: getattr(run.account, name) for name in ACCOUNT}
        kept = {
            "version": VERSION,
            "asked": self._asked,
            "done": self._done,
            "inside": inside,
            "sheets": {name: sheet_digest(each) for name, each in run.account.sheets.items()},
            "names": [list(each) for each in run.account.named],
            "account": SHAPES.frozen(state),
            "outside": run.outside,
            "ledger": SHAPES.frozen(run.ledger),
            "traffic": SHAPES.frozen(run.traffic.state()),
            "tables": {name: run.traffic.database.rows(f"SELECT * FROM {name}") for name in TABLES},
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

    def _put_back(self, record: Mapping[str, Any], run: Run, reading: Reading) -> None:
        for model, provider in record["names"]:
            run.account.epochs(model, provider)
        for name, digest in record["sheets"].items():
            sheet = run.account.sheets.get(name)
            if sheet is None or sheet_digest(sheet) != digest:
                raise self._refused(f"the price sheet of {name} has changed since")
        for name, value in SHAPES.thawed(record["account"]).items():
            setattr(run.account, name, value)
        for name, value in SHAPES.thawed(record["reading"]).items():
            setattr(reading, name, value)
        strict = run.ledger.strict
        run.ledger = reading.ledger = SHAPES.thawed(record["ledger"])
        run.ledger.strict = strict
        run.traffic.restore(SHAPES.thawed(record["traffic"]), record["tables"])
        run.outside = record["outside"]

    def _write(self, content: bytes) -> None:
        with written(self.path, "checkpoint") as file:
            file.write(content)

    def _refused(self, why: str) -> BadLog:
        return BadLog(f"{self.path}: {why}; delete it to begin anew, or name another file", word="checkpoint")


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
