"""Routes about the server itself: is it well, which version and which sheets, what Prometheus scrapes."""

import asyncio
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from cachecost.files.installed import install
from cachecost.output.records import SCHEMA_VERSION
from cachecost.units import show_instant

from ..engine import Answering
from ..openapi import CLOSED, refusals
from ..problems import RefusedRequest, as_json, routes_of

router = APIRouter()
Count = Annotated[int, Field(ge=0)]


def package() -> str:
    try:
        return version("cachecost")
    except PackageNotFoundError:
        return "unknown"


class SheetFault(BaseModel, **CLOSED):
    file: str
    line: Count
    message: str


class Health(BaseModel, **CLOSED):
    status: Literal["ok", "degraded"]
    sheets: Count
    loaded: str
    faults: list[SheetFault]


class SheetsInForce(BaseModel, **CLOSED):
    digest: str
    count: Count
    newest_checked: Annotated[str, Field(json_schema_extra={"format": "date"})] | None


class ServerVersion(BaseModel, **CLOSED):
    version: str
    sheets: SheetsInForce


class Operation(BaseModel, **CLOSED):
    method: Literal["GET", "POST"]
    path: Annotated[str, Field(pattern="^/")]
    operation: str
    summary: str


class Index(BaseModel, **CLOSED):
    schema_version: Literal[1]
    reference: Annotated[str, Field(pattern="^/")]
    operations: list[Operation]


class OpenMetrics(Response):
    media_type = "application/openmetrics-text"


@router.get("/v1", operation_id="index", summary="Everything that this server answers.", response_model=Index)
async def index(request: Request) -> Response:
    by_path: dict[str, list[dict[str, str]]] = {}
    for each in routes_of(request.app):
        if getattr(each, "include_in_schema", False):
            about = {"path": each.path, "operation": each.operation_id, "summary": each.summary}
            by_path.setdefault(each.path, []).extend({"method": method} | about for method in sorted(each.methods))
    operations = [each for listed in by_path.values() for each in listed]
    answer = {"schema_version": SCHEMA_VERSION, "reference": request.app.openapi_url, "operations": operations}
    return Response(as_json(answer), media_type="application/json")


@router.get("/healthz", operation_id="health", summary="Is it well?", response_model=Health)
async def health(engine: Answering) -> Response:
    """`degraded` where an edit of the price sheets is not in force, with its faults; 200 while it can answer."""

    def answer() -> dict[str, Any]:
        sheets, faults = engine.sheets, [fault._asdict() for fault in engine.shelf.faults_now]
        status = "degraded" if faults else "ok"
        pages = len(sheets.catalog.paths)
        return {"status": status, "sheets": pages, "loaded": show_instant(sheets.loaded), "faults": faults}

    return await _outside_the_queue(answer)


@router.get("/version", operation_id="version", summary="Which code, which sheets?", response_model=ServerVersion)
async def versions(engine: Answering) -> Response:
    def answer() -> dict[str, Any]:
        sheets = engine.sheets
        newest = max((sheet.checked for sheet in sheets.sheets), default=None)
        loaded = {"digest": sheets.digest, "count": len(sheets.sheets)}
        return {"version": package(), "sheets": loaded | {"newest_checked": newest and newest.isoformat()}}

    return await _outside_the_queue(answer)


async def _outside_the_queue(answer: Callable[[], dict[str, Any]]) -> Response:
    """An answer that waits for no question; in a thread all the same, since the first one reads the folder."""
    return Response(as_json(await asyncio.to_thread(answer)), media_type="application/json")


@router.get(
    "/metrics", operation_id="metrics", summary="For Prometheus.", response_class=OpenMetrics, responses=refusals(501)
)
async def scrape(request: Request, engine: Answering) -> Response:
    metrics = request.app.state.metrics
    if metrics is None:
        raise RefusedRequest(501, "not-installed", f"metrics need another package: {install('metrics')}")
    text, media = await engine.run(metrics.text)
    return Response(text, headers={"Content-Type": media})
