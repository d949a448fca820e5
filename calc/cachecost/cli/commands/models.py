"""`cachecost models` and `cachecost show`: what is sold, at which rates, since when, and who says so."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from ...errors import BadQuantity, NotInForce
from ...output import csv, records
from ...output.prices.sheets import models_table, sheet_on_screen
from ...prices.card import RateCard
from ...prices.sheet import PriceSheet
from .. import options
from ..options import Format

Provider = Annotated[str, typer.Option("--provider", metavar="NAME", help="Only this provider's models.")]


def models(
    provider: Provider = "",
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
    sheets = options.catalog(prices).sheets()
    if provider and provider not in (known := sorted({sheet.provider for sheet in sheets})):
        raise BadQuantity(f"{provider!r} has no price sheets; expected {', '.join(known)}", word="provider")
    found = [
        (sheet, card)
        for sheet in sheets
        if sheet.provider == (provider or sheet.provider)
        if (card := _card(sheet, at))
    ]
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


def _card(sheet: PriceSheet, at: datetime) -> RateCard | None:
    """The card at which the model is sold then; None before the first and after the last."""
    try:
        card = sheet.card(at)
    except NotInForce:
        return None
    return None if card.status == "withdrawn" else card


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
