"""Routes that price what was used: one request in words, one record, or a list of records in order."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, create_model

from cachecost.errors import BadUsage, UnknownModel
from cachecost.output.answers import bounds as bounds_answers
from cachecost.output.answers.quote import QuoteRecord, answer, reply
from cachecost.output.records import SCHEMA_VERSION, Record, record
from cachecost.output.reply import Reply
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.usage import (
    BEFORE,
    OPTIONAL,
    WORD as COUNTS,
    WORDS as COUNTED,
    bounds_of,
    parsed,
    plain_id,
    quote_record,
    quoted,
)
from cachecost.questions.words import MODEL, WORD

from .. import limits
from ..answers import question
from ..engine import Answering
from ..models import AT, HOW, USED, Parameters, in_query, of_words
from ..openapi import BY_BODY, CLOSED, SHORT_NAMES, model_of, refusals
from ..problems import bad_request
from ..sheets import Inquiry

router = APIRouter(responses=refusals(404, 422))
EXAMPLE = {
    "model": "google/gemini-2.5-pro",
    "at": "2026-11-01",
    "usage": {"input": 2000, "cache_read": 80000, "output": 500},
}
BOUNDED = {"model": ["claude-opus-5-5"], "input": "100K", "max_output": "4K", "hit_share": "60%", "at": "2026-11-01"}
TYPES = {str: "string", bool: "boolean", int: "integer"}
RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["model", "usage"],
    "additionalProperties": False,
    "properties": {
        "id": {"description": "Given back as it came."},
        "model": {"type": "string"},
        **{key: {"type": [TYPES[kind], "null"], "description": what} for key, (kind, what) in OPTIONAL.items()},
        "usage": {"type": "object", "description": "input, cache_read, cache_write, creation, output, ..."},
    },
}
BODY = {
    "schema": {"anyOf": [RECORD, {"type": "array", "maxItems": limits.QUOTES, "items": {}}]},
    "examples": {"one": {"value": EXAMPLE}, "several": {"value": [{"id": 1} | EXAMPLE, {"id": 2} | EXAMPLE]}},
}
"""What a body may hold. The engine checks each record, so that a bad one never stops the rest."""
Priced = model_of(QuoteRecord)
One: Any = create_model("Quote", __base__=Priced, schema_version=(Literal[1], ...), id=(Any, None), names=SHORT_NAMES)
OfList: Any = create_model("QuoteOfList", __base__=Priced, id=(Any, ...))


class Failure(BaseModel, **CLOSED):
    type: str
    message: str


class UnpricedQuote(BaseModel, **CLOSED):
    id: Any
    error: Failure


def how(parameters: Parameters) -> dict[str, Any]:
    """The service, the region and the mode of a request."""
    return {"service": parameters.service, "region": parameters.region or None, "thinking": parameters.thinking}


@question(
    router,
    words=(MODEL, COUNTS["input"], COUNTS["output"], *BEFORE, *HOW, AT),
    required=("model", "input"),
    one_model=True,
    answers=model_of(bounds_answers.BoundsRecord),
    examples={"plain": BOUNDED},
)
def bounds(inquiry: Inquiry) -> Reply:
    """What one request can cost before it is sent: at least, likely, and at most."""
    said = inquiry.parameters.only((*COUNTED, *BEFORE))
    return bounds_answers.reply(bounds_of(said, inquiry.named()[0], at=inquiry.at, **how(inquiry.parameters)))


@question(router, words=(MODEL, *USED), required=("model",), one_model=True, answers=One)
def quote(inquiry: Inquiry) -> Reply:
    """What this usage costs, line by line."""
    parameters, today = inquiry.parameters, inquiry.now.date()
    if parameters.at and parameters.as_of:
        raise bad_request("at: as_of is given too, and both say when; give one of them", where="at")
    said = parameters.only(COUNTED)
    return reply(quoted(said, inquiry.named()[0], at=inquiry.at, today=today, **how(parameters)))


def all_answered(records: Sequence[object], inquiry: Inquiry) -> list[Record]:
    """The records of a list in order. The first unknown models come with similar names: looking them up for each of
    many would take longer than to price the others."""
    unknown: set[str] = set()
    warned: set[str] = set()

    def sheet(name: str) -> PriceSheet:
        try:
            return inquiry.sheet(name, suggest=len(unknown) < limits.SUGGESTED)
        except UnknownModel:
            unknown.add(name)
            raise

    now = inquiry.now
    return [answer(each, sheet=sheet, default_at=now, today=now.date(), warned=warned) for each in records]


def one(request: object, inquiry: Inquiry) -> Record:
    result: Record = {"schema_version": SCHEMA_VERSION}
    if isinstance(request, Mapping) and request.get("id") is not None:
        result |= {"id": plain_id(request["id"])}
    now = inquiry.now
    return result | record(QuoteRecord, quote_record(request, sheet=inquiry.sheet, default_at=now, today=now.date()))


@router.post(
    "/v1/quote",
    operation_id="quote_by_body",
    summary="One record, or a list of them answered in order; a bad one never stops the rest.",
    response_model=One | list[OfList | UnpricedQuote],
    responses=BY_BODY,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": BODY}}},
)
async def by_body(
    request: Request,
    under: Annotated[Parameters, in_query(of_words("quote_by_body", (WORD["discount"],)))],
    engine: Answering,
) -> Response:
    usage = parsed(await request.body())
    if not isinstance(usage, list):
        return await engine.json(lambda: one(usage, engine.inquiry(under)), under.number)
    if len(usage) > limits.QUOTES:
        raise BadUsage(f"{len(usage):,} records are too many at once; expected up to {limits.QUOTES:,}")
    return await engine.json(lambda: all_answered(usage, engine.inquiry(under)), under.number)
