"""A server of the Model Context Protocol over stdio: its tools are the questions of the API, in the same words, and
those about files.

https://modelcontextprotocol.io/specification. The package `mcp` comes with the extra of that name.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cachecost import clock
from cachecost.errors import CachecostError

from .answers import QUESTIONS, Tool
from .file_tools import tools_of
from .problems import Refusal, invalid_words
from .routes import prompts, questions, quotes
from .sheets import SheetSet, Shelf

DECLARED = (questions, prompts, quotes)
"""The modules whose questions are the tools."""


def every_tool(files: Path | None = None) -> dict[str, Tool]:
    """All tools by their names; `files`: the folder below which paths are read, if any."""
    return QUESTIONS | tools_of(files)


def answer(tools: Mapping[str, Tool], name: str, arguments: dict[str, Any], sheets: SheetSet) -> tuple[Any, bool]:
    """The record of an answer, or its rows, and whether it is a refusal: then `error` says what was expected."""
    if name not in tools:
        return {"error": f"{name!r} is not a tool; expected {', '.join(tools)}"}, True
    try:
        return tools[name].answer(tools[name].words(**arguments), sheets, clock.now()), False
    except ValidationError as error:
        faults = ({**each, "loc": ("tool", *each["loc"])} for each in error.errors())
        fields = tools[name].words.model_fields
        return {"error": "; ".join(each["detail"] for each in invalid_words(faults, lambda _: fields))}, True
    except (CachecostError, Refusal) as error:
        return {"error": error.detail if isinstance(error, Refusal) else str(error)}, True


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
