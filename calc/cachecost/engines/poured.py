"""The default road for logs of some size: the database reads whole files, and their columns are priced over arrays.

It gives the whole report. A file with anything out of the ordinary goes line by line, in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..engines.intake import Codes, File, loaded
from ..engines.machine import Machine, connected
from ..engines.shapes import SERVICES
from ..logs.request import Request
from ..replay.account import UNPRICED
from ..replay.epochs import Epochs, instant, microseconds
from ..replay.traffic import NONE
from ..usage import Usage
from .replay_run import Run

Array = Any
LOOKED = "Read by DuckDB: keys of usage that nobody knows were looked for in the first records of each file."
STEP = 1 << 20
"""Requests that are handed on at once."""


def prepared(
    files: Iterable[Path], run: Run, *, machine: Machine, others: Sequence[Epochs], done: Callable[[Path], None]
) -> dict[Path, File]:
    """The files that can be read as columns. Those whose duplicates can only be told line by line are not among them:
    where an id comes twice, or where other files need their readers, which may hold the same ids."""
    with connected(machine) as connection:
        found: dict[Path, File | None] = {}
        for path in files:
            found[path] = loaded(connection, path)
            done(path)
    whole = {path: file for path, file in found.items() if file and not _thinks(file, run, others)}
    if len(whole) < len(found):
        return {path: file for path, file in whole.items() if file.ids is None or not file.ids.any()}
    shapes: dict[str, list[Array]] = {}
    for file in whole.values():
        if file.ids is not None:
            shapes.setdefault(file.account.format, []).append(file.ids[file.ids != 0])
    repeated = {shape for shape, ids in shapes.items() if _repeats(np.concatenate(ids))}
    return {path: file for path, file in whole.items() if file.account.format not in repeated}


def _repeats(ids: Array) -> bool:
    ids = np.sort(ids)
    return bool((ids[1:] == ids[:-1]).any())


def _thinks(file: File, run: Run, others: Sequence[Epochs]) -> bool:
    """Whether rates may depend on thoughts, which only the readers of vendors' answers know of."""
    if file.account.format not in SERVICES:
        return False
    sheets = list(others)
    for who in file.whos:
        try:
            sheets.append(run.account.epochs(who.model, who.provider))
        except UNPRICED:
            continue
    return any(row.thinking is not None for each in sheets for card in each.cards for row in card.rows)


def add(file: File, run: Run) -> None:
    """The requests of a file into a run, in their order; those that take part in no what-if one by one."""
    run.ledger.files.append(file.account)
    run.ledger.note(LOOKED)
    inside = _inside(file.at, run)
    run.outside += int((~inside).sum())
    rows = _Rows(file, run)
    apart = np.flatnonzero(inside & rows.apart)
    begin = 0
    for place in [*apart.tolist(), len(file.at)]:
        for first in range(begin, place, STEP):
            last = min(first + STEP, place)
            mine = first + np.flatnonzero(inside[first:last])
            run.traffic.extend(rows.columns(mine), len(mine))
            run.settle()
        if place < len(file.at):
            run.alone(rows.request(place))
        begin = place + 1


def _inside(at: Array, run: Run) -> Array:
    found = np.ones(len(at), bool)
    if run.span.since is not None:
        found &= at >= microseconds(run.span.since)
    if run.span.until is not None:
        found &= at < microseconds(run.span.until)
    return found


class _Rows:
    """A file's requests with the numbers that their names have in the traffic.

    `apart`: those without text in their prompt, and those that write more than one line.
    """

    def __init__(self, file: File, run: Run) -> None:
        traffic, nothing = run.traffic, np.zeros(len(file.at), np.int64)
        self._file = file
        self._written = [line for line in file.counts if line.startswith("cache_write")]
        self._put = sum((file.counts[line] for line in self._written), nothing)
        self._read = file.counts.get("cache_read", nothing)
        self._prompt = file.counts.get("input", nothing) + self._read + self._put
        self._output = file.counts.get("output", nothing)
        self._line = np.full(len(file.at), NONE, np.int64)
        several = nothing.copy()
        for line in self._written:
            has = file.counts[line] > 0
            several += has
            if has.any():
                self._line[has] = traffic.numbers("line", [line])[0]
        self.apart = (self._prompt == 0) | (several > 1)
        self._who = np.array(traffic.numbers("who", file.whos), np.int64)[file.who]
        self._session = _numbered(file.session, traffic.numbers("session", file.session.names))
        self._project = _numbered(file.project, traffic.numbers("project", file.project.names))

    def columns(self, mine: Array) -> dict[str, bytes]:
        told = {"at": self._file.at, "who": self._who, "prompt": self._prompt, "output": self._output}
        told |= {"read": self._read, "put": self._put, "line": self._line}
        told |= {"session": self._session, "project": self._project}
        return {name: column[mine].astype(np.int64).tobytes() for name, column in told.items()}

    def request(self, place: int) -> Request:
        """One of them as a reader would have told it."""
        file = self._file
        counts = {line: int(count[place]) for line, count in file.counts.items()}
        put = {line.partition(":")[2]: counts[line] for line in self._written if counts[line]}
        who = file.whos[file.who[place]]
        return Request(
            at=instant(int(file.at[place])),
            model=who.model,
            usage=Usage(
                input=counts.get("input", 0),
                cache_read=counts.get("cache_read", 0),
                cache_write=put[""] if list(put) == [""] else put,
                output=counts.get("output", 0),
            ),
            provider=who.provider,
            service=who.service,
            region=who.region,
            session=_name(file.session, place),
            project=_name(file.project, place),
        )


def _numbered(codes: Codes, numbers: Sequence[int]) -> Array:
    return np.array([*numbers, NONE], np.int64)[codes.number]


def _name(codes: Codes, place: int) -> str | None:
    number = int(codes.number[place])
    return None if number == NONE else codes.names[number]
