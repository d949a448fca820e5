"""Files that the database reads by itself, each looked through to its last row, into the requests of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..logs.files import opened
from ..logs.formats.plain import unknown
from ..replay.account import UNPRICED
from ..replay.epochs import Epochs, microseconds
from ..replay.ledger import FileCount
from ..replay.request import Product
from ..replay.run import Run
from ..replay.traffic import Source, Traffic
from .columns import VENDORS, Rows, line_of, named, product
from .machine import Duck
from .sources import LOOKED, rows_of
from .sql import NAMES, quoted

CHUNK = 1 << 20


class Ready(NamedTuple):
    """A file that needs no reader: its rows, and what became of its lines."""

    rows: Rows
    account: FileCount


def pourer(
    database: Duck, paths: Sequence[Path], run: Run, *, others: Sequence[Epochs], done: Callable[[int], None]
) -> Callable[[Path], bool]:
    """What adds a file to the run where the database can read it by itself; False, and nothing added, for all others.
    `done` is called with the bytes that have been looked through."""
    files = {
        path: each for path, each in ready(database, paths, done).items() if not _thinks(database, each, run, others)
    }

    def pour(path: Path) -> bool:
        file = files.pop(path, None)
        if file:
            _add(database, file, run)
        return file is not None

    return pour


def ready(database: Duck, paths: Sequence[Path], done: Callable[[int], None]) -> dict[Path, Ready]:
    """The files that can be read as columns; not those whose duplicates can only be told line by line."""
    sources, past = dict[Path, Ready | None](), 0
    for number, path in enumerate(paths):
        rows = rows_of(database, path)
        if rows and rows.kind != "parquet":  # text is parsed once for all questions
            table = f"log_{number}"
            made = database.ask(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {rows.source}")
            rows = None if made is None else replace(rows, source=table)
        account = rows and _sound(database, path, rows)
        sources[path] = Ready(rows, account) if rows and account else None
        past += path.stat().st_size
        done(past)
    repeated = _repeats(database, {path: each and each.rows for path, each in sources.items()})
    return {path: each for path, each in sources.items() if each and path not in repeated}


def _sound(database: Duck, path: Path, rows: Rows) -> FileCount | None:
    """Every line of a file under its heading; None where a row is odd, or lines and rows do not match, so that its
    reader must look."""
    answer = database.ask(f'SELECT COUNT(*), COUNT("at"), COALESCE({rows.odd}, FALSE) FROM {rows.source}')
    if not answer:
        return None
    ((read, timed, odd),) = answer
    lines = read if rows.kind == "parquet" else _lines(path)
    if odd or timed < read or lines is None:
        return None
    header = int(rows.kind == "csv")
    blank = lines - header - read
    if blank and (blank < 0 or rows.kind != "jsonl"):
        return None
    return FileCount(str(path), rows.shape, entries=lines, blank=blank, header=header, read=read, requests=read)


def _lines(path: Path) -> int | None:
    """The lines of a text; None where it is cut."""
    count, last = 0, b""
    with opened(path) as stream:
        while chunk := stream.bytes.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk
        return None if stream.cut else count + bool(last and not last.endswith(b"\n"))


def _repeats(database: Duck, known: Mapping[Path, Rows | None]) -> set[Path]:
    """Files whose duplicates can only be told line by line: those with an id that comes twice in files of one shape, or
    with any id where some file (None) needs its reader, which may hold the same. Two ids of one hash only cost time.
    """
    shapes: dict[str, dict[Path, Rows]] = {}
    for path, rows in known.items():
        if rows and "id" in rows.labels:
            shapes.setdefault(rows.shape if None not in known.values() else str(path), {})[path] = rows
    repeated: set[Path] = set()
    for group in shapes.values():
        union = " UNION ALL ".join(f"SELECT id FROM {rows.source}" for rows in group.values())
        most = "GROUP BY hash(id) HAVING COUNT(*) > 1 " if None not in known.values() else ""
        if database.ask(f"SELECT 1 FROM ({union}) WHERE id IS NOT NULL AND id <> '' {most}LIMIT 1") != []:
            repeated |= set(group)
    return repeated


def _unknown_keys(database: Duck, rows: Rows) -> dict[str, int]:
    """How often an unknown column has a value, under the names that the readers of `logs/` use."""
    if not rows.unknown:
        return {}
    counts = ", ".join(f"COUNT({_given(f'CAST({alias} AS VARCHAR)')})" for alias in map(named, rows.unknown.values()))
    (row,) = database.rows(f"SELECT {counts} FROM {rows.source}")
    return {f"{rows.shape}: {unknown(name)}": count for name, count in zip(rows.unknown, row, strict=True) if count}


def _thinks(database: Duck, file: Ready, run: Run, others: Sequence[Epochs]) -> bool:
    """Whether rates may depend on thoughts, which only the readers of vendors' answers know of."""
    if file.rows.shape not in VENDORS:
        return False
    sheets = list(others)
    for each in _products(database, file.rows)[0].values():
        with suppress(*UNPRICED):
            sheets.append(run.account.epochs(each.model, each.provider))
    return any(row.thinking is not None for each in sheets for card in each.cards for row in card.rows)


def _add(database: Duck, file: Ready, run: Run) -> None:
    """The requests of a file in their order."""
    run.settle()
    if file.rows.kind == "jsonl":
        run.ledger.note(LOOKED)
    run.ledger.unknown.update(_unknown_keys(database, file.rows))
    rows = file.rows
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
    products, bought = _products(database, rows)
    counts = {line_of(name): f'COALESCE("{name}", 0)' for name in rows.counts}
    columns = {name: f"{_given(name)}::VARCHAR" for name in ("session", "project") if name in rows.labels}
    columns |= {"place": f"{traffic.count} + {rows.place}", "moment": 'epoch_us("at")', "product": bought}
    # what is largest DuckDB knows of a table without reading it
    most = ", ".join(f"COALESCE(MAX({named(name)}), 0)" for name in rows.counts)
    tokens = dict(zip(counts, database.rows(f"SELECT {most} FROM {rows.source}")[0], strict=True))
    answer = tokens.pop("output", 0)
    source = traffic.source(f"{rows.source} WHERE {inside}", columns, counts, products)
    return source._replace(largest=(sum(tokens.values()), answer))


def _products(database: Duck, rows: Rows) -> tuple[dict[int, Product], str]:
    """What was bought in a file, by numbers, and the number of a row in SQL: the places of its names among the values
    of each, as digits of one number. A map of a name is looked up once for all rows of it that Parquet keeps in a
    dictionary."""
    names = [name for name in NAMES if name in rows.labels]
    texts = ", ".join(f"COALESCE({name}, '')" for name in names)
    rows_found = database.rows(f"SELECT DISTINCT {texts} FROM {rows.source}") if names else [()]
    numbers, number = dict.fromkeys(rows_found, 0), "0"
    for column, name in enumerate(names):
        values = sorted({of[column] for of in rows_found})
        places = {value: place for place, value in enumerate(values)}
        numbers = {of: by * len(values) + places[of[column]] for of, by in numbers.items()}
        if len(values) > 1:
            map_of = ", ".join(f"{quoted(value)}: {place}" for value, place in places.items())
            number = f"({number}) * {len(values)} + COALESCE(MAP {{{map_of}}}[{name}], 0)"  # absent as '', the first
    return {by: product(rows.shape, dict(zip(names, of, strict=True))) for of, by in numbers.items()}, number


def _given(text: str) -> str:
    """A text, or NULL where it says nothing: `values.given` in SQL."""
    # most texts are told by their first letter, at a tenth of the cost: neither empty, nor a space, nor an n
    plain = f"ascii({text}) NOT IN (0, 9, 10, 11, 12, 13, 32, 78, 110)"
    return f"CASE WHEN {plain} THEN {text} WHEN lower(trim({text}, {_SPACE})) NOT IN ('', {_EMPTY}) THEN {text} END"


_SPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_EMPTY = "'nan', 'null', 'none', 'n/a', 'na'"
