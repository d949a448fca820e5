"""How each word of a question is written, as a JSON schema: numbers, durations, instants, and choices.

A pattern here allows everything that the readers allow, and little beside; what it allows may still make no sense, as
two words do that say the same thing, and is then refused with a 422.
"""

from __future__ import annotations

from typing import Any

from .. import limits
from ..parameters import FALSE, LISTS, LONGEST, NUMBERS, SWITCHES, TRUE

Schema = dict[str, Any]
COUNT = "[0-9][0-9_]*([.][0-9]+)?([eE][+-]?[0-9]{1,2}|[kKMB])?"
DURATION = "(([0-9]+([.][0-9]+)?(ms|[wdhms]))+|P[0-9WDTHMS.]+)"
INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?"
SHARE = "([0-9]+([.][0-9]+)?%?|[0-9]+/[0-9]+)"
SPAN = rf"{COUNT}([.][.]{COUNT}(:{COUNT})?)?"
WRITTEN = {
    **dict.fromkeys("context queries question answer turns tools pings input creation output".split(), COUNT),
    **dict.fromkeys("every over hold generation".split(), DURATION),
    **dict.fromkeys(("as_of", "at", "times"), INSTANT),
    "hit_share": SHARE,
    "rate": rf"{COUNT}/[^/]+",
    "burst": rf"{COUNT}@{DURATION}",
    "storage": rf"{COUNT}@{DURATION}",
}
CHOICES = {
    "arrivals": ["even", "poisson", "random"],
    "first_query": ["reads", "creates"],
    "billed_per": ["second", "minute", "hour"],
    "number": list(NUMBERS),
    **{name: [*TRUE, *FALSE, "TRUE", "FALSE"] for name in SWITCHES},
}
SAID = {"creation": ["input", "free"]}
"""Choices of a question whose word counts tokens in a quote."""


def text(name: str, *, required: bool = False, curve: bool = False, quote: bool = False) -> Schema:
    """The word as a text; an empty one says nothing, which is too little where it is required."""
    choices = CHOICES.get(name) or (None if quote else SAID.get(name))
    if choices:
        return {"type": "string", "enum": choices if required else [*choices, ""]}
    found: Schema = {"type": "string", "maxLength": LONGEST} | ({"minLength": 1} if required else {})
    pattern = SPAN if curve and name == "queries" else WRITTEN.get(name)
    if pattern:
        found["pattern"] = rf"^\s*{pattern}\s*$" if required else rf"^(\s*{pattern}\s*)?$"
    return found


def in_query(name: str, *, required: bool = False, curve: bool = False, quote: bool = False) -> Schema:
    """The word as a query parameter: a text, or several where it may be repeated."""
    one = text(name, required=required, curve=curve, quote=quote)
    return _several(name, one, required=required) if name in LISTS else one


def in_body(name: str, *, required: bool = False, curve: bool = False) -> Schema:
    """The word as a member of a JSON object: a text, a number where it counts, true or false where it switches."""
    none = [] if required else [{"type": "null"}]
    if name in SWITCHES:
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*CHOICES[name], ""]}, *none]}
    one = text(name, required=required, curve=curve)
    if name in LISTS:
        return {"anyOf": [one, _several(name, one, required=required), *none]}
    number = [{"type": "number", "minimum": 0}] if WRITTEN.get(name) in (COUNT, SHARE) and "enum" not in one else []
    return {"anyOf": [one, *number, *none]}


def _several(name: str, one: Schema, *, required: bool) -> Schema:
    most = {"model": limits.MODELS, "times": limits.TIMES}.get(name, limits.SAID)
    return {"type": "array", "items": one, "maxItems": most} | ({"minItems": 1} if required else {})
