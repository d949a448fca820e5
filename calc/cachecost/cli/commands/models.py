"""`cachecost models` and `cachecost show`: what is sold, at which rates, since when, and who says so."""

from __future__ import annotations

from ...catalog.catalog import of_provider
from ...output import csv, records
from ...output.prices.sheets import models_table, sheet_on_screen
from .. import options
from ..options import Format


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
    if json or format is Format.json:
        answers = [
            records.of_sheet(sheet, cards=False) | {"card": records.of_card(card, sheet)} for sheet, card in found
        ]
        options.emit(options.as_json({"schema_version": records.SCHEMA_VERSION, "models": answers}), out)
        return
    if not found:
        options.message("no model of this catalogue had rates then; try another --as-of")
        if format is Format.table:
            return
    if format is Format.csv:
        options.emit(csv.of_models(found).as_csv(), out)
    else:
        options.emit_table(models_table(found), format, out)


def show(
    model: options.Model,
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Show a model's rate card in force, its history, its sources, and what is scheduled.

    Example: cachecost show gemini-3.6-flash
    """
    at = options.instant("as_of", as_of)
    sheet = options.catalog(prices).sheet(model)
    if json or format is Format.json:
        options.emit(options.as_json({"schema_version": records.SCHEMA_VERSION} | records.of_sheet(sheet)), out)
        return
    screen, table = sheet_on_screen(sheet, at)
    if format in (Format.csv, Format.markdown):
        options.emit_table(table, format, out)
    else:
        options.show(screen, out)
