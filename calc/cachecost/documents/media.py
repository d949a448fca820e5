"""Tokens of images, pages, sound and video, by each vendor's own rule in media-tokens.yaml."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BadDocument
from ..files.yaml_text import SideFile, read_side_file

MEDIA_TOKENS = "media-tokens.yaml"
"""The page of rules, beside the price sheets."""
KINDS = ("page", "image", "audio", "video")
_IMAGE = """
    tokens; patch long_edge budget; patch long_edge budget times; patch long_edge most times;
    square short_edge tile base each; small crop each"""
SHAPES = tuple(frozenset(names.split()) for names in _IMAGE.split(";"))
"""The numbers that a rule for images may have."""
RANGE = (frozenset({"tokens"}), frozenset({"tokens", "low", "high"}))
"""Those of a rule for pages, or for a second of sound or video."""


class Media(NamedTuple):
    """What a context holds beside text: pages of PDFs, images as (how many, width, height), seconds of sound, of
    video."""

    pages: int = 0
    images: tuple[tuple[int, int, int], ...] = ()
    audio: Fraction = Fraction(0)
    video: Fraction = Fraction(0)


class Count(NamedTuple):
    """Expected tokens, the fewest and the most."""

    tokens: int
    low: int
    high: int


@dataclass(frozen=True)
class MediaRule:
    """How one vendor counts for the models of a pattern, with its address and the day on which it was seen."""

    models: re.Pattern[str]
    source: str
    seen: date
    kinds: Mapping[str, Mapping[str, Fraction]]

    def count(self, media: Media, model: str) -> Count:
        """Tokens of media for a model. BadDocument where no rule is known for a kind of them, or an image is too
        large."""
        total = Count(0, 0, 0)
        for kind, many in (("page", media.pages), ("audio", media.audio), ("video", media.video)):
            if many:
                rule = self._rule(kind, model)
                each = rule["tokens"], rule.get("low", rule["tokens"]), rule.get("high", rule["tokens"])
                total = _added(total, Count(*(math.ceil(Fraction(many) * one) for one in each)))
        for many, width, height in media.images:
            tokens = many * image(self._rule("image", model), width, height)
            total = _added(total, Count(tokens, tokens, tokens))
        return total

    def _rule(self, kind: str, model: str) -> Mapping[str, Fraction]:
        if kind not in self.kinds:
            raise _unknown(kind, model)
        return self.kinds[kind]


def _unknown(kind: str, model: str) -> BadDocument:
    word = {"page": "pages", "image": "images"}.get(kind, kind)
    return BadDocument(f"how many tokens {model} makes of it is not known; give its tokens as context", word=word)


def _added(one: Count, other: Count) -> Count:
    return Count(*(a + b for a, b in zip(one, other, strict=True)))


def rule_of(provider: str, model: str, rules: Sequence[MediaRule], media: Media) -> MediaRule:
    """The rule of a model, the first whose pattern matches; BadDocument where there is none."""
    name = f"{provider}/{model}".lower()
    rule = next((rule for rule in rules if rule.models.search(name)), None)
    if rule is None:
        kinds = dict(zip(KINDS, (media.pages, media.images, media.audio, media.video), strict=True))
        raise _unknown(next(kind for kind, many in kinds.items() if many), name)
    return rule


def image(rule: Mapping[str, Fraction], width: int, height: int) -> int:
    """Tokens of one image of so many pixels."""
    if "tokens" in rule:
        return math.ceil(rule["tokens"])
    if "patch" in rule:
        return _patches(rule, width, height)
    if "tile" in rule:
        return _tiles(rule, width, height)
    if max(width, height) <= rule["small"]:
        return math.ceil(rule["each"])
    unit = max(1, math.floor(min(width, height) / rule["crop"]))
    return math.ceil(math.ceil(Fraction(width, unit)) * math.ceil(Fraction(height, unit)) * rule["each"])


def _patches(rule: Mapping[str, Fraction], width: int, height: int) -> int:
    """A token a patch, in the largest size of the same shape that keeps to the long edge and the number of patches.

    https://platform.claude.com/docs/en/build-with-claude/vision-coordinates: 1920 x 1080 becomes 1456 x 819 where 1,568
    tokens are the most. OpenAI rounds down to whole patches, which comes to the same number or one patch less a side.
    """
    patch, budget = int(rule["patch"]), int(rule.get("budget") or rule["most"])
    long, short = max(width, height), min(width, height)
    edge = min(long, int(rule["long_edge"]))
    if "times" in rule:  # OpenAI
        scale = Fraction(edge, long)
        across, down = round(long * scale), max(1, round(short * scale))
        if -(-across // patch) * -(-down // patch) > budget:
            if "most" in rule:
                raise BadDocument(
                    f"{width}x{height} is over {budget:,} patches, which the vendor refuses", word="images"
                )
            across, down = _shrunk(across, down, patch, budget)
        return math.ceil(-(-across // patch) * -(-down // patch) * rule["times"])
    while True:
        across, down = edge, max(1, round(Fraction(short * edge, long)))
        if (count := -(-across // patch) * -(-down // patch)) <= budget:
            return count
        edge -= 1


def _shrunk(across: int, down: int, patch: int, budget: int) -> tuple[int, int]:
    """OpenAI's steps: scale to the area of the budget, then so that one side is a whole number of patches.
    https://developers.openai.com/api/docs/guides/images-vision"""
    scale = math.sqrt(patch**2 * budget / (across * down))
    sides = [side * scale / patch for side in (across, down)]
    scale *= min(math.floor(side) / side for side in sides)
    hair = 1 / 10**6  # 1600.0 may come out as 1599.9999
    return math.floor(across * scale + hair), math.floor(down * scale + hair)


def _tiles(rule: Mapping[str, Fraction], width: int, height: int) -> int:
    """Into a square, then to a short edge, never larger: https://developers.openai.com/api/docs/guides/images-vision."""
    scale = min(Fraction(1), rule["square"] / max(width, height))
    scale *= min(Fraction(1), rule["short_edge"] / (min(width, height) * scale))
    tiles = math.ceil(math.floor(width * scale) / rule["tile"]) * math.ceil(math.floor(height * scale) / rule["tile"])
    return math.ceil(rule["base"] + tiles * rule["each"])


def load_media(path: Path) -> tuple[MediaRule, ...]:
    """The rules of a YAML page such as `pricing/media-tokens.yaml`. Raises BadDocument for any fault."""
    file = read_side_file(path)
    if not isinstance(file.tree, list):
        raise file.fault("expected a list of rules")
    return tuple(_checked(file, number, entry) for number, entry in enumerate(file.tree))


def _checked(file: SideFile, place: int, entry: Any) -> MediaRule:
    known = {"models", "source", "also", "said", "seen", *KINDS}
    if not isinstance(entry, dict) or not {"models", "source", "seen"} <= entry.keys() or entry.keys() - known:
        raise file.fault(f"expected models, source, seen, and some of {', '.join(KINDS)}, also, said", place)
    if "also" in entry:
        file.address(place, "also")
    kinds = {kind: _numbers(file, place, kind, entry[kind]) for kind in KINDS if kind in entry}
    if not kinds:
        raise file.fault(f"expected one of {', '.join(KINDS)}", place)
    return MediaRule(file.pattern(place, "models"), file.address(place, "source"), file.day(place, "seen"), kinds)


def _numbers(file: SideFile, place: int, kind: str, entry: Any) -> dict[str, Fraction]:
    shapes = SHAPES if kind == "image" else RANGE
    if not isinstance(entry, dict) or frozenset(entry) not in shapes:
        expected = " or ".join("{" + ", ".join(sorted(shape)) + "}" for shape in shapes)
        raise file.fault(f"expected {expected}", place, kind)
    expected = "a number up to a million"
    numbers = {key: file.number(place, kind, key, most=10**6, expected=expected) for key in entry}
    if zero := next((key for key, value in numbers.items() if not value and key != "base"), None):
        raise file.fault(f"is 0, expected {expected}", place, kind, zero)
    if not numbers.get("low", 0) <= numbers.get("tokens", 0) <= numbers.get("high", 10**6):
        raise file.fault("expected low <= tokens <= high", place, kind)
    return numbers
