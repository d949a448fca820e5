"""Routes that take a file: a document, whose tokens are counted, and a log, which is priced and replayed.

A file is the body as it is. It is read in memory and kept nowhere. A replay can say how far it is: in lines of JSON,
objects with one key each (https://github.com/ndjson/ndjson-spec), `progress`, and in the last `answer` or `problem`.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import date, datetime
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from cachecost.documents.media import MEDIA_TOKENS, Media, load_media, rule_of
from cachecost.documents.text import text_in
from cachecost.documents.tokens import TokenCount
from cachecost.errors import BadDocument, BadWorkload, CachecostError
from cachecost.output.records import Answered, Count, Record, RecordFields, Text, record
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.context import counted_text, media_of
from cachecost.questions.words import MEDIA, MODEL, WORD

from .. import limits
from ..engine import Answering
from ..middleware.cache import LINES, takes_lines
from ..models import BY, FILE, POLICY, Parameters, in_query, of_words
from ..openapi import model_of, refusals
from ..problems import RefusedRequest, as_json, fault, of_error, of_refusal
from ..sheets import SheetSet

router = APIRouter(responses=refusals(404, 408, 413, 415, 422))
BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


class FamilyRecord(RecordFields):
    """Tokens of a document for the models of one family; `models` are those on sale."""

    family: Text
    tokens: Count
    low: Count
    high: Count
    exact: bool
    method: Text
    source: Text
    models: list[str]


class MediaRecord(RecordFields):
    """Tokens of media for the models whose vendor counts them so; `models` are those on sale."""

    tokens: Count
    low: Count
    high: Count
    source: Text
    seen: date
    models: list[str]


class CountedRecord(Answered):
    """Tokens of a document for each family of models that cut text alike, and of media for each way of counting them.
    Models whose way of counting media is not known are in none."""

    name: str
    characters: Count
    families: list[FamilyRecord]
    media: list[MediaRecord]


def counted(parameters: Parameters, data: bytes | None, sheets: SheetSet, now: datetime) -> Record:
    """What `cachecost` counts of a document and of media, for all models on sale."""
    words, folder = parameters.as_question(), sheets.catalog.folder
    sold = [sheet for sheet in sheets.sheets if sheet.sold(now)]
    media = media_of(words)
    if data is None:
        if not any(media):
            raise BadWorkload("say how many, such as 400, or give images, audio or video", word="pages")
        document = {"name": "", "characters": 0, "families": []}
    else:
        document = _of_document(parameters.name, data, sold, folder)
    return record(CountedRecord, None, **document, media=_of_media(media, sold, folder) if any(media) else [])


def _of_document(name: str, data: bytes, sold: Sequence[PriceSheet], folder: Path) -> dict[str, Any]:
    path = Path(PurePath(name).name or "document.txt")
    text = text_in(path, data, most=limits.UNPACKED)
    count, models = counted_text(text, folder), defaultdict[tuple[str, TokenCount], list[str]](list)
    for sheet in sold:
        models[count(sheet)].append(sheet.id)
    rows = sorted(models.items(), key=lambda row: row[0][0])
    families = [record(FamilyRecord, each, family=family, models=names) for (family, each), names in rows]
    return {"name": str(path), "characters": len(text), "families": families}


def _of_media(media: Media, sold: Sequence[PriceSheet], folder: Path) -> list[Record]:
    """A row for each number of tokens by a source, most models first; BadDocument where no model takes them."""
    rules, alike, refusal = load_media(folder / MEDIA_TOKENS), defaultdict[tuple[Any, ...], list[str]](list), None
    for sheet in sold:
        try:
            rule = rule_of(sheet.provider, sheet.model, rules, media)
            alike[rule.count(media, sheet.id), rule.source, rule.seen].append(sheet.id)
        except BadDocument as error:
            refusal = error
    if refusal and not alike:
        raise refusal
    rows = sorted(alike.items(), key=lambda row: len(row[1]), reverse=True)
    return [record(MediaRecord, each, source=source, seen=seen, models=models) for (each, source, seen), models in rows]


class ProgressRecord(RecordFields):
    """How far a replay is: bytes of the unpacked log that were read, of how many, and lines or records in them."""

    stage: Literal["unpacking", "reading", "pricing", "comparing"]
    bytes: Count
    of: Count
    entries: Count


LOG = logging.getLogger("cachecost.requests")
SECONDS = 1 / 5
"""Between two looks at the work."""
LINE = {
    "type": "object",
    "description": "One of several lines: how far the reading is, or, in the last, the answer or why there is none.",
    "properties": {
        "progress": model_of(ProgressRecord).model_json_schema(),
        "answer": {"type": "object"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
    "minProperties": 1,
    "maxProperties": 1,
}
COUNTED = in_query(of_words("count", (FILE, *(WORD[name] for name in MEDIA))))
REPLAYED = in_query(of_words("replay", (FILE, BY, MODEL, POLICY, WORD["region"], WORD["as_of"])))


async def uploaded(request: Request) -> bytes:
    """The file that is the body. A form around it would be read as a part of it."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise RefusedRequest(
            415, "not-a-file", "the body is a form; send the file itself: curl --data-binary @FILE, not -F"
        )
    return await request.body()


Uploaded = Annotated[bytes, Depends(uploaded)]


@router.get(
    "/v1/count",
    operation_id="count_media",
    summary="Tokens of pages, images, sound and video for each way in which vendors count them.",
    response_model=model_of(CountedRecord),
)
async def count_media(question: Annotated[Parameters, COUNTED], engine: Answering) -> Response:
    return await engine.json(lambda: counted(question, None, engine.sheets, engine.now), question.number)


@router.post(
    "/v1/count",
    operation_id="count",
    summary="Tokens of a document for each family of models. The document is the body; it is kept nowhere.",
    openapi_extra={"requestBody": BODY},
    response_model=model_of(CountedRecord),
)
async def counts(data: Uploaded, question: Annotated[Parameters, COUNTED], engine: Answering) -> Response:
    return await engine.json(lambda: counted(question, data, engine.sheets, engine.now), question.number)


@router.post(
    "/v1/replay",
    operation_id="replay",
    summary="What a usage log cost, and what it would have cost otherwise. The log is the body; it is kept nowhere.",
    response_model=dict[str, Any],
    responses={200: {"content": {LINES: {"schema": LINE}}}},
    openapi_extra={"requestBody": BODY},
)
async def replay(
    request: Request, data: Uploaded, question: Annotated[Parameters, REPLAYED], engine: Answering
) -> Response:
    """The report as JSON. With `Accept: application/x-ndjson` lines of JSON: how far the reading is, and at last the
    answer or a problem. A client that hangs up stops it."""
    from ..replaying import Replay  # loading it takes as long as all else here

    log = Replay(question, data, question.name)

    def report() -> Record:
        return log.report(engine.inquiry(question))

    if takes_lines(request.scope):
        work = engine.written(report, question.number, limits.PATIENCE)
        return in_lines(request, work, log)
    try:
        return await engine.json(report, question.number)
    finally:
        log.stop()


def in_lines(request: Request, work: Coroutine[Any, Any, bytes], log: Any) -> StreamingResponse:
    """The answer in lines; `work` on the `log` of a replay comes to its JSON."""

    async def lines() -> AsyncIterator[bytes]:
        job, last = asyncio.ensure_future(work), None
        try:
            while not job.done():
                if (now := record(ProgressRecord, log)) != last:
                    yield b'{"progress": %b}\n' % as_json(now)
                    last = now
                await asyncio.wait([job], timeout=SECONDS)
            try:
                yield b'{"answer": %b}\n' % job.result()
            except CachecostError as error:
                yield b'{"problem": %b}\n' % bytes(of_error(error, request).body)
            except HTTPException as error:
                yield b'{"problem": %b}\n' % bytes(of_refusal(error, request).body)
            except Exception:
                LOG.exception("a request failed", extra={"path": request.url.path})
                yield b'{"problem": %b}\n' % bytes(fault().body)
        finally:
            log.stop()
            job.cancel()

    # A proxy that buffers would hold back every line until the last: https://nginx.org/r/proxy_buffering
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), headers=headers, media_type=LINES)
