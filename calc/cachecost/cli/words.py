"""The words of a question, once for every command that asks one: their flags, and what they mean together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

import typer

from .. import ask
from ..errors import BadWorkload
from ..strategy import Assumptions
from ..workload import Workload
from . import options


@dataclass(frozen=True)
class Words:
    """What a person said of the workload, as texts; empty is not said."""

    context: options.Context = ""
    file: options.File = ""
    queries: options.Queries = "10"
    question: options.Question = "0"
    answer: options.AnswerTokens = "0"
    every: options.Every = ""
    over: options.Over = ""
    rate: options.Rate = ""
    arrivals: options.Arrivals = "even"
    burst: options.Burst = ""
    times: options.Times = ""
    turns: options.Turns = ""
    tools: options.Tools = "0"
    hold: options.Hold = ""
    hit_share: options.HitShare = ""
    generation: options.Generation = "0s"
    creation: options.Creation = ""
    first_query: options.FirstQuery = "reads"
    billed_per: options.BilledPer = ""
    service: options.Service = "standard"
    region: options.Region = ""
    thinking: options.Thinking = False
    as_of: options.AsOf = ""

    def assumptions(self) -> Assumptions:
        return ask.assumptions(
            hit_share=self.hit_share,
            hold=self.hold,
            creation=self.creation,
            first_query=self.first_query,
            billed_per=self.billed_per,
            service=self.service,
            region=self.region,
            thinking=self.thinking,
            generation=self.generation,
        )

    def workload(self, context: int = 1) -> Workload:
        """The workload; its context may be filled in later, model by model."""
        return ask.workload(
            context=context,
            question=self.question,
            answer=self.answer,
            queries=self.queries,
            every=self.every,
            over=self.over,
            rate=self.rate,
            arrivals=self.arrivals,
            burst=self.burst,
            times=options.instants(self.times),
            turns=self.turns,
            tools=self.tools,
            start=options.instant("as_of", self.as_of),
        )

    def instead(self, **said: Any) -> Words:
        """The same question with some words said otherwise."""
        return replace(self, **said)

    def without(self, name: str, *rivals: str) -> None:
        """Refuse words that say what `name` says already."""
        for rival in rivals:
            if getattr(self, rival):
                raise BadWorkload(f"{rival}: {name} says it too; give one of them")


def with_words(command: Callable[..., None]) -> Callable[..., None]:
    """The command with a flag for every word beside its own; it is called with all of them in `words`.

    Where a command has a parameter of a word's name, its own help stands, and its text is the word's too.
    """
    own = dict(signature(command).parameters)
    del own["words"]
    hints = get_type_hints(Words, include_extras=True) | get_type_hints(command, include_extras=True)
    names = [each.name for each in fields(Words)]
    defaults = {each.name: each.default for each in fields(Words)}
    first = [name for name, parameter in own.items() if _is_argument(hints[name])]
    order = [*first, *names, *(name for name in own if name not in (*first, *names))]

    def called(**given: Any) -> None:
        words = Words(**{name: given[name] for name in names})
        command(words=words, **{name: given[name] for name in own})

    parameters = [_parameter(name, hints[name], own, defaults) for name in order]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {name: hints[name] for name in order}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called


def _is_argument(hint: Any) -> bool:
    return any(isinstance(each, typer.models.ArgumentInfo) for each in getattr(hint, "__metadata__", ()))


def _parameter(name: str, hint: Any, own: dict[str, Parameter], defaults: dict[str, Any]) -> Parameter:
    default = own[name].default if name in own else defaults[name]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
