"""`cachecost breakpoints`: which parts of a prompt to cache when they change at different rates, and for how long."""

from __future__ import annotations

from typing import Annotated

import typer

from ... import units
from ...advice.breakpoints import Pace, place
from ...errors import BadWorkload
from ...output.answers.breakpoints import reply
from ...output.reply import Reply
from ...questions import reading
from ...questions.parts import piece
from .. import options
from ..flags import answered

PARTS = "A part of the prompt, in order: system=8K (never changes), docs=80K@2/h, chat=200@each (every query)."
MOST = "Breakpoints of one request (default: as the sheet says, else 4)."


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
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Place cache breakpoints in a prompt of several parts, each with how often it changes.

    Example: cachecost breakpoints claude-opus-5-5 --part system=20K --part docs=80K@2/h --part chat=5K@each --rate 12/h
    """
    if not part:
        raise BadWorkload("say what the prompt is made of, such as --part system=20K --part docs=80K@2/h", word="part")
    found = place(
        options.catalog(prices).sheet(model),
        [piece(text) for text in part],
        Pace(reading.maybe("rate", units.rate, rate), reading.maybe("every", units.duration, every)),
        at=options.instant("as_of", as_of),
        ttls=[units.show_duration(reading.read("ttl", units.duration, text)) for text in ttl],
        most=reading.maybe("at_most", units.count, at_most),
        service=service,
        region=region or None,
    )
    return reply(found)
