"""The page at `/` and the views beside it: files as they lie in `page/`."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from cachecost.files.reading import is_file

from ..problems import RefusedRequest

router = APIRouter(include_in_schema=False)
PAGE = Path(__file__).parents[1] / "page"
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
VIEWS = ("", "plan", "prices", "replay", "count", "api")
HEAD, SKIP, MAIN = (f"<!-- {part} of the view -->" for part in ("head", "skip link", "main"))
"""Where the frame that all views share takes the parts of one."""
QUESTION = "<!-- question -->"
"""Where a view that asks takes the form and the sentence above it."""
POLICY = "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; object-src 'none'"


def file(name: str, request: Request) -> Response:
    """A file of the page, which only the origins that the application names may show in a frame."""
    path = PAGE / name
    if path.suffix not in MEDIA or name.startswith(".") or path.parent != PAGE or not is_file(path):
        raise RefusedRequest(404, "not-found", f"/page/{name[:80]} is no file of the page")
    frames = " ".join(request.app.state.embed) or "'none'"
    safe = {"Content-Security-Policy": f"{POLICY}; frame-ancestors {frames}", "Referrer-Policy": "no-referrer"}
    content = composed(path) if path.suffix == ".html" else path.read_bytes()
    return Response(content, headers=safe, media_type=MEDIA[path.suffix])


@cache
def composed(path: Path) -> str:
    """A view in the frame: its file has what belongs into the head, then the skip link, an empty line, and the rest."""
    frame, question = (path.with_name(f"{name}.html").read_text(encoding="utf-8") for name in ("frame", "question"))
    head, _, body = path.read_text(encoding="utf-8").replace(QUESTION, question).partition("</head>\n")
    skip, _, main = body.partition("\n\n")
    link = f'href="{"." if path.stem == "index" else path.stem}"'
    frame = frame.replace(link, f'{link} aria-current="page"', 1)  # the first is that of the list of pages
    return frame.replace(HEAD, head.rstrip()).replace(SKIP, skip).replace(MAIN, main.rstrip())


async def view(request: Request) -> Response:
    return file(f"{request.url.path.rpartition('/')[2] or 'index'}.html", request)


for name in VIEWS:
    router.add_api_route(f"/{name}", view)


@router.get("/page/{name}")
async def part(name: str, request: Request) -> Response:
    return file(name, request)
