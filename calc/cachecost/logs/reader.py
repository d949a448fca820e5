"""Usage logs -> requests: any file in any known format, each record counted in the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..errors import BadLog, CachecostError
from ..replay.ledger import FileCount, Ledger
from ..replay.request import Charge, Item, Request
from . import binary, entries
from .entries import Entry
from .envelope import labels
from .files import Stream, files_of, opened
from .format import Format, Reader
from .formats import FORMATS, Detector
from .repeats import Growing, Seen
from .values import Record

AUTO = "auto"
LISTS = (
    "data results result items records logs entries events observations generations traces requests responses rows "
    "hits messages runs cachedContents list value values"
).split()
"""Keys under which services put a page of records."""
DEEPEST = 2
"""How many objects lie around the list of a page."""


class Parsed(NamedTuple):
    """A record as the reader of its format, `shape`, understands it, or why it does not. `extra`: further lines that it
    takes. `skipped`: why it is no request. `doubt`: what was mended on the way. Nothing at all for a blank line."""

    line: int
    extra: int = 0
    shape: str = ""
    items: Sequence[Item] = ()
    fault: str = ""
    skipped: str = ""
    doubt: str = ""
    is_header: bool = False


def read(
    paths: Sequence[str],
    *,
    ledger: Ledger,
    format_of: str = AUTO,
    stdin: BinaryIO | None = None,
) -> Iterator[Request | Charge]:
    """Every request and charge in the files, without duplicates; the ledger says what became of each line.

    `paths`: files, patterns, folders, `-` for `stdin`. `format_of`: a name of FORMATS, instead of detecting it by the
    records. Raises BadLog where a path means nothing, and with
    `ledger.strict` on the first malformed line.
    """
    reading = Reading(ledger, format_of=format_of)
    files = files_of(paths)
    if "-" in paths:
        if stdin is None:
            raise BadLog("-: nothing to read from; give a file")
        yield from reading.stream(Stream(stdin), "-")
    for path in files:
        yield from reading.file(path)
    yield from reading.rest()


class Reading:
    """One reading over many files: what it has seen, and what it holds back for a larger repeat.

    `between` is told of the account of a file before each of its entries, when all before has been taken. `format`: the
    one that all records are read as, where one is forced.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        format_of: str = AUTO,
        labels: Sequence[str] = (),
    ) -> None:
        if format_of != AUTO and format_of not in FORMATS:
            raise BadLog(f"format-of: {format_of!r} is not a format of logs; expected {AUTO}, {', '.join(FORMATS)}")
        self.ledger = ledger
        self.format = None if format_of == AUTO else FORMATS[format_of]
        self._labels = labels
        self._detector = Detector()
        self._begun: dict[str, Reader] = {}
        self._seen, self._growing = Seen(), Growing()
        self.between: Callable[[FileCount], None] | None = None
        self.question = (format_of, tuple(labels))

    def file(self, path: Path) -> Iterator[Request | Charge]:
        """What one file asks money for, except what is held back."""
        account = self.ledger.open(str(path))
        try:
            with opened(path) as stream:
                yield from self._read(stream, account)
        except BadLog as error:
            self._failed(account, error)

    def stream(self, stream: Stream, name: str, *, after: int | None = None) -> Iterator[Request | Charge]:
        """The same for an open stream; `after` so many entries, which are in the last account of the ledger."""
        account = self.ledger.open(name) if after is None else self.ledger.files[-1]
        try:
            yield from self._read(stream, account, after or 0)
        except BadLog as error:
            self._failed(account, error)

    def rest(self) -> Iterator[Request | Charge]:
        """What was held back, once nothing more can come."""
        yield from self._growing.release()
        if self._seen.forgot:
            self.ledger.note("more ids than are remembered: a duplicate far from its first record may be counted twice")

    def _failed(self, account: FileCount, error: BadLog) -> None:
        if self.ledger.strict:
            raise error if str(error).startswith(account.name) else BadLog(f"{account.name}: {error}") from None
        self.ledger.fault(account, 0, str(error))

    def _read(self, stream: Stream, account: FileCount, after: int = 0) -> Iterator[Request | Charge]:
        passed = 0
        self._begun.clear()
        for entry in _entries(stream, account.name):
            if passed < after:
                passed += entry.extra + self._pass(entry.record, account)
                continue
            if self.between:
                self.between(account)
            yield from self.entry(entry, account)
        if stream.cut:
            self.ledger.fault(account, 0, f"{stream.cut}; what came before was read")

    def _pass(self, record: Record | None, account: FileCount) -> int:
        """Take from a record only what later ones need to know; how many records it is."""
        shape = None if record is None else self._format(record)
        if record is None or shape is None:
            page = self._paged(record, DEEPEST) if record else None
            return len(page) if page else 1
        if shape.begin:
            with suppress(CachecostError):
                self._reader(shape, account.name)(record)
        return 1

    def entry(self, entry: Entry, account: FileCount) -> Iterator[Request | Charge]:
        """What one entry of a file asks money for."""
        for parsed in self.parsed(entry, account.name):
            yield from self.counted(parsed, account)

    def parsed(self, entry: Entry, name: str) -> Iterator[Parsed]:
        """What an entry of the file of that name says, record by record, before any of it is counted."""
        record, line, extra = entry.record, entry.line, entry.extra
        if record is None:
            yield Parsed(line, extra, fault=entry.fault, is_header=entry.is_header)
            return
        shape = self._format(record)
        if shape is None and (records := self._paged(record, DEEPEST)):
            for number, each in enumerate(records):
                first = entry._replace(extra=0 if number else extra)
                if isinstance(each, dict):
                    yield from self.parsed(first._replace(record=each), name)
                else:
                    yield Parsed(line, first.extra, fault="an item that is no object")
            return
        if shape is None:
            from .formats.plain import suggestion  # most logs are of tools and vendors

            reason = f"no known format has keys such as {', '.join(list(record)[:3])}"[:120] + suggestion(record)
            if _counts_tokens(record):
                yield Parsed(line, extra, fault=f"{reason}, and it counts tokens")
            else:
                yield Parsed(line, extra, skipped=reason)
            return
        try:
            items = self._reader(shape, name)(record)
        except CachecostError as error:
            yield Parsed(line, extra, shape.name, fault=str(error))
            return
        if self._labels:
            said = labels(record)
            items = [
                each._replace(labels=tuple((word, each.label(word) or said[word]) for word in self._labels))
                if isinstance(each, Request)
                else each
                for each in items
            ]
        yield Parsed(line, extra, shape.name, items, doubt=entry.doubt)

    def counted(self, parsed: Parsed, account: FileCount) -> Sequence[Request | Charge]:
        """What a record asks money for, once it is accounted for."""
        ledger, line = self.ledger, parsed.line
        account.entries += 1 + parsed.extra
        account.continued += parsed.extra
        if parsed.shape:
            self._name(FORMATS[parsed.shape], account)
        if parsed.fault:
            ledger.refuse(account, line, parsed.fault)
        elif parsed.skipped:
            account.skipped += 1
            ledger.skipped[parsed.skipped] += 1
        elif parsed.shape:
            return self._wanted(FORMATS[parsed.shape], parsed, account)
        elif parsed.is_header:
            account.header += 1
        else:
            account.blank += 1
        return ()

    def _wanted(self, shape: Format, parsed: Parsed, account: FileCount) -> Sequence[Request | Charge]:
        """The requests and charges of a record that do not repeat earlier ones."""
        if parsed.doubt:
            self.ledger.doubt(account, parsed.line, parsed.doubt)
        wanted = self.ledger.take(account, parsed.line, shape.name, parsed.items)
        if not wanted:
            return ()
        fresh = [each for each in wanted if not self._is_repeat(shape, each)]
        if not fresh:
            account.duplicate += 1
            return ()
        account.read += 1
        charges = sum(isinstance(each, Charge) for each in fresh)
        account.charges += charges
        account.requests += len(fresh) - charges
        if not shape.repeats:
            return fresh
        # requests with an id are held back, and may drive out an earlier one
        due = (
            each if isinstance(each, Charge) or each.id is None else self._growing.hold(shape.name, each)
            for each in fresh
        )
        return list(filter(None, due))

    def _paged(self, record: Record, depth: int) -> list[Any] | None:
        """The records of a page of a service, of which at least one is in a known format."""
        for below in filter(None, map(record.get, LISTS)):
            if isinstance(below, list) and any(isinstance(each, dict) and self._format(each) for each in below):
                return below
            if depth and isinstance(below, dict) and (records := self._paged(below, depth - 1)):
                return records
        return None

    def _is_repeat(self, shape: Format, item: Request | Charge) -> bool:
        if item.id is None:
            return False
        if shape.repeats and isinstance(item, Request) and self._growing.repeats(shape.name, item):
            return True
        return self._seen.before(shape.name, item.id)

    def _format(self, record: Record) -> Format | None:
        return self.format or self._detector.format(record)

    def _reader(self, shape: Format, name: str) -> Reader:
        """What reads a record of a format in the file of that name: one reader for each file where records depend on
        earlier ones."""
        if shape.begin is None:
            return shape.read
        if shape.name not in self._begun:
            self._begun[shape.name] = shape.begin(name)
        return self._begun[shape.name]

    def _name(self, shape: Format, account: FileCount) -> None:
        """Note the format of a file, and what can never be known from it."""
        if shape.name in (account.format, "failure"):
            return
        if shape.note:
            self.ledger.note(f"{shape.name}: {shape.note}")
        account.format = shape.name if account.format == "" else "mixed"


def _entries(stream: Stream, name: str) -> Iterator[Entry]:
    kind = entries.kind(stream.bytes)
    if kind == "parquet":
        return binary.parquet(stream.bytes)
    if kind == "sqlite":
        tables = frozenset(table for shape in FORMATS.values() for table in shape.tables)
        return binary.sqlite("" if stream.packed else name, tables)
    return entries.rows(stream.bytes) if kind == "csv" else entries.json_values(stream.bytes)


def _counts_tokens(value: object) -> bool:
    """Whether a record of no known format says a number of tokens somewhere: then it is likely a request."""
    if isinstance(value, dict):
        named = (isinstance(n, int | float) and n and "token" in str(key).lower() for key, n in value.items())
        return any(named) or any(map(_counts_tokens, value.values()))
    return isinstance(value, list) and any(map(_counts_tokens, value))
