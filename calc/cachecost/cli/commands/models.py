"""`cachecost models` and `cachecost show`: what is sold, at which rates, since when, and who says so."""

from __future__ import annotations

from ...catalog.catalog import of_provider
from ...output.prices.sheets import models_reply, sheet_reply
from ...output.reply import Format, Reply
from .. import options
from ..flags import answered
from ..messages import message


@answered
def models(
    provider: options.Provider = "",
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
) -> Reply | None:
    """List the models sold on a day, their rates and caching.

    Example: cachecost models --provider google --as-of 2024-06-20
    """
    at = options.instant("as_of", as_of)
    sheets = of_provider(options.catalog(prices).sheets(), provider)
    listed = [(sheet, card) for sheet in sheets if (card := sheet.sold(at))]
    if not listed and not json and format is not Format.json:
        message("no model of this catalogue had rates then; try another --as-of")
        if format is Format.table:
            return None
    return models_reply(listed)


@answered
def show(
    model: options.Model,
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Show a model's rates in force, its history and sources.

    Example: cachecost show gemini-3.6-flash
    """
    at = options.instant("as_of", as_of)
    return sheet_reply(options.sheet(options.catalog(prices), model, at), at)
