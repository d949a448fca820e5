"""Refusals over HTTP: every error is a problem with a stable type, and says which word of the question is wrong.

The shape is that of RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457): `type`, `title`, `status`, `detail`, and
`errors`, each with the `parameter` of a query or the `pointer` into a body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from cachecost.errors import BadSheet, CachecostError, UnknownModel
from cachecost.questions.words import WORD, word_of

MEDIA = "application/problem+json"
ASKED = {*WORD, "model", "strategy", "at", "usage", "cache_read", "cache_write", "input", "output", "storage", "audio"}
KINDS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 414: "too-long", 400: "bad-request"}


class Refusal(Exception):
    """An answer that is refused by the door, not by the engine; `where` is the parameter at fault."""

    def __init__(self, status: int, kind: str, detail: str, *, where: str = "") -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.where = status, kind, detail, where


def bad_request(detail: str, *, where: str = "") -> Refusal:
    """A question in another shape than the one that is documented."""
    return Refusal(422, "bad-request", detail, where=where)


def problem(
    status: int, kind: str, detail: str, *, errors: list[dict[str, str]] | None = None, headers: Any = None
) -> Response:
    """The problem as an answer."""
    return Response(written(status, kind, detail, errors), status, headers=headers, media_type=MEDIA)


def written(status: int, kind: str, detail: str, errors: list[dict[str, str]] | None = None) -> bytes:
    """The problem as it is sent."""
    found: dict[str, Any] = {"type": f"urn:cachecost:{kind}", "title": kind.replace("-", " "), "status": status}
    return told(found | {"detail": detail} | ({"errors": errors} if errors else {}))


def told(found: Any) -> bytes:
    """A record as JSON in UTF-8; half a surrogate pair, which JSON may hold and UTF-8 may not, stays an escape."""
    return json.dumps(found, ensure_ascii=False).encode(errors="backslashreplace")


def of_error(error: CachecostError, *, body: bool) -> Response:
    """A refusal of the engine; the word of the question that is at fault is pointed at."""
    detail, word = str(error), word_of(error)
    status = 404 if isinstance(error, UnknownModel) else 503 if isinstance(error, BadSheet) else 422
    return problem(status, error.kind, detail, errors=_errors(word if word in ASKED else "", detail, body=body))


def _errors(word: str, detail: str, *, body: bool) -> list[dict[str, str]]:
    place = {"pointer": f"/{word}"} if body else {"parameter": word}
    return [place | {"detail": detail}] if word else []


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem."""

    @app.exception_handler(CachecostError)
    async def refused(request: Request, error: CachecostError) -> Response:
        return of_error(error, body=request.method == "POST")

    @app.exception_handler(Refusal)
    async def declined(request: Request, error: Refusal) -> Response:
        return of_refusal(error, body=request.method == "POST")

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        headers = {"Allow": ", ".join(allowed(request))} if error.status_code == 405 else error.headers
        return of_status(error.status_code, request.method, request.url.path, headers=headers)


def allowed(request: Request) -> list[str]:
    """The methods that a path answers: the router itself names those of its first route alone."""
    found = {"HEAD"}
    for route in request.app.routes:
        if route.matches({**request.scope, "root_path": ""})[0] is not Match.NONE:
            found |= route.methods
    return sorted(found)


def of_refusal(error: Refusal, *, body: bool = False) -> Response:
    wait = {"Retry-After": "1"} if error.status in (503, 504) else None
    return problem(
        error.status, error.kind, error.detail, errors=_errors(error.where, error.detail, body=body), headers=wait
    )


def of_status(status: int, method: str, path: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """A problem for what the router refuses: no such path, no such method."""
    told = {404: f"{path} answers nothing; see /openapi.json", 405: f"{path} does not answer {method}"}
    detail = told.get(status, HTTPStatus(status).phrase)
    return problem(status, KINDS.get(status, HTTPStatus(status).phrase.lower()), detail, headers=headers)
