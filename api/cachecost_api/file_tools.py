"""Tools that read a file: a session's log, usage logs, a file of workloads.

What the file holds is given as text. Paths are read only below the folder that the user named when the server was
started, links resolved; a document that a file of workloads names has to be there too.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from cachecost.bills.months import over_months
from cachecost.documents.text import text_of
from cachecost.errors import BadUsage
from cachecost.files.reading import is_file, read
from cachecost.files.yaml_text import side_file
from cachecost.logs.names import Names
from cachecost.logs.tail import last_session, session_in
from cachecost.output.answers import ahead
from cachecost.output.answers.months import run_reply
from cachecost.output.records import Record
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.ahead import NEXT, looked_ahead
from cachecost.questions.context import counted_text
from cachecost.questions.switch import others
from cachecost.questions.word import Word
from cachecost.questions.words import MODEL, WORD
from cachecost.questions.workload_file import RUN, starts, workloads_of

from . import limits
from .answers import Tool
from .models import BY, POLICY, Parameters, of_words
from .replaying import Replay
from .sheets import SheetSet


class Given(NamedTuple):
    """The file of a question: its path, which need not exist where its text was given, and the folder below which
    paths are read, its links resolved, None where none is."""

    path: Path
    text: bytes | None
    folder: Path | None

    @property
    def content(self) -> bytes:
        return read(self.path, most=limits.UNPACKED, expected="a file") if self.text is None else self.text

    def beside(self, name: str) -> Path:
        """The path of a file beside this one. BadUsage outside of the folder, or without one."""
        if self.folder is None:
            raise BadUsage(f"{name}: files are not read here; start `cachecost mcp --files FOLDER` to allow a folder")
        if "\0" in name:
            raise BadUsage("a path holds no NUL", word="path")
        path = (self.path.parent / name).resolve()
        if not path.is_relative_to(self.folder):
            raise BadUsage(f"{name}: lies outside of {self.folder}, below which files may be read")
        return path


Solve = Callable[[Parameters, Given, SheetSet, datetime], Record]
REPLAY = (BY, MODEL, POLICY, WORD["region"], WORD["as_of"])


def tools_of(folder: Path | None) -> dict[str, Tool]:
    """The tools by their names; with a folder their words have a `path` as well."""
    folder = folder and folder.resolve()  # what lies beside a text is looked for from there, not from here

    def tool(name: str, what: str, summary: str, words: Iterable[Word], answer: Solve) -> tuple[str, Tool]:
        text = Field("" if folder else ..., max_length=limits.UPLOAD, description=f"The text of {what}.")
        path = Field("", max_length=4096, description=f"Instead, the path of {what}, from the folder of the server on.")
        fields: dict[str, Any] = {"text": (str, text)} | ({"path": (str, path)} if folder else {})
        return name, Tool(
            summary,
            of_words(f"{name}_words", words, **fields),
            lambda words, *how: answer(words, _given(words, folder), *how),
        )

    return dict(
        (
            tool("next", "a session's log", "What the next turn of a session costs, and what to do.", NEXT, _next),
            tool("run", "a file of workloads", "What a file of workloads costs month by month.", RUN, _run),
            tool("replay", "a usage log", "What a log cost, and under other policies.", REPLAY, _replay),
        )
    )


def _given(words: Parameters, folder: Path | None) -> Given:
    """The file that is given. BadUsage where there is not either a text or a path that may be read."""
    text, path = (getattr(words, name, "") for name in ("text", "path"))
    if bool(text) == bool(path):
        raise BadUsage("expected one of them: the text of the file, or its path", word="text")
    given = Given(Path(folder or "", "text"), text.encode(errors="replace") if text else None, folder)
    if not path:
        return given
    if not is_file(file := given.beside(path)):
        raise BadUsage(f"{path}: no such file in the folder of the server", word="path")
    return given._replace(path=file)


def _next(words: Parameters, given: Given, sheets: SheetSet, now: datetime) -> Record:
    session = last_session(given.path) if given.text is None else session_in(given.text, "the log")
    said, sheet = words.only(NEXT), session.sheet(Names(sheets.catalog))
    outlook = looked_ahead(said, session.requests, sheet, now, partial(others, said, sheets.catalog, sheets.sheet_at))
    return dict(ahead.reply(outlook, session.name).record())


def _run(words: Parameters, given: Given, sheets: SheetSet, now: datetime) -> Record:
    months = starts(words.only(RUN), now)

    def counter(document: str) -> Callable[[PriceSheet], int]:
        count = counted_text(text_of(given.beside(document)), sheets.catalog.folder)
        return lambda sheet: count(sheet)[1].tokens

    file = side_file(given.path, given.content, texts=True)
    traffic = workloads_of(file, sheet=partial(sheets.sheet_at, at=months[0]), counter=counter)
    return dict(run_reply([over_months(each, months) for each in traffic]).record())


def _replay(words: Parameters, given: Given, sheets: SheetSet, now: datetime) -> Record:
    return Replay(words, given.content, given.path.name).report(sheets, now)
