"""Prompts of several parts: their words read into pieces."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from .. import units
from ..errors import BadQuantity
from . import reading

if TYPE_CHECKING:
    from ..advice.breakpoints import Piece


def piece(text: str) -> Piece:
    """`docs=80K@2/h`: a name, its tokens, and how often it changes: a rate, `each`; never where nothing is said."""
    from ..advice.breakpoints import Piece  # summaries need none

    name, equals, said = text.partition("=")
    name, (tokens, at, changes) = name.strip(), said.partition("@")
    if not (name and equals and tokens) or (at and not changes):
        raise BadQuantity(f"{text!r} is not a part; expected NAME=TOKENS[@CHANGES], such as docs=80K@2/h", word="part")
    where = f"part: {name}"
    return Piece(name, reading.read(where, units.count, tokens), reading.read(where, _changes, changes.strip()))


def _changes(text: str) -> Fraction | None:
    if text == "each":
        return None
    if text in ("", "never"):
        return Fraction(0)
    try:
        return units.rate(text)
    except BadQuantity as error:
        raise BadQuantity(f"{error}; or never, or each where it changes with every query") from None


def summary(text: str, context: int) -> int:
    """Tokens of the summary: a share of the context to the next whole token, or a count. A bare number from 2 to 100
    is refused, since it could be a percentage."""
    if re.fullmatch(r"\s*(0*[0-9]{1,2}|100)\s*", text) and int(text) > 1:
        raise BadQuantity(
            f"{text.strip()!r} could be a share or a count; write {text.strip()}% or a larger count", word="to"
        )
    try:
        share = units.share(text)
    except BadQuantity:
        return reading.read("to", units.count, text)
    return -(-(share * context).numerator // (share * context).denominator)
