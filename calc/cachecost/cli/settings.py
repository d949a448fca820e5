"""Defaults of options: the environment, then `./.cachecost.toml`, then the user's config folder; flags win.

The file in the current folder may have come with a download, so it holds words of a question alone: what names files,
hosts, price sheets or engines is taken from flags, the environment and the user's own file.

`CACHECOST_QUESTION=200` holds for every command that has `--question`. In a file keys before any table hold for
every command, a table `[compare]` for one. A key that no command has is refused in a file, since it would be a
slip that changes a bill; in the environment other programs may have put it there.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import BadQuantity
from ..files.reading import is_there, read

COMMANDS = {
    "compare": "commands.compare",
    "plan": "commands.plan",
    "curve": "commands.charts",
    "sweep": "commands.charts",
    "quote": "commands.quote",
    "models": "commands.reference",
    "show": "commands.reference",
    "replay": "replay",
    "next": "commands.next",
    "run": "commands.workloads",
    "diff": "commands.workloads",
    "logs": "commands.reference",
    "breakpoints": "commands.prompts",
    "compact": "commands.prompts",
    "fanout": "commands.prompts",
    "explain": "commands.reference",
    "serve": "commands.serve",
    "skill": "commands.serve",
    "mcp": "commands.serve",
    "prices": "commands.prices",
}
"""Each command, and the module of this room that holds it."""

RIVALS = {"context": "file", "file": "context", "every": "over", "over": "every", "format": "json", "json": "format"}
RIVALS |= {"discount": "terms", "terms": "discount", "queries": "for", "for": "queries"}
"""Options that say the same in two ways: one that is nearer puts the other out of force."""

OUTPUTS = ("out", "chart", "checkpoint")
"""Parameters that name files which a command writes."""

WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}

LOCAL = Path(".cachecost.toml")
MORE = {*"format json lines verbose all_strategies per every_strategy by since until policy".split()}
"""What a folder may set beside words of a question: the form of an answer, and what a replay tells apart."""
Options = dict[str, Any]
"""The options of a command by every name that their flags have."""


def options_of(command: Any) -> Options:
    """The options of a command, or of all below it."""
    if children := getattr(command, "commands", None):
        return {name: each for child in children.values() for name, each in options_of(child).items()}
    options = [option for option in command.params if option.param_type_name == "option" and option.name != "help"]
    return {flag[2:].replace("-", "_"): each for each in options for flag in each.opts if flag[:2] == "--"}


def defaults(
    table: str, options: Options, arguments: Sequence[str], *, everything: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    """The defaults of a command's options, in the form that typer takes. `table`: its name in a file, that of the
    group where it is in one. `everything` loads all commands, among which a name is looked up that it does not have."""
    merged: dict[str, Any] = {}
    layers = [_of_file(path, table, options, everything) for path in files() if is_there(path)]
    for layer in (*layers, _of_environment(options)):
        merged = {key: value for key, value in merged.items() if not layer.get(RIVALS.get(key, ""))} | layer
    return {
        options[key].name: value for key, value in merged.items() if not _given(RIVALS.get(key, ""), options, arguments)
    }


def _given(name: str, options: Options, arguments: Sequence[str]) -> bool:
    """Whether the flag of this option is among the arguments."""
    flags = options[name].opts if name in options else ()
    return any(
        argument.startswith(flag) if len(flag) == 2 else argument.partition("=")[0] == flag
        for argument in arguments
        for flag in flags
    )


def by_flag(context: Any, *names: str) -> list[str]:
    """Which of these options come from the command line, not from settings."""
    sources = ((name, context.get_parameter_source(name)) for name in names)
    return [name for name, source in sources if source is not None and source.name == "COMMANDLINE"]


def files() -> tuple[Path, Path]:
    """The settings of a user and of a folder, whether they exist or not."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    return Path(home) / "cachecost" / "cachecost.toml", LOCAL


def _of_environment(options: Options) -> dict[str, Any]:
    said = {key[10:].lower(): value for key, value in os.environ.items() if key.startswith("CACHECOST_")}
    values: dict[str, Any] = {}
    for key, option in ((key, options[key]) for key in said if key in options):
        several = option.multiple and key != "file"  # the name of a file may hold blanks and commas
        words: Any = said[key].replace(",", " ").split() if several else said[key]
        if getattr(option, "is_flag", False):
            words = WORDS.get(words.lower(), words)
        values[key] = _value(f"CACHECOST_{key.upper()}", words, option)
    return values


def _of_file(path: Path, table: str, options: Options, everything: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    import tomllib

    try:
        content = tomllib.loads(read(path, most=1024**2, expected="settings").decode(), parse_float=str)
    except ValueError as error:
        raise BadQuantity(f"{path}: cannot be read as TOML: {error}") from None
    tables = {name: each for name, each in content.items() if isinstance(each, dict)}
    if unknown := sorted(set(tables) - set(COMMANDS)):
        raise BadQuantity(f"{path}: [{unknown[0]}] is not a command; expected {', '.join(COMMANDS)}")
    entries: list[tuple[str, str, Any]] = [("", *each) for each in content.items() if each[0] not in tables]
    entries += [(command, *each) for command, keys in tables.items() for each in keys.items()]
    values: dict[str, Any] = {}
    for command, name, value in entries:
        key = name.replace("-", "_")
        if command in ("", table) and key in options:
            values[key] = _value(f"{path}: {key}", value, options[key])
        elif not any(key in options_of(each) for other, each in everything().items() if command in ("", other)):
            where = f"of [{command}]" if command else "of any command"
            raise BadQuantity(f"{path}: {name!r} is not an option {where}; see `cachecost COMMAND --help`")
    if path == LOCAL:
        _refuse_more_than_words(name for _, name, _ in entries)
    return values


def _refuse_more_than_words(names: Iterable[str]) -> None:
    """Refuse options of the file in the current folder that are no words of a question."""
    from ..questions.usage import WORD as COUNTS
    from ..questions.words import ALL, FORGOTTEN, MODEL, OVER_HISTORY, PROVIDER, STRATEGY, WORD, WORDS as QUESTION

    words = {*WORD, *COUNTS, *(each.name for each in (ALL, FORGOTTEN, MODEL, OVER_HISTORY, PROVIDER, STRATEGY)), *MORE}
    for name in names:
        if (key := name.replace("-", "_")) not in words - {each.name for each in QUESTION if each.local} - {"times"}:
            raise BadQuantity(
                f"{LOCAL}: {name!r} is no word of a question, and this file may come with a folder that is not yours; "
                f"set it by its flag, as CACHECOST_{key.upper()}, or in {files()[0]}"
            )


def _value(where: str, value: Any, option: Any) -> Any:
    """A value of a setting as typer takes it: true or false, a text, or several texts."""
    if getattr(option, "is_flag", False):
        if not isinstance(value, bool):
            raise BadQuantity(f"{where}: expected true or false, not {value!r}")
        return value
    if option.multiple:
        return [_text(where, each) for each in (value if isinstance(value, list) else [value])]
    return _text(where, value)


def _text(where: str, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadQuantity(f"{where}: expected a text or a number, not {value!r}")
    return str(value)
