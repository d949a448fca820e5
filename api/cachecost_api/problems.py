"""Refusals over HTTP: every error is a problem with a stable type, and says which word of the question is wrong.

The shape is that of RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457): `type`, `title`, `status`, `detail`, and
`errors`, each with the `parameter` of a query or the `pointer` into a body.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from cachecost.errors import BadSheet, CachecostError, UnknownModel
from cachecost.output.escapes import visible
from cachecost.questions import usage
from cachecost.questions.words import WORD, word_of

MEDIA = "application/problem+json"
RECORD = {*usage.KEYS, *usage.WORD}
"""Words of a record of usage, a body that the engine reads."""
EXAMPLES = {"model": "google/gemini-2.5-pro", "usage": '{"input": 1000, "output": 500}'}
KINDS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 414: "too-long", 400: "bad-request"}
TEXT = {"type": "string", "minLength": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:cachecost:[a-z-]+$", "examples": ["urn:cachecost:bad-quantity"]},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"parameter": TEXT, "pointer": {"type": "string", "pattern": "^/"}, "detail": TEXT},
                "required": ["detail"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}
"""A problem as a JSON schema."""
Errors = list[dict[str, str]]


class Refusal(HTTPException):
    """A request that is refused here, not by the engine; `where` is the parameter at fault."""

    def __init__(self, status: int, kind: str, detail: str, *, where: str = "") -> None:
        super().__init__(status, detail, {"Retry-After": "1"} if status in (503, 504) else None)
        self.kind, self.where = kind, where


def bad_request(detail: str, *, where: str = "") -> Refusal:
    """A question in another shape than the one that is documented."""
    return Refusal(422, "bad-request", detail, where=where)


def problem(status: int, kind: str, detail: str, *, errors: Errors | None = None, headers: Any = None) -> Response:
    """The problem as an answer."""
    return Response(written(status, kind, detail, errors), status, headers=headers, media_type=MEDIA)


def written(status: int, kind: str, detail: str, errors: Errors | None = None) -> bytes:
    """The problem as it is sent."""
    problem: dict[str, Any] = {"type": f"urn:cachecost:{kind}", "title": kind.replace("-", " "), "status": status}
    return as_json(problem | {"detail": detail} | ({"errors": errors} if errors else {}))


def as_json(record: Any) -> bytes:
    """A record as JSON in UTF-8, in which whatever a terminal would obey or UTF-8 may not hold is an escape."""
    return visible(json.dumps(record, ensure_ascii=False)).encode()


def _error(word: str, detail: str, *, body: bool) -> dict[str, str]:
    return ({"pointer": f"/{word}"} if body else {"parameter": word}) | {"detail": detail}


def _errors(word: str, detail: str, request: Request | None) -> Errors:
    """Which word is at fault, and whether it stands in the query or in the body; nothing where the route takes no such
    word."""
    if not word or not request:
        return []
    in_query = _known(request, "query")
    is_known = word in RECORD or word in in_query or word in _known(request, "body")
    return [_error(word, detail, body=request.method == "POST" and word not in in_query)] if is_known else []


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem."""

    @app.exception_handler(CachecostError)
    async def refused(request: Request, error: CachecostError) -> Response:
        return of_error(error, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = list(invalid_words(error.errors(), partial(_known, request)))
        return problem(422, "bad-request", errors[0]["detail"], errors=[each for each in errors if len(each) > 1])

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        return of_refusal(error, request)


def of_error(error: CachecostError, request: Request) -> Response:
    """A problem for what the engine refuses."""
    word, detail = word_of(error), str(error)
    status = 404 if isinstance(error, UnknownModel) else 503 if isinstance(error, BadSheet) else 422
    return problem(status, error.kind, detail, errors=_errors(word, detail, request))


def fault() -> Response:
    """A problem for what should not have happened."""
    return problem(500, "fault", "something is wrong with this server; its log says more under this X-Request-ID")


def invalid_words(faults: Iterable[Mapping[str, Any]], known: Callable[[str], list[str]]) -> Iterator[dict[str, str]]:
    """What pydantic found, once for each word; unknown words first, since one of them may be a missing one misspelt.
    `known`: the words that may stand in a place, such as `body`, with which the `loc` of a fault begins."""
    seen = set()
    for each in sorted(faults, key=lambda each: str(each["type"] != "extra_forbidden")):
        place, *inside = each["loc"]
        message = each["msg"][0].lower() + each["msg"][1:]
        if not inside:
            fault = f"{message}; " if each["type"] == "json_invalid" else ""
            yield {"detail": f'{place}: {fault}expected an object of words, such as {{"model": "gpt-4o", ...}}'}
        elif (word := str(inside[0])[:40]) not in seen:
            seen.add(word)
            match each["type"]:
                case "extra_forbidden":
                    detail = f"{word!r} is not a word here; expected {', '.join(known(str(place)))}"
                case "missing":
                    example = WORD[word].example if word in WORD else EXAMPLES.get(word, "")
                    detail = f"{word}: missing; expected a value" + (f" such as {example}" if example else "")
                case "too_long":
                    detail = (
                        f"{word}: expected at most {each['ctx']['max_length']} here, not {each['ctx']['actual_length']}"
                    )
                case _:
                    detail = f"{word}: {message}"
            yield _error(word, detail, body=place == "body") if word else {"detail": detail}


def _known(request: Request, place: str) -> list[str]:
    """The words that the route takes in its query or its body."""
    readers = request.scope["route"].dependant.dependencies
    models = [each for one in readers for each in (one.body_params if place == "body" else one.query_params)]
    return sorted(name for each in models for name in each.field_info.annotation.model_fields)


def of_refusal(error: HTTPException, request: Request | None = None) -> Response:
    """A problem for what is refused before the engine: by us, or by the router (no such path, no such method)."""
    status, headers = error.status_code, error.headers
    if isinstance(error, Refusal):
        errors = _errors(error.where, error.detail, request)
        return problem(status, error.kind, error.detail, errors=errors, headers=headers)
    detail = error.detail
    if request and status == 404:
        detail = f"{request.url.path} answers nothing; see /openapi.json"
    elif request and status == 405:
        detail, headers = f"{request.url.path} does not answer {request.method}", {"Allow": ", ".join(allowed(request))}
    return problem(status, KINDS.get(status, HTTPStatus(status).phrase.lower()), detail, headers=headers)


def allowed(request: Request) -> list[str]:
    """The methods that a path answers: the router itself names those of its first route alone."""
    methods, scope = {"HEAD"}, {**request.scope, "root_path": ""}
    for route in routes_of(request.app):
        if route.matches(scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or {"GET"}
    return sorted(methods)


def routes_of(app: FastAPI) -> Iterator[Any]:
    """Every route of an application: newer versions of FastAPI keep included routers apart."""
    for each in app.routes:
        included = getattr(each, "original_router", None)
        yield from included.routes if included else [each]
