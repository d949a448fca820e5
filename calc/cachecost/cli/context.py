"""The length of a context for each model: given tokens, documents, and media, added up."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from .. import units
from ..errors import BadDocument, BadQuantity, BadWorkload
from ..output.escapes import visible
from ..prices.sheet import PriceSheet
from ..questions import reading
from ..questions.words import Question
from .progress import working


class Length(NamedTuple):
    """Tokens of a context for one model, how they were counted (nothing where they were given), and the fewest and most
    that there may be where they were estimated."""

    tokens: int
    how: str = ""
    ends: tuple[int, int] | None = None


MEDIA = frozenset({"pages", "images", "audio", "video"})
NAMED = 5
"""Models that are named when they are left out."""
Counter = Callable[[PriceSheet], Length]


def counter(words: Question, folder: Path) -> Counter:
    """What counts the tokens of a context for a model: those of --context, of documents and of media, as far as they
    are given. Documents are read once for all. The folder of price sheets has the rules by which is counted."""
    counters = list(_counters(words, folder))
    if not counters:
        raise BadWorkload("say how long it is, either --context 1M or --file DOCUMENT", word="context")
    return counters[0] if len(counters) == 1 else lambda sheet: _sum([count(sheet) for count in counters])


def lengths_of(sheets: Collection[PriceSheet], count: Counter) -> tuple[list[tuple[PriceSheet, Length]], list[str]]:
    """The length for each model, and a line on those for which no rule for media is known: they are left out beside
    others, and refused alone."""
    lengths, unknown, refusal = [], [], None
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
    return lengths, [left_out] if unknown else []


def _counters(words: Question, folder: Path) -> Iterator[Counter]:
    if words.context:
        given = reading.read("context", units.count, words.context)
        yield lambda _: Length(given)
    if words.file:
        yield _of_documents(words, folder)
    if words.pages or words.images or words.audio or words.video:
        yield _of_media(words, folder)


def _sum(lengths: list[Length]) -> Length:
    """Several lengths as one; a given one is named beside those that were counted."""
    tokens = sum(length.tokens for length in lengths)
    ends = [length.ends or (length.tokens, length.tokens) for length in lengths]
    estimated = any(length.ends for length in lengths)
    hows = [length.how or f"context: {length.tokens:,} tokens" for length in lengths]
    total = f"together {tokens:,} tokens"
    low, high = (sum(end) for end in zip(*ends, strict=True))
    return Length(tokens, "; ".join([*hows, total]), (low, high) if estimated else None)


def _of_documents(words: Question, folder: Path) -> Counter:
    from ..documents.families import load_ratios
    from ..documents.folder import read
    from ..documents.tokens import count, family_of

    ratios = load_ratios(folder / "token-ratios.yaml")
    with working("reading documents"):
        document = read(words.file, words.exclude)
    name = visible(document.name) if document.name != "-" else "standard input"
    contents = visible(document.contents())

    def tokens(sheet: PriceSheet) -> Length:
        family = family_of(sheet.provider, sheet.model, ratios=ratios)
        with working("counting tokens"):
            counted = count(document.text, family=family, ratios=ratios)
        how = "exact" if counted.exact else f"{counted.low:,} to {counted.high:,}"
        text = f"{name}: {counted.tokens:,} tokens ({how}), {counted.method}"
        text += f"\n{contents}" if contents else ""
        return Length(counted.tokens, text, None if counted.exact else (counted.low, counted.high))

    return tokens


def _of_media(words: Question, folder: Path) -> Counter:
    from ..documents.media import Media, load_media, rule_of

    media = Media(
        reading.maybe("pages", units.count, words.pages) or 0,
        tuple(reading.read("images", _images, text) for text in words.images),
        _seconds("audio", words.audio),
        _seconds("video", words.video),
    )
    rules = load_media(folder / "media-tokens.yaml")

    def tokens(sheet: PriceSheet) -> Length:
        rule = rule_of(sheet.provider, sheet.model, rules, media)
        counted = rule.count(media, sheet.id)
        if words.audio and any("audio.input" in row.rates for row in sheet.cards[-1].rows):
            raise BadWorkload(
                f"{sheet.id} bills sound at a separate rate, which a context does not have; use "
                "`cachecost quote --audio`",
                word="audio",
            )
        is_range = counted.low < counted.high
        span = f" ({counted.low:,} to {counted.high:,})" if is_range else ""
        how = f"media: {counted.tokens:,} tokens{span}, {rule.source} (seen {rule.seen})"
        return Length(counted.tokens, how, (counted.low, counted.high) if is_range else None)

    return tokens


def _seconds(word: str, text: str) -> Fraction:
    length = reading.maybe(word, units.duration, text)
    return Fraction(length // units.MICROSECOND, 10**6) if length else Fraction(0)


MOST_PIXELS = 100_000
"""Pixels of the longest side of an image."""


def _images(text: str) -> tuple[int, int, int]:
    """`30@1024x768`: how many images, their width and height."""
    many, at, size = text.partition("@")
    sides = re.fullmatch(r"\s*([0-9]{1,6})[x×]([0-9]{1,6})\s*", size, re.IGNORECASE)
    if not at or not sides or not all(0 < int(side) <= MOST_PIXELS for side in sides.groups()):
        raise BadQuantity(f"{text!r} is not images: expected how many and their size in pixels, such as 30@1024x768")
    return units.count(many), int(sides[1]), int(sides[2])
