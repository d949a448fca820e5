"""Help that fits a screen: the everyday options of a command in panels, and all of them by `--help-all`."""

import ast
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

_PANELS = {
    "The question": "context file pages images audio video exclude queries question answer turns tools sweep part to "
    "then ahead requests input cache_read cache_write creation_tokens output storage from_ all_ over_history forgotten",
    "When queries come": "every over rate for_ arrivals burst times office",
    "The cache": "strategy hold hit_share generation pings eviction creation first_query billed_per ttl at_most",
    "A machine of your own": "kv weights attention use dedicated batch efficiency pool",
    "The logs": "format_of alias since until shared strict",
    "What would it have cost": "policy model",
    "The engine": "engine master threads memory disk spill paid_only emit_sql checkpoint",
    "Prices": "service region thinking as_of at prices provider discount exchange terms",
    "Output": "by reconcile fail_over lines every_strategy all_strategies top per budget chart format json out "
    "help_all",
}
"""The heading in help under which an option is listed, whatever its command; others are listed under Options."""
PANELS = {option: panel for panel, options in _PANELS.items() for option in options.split()}
QUESTION = "context file queries question answer"
EVERYDAY = {
    "compare": f"{QUESTION} every rate as_of format",
    "plan": f"{QUESTION} every rate as_of all_",
    "curve": f"{QUESTION} every as_of chart format",
    "sweep": f"{QUESTION} sweep every as_of chart",
    "quote": "input cache_read cache_write output storage from_ service at format",
    "replay": "alias since policy model by fail_over reconcile format out",
}
"""The options of the longest commands that `--help` shows; the others are shown by `--help-all`."""


def adapt(command: Any) -> None:
    """Set up the help of one command: headings, short help where there are many options, no types of values."""
    command.get_help_option = partial(_without_type, command.get_help_option)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda ctx: None
            parameter.metavar = (parameter.metavar or parameter.name.upper()).strip("[].")  # typer adds them
            parameter._usage_display_name = partial(_in_usage, parameter)
            continue
        if getattr(parameter, "is_flag", False):  # typer prints `--json <bool>`, which reads as if a value were due
            parameter.metavar = " "
        parameter._get_number_range_help_str = lambda: None
        parameter.display_type_rich = partial(_plain_type, parameter.display_type_rich)
        parameter.rich_help_panel = PANELS.get(parameter.name)
        if parameter.name in ("version", "install_completion", "show_completion"):
            parameter.hidden = True  # the list of commands needs the lines; `cachecost` alone says how to complete
    if everyday := EVERYDAY.get(command.name):
        command.format_help = partial(_short, command, everyday.split(), command.format_help)


def _in_usage(argument: Any) -> str:
    """`MODEL...` where it is required, `[MODEL]...` where it is not."""
    name = argument.display_name_raw
    return f"{name if argument.required else f'[{name}]'}{'...' if argument.nargs != 1 else ''}"


def _plain_type(display_type: Any, ctx: Any) -> str:
    """`table|json` without the angle brackets of typer."""
    return (display_type(ctx) or "").strip("<>")


def _without_type(help_option: Any, context: Any) -> Any:
    option = help_option(context)
    if option is not None:
        option.metavar = " "
        # The last line of short help names --help-all, and the list of commands is reached by --help.
        option.hidden = context.command.name in EVERYDAY or context.parent is None
        in_panels = any(getattr(each, "rich_help_panel", None) for each in context.command.params)
        option.rich_help_panel = PANELS["format"] if in_panels else None
    return option


def _show_all(context: typer.Context, wanted: bool) -> None:
    if wanted:
        context.command.show_all = True  # type: ignore[attr-defined]
        typer.echo(context.get_help())
        raise typer.Exit


HelpAll = Annotated[bool, typer.Option("--help-all", is_eager=True, callback=_show_all, help="Show all options.")]
"""The flag of the commands in `EVERYDAY`."""


def _short(command: Any, everyday: list[str], format_help: Any, context: Any, formatter: Any) -> Any:
    """Help with the first sentences of the everyday options, unless all are wanted; arguments are in the usage."""
    for parameter in [] if getattr(command, "show_all", False) else command.params:
        parameter.hidden = parameter.name not in (*everyday, "help_all")
        parameter.help = (parameter.help or "").split(". ")[0].removesuffix(".") + "."
    return format_help(context, formatter)


def first_line(module_name: str, name: str) -> str:
    """What the docstring of a command begins with, read without importing its module."""
    path = Path(__file__).parent.joinpath(*module_name.split(".")).with_suffix(".py")
    functions = (each for each in ast.parse(path.read_bytes()).body if isinstance(each, ast.FunctionDef))
    text = next(ast.get_docstring(each) or "" for each in functions if each.name == name)
    return text.split("\n\n")[0]
