"""`cachecost breakpoints`, `compact` and `fanout`: how an application that builds long prompts should cache them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from ...output.answers import breakpoints as placements, compaction as compactions, fanout as fanouts
from ...output.reply import Reply
from ...prices.sheet import PriceSheet
from ...questions.prompts import BREAKPOINTS, COMPACTION, FANOUT, compacted, fanned, placed
from ...questions.words import WORD
from .. import options

T = TypeVar("T")
Said = dict[str, Any]
TERMS = tuple(WORD[name] for name in ("discount", "terms", "as_of"))
"""Words that choose the rates."""


@options.answered
def breakpoints(
    model: options.Model,
    words: Annotated[Said, BREAKPOINTS],
    terms: Annotated[Said, TERMS],
    prices: options.Prices = None,
) -> Reply:
    """Place cache breakpoints in a prompt of several parts.

    Example: cachecost breakpoints claude-opus-5-5 --part system=20K --part docs=80K@2/h --part chat=5K@each --rate 12/h
    """
    return placements.reply(_solved(placed, words, model, terms, prices))


@options.answered
def compact(
    model: options.Model,
    words: Annotated[Said, COMPACTION],
    terms: Annotated[Said, TERMS],
    prices: options.Prices = None,
) -> Reply:
    """Find after how many turns a summary has paid for itself.

    Example: cachecost compact claude-sonnet-4-6 --context 150K --to 10%
    """
    return compactions.reply(*_solved(compacted, words, model, terms, prices))


@options.answered
def fanout(
    model: options.Model,
    words: Annotated[Said, FANOUT],
    terms: Annotated[Said, TERMS],
    prices: options.Prices = None,
) -> Reply:
    """Price parallel first requests: all at once, or one first.

    Example: cachecost fanout claude-opus-5-5 --context 100K --requests 10
    """
    return fanouts.reply(_solved(fanned, words, model, terms, prices))


def _solved(
    solve: Callable[[Said, PriceSheet, datetime], T], words: Said, model: str, terms: Said, prices: Path | None
) -> T:
    """The answer for a model at the prices of a day."""
    at = options.instant("as_of", terms["as_of"])
    return solve(words, options.sheet(options.catalog(prices, terms["discount"], terms["terms"]), model, at), at)
