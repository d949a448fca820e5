"""Routes that tell what is sold: models, one model, the rates in force, their history, the shape of a page."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from cachecost import clock
from cachecost.catalog.catalog import of_provider
from cachecost.catalog.confirmed import confirmed
from cachecost.catalog.page import schema_for_editors
from cachecost.output.prices import records
from cachecost.output.prices.deployment import ListedRecords, list_reply
from cachecost.output.prices.feed import changes_feed
from cachecost.output.prices.sheets import models_reply, sheet_reply
from cachecost.output.records import Record
from cachecost.output.reply import Page, Reply
from cachecost.prices.card import RateCard
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.search import WORDS as SEARCHED
from cachecost.questions.search import search
from cachecost.questions.words import MODEL, PROVIDER, WORD

from ..answers import route, text_route
from ..dependencies import Answering
from ..models import KIND, Parameters, in_query
from ..openapi import link, links, model_of, refusals
from ..problems import bad_request
from ..sheets import QuestionSheets

router = APIRouter()
NAMED = links(
    link("compare", "What a context costs there.", model="/models/0/model"),
    link("price_history", "Every rate that a model ever had.", model="/models/0/model"),
)
PRICED = links(link("quote", "What one request costs there.", model="/0/model", service="/0/service"))
Provider = Annotated[str, Path(min_length=1, description="Who sells it.", examples=["google"])]
Name = Annotated[str, Path(min_length=1, description="Its name there, or an alias.", examples=["gemini-2.5-pro"])]
Rates: Any = list[model_of(records.RateRecord)]  # type: ignore[misc]


class Yaml(Response):
    """A page of price sheets; as plain text a browser shows it instead of saving it."""

    media_type = "text/plain"


class Atom(Response):
    """A feed."""

    media_type = "application/atom+xml"


def models(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
    """What `cachecost models` lists."""
    known = of_provider(sheets.sheets, parameters.provider)
    return models_reply(search(known, parameters.day(now), **parameters.only(SEARCHED)))


def chosen(parameters: Parameters, sheets: QuestionSheets) -> list[PriceSheet]:
    """The sheets of the models named, of a provider, or of all."""
    provider = getattr(parameters, "provider", "")
    whole = of_provider(sheets.sheets, provider)
    return [sheet for sheet in sheets.named() if not provider or sheet in whole] if parameters.model else whole


def prices(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
    """Rates in force: of the models named, of a provider, or of all."""
    at = parameters.day(now)
    cards = ((sheet, card) for sheet in chosen(parameters, sheets) if (card := sheet.sold(at)))
    return listed(parameters, cards, sheets)


def history(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
    """Rates of every card of the models named, or of all, oldest first; cancelled cards were never in force."""
    cards = ((sheet, card) for sheet in chosen(parameters, sheets) for card in sheet.cards)
    return listed(parameters, (each for each in cards if each[1].status != "cancelled"), sheets)


def feed(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> bytes:
    """The feed of the models named, of a provider, or of all."""
    of = chosen(parameters, sheets)
    names = [sheets.names.get(name, name) for name in parameters.model]
    return changes_feed(of, about=", ".join([*names, *filter(None, [parameters.provider])]))


def listed(parameters: Parameters, cards: Iterable[tuple[PriceSheet, RateCard]], sheets: QuestionSheets) -> Reply:
    """Every rate of the cards in every form, of the kinds and the service that are asked for."""
    kinds, services = parameters.kind, [parameters.service] if parameters.service else []
    if kinds or services:
        rows = [row for sheet in sheets.sheets for card in sheet.cards for row in card.rows]
        _refuse_unknown("kind", kinds, {kind for row in rows for kind in row.rates})
        _refuse_unknown("service", services, {row.service for row in rows})
    rates = [
        each
        for sheet, card in cards
        for each in records.rates(sheet, card)
        if (not kinds or each["kind"] in kinds) and (not services or each["service"] in services)
    ]
    table = partial(records.rates_table, rates)
    return Reply(page=lambda: Page("", [table()]), record=lambda: rates, rows=table)


def _refuse_unknown(word: str, wanted: Iterable[str], known: set[str]) -> None:
    """Refuse a name that no price sheet has: a slip would look as if nothing were sold."""
    for name in wanted:
        if name not in known:
            raise bad_request(f"{word}: no price sheet has {name!r}; expected {', '.join(sorted(known))}", where=word)


SERVICE = WORD["service"]._replace(default="")
route(
    router,
    "/v1/models",
    "models",
    "The models sold at a day, each with its rate card in force.",
    words=(*SEARCHED, WORD["as_of"]),
    solve=models,
    response_model=model_of(records.ModelsRecord),
    responses=NAMED | refusals(422),
)
route(
    router,
    "/v1/deployments",
    "deployments",
    "Self-hosted models on machines, each under the name by which other routes ask about it.",
    words=(),
    solve=lambda _, sheets, now: list_reply(list(sheets.catalog.fleet.deployments())),
    response_model=model_of(ListedRecords),
    responses=links(link("compare", "What a context costs there.", model="/deployments/0/model")) | refusals(422),
)
route(
    router,
    "/v1/prices",
    "prices",
    "Every rate in force at a day, flat.",
    words=(MODEL, PROVIDER, KIND, SERVICE, WORD["as_of"]),
    solve=prices,
    response_model=Rates,
    responses=PRICED | refusals(404, 422),
)
route(
    router,
    "/v1/prices/history",
    "price_history",
    "Every rate that the models named, or all, ever had, flat, oldest first.",
    words=(MODEL, KIND, SERVICE),
    solve=history,
    response_model=Rates,
    responses=refusals(404, 422),
)
text_route(
    router,
    "/v1/prices/changes.atom",
    "price_changes",
    "Changes of prices as an Atom feed, the newest first.",
    words=(MODEL, PROVIDER),
    solve=feed,
    answers=Atom,
    responses=refusals(404, 422),
)


@router.get(
    "/v1/models/{provider}/{model}",
    operation_id="model",
    summary="One model with all its rate cards.",
    response_model=model_of(records.SheetRecord),
    responses=refusals(404, 422),
)
async def model(
    provider: Provider,
    model: Name,
    question: Annotated[Parameters, in_query(Parameters)],
    engine: Answering,
) -> Response:
    def solved() -> Record:
        sheet = engine.sheets.sheet(f"{provider}/{model}")
        said = confirmed(engine.sheets.catalog.folder, sheet, clock.now())
        return dict(sheet_reply(sheet, confirmed=said).record())

    return await engine.json(solved, question.number)


@router.get(
    "/v1/models/{provider}/{model}/page.yaml",
    operation_id="model_page",
    summary="The page of a model as it lies in the folder of price sheets.",
    response_class=Yaml,
    responses=refusals(404, 422),
)
async def page(provider: Provider, model: Name, engine: Answering) -> Response:
    def written() -> bytes:
        sheets = engine.sheets
        sheet = sheets.sheet(f"{provider}/{model}")
        return next(text for path, text in (sheets.catalog.pages or {}).items() if _id(path) == sheet.id)

    return Yaml(await engine.run(written))


def _id(path: FilePath) -> str:
    return f"{path.parent.name}/{path.stem}"


@router.get(
    "/v1/schema",
    operation_id="schema",
    summary="The JSON schema of a page of price sheets.",
    response_model=dict[str, Any],
)
async def schema(engine: Answering) -> Response:
    return await engine.json(schema_for_editors)
