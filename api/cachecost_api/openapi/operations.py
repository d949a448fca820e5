"""The OpenAPI of every route, out of the same list of words as the command line's flags, with examples that work."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI

from cachecost.questions.words import WORD

from ..parameters import QUESTION
from . import answers, prices
from .shapes import Schema, ref
from .words import in_body, in_query

MODEL = "google/gemini-2.5-pro"
JSON = "application/json"
OWN = {
    "model": ("A model: google/gemini-2.5-pro, gemini-2.5-pro or an alias. May be repeated.", MODEL),
    "strategy": ("Only these: fresh, automatic, automatic:1h, written:5m, stored. May be repeated.", "fresh"),
    "number": ("`float` answers JSON numbers where `text` answers every digit as text.", "float"),
    "all": ("Every model of the catalogue.", "true"),
    "over_history": ("The workload on every rate card of each model.", "true"),
    "forgotten": ("What a stored cache costs if nobody deletes it.", "true"),
    "provider": ("Only this provider's models.", "google"),
    "kind": ("Only these rates: input, cache_read, cache_write:5m, storage, output. May be repeated.", "input"),
    "at": ("When it was asked: 2026-11-01, 2026-08-10T02:00Z (default: now).", "2026-11-01"),
    "input": ("Uncached prompt tokens.", "2K"),
    "cache_read": ("Tokens read from a cache: 80K, written=80K. May be repeated.", "80K"),
    "cache_write": ("Tokens written: 1h=20K. May be repeated.", ""),
    "creation": ("Tokens put into a stored cache.", ""),
    "output": ("Answer tokens, thinking included.", "500"),
    "audio": ("Audio tokens: input=5K, cache_read=1K, output=2K. May be repeated.", ""),
    "storage": ("Rent of a stored cache: 1M@24h.", ""),
}
SPAN = ("Numbers of queries: 1..100, 1..1M:1000 with a step, or 50 for 1..100.", "1..20")
ASKED = {"model": [MODEL], "context": "100K", "queries": 10, "question": 200, "answer": 500, "as_of": "2026-11-01"}
EXAMPLES: dict[str, Schema] = {
    "plain": ASKED,
    "over_a_day": ASKED | {"queries": 50, "over": "8h"},
    "random": ASKED | {"over": "8h", "arrivals": "random"},
    "steady_traffic": ASKED | {"rate": "12/h", "arrivals": "poisson"},
    "conversation": ASKED | {"turns": 20, "tools": 300},
    "given_instants": ASKED | {"times": ["2026-11-01T09:00Z", "2026-11-01T09:04Z", "2026-11-01T11:00Z"]},
}
ONE_QUOTE = {"model": MODEL, "at": "2026-11-01", "usage": {"input": 2000, "cache_read": 80000, "output": 500}}


def told(name: str, *, curve: bool = False) -> tuple[str, str]:
    """The description and the example of a word."""
    if curve and name == "queries":
        return SPAN
    return OWN[name] if name in OWN else (WORD[name].help, WORD[name].example)


def parameter(name: str, *, required: bool = False, curve: bool = False, quote: bool = False) -> Schema:
    """A word as a query parameter."""
    description, example = OWN[name] if quote and name in OWN else told(name, curve=curve)
    schema = in_query(name, required=required, curve=curve, quote=quote)
    found: Schema = {"name": name, "in": "query", "required": required, "description": description, "schema": schema}
    if name == "times":
        found |= {"style": "form", "explode": False}
    if schema["type"] == "array":
        example = [example] if example else ""  # type: ignore[assignment]
    return found | ({"example": example} if example else {})


def parameters(names: tuple[str, ...], *required: str, curve: bool = False, quote: bool = False) -> list[Schema]:
    return [parameter(name, required=name in required, curve=curve, quote=quote) for name in names]


def body(names: tuple[str, ...], *required: str, curve: bool = False) -> Schema:
    """The same words as the members of a JSON object; unknown ones are refused."""
    members = {
        name: in_body(name, required=name in required, curve=curve) | {"description": told(name, curve=curve)[0]}
        for name in names
    }
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


QUOTE_RECORD: Schema = {
    "type": "object",
    "required": ["model", "usage"],
    "additionalProperties": False,
    "properties": {
        "id": {"description": "Given back as it came."},
        "model": {"type": "string"},
        "at": {"type": ["string", "null"]},
        "service": {"type": ["string", "null"]},
        "region": {"type": ["string", "null"]},
        "thinking": {"type": ["boolean", "null"]},
        "usage": {"type": "object", "description": "input, cache_read, cache_write, creation, output, ..."},
    },
}


REFUSALS = {
    400: "The body is not JSON.",
    404: "No such model.",
    408: "The body does not come.",
    413: "The body is too large.",
    414: "The address is too long.",
    422: "The question cannot be answered; `errors` says which word is wrong.",
    500: "A fault of the server.",
    501: "The server lacks an extra that this needs.",
    503: "Too many are asking, or no price sheet can be read.",
    504: "It would take too long.",
}


def operation(
    *,
    media: str = JSON,
    schema: Schema | None = None,
    asked: Sequence[Schema] = (),
    request: Schema | None = None,
    also: Sequence[int] = (),
    links: Schema | None = None,
) -> Schema:
    """What a route adds to its OpenAPI: parameters or a body, its answer, where that leads, and its refusals, `also`
    those that only this route has."""
    found: Schema = {"description": "The answer.", "content": {media: {"schema": schema or {"type": "string"}}}}
    if links:
        found["links"] = links
    refused = {*also, 414, 500, 503, 504, *((422,) if asked or request else ())}
    if any(each["name"] == "model" for each in asked):
        refused.add(404)
    if request:
        refused |= {400, 404, 408, 413}
    responses: Schema = {"200": found, "304": {"description": "The asker has it already (If-None-Match)."}}
    content = {"application/problem+json": {"schema": ref("Problem")}}
    responses |= {str(status): {"description": REFUSALS[status], "content": content} for status in sorted(refused)}
    told: Schema = {"responses": responses}
    if asked:
        told["parameters"] = list(asked)
    if request:
        told["requestBody"] = {"required": True, "content": {JSON: request}}
    return told


def link(operation_id: str, description: str, **from_answer: str) -> Schema:
    """Where an answer leads: the operation that takes these parts of it."""
    taken = {name: f"$response.body#{pointer}" for name, pointer in from_answer.items()}
    return {operation_id: {"operationId": operation_id, "description": description, "parameters": taken}}


def describe(app: FastAPI) -> None:
    """Add the shapes of all answers to the OpenAPI."""
    routes = app.openapi

    def whole() -> Schema:
        found = routes()
        found.setdefault("components", {})["schemas"] = answers.SHAPES | prices.SHAPES
        return found

    app.openapi = whole  # type: ignore[method-assign]


def question_body(names: tuple[str, ...], *, curve: bool = False, one: bool = False) -> Schema:
    """A question as a body, with examples."""
    examples = EXAMPLES
    if curve:
        kept = ("plain", "over_a_day", "random", "steady_traffic")
        examples = {name: EXAMPLES[name] | {"queries": "1..50"} for name in kept}
    return {
        "schema": body(names, "model", "context", curve=curve),
        "examples": {name: {"value": value} for name, value in examples.items()},
    }


__all__ = ["OWN", "QUESTION", "body", "operation", "parameters", "question_body"]
