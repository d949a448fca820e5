"""The columns of text that paths of a declared format lead to, in lines of JSON or in a table with a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..logs.flat import object_at
from ..logs.format import Record
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
    """The columns of text that a projection reads: by path, and by the keys that may lead along it."""

    def __init__(self, records: Sequence[Record], header: Sequence[str] | None) -> None:
        self._records, self._header = records, header
        self.names: dict[Path, str] = {}
        self.numbers: dict[str, str] = {}
        self._by_case: dict[Path, Path] = {}
        self.is_clear = True

    def of(self, path: str) -> list[str]:
        """The columns of one path, or of several joined by `|`, those that count first at the beginning."""
        found: dict[Path, None] = {}
        for each in paths(path):
            if self._header is not None:
                found |= {(each,): None} if each in self._header else {}
            else:
                seen = {way: None for record in self._records for way in ways(record, each)}
                self.is_clear = self.is_clear and all(map(self._is_free, seen))
                found |= seen
        for each in paths(path) if self._header is None else ():
            if not any(".".join(way) == each for way in found) and self._is_free(way := tuple(each.split("."))):
                found[way] = None
        return [self.names.setdefault(way, f'"w{len(self.names)}"') for way in found]

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

    def table(self, file: str) -> str:
        """What to read the columns from, with those of numbers beside them."""
        numbers = [f"TRY_CAST({text} AS BIGINT) AS {number}" for text, number in self.numbers.items()]
        if self._header is not None:
            selected = [f"{named(way[0])} AS {alias}" for way, alias in self.names.items()]
            source = f"read_csv({quoted(file)}, header = true, all_varchar = true)"
        else:
            selected, source = self._json(file)
        inner = f"(SELECT {', '.join(selected) or '1'} FROM {source})"
        return f"(SELECT {', '.join(['*', *numbers])} FROM {inner})"

    def _json(self, file: str) -> tuple[list[str], str]:
        """Lines of JSON: what no path leads to is passed over unread, and what is no JSON gives a row of NULLs. Objects
        that some record has as text are read as text, and opened afterwards."""
        opened_later = {
            way[:end]
            for way in self.names
            for end in range(1, len(way))
            if way[:end] in self.names or any(isinstance(_at(record, way[:end]), str) for record in self._records)
        }
        tree: dict[str, Any] = {}
        selected, later = [], dict[Path, list[tuple[Path, str]]]()
        for way, alias in self.names.items():
            base = next((way[:end] for end in range(1, len(way)) if way[:end] in opened_later), way)
            below = tree
            for key in base[:-1]:
                below = below.setdefault(key, {})
            below[base[-1]] = None
            column = ".".join(map(named, base))
            if base == way:
                selected.append(f"{column} AS {alias}")
            else:
                later.setdefault(base, []).append((way[len(base) :], alias))
        lists = []
        for number, (base, rest) in enumerate(later.items()):
            column = ".".join(map(named, base))
            paths = ", ".join(quoted("$" + "".join(f".{named(key)}" for key in way)) for way, _ in rest)
            # once for all paths, since the text is parsed each time
            lists.append(
                f"json_extract_string(CASE WHEN json_valid({column}) THEN {column} END, [{paths}]) AS l{number}"
            )
            selected += [f"l{number}[{place}] AS {alias}" for place, (_, alias) in enumerate(rest, 1)]
        declared = ", ".join(f"{quoted(key)}: {quoted(_type(below))}" for key, below in tree.items())
        reading = "format = 'newline_delimited', records = true, ignore_errors = true"
        source = f"read_json({quoted(file)}, {reading}, columns = {{{declared}}})"
        return selected, f"(SELECT {', '.join(['*', *lists])} FROM {source})" if lists else source


def _at(record: Any, way: Path) -> Any:
    for key in way:
        record = record.get(key) if isinstance(record, Mapping) else None
    return record


def _type(below: Mapping[str, Any] | None) -> str:
    """The type of an object with these keys; text for all else, which is JSON where it is no text."""
    if below is None:
        return "VARCHAR"
    return f"STRUCT({', '.join(f'{named(key)} {_type(each)}' for key, each in below.items())})"
