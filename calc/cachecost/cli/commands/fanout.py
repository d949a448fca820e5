"""`cachecost fanout`: requests over one new context at the same time, all at once or one before the others."""

from __future__ import annotations

from typing import Annotated

import typer

from ... import units
from ...advice.fanout import fan_out
from ...errors import BadWorkload
from ...output.answers.fanout import reply
from ...output.reply import Reply
from ...questions import reading
from ...strategies.assumptions import Assumptions
from ...workload.workload import MAX_QUERIES, Workload
from .. import options
from ..flags import answered

CONTEXT = typer.Option(
    "--context", "-c", metavar="TOKENS", help="Tokens that all requests begin with and none has sent."
)
REQUESTS = typer.Option("--requests", "-n", metavar="C", help="How many first requests there are.")
QUESTION = typer.Option("--question", "-q", metavar="TOKENS", help="Fresh tokens of each request.")
ANSWER = typer.Option("--answer", "-a", metavar="TOKENS", help="Tokens of each answer.")


@answered
def fanout(
    model: options.Model,
    context: Annotated[str, CONTEXT] = "",
    requests: Annotated[str, REQUESTS] = "10",
    then: Annotated[str, typer.Option(metavar="N", help="How many later ones, while the entry is alive.")] = "0",
    question: Annotated[str, QUESTION] = "0",
    answer: Annotated[str, ANSWER] = "0",
    service: options.Service = "standard",
    region: options.Region = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Price parallel first requests: together they all write, after one of them the others read.

    Example: cachecost fanout claude-opus-5-5 --context 100K --requests 10
    """
    if not context:
        raise BadWorkload("say how long it is, such as --context 100K", word="context")
    many = reading.read("requests", units.count, requests)
    if not 1 <= many <= MAX_QUERIES:
        raise BadWorkload(f"expected 1 to {MAX_QUERIES:,}, not {many:,}", word="requests")
    work = Workload(
        reading.read("context", units.count, context),
        reading.read("question", units.count, question),
        reading.read("answer", units.count, answer),
        many,
        options.instant("as_of", as_of),
    )
    later = reading.read("then", units.count, then)
    asked = Assumptions(service=service, region=region or None)
    found = fan_out(options.catalog(prices).sheet(model), work, later=later, assumptions=asked)
    return reply(found)
