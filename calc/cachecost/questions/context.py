"""The length of a context for each model: given tokens, documents and media, added up; and the question put to each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import units
from ..errors import BadDocument, BadQuantity, BadWorkload
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..units import counted
from ..workload.workload import Workload
from . import reading
from .words import MEDIA, Question

if TYPE_CHECKING:  # they load YAML, which few questions need
    from ..documents.media import Media
    from ..documents.tokens import TokenCount


class Length(NamedTuple):
    """Tokens of a context for one model, how they were counted (nothing where they were given), and the fewest and most
    that there may be where they were estimated."""

    tokens: int
    how: str = ""
    ends: tuple[int, int] | None = None


class Asking(NamedTuple):
    """Each model with its workload and what is assumed of all; the fewest and most tokens by model where they are
    estimates, and how they were counted."""

    models: list[tuple[PriceSheet, Workload]]
    assumptions: Assumptions
    counted: dict[str, tuple[int, int]]
    how: str


NAMED = 5
"""Models that are named when they are left out."""
MOST_PIXELS = 100_000
"""Pixels of the longest side of an image."""
Counter = Callable[[PriceSheet], Length]
Reader = Callable[[Question, Path], Counter]


def asking(
    words: Question, sheets: Collection[PriceSheet], work: Workload, folder: Path, documents: Reader | None = None
) -> Asking:
    """The workload of each model, whose context has another length on each: the tokens of `context`, of `documents`
    where a door reads some, and of media, as far as they are given, by the rules in the folder of price sheets. A model
    whose rule for media is not known is left out beside others, and refused alone."""
    count, assumptions = _counter(words, folder, documents), words.assumptions(folder)
    lengths, unknown, refusal = list[tuple[PriceSheet, Length]](), list[str](), None
    for sheet in sheets:
        try:
            lengths.append((sheet, count(sheet)))
        except (BadDocument, BadWorkload) as error:
            if error.word not in MEDIA:
                raise
            unknown.append(sheet.id)
            refusal = refusal or error
    if refusal and not lengths:
        raise refusal
    more = f" and {len(unknown) - NAMED:,} more" if len(unknown) > NAMED else ""
    left_out = f"left out, since how they count such media is not known: {', '.join(unknown[:NAMED])}{more}"
    hows = [line for _, length in lengths for line in length.how.splitlines()]
    return Asking(
        [(sheet, replace(work, context=length.tokens)) for sheet, length in lengths],
        assumptions,
        {sheet.id: length.ends for sheet, length in lengths if length.ends},
        "\n".join(dict.fromkeys([*hows, left_out] if unknown else hows)),
    )


def _counter(words: Question, folder: Path, documents: Reader | None) -> Counter:
    """What counts the tokens of a context for a model."""
    counters: list[Counter] = []
    if words.context:
        given = reading.read("context", units.count, words.context)
        counters.append(lambda _: Length(given))
    if documents and words.file:
        counters.append(documents(words, folder))
    if any(getattr(words, name) for name in MEDIA):
        counters.append(_of_media(words, folder))
    if not counters:
        others = ", ".join([*(["file"] if documents else []), *MEDIA])
        raise BadWorkload(f"say how long it is, such as 150K, or give one of {others}", word="context")
    return counters[0] if len(counters) == 1 else lambda sheet: _sum([count(sheet) for count in counters])


def _sum(lengths: list[Length]) -> Length:
    """Several lengths as one; a given one is named beside those that were counted."""
    tokens = sum(length.tokens for length in lengths)
    ends = [length.ends or (length.tokens, length.tokens) for length in lengths]
    estimated = any(length.ends for length in lengths)
    hows = [length.how or f"context: {counted(length.tokens, 'token')}" for length in lengths]
    total = f"together {counted(tokens, 'token')}"
    low, high = (sum(end) for end in zip(*ends, strict=True))
    return Length(tokens, "; ".join([*hows, total]), (low, high) if estimated else None)


def counted_text(text: str, folder: Path) -> Callable[[PriceSheet], tuple[str, TokenCount]]:
    """What counts a text for a model: its family of tokens and their number, which is worked out once a family, by the
    ratios in the folder of price sheets. A host runs the model of its maker, whatever it calls it."""
    from ..documents.tokens import TOKEN_RATIOS, count, family_of, load_ratios

    ratios = load_ratios(folder / TOKEN_RATIOS)
    counts = cache(lambda family: (family, count(text, family=family, ratios=ratios)))
    return lambda sheet: counts(family_of(sheet.maker or sheet.provider, sheet.model, ratios=ratios))


def media_of(words: Question) -> Media:
    """What a question says of media."""
    from ..documents.media import Media

    return Media(
        reading.maybe("pages", units.count, words.pages) or 0,
        tuple(images for text in words.images if (images := reading.read("images", _images, text))[0]),
        _seconds("audio", words.audio),
        _seconds("video", words.video),
    )


def _of_media(words: Question, folder: Path) -> Counter:
    from ..documents.media import MEDIA_TOKENS, load_media, rule_of

    media = media_of(words)
    if not any(media):
        return lambda _: Length(0, "media: 0 tokens")
    rules = load_media(folder / MEDIA_TOKENS)

    def tokens(sheet: PriceSheet) -> Length:
        rule = rule_of(sheet.provider, sheet.model, rules, media)
        counted = rule.count(media, sheet.id)
        if words.audio and any("audio.input" in row.rates for row in sheet.cards[-1].rows):
            raise BadWorkload(
                f"{sheet.id} bills sound at a separate rate, which a context does not have; "
                "ask for a quote with audio instead",
                word="audio",
            )
        is_range = counted.low < counted.high
        span = f" ({counted.low:,} to {counted.high:,})" if is_range else ""
        how = f"media for {sheet.provider}: {counted.tokens:,} tokens{span}, {rule.source} (seen {rule.seen})"
        return Length(counted.tokens, how, (counted.low, counted.high) if is_range else None)

    return tokens


def _seconds(word: str, text: str) -> Fraction:
    length = reading.maybe(word, units.duration, text)
    return Fraction(length // units.MICROSECOND, 10**6) if length else Fraction(0)


def _images(text: str) -> tuple[int, int, int]:
    """`30@1024x768`: how many images, their width and height."""
    many, at, size = text.partition("@")
    sides = re.fullmatch(r"\s*([0-9]{1,6})[x×]([0-9]{1,6})\s*", size, re.IGNORECASE)
    if not at or not sides or not all(0 < int(side) <= MOST_PIXELS for side in sides.groups()):
        raise BadQuantity(f"{text!r} is not images: expected how many and their size in pixels, such as 30@1024x768")
    return units.count(many), int(sides[1]), int(sides[2])
