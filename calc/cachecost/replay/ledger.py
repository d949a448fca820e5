"""The account of a reading: every line of every file stands under exactly one heading, and why.

`entries = blank + header + continued + read + duplicate + skipped + malformed`, for each file and for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from ..errors import BadLog, Fault
from .request import Charge, Doubt, FormatNote, Item, Request, Skipped, Unread

KEPT = 1_000
"""Faults and doubts that are kept with their lines; all are counted."""


@dataclass(slots=True)
class FileCount:
    """What became of a file's entries: lines of JSONL and CSV, values of a JSON document, rows of Parquet.

    `continued`: further lines of a CSV row. `requests` and `charges` came out of the entries that were `read`.
    """

    name: str = ""
    format: str = ""
    entries: int = 0
    blank: int = 0
    header: int = 0
    continued: int = 0
    read: int = 0
    duplicate: int = 0
    skipped: int = 0
    malformed: int = 0
    requests: int = 0
    charges: int = 0

    def add(self, other: FileCount) -> None:
        """The counts of another part of the same files."""
        self.format = self.format or other.format
        for each in fields(self)[2:]:
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def is_foreign(self) -> bool:
        """Whether the file has records and none is in a known format; a single such line among others is no request."""
        return not self.format and self.skipped > 0 and not self.malformed

    @property
    def accounted(self) -> int:
        return self.blank + self.header + self.continued + self.read + self.duplicate + self.skipped + self.malformed


@dataclass(slots=True)
class Unpriced:
    """A model whose requests were read and not priced: how many, and the reason of the first, which stood at a place of
    the log."""

    count: int
    reason: str
    first: int = field(compare=False)


@dataclass(slots=True)
class Ledger:
    """What was read, left out, doubted and refused. With `strict`, the first malformed line raises BadLog."""

    strict: bool = False
    files: list[FileCount] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    malformed: list[Fault] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)
    doubted: int = 0
    notes: list[str] = field(default_factory=list)
    priced: int = 0
    unpriced: dict[str, Unpriced] = field(default_factory=dict)

    @property
    def total(self) -> FileCount:
        """The sums over all files."""
        total = FileCount("total")
        for file in self.files:
            total.add(file)
        total.format = ""
        return total

    @property
    def unread_files(self) -> int:
        """Files that could not be read to their end, or of which no record is in a known format."""
        broken = {fault.file for fault in self.malformed if not fault.line}
        return sum(file.name in broken or file.is_foreign for file in self.files)

    def open(self, name: str) -> FileCount:
        """A new file's account; what is told from now on belongs to it."""
        self.files.append(FileCount(name))
        return self.files[-1]

    def refuse(self, file: FileCount, line: int, message: str) -> None:
        """Count a malformed entry."""
        file.malformed += 1
        self.fault(file, line, message)

    def fault(self, file: FileCount, line: int, message: str) -> None:
        """Tell what is wrong with a line, or with the file as a whole where the line is 0."""
        fault = Fault(file.name, line, message)
        if self.strict:
            raise BadLog(str(fault))
        if len(self.malformed) < KEPT:
            self.malformed.append(fault)

    def take(self, file: FileCount, line: int, shape: str, items: Iterable[Item]) -> list[Request | Charge]:
        """Count an entry's remarks, and hand back what it asks money for; an entry without any is skipped."""
        wanted: list[Request | Charge] = []
        for item in items:
            if isinstance(item, Request | Charge):
                wanted.append(item)
            elif isinstance(item, Skipped):
                self.skipped[item.reason] += 1
            elif isinstance(item, Unread):
                self.unknown[f"{shape}: {item.key}"] += 1
            elif isinstance(item, Doubt):
                self.doubt(file, line, item.message)
            elif isinstance(item, FormatNote):
                self.note(item.message)
        if not wanted:
            file.skipped += 1
        return wanted

    def doubt(self, file: FileCount, line: int, message: str) -> None:
        self.doubted += 1
        if len(self.doubts) < KEPT:
            self.doubts.append(Fault(file.name, line, message))

    def note(self, message: str) -> None:
        """Say once what holds for the whole reading."""
        if message not in self.notes:
            self.notes.append(message)

    def leave_unpriced(self, model: str, reason: str, *, first: int, requests: int = 1) -> None:
        """Count requests that were read and have no price; `first` is the place of the first of them."""
        known = self.unpriced.setdefault(model, Unpriced(0, reason, first))
        known.count += requests
        if first < known.first:
            known.first, known.reason = first, reason
