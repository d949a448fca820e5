"""A server of the Model Context Protocol over stdio: its tools are the questions of the API, in the same words, and
those that read a file: a session's log, usage logs, a file of workloads.

What a file holds is given as text. Paths are read only below the folder that the user named when the server was
started, links resolved; a document that a file of workloads names has to be there too.

https://modelcontextprotocol.io/specification. The package `mcp` comes with the extra of that name.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from cachecost import clock
from cachecost.bills.months import over_months
from cachecost.documents.text import text_of
from cachecost.errors import BadUsage, CachecostError
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
from .answers import QUESTIONS, Tool
from .models import BY, POLICY, of_words
from .problems import RefusedRequest, invalid_words
from .replaying import Replay
from .sheets import Inquiry, SheetSet, Shelf

REPLAY = (BY, MODEL, POLICY, WORD["region"], WORD["as_of"])


class _Given(NamedTuple):
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


def every_tool(files: Path | None = None) -> dict[str, Tool]:
    """All tools by their names. With `files`, the folder below which paths are read, those that read a file have a
    `path` as well."""
    folder = files and files.resolve()  # what lies beside a text is looked for from there, not from here

    def tool(what: str, summary: str, words: Iterable[Word], answer: Callable[[Inquiry, _Given], Record]) -> Tool:
        text = Field("" if folder else ..., max_length=limits.UPLOAD, description=f"The text of {what}.")
        path = Field("", max_length=4096, description=f"Instead, the path of {what}, from the folder of the server on.")
        fields: dict[str, Any] = {"text": (str, text)} | ({"path": (str, path)} if folder else {})
        model = of_words(f"{answer.__name__[1:]}_words", words, **fields)
        return Tool(summary, model, lambda inquiry: answer(inquiry, _given(inquiry, folder)))

    return QUESTIONS | {
        "next": tool("a session's log", "What the next turn of a session costs, and what to do.", NEXT, _next),
        "run": tool("a file of workloads", "What a file of workloads costs month by month.", RUN, _run),
        "replay": tool("a usage log", "What a log cost, and under other policies.", REPLAY, _replay),
    }


def _given(inquiry: Inquiry, folder: Path | None) -> _Given:
    """The file that is given. BadUsage where there is not either a text or a path that may be read."""
    text, path = (getattr(inquiry.parameters, name, "") for name in ("text", "path"))
    if bool(text) == bool(path):
        raise BadUsage("expected one of them: the text of the file, or its path", word="text")
    given = _Given(Path(folder or "", "text"), text.encode(errors="replace") if text else None, folder)
    if not path:
        return given
    if not is_file(file := given.beside(path)):
        raise BadUsage(f"{path}: no such file in the folder of the server", word="path")
    return given._replace(path=file)


def _next(inquiry: Inquiry, given: _Given) -> Record:
    session = last_session(given.path) if given.text is None else session_in(given.text, "the log")
    said, sheet = inquiry.parameters.only(NEXT), session.sheet(Names(inquiry.catalog))
    switches = partial(others, said, inquiry.catalog, inquiry.sheet_at)
    outlook = looked_ahead(said, session.requests, sheet, inquiry.now, switches)
    return dict(ahead.reply(outlook, session.name).record())


def _run(inquiry: Inquiry, given: _Given) -> Record:
    months = starts(inquiry.parameters.only(RUN), inquiry.now)

    def counter(document: str) -> Callable[[PriceSheet], int]:
        count = counted_text(text_of(given.beside(document)), inquiry.catalog.folder)
        return lambda sheet: count(sheet)[1].tokens

    file, find = side_file(given.path, given.content), partial(inquiry.sheet_at, at=months[0])
    traffic = workloads_of(file, sheet=find, counter=counter, folder=inquiry.catalog.folder)
    return dict(run_reply([over_months(each, months) for each in traffic]).record())


def _replay(inquiry: Inquiry, given: _Given) -> Record:
    return Replay(inquiry.parameters, given.content, given.path.name).report(inquiry)


def answer(tools: Mapping[str, Tool], name: str, arguments: dict[str, Any], sheets: SheetSet) -> tuple[Any, bool]:
    """The record of an answer, or its rows, and whether it is a refusal: then `error` says what was expected."""
    if name not in tools:
        return {"error": f"{name!r} is not a tool; expected {', '.join(tools)}"}, True
    tool = tools[name]
    try:
        return tool.answer(Inquiry(sheets, tool.words(**arguments), clock.now())), False
    except ValidationError as error:
        faults = ({**each, "loc": ("tool", *each["loc"])} for each in error.errors())
        words = invalid_words(faults, lambda _: tool.words.model_fields)
        return {"error": "; ".join(each["detail"] for each in words)}, True
    except (CachecostError, RefusedRequest) as error:
        return {"error": error.detail if isinstance(error, RefusedRequest) else str(error)}, True


def serve(folder: Path, files: Path | None = None) -> None:
    """Answer on stdin and stdout until stdin ends. ImportError where `mcp` is not installed."""
    lowlevel, stdio = import_module("mcp.server.lowlevel"), import_module("mcp.server.stdio")
    types, shelf, tools = import_module("mcp.types"), Shelf(folder), every_tool(files)
    listing = [
        types.Tool(name=name, description=tool.summary, input_schema=tool.words.model_json_schema())
        for name, tool in tools.items()
    ]

    async def listed(context: Any, parameters: Any) -> Any:
        return types.ListToolsResult(tools=listing)

    async def called(context: Any, parameters: Any) -> Any:
        work: Callable[[], Any] = lambda: answer(tools, parameters.name, parameters.arguments or {}, shelf.current)  # noqa: E731
        record, refused = await asyncio.to_thread(work)
        text = types.TextContent(type="text", text=json.dumps(record, ensure_ascii=False))
        # The protocol has objects alone: a list is the `result` of one, as in the official SDK.
        structured = record if isinstance(record, dict) else {"result": record}
        return types.CallToolResult(content=[text], structured_content=structured, is_error=refused)

    server = lowlevel.Server("cachecost", version=version("cachecost"), on_list_tools=listed, on_call_tool=called)

    async def run() -> None:
        async with stdio.stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    asyncio.run(run())
