"""`cachecost models` and `cachecost show`: what is sold, at which rates, since when, and who says so."""

from __future__ import annotations

from ...catalog.catalog import of_provider
from ...output import reply
from ...output.prices.sheets import models_reply, sheet_reply
from ...output.reply import Format
from .. import options
from ..flags import answered


def models(
    provider: options.Provider = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """List the models that had rates at a day, and the caching that each sells.

    Example: cachecost models --provider google --as-of 2024-06-20
    """
    at = options.instant("as_of", as_of)
    sheets = of_provider(options.catalog(prices).sheets(), provider)
    found = [(sheet, card) for sheet in sheets if (card := sheet.sold(at))]
    chosen = Format.json if json else format
    if not found and chosen is not Format.json:
        options.message("no model of this catalogue had rates then; try another --as-of")
        if chosen is Format.table:
            return
    reply.show(models_reply(found), chosen, out)


@answered
def show(
    model: options.Model,
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> reply.Reply:
    """Show a model's rate card in force, its history, its sources, and what is scheduled.

    Example: cachecost show gemini-3.6-flash
    """
    at = options.instant("as_of", as_of)
    sheet = options.catalog(prices).sheet(model)
    return sheet_reply(sheet, at)
