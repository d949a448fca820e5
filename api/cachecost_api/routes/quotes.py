"""Routes that price what was used: one request in words, one record, or a list of records in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response

from cachecost.bills.warnings import with_notices
from cachecost.errors import BadUsage, CachecostError
from cachecost.output.answers.quote import reply
from cachecost.output.answers.records import QuoteRecord
from cachecost.output.records import SCHEMA_VERSION, Record, record
from cachecost.prices.card import STANDARD
from cachecost.prices.quote import Quote
from cachecost.prices.quote import quote as price
from cachecost.questions.usage import WORD as COUNTS
from cachecost.questions.usage import consumed, parsed, plain_id, quote_record, refuse_nothing

from .. import limits
from ..answering import CSV, Door
from ..openapi.operations import ONE_QUOTE, QUOTE_RECORD, operation, parameters
from ..openapi.shapes import ref
from ..parameters import Asked, of_query
from ..problems import bad_request
from ..sheets import SheetSet

WORDS = ("model", *COUNTS, "service", "region", "thinking", "at", "as_of")


def quoted(asked: Asked, sheets: SheetSet, now: datetime) -> Quote:
    """What `cachecost quote` works out for one request."""
    if asked.text("at") and asked.text("as_of"):
        raise bad_request("at: as_of is given too, and both say when; give one of them", where="at")
    usage, prompt = consumed(
        input=asked.text("input"),
        cache_read=asked.texts("cache_read"),
        cache_write=asked.texts("cache_write"),
        creation=asked.text("creation"),
        output=asked.text("output"),
        audio=asked.texts("audio"),
        storage=asked.text("storage"),
    )
    at = asked.at("as_of" if asked.text("as_of") else "at", now)
    found = price(
        usage,
        sheets.sheet(asked.model),
        at=at,
        service=asked.text("service") or STANDARD,
        region=asked.text("region") or None,
        thinking=asked.flag("thinking"),
        prompt=prompt,
    )
    refuse_nothing(*(asked.said.get(word) for word in COUNTS))
    return with_notices(found, usage, at=at, today=now.date())


def answered(asked: object, sheets: SheetSet, now: datetime) -> Record:
    """One record of a list: its quote, or why it has none; the others are answered all the same."""
    identity = None
    try:
        identity = plain_id(asked.get("id")) if isinstance(asked, Mapping) else None
        found = quote_record(asked, sheet=sheets.sheet, default_at=now, today=now.date())
    except CachecostError as error:
        return {"id": identity, "error": {"type": error.kind, "message": str(error)}}
    return {"id": identity} | record(QuoteRecord, found)


def one(asked: object, sheets: SheetSet, now: datetime) -> Record:
    found: Record = {"schema_version": SCHEMA_VERSION}
    if isinstance(asked, Mapping) and asked.get("id") is not None:
        found |= {"id": plain_id(asked["id"])}
    return found | record(QuoteRecord, quote_record(asked, sheet=sheets.sheet, default_at=now, today=now.date()))


def install(app: FastAPI, door: Door) -> None:
    """Add the routes."""
    asked_by = parameters((*WORDS, "number"), "model", quote=True)
    answer: dict[str, Any] = {"schema": ref("Quote")}
    summary = "What this usage costs, line by line."
    plain: dict[str, Any] = {"response_model": None, "response_class": Response}

    @app.get(
        "/v1/quote",
        operation_id="quote",
        summary=summary,
        openapi_extra=operation(**answer, asked=asked_by),
        **plain,
    )
    async def by_query(request: Request) -> Response:
        asked = of_query(request.scope["query_string"], (*WORDS, "number"))
        return await door.json(asked, lambda sheets, now: reply(quoted(asked, sheets, now)).record())

    table = operation(media=CSV.partition(";")[0], asked=asked_by[:-1])

    @app.get("/v1/quote.csv", operation_id="quote_csv", summary=f"{summary} As CSV.", openapi_extra=table, **plain)
    async def as_csv(request: Request) -> Response:
        asked = of_query(request.scope["query_string"], WORDS)
        return await door.csv(lambda sheets, now: reply(quoted(asked, sheets, now)).rows())

    body = {
        "schema": {"anyOf": [QUOTE_RECORD, {"type": "array", "maxItems": limits.QUOTES, "items": {}}]},
        "examples": {"one": {"value": ONE_QUOTE}, "several": {"value": [{"id": 1} | ONE_QUOTE, {"id": 2} | ONE_QUOTE]}},
    }
    records = operation(schema=ref("Quotes"), asked=parameters(("number",)), request=body)

    @app.post(
        "/v1/quote",
        operation_id="quote_by_body",
        summary="One record, or a list of them answered in order; a bad one never stops the rest.",
        openapi_extra=records,
        **plain,
    )
    async def by_body(request: Request) -> Response:
        number = of_query(request.scope["query_string"], ("number",))
        asked = parsed(await request.body())
        if not isinstance(asked, list):
            return await door.json(number, lambda sheets, now: one(asked, sheets, now))
        if len(asked) > limits.QUOTES:
            raise BadUsage(f"{len(asked):,} records are too many at once; expected up to {limits.QUOTES:,}")
        return await door.json(number, lambda sheets, now: [answered(each, sheets, now) for each in asked])
