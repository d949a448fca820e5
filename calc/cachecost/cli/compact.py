"""`cachecost compact`: after how many turns it pays to replace a long cached context by a summary of it."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from .. import ask, quantities
from ..assumptions import Assumptions
from ..compaction import compact as compacted
from ..errors import BadQuantity, BadWorkload
from ..render.compaction import exact_table, markdown, of_compaction, on_screen
from . import options
from .options import Format

Context = Annotated[
    str, typer.Option("--context", "-c", metavar="TOKENS", help="Tokens of the context that every turn sends.")
]
To = Annotated[str, typer.Option("--to", metavar="SHARE|TOKENS", help="How long the summary is: 10%, 1/20, 15K.")]
Ahead = Annotated[str, typer.Option("--ahead", metavar="N", help="What N later turns then save, or still owe.")]


def compact(
    model: options.Model,
    context: Context = "",
    to: To = "10%",
    ahead: Ahead = "",
    service: options.Service = "standard",
    region: options.Region = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Find after how many turns a summary of a context has paid for itself.

    Example: cachecost compact claude-sonnet-4-6 --context 150K --to 10%
    """
    if not context:
        raise BadWorkload("context: say how long it is, such as --context 150K")
    tokens = ask.read("context", quantities.count, context)
    turns = ask.maybe("ahead", quantities.count, ahead)
    found = compacted(
        options.catalog(prices).sheet(model),
        context=tokens,
        summary=summary(to, tokens),
        at=options.instant("as_of", as_of),
        assumptions=Assumptions(service=service, region=region or None),
    )
    if json or format is Format.json:
        options.emit(options.as_json(of_compaction(found, turns)), out)
    elif format is Format.csv:
        options.emit(exact_table(found, turns).as_csv(), out)
    elif format is Format.markdown:
        options.emit(markdown(found, turns), out)
    else:
        options.show(on_screen(found, turns), out)


def summary(text: str, context: int) -> int:
    """Tokens of the summary: a share of the context to the next whole token, or a count. A bare number from 2 to 100
    is refused, since it could be a percentage."""
    if re.fullmatch(r"\s*(0*[0-9]{1,2}|100)\s*", text) and int(text) > 1:
        raise BadQuantity(f"to: {text.strip()!r} could be a share or a count; write {text.strip()}% or a larger count")
    try:
        share = quantities.share(text)
    except BadQuantity:
        return ask.read("to", quantities.count, text)
    return -(-(share * context).numerator // (share * context).denominator)
