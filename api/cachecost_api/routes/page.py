"""The page at `/`: its files as they lie in `page/`."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response

from ..problems import Refusal

router = APIRouter(include_in_schema=False)
PAGE = Path(__file__).parents[1] / "page"
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".ico": "image/x-icon",
}
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
}


def file(name: str) -> Response:
    """A file of the page."""
    path = PAGE / name
    if path.suffix not in MEDIA or name.startswith(".") or path.parent != PAGE or not path.is_file():
        raise Refusal(404, "not-found", f"/page/{name[:80]} is no file of the page")
    return Response(path.read_bytes(), headers=SAFE, media_type=MEDIA[path.suffix])


@router.get("/")
async def index() -> Response:
    return file("index.html")


@router.get("/plan")
@router.get("/prices")
async def view(request: Request) -> Response:
    return file(f"{request.url.path.rpartition('/')[2]}.html")


@router.get("/page/{name}")
async def part(name: str) -> Response:
    return file(name)
