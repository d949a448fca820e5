"""One log, one query: whole tokens by class, names found on the way, and classes handed over with their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..replay.classes import Edges, edges, windowed
from .coded import Coded, Found, coded, found
from .groups import WHOLE, Part, parts
from .machine import ask
from .plain import Rows, line_of
from .shapes import PROJECTIONS, asking
from .sql import DAY, NAMES
from .sums import NO_TIME, Class, Sums

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLE = 20_000
"""Rows that are asked for names before all are added up; a name that they miss costs a second pass."""


class Query:
    """One file's aggregation: names first from a sample, then again with all of them if there were others."""

    def __init__(self, connection: DuckDBPyConnection, rows: Rows, sums: Sums) -> None:
        self.connection, self.rows, self.sums = connection, rows, sums
        self._pairs: set[tuple[str, str, str, str | None]] = set()
        self._by_thought = False

    def run(self) -> int | None:
        """The number of rows added; None where some row is odd."""
        names, timeless = self._names(f"LIMIT {SAMPLE}"), False
        for again in (False, True):
            cuts = self._edges()
            if self._by_thought:
                return None
            log = self._log(names, self._parts(cuts, timeless=timeless))
            classes = self._classes(log, cuts)
            if classes is None:
                return None
            known = [each for each in classes if each is not None]
            if len(known) == len(classes):
                return self._settle(known, log, cuts) + (self._leave_timeless() if timeless else 0)
            if not again:
                names, timeless = self._names(""), True
        return None

    def _parts(self, cuts: Edges, *, timeless: bool) -> Sequence[Part]:
        if timeless:
            return (Part('"at" IS NOT NULL'),)
        return parts(self.connection, self.rows.file, cuts) if self.rows.checked else WHOLE

    def _classes(self, log: Coded, cuts: Edges) -> list[Found | None] | None:
        answer = ask(self.connection, coded(log, cuts))
        if answer is None or (log.odd and any(row[-1] for row in answer)):
            return None
        return [found(row, log, cuts) for row in answer]

    def _settle(self, classes: Sequence[Found], log: Coded, cuts: Edges) -> int:
        """Enter the classes; once more, split by what is not sold, where a class mixes it with what is."""
        unsold: set[str] = set()
        for each in classes:
            unsold |= self.sums.unsold(self._class(each), [line_of(name) for name, count in each.sums.items() if count])
        split = [name for name in log.counts if line_of(name) in unsold]
        if split:
            classes = [each for each in self._classes(replace(log, split=split), cuts) or [] if each]
        for each in classes:
            lines = {line_of(name): count for name, count in each.sums.items()}
            self.sums.add(each.group, self._class(each), lines, each.rows, each.doubtful, each.span)
        return sum(each.rows for each in classes)

    def _class(self, each: Found) -> Class:
        model, provider, service, region = self._told(each.names)
        return Class(model, provider, service, region, each.at, each.prompt, each.output)

    def _told(self, told: Mapping[str, str]) -> tuple[str, str, str, str | None]:
        return asking(self.rows.shape, told)

    def _log(self, names: Mapping[str, Sequence[str]], split_up: Sequence[Part]) -> Coded:
        rows, by = self.rows, self.sums.by
        lacks = [name for name in by if name != DAY and name not in rows.labels]
        return Coded(
            rows.source, rows.counts, names, by=by, lacks=lacks, naive=rows.naive, odd=rows.odd, parts=split_up
        )

    def _names(self, limit: str) -> dict[str, list[str]]:
        """The values of each name that the log has."""
        present = [name for name in NAMES if name in self.rows.labels]
        found: dict[str, list[str]] = {}
        listed = ", ".join(present)
        told = ask(self.connection, f"SELECT DISTINCT {listed} FROM (SELECT {listed} FROM {self.rows.source} {limit})")
        for place, name in enumerate(present):
            found[name] = sorted({row[place] or "" for row in told or []}) or [""]
        self._pairs = {
            self._told(dict(zip(present, (value or "" for value in row), strict=True))) for row in told or []
        }
        return found

    def _edges(self) -> Edges:
        """The edges of all sheets that the names mean, within the log's own span where hours recur."""
        sheets = self.sums.known(sorted({(model, provider) for model, provider, _, _ in self._pairs}))
        rows = (row for sheet in sheets for card in sheet.cards for row in card.rows)
        self._by_thought = self.rows.shape in PROJECTIONS and any(row.thinking is not None for row in rows)
        span = None
        if self.rows.checked or windowed(sheets):
            ends = 'SELECT epoch_us(MIN("at")), epoch_us(MAX("at"))'
            first, last = (ask(self.connection, f"{ends} FROM {self.rows.source}") or [(None, None)])[0]
            span = None if first is None else (first, last)
        return edges(sheets, *([span] if span else ()))

    def _leave_timeless(self) -> int:
        """Rows without a time: no rate can be theirs."""
        query = f"SELECT COALESCE(model, ''), COUNT(*) FROM {self.rows.source} WHERE \"at\" IS NULL GROUP BY 1"
        if "model" not in self.rows.labels:
            query = f"SELECT '', COUNT(*) FROM {self.rows.source} WHERE \"at\" IS NULL HAVING COUNT(*) > 0"
        left = ask(self.connection, query) or []
        for model, count in left:
            self.sums.leave(model, NO_TIME, count)
        return sum(int(count) for _, count in left)
