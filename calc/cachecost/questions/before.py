"""A request that is still to be sent, in the words of a usage -> the bounds of what it costs."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from .. import units
from ..advice.bounds import Bounds, bounds
from ..errors import BadUsage
from ..prices.sheet import PriceSheet
from . import reading
from .usage import MAX_OUTPUT, WITHIN, WORD


def bounds_of(said: Mapping[str, Any], sheet: PriceSheet, *, at: datetime, **how: Any) -> Bounds:
    """The bounds of a request whose prompt is its `input`, and whose likely answer its `output`; `how` goes to
    `bounds` as it is. BadUsage on other words of a usage: what is read and written is what the bounds are about."""
    if other := next((name for name in WORD if name not in ("input", "output") and said.get(name)), None):
        raise BadUsage("the bounds say what is cached or not; give the whole prompt as input", word=other)
    if not said.get("input"):
        raise BadUsage("missing; expected the tokens of the prompt, such as 100K", word="input")
    return bounds(
        sheet,
        reading.read("input", units.count, said["input"]),
        at=at,
        longest=reading.maybe(MAX_OUTPUT.name, units.count, said[MAX_OUTPUT.name]),
        answer=reading.maybe("output", units.count, said["output"]),
        hit_share=reading.maybe("hit_share", units.share, said["hit_share"]) or Fraction(0),
        within=reading.read(WITHIN.name, units.duration, said[WITHIN.name] or "1d"),
        **how,
    )
