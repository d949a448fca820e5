"""Stretches of constant rates: where among its queries a workload meets other rates, and how many come in each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .sheet import PriceSheet
from .workload import Workload

_LEAST = timedelta(microseconds=1)


class Stretches:
    """Those of one workload on one sheet, in one service."""

    def __init__(self, workload: Workload, sheet: PriceSheet, service: str) -> None:
        self.workload = workload
        self.sheet = sheet
        self.service = service
        self._found: dict[timedelta, list[datetime]] = {}

    def starts(self, span: timedelta) -> list[datetime]:
        """The starts of all of them from the workload's start to `span` after it."""
        if span not in self._found:
            self._found[span] = self._find(span)
        return self._found[span]

    def _find(self, span: timedelta) -> list[datetime]:
        begin = self.workload.start
        if not span:
            return [begin]
        end = begin + span
        changes = [card.effective for card in self.sheet.changes(begin, end)]
        edges = set(changes)
        for start, stop in zip([begin, *changes], [*changes, end + _LEAST], strict=True):
            rows = self.sheet.card(start).rows
            for window in {row.window for row in rows if row.window and row.service == self.service}:
                edges |= set(window.edges(start, stop))
        return sorted({begin} | edges)

    def at(self, after: timedelta) -> datetime:
        """The start of the one in which an instant so long after the start lies."""
        return max(start for start in self.starts(after) if start <= self.workload.start + after)

    def spread(self, queries: int, first: int, last: int) -> Iterator[tuple[datetime, int]]:
        """Queries first..last-1 of so many: the start of a stretch, and how many fall in it."""
        starts = self.starts(self.workload.span(queries))
        if len(starts) == 1:
            yield starts[0], last - first
            return
        edges = [0, *(self.workload.before(queries, start) for start in starts[1:]), queries]
        for start, begin, end in zip(starts, edges, edges[1:], strict=False):
            if (count := min(end, last) - max(begin, first)) > 0:
                yield start, count
