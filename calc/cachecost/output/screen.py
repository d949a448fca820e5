"""The same answer on a terminal and in a pipe: rich on a terminal, plain text for programs."""

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from .escapes import visible, visible_lines
from .table import Table

NARROW = 40


class ScreenLine(NamedTuple):
    """A line of the screen, or several. `cells`: parts of it in another style, from one character to before another.
    `indent`: that of the later lines of a paragraph, which is broken at the width; None where it stays as it is."""

    style: str
    text: str
    cells: Sequence[tuple[str, int, int]] = ()
    indent: str | None = None

    def fitted(self, width: int) -> str:
        if self.indent is None:
            return self.text
        whole_words = textwrap.TextWrapper(
            width, subsequent_indent=self.indent, break_long_words=False, break_on_hyphens=False
        )
        return whole_words.fill(self.text)


EMPTY = ScreenLine("", "")


class Screen:
    """Collects what is to be shown and prints it in one go; `width` is the terminal's, or none in a pipe."""

    def __init__(self, *, airy: bool = True) -> None:
        self.airy = airy
        self.live = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
        self.width = max(NARROW, shutil.get_terminal_size().columns) if self.live else None
        self._parts: list[ScreenLine | Table] = []

    def text(self, text: str, style: str = "") -> None:
        """Show a text as it stands, line for line."""
        self._parts.append(ScreenLine(style, visible_lines(text)))

    def drawn(self, text: str, cells: Sequence[tuple[str, int, int]]) -> None:
        """Show one line of a picture, with a style for each of some parts; as a paragraph where it is too wide."""
        if self.width and len(text) > self.width:
            self.paragraph(text, indent="    ")
        else:
            self._parts.append(ScreenLine("", visible(text), cells))

    def paragraph(self, text: str, style: str = "", indent: str = "  ") -> None:
        """Show a text broken at the terminal's width, its later lines indented; in a pipe on one line."""
        self._parts.append(ScreenLine(style, visible(text), indent=indent))

    def table(self, table: Table) -> None:
        """Show a table; on a terminal its spare columns are left out, one after another, until it fits the width."""
        self._parts.append(table.visible())

    def space(self) -> None:
        """An empty line below what is shown so far, once, where the screen is airy."""
        if self.airy and self._parts and self._parts[-1] != EMPTY:
            self._parts.append(EMPTY)

    def show(self) -> None:
        if self.width is None:
            print(self.plain())
            return
        from rich.console import Console
        from rich.text import Text

        plain = bool(os.environ.get("NO_COLOR"))
        console = Console(highlight=False, width=self.width, color_system=None if plain else "auto")
        for part in self._parts:
            for line in _lines(part, self.width) if isinstance(part, Table) else [part]:
                text = Text(line.fitted(self.width), style=line.style)
                for cell in line.cells:
                    text.stylize(*cell)
                console.print(text, soft_wrap=True)

    def plain(self) -> str:
        """Everything as plain text, paragraphs on one line each."""
        return "\n".join(part.as_text() if isinstance(part, Table) else part.text for part in self._parts)


def _lines(table: Table, width: int) -> list[ScreenLine]:
    """A table as styled lines: in full where it fits, else its first column on a line above the others,
    and where even that is too wide one figure a line."""
    fitting = table.fitted(width)
    if fitting.width() <= width:
        head, *rows = fitting.as_text().split("\n")
        rule = [ScreenLine("", "─" * fitting.width())] if table.ruled else []
        return [ScreenLine("bold", head), *rule, *(_row(fitting, place, row) for place, row in enumerate(rows))]
    inner = table.without(table.headings[0]).fitted(width - 2)
    if inner.width() > width - 2:
        return _figures(table)
    head, *rows = inner.as_text().split("\n")
    lines = [
        ScreenLine("bold", table.headings[0]),
        ScreenLine("bold", f"  {head}"),
        ScreenLine("", "─" * (inner.width() + 2)),
    ]
    for place, ((lead, *_), row) in enumerate(zip(table.rows, rows, strict=True)):
        style = table.styles.get((place, table.headings[0]), "")
        lines += [ScreenLine(style, lead, indent="    ")] if lead else []
        lines.append(_row(inner, place, f"  {row}", indent=2))
    return lines


def _row(table: Table, place: int, text: str, indent: int = 0) -> ScreenLine:
    cells = [
        (style, begin + indent, end + indent)
        for heading, (begin, end) in (table.places() if table.styles else {}).items()
        if (style := table.styles.get((place, heading)))
    ]
    return ScreenLine("", text, cells)


def _figures(table: Table) -> list[ScreenLine]:
    """Every row as its first cell, then a line for each other cell that says something."""
    first, *others = table.headings
    lines = []
    for place, (lead, *cells) in enumerate(table.rows):
        lines.append(ScreenLine("bold", f"{first} {lead}", indent="    "))
        for heading, cell in zip(others, cells, strict=True):
            if cell.strip("-"):
                lines.append(ScreenLine(table.styles.get((place, heading), ""), f"  {heading} {cell}", indent="    "))
    return lines
