"""Short names: `claude-opus` means the newest Claude Opus that its maker sells on the day, `claude` the largest of the
maker's newest generation.

Everything is read off the pages: a line is the words of a model's id without its version, its age is that of its first
rate card, and the largest of a generation is the one whose input costs the most.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from ..prices.sheet import PriceSheet

GENERATION = timedelta(90)
"""Models of one version that came out within so long of the newest are one generation."""
NO_RELEASE = frozenset({"preview", "latest", "exp", "experimental", "beta", "ft"})
"""Words of ids that are previews, pointers to other models, or models that a customer trained."""
_SHORT = re.compile(r"[A-Za-z]{2,}([ _-][A-Za-z]{2,})*")
_WORD = re.compile(r"[a-z]{2,}")
_VERSION = re.compile(r"(\d+)(?!\d*b\b)(?:([.-])(\d{1,2})(?![\da-z]))?")
"""The first number that is no count of parameters, such as 7b, and a second one that is no date."""
_OTHER_ANSWERS = {"audio.output", "image.output"}
_SNAPSHOT = re.compile(r"\d{4}-\d{2}-\d{2}")


def words(name: str) -> tuple[str, ...]:
    """The words of an id without its version: `deepseek-v4-pro` is deepseek and pro."""
    return tuple(dict.fromkeys(_WORD.findall(name.lower())))


def alike(name: str, pages: Iterable[Path]) -> list[str]:
    """The family of which a short name may be a slip: claude for `claud`."""
    from difflib import get_close_matches  # a name that is spelled right need not wait for it

    asked = name.lower()
    families = {known[0] for page in pages if (known := words(page.stem)) and known[0][:1] == asked[:1]}
    return get_close_matches(asked, sorted(families), 1, 3 / 4) if _SHORT.fullmatch(name) else []


def version(name: str) -> Fraction:
    """The version in an id: 5.5 of `claude-opus-5-5`, 4.2 of `grok-4.20`; 0 where it has none."""
    match = _VERSION.search(name)
    if not match:
        return Fraction(0)
    major, mark, minor = match.groups()
    # Behind a point the digits are a fraction: Grok 4.3 came after 4.20. Behind a hyphen they count: 4-10 is after 4-9.
    return int(major) + (Fraction(f"0.{minor}") if mark == "." else Fraction(int(minor or 0), 10))


def meant(
    name: str, pages: Iterable[Path], sheet: Callable[[Path], PriceSheet | None], at: datetime
) -> list[PriceSheet]:
    """The models that a short name may mean at an instant: one where it is clear, several to choose from, or none.

    A name with a version is no short name. `sheet` reads a page, or gives None where it has faults.
    """
    asked = frozenset(words(name))
    if not asked or not _SHORT.fullmatch(name):
        return []
    lines = {page: frozenset(words(page.stem)) for page in pages if not _SNAPSHOT.search(page.stem)}
    near = {page: line - asked for page, line in lines.items() if asked <= line}
    exact = [page for page, extra in near.items() if not extra]
    wider = [page for page, extra in near.items() if len(extra) == 1 and not extra & NO_RELEASE]
    # A line of two words or more is itself alone: gemini-flash is not gemini-flash-lite. A family has variants.
    for candidates in ([exact] if len(asked) > 1 else []) + [exact + wider]:
        families: dict[str, list[Path]] = {}
        for page in candidates:
            families.setdefault(words(page.stem)[0], []).append(page)
        if models := [one for members in families.values() for one in _newest(members, sheet, at)]:
            return models
    return []


def _newest(pages: list[Path], sheet: Callable[[Path], PriceSheet | None], at: datetime) -> list[PriceSheet]:
    """The largest of a family's newest generation; several where nothing on their pages tells them apart."""
    others: list[PriceSheet] = []
    for number in sorted({version(page.stem) for page in pages}, reverse=True):  # the fewest pages are read
        read = filter(None, (sheet(page) for page in pages if version(page.stem) == number))
        sold = [one for one in read if one.sold(at)]
        # The others answer in sound or images, and have rates that say so.
        if texts := [one for one in sold if not _OTHER_ANSWERS & one.card(at).plain_row().rates.keys()]:
            return _largest(texts, at)
        others = others or sold
    return _largest(others, at) if others else []


def _largest(models: list[PriceSheet], at: datetime) -> list[PriceSheet]:
    born = max(one.cards[0].effective for one in models)
    generation = [one for one in models if born - one.cards[0].effective <= GENERATION]
    rates = [one.card(at).input_rate or 0 for one in generation]
    return [one for one, rate in zip(generation, rates, strict=True) if rate == max(rates)]
