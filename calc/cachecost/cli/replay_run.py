"""Logs from files and stdin into a run, with a progress bar, until the end or Ctrl-C."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import typer

from ..errors import BadLog
from ..logs.files import Stream, files_of
from ..logs.places import on_this_machine
from ..logs.reader import Reading
from ..replay.report import counted
from ..replay.request import Charge, Request
from ..replay.run import Run
from .messages import message
from .progress import Counted, bar
from .replay_answer import NOT_PRICED

EVERY = 1_000
"""Requests between two looks at the bar."""


NOTHING: Mapping[Path, int | None] = {}


def local_logs() -> list[str]:
    """The logs that tools keep on this machine, with a message that says which; exit 3 where there are none."""
    places = on_this_machine()
    places_with_logs = [place for place in places if place.files]
    if not places_with_logs:
        message(
            "no logs of these tools are on this machine; name files: cachecost replay logs/*.jsonl, or - for stdin",
            *(f"  {place.tool}: {place.pattern}" for place in places),
        )
        raise typer.Exit(NOT_PRICED)
    message(
        *(f"reading {counted(len(place.files), 'file')} of {place.tool}, {place.pattern}" for place in places_with_logs)
    )
    return [str(file) for place in places_with_logs for file in place.files]


def read(
    paths: Sequence[str],
    run: Run,
    reading: Reading,
    *,
    before: Mapping[Path, int | None] = NOTHING,
    done: Callable[[Path], None] | None = None,
    pour: Callable[[Path], bool] | None = None,
) -> None:
    """Read everything into a run but what was read `before`: files (None), or so many entries of one. `done` is called
    after each file. `pour` adds a file without its reader, where it can."""
    everything = files_of([path for path in paths if path != "-"])
    files = [path for path in everything if path not in before or before[path] is not None]
    with bar(sum(file.stat().st_size for file in files)) as show:
        if "-" in paths:
            _take(reading.stream(Stream(sys.stdin.buffer), "-"), run, lambda: show(0))
        past = 0
        for file in files:
            if file in before or not (pour and pour(file)):
                read_file(file, run, reading, partial(_further, show, past), before.get(file))
            past += file.stat().st_size
            show(past)
            if done:
                done(file)
        _take(reading.rest(), run, lambda: show(past))
    run.settle()


def _further(show: Callable[[int], None], past: int, done: int) -> None:
    show(past + done)


def read_file(path: Path, run: Run, reading: Reading, show: Callable[[int], None], after: int | None = None) -> None:
    try:
        source = Counted(path)
    except OSError as error:
        raise BadLog(f"{path}: cannot be read: {error.strerror or error}; name a file that can be") from None
    with source, io.BufferedReader(source, 1 << 20) as stream:
        _take(reading.stream(Stream(stream), str(path), after=after), run, lambda: show(source.done))


def _take(items: Iterator[Request | Charge], run: Run, show: Callable[[], None]) -> None:
    take = run.take
    for number, item in enumerate(items):
        take(item)
        if run.stop.requested:
            raise KeyboardInterrupt
        if number % EVERY == 0:
            show()
