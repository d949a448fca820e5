"""Which models an unknown name may mean: sold today before withdrawn, makers before hosts, the newest first."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import UTC, date, datetime, time
from typing import NamedTuple, TypeVar

from ..prices.sheet import PriceSheet

MOST = 3
ALIKE = 65
"""From how much of a hundred on, by difflib, a word is taken for a slip of another with the same first letter."""
_PART = re.compile(r"[a-z]+|[0-9]+")
Place = TypeVar("Place")


class Words(NamedTuple):
    """A name in its parts: `claude-opus-5.5` is the words claude, opus and the numbers 5, 5."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]


def parts(name: str) -> Words:
    """The parts of a name, without a suffix in brackets, as in `claude-opus-4-6[1m]`."""
    result = _PART.findall(re.sub(r"\[[^\]]*\]$", "", name[:200].lower()))
    words = dict.fromkeys(each for each in result if each.isalpha())
    return Words(tuple(words), tuple(int(each[:20]) for each in result if not each.isalpha()))


class Page(NamedTuple):
    """What a page is called: its own name in parts, and the words of all of its names."""

    own: Words
    words: frozenset[str]


def page(own: str, also: Iterable[str]) -> Page:
    """A page by its own name and its aliases."""
    names = (parts(own), *map(parts, also))
    return Page(names[0], frozenset(word for name in names for word in name.words))


def nearest(
    asked: str, pages: Mapping[Place, Page], sheet: Callable[[Place], PriceSheet | None], today: date
) -> list[str]:
    """Up to three ids of the pages whose names share at least half of the asked words; `sheet` reads a page, or gives
    None where it has faults. A withdrawn model comes after those that are sold; it takes the last place from them where
    only a slip parts it from what was asked."""
    wanted = parts(asked)
    vocabulary = frozenset[str]().union(*(each.words for each in pages.values()))
    meant = {slip for word in wanted.words if (slip := _meant(word, vocabulary))}
    sold, gone, slips = [], [], []
    for place, known in pages.items():
        share = len(meant & known.words)
        if not share or 2 * share < len(wanted.words) or not (candidate := sheet(place)):
            continue
        order = (-share, candidate.maker is not None, -_common(known.own.numbers, wanted.numbers))
        newest = candidate.cards[0].effective.timestamp()
        extra = len(set(known.own.words) - meant)
        ranked = (*order, extra, -newest, [-each for each in known.own.numbers], candidate.id)
        if candidate.sold(datetime.combine(today, time.max, UTC)):
            sold.append(ranked)
            continue
        gone.append(ranked)
        if (set(known.own.words), known.own.numbers) == (meant, wanted.numbers):
            slips.append(candidate.id)
    ids = [each[-1] for each in (*sorted(sold), *sorted(gone))]
    last = next((each for each in slips if each not in ids[:MOST]), None)
    return [*ids[: MOST - 1], last] if last else ids[:MOST]


def _meant(word: str, vocabulary: Set[str]) -> str:
    """The word itself where a page has it, or the one of which it is a slip; nothing where there is none."""
    if word in vocabulary:
        return word
    from difflib import get_close_matches  # a name that is spelled right need not wait for it

    alike = [each for each in vocabulary if each[0] == word[0]]
    return next(iter(get_close_matches(word, sorted(alike), n=1, cutoff=ALIKE / 100)), "")


def _common(numbers: tuple[int, ...], others: tuple[int, ...]) -> int:
    """How many of the first numbers are the same."""
    pairs = enumerate(zip(numbers, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(numbers), len(others)))
