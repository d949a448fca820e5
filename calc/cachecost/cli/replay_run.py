"""Logs from files and stdin into a run, with a progress bar, until the end or Ctrl-C; and what reads them: their own
readers, the database in this process, or a cluster."""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import typer

from .. import units
from ..engines.machine import Duck, EngineLimits
from ..errors import BadLog, BadUsage
from ..logs.files import Stream, files_of, on_this_machine, weight
from ..logs.reader import Reading
from ..questions import reading as ask
from ..replay.request import Charge, Request
from ..replay.run import Run
from ..units import counted
from .progress import CountingFile, bar, message, working
from .replay_answer import NOT_PRICED
from .replay_options import ENGINES

EVERY = 1_000
"""Requests between two looks at the bar."""
NOTHING: Mapping[Path, int | None] = {}
SOME = 8 * 1024**2
"""Bytes of logs, if they were JSON, from which `auto` asks the database."""
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B", re.IGNORECASE)


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
                read_file(file, run, reading, show, past, before.get(file))
            past += file.stat().st_size
            show(past)
            if done:
                done(file)
        _take(reading.rest(), run, lambda: show(past))
    run.settle()


def read_file(
    path: Path, run: Run, reading: Reading, show: Callable[[int], None], past: int, after: int | None
) -> None:
    """Read a file behind so many bytes of others, and of it what comes after so many entries."""
    try:
        source = CountingFile(path)
    except OSError as error:
        raise BadLog(f"{path}: cannot be read: {error.strerror or error}; name a file that can be") from None
    with source, io.BufferedReader(source, 1 << 20) as stream:
        _take(reading.stream(Stream(stream), str(path), after=after), run, lambda: show(past + source.done))


def _take(items: Iterator[Request | Charge], run: Run, show: Callable[[], None]) -> None:
    take = run.take
    for number, item in enumerate(items):
        take(item)
        if run.stop.is_set():
            raise KeyboardInterrupt
        if number % EVERY == 0:
            show()


def chosen(engine: str, log: Sequence[str], single: Mapping[str, Any]) -> str:
    """What reads the logs: python, duckdb or spark. `single`: flags that the database does not serve, with their
    values."""
    if engine not in ENGINES:
        raise BadUsage(f"{engine!r} is no engine; expected {', '.join(ENGINES)}", word="engine")
    alone = [flag for flag, value in single.items() if value]
    if engine == "auto":
        size = sum(map(weight, files_of([path for path in log if path != "-"])))
        engine = "duckdb" if size >= SOME and not alone else "python"
    if engine == "duckdb" and alone:
        raise BadUsage(f"{engine} does not serve {alone[0]}; leave that out, or use --engine python", word="engine")
    return engine


def ready(log: Sequence[str], run: Run, reading: Reading, database: Duck) -> Callable[[Path], bool]:
    """What adds a file to the run by its columns, where the database can read it so; False for all others."""
    from ..engines.intake import pourer

    with bar(sum(path.stat().st_size for path in files_of(log)), "looking through") as show:
        return pourer(database, files_of(log), run, reading, show)


def on_cluster(log: Sequence[str], run: Run, reading: Reading, master: str, stack: ExitStack) -> Callable[[Path], bool]:
    """What adds a file to the run by a cluster while the stack is open; False for those that it cannot split."""
    from ..engines.spark import pourer, session

    spark = stack.enter_context(session(master or "local[*]"))
    with working("reading on Spark"):
        return pourer(spark, files_of([path for path in log if path != "-"]), run, reading)


def machine(*, threads: str, memory: str, disk: str, spill: str) -> EngineLimits:
    """What an engine may take, from the texts of its flags."""
    for name, size in (("memory", memory), ("disk", disk)):
        if size and not _SIZE.fullmatch(size):
            raise BadUsage(f"{size!r} is no size; expected one such as 500MB or 2GB", word=name)
    cores = ask.maybe("threads", units.count, threads)
    if cores == 0:
        raise BadUsage("0 do no work; expected 1 or more", word="threads")
    return EngineLimits(cores, memory or None, disk or None, spill or None)
