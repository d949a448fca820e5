"""Files that the database reads by itself, each looked through to its last row, into the requests of a run."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import NamedTuple

from ..logs import entries
from ..logs.entries import CUT, TOO_LONG, Entry
from ..logs.files import opened, weight
from ..logs.formats import FORMATS
from ..logs.formats.plain import unknown
from ..logs.reader import Parsed, Reading
from ..logs.values import NOTHING, given as is_given, region, service
from ..replay.epochs import microseconds
from ..replay.ledger import FileCount
from ..replay.request import Charge, Product, Request
from ..replay.run import Run
from ..replay.traffic import RequestTable, Source
from .machine import Duck
from .projection import Rows
from .sources import LOOKED, rows_of, shapes_of
from .sql import NAMES, given, line_of, named, quoted

CHUNK = 1 << 20
SMALL = 1 << 19
"""Bytes that a reader reads in the time in which the database is told how to."""
FEW = 4
"""One record in so many may be odd; with more of them the reader of the whole file is as fast."""


class Ready(NamedTuple):
    """A file that the database reads: its rows, what became of its lines and why some are no requests; the table that
    holds them, if one does; the numbers of its odd records, and the ids that their readers find, by format."""

    rows: Rows
    account: FileCount
    skipped: Mapping[str, int] = NOTHING
    table: str = ""
    odd: Collection[int] = ()
    odd_ids: Mapping[str, Collection[str]] = NOTHING

    @property
    def shapes(self) -> set[str]:
        """The formats of its ids."""
        return {*self.odd_ids, *([self.rows.shape] if "id" in self.rows.labels else [])}


def pourer(
    database: Duck, paths: Sequence[Path], run: Run, reading: Reading, done: Callable[[int], None]
) -> Callable[[Path], bool]:
    """What adds a file to the run where the database can read it by itself; False, and nothing added, for all others:
    all where most are small, and those whose duplicates can only be told line by line. `reading` reads odd records.
    `done` is called with the bytes that have been looked through."""
    files, past = dict[Path, Ready | None](), 0
    are_small = sum(map(weight, paths)) < SMALL * len(paths)
    for number, path in enumerate(() if are_small else paths):
        rows = rows_of(database, path)
        if rows and rows.kind == "parquet":
            files[path] = _sound(database, path, rows)
        else:
            files[path] = _tabled(database, path, rows, reading, f"log_{number}") if rows else None
        past += path.stat().st_size
        done(past)
    for path in _repeats(database, files):
        _drop(database, files.pop(path))

    def pour(path: Path) -> bool:
        file = files.pop(path, None)
        if file:
            _add(database, file, run, reading)
        return file is not None

    return pour


def _sound(database: Duck, path: Path, rows: Rows) -> Ready | None:
    """Rows that are read where they stand; None where one is odd, so that the reader must look."""
    answer = database.ask(f"SELECT COUNT(*), COALESCE({rows.odd}, FALSE) FROM {rows.source}")
    if not answer or answer[0][1]:
        return None
    read = answer[0][0]
    return Ready(rows, FileCount(str(path), rows.shape, entries=read, read=read, requests=read))


def _tabled(database: Duck, path: Path, rows: Rows, reading: Reading, table: str) -> Ready | None:
    """Text, which is parsed once for all questions, with every line under its heading; None, and no table, where lines
    and rows do not match, or too many are odd."""
    with ThreadPoolExecutor(1) as beside:  # the database leaves Python free while it works
        counting = beside.submit(_lines, path)
        made = database.ask(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {rows.source}")
    if made is None:
        return None
    ready = _looked(database, path, rows, reading, table, counting.result())
    if ready is None:
        database.rows(f"DROP TABLE {table}")
    return ready


def _looked(database: Duck, path: Path, rows: Rows, reading: Reading, table: str, lines: int | None) -> Ready | None:
    """What a table of so many lines (None: cut) holds; None where its reader must look."""
    ((read, odd, skipped),) = database.rows(f"SELECT COUNT(*), COUNT(*) FILTER (odd), COUNT(skip) FROM {table}")
    header = int(rows.kind == "csv")
    if lines is None or odd * FEW > read or not read:
        return None
    blank = lines - header - read
    if blank and (blank < 0 or rows.kind != "jsonl"):
        return None
    plain = read - odd - skipped
    account = FileCount(str(path), rows.shape, entries=lines - odd, blank=blank, header=header)
    account.read, account.requests, account.skipped = plain, plain, skipped
    source = f"(SELECT *, rowid AS place FROM {table} WHERE NOT odd AND skip IS NULL)" if plain < read else table
    ready = Ready(rows._replace(source=source, place="place" if plain < read else "rowid"), account, table=table)
    if skipped:
        reasons = database.rows(f"SELECT skip, COUNT(*) FROM {table} WHERE skip IS NOT NULL GROUP BY skip")
        ready = ready._replace(skipped=dict(reasons))
    if odd:
        numbers = {place for (place,) in database.rows(f"SELECT rowid FROM {table} WHERE odd")}
        ids, many = dict[str, set[str]](), 0
        for _, found in _records(path, rows.kind, numbers):
            many += 1
            records = [each for entry in found for each in reading.parsed(entry, str(path))]
            if not records or any(map(_needs_file, records)):
                return None
            for each in records:
                items = [item for item in each.items if isinstance(item, Request | Charge)]
                ids.setdefault(each.shape, set()).update(item.id for item in items if item.id)
        if many != odd:
            return None
        ready = ready._replace(odd=numbers, odd_ids=ids)
    return ready


def _needs_file(record: Parsed) -> bool:
    """Whether a record continues on the next line, or means something only after those before it."""
    return record.fault.startswith((CUT, TOO_LONG)) or bool(record.shape and FORMATS[record.shape].begin)


def _records(path: Path, kind: str, numbers: Collection[int]) -> Iterator[tuple[int, list[Entry]]]:
    """The records of these numbers, counted from 0 without blank lines and headers; each as what its line holds."""
    with opened(path) as stream:
        if kind == "csv":
            rows = (each for each in entries.rows(stream.bytes) if not each.is_header)
            yield from ((number, [each]) for number, each in enumerate(rows) if number in numbers)
            return
        number = -1
        for line, text in enumerate(entries.lines(stream.bytes), 1):
            number += text is None or not text.isspace()
            if number in numbers and text and not text.isspace():
                found = entries.json_values(BufferedReader(BytesIO(text)))
                yield number, [each._replace(line=line) for each in found if each.record is not None or each.fault]


def _lines(path: Path) -> int | None:
    """The lines of a text; None where it is cut."""
    count, last = 0, b""
    with opened(path) as stream:
        while chunk := stream.bytes.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk
        return None if stream.cut else count + bool(last and not last.endswith(b"\n"))


def _repeats(database: Duck, known: Mapping[Path, Ready | None]) -> set[Path]:
    """Files whose duplicates can only be told line by line, since a format comes up in them of which an id comes twice,
    or of which there is any id where a file that needs its reader (None) may hold the same. Ids of two formats are
    never the same request.
    """
    files = {path: file for path, file in known.items() if file}
    by_reader = [shapes_of(path) for path, file in known.items() if file is None] if files else []
    read, is_any = set[str]().union(*by_reader), not all(by_reader)
    repeated: set[Path] = set()
    shapes = dict.fromkeys(shape for file in files.values() for shape in file.shapes)
    while shapes:
        shape = shapes.popitem()[0]
        group = {path: file for path, file in files.items() if shape in file.shapes and path not in repeated}
        if group and _has_id(database, group.values(), shape, is_single=is_any or shape in read):
            repeated |= set(group)
            found = set[str]().union(*(file.shapes for file in group.values())) - read
            read |= found  # other files with ids of these formats are looked at again
            shapes |= dict.fromkeys(found - {shape})
    return repeated


def _has_id(database: Duck, files: Iterable[Ready], shape: str, *, is_single: bool) -> bool:
    """Whether these files have any id of a format, or, unless `is_single`, one that comes twice. Two ids of one hash
    only cost time."""
    files = list(files)
    ids = [
        f"SELECT id FROM {file.rows.source}" for file in files if file.rows.shape == shape and "id" in file.rows.labels
    ]
    odd = [[each] for file in files for each in file.odd_ids.get(shape, ())]
    if odd:
        database.load("odd_ids", {"id": "VARCHAR"}, odd)
        ids.append("SELECT id FROM odd_ids")
    twice = "" if is_single else "GROUP BY hash(id) HAVING COUNT(*) > 1 "
    union = f"SELECT {given('id')} AS id FROM ({' UNION ALL '.join(ids)})"
    return bool(ids) and database.ask(f"SELECT 1 FROM ({union}) WHERE id IS NOT NULL {twice}LIMIT 1") != []


def _drop(database: Duck, file: Ready | None) -> None:
    """Free what a file takes of memory or disk."""
    if file and file.table:
        database.rows(f"DROP TABLE {file.table}")


def _unknown_keys(database: Duck, rows: Rows) -> dict[str, int]:
    """How often an unknown column has a value, under the names that the readers of `logs/` use."""
    if not rows.unknown:
        return {}
    counts = ", ".join(f"COUNT({given(f'CAST({alias} AS VARCHAR)')})" for alias in map(named, rows.unknown.values()))
    (row,) = database.rows(f"SELECT {counts} FROM {rows.source}")
    return {f"{rows.shape}: {unknown(name)}": count for name, count in zip(rows.unknown, row, strict=True) if count}


def _add(database: Duck, file: Ready, run: Run, reading: Reading) -> None:
    """The requests of a file in their order."""
    run.settle()
    rows, first = file.rows, run.traffic.count
    for note in [*([LOOKED] if rows.kind == "jsonl" else []), *rows.notes]:
        run.ledger.note(note)
    run.ledger.unknown.update(_unknown_keys(database, rows))
    run.ledger.skipped.update(file.skipped)
    ends = [(">=", run.span.since), ("<", run.span.until)]
    tests = [f'epoch_us("at") {than} {microseconds(end)}' for than, end in ends if end is not None]
    inside = " AND ".join(tests) or "TRUE"
    if tests:
        ((outside,),) = database.rows(f"SELECT COUNT(*) FILTER (NOT ({inside})) FROM {rows.source}")
        run.outside += outside
    run.pour(_source(database, rows, run.traffic, inside))
    run.ledger.files.append(file.account)
    for number, found in _records(Path(file.account.name), rows.kind, file.odd) if file.odd else ():
        run.traffic.count = first + number
        for item in (item for entry in found for item in reading.entry(entry, file.account)):
            run.take(item)
    run.settle()
    run.traffic.count = first + file.account.entries - file.account.blank - file.account.header
    _drop(database, file)


def _source(database: Duck, rows: Rows, traffic: RequestTable, inside: str) -> Source:
    """The requests of a file as a source."""
    products, bought = _products(database, rows)
    counts = {line_of(name): f'COALESCE("{name}", 0)' for name in rows.counts}
    columns = {name: f"{given(name)}::VARCHAR" for name in ("session", "project") if name in rows.labels}
    if "paid" in rows.labels:
        columns |= {"paid": given("paid"), "currency": f"CASE WHEN {given('paid')} IS NOT NULL THEN 'USD' END"}
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
    names = [name for name in (*NAMES, "thinking") if name in rows.labels]
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
    is_ours = rows.shape == "plain"
    return {by: _product(dict(zip(names, of, strict=True)), is_ours=is_ours) for of, by in numbers.items()}, number


def _product(said: Mapping[str, str], *, is_ours: bool) -> Product:
    """What was bought, from the names of a row: only our own table has regions in the words of the sheets."""
    names = {name: text if is_given(text) else "" for name, text in said.items()}
    where = names.get("region", "")
    return Product(
        names.get("model", ""),
        names.get("provider", ""),
        service(names.get("service", "")),
        (where or None) if is_ours else region(where),
        bool(names.get("thinking")),
    )
