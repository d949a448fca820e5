"""What tells requests of one price from requests of another: a few instants and a few sizes, read off the price sheets.

An engine cuts its rows along these edges, adds up whole numbers in between, and hands each sum over with a
representative: any instant, prompt and answer of its class finds the same row of rates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..bills.warnings import Doubt, bounds_of
from .epochs import Epochs


class Edges(NamedTuple):
    """Where classes of requests end. Times are microseconds since 1970 UTC.

    `instants` begin a stretch each, the first stretch lies before them all; `stretches` numbers them, alike where all
    sheets have the same rates (so one number for all nights), and `times` holds one instant of every number.
    `sizes`, `answers`: token counts at which the next class begins. `bounds`: limits and minimums of all cards.
    """

    instants: tuple[int, ...]
    stretches: tuple[int, ...]
    times: tuple[int, ...]
    sizes: tuple[int, ...]
    answers: tuple[int, ...]
    bounds: tuple[Doubt, ...]


def windowed(sheets: Iterable[Epochs]) -> bool:
    """Whether some sheet has hours of its own, so that its edges recur and need a span."""
    return any(row.window for sheet in sheets for card in sheet.cards for row in card.rows)


def edges(sheets: Sequence[Epochs], *spans: tuple[int, int]) -> Edges:
    """The edges of these sheets inside spans of time (first and last, one after another), or of all their cards."""
    if not spans:
        starts = [start for sheet in sheets for start in sheet.starts] or [0]
        spans = ((min(starts) - 1, max(starts)),)
    first = spans[0][0]
    begins = {begin for begin, _ in spans} | {at for sheet in sheets for span in spans for at in _begins(sheet, *span)}
    instants = sorted(begins - {first})
    known: dict[tuple[int | None, ...], int] = {}
    times: list[int] = []
    stretches: list[int] = []
    for at in (first, *instants):
        state = tuple(sheet.at(at) if at >= sheet.starts[0] else None for sheet in sheets)
        if state not in known:
            known[state] = len(times)
            times.append(at)
        stretches.append(known[state])
    rows = [row for sheet in sheets for card in sheet.cards for row in card.rows]
    bounds = {bound for sheet in sheets for card in sheet.cards for bound in bounds_of(card)}
    return Edges(
        instants=tuple(instants),
        stretches=tuple(stretches),
        times=tuple(times),
        sizes=_next(row.prompt.high for row in rows),
        answers=_next(row.output.high for row in rows),
        bounds=tuple(sorted(bounds)),
    )


def largest(cuts: Sequence[int], place: int) -> int:
    """The largest count of a class where it has an end, otherwise its smallest."""
    return cuts[place] - 1 if place < len(cuts) else (cuts[-1] if cuts else 0)


def place(cuts: Sequence[int], count: int) -> int:
    """The class of a count: how many cuts it has reached."""
    return bisect_right(cuts, count)


def _begins(sheet: Epochs, first: int, last: int) -> list[int]:
    begin = max(first, sheet.starts[0])
    if begin > last:
        return []
    found = sheet.between(begin, last)[0]
    return [at for at in found if at > first]


def tree(value: str, cuts: Sequence[str], leaves: Sequence[str]) -> str:
    """The leaf of the class in which a value lies, as SQL that finds it by halves: few comparisons for many cuts."""
    if not cuts or len(set(leaves)) == 1:
        return leaves[0]
    half = len(cuts) // 2
    below = tree(value, cuts[:half], leaves[: half + 1])
    above = tree(value, cuts[half + 1 :], leaves[half + 1 :])
    return f"CASE WHEN {value} < {cuts[half]} THEN {below} ELSE {above} END"


def _next(highs: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(sorted({high + 1 for high in highs if high is not None}))
