"""An answer in every form: a page for people on a terminal or in markdown, a record for JSON, rows for CSV."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from .escapes import in_markdown, visible_lines
from .screen import Screen
from .table import Table

FIGURES = (
    *("total", "range", "more", "per query", "savings", "saved", "max saving", "no cache", "discount", "pays above"),
    *("per hour", "per day", "in 30 days", "tokens", "quantity", "rate", "amount"),
)
"""Columns of figures in the tables of bills."""


class AnswerFormat(StrEnum):
    """How an answer is written."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class _Shown(Protocol):
    def on_screen(self) -> Screen: ...

    def markdown(self) -> str: ...


class Page(NamedTuple):
    """An answer for people. `about` are lines on how it was counted; `drawing` is shown in place of the tables where
    there is a screen; `airy` pages have empty lines between their parts. The `verdict` of a block stands below its
    tables, in place of the sentence at the end."""

    head: str
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    sources: Sequence[str] = ()
    sentence: str = ""
    about: Sequence[str] = ()
    drawing: Callable[[Screen], None] | None = None
    airy: bool = True
    verdict: str = ""

    def _about(self) -> list[str]:
        """The lines on how it was counted, one for each model where they differ."""
        return [line for lines in self.about for line in lines.split("\n") if line]

    def on_screen(self) -> Screen:
        """The page for a terminal or a pipe; its sentence comes last."""
        screen = Screen(airy=self.airy)
        if self.head:
            screen.paragraph(self.head, "bold")
        for line in self._about():
            screen.paragraph(line)
        screen.space()
        if self.drawing:
            self.drawing(screen)
        for place, table in enumerate(() if self.drawing else self.tables):
            screen.table(table)
            if self.verdict and place == 0:
                screen.paragraph(f"→ {self.verdict}", "bold")
            if not self.verdict or len(self.tables) > 1:
                screen.space()
        for note in self.notes:
            screen.paragraph(f"! {note}", "yellow")
        for line in self.sources:
            screen.paragraph(line, "dim")
        if self.sentence:
            screen.space()
            screen.paragraph(self.sentence, "bold", indent="")
        return screen

    def markdown(self) -> str:
        head, *about = map(in_markdown, [self.head, *self._about()])
        notes = "\n".join(f"- {in_markdown(note)}" for note in self.notes)
        verdict, sentence = (text and f"**{in_markdown(text)}**" for text in (self.verdict, self.sentence))
        tables = [table.as_markdown() for table in self.tables]
        tables.insert(1, verdict)
        return "\n\n".join(filter(None, [head, *about, *tables, notes, *map(in_markdown, self.sources), sentence]))


ROUNDED = "Amounts are rounded here; --json has every digit."
UNSERVED = 3
"""The exit code where nothing could be priced."""


class Reply(NamedTuple):
    """An answer in every form, each made only where it is asked for, and the exit code of a command that answers so."""

    page: Callable[[], _Shown]
    record: Callable[[], Any]
    rows: Callable[[], Table]
    exit_code: int = 0


def _changed(reply: Reply, page: Callable[[Page], Page], record: Callable[[Any], Any] = lambda answer: answer) -> Reply:
    """An answer with another page and record. What is no page, such as a report, and what is no object, such as a list
    of rates in which each names its model, stays."""

    def shown() -> _Shown:
        before = reply.page()
        return page(before) if isinstance(before, Page) else before

    def recorded() -> Any:
        before = reply.record()
        return record(before) if isinstance(before, dict) else before

    return reply._replace(page=shown, record=recorded)


def sourced(reply: Reply, sources: Sequence[str]) -> Reply:
    """An answer whose page names more sources."""
    return _changed(reply, lambda page: page._replace(sources=[*page.sources, *sources]))


def counting(reply: Reply, counted: str) -> Reply:
    """An answer that says how the tokens of its documents were counted; the answer itself where there are none."""
    if not counted:
        return reply
    return _changed(
        reply,
        lambda page: page._replace(about=[counted, *page.about]),
        lambda answer: answer | {"counted": counted},
    )


def naming(reply: Reply, names: Mapping[str, str]) -> Reply:
    """An answer that says first which model each short name of its question means; the answer itself without any."""
    if not names:
        return reply
    text = ", ".join(f"{name} = {model}" for name, model in names.items())
    first = {"names": dict(names)}
    return _changed(
        reply,
        lambda page: page._replace(about=[text, *page.about]),
        lambda answer: {"schema_version": answer["schema_version"]} | first | answer,
    )


def show(reply: Reply, format: AnswerFormat, out: Path | None = None) -> None:
    """Write an answer to stdout or to a file, in the format that is asked for."""
    if format is AnswerFormat.table:
        show_screen(reply.page().on_screen(), out)
    elif format is AnswerFormat.markdown:
        emit(reply.page().markdown(), out)
    else:
        emit(as_json(reply.record()) if format is AnswerFormat.json else reply.rows().as_csv(), out)


def show_screen(screen: Screen, out: Path | None = None) -> None:
    """Write what people look at; a file gets it as plain text."""
    if out:
        emit(screen.plain(), out)
    else:
        screen.show()


def emit(text: str, out: Path | None = None) -> None:
    """Write a text and a line end to stdout, or to a file."""
    with target(out) as write:
        write(text + "\n")


@contextmanager
def target(out: Path | None) -> Iterator[Callable[[str], int]]:
    """What writes an answer: into a file, or to stdout."""
    if out:
        from ..files.output import written

        with written(out) as file:
            yield lambda text: file.write(text.encode(errors="backslashreplace"))
        return
    yield sys.stdout.write


def as_json(record: Any) -> str:
    """A record as JSON that people can read too."""
    import json

    return visible_lines(json.dumps(record, ensure_ascii=False, indent=2))
