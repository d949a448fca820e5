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


class Line(NamedTuple):
    """A line of the screen, or several of a paragraph. `cells`: parts of it in another style, from one
    character to before another."""

    style: str
    text: str
    cells: Sequence[tuple[str, int, int]] = ()


class Screen:
    """Collects what is to be shown and prints it in one go; `width` is the terminal's, or none in a pipe."""

    def __init__(self, *, airy: bool = True) -> None:
        self.airy = airy
        self.live = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
        self.width = max(NARROW, shutil.get_terminal_size().columns) if self.live else None
        self._parts: list[tuple[str, str | Table | Line, str | None]] = []

    def text(self, text: str, style: str = "") -> None:
        """Show a text as it stands, line for line."""
        self._parts.append((style, visible_lines(text), None))

    def drawn(self, text: str, cells: Sequence[tuple[str, int, int]]) -> None:
        """Show one line of a picture, with a style for each of some parts; as a paragraph where it is too wide."""
        if self.width and len(text) > self.width:
            self.paragraph(text, indent="    ")
        else:
            self._parts.append(("", Line("", visible(text), cells), None))

    def paragraph(self, text: str, style: str = "", indent: str = "  ") -> None:
        """Show a text broken at the terminal's width, its later lines indented; in a pipe on one line."""
        self._parts.append((style, visible(text), indent))

    def table(self, table: Table) -> None:
        """Show a table; on a terminal its spare columns are left out, one after another, until it fits the width."""
        self._parts.append(("", table.visible(), None))

    def space(self) -> None:
        """An empty line below what is shown so far, once, where the screen is airy."""
        if self.airy and self._parts and self._parts[-1][1]:
            self.text("")

    def show(self) -> None:
        if self.width is None:
            print(self.plain())
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(
            highlight=False, width=self.width, color_system=None if os.environ.get("NO_COLOR") else "auto"
        )
        for style, part, indent in self._parts:
            if isinstance(part, str):
                lines = _paragraph(part, style, indent, self.width)
            else:
                lines = _lines(part, self.width) if isinstance(part, Table) else [part]
            for line in lines:
                text = Text(line.text, style=line.style)
                for cell in line.cells:
                    text.stylize(*cell)
                console.print(text, soft_wrap=True)

    def plain(self) -> str:
        """Everything as plain text, paragraphs on one line each."""
        return "\n".join(_as_text(part) for _, part, _ in self._parts)


def _as_text(part: str | Table | Line) -> str:
    if isinstance(part, str):
        return part
    return part.as_text() if isinstance(part, Table) else part.text


def _lines(table: Table, width: int) -> list[Line]:
    """A table as styled lines: in full where it fits, else its first column on a line above the others,
    and where even that is too wide one figure a line."""
    fitting = table.fitted(width)
    if fitting.width() <= width:
        head, *rows = fitting.as_text().split("\n")
        rule = [Line("", "─" * fitting.width())] if table.ruled else []
        return [Line("bold", head), *rule, *(_row(fitting, place, row) for place, row in enumerate(rows))]
    inner = table.without(table.headings[0]).fitted(width - 2)
    if inner.width() > width - 2:
        return _figures(table, width)
    head, *rows = inner.as_text().split("\n")
    lines = [Line("bold", table.headings[0]), Line("bold", f"  {head}"), Line("", "─" * (inner.width() + 2))]
    for place, ((lead, *_), row) in enumerate(zip(table.rows, rows, strict=True)):
        lines += _paragraph(lead, table.styles.get((place, table.headings[0]), ""), "    ", width) if lead else []
        lines.append(_row(inner, place, f"  {row}", indent=2))
    return lines


def _row(table: Table, place: int, text: str, indent: int = 0) -> Line:
    cells = [
        (style, begin + indent, end + indent)
        for heading, (begin, end) in (table.places() if table.styles else {}).items()
        if (style := table.styles.get((place, heading)))
    ]
    return Line("", text, cells)


def _figures(table: Table, width: int) -> list[Line]:
    """Every row as its first cell, then a line for each other cell that says something."""
    first, *others = table.headings
    lines = []
    for place, (lead, *cells) in enumerate(table.rows):
        lines += _paragraph(f"{first} {lead}", "bold", "    ", width)
        for heading, cell in zip(others, cells, strict=True):
            style = table.styles.get((place, heading), "")
            lines += _paragraph(f"  {heading} {cell}", style, "    ", width) if cell.strip("-") else []
    return lines


def _paragraph(text: str, style: str, indent: str | None, width: int) -> list[Line]:
    if indent is None:
        return [Line(style, text)]
    wrapper = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [Line(style, wrapper.fill(text))]
