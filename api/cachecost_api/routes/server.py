"""Routes about the server itself: is it well, which version and which sheets, what Prometheus scrapes."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI, Request, Response

from cachecost.units import show_instant

from ..answering import Door
from ..middleware.metrics import Metrics, missing
from ..openapi.operations import JSON, operation
from ..openapi.shapes import ref
from ..sheets import SheetSet


def package() -> str:
    try:
        return version("cachecost")
    except PackageNotFoundError:
        return "unknown"


def install(app: FastAPI, door: Door, metrics: Metrics | None) -> None:
    """Add the routes."""
    plain: dict[str, Any] = {"response_model": None, "response_class": Response}
    healthy, versioned = operation(schema=ref("Health")), operation(schema=ref("Version"))

    @app.get("/healthz", operation_id="health", summary="Is it well?", openapi_extra=healthy, **plain)
    async def health(request: Request) -> Response:
        """`degraded` where an edit of the price sheets is not in force, with its faults; 200 while it can answer."""

        def told(sheets: SheetSet, _: Any) -> dict[str, Any]:
            faults = [fault._asdict() for fault in door.shelf.told]
            pages = len(sheets.catalog.pages or ())
            status = "degraded" if faults else "ok"
            return {"status": status, "sheets": pages, "loaded": show_instant(sheets.loaded), "faults": faults}

        return Response(json.dumps(await door.run(told), ensure_ascii=False), media_type=JSON)

    @app.get("/version", operation_id="version", summary="Which code, which sheets?", openapi_extra=versioned, **plain)
    async def versions(request: Request) -> Response:
        def told(sheets: SheetSet, _: Any) -> dict[str, Any]:
            newest = max((sheet.checked for sheet in sheets.sheets), default=None)
            found = {"digest": sheets.digest, "count": len(sheets.sheets)}
            return {"version": package(), "sheets": found | {"newest_checked": newest and newest.isoformat()}}

        return Response(json.dumps(await door.run(told)), media_type=JSON)

    text = operation(media="application/openmetrics-text", also=(501,))

    @app.get("/metrics", operation_id="metrics", summary="For Prometheus.", openapi_extra=text, **plain)
    async def scrape(request: Request) -> Response:
        if metrics is None:
            raise missing()
        found, media = await door.run(lambda sheets, now: metrics.text())
        return Response(found, headers={"Content-Type": media})
