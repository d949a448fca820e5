"""What is done of a long reading, kept in a file: the same command goes on there, between two entries of a log.

A file is kept as done, or up to an entry before which everything has been taken, so that nothing is counted twice.
The checkpoint is a pickle, packed with zlib, behind `MAGIC`, a digest of all that follows, and a digest of the code
that wrote it: only the same code takes it up again, and only whole.
"""

import io
import json
import pickle
import zlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from hashlib import blake2b, file_digest
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from ..errors import BadLog, CachecostError
from ..files.output import written
from ..files.reading import exists, is_file
from ..logs.reader import Reading
from ..replay.ledger import FileCount
from ..replay.run import Run
from ..replay.traffic import LOGGED

MAGIC = b"cachecost checkpoint\n"
DIGEST = 32
CLASSES = frozenset(
    "collections.Counter datetime.datetime datetime.timedelta datetime.timezone decimal.Decimal fractions.Fraction "
    "cachecost.errors.Fault cachecost.logs.repeats.Growing cachecost.logs.repeats.Seen "
    "cachecost.prices.usage.Usage cachecost.replay.account.Slice "
    "cachecost.replay.account.Stated cachecost.replay.ledger.FileCount cachecost.replay.ledger.Ledger "
    "cachecost.replay.ledger.Unpriced cachecost.replay.request.Charge cachecost.replay.request.Request "
    "cachecost.replay.epochs.RateKey cachecost.replay.tally.Tally cachecost.replay.request.Product "
    "cachecost.replay.traffic.Numbered cachecost.replay.traffic.Whole".split()
)
"""All that a checkpoint may be made of beside plain values."""
PATIENCE = 10
"""How many times as long as a writing took there is none."""
EVERY = 1_000
"""Entries between two looks at the clock."""
READING = ("_seen", "_growing")
"""What a reading remembers of one file for the next."""


class Unpickler(pickle.Unpickler):
    """Reads nothing but data: a closed list of classes, so that a file never runs code
    (https://docs.python.org/3/library/pickle.html#restricting-globals)."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" not in CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} is no class that a checkpoint is made of")
        return super().find_class(module, name)


class Saved(NamedTuple):
    """What a checkpoint on disk holds: so many files, and so many entries of one more."""

    files: int = 0
    name: str = ""
    entries: int = 0


class Checkpoint:
    """A file that holds what is done of a run by a reading. `record`: the arguments that must be the same when it is
    taken up again."""

    def __init__(self, path: Path, record: Mapping[str, Any], run: Run, reading: Reading) -> None:
        self.path, self._run, self._reading = path, run, reading
        self._arguments = json.loads(json.dumps(record))
        self._done: dict[str, str] = {}
        self._digests: dict[tuple[Path, int, int], str] = {}
        self._next = 0.0
        self.saved = Saved()

    def resume(self, files: Iterable[Path]) -> dict[Path, int | None]:
        """Put back what was done: the files that need not be read again, and of one how many entries. BadLog where it
        was another reading."""
        if not exists(self.path):
            return {}
        try:
            return self._resumed(self._read(), files)
        except (CachecostError, OSError):
            raise
        except Exception:  # content that is not what it says fails in many ways, all of which mean the same
            raise self._refused("it is damaged") from None

    def _resumed(self, state: Mapping[str, Any], files: Iterable[Path]) -> dict[Path, int | None]:
        if state["asked"] != self._arguments:
            changed = [name for name in self._arguments if state["asked"].get(name) != self._arguments[name]]
            raise self._refused(f"it was begun with another {' and '.join(changed) or 'command'}")
        named = {str(path.resolve()): path for path in files}
        inside: dict[str, list[Any]] = state["inside"]
        for name, digest in [*state["done"].items(), *((name, digest) for name, (digest, _) in inside.items())]:
            if name not in named:
                raise self._refused(f"it holds {name}, which is not among these logs")
            if digest_of(named[name]) != digest:
                raise self._refused(f"{name} has changed since")
        self._restore(state)
        self._done = state["done"]
        self.saved = Saved(len(self._done))
        entries_of = {named[name]: entries for name, (_, entries) in inside.items()}
        return {**{named[name]: None for name in self._done}, **entries_of}

    def done(self, path: Path) -> None:
        """Take note that a file was read to its end, and write it down: not so often that writing takes a tenth of the
        time."""
        self._done[str(path.resolve())] = self._digest(path)
        if monotonic() >= self._next:
            self._keep()

    def within(self, account: FileCount) -> None:
        """The same of the first entries of a file; at once after Ctrl-C, which ends the reading between two of them."""
        stop = self._run.stop
        if stop.is_set() or (account.entries % EVERY == 0 and monotonic() >= self._next):
            self._keep(Path(account.name), account.entries)
        if stop.is_set():
            raise KeyboardInterrupt

    def _keep(self, path: Path | None = None, entries: int = 0) -> None:
        begun = monotonic()
        inside = {str(path.resolve()): [self._digest(path), entries]} if path else {}
        with written(self.path, "checkpoint") as file:
            body = code_digest() + self._state(inside)
            file.write(MAGIC + _checksum(body) + body)
        self.saved = Saved(len(self._done), path.name if path else "", entries)
        self._next = monotonic() + PATIENCE * (monotonic() - begun)

    def _state(self, inside: Mapping[str, Any]) -> bytes:
        run = self._run
        run.settle()
        state = {
            "asked": self._arguments,
            "done": self._done,
            "inside": inside,
            "sheets": {name: sheet_digest(each) for name, each in run.account.sheets.items()},
            "names": [list(each) for each in run.account.named],
            "account": _state(run.account, ("find", "by", "labels", "sheets", "named")),
            "outside": run.outside,
            "ledger": run.ledger,
            "traffic": _state(run.traffic, ("database",)),
            "requests": run.traffic.database.rows("SELECT * FROM requests"),
            "reading": {name: getattr(self._reading, name) for name in READING},
        }
        return zlib.compress(pickle.dumps(state), 1)

    def _digest(self, path: Path) -> str:
        """The digest of a log, taken again only where its size or its time of modification is another."""
        status = path.stat()
        state = (path, status.st_size, status.st_mtime_ns)
        if state not in self._digests:
            self._digests[state] = digest_of(path)
        return self._digests[state]

    def _read(self) -> dict[str, Any]:
        if not is_file(self.path):  # a pipe or a device may never end
            raise BadLog(f"{self.path}: not a file; name another one", word="checkpoint")
        content = self.path.read_bytes()
        if not content.startswith(MAGIC):
            raise self._refused("it is damaged, or another version of cachecost wrote it")
        checksum, body = content[len(MAGIC) :][:DIGEST], content[len(MAGIC) + DIGEST :]
        if _checksum(body) != checksum:
            raise self._refused("it is damaged")
        if body[:DIGEST] != code_digest():
            raise self._refused("another version of cachecost wrote it")
        state: dict[str, Any] = Unpickler(io.BytesIO(zlib.decompress(body[DIGEST:]))).load()
        return state

    def _restore(self, record: Mapping[str, Any]) -> None:
        run, reading = self._run, self._reading
        for model, provider in record["names"]:
            run.account.epochs(model, provider)
        for name, digest in record["sheets"].items():
            sheet = run.account.sheets.get(name)
            if sheet is None or sheet_digest(sheet) != digest:
                raise self._refused(f"the price sheet of {name} has changed since")
        for part, name in ((run.account, "account"), (run.traffic, "traffic"), (reading, "reading")):
            vars(part).update(record[name])
        run.traffic.database.load("requests", LOGGED, record["requests"])
        strict = run.ledger.strict
        run.ledger = reading.ledger = record["ledger"]
        run.ledger.strict = strict
        run.outside = record["outside"]

    def _refused(self, why: str) -> BadLog:
        return BadLog(f"{self.path}: {why}; delete it to begin anew, or name another file", word="checkpoint")


def _state(part: object, others: Collection[str]) -> dict[str, Any]:
    """What a part of a run has added up: all that it has but for what it was given."""
    return {name: value for name, value in vars(part).items() if name not in others}


def digest_of(path: Path) -> str:
    """A digest of a log from its first byte to its last."""
    with path.open("rb") as file:
        return file_digest(file, "blake2b").hexdigest()


@cache
def code_digest() -> bytes:
    """A digest of all our modules: what they keep has the same meaning only where they are the same."""
    package = Path(__file__).parents[1]
    digest = blake2b(digest_size=DIGEST)
    for module in sorted(package.rglob("*.py")):
        digest.update(_checksum(module.read_bytes()))
    return digest.digest()


def _checksum(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST).digest()


def sheet_digest(epochs: Any) -> str:
    """The rates of a sheet: the places of its cards and rows mean the same only while they stand."""
    return blake2b(repr(epochs.sheet.cards).encode(), digest_size=16).hexdigest()
