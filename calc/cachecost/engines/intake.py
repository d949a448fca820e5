"""Files that the database reads by itself, each looked through to its last row, into the requests of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..replay.account import UNPRICED
from ..replay.epochs import Epochs, microseconds
from ..replay.ledger import FileCount
from ..replay.request import Product
from ..replay.run import Run
from ..replay.traffic import NONE, Source, Traffic
from .checks import accounted, counting, given, in_table, parsed, repeats, unknown_keys, whole
from .machine import Duck
from .plain import Rows, line_of
from .shapes import PROJECTIONS, asking
from .sources import LOOKED, rows_of
from .sql import quoted

_NAMES = ("model", "provider", "service", "region")


class Ready(NamedTuple):
    """A file that needs no reader: its rows, and what became of its lines."""

    rows: Rows
    account: FileCount


def pourer(
    database: Duck, paths: Sequence[Path], run: Run, *, others: Sequence[Epochs], done: Callable[[Path], None]
) -> Callable[[Path, Callable[[int], None]], bool]:
    """What adds a file to the run where the database can read it by itself, and tells how many of its bytes are done;
    False, and nothing added, for all others. `done` is told of every file that has been looked through."""
    files = {
        path: each for path, each in ready(database, paths, done).items() if not _thinks(database, each, run, others)
    }

    def pour(path: Path, show: Callable[[int], None]) -> bool:
        file = files.pop(path, None)
        if file is not None:
            _add(database, file, run)
            show(path.stat().st_size)
        return file is not None

    return pour


def ready(database: Duck, paths: Sequence[Path], done: Callable[[Path], None]) -> dict[Path, Ready]:
    """The files that can be read as columns; not those whose duplicates can only be told line by line."""
    known, found = {path: rows_of(database, path) for path in paths}, dict[Path, Ready]()
    with counting(known) as lines:
        known = parsed(database, known)
        for path, rows in known.items():
            account = rows and _sound(database, path, rows, lines)
            if rows and account:
                found[path] = Ready(rows, account)
            done(path)
    repeated = repeats(database, {path: found[path].rows if path in found else None for path in known})
    return {path: each for path, each in found.items() if path not in repeated}


def _sound(database: Duck, path: Path, rows: Rows, lines: Callable[[Path], int | None]) -> FileCount | None:
    """The account of a file whose rows are all counts at a time; None where one is not."""
    if not whole(database, rows):
        return None
    odd = f"COALESCE(BOOL_OR({rows.odd}), FALSE)" if rows.odd else "FALSE"
    answer = database.ask(f'SELECT COUNT(*), COUNT("at"), {odd} FROM {rows.source}')
    if not answer:
        return None
    ((read, timed, strange),) = answer
    return None if strange or timed < read else accounted(path, rows, read, lines)


def _thinks(database: Duck, file: Ready, run: Run, others: Sequence[Epochs]) -> bool:
    """Whether rates may depend on thoughts, which only the readers of vendors' answers know of."""
    if file.rows.shape not in PROJECTIONS:
        return False
    sheets = list(others)
    for product in _whos(database, file.rows)[0].values():
        try:
            sheets.append(run.account.epochs(product.model, product.provider))
        except UNPRICED:
            continue
    return any(row.thinking is not None for each in sheets for card in each.cards for row in card.rows)


def _add(database: Duck, file: Ready, run: Run) -> None:
    """The requests of a file in their order."""
    run.settle()
    if file.rows.text == "jsonl":
        run.ledger.note(LOOKED)
    run.ledger.unknown.update(unknown_keys(database, file.rows))
    rows = in_table(database, file.rows, "log_in_hand") or file.rows
    ends = [(">=", run.span.since), ("<", run.span.until)]
    tests = [f'epoch_us("at") {than} {microseconds(end)}' for than, end in ends if end is not None]
    inside = " AND ".join(tests) or "TRUE"
    if tests:
        ((outside,),) = database.rows(f"SELECT COUNT(*) FILTER (NOT ({inside})) FROM {rows.source}")
        run.outside += outside
    run.pour(_source(database, rows, run.traffic, inside))
    run.ledger.files.append(file.account)
    run.traffic.count += file.account.requests
    if rows.source.startswith("log_"):
        database.rows(f"DROP TABLE {rows.source}")


def _source(database: Duck, rows: Rows, traffic: Traffic, inside: str) -> Source:
    """The requests of a file as a source."""
    whos, who = _whos(database, rows)
    counts = {line_of(name): f'COALESCE("{name}", 0)' for name in rows.counts}
    writes = {line: count for line, count in counts.items() if line.startswith("cache_write")}
    put, read = " + ".join(writes.values()) or "0", counts.get("cache_read", "0")
    lines = {line: traffic.lines.setdefault(line, len(traffic.lines)) for line in writes}
    many = " + ".join(f"({count} > 0)::INTEGER" for count in writes.values()) or "0"
    line = " ".join(f"WHEN {count} > 0 THEN {lines[line]}" for line, count in writes.items())
    by_number = {number: writes[line] for line, number in lines.items()}
    several = ", ".join(by_number.get(number, "0") for number in range(len(traffic.lines)))
    tokens = {f'"n {line}"': count for line, count in counts.items()}
    # a column of the log may have the name by which DuckDB counts rows
    place = "ROW_NUMBER() OVER () - 1" if rows.place in map(str.lower, rows.unknown) else rows.place
    columns = [
        f"{traffic.count} + {place} AS place",
        'epoch_us("at") AS moment',
        f"{who} AS product",
        *(f"{given(name) if name in rows.labels else 'NULL'}::VARCHAR AS {name}" for name in ("session", "project")),
        "NULL::VARCHAR[] AS labels",
        f"({counts.get('input', '0')} + {read} + {put})::BIGINT AS prompt",
        "0 AS rest",
        f"{counts.get('output', '0')}::BIGINT AS output",
        f"{read}::BIGINT AS read",
        f"({put})::BIGINT AS put",
        f"CASE WHEN {many} <> 1 THEN {NONE} {line} END AS line",
        f"CASE WHEN {many} > 1 THEN [{several}]::BIGINT[] END AS several",
        "NULL::BIGINT[] AS blocks",
        "NULL::INTEGER AS known",
        *(f"{count} AS {name}" for name, count in tokens.items()),
    ]
    text = f"(SELECT {', '.join(columns)} FROM {rows.source} WHERE {inside})"
    return Source(text, whos, dict(zip(counts, tokens, strict=True)))


def _whos(database: Duck, rows: Rows) -> tuple[dict[int, Product], str]:
    """Who asks in a file, by numbers, and the number of a row in SQL: the places of its names among the values of each,
    as digits of one number. A map of a name is looked up once for all rows of it that Parquet keeps in a dictionary."""
    names = [name for name in _NAMES if name in rows.labels]
    texts = ", ".join(f"COALESCE({name}, '')" for name in names)
    found = database.rows(f"SELECT DISTINCT {texts} FROM {rows.source}") if names else [()]
    numbers, number = dict.fromkeys(found, 0), "0"
    for column, name in enumerate(names):
        values = sorted({of[column] for of in found})
        places = {value: place for place, value in enumerate(values)}
        numbers = {of: by * len(values) + places[of[column]] for of, by in numbers.items()}
        if len(values) > 1:
            map_of = ", ".join(f"{quoted(value)}: {place}" for value, place in places.items())
            number = f"({number}) * {len(values)} + COALESCE(MAP {{{map_of}}}[{name}], 0)"  # absent as '', the first
    return {
        by: Product(*asking(rows.shape, dict(zip(names, of, strict=True))), False) for of, by in numbers.items()
    }, number
