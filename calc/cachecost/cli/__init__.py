"""The command line: read arguments, ask the engine, hand the answer to render.

Exit codes: 0 fine, 1 a failed check or a budget exceeded, 2 wrong usage or wrong data.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from inspect import signature

import typer

from ..errors import CachecostError
from .settings import COMMANDS, defaults

app = typer.Typer(
    name="cachecost",
    help="What N queries over a long context cost: sent fresh each time, or cached.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _register(arguments: list[str]) -> None:
    """Load the command that is asked for; all of them where none is, as for --help."""
    asked = next((each for each in arguments if each in COMMANDS), None)
    for name, room in COMMANDS.items():
        if asked in (None, name):
            found = getattr(import_module(f".{room}", __name__), name)
            app.add_typer(found, name=name) if isinstance(found, typer.Typer) else app.command(name)(found)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"cachecost {version('cachecost')}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """What N queries over a long context cost: sent fresh each time, or cached."""


def _with_flag(message: str) -> str:
    """The engine's word at the beginning of a message, as the flag that a person typed."""
    word, colon, rest = message.partition(": ")
    callbacks = [command.callback for command in app.registered_commands if command.callback]
    flags = {name.rstrip("_") for callback in callbacks for name in signature(callback).parameters}
    if colon and word in flags:
        return f"--{word.replace('_', '-')}: {rest}"
    return message


def main() -> None:
    """Run the command line; every refusal is a message on stderr and exit 2, never a traceback."""
    try:
        _register(sys.argv[1:])
        app(default_map=defaults())
    except CachecostError as error:
        print(f"cachecost: {_with_flag(str(error))}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
