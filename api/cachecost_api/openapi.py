"""What FastAPI does not know of answers: their schemas out of `cachecost.output`, refusals, links between them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, Field, WithJsonSchema, create_model

from cachecost.output.records import Answered, RecordFields, fields

from .problems import MEDIA, SCHEMA

DIGITS = {"anyOf": [{"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, {"type": "number"}]}
SHARE = {"anyOf": [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]+|/[1-9][0-9]*)?$"}, {"type": "number"}]}
TYPES = {
    Decimal: Annotated[Any, WithJsonSchema(DIGITS)],
    Fraction: Annotated[Any, WithJsonSchema(SHARE | {"examples": ["0.75", "1/3"]})],
    timedelta: str,
    datetime: str,
    date: Annotated[str, Field(json_schema_extra={"format": "date"})],
}
"""How the values of a record are written: numbers as text with every digit, or as numbers where `number=float`."""
REFUSALS = {
    400: "The body is not JSON.",
    404: "No such model.",
    408: "The body does not come.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is a form, not a file.",
    422: "The question cannot be answered; `errors` says which word is wrong.",
    500: "A fault of the server.",
    501: "The server lacks an extra that this needs.",
    503: "Too many are asking, or no price sheet can be read.",
    504: "It would take too long.",
}
SHORT_NAMES: Any = (
    dict[str, str],
    Field(
        default_factory=dict,
        description="The model that each short name (`claude-opus`) or gateway's name means; absent without any.",
    ),
)
CLOSED = ConfigDict(extra="forbid")


@cache
def model_of(declared: Any) -> Any:
    """The record that a declaration describes, as a pydantic model: all of these keys and no others; some of them where
    it is partial, and others too where it is open."""
    name = declared.__name__.removesuffix("Record")
    missing = None if declared.partial else ...
    members: dict[str, Any] = {key: (_type(hint), missing) for key, hint in fields(declared).items()}
    if issubclass(declared, Answered):
        members["names"] = SHORT_NAMES
    config = ConfigDict(extra="allow") if declared.open else CLOSED
    return create_model(name, __config__=config, __doc__=declared.__doc__, **members)


def _type(hint: Any) -> Any:
    """The type of a plain value, for one of a declaration."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind is Annotated:
        return Annotated[_type(parts[0]), Field(json_schema_extra=dict(hint.__metadata__))]
    if isinstance(hint, type) and issubclass(hint, RecordFields):
        return model_of(hint)  # type: ignore[arg-type]  # a class is hashable
    if kind is Literal or not parts:
        return TYPES.get(hint, hint)
    inner = tuple(map(_type, parts))
    return Union[inner] if kind in (Union, UnionType) else kind[inner]  # noqa: UP007


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problems with these statuses, as `responses` of a route."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": REFUSALS[status], "content": content} for status in statuses}


ALWAYS = {304: {"description": "The client has it already (If-None-Match)."}} | refusals(414, 500, 503, 504)
BY_BODY = refusals(400, 408, 413)


def links(*each: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Where an answer leads, as `responses` of a route."""
    return {200: {"links": {name: link for one in each for name, link in one.items()}}}


def link(operation: str, description: str, **from_answer: str) -> dict[str, Any]:
    """The operation that takes these parts of an answer."""
    taken = {name: f"$response.body#{pointer}" for name, pointer in from_answer.items()}
    return {operation: {"operationId": operation, "description": description, "parameters": taken}}


def with_problems(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """FastAPI's own OpenAPI, with the schema of problems."""

    def whole() -> dict[str, Any]:
        document = openapi()
        document["components"]["schemas"]["Problem"] = SCHEMA
        return document

    return whole
