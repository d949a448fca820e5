"""`cachecost serve`, `mcp` and `skill`: the same answers over HTTP with a page, for agents, and how agents ask."""

import os
import re
import socket
import time
import webbrowser
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import typer

from ...errors import BadUsage
from ...files.reading import is_folder
from ...output.reply import emit
from .. import options

APP, WIRE = "cachecost_api:app", "cachecost_api.middleware.protocol:Patient"
PATIENCE = 10
"""Seconds that running requests have to finish when the server stops."""
STARTING = 60
"""Seconds after which one of several processes that does not answer is started anew. They answer only once Python has
started, and uvicorn's 5 seconds are too few on a busy machine: it would start them again and again."""
CORS = typer.Option(metavar="ORIGIN", help="Pages of this origin may ask: https://example.org. Repeatable.")
EMBED = typer.Option(metavar="ORIGIN", help="Sites of this origin may show the page in a frame. Repeatable.")
SKILL = Path(__file__).parents[1] / "SKILL.md"
FILES = typer.Option("--files", metavar="DIR", help="Let tools read files below this folder (default: none).")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
"""Addresses that mean every one of this machine, and one at which a browser here finds it."""


def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 for everybody.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8000,
    prices: options.Prices = None,
    workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes that answer.")] = 1,
    cors: Annotated[list[str], CORS] = [],  # noqa: B006
    embed: Annotated[list[str], EMBED] = [],  # noqa: B006
    open: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Answer over HTTP, with a page at / and a reference at /docs.

    Example: cachecost serve --port 8000
    """
    for word, origins in (("cors", cors), ("embed", embed)):
        for origin in origins:
            if not re.fullmatch(r"\*|https?://[^\s/?#@,;]+", origin):
                raise BadUsage(f"expected an origin such as https://example.org, not {origin!r}", word=word)
    catalog = options.catalog(prices)
    port = _free(host, port)
    # Settings reach the processes that answer through their environment.
    os.environ["CACHECOST_PRICES"] = str(catalog.folder.absolute())
    if cors:
        os.environ["CACHECOST_CORS"] = ",".join(cors)
    if embed:
        os.environ["CACHECOST_EMBED"] = ",".join(embed)
    import_module("cachecost_api")  # a setting that it cannot read is refused here, not inside uvicorn
    uvicorn: Any = import_module("uvicorn")
    ours = import_module("cachecost_api.middleware.logs").TO_STDERR
    loggers = ours["loggers"] | {"uvicorn": ours["loggers"]["cachecost"]}  # what the server itself says, too
    Thread(target=_announce, args=(EVERYWHERE.get(host, host), port, open), daemon=True).start()
    uvicorn.run(
        APP,
        host=host,
        port=port,
        workers=workers,
        http=WIRE,
        access_log=False,
        log_config=ours | {"loggers": loggers},
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
        timeout_worker_healthcheck=STARTING,
    )


def _announce(host: str, port: int, open: bool) -> None:
    """Say where the page is, and open it, once the server listens."""
    while True:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            break
        time.sleep(1 / 20)
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    typer.echo(f"Open {url}")
    if open:
        webbrowser.open(url)


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0. Refuse an address that is taken or not ours: uvicorn would only log it, and exit
    with another code than 2."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            free: int = listening.getsockname()[1]
            return free
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadUsage(f"{host}:{port} cannot be listened at: {reason}; name another --port or --host") from None


def skill(out: options.Out = None) -> None:
    """Print a skill for coding agents: when and how to ask.

    cachecost skill > .claude/skills/cachecost/SKILL.md
    """
    emit(SKILL.read_text(encoding="utf-8").rstrip("\n"), out)


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
