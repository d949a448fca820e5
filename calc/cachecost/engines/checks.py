"""Files that a database is about to read: parsed once, and looked through for what only their readers can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..logs.files import opened
from ..logs.values import LARGEST
from ..replay.ledger import FileCount
from .machine import Duck
from .plain import Rows
from .shapes import quoted_name

PARSED = 1 << 33
"""Bytes of logs up to which text is parsed once into tables; above, the disk might not hold them."""
CHUNK = 1 << 20


def parsed(database: Duck, known: Mapping[Path, Rows | None]) -> dict[Path, Rows | None]:
    """The same rows, read from text into tables, so that it is parsed once for all questions."""
    if sum(path.stat().st_size for path in known) > PARSED:
        return dict(known)
    return {
        path: in_table(database, rows, f"log_{number}") if rows else None
        for number, (path, rows) in enumerate(known.items())
    }


def in_table(database: Duck, rows: Rows, name: str) -> Rows | None:
    """Rows of text read once, in their order; None where the text is not what its beginning promised."""
    if not rows.odd or rows.source == name:
        return rows
    made = database.ask(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {rows.source}")
    return None if made is None else replace(rows, source=name)


def repeats(database: Duck, known: Mapping[Path, Rows | None]) -> set[Path]:
    """Files whose duplicates can only be told line by line: those with an id that comes twice in files of one shape, or
    with any id where some file (None) needs its reader, which may hold the same. Two ids of one hash only cost time.
    """
    if None in known.values():
        return {path for path, rows in known.items() if rows and _has_ids(database, rows)}
    shapes: dict[str, dict[Path, Rows]] = {}
    for path, rows in known.items():
        if rows and "id" in rows.labels:
            shapes.setdefault(rows.shape, {})[path] = rows
    repeated: set[Path] = set()
    for group in shapes.values():
        union = " UNION ALL ".join(f"SELECT id FROM {rows.source}" for rows in group.values())
        ids = f"SELECT hash(id) AS id FROM ({union}) WHERE id IS NOT NULL AND id <> ''"
        if database.ask(f"SELECT 1 FROM ({ids}) GROUP BY id HAVING COUNT(*) > 1 LIMIT 1") != []:
            repeated |= set(group)
    return repeated


def _has_ids(database: Duck, rows: Rows) -> bool:
    return "id" in rows.labels and database.ask(f"SELECT 1 FROM {rows.source} WHERE id <> '' LIMIT 1") != []


def whole(database: Duck, rows: Rows) -> bool:
    """Whether the integer columns of a Parquet file hold counts of tokens, and every row has one: the file states the
    ends of each and how many there are."""
    if not rows.checked:
        return True
    ends = ", ".join(f'MIN("{name}"), MAX("{name}"), COUNT("{name}")' for name in rows.checked)
    answer = database.ask(f"SELECT COUNT(*), {ends} FROM {rows.source}")
    if not answer:
        return False
    ((many, *told),) = answer
    if not all(end is None or 0 <= end <= LARGEST for end in (*told[::3], *told[1::3])):
        return False
    if many in told[2::3]:
        return True
    nothing = f"COALESCE({', '.join(map(quoted_name, rows.checked))}) IS NULL"
    return database.ask(f"SELECT 1 FROM {rows.source} WHERE {nothing} LIMIT 1") == []


def unknown_keys(database: Duck, rows: Rows) -> dict[str, int]:
    """How often an unknown column has a value, under the names that the readers of `logs/` use."""
    if not rows.unknown:
        return {}
    counts = ", ".join(f"COUNT({given(f'CAST({quoted_name(name)} AS VARCHAR)')})" for name in rows.unknown)
    (told,) = database.ask(f"SELECT {counts} FROM {rows.source}") or [()]
    return {f"{rows.shape}: {name}": count for name, count in zip(rows.unknown, told, strict=False) if count}


def given(text: str) -> str:
    """A text, or NULL where it says nothing: `values.given` in SQL."""
    # most texts are told by their first letter, at a tenth of the cost: neither empty, nor a space, nor an n
    plain = f"ascii({text}) NOT IN (0, 9, 10, 11, 12, 13, 32, 78, 110)"
    return f"CASE WHEN {plain} THEN {text} WHEN lower(trim({text}, {_SPACE})) NOT IN ('', {_EMPTY}) THEN {text} END"


_SPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_EMPTY = "'nan', 'null', 'none', 'n/a', 'na'"


@contextmanager
def counting(known: Mapping[Path, Rows | None]) -> Iterator[Callable[[Path], int | None]]:
    """Counts the lines of texts while the database reads them: how many one has, None where it is cut."""
    with ThreadPoolExecutor(1) as beside:
        counts = {path: beside.submit(_count, path) for path, rows in known.items() if rows and rows.text}
        try:
            yield lambda path: counts[path].result()
        finally:
            beside.shutdown(cancel_futures=True)


def _count(path: Path) -> int | None:
    count, last = 0, b""
    with opened(path) as stream:
        while chunk := stream.bytes.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk
        return None if stream.cut else count + bool(last and not last.endswith(b"\n"))


def accounted(path: Path, rows: Rows, read: int, lines: Callable[[Path], int | None]) -> FileCount | None:
    """Every line of a file under its heading; None where lines and rows do not match, so that its reader must look."""
    account = FileCount(str(path), rows.shape, entries=read, read=read, requests=read)
    if rows.text:
        count = lines(path)
        if count is None:
            return None
        account.entries, account.header = count, int(rows.text == "csv")
        account.blank = count - account.header - read
    return account if account.blank == 0 or (account.blank > 0 and rows.text == "jsonl") else None
