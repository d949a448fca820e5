"""Refusals over HTTP: every error is a problem with a stable type, and says which word of the question is wrong.

The shape is that of RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457): `type`, `title`, `status`, `detail`, and
`errors`, each with the `parameter` of a query or the `pointer` into a body.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from cachecost.errors import BadSheet, CachecostError, UnknownModel
from cachecost.output.escapes import visible
from cachecost.prices.usage import KEY_OF, USAGE_KEYS, shown
from cachecost.questions.usage import KEYS
from cachecost.questions.words import MODEL, WORD, word_of

MEDIA = "application/problem+json"
BODY = f"an object of words, such as {json.dumps({word.name: word.example for word in (MODEL, WORD['context'])})}"
EXPECTED = {
    "extra_forbidden": "{word!r} is not a word here{near}; expected {known}",
    "missing": "{word}: missing; expected a value{example}",
    "too_long": "{word}: expected at most {max_length} here, not {actual_length}",
    "string_type": "{word}: expected one value{example}, not {value}",
    "string_too_long": "{word}: expected up to {max_length} characters, not {value}",
    "list_type": "{word}: expected one value or a list of them, not {value}",
    **dict.fromkeys(("bool_parsing", "bool_type"), "{word}: expected true or false, not {value}"),
    "literal_error": "{word}: expected {expected}, not {value}",
}
"""What is said of each fault that pydantic finds in a word."""
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


class RefusedRequest(HTTPException):
    """A request that is refused here, not by the engine; `where` is the parameter at fault."""

    def __init__(self, status: int, kind: str, detail: str, *, where: str = "") -> None:
        super().__init__(status, detail, {"Retry-After": "1"} if status in (503, 504) else None)
        self.kind, self.where = kind, where


def bad_request(detail: str, *, where: str = "") -> RefusedRequest:
    """A question in another shape than the one that is documented."""
    return RefusedRequest(422, "bad-request", detail, where=where)


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


def _errors(word: str, detail: str, request: Request | None) -> Errors:
    place = _place_of(word, request) if request and "route" in request.scope else {}
    return [place | {"detail": detail}] if place else []


def _place_of(word: str, request: Request) -> dict[str, str]:
    """Where a request has a word: a parameter of its path or query, or a key of its body; empty where it has none."""
    query, body = _fields(request, "query"), _fields(request, "body")
    # An instant is `at` to the engine, and `as_of` where the question calls it so.
    if word == "at" and "as_of" in {**query, **body} and ("at" not in query or "as_of" in request.query_params):
        word = "as_of"
    if word in query or word in request.scope["route"].param_convertors:
        return {"parameter": word}
    if word in body:
        return {"pointer": f"/{word}"}
    if request.method != "POST" or body:
        return {}
    # A record of usage is read by the engine, and has no model here.
    key = KEY_OF.get(word, word)
    if key in USAGE_KEYS:
        return {"pointer": f"/usage/{key}"}
    return {"pointer": f"/{key}"} if key in KEYS else {}


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem."""

    @app.exception_handler(CachecostError)
    async def refused(request: Request, error: CachecostError) -> Response:
        return of_error(error, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = list(invalid_words(error.errors(), partial(_fields, request)))
        return problem(422, "bad-request", errors[0]["detail"], errors=[each for each in errors if len(each) > 1])

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        return of_refusal(error, request)


def of_error(error: CachecostError, request: Request) -> Response:
    """A problem for what the engine refuses."""
    detail = str(error).replace("`cachecost models`", "/v1/models")
    status = 404 if isinstance(error, UnknownModel) else 503 if isinstance(error, BadSheet) else 422
    return problem(status, error.kind, detail, errors=_errors(word_of(error), detail, request))


def fault() -> Response:
    """A problem for what should not have happened."""
    return problem(500, "fault", "something is wrong with this server; its log says more under this X-Request-ID")


def invalid_words(
    faults: Iterable[Mapping[str, Any]], fields: Callable[[str], Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    """What pydantic found, once for each word; unknown words first, since one of them may be a missing one misspelt.
    `fields`: what is declared of words in a place, such as `body`, with which the `loc` of a fault begins."""
    seen = set()
    for each in sorted(faults, key=lambda each: str(each["type"] != "extra_forbidden")):
        place, *inside = each["loc"]
        if not inside:
            yield {"detail": f"{place}: expected {BODY}"}
        elif (word := str(inside[0])[:40]) not in seen:
            seen.add(word)
            detail = _detail(each, word, fields(str(place)))
            # A word may be empty, and then there is none to name.
            where = {"pointer": f"/{word}"} if place == "body" else {"parameter": word}
            yield (where if word else {}) | {"detail": detail}


def _detail(error: Mapping[str, Any], word: str, fields: Mapping[str, Any]) -> str:
    """What is wrong with a word, and what was expected."""
    if error["type"] not in EXPECTED:
        return f"{word}: {error['msg'][0].lower()}{error['msg'][1:]}"
    near = get_close_matches(word, fields, 1)
    examples = fields[word].examples if word in fields else None
    return EXPECTED[error["type"]].format(
        word=word,
        near=f" (did you mean {near[0]}?)" if near else "",
        known=", ".join(sorted(fields)) or "none",
        example=f" such as {examples[0]}" if examples else "",
        value=shown(error["input"]),
        **error.get("ctx", {}),
    )


def _fields(request: Request, place: str) -> dict[str, Any]:
    """The words that the route takes in its query or its body, and what is declared of each."""
    whole = request.scope["route"].dependant
    models = [each for one in (whole, *whole.dependencies) for each in getattr(one, f"{place}_params", ())]
    return {name: field for each in models for name, field in each.field_info.annotation.model_fields.items()}


def of_refusal(error: HTTPException, request: Request | None = None) -> Response:
    """A problem for what is refused before the engine: by us, or by the router (no such path, no such method)."""
    status, headers = error.status_code, error.headers
    if isinstance(error, RefusedRequest):
        errors = _errors(error.where, error.detail, request)
        return problem(status, error.kind, error.detail, errors=errors, headers=headers)
    detail = error.detail
    if request and status == 404:
        paths = {each.path for each in routes_of(request.app)}
        near = get_close_matches(request.url.path, paths, 1, 4 / 5)
        hint = f"did you mean {near[0]}?" if near else "/v1 lists what does"
        detail = f"{request.url.path} answers nothing; {hint}"
    elif request and status == 405:
        headers = {"Allow": ", ".join(allowed(request))}
        detail = f"{request.url.path} does not answer {request.method}; expected {headers['Allow']}"
    kind = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return problem(status, kind, detail, headers=headers)


def allowed(request: Request) -> list[str]:
    """The methods that a path answers: the router itself names those of its first route alone."""
    methods: set[str] = set()
    scope = {**request.scope, "root_path": ""}
    for route in routes_of(request.app):
        if route.matches(scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or {"GET"}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def routes_of(app: FastAPI) -> Iterator[Any]:
    """Every route of an application: newer versions of FastAPI keep included routers apart."""
    for each in app.routes:
        included = getattr(each, "original_router", None)
        yield from included.routes if included else [each]
