"""The columns of text that paths of a declared format lead to, in lines of JSON or in a table with a header."""

import re
from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from typing import Any

from ..logs.flat import object_at
from ..logs.values import Record
from .sql import given, named, quoted

Path = tuple[str, ...]
"""The keys that lead to a value in a record."""


def paths(path: str) -> list[str]:
    """Each path of one that joins several by `|` or `+`."""
    return [each for each in re.split(r"[|+]", path) if each]


def ways(record: Record, path: str) -> Iterator[Path]:
    """The keys that lead along a path in a record, in which keys may have dots: as `flat.value` looks for it."""
    if path in record:
        yield (path,)
    head, dot, rest = path.partition(".")
    while dot:
        below = object_at({head: record.get(head)}, head)
        yield from ((head, *way) for way in ways(below, rest))
        key, dot, rest = rest.partition(".")
        head = f"{head}.{key}"


class Columns:
    """The columns of text that a projection reads: by path, and by the keys that may lead along it.

    Keys that none of the records has may still come up late in the log: a record that has a value there is `late`, and
    left to its reader.
    """

    def __init__(self, records: Sequence[Record], header: Sequence[str] | None) -> None:
        self._records = list({_shape(record): record for record in records}.values())
        self._header = header
        self.names: dict[Path, str] = {}
        self.numbers: dict[str, str] = {}
        self._late: dict[Path, None] = {}
        self._by_case: dict[Path, Path] = {}
        self.is_clear = True

    def of(self, path: str) -> list[str]:
        """The columns of one path, or of several joined by `|`, those that count first at the beginning."""
        found: dict[Path, None] = {}
        for each in paths(path):
            seen = {way: None for record in self._records for way in ways(record, each)}
            self.is_clear = self.is_clear and all(map(self._is_free, seen))
            found |= seen
            if not seen:
                self._wait_for(tuple(each.split(".")))
        return [self.names.setdefault(way, f'"w{len(self.names)}"') for way in found]

    def _wait_for(self, way: Path) -> None:
        """Take note of keys that no record has: the first of them that is missing says enough."""
        starts = (way[:end] for end in range(1, len(way) + 1))
        way = next((start for start in starts if all(_at(each, start) is None for each in self._records)), way)
        may_come = self._header is None or way[0] in self._header
        if may_come and self._is_free(way):
            self._late[way] = None

    def _is_free(self, way: Path) -> bool:
        """Whether no keys are read that differ only in their case: DuckDB takes them for the same."""
        starts = [way[:end] for end in range(1, len(way) + 1)]
        return all(self._by_case.setdefault(tuple(map(str.lower, start)), start) == start for start in starts)

    def counts(self, path: str) -> list[str]:
        """The same as whole numbers, NULL where there is none."""
        return [self.numbers.setdefault(each, f'"n{each[2:]}') for each in self.of(path)]

    def text(self, path: str) -> str:
        """The first text that is given, or NULL."""
        columns = self.of(path)
        if len(columns) < 2:
            return columns[0] if columns else "NULL::VARCHAR"
        return f"COALESCE({', '.join([*map(given, columns[:-1]), columns[-1]])})"

    def number(self, path: str) -> str:
        """A count: 0 where there is none."""
        terms = []
        for part in filter(None, path.split("+")):
            columns = self.counts(part)
            terms.append(f"COALESCE({', '.join([*(f'NULLIF({each}, 0)' for each in columns), '0'])})")
        return " + ".join(terms) or "0"

    def keys(self, path: str) -> list[str]:
        """The keys of the objects at a path."""
        objects = (_object(_at(record, way)) for record in self._records for way in ways(record, path))
        return list(dict.fromkeys(key for each in objects for key in each))

    def table(self, file: str) -> str:
        """What to read the columns from, with those of numbers beside them, and whether a record is `late`.

        Of JSON, what no path leads to is passed over unread, and a line that is none gives a row of NULLs. Objects that
        some record has as text are read as text, and opened afterwards."""
        known = sorted({**self.names, **self._late}, key=len)
        texts = {
            way[:end]
            for way in known
            for end in range(1, len(way))
            if way[:end] in known or any(isinstance(_at(record, way[:end]), str) for record in self._records)
        }
        trees: dict[Path, dict[str, Any]] = {(): {}}
        columns: dict[Path, str] = {}
        for way in sorted({*known, *texts}, key=len):
            base = next((way[:end] for end in reversed(range(1, len(way))) if way[:end] in texts), ())
            below = trees.setdefault(base, {})
            for key in way[len(base) : -1]:
                below = below.setdefault(key, {})
            below[way[-1]] = "VARCHAR"
            start = [f"l{list(trees).index(base)}"] if base else []
            columns[way] = ".".join([*start, *map(named, way[len(base) :])])
        late, opened = [columns[way] for way in self._late], list[str]()
        for number, (base, tree) in enumerate(trees.items()):
            if base:
                text = columns[base]
                kind = quoted(dumps(tree))
                opened.append(f"json_transform(CASE WHEN json_valid({text}) THEN {text} END, {kind}) AS l{number}")
                late.append(f"CASE WHEN contains({text}, '\"{{') THEN '' END")  # a text in a text
        selected = [f"{columns[way]} AS {alias}" for way, alias in self.names.items()]
        selected.append(f"COALESCE({', '.join([*late, 'NULL'])}) IS NOT NULL AS late")
        if self._header is not None:
            source = f"read_csv({quoted(file)}, header = true, all_varchar = true)"
        else:
            declared = ", ".join(f"{quoted(key)}: {quoted(_type(below))}" for key, below in trees[()].items())
            reading = "format = 'newline_delimited', records = true, ignore_errors = true"
            source = f"read_json({quoted(file)}, {reading}, columns = {{{declared}}})"
        inner = f"(SELECT {', '.join(selected)} FROM (SELECT {', '.join(['*', *opened])} FROM {source}))"
        numbers = [f"TRY_CAST({text} AS BIGINT) AS {number}" for text, number in self.numbers.items()]
        return f"(SELECT {', '.join(['*', *numbers])} FROM {inner})"


def _shape(below: Any) -> Any:
    """The keys of a record, and where it has texts: records of one shape have the same ways."""
    if isinstance(below, str):
        return str, below.lstrip()[:1] == "{" and _shape(_object(below))
    return tuple((key, _shape(each)) for key, each in below.items()) if isinstance(below, Mapping) else None


def _at(record: Any, way: Path) -> Any:
    for key in way:
        record = _object(record).get(key)
    return record


def _object(below: Any) -> Record:
    """An object, also where it is written as JSON text; an empty one in place of anything else."""
    return object_at({"below": below}, "below")


def _type(below: Mapping[str, Any] | str) -> str:
    """The type of an object with these keys; text for all else, which is JSON where it is no text."""
    if isinstance(below, str):
        return below
    return f"STRUCT({', '.join(f'{named(key)} {_type(each)}' for key, each in below.items())})"
