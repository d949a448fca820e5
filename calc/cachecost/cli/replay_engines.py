"""The ways to add up a log that is too big for one loop: a database in this process, a cluster, a warehouse's SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .. import ask, quantities
from ..engines.machine import Machine
from ..errors import BadUsage
from ..logs.files import found
from ..logs.ledger import Ledger
from ..logs.names import Names
from ..replay.account import Account, Part
from ..replay.epochs import DAY, Epochs
from .progress import bar
from .replay_options import ENGINES
from .replay_run import Run

COLUMNS = "columns"
"""The database reads and the rest works over arrays: the whole report."""
SOME, MOST = 8 * 1024**2, 2 * 1024**3
"""Bytes of logs from which `auto` asks the database, and up to which all requests are held as columns (some four
millions, a gigabyte of memory); above, it only adds up. They are bytes of JSON."""
_DENSER = {".parquet": 25, ".gz": 8, ".zst": 8, ".csv": 5}
"""In how many times fewer bytes the same requests lie elsewhere."""
SUMS_ONLY = (
    "Sums of the {} engine: what other policies or models would have cost, what was lost, and the log's own figures "
    "need --engine python."
)
_NEEDED = ("duckdb", "numpy", "pyarrow")


def chosen(engine: str, log: Sequence[str], *, alone: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """The road by which the logs are added up: python, COLUMNS, duckdb or spark.

    `alone`: flags that only the Python road serves, with their values; `whole`: those that sums by an engine cannot.
    """
    if engine not in ENGINES:
        raise BadUsage(f"engine: {engine!r} is no engine; expected {', '.join(ENGINES)}")
    if engine == "python":
        return engine
    single, several = ([flag for flag, value in flags.items() if value] for flags in (alone, whole))
    size = sum(_weight(path) for path in found([path for path in log if path != "-"]))
    if engine == "auto":
        if single or size < SOME or not all(map(find_spec, _NEEDED)):
            return "python"
        return COLUMNS if size <= MOST or several else "duckdb"
    if single:
        raise BadUsage(f"engine: {engine} does not serve {single[0]}; leave that out, or use --engine python")
    if engine == "duckdb" and size <= MOST and all(map(find_spec, _NEEDED)):
        return COLUMNS
    if several:
        raise BadUsage(f"engine: {engine} only adds up what was paid; leave out {several[0]}, or use --engine python")
    return engine


def _weight(path: Path) -> int:
    return path.stat().st_size * _DENSER.get(path.suffix, 1)


def prepared(
    log: Sequence[str], run: Run, others: Sequence[Epochs], settings: Mapping[str, str]
) -> Callable[[Path], bool]:
    """What adds a file to the run by its columns, where the database could read it so; False for all others."""
    from .replay_columns import add, prepared

    with bar(sum(path.stat().st_size for path in found(log))) as show:
        files = prepared(found(log), run, machine=_machine(settings), others=others, done=_step(show))

    def ready(path: Path) -> bool:
        file = files.pop(path, None)
        if file is not None:
            add(file, run)
        return file is not None

    return ready


def _machine(settings: Mapping[str, str]) -> Machine:
    threads = ask.maybe("threads", quantities.count, settings.get("threads", ""))
    return Machine(threads=threads, memory=settings.get("memory") or None)


def add_up(
    engine: str,
    paths: Sequence[str],
    account: Account,
    names: Names,
    ledger: Ledger,
    *,
    settings: Mapping[str, str],
) -> bool:
    """Add the logs to an account by an engine that speaks in sums; whether somebody stopped it between two files.

    `settings`: `threads`, `memory`, `master`.
    """
    from ..engines.sums import Sums

    by = ("day", *(word for word in ("session", "project") if word in account.by))
    sums, stopped = Sums(names, by), False
    if engine == "spark":
        from ..engines import spark

        spark.tally(paths, sums, ledger=ledger, master=settings.get("master") or "local[*]")
    else:
        from ..engines import duck

        try:
            with bar(sum(path.stat().st_size for path in found(paths))) as show:
                duck.tally(paths, sums, ledger=ledger, machine=_machine(settings), done=_step(show))
        except KeyboardInterrupt:
            stopped = True
    account.sheets |= sums.sheets
    for group, tally in sums.tallies.items():
        account.parts[_part(dict(zip(by, group, strict=True)))] = tally
    account.priced += sums.priced
    ledger.priced += sums.priced
    for (model, reason), count in sums.unpriced.items():
        ledger.leave_unpriced(model, reason, count)
    _span(account)
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


def _span(account: Account) -> None:
    """Sums only tell days: from the first to the end of the last."""
    days = [part.day for part in account.parts if part.day is not None]
    if days:
        account.spans[True, True] = min(days) * DAY, (max(days) + 1) * DAY
