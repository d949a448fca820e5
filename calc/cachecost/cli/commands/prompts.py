"""`cachecost breakpoints`, `compact` and `fanout`: how an application that builds long prompts should cache them."""

from __future__ import annotations

from typing import Annotated

import typer

from ... import units
from ...advice.breakpoints import Pace, place
from ...advice.compaction import compact as compacted
from ...advice.fanout import fan_out
from ...errors import BadWorkload
from ...output.answers import breakpoints as placements
from ...output.answers import compaction as compactions
from ...output.answers import fanout as fanouts
from ...output.reply import Reply
from ...questions import reading
from ...questions.parts import piece, summary
from ...strategies.assumptions import Assumptions
from ...workload.workload import MAX_QUERIES, Workload
from .. import options
from ..flags import answered

PARTS = "A part of the prompt, in order: system=8K (never changes), docs=80K@2/h, chat=200@each (every query)."
MOST = "Breakpoints of one request (default: as the sheet says, else 4)."
TURNS = typer.Option("--context", "-c", metavar="TOKENS", help="Tokens of the context that every turn sends.")
SHARED = typer.Option(
    "--context", "-c", metavar="TOKENS", help="Tokens that all requests begin with and none has sent."
)
REQUESTS = typer.Option("--requests", "-n", metavar="C", help="How many first requests there are.")
QUESTION = typer.Option("--question", "-q", metavar="TOKENS", help="Fresh tokens of each request.")
ANSWER = typer.Option("--answer", "-a", metavar="TOKENS", help="Tokens of each answer.")


def _context(text: str, example: str) -> int:
    if not text:
        raise BadWorkload(f"say how long it is, such as --context {example}", word="context")
    return reading.read("context", units.count, text)


@answered
def breakpoints(
    model: options.Model,
    part: Annotated[list[str], typer.Option(metavar="NAME=TOKENS[@CHANGES]", help=PARTS)] = [],  # noqa: B006
    rate: Annotated[str, typer.Option(metavar="N/h", help="Queries per hour, at random (Poisson): 12/h, 3/d.")] = "",
    every: Annotated[str, typer.Option(metavar="DURATION", help="Instead, the even time between queries: 5m.")] = "",
    ttl: Annotated[list[str], typer.Option(metavar="TTL", help="Only this TTL; all that are sold otherwise.")] = [],  # noqa: B006
    at_most: Annotated[str, typer.Option(metavar="K", help=MOST)] = "",
    service: options.Service = "standard",
    region: options.Region = "",
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Place cache breakpoints in a prompt of several parts.

    Example: cachecost breakpoints claude-opus-5-5 --part system=20K --part docs=80K@2/h --part chat=5K@each --rate 12/h
    """
    if not part:
        raise BadWorkload("say what the prompt is made of, such as --part system=20K --part docs=80K@2/h", word="part")
    at = options.instant("as_of", as_of)
    placement = place(
        options.sheet(options.catalog(prices, discount, terms), model, at),
        [piece(text) for text in part],
        Pace(reading.maybe("rate", units.rate, rate), reading.maybe("every", units.duration, every)),
        at=at,
        ttls=[units.show_duration(reading.read("ttl", units.duration, text)) for text in ttl],
        most=reading.maybe("at_most", units.count, at_most),
        service=service,
        region=region or None,
    )
    return placements.reply(placement)


@answered
def compact(
    model: options.Model,
    context: Annotated[str, TURNS] = "",
    to: Annotated[str, typer.Option(metavar="SHARE|TOKENS", help="How long the summary is: 10%, 1/20, 15K.")] = "10%",
    ahead: Annotated[str, typer.Option(metavar="N", help="What N later turns then save, or still owe.")] = "",
    service: options.Service = "standard",
    region: options.Region = "",
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Find after how many turns a summary has paid for itself.

    Example: cachecost compact claude-sonnet-4-6 --context 150K --to 10%
    """
    tokens = _context(context, "150K")
    turns = reading.maybe("ahead", units.count, ahead)
    at = options.instant("as_of", as_of)
    compaction = compacted(
        options.sheet(options.catalog(prices, discount, terms), model, at),
        context=tokens,
        summary=summary(to, tokens),
        at=at,
        assumptions=Assumptions(service=service, region=region or None),
    )
    return compactions.reply(compaction, turns)


@answered
def fanout(
    model: options.Model,
    context: Annotated[str, SHARED] = "",
    requests: Annotated[str, REQUESTS] = "10",
    then: Annotated[str, typer.Option(metavar="N", help="How many later ones, while the entry is alive.")] = "0",
    question: Annotated[str, QUESTION] = "0",
    answer: Annotated[str, ANSWER] = "0",
    service: options.Service = "standard",
    region: options.Region = "",
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Price parallel first requests: all at once, or one first.

    Example: cachecost fanout claude-opus-5-5 --context 100K --requests 10
    """
    tokens = _context(context, "100K")
    many = reading.read("requests", units.count, requests)
    if not 1 <= many <= MAX_QUERIES:
        raise BadWorkload(f"expected 1 to {MAX_QUERIES:,}, not {many:,}", word="requests")
    work = Workload(
        tokens,
        reading.read("question", units.count, question),
        reading.read("answer", units.count, answer),
        many,
        options.instant("as_of", as_of),
    )
    later = reading.read("then", units.count, then)
    assumptions = Assumptions(service=service, region=region or None)
    fans = fan_out(
        options.sheet(options.catalog(prices, discount, terms), model, work.start),
        work,
        later=later,
        assumptions=assumptions,
    )
    return fanouts.reply(fans)
