"""The same answer on a terminal and in a pipe: rich where somebody looks, plain text where a program reads."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

from .table import Table

NARROW = 40


class Screen:
    """Collects what is to be shown and prints it in one go; `width` is the terminal's, or none in a pipe."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
        self.width = max(NARROW, shutil.get_terminal_size().columns) if self.live else None
        self._parts: list[tuple[str, str | Table]] = []

    def text(self, text: str, style: str = "") -> None:
        self._parts.append((style, text))

    def table(self, table: Table) -> None:
        """Show a table; its spare columns are left out, one after another, until it fits the width."""
        for heading in table.spare:
            if self.width is None or table.width() <= self.width:
                break
            table = table.without(heading)
        self._parts.append(("", table))

    def show(self) -> None:
        if not self.live:
            print(self.plain())
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, width=self.width)
        for style, part in self._parts:
            if isinstance(part, Table):
                console.print(_rich(part))
            else:
                console.print(Text(part, style=style), soft_wrap=True)

    def plain(self) -> str:
        """Everything as plain text, paragraphs on one line each."""
        return "\n".join(part.as_text() if isinstance(part, Table) else part for _, part in self._parts)


def _rich(table: Table) -> object:
    from rich import box
    from rich.table import Table as RichTable

    shown = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for heading in table.headings:
        shown.add_column(heading, justify="right" if heading in table.right else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*row)
    return shown


def wrapped(text: str, width: int | None, indent: str = "  ") -> str:
    """A paragraph broken at the width, its later lines indented."""
    if width is None:
        return text
    return textwrap.fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
