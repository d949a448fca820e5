"""What answers are made of: objects without undocumented keys, lists, and the plain values in them, as JSON schemas.

Money, rates and shares are texts with every digit, or numbers where `number=float` was asked for. Null is unknown, or
not so here; never zero.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(**members: Schema) -> Schema:
    """An object with these keys, all of them and no others."""
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def maybe(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]}


def listed(shape: Schema) -> Schema:
    return {"type": "array", "items": shape}


def without(shape: Schema, *names: str) -> Schema:
    """The same object without some keys."""
    return closed(**{name: each for name, each in shape["properties"].items() if name not in names})


def one_of(*names: str) -> Schema:
    return {"type": "string", "enum": list(names)}


TEXT: Schema = {"type": "string"}
SAID: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
DIGITS: Schema = {"anyOf": [{"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, {"type": "number"}]}
SHARE: Schema = {
    "anyOf": [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]+|/[1-9][0-9]*)?$"}, {"type": "number"}],
    "examples": ["0.75", "1/3"],
}
MODEL: Schema = {"type": "string", "pattern": "^[^/]+/[^/]+"}
VERSION: Schema = {"type": "string", "pattern": "^[^/]+/.+@[0-9]{4}-[0-9]{2}-[0-9]{2}"}
DAY: Schema = {"type": "string", "format": "date"}
CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$"}
STATUS = one_of("in force", "announced", "scheduled", "withdrawn", "cancelled")
HEAD: Schema = {"const": 1}
NOTES = listed(TEXT)
LINE = closed(name=SAID, quantity={"anyOf": [COUNT, DIGITS]}, unit=SAID, rate=DIGITS, amount=DIGITS)
DISPUTE = closed(term=SAID, taken=TEXT, others=listed(closed(value=TEXT, source=TEXT)))
