"""`cachecost skill` and `cachecost mcp`: for agents that ask by themselves."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from ...errors import BadUsage
from ...files.reading import is_folder
from ...output.reply import emit
from .. import options

SKILL = Path(__file__).parents[1] / "SKILL.md"


def skill(out: options.Out = None) -> None:
    """Print a skill for coding agents: when and how to ask.

    cachecost skill > .claude/skills/cachecost/SKILL.md
    """
    emit(SKILL.read_text(encoding="utf-8").rstrip("\n"), out)


FILES = typer.Option("--files", metavar="DIR", help="Let tools read files below this folder (default: none).")


def mcp(prices: options.Prices = None, files: Annotated[Path | None, FILES] = None) -> None:
    """Answer agents over the Model Context Protocol (MCP).

    On stdin and stdout. The tools are the questions of the HTTP API, and next, run and replay, which take the text of
    a file; with --files a path too.

    cachecost mcp
    cachecost mcp --files ~/.claude/projects
    """
    if files is not None and not is_folder(files):
        raise BadUsage(f"{files} is not a folder", word="files")
    folder = options.catalog(prices).folder
    try:
        import_module("mcp.server.lowlevel")
    except ImportError:
        from ...files.installed import install

        raise BadUsage(f"agents are answered by another package: {install('mcp')}") from None
    import_module("cachecost_api.tools").serve(folder, files)
