"""`cachecost compact`: after how many turns it pays to replace a long cached context by a summary of it."""

from __future__ import annotations

from typing import Annotated

import typer

from ... import units
from ...advice.compaction import compact as compacted
from ...errors import BadWorkload
from ...output.answers.compaction import reply
from ...output.reply import Reply
from ...questions import reading
from ...questions.parts import summary
from ...strategies.assumptions import Assumptions
from .. import options
from ..flags import answered

CONTEXT = typer.Option("--context", "-c", metavar="TOKENS", help="Tokens of the context that every turn sends.")


@answered
def compact(
    model: options.Model,
    context: Annotated[str, CONTEXT] = "",
    to: Annotated[str, typer.Option(metavar="SHARE|TOKENS", help="How long the summary is: 10%, 1/20, 15K.")] = "10%",
    ahead: Annotated[str, typer.Option(metavar="N", help="What N later turns then save, or still owe.")] = "",
    service: options.Service = "standard",
    region: options.Region = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Find after how many turns a summary of a context has paid for itself.

    Example: cachecost compact claude-sonnet-4-6 --context 150K --to 10%
    """
    if not context:
        raise BadWorkload("say how long it is, such as --context 150K", word="context")
    tokens = reading.read("context", units.count, context)
    turns = reading.maybe("ahead", units.count, ahead)
    found = compacted(
        options.catalog(prices).sheet(model),
        context=tokens,
        summary=summary(to, tokens),
        at=options.instant("as_of", as_of),
        assumptions=Assumptions(service=service, region=region or None),
    )
    return reply(found, turns)
