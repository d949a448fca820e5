"""Routes that tell what is sold: models, one model, the rates in force, their history, the shape of a page."""

from collections.abc import Iterable
from functools import partial
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
from cachecost.questions.search import WORDS as SEARCHED, search
from cachecost.questions.words import MODEL, PROVIDER, WORD

from ..answers import question, text
from ..engine import Answering
from ..models import KIND, Parameters, in_query
from ..openapi import link, links, model_of, refusals
from ..problems import bad_request
from ..sheets import Inquiry

router = APIRouter()
NAMED = links(
    link("compare", "What a context costs there.", model="/models/0/model"),
    link("price_history", "Every rate that a model ever had.", model="/models/0/model"),
)
PRICED = links(link("quote", "What one request costs there.", model="/0/model", service="/0/service"))
Provider = Annotated[str, Path(min_length=1, description="Who sells it.", examples=["google"])]
Name = Annotated[str, Path(min_length=1, description="Its name there, or an alias.", examples=["gemini-2.5-pro"])]
SERVICE = WORD["service"]._replace(default="")
Rates: Any = list[model_of(records.RateRecord)]  # type: ignore[misc]


class Yaml(Response):
    """A page of price sheets; as plain text a browser shows it instead of saving it."""

    media_type = "text/plain"


@question(
    router, words=(*SEARCHED, WORD["as_of"]), answers=model_of(records.ModelsRecord), responses=NAMED | refusals(422)
)
def models(inquiry: Inquiry) -> Reply:
    """The models sold at a day, each with its rate card in force."""
    of = of_provider(inquiry.sheets, inquiry.parameters.provider)
    return models_reply(search(of, inquiry.at, inquiry.parameters.only(SEARCHED)))


@question(
    router,
    words=(WORD["as_of"],),
    answers=model_of(ListedRecords),
    responses=links(link("compare", "What a context costs there.", model="/deployments/0/model")) | refusals(422),
)
def deployments(inquiry: Inquiry) -> Reply:
    """Self-hosted models on machines, each under the name by which other routes ask about it."""
    return list_reply(list(inquiry.catalog.fleet.deployments(inquiry.at)))


@question(
    router, words=(MODEL, PROVIDER, KIND, SERVICE, WORD["as_of"]), answers=Rates, responses=PRICED | refusals(404, 422)
)
def prices(inquiry: Inquiry) -> Reply:
    """Every rate in force at a day, flat."""
    return listed(inquiry, ((sheet, card) for sheet in chosen(inquiry) if (card := sheet.sold(inquiry.at))))


@question(router, "/v1/prices/history", words=(MODEL, KIND, SERVICE), answers=Rates, responses=refusals(404, 422))
def price_history(inquiry: Inquiry) -> Reply:
    """Every rate that the models named, or all, ever had, flat, oldest first."""
    cards = ((sheet, card) for sheet in chosen(inquiry) for card in sheet.cards)
    return listed(inquiry, (each for each in cards if each[1].status != "cancelled"))  # those were never in force


@text(router, "/v1/prices/changes.atom", "application/atom+xml", words=(MODEL, PROVIDER), responses=refusals(404, 422))
def price_changes(inquiry: Inquiry) -> bytes:
    """Changes of prices as an Atom feed, the newest first."""
    of, parameters = chosen(inquiry), inquiry.parameters
    names = [inquiry.names.get(name, name) for name in parameters.model]
    return changes_feed(of, about=", ".join([*names, *filter(None, [parameters.provider])]))


def chosen(inquiry: Inquiry) -> list[PriceSheet]:
    """The sheets of the models named, of a provider, or of all."""
    provider = getattr(inquiry.parameters, "provider", "")
    whole = of_provider(inquiry.sheets, provider)
    named = inquiry.named()
    return [sheet for sheet in named if not provider or sheet in whole] if inquiry.parameters.model else whole


def listed(inquiry: Inquiry, cards: Iterable[tuple[PriceSheet, RateCard]]) -> Reply:
    """Every rate of the cards in every form, of the kinds and the service that are asked for. A name that no
    price sheet has is refused: a slip would look as if nothing were sold."""
    kinds, services = inquiry.parameters.kind, list(filter(None, [inquiry.parameters.service]))
    if kinds or services:
        rows = [row for sheet in inquiry.sheets for card in sheet.cards for row in card.rows]
        sold = {"kind": {kind for row in rows for kind in row.rates}, "service": {row.service for row in rows}}
        for word, name in [*(("kind", kind) for kind in kinds), *(("service", service) for service in services)]:
            if name not in sold[word]:
                known = ", ".join(sorted(sold[word]))
                raise bad_request(f"{word}: no price sheet has {name!r}; expected {known}", where=word)
    rates = [
        each
        for sheet, card in cards
        for each in records.rates(sheet, card)
        if (not kinds or each["kind"] in kinds) and (not services or each["service"] in services)
    ]
    table = partial(records.rates_table, rates)
    return Reply(page=lambda: Page("", [table()]), record=lambda: rates, rows=table)


@router.get(
    "/v1/models/{provider}/{model}",
    operation_id="model",
    summary="One model with all its rate cards.",
    response_model=model_of(records.SheetRecord),
    responses=refusals(404, 422),
)
async def model(
    provider: Provider, model: Name, question: Annotated[Parameters, in_query(Parameters)], engine: Answering
) -> Response:
    def solved() -> Record:
        catalog = engine.sheets.catalog
        sheet = catalog.sheet(f"{provider}/{model}")
        said = confirmed(catalog.folder, sheet, clock.now())
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
        catalog = engine.sheets.catalog
        sheet = catalog.sheet(f"{provider}/{model}")
        return next(page for path, page in catalog.pages.items() if f"{path.parent.name}/{path.stem}" == sheet.id)

    return Yaml(await engine.run(written))


@router.get(
    "/v1/schema",
    operation_id="schema",
    summary="The JSON schema of a page of price sheets.",
    response_model=dict[str, Any],
)
async def schema(engine: Answering) -> Response:
    return await engine.json(schema_for_editors)
