"""The command line: read arguments, ask the engine, hand the answer to render.

Exit codes: 0 success, 1 a failed check or a budget exceeded, 2 wrong usage or wrong data, 3 nothing could be priced
(with `--fail-over`, and `replay` with `--strict`: not everything), 130 stopped with Ctrl-C.
"""

import io
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from enum import StrEnum
from errno import EBADF
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, get_args

import typer
from typer.main import get_command

from ..errors import BadSheet, BadUsage, CachecostError, Refused
from ..output.escapes import in_message
from .completion import words_before
from .help import adapt, first_line
from .progress import message
from .settings import COMMANDS, OUTPUTS, by_flag, defaults, options_of

EXAMPLE = "compare claude gemini gpt -c 150K -n 50"
"""What `cachecost` alone shows at work."""
NEXT = """
Ask     cachecost compare MODEL... -c TOKENS -n QUERIES, or -f DOCUMENT
Prices  cachecost models; cachecost show MODEL
Logs    cachecost replay
Serve   cachecost serve
More    cachecost --help; cachecost explain; cachecost --install-completion"""
LISTING = (["--help"], ["-h"])


def _command(arguments: Sequence[str] = ()) -> Any:
    """The command tree with the command that is asked for; with all of them where none is. For a list of the commands
    alone none is loaded, which would take longer than to show it: each is stood in for by its help."""
    app = typer.Typer(
        name="cachecost",
        help="What N queries over a long context cost: sent fresh each time, or cached.",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    typed = arguments if (before := words_before()) is None else before
    wanted = next((each for each in typed if each in COMMANDS), None)
    listing = list(arguments) in LISTING or (before is not None and not wanted)
    for name, file in COMMANDS.items():
        if listing:
            app.command(name, help=first_line(file, name))(lambda: None)
        elif wanted in (None, name):
            module = import_module(f".{file}", __package__)
            if group := getattr(module, "group", None):
                app.add_typer(group, name=name)
            else:
                app.command(name)(getattr(module, name))
    command = _adapted(get_command(app))
    command.make_context = partial(_with_plain_refusals, command.make_context)
    command.invoke = partial(_with_plain_refusals, command.invoke)
    return command


def _adapted(command: Any) -> Any:
    """The tree with short help, and commands that read their settings, look at their outputs before they run, and have
    light readers of values."""
    children = getattr(command, "commands", {})
    for child in children.values():
        _adapted(child)
    if not children:
        command.make_context = partial(_with_settings, command.make_context, command)
    adapt(command)
    if any(option.name == "out" for option in command.params):
        command.invoke = partial(_with_checked_outputs, command.invoke)
    command.get_params = partial(_with_light_readers, command.get_params)
    return command


def _with_settings(make: Any, command: Any, name: str, arguments: list[str], parent: Any = None, **more: Any) -> Any:
    if words_before() is None:  # a shell that completes needs no settings
        table = parent.info_name if parent and parent.parent else name
        known = options_of(command)
        more["default_map"] = defaults(table, known, arguments, everything=lambda: _command().commands)
    return make(name, arguments, parent, **more)


def _with_checked_outputs(run: Any, context: Any) -> Any:
    formats = by_flag(context, "format", "json")
    if len(formats) == 2 and context.params["json"] and (said := context.params["format"].value) != "json":
        raise BadUsage(f"the format is {said} too; leave one of the two out", word="json")
    if any(context.params.get(name) for name in OUTPUTS):
        from .outputs import prepare

        prepare(context)
    return run(context)


def _with_plain_refusals(run: Any, *arguments: Any, **named: Any) -> Any:
    """What typer refuses by itself, such as an unknown flag, in one line like every other refusal; BadUsage."""
    try:
        return run(*arguments, **named)
    except Exception as error:
        if not hasattr(error, "format_message") or type(error).__name__ == "NoArgsIsHelpError":
            raise
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "cachecost"
        said = in_message(error.format_message()).strip().removesuffix(".").replace("Value error, ", "")
        raise BadUsage(f"{said}{'' if said[-1:] == '?' else ';'} see `{command} --help`") from None


def _with_light_readers(parameters: Any, context: Any) -> Any:
    """The parameters of a command, --help among them, without typer's readers of values: those load pydantic, which
    takes longer than most answers. Where a typer keeps its readers elsewhere nothing changes."""
    values = parameters(context)
    for option in values:
        if getattr(option, "_runtime_param", 0) is None and option.type_descriptor.parameter_info.parser is None:
            option._runtime_param = SimpleNamespace(coerce=_read)
    return values


def _read(value: Any, *, param: Any, ctx: Any) -> Any:
    """The value of an option: texts and paths, one or several, words of a list, and what has its type already; all
    else, and what is wrong, is read by typer."""
    if value is None:
        return () if param.multiple or param.nargs == -1 else None
    kind = param.type_descriptor.annotation
    if kind in (list[str], list[Path]) and isinstance(value, list | tuple):
        return [get_args(kind)[0](each) for each in value]
    if isinstance(kind, type):
        if isinstance(value, kind):
            return value
        if isinstance(value, str) and (kind is Path or (issubclass(kind, StrEnum) and value in [*kind])):
            return kind(value)
    from typer._coercion import build_runtime_param

    return build_runtime_param(param.type_descriptor).coerce(value, param=param, ctx=ctx)


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


def _with_flag(error: CachecostError, known: Collection[str]) -> str:
    """The message of a refusal, where the word that opens it is the flag that a person typed."""
    from ..questions.words import WORD, word_of

    text, word = str(error), word_of(error)
    if not text.startswith(error.word) or word not in known:
        return text
    flag = WORD[word].flags[0] if word in WORD else f"--{word.replace('_', '-')}"
    return f"{flag}{text.removeprefix(error.word)}"


class _Closed(io.TextIOBase):
    """A standard stream that the caller has closed: using it is a fault like any other of a file."""

    def __init__(self, name: str) -> None:
        self._name = name

    def write(self, text: str) -> int:
        raise OSError(EBADF, "is closed", self._name)

    @property
    def buffer(self) -> Any:
        raise OSError(EBADF, "is closed", self._name)


def _prepare_streams() -> None:
    """Give closed streams a stand-in, so that an answer never goes where a message should, or the other way round."""
    sys.stdin = sys.stdin or _Closed("standard input")
    sys.stdout = sys.stdout or _Closed("standard output")
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _standing_for(stream: Any) -> tuple[Any, ...]:
    """What tells one stream, and the file behind it, from another."""
    with suppress(OSError, ValueError, AttributeError):
        file = os.fstat(stream.fileno())
        return id(stream), file.st_dev, file.st_ino
    return (id(stream),)


def _leave(code: str | int | None) -> NoReturn:
    """End with a code whatever is still in a buffer: where a full or closed stream does not take it, Python would say
    so at its exit and change the code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _as_flags(words: list[str]) -> list[str]:
    """`help compare` and `version` as the flags that say the same."""
    if words[:1] == ["help"]:
        return [*words[1:], "--help"]
    return ["--version"] if words == ["version"] else words


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every refusal is a message on stderr and exit 2, never a traceback."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    greets = not typed and words_before() is None
    words = EXAMPLE.split() if greets else _as_flags(typed)
    _prepare_streams()
    stdout = _standing_for(sys.stdout)
    known: Collection[str] = ()
    try:
        command = _command(words)
        known = options_of(command)
        try:
            if greets:
                print(f"$ cachecost {EXAMPLE}\n")
            command(words, prog_name="cachecost")
        finally:
            if greets:
                print(NEXT)
            sys.stdout.flush()
    except SystemExit as stopped:
        # click and rich end with 1 where the reader of stdout has left, and put something else in its place
        _leave(0 if _standing_for(sys.stdout) != stdout else stopped.code)
    except CachecostError as error:
        message(*(map(str, error.faults) if isinstance(error, BadSheet) else [_with_flag(error, known)]))
        _leave(3 if isinstance(error, Refused) else 2)
    except BrokenPipeError:
        _leave(0)  # the reader of the pipe has closed it, as head does
    except OSError as error:
        place = error.filename or "the answer cannot be written to standard output"
        message(f"{place}: {(error.strerror or str(error)).lower()}")
        _leave(2)
    except KeyboardInterrupt:
        _leave(130)
