"""One reading of a log: every request goes to the account, the traffic and the ledger, with a bar on the way."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ..errors import BadLog
from ..logs.files import Stream, found
from ..logs.ledger import Ledger
from ..logs.reader import Reading
from ..logs.request import Charge, Request
from ..replay.account import UNPRICED, Account, Taken
from ..replay.cases import swift
from ..replay.traffic import Traffic
from .progress import Counted, Stop, bar

EVERY = 1_000
"""Requests between two looks at the bar."""
MANY = 1 << 16
"""Requests that are priced at once."""


class Span(NamedTuple):
    """The time that was asked for; None has no end."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, at: object) -> bool:
        if self.since is None and self.until is None:
            return True
        if not isinstance(at, datetime):
            return False
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


NO_SPAN = Span()
Sink = Callable[[Request, Taken | None], None]


class Run:
    """What a reading has come to so far; `sink` takes single requests where somebody wants them."""

    def __init__(self, account: Account, ledger: Ledger, span: Span = NO_SPAN) -> None:
        self.account, self.ledger, self.span = account, ledger, span
        self.sink: Sink | None = None
        self.traffic = Traffic()
        self.outside = 0
        self.stop = Stop()
        self._together = find_spec("numpy") is not None

    def take(self, item: Request | Charge) -> None:
        """Account for one thing that the log says."""
        if self.span is not NO_SPAN and item.at not in self.span:
            self.outside += isinstance(item, Request)
        elif isinstance(item, Charge):
            self.account.charge(item)
        elif not (self._together and self.sink is None and self.traffic.pend(item)):
            self.alone(item)
        elif self.traffic.pending >= MANY:
            self.settle()

    def alone(self, request: Request) -> None:
        """Price one request now."""
        taken: Taken | None = None
        try:
            taken = self.account.take(request)
        except UNPRICED as error:
            self.settle()  # of each model the reason that comes first in the log is told
            self.ledger.leave_unpriced(named(request), str(error))
        else:
            self.ledger.priced += 1
        self.account.seen(request, priced=taken is not None)
        self.traffic.add(request, taken)
        if self.sink:
            self.sink(request, taken)

    def settle(self) -> None:
        """Price what waits to be priced: over arrays where it is much."""
        if swift(self.traffic.pending):
            from ..replay.settle_swift import settle
        else:
            from ..replay.settle import settle
        before = self.account.priced
        for left in settle(self.traffic, self.account):
            self.ledger.leave_unpriced(left.model, left.reason, left.requests)
        self.ledger.priced += self.account.priced - before


def named(request: Request) -> str:
    """A model as a person would look for it in the log."""
    return f"{request.provider}/{request.model}" if request.provider and request.model else request.model


def read(
    paths: Sequence[str],
    run: Run,
    reading: Reading,
    *,
    before: Collection[Path] = (),
    done: Callable[[Path], None] | None = None,
    ready: Callable[[Path], bool] = lambda path: False,
) -> None:
    """Read everything but the files `before` into a run; `done` is called after each file. `ready` adds a file by
    another road, where it can."""
    files = [path for path in found([path for path in paths if path != "-"]) if path not in before]
    with bar(sum(file.stat().st_size for file in files)) as show:
        if "-" in paths:
            _take(reading.stream(Stream(sys.stdin.buffer), "-"), run, lambda: show(0))
        past = 0
        for file in files:
            if not ready(file):
                read_file(file, run, reading, lambda here, past=past: show(past + here))  # type: ignore[misc]
            past += file.stat().st_size
            if done:
                done(file)
        _take(reading.rest(), run, lambda: show(past))
    run.settle()


def read_file(path: Path, run: Run, reading: Reading, show: Callable[[int], None]) -> None:
    try:
        source = Counted(path)
    except OSError as error:
        raise BadLog(f"{path}: cannot be read: {error.strerror or error}; name a file that can be") from None
    with source, io.BufferedReader(source, 1 << 20) as stream:
        _take(reading.stream(Stream(stream), str(path)), run, lambda: show(source.done))


def _take(items: Iterator[Request | Charge], run: Run, show: Callable[[], None]) -> None:
    take = run.take
    for number, item in enumerate(items):
        take(item)
        if run.stop.asked:
            raise KeyboardInterrupt
        if number % EVERY == 0:
            show()
