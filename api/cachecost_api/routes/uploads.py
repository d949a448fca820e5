"""Routes that take a file: a document, whose tokens are counted, and a log, which is priced and replayed.

A file is the body as it is. It is read in memory and kept nowhere.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from cachecost.documents.families import load_ratios
from cachecost.documents.text import text_in
from cachecost.documents.tokens import TokenCount, count, family_of
from cachecost.output.records import Answered, Count, Fields, Record, Text, record
from cachecost.questions.words import MODEL, WORD

from .. import limits
from ..dependencies import Answering
from ..models import BY, FILE, POLICY, Parameters, in_query
from ..openapi import model_of, refusals
from ..sheets import SheetSet

router = APIRouter(responses=refusals(404, 408, 413, 422))
TOKEN_RATIOS = "token-ratios.yaml"
BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


class FamilyRecord(Fields):
    """Tokens of a document for the models of one family; `models` are those on sale."""

    family: Text
    tokens: Count
    low: Count
    high: Count
    exact: bool
    method: Text
    source: Text
    models: list[str]


class CountedRecord(Answered):
    """The tokens of a document, once for each family of models that cut text alike."""

    name: Text
    characters: Count
    families: list[FamilyRecord]


def counted(parameters: Parameters, data: bytes, sheets: SheetSet, now: datetime) -> Record:
    """What `cachecost` counts of a document, for every family of models on sale."""
    name = Path(PurePath(parameters.name).name or "document.txt")
    text = text_in(name, data, most=limits.UNPACKED)
    ratios = load_ratios(sheets.catalog.folder / TOKEN_RATIOS)
    models: dict[str, list[str]] = {}
    for sheet in sheets.sheets:
        if sheet.sold(now):
            models.setdefault(family_of(sheet.maker or sheet.provider, sheet.model, ratios=ratios), []).append(sheet.id)
    counts: dict[str, TokenCount] = {family: count(text, family=family, ratios=ratios) for family in models}
    families = [
        record(FamilyRecord, each, family=family, models=models[family]) for family, each in sorted(counts.items())
    ]
    return record(CountedRecord, None, name=str(name), characters=len(text), families=families)


@router.post(
    "/v1/count",
    operation_id="count",
    summary="Tokens of a document for each family of models. The document is the body; it is kept nowhere.",
    response_model=model_of(CountedRecord),
    openapi_extra={"requestBody": BODY},
)
async def counts(
    request: Request, question: Annotated[Parameters, in_query("count", (FILE,))], engine: Answering
) -> Response:
    data = await request.body()
    return await engine.json(lambda: counted(question, data, engine.sheets, engine.now), question.number)


@router.post(
    "/v1/replay",
    operation_id="replay",
    summary="What a usage log cost, and what it would have cost otherwise. The log is the body; it is kept nowhere.",
    response_model=dict[str, Any],
    openapi_extra={"requestBody": BODY},
)
async def replay(
    request: Request,
    question: Annotated[Parameters, in_query("replay", (FILE, BY, MODEL, POLICY, WORD["region"], WORD["as_of"]))],
    engine: Answering,
) -> Response:
    from ..replaying import replayed  # loading it takes as long as all else here

    data, name = await request.body(), question.name
    return await engine.json(lambda: replayed(question, data, engine.sheets, engine.now, name), question.number)
