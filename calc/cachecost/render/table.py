"""A table once, written four ways: for a terminal, as plain text, as markdown, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of texts. Columns in `right` are figures; those in `spare` go first where room is short."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[str] = ()
    spare: Sequence[str] = ()

    def without(self, *headings: str) -> Table:
        """The same table without some columns."""
        keep = [index for index, heading in enumerate(self.headings) if heading not in headings]
        rows = [[row[index] for index in keep] for row in self.rows]
        return Table([self.headings[index] for index in keep], rows, self.right, self.spare)

    def width(self) -> int:
        return sum(width + 2 for width in self._widths()) - 2

    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.headings, *self.rows, strict=True)]

    def as_text(self) -> str:
        """Aligned columns, two blanks between them, nothing else: for pipes."""
        widths = self._widths()
        return "\n".join(self._line(row, widths) for row in [self.headings, *self.rows])

    def _line(self, row: Sequence[str], widths: list[int]) -> str:
        cells = [
            cell.rjust(width) if heading in self.right else cell.ljust(width)
            for cell, width, heading in zip(row, widths, self.headings, strict=True)
        ]
        return "  ".join(cells).rstrip()

    def as_markdown(self) -> str:
        rule = ["---:" if heading in self.right else "---" for heading in self.headings]
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in self.rows]
        return "\n".join("| " + " | ".join(row) + " |" for row in [list(self.headings), rule, *escaped])

    def as_csv(self) -> str:
        """Header row, comma, UTF-8, lines end in \\n."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.headings, *self.rows])
        return out.getvalue().rstrip("\n")
