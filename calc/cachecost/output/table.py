"""A table once, written four ways: for a terminal, as plain text, as markdown, as CSV."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .escapes import in_csv, in_markdown, visible


class Table(NamedTuple):
    """Headings and rows of texts. Columns in `right` are figures; those in `spare` go first where room is short.
    `styles`: how a terminal draws a cell, by the place of its row and its heading. A `ruled` table has a line below its
    headings there."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[str] = ()
    spare: Sequence[str] = ()
    styles: Mapping[tuple[int, str], str] = MappingProxyType({})
    ruled: bool = True

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, str]], right: Sequence[str] = (), spare: Sequence[str] = ()) -> Table:
        """A table of one row or more, each with its cells by their headings."""
        first, *others = rows
        return cls(list(first), [list(row.values()) for row in (first, *others)], right, spare)

    def without(self, *headings: str) -> Table:
        keep = [index for index, heading in enumerate(self.headings) if heading not in headings]
        rows = [[row[index] for index in keep] for row in self.rows]
        return self._replace(headings=[self.headings[index] for index in keep], rows=rows)

    def without_empty(self, *headings: str) -> Table:
        """The same table without those of some columns in which no row says anything."""
        columns = dict(zip(self.headings, zip(*self.rows, strict=True), strict=False))
        return self.without(*(heading for heading in headings if not any(columns.get(heading, ()))))

    def fitted(self, width: int) -> Table:
        """The same table without as many of its spare columns as it takes to fit a width, if that is enough."""
        table = self
        for heading in self.spare:
            if table.width() <= width:
                break
            table = table.without(heading)
        return table

    def visible(self) -> Table:
        """The same table with every row on one line, and nothing in it that a terminal would obey."""
        headings, *rows = [[visible(cell) for cell in row] for row in (self.headings, *self.rows)]
        return self._replace(headings=headings, rows=rows)

    def width(self) -> int:
        return sum(width + 2 for width in self._widths()) - 2

    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.headings, *self.rows, strict=True)]

    def as_text(self) -> str:
        """Aligned columns, two blanks between them, nothing else: for pipes."""
        table = self.visible()
        sides = [str.rjust if heading in self.right else str.ljust for heading in self.headings]
        columns = [*zip(sides, table._widths(), strict=True)]
        lines = (
            "  ".join(side(cell, width) for cell, (side, width) in zip(row, columns, strict=True))
            for row in [table.headings, *table.rows]
        )
        return "\n".join(line.rstrip() for line in lines)

    def places(self) -> dict[str, tuple[int, int]]:
        """Where each column begins and ends in a line of the text."""
        ends, begin = {}, 0
        for heading, width in zip(self.headings, self._widths(), strict=True):
            ends[heading] = begin, begin + width
            begin += width + 2
        return ends

    def as_markdown(self) -> str:
        rule = ["---:" if heading in self.right else "---" for heading in self.headings]
        headings, *rows = [[in_markdown(cell) for cell in row] for row in [self.headings, *self.rows]]
        return "\n".join("| " + " | ".join(row) + " |" for row in [headings, rule, *rows])

    def as_csv(self) -> str:
        """Header row, comma, UTF-8, lines end in \\n."""
        import csv  # most answers are not asked for as CSV

        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(map(in_csv, row) for row in [self.headings, *self.rows])
        return out.getvalue().rstrip("\n")
