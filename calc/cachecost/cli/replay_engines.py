"""What can read the files of a log: their own readers, the database in this process, or a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .. import units
from ..engines.machine import Duck, Machine
from ..errors import BadUsage
from ..logs.files import files_of
from ..logs.reader import Reading
from ..questions import reading as ask
from ..replay.run import Run
from .progress import bar, working
from .replay_options import ENGINES

SOME = 8 * 1024**2
"""Bytes of logs, if they were JSON, from which `auto` asks the database."""
_DENSER = {".parquet": 25, ".gz": 8, ".zst": 8, ".csv": 5}
"""In how many times fewer bytes the same requests lie elsewhere."""
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B", re.IGNORECASE)


def chosen(engine: str, log: Sequence[str], single: Mapping[str, Any]) -> str:
    """What reads the logs: python, duckdb or spark. `single`: flags that the database does not serve, with their
    values."""
    if engine not in ENGINES:
        raise BadUsage(f"{engine!r} is no engine; expected {', '.join(ENGINES)}", word="engine")
    alone = [flag for flag, value in single.items() if value]
    if engine == "auto":
        size = sum(_weight(path) for path in files_of([path for path in log if path != "-"]))
        engine = "duckdb" if size >= SOME and not alone else "python"
    if engine == "duckdb" and alone:
        raise BadUsage(f"{engine} does not serve {alone[0]}; leave that out, or use --engine python", word="engine")
    return engine


def _weight(path: Path) -> int:
    return path.stat().st_size * _DENSER.get(path.suffix, 1)


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


def machine(*, threads: str, memory: str, disk: str, spill: str) -> Machine:
    """What an engine may take, from the texts of its flags."""
    for name, size in (("memory", memory), ("disk", disk)):
        if size and not _SIZE.fullmatch(size):
            raise BadUsage(f"{size!r} is no size; expected one such as 500MB or 2GB", word=name)
    cores = ask.maybe("threads", units.count, threads)
    if cores == 0:
        raise BadUsage("0 do no work; expected 1 or more", word="threads")
    return Machine(cores, memory or None, disk or None, spill or None)
