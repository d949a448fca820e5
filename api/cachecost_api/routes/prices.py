"""Routes that tell what is sold: models, one model, the rates in force, their history, the shape of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response

from cachecost.catalog.page import schema_for_editors
from cachecost.errors import BadQuantity, NotInForce
from cachecost.output.prices import records
from cachecost.output.prices.sheets import models_reply, sheet_reply
from cachecost.output.records import Record
from cachecost.prices.card import RateCard
from cachecost.prices.sheet import PriceSheet

from ..answering import CSV, Door
from ..openapi.operations import link, operation, parameters
from ..openapi.shapes import Schema, ref
from ..parameters import Asked, of_query
from ..sheets import SheetSet

MODELS = ("provider", "as_of")
PRICES = ("model", "provider", "kind", "service", "as_of")
HISTORY = ("model", "kind", "service")
LINKS = {
    "models": link("compare", "What a context costs there.", model="/models/0/model")
    | link("price_history", "Every rate that a model ever had.", model="/models/0/model"),
    "prices": link("quote", "What one request costs there.", model="/0/model", service="/0/service"),
}


def of_provider(asked: Asked, sheets: SheetSet) -> list[PriceSheet]:
    """The sheets of the provider that was named, or of all."""
    provider = asked.text("provider")
    if provider and provider not in (known := sorted({sheet.provider for sheet in sheets.sheets})):
        raise BadQuantity(f"{provider!r} has no price sheets; expected {', '.join(known)}", word="provider")
    return [sheet for sheet in sheets.sheets if not provider or sheet.provider == provider]


def sold(found: Iterable[PriceSheet], at: datetime) -> Iterator[tuple[PriceSheet, RateCard]]:
    """The card in force of each model that is sold then."""
    for sheet in found:
        try:
            card = sheet.card(at)
        except NotInForce:
            continue
        if card.status != "withdrawn":
            yield sheet, card


def models(asked: Asked, sheets: SheetSet, now: datetime) -> list[tuple[PriceSheet, RateCard]]:
    return list(sold(of_provider(asked, sheets), asked.at("as_of", now)))


def flat(asked: Asked, cards: Iterable[tuple[PriceSheet, RateCard]]) -> list[Record]:
    """Every rate of the cards, of the kinds and the service that were asked for."""
    kinds, service = asked.texts("kind"), asked.text("service")
    return [
        each
        for sheet, card in cards
        for each in records.rates(sheet, card)
        if (not kinds or each["kind"] in kinds) and (not service or each["service"] == service)
    ]


def prices(asked: Asked, sheets: SheetSet, now: datetime) -> list[Record]:
    """Rates in force: of the models named, of a provider, or of all."""
    found = of_provider(asked, sheets)
    if asked.texts("model"):
        named = {sheet.id: sheet for sheet in map(sheets.sheet, asked.models)}
        found = [sheet for sheet in named.values() if not asked.text("provider") or sheet in found]
    return flat(asked, sold(found, asked.at("as_of", now)))


def history(asked: Asked, sheets: SheetSet, now: datetime) -> list[Record]:
    """Rates of every card of the models named, oldest first; cancelled cards were never in force."""
    named = {sheet.id: sheet for sheet in map(sheets.sheet, asked.models)}
    cards = [(sheet, card) for sheet in named.values() for card in sheet.cards if card.status != "cancelled"]
    return flat(asked, cards)


def install(app: FastAPI, door: Door) -> None:
    """Add the routes."""

    def add(path: str, call: Any, operation_id: str, summary: str, extra: Schema) -> None:
        kept: dict[str, Any] = {"response_model": None, "response_class": Response}
        app.add_api_route(path, call, operation_id=operation_id, summary=summary, openapi_extra=extra, **kept)

    def listed(
        path: str, name: str, summary: str, *, words: tuple[str, ...], json: Callable[..., Any], csv: Callable[..., Any]
    ) -> None:
        """A list as JSON and as CSV."""

        async def as_json(request: Request) -> Response:
            asked = of_query(request.scope["query_string"], (*words, "number"))
            return await door.json(asked, lambda sheets, now: json(asked, sheets, now))

        async def as_csv(request: Request) -> Response:
            asked = of_query(request.scope["query_string"], words)
            return await door.csv(lambda sheets, now: csv(asked, sheets, now))

        required = ("model",) if words is HISTORY else ()
        schema = ref("Models" if name == "models" else "Rates")
        query = parameters((*words, "number"), *required)
        add(path, as_json, name, summary, operation(schema=schema, asked=query, links=LINKS.get(name)))
        table = operation(media=CSV.partition(";")[0], asked=query[:-1])
        add(f"{path}.csv", as_csv, f"{name}_csv", f"{summary} As CSV.", table)

    async def model(request: Request) -> Response:
        asked = of_query(request.scope["query_string"], ("number",))
        name = "{provider}/{model}".format_map(request.path_params)
        return await door.json(asked, lambda sheets, now: sheet_reply(sheets.sheet(name)).record())

    async def schema() -> Response:
        return await door.json(Asked(), lambda sheets, now: schema_for_editors())

    listed(
        "/v1/models",
        "models",
        "The models sold at a day, each with its rate card in force.",
        words=MODELS,
        json=lambda *asked: models_reply(models(*asked)).record(),
        csv=lambda *asked: models_reply(models(*asked)).rows(),
    )
    listed(
        "/v1/prices",
        "prices",
        "Every rate in force at a day, flat.",
        words=PRICES,
        json=prices,
        csv=lambda *asked: records.rates_table(prices(*asked)),
    )
    listed(
        "/v1/prices/history",
        "price_history",
        "Every rate that the models named ever had, flat, oldest first.",
        words=HISTORY,
        json=history,
        csv=lambda *asked: records.rates_table(history(*asked)),
    )
    page = operation(schema=ref("Sheet"), asked=_model_path())
    add("/v1/models/{provider}/{model}", model, "model", "One model with all its rate cards.", page)
    shape = operation(schema={"type": "object", "required": ["$schema", "properties"]})
    add("/v1/schema", schema, "schema", "The JSON schema of a page of price sheets.", shape)


def _model_path() -> list[Schema]:
    """The two parts of a model's path."""
    told = {"provider": ("Who sells it.", "google"), "model": ("Its name there, or an alias.", "gemini-2.5-pro")}
    shared: Schema = {"in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    path = [shared | {"name": name, "description": text, "example": each} for name, (text, each) in told.items()]
    return [*path, *parameters(("number",))]
