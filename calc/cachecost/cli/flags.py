"""Flags that many commands share, said once: the words of a question, and the form of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from .. import clock
from ..output.reply import Format, Reply, show
from ..prices.sheet import PriceSheet
from ..questions.words import WORD, WORDS, Question
from ..workload.workload import Workload
from . import options

QUESTION = {word.name: (Annotated[type(word.default), options.flag(word)], word.default) for word in WORDS}
"""The words of a question: the type of each flag and its default."""
ANSWER = {"format": (options.FormatOption, Format.table), "json": (options.Json, False), "out": (options.Out, None)}
"""How to answer, and where."""


def workload(words: Question, context: int = 1) -> Workload:
    """The workload that the flags describe, from now on; `--times` names a file here."""
    return words.workload(context, now=clock.now(), times=options.instants(words.times))


class Asks(NamedTuple):
    """Each model with its workload, the fewest and most tokens by model where they are estimates, and how they were
    counted."""

    models: list[tuple[PriceSheet, Workload]]
    counted: dict[str, tuple[int, int]]
    how: str


def asks(words: Question, sheets: Iterable[PriceSheet], folder: Path) -> Asks:
    """The question to each of several models: a document has another length on each."""
    work, tokens = workload(words), options.counter(words.context, words.file, folder)
    lengths = [(sheet, tokens(sheet)) for sheet in sheets]
    return Asks(
        [(sheet, replace(work, context=length.tokens)) for sheet, length in lengths],
        {sheet.id: length.ends for sheet, length in lengths if length.ends},
        "\n".join(dict.fromkeys(length.how for _, length in lengths if length.how)),
    )


def answered(command: Callable[..., Reply]) -> Callable[..., None]:
    """The command with --format, --json and --out beside its own flags: the answer that it returns is shown so, and
    gives the exit code. A parameter `words` stands for a flag for every word of a question.

    A parameter after it that has a word's name takes the place of the word's flag; its text is the word's too.
    """
    hints = get_type_hints(command, include_extras=True)
    flags: dict[str, tuple[Any, Any]] = {}
    for name, each in signature(command).parameters.items():
        flags |= QUESTION if name == "words" else {name: (hints[name], each.default)}
    flags |= ANSWER

    def called(*, format: Format, json: bool, out: Path | None, **given: Any) -> None:
        own = {name: value for name, value in given.items() if name in hints}
        if "words" in hints:
            own["words"] = Question(**{name: given[name] for name in WORD})
        reply = command(**own)
        show(reply, Format.json if json else format, out)
        if reply.exit_code:
            raise typer.Exit(reply.exit_code)

    # Typer reads the signature and the annotations of a function, its name and its text.
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, (hint, default) in flags.items()
    ]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {name: hint for name, (hint, _) in flags.items()}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called
