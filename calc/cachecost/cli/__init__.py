"""The command line: read arguments, ask the engine, hand the answer to render.

Exit codes: 0 success, 1 a failed check or a budget exceeded, 2 wrong usage or wrong data, 3 nothing could be priced
(`replay` with `--strict` or `--fail-over`: not everything), 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from ..errors import CachecostError, Refused
from .settings import COMMANDS, Known, defaults, options_of

OUTPUTS = ("out", "chart", "checkpoint")
"""Parameters that name files which a command writes."""


def _command(arguments: Sequence[str] = ()) -> Any:
    """The command tree with the command that is asked for; with all of them where none is, as for --help."""
    app = typer.Typer(
        name="cachecost",
        help="What N queries over a long context cost: sent fresh each time, or cached.",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    asked = next((each for each in arguments if each in COMMANDS), None)
    for name, room in COMMANDS.items():
        if asked in (None, name):
            found = getattr(import_module(f".{room}", __name__), name)
            app.add_typer(found, name=name) if isinstance(found, typer.Typer) else app.command(name)(found)
    return _with_checked_outputs(_with_shared_readers(_with_plain_flags(get_command(app))))


def _with_checked_outputs(command: Any) -> Any:
    """The tree with commands that look at their `--out` and other outputs before they run."""
    for child in getattr(command, "commands", {}).values():
        _with_checked_outputs(child)
    if any(option.name == "out" for option in command.params):
        run = command.invoke

        def checked(context: Any) -> Any:
            if any(context.params.get(name) for name in OUTPUTS):
                from .outputs import prepare

                prepare(context)
            return run(context)

        command.invoke = checked
    return command


def _with_plain_flags(command: Any) -> Any:
    """The tree with flags that show no type: typer would print `--json <bool>`, which reads as if a value were due."""
    for child in getattr(command, "commands", {}).values():
        _with_plain_flags(child)
    for option in command.params:
        if getattr(option, "is_flag", False):
            option.metavar = " "
    return command


def _with_shared_readers(command: Any) -> Any:
    """The tree with one reader for all options of a kind: typer builds one for each, half a millisecond a piece, though
    those of texts, lists and paths are alike. Where a typer keeps its readers elsewhere nothing is shared."""
    for child in getattr(command, "commands", {}).values():
        _with_shared_readers(child)
    readers: dict[Any, Any] = {}
    for option in command.params:
        if getattr(option, "_runtime_param", 0) is None and _is_plain(option.type_descriptor):
            kind = option.type_descriptor.annotation
            option._runtime_param = readers[kind] = readers.get(kind) or option.get_runtime_param()
    return command


def _is_plain(kind: Any) -> bool:
    """Whether a kind of value is read without anything that an option says of its own values."""
    return kind.annotation in (str, list[str], Path) and kind.parameter_info.parser is None


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"cachecost {version('cachecost')}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """What N queries over a long context cost: sent fresh each time, or cached."""


def _with_flag(error: CachecostError, known: Known) -> str:
    """The message of a refusal, where the word that opens it is the flag that a person typed."""
    from ..questions.words import word_of

    message, word = str(error), word_of(error)
    if not message.startswith(error.word) or not any(word in options for options in known.values()):
        return message
    return f"--{word.replace('_', '-')}{message.removeprefix(error.word)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every refusal is a message on stderr and exit 2, never a traceback."""
    asked = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    known: Known = {}
    try:
        command = _command(asked)
        known = options_of(command)
        settings = defaults(known, asked, everything=lambda: options_of(_command()))
        command(asked, prog_name="cachecost", default_map=settings)
    except CachecostError as error:
        print(f"cachecost: {_with_flag(error, known)}", file=sys.stderr)
        sys.exit(3 if isinstance(error, Refused) else 2)
    except KeyboardInterrupt:
        sys.exit(130)
