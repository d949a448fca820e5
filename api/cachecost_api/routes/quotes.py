"""Routes that price what was used: one request in words, one record, or a list of records in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, create_model

from cachecost.errors import BadUsage, UnknownModel
from cachecost.output.answers import bounds
from cachecost.output.answers.quote import QuoteRecord, answer, reply
from cachecost.output.records import SCHEMA_VERSION, Record, record
from cachecost.output.reply import Reply
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.usage import BEFORE, OPTIONAL, bounds_of, parsed, plain_id, quote_record, quoted
from cachecost.questions.usage import WORD as COUNTS
from cachecost.questions.usage import WORDS as COUNTED
from cachecost.questions.words import MODEL, WORD

from .. import limits
from ..answers import route
from ..dependencies import Answering
from ..models import AT, HOW, USED, Parameters, in_query, of_words
from ..openapi import BY_BODY, CLOSED, SHORT_NAMES, model_of, refusals
from ..problems import bad_request
from ..sheets import QuestionSheets, SheetSet

router = APIRouter(responses=refusals(404, 422))
EXAMPLE = {
    "model": "google/gemini-2.5-pro",
    "at": "2026-11-01",
    "usage": {"input": 2000, "cache_read": 80000, "output": 500},
}
ASKED = {"model": ["claude-opus-5-5"], "input": "100K", "max_output": "4K", "hit_share": "60%", "at": "2026-11-01"}
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


class Unpriced(BaseModel, **CLOSED):
    id: Any
    error: Failure


def how(parameters: Parameters) -> dict[str, Any]:
    """The service, the region and the mode of a request."""
    return {"service": parameters.service, "region": parameters.region or None, "thinking": parameters.thinking}


def priced(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
    """What `cachecost quote` works out for one request."""
    if parameters.at and parameters.as_of:
        raise bad_request("at: as_of is given too, and both say when; give one of them", where="at")
    (sheet,) = sheets.named()
    at, said = parameters.day(now), parameters.only(COUNTED)
    return reply(quoted(said, sheet, at=at, today=now.date(), **how(parameters)))


def all_answered(records: Sequence[object], sheets: SheetSet, now: datetime) -> list[Record]:
    """The records of a list in order. The first unknown models come with similar names: looking them up for each of
    many would take longer than to price the others."""
    unknown: set[str] = set()
    warned: set[str] = set()

    def sheet(name: str) -> PriceSheet:
        try:
            return sheets.sheet(name, suggest=len(unknown) < limits.SUGGESTED)
        except UnknownModel:
            unknown.add(name)
            raise

    return [answer(each, sheet=sheet, default_at=now, today=now.date(), warned=warned) for each in records]


def one(question: object, sheets: SheetSet, now: datetime) -> Record:
    result: Record = {"schema_version": SCHEMA_VERSION}
    if isinstance(question, Mapping) and question.get("id") is not None:
        result |= {"id": plain_id(question["id"])}
    return result | record(QuoteRecord, quote_record(question, sheet=sheets.sheet, default_at=now, today=now.date()))


def bounded(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
    """What `cachecost quote --bounds` works out."""
    (sheet,) = sheets.named()
    said = parameters.only((*COUNTED, *BEFORE))
    return bounds.reply(bounds_of(said, sheet, at=parameters.day(now), **how(parameters)))


route(
    router,
    "/v1/bounds",
    "bounds",
    "What one request can cost before it is sent: at least, likely, and at most.",
    words=(MODEL, COUNTS["input"], COUNTS["output"], *BEFORE, *HOW, AT),
    required=("model", "input"),
    one_model=True,
    solve=bounded,
    response_model=model_of(bounds.BoundsRecord),
    examples={"plain": {"value": ASKED}},
)
route(
    router,
    "/v1/quote",
    "quote",
    "What this usage costs, line by line.",
    words=(MODEL, *USED),
    required=("model",),
    one_model=True,
    solve=priced,
    response_model=One,
)


@router.post(
    "/v1/quote",
    operation_id="quote_by_body",
    summary="One record, or a list of them answered in order; a bad one never stops the rest.",
    response_model=One | list[OfList | Unpriced],
    responses=BY_BODY,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": BODY}}},
)
async def by_body(
    request: Request,
    under: Annotated[Parameters, in_query(of_words("quote_by_body", (WORD["discount"],)))],
    engine: Answering,
) -> Response:
    question = parsed(await request.body())
    if not isinstance(question, list):
        return await engine.json(lambda: one(question, engine.sheets_for(under), engine.now), under.number)
    if len(question) > limits.QUOTES:
        raise BadUsage(f"{len(question):,} records are too many at once; expected up to {limits.QUOTES:,}")
    return await engine.json(lambda: all_answered(question, engine.sheets_for(under), engine.now), under.number)
