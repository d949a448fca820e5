"""The words of a question as flags, once for every command that asks one."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_type_hints

import typer

from .. import clock
from ..questions.words import WORD, WORDS, Question
from ..workload.workload import Workload
from . import options

HINTS: dict[str, Any] = {word.name: Annotated[type(word.default), options.flag(word)] for word in WORDS}


def workload(words: Question, context: int = 1) -> Workload:
    """The workload that the flags describe, from now on; `--times` names a file here."""
    return words.workload(context, now=clock.now(), times=options.instants(words.times))


def with_words(command: Callable[..., None]) -> Callable[..., None]:
    """The command with a flag for every word beside its own; it is called with all of them in `words`.

    Where a command has a parameter of a word's name, its own help stands, and its text is the word's too.
    """
    own = dict(signature(command).parameters)
    del own["words"]
    hints = HINTS | get_type_hints(command, include_extras=True)
    first = [name for name in own if _is_argument(hints[name])]
    order = [*first, *WORD, *(name for name in own if name not in (*first, *WORD))]

    def called(**given: Any) -> None:
        words = Question(**{name: given[name] for name in WORD})
        command(words=words, **{name: given[name] for name in own})

    called.__signature__ = Signature([_parameter(name, hints[name], own) for name in order])  # type: ignore[attr-defined]
    called.__annotations__ = {name: hints[name] for name in order}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called


def _is_argument(hint: Any) -> bool:
    return any(isinstance(each, typer.models.ArgumentInfo) for each in getattr(hint, "__metadata__", ()))


def _parameter(name: str, hint: Any, own: dict[str, Parameter]) -> Parameter:
    default = own[name].default if name in own else WORD[name].default
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
