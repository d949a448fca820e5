"""The roads that logs can take: request by request, through a database in this process, or on a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from .. import units
from ..engines.machine import Duck, Machine
from ..errors import BadUsage
from ..logs.files import found
from ..logs.names import Names
from ..logs.reader import Reading
from ..questions import reading as ask
from ..replay.account import Part
from ..replay.epochs import Epochs
from ..replay.run import Run
from ..replay.tally import Tally
from ..replay.whatif import Found
from .progress import bar, unbroken, working
from .replay_options import ENGINES
from .replay_run import read_file

SUMS = "sums"
"""The database adds up, and nothing else is told than what was paid."""
SOME = 8 * 1024**2
"""Bytes of logs, if they were JSON, from which `auto` asks the database."""
_DENSER = {".parquet": 25, ".gz": 8, ".zst": 8, ".csv": 5}
"""In how many times fewer bytes the same requests lie elsewhere."""
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B", re.IGNORECASE)


def chosen(
    engine: str,
    log: Sequence[str],
    *,
    paid_only: bool,
    alone: Mapping[str, Any],
    whole: Mapping[str, Any],
    what_if: Mapping[str, Any],
) -> str:
    """The road that the logs take: python, duckdb, spark, or SUMS.

    Flags with their values: those that only the Python road serves, those that mere sums cannot serve, and those that
    make no sense where only what was paid is asked for.
    """
    if engine not in ENGINES:
        raise BadUsage(f"{engine!r} is no engine; expected {', '.join(ENGINES)}", word="engine")
    single, further, more = ([flag for flag, value in flags.items() if value] for flags in (alone, whole, what_if))
    if paid_only and more:
        raise BadUsage(f"leaves nothing for {more[0]} to say; leave out one of the two", word="paid_only")
    if engine == "auto":
        size = sum(_weight(path) for path in found([path for path in log if path != "-"]))
        engine = "duckdb" if size >= SOME and not single else "python"
    if engine != "python" and single:
        raise BadUsage(f"{engine} does not serve {single[0]}; leave that out, or use --engine python", word="engine")
    return SUMS if paid_only and engine == "duckdb" and not further else engine


def _weight(path: Path) -> int:
    return path.stat().st_size * _DENSER.get(path.suffix, 1)


def ready(
    log: Sequence[str], run: Run, others: Sequence[Epochs], database: Duck
) -> Callable[[Path, Callable[[int], None]], bool]:
    """What adds a file to the run by its columns, where the database can read it so; False for all others."""
    from ..engines.intake import pourer

    with bar(sum(path.stat().st_size for path in found(log)), "looking through") as show:
        return pourer(database, found(log), run, others=others, done=_step(show))


def on_cluster(
    log: Sequence[str],
    run: Run,
    names: Names,
    others: Sequence[Epochs],
    policies: Sequence[str],
    master: str,
    stack: ExitStack,
) -> Callable[[], Found]:
    """The logs into a run by Spark; what asks the cluster for the rest, while the stack is open."""
    from ..engines.spark import Replay, session

    replay = Replay(stack.enter_context(session(master or "local[*]")), names, run, others)
    with working("reading on Spark"):
        replay.read(log)
    return lambda: replay.what_if(policies)


def machine(*, threads: str, memory: str, disk: str, spill: str) -> Machine:
    """What an engine may take, from the texts of its flags."""
    for name, size in (("memory", memory), ("disk", disk)):
        if size and not _SIZE.fullmatch(size):
            raise BadUsage(f"{size!r} is no size; expected one such as 500MB or 2GB", word=name)
    cores = ask.maybe("threads", units.count, threads)
    if cores == 0:
        raise BadUsage("0 do no work; expected 1 or more", word="threads")
    return Machine(cores, memory or None, disk or None, spill or None)


def add_up(paths: Sequence[str], run: Run, names: Names, machine: Machine) -> bool:
    """Add the logs to a run by sums; whether somebody stopped it. Files that need their readers are read one by one."""
    from ..engines import duck
    from ..engines.sums import Sums

    account, ledger = run.account, run.ledger
    by = ("day", *(word for word in ("session", "project") if word in account.by))
    sums, stopped, reading = Sums(names, by), False, Reading(ledger)

    def apart(path: Path) -> None:
        with unbroken(run.stop, waiting=False):
            read_file(path, run, reading, lambda done: None)

    try:
        with bar(sum(path.stat().st_size for path in found(paths))) as show:
            duck.tally(paths, sums, ledger=ledger, machine=machine, done=_step(show), apart=apart)
    except KeyboardInterrupt:
        stopped = True
    for item in reading.rest():
        run.take(item)
    run.settle()
    account.sheets |= sums.sheets
    for group, tally in sums.tallies.items():
        account.parts.setdefault(_part(dict(zip(by, group, strict=True))), Tally()).merge(tally)
    account.priced += sums.priced
    ledger.priced += sums.priced
    for (model, reason), count in sums.unpriced.items():
        ledger.leave_unpriced(model, reason, count)
    for has_price, (first, last) in sums.spans.items():
        account.span_of(first, last, (has_price, True))
    return stopped


def _step(show: Callable[[int], None]) -> Callable[[Path], None]:
    """The bar after each file."""
    past = 0

    def step(path: Path) -> None:
        nonlocal past
        past += path.stat().st_size
        show(past)

    return step


def _part(told: Mapping[str, str | None]) -> Part:
    day = told["day"]
    number = None if day is None else date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
    return Part(number, told.get("session"), told.get("project"))
