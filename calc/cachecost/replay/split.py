"""Requests for a what-if in two heaps: those whose prompts are told by blocks, and all others. The plain road."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from ..errors import NotInForce, NotSold
from .account import Rating
from .blocks import Trace
from .columns import Columns
from .epochs import Epochs
from .tally import Key, key_of
from .traffic import NONE, Traffic

_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


class Split(NamedTuple):
    """Requests whose prompts are told by blocks, in the order of the log, and all others in the order of time."""

    columns: Columns
    trace: Trace

    def __len__(self) -> int:
        return len(self.columns.at) + len(self.trace.at)

    @property
    def shared(self) -> int:
        """Requests of which something says with which others they share a prompt."""
        return len(self) - int(self.columns.session.tolist().count(NONE))

    @property
    def places(self) -> list[int]:
        """The key of every request."""
        return [*self.columns.key.tolist(), *self.trace.key]

    def traced(self, at: int, key: int, prompt: int, output: int, blocks: Sequence[int]) -> None:
        """Add a request whose prompt is told by blocks."""
        rows: tuple[Any, ...] = self.trace
        for column, value in zip(rows, (at, key, prompt, output, blocks), strict=True):
            column.append(value)


def logged(traffic: Traffic) -> Split:
    """The requests whose own model is priced; sessions are told apart by sheet, since caches are."""
    sheets = [key.sheet for key in traffic.known]
    dense: dict[tuple[int, str], int] = {}

    def session(place: int) -> int:
        return dense.setdefault((traffic.session[place], sheets[traffic.key[place]]), len(dense))

    return _split(traffic, traffic.key.__getitem__, session)


def places(
    traffic: Traffic, epochs: Epochs, rating: Rating, keys: dict[Key, int], refused: Counter[str] | None = None
) -> Sequence[int]:
    """The rates of each request on another sheet, as places in `keys`, which grows; NONE where it is not sold. Why not
    is counted in `refused`."""
    whos = traffic.whos

    def place(row: int) -> int:
        who, output = whos[traffic.who[row]], traffic.output[row]
        size, at = traffic.prompt[row] + traffic.rest[row], rating.at(traffic.at[row])
        try:
            found = key_of(epochs, at, size, output=output, service=who.service, thinking=who.thinking)
        except (NotSold, NotInForce) as error:
            if refused is not None:
                refused[alike(error)] += 1
            return NONE
        return keys.setdefault(found, len(keys))

    return [place(row) for row in range(len(traffic))]


def elsewhere(traffic: Traffic, places: Sequence[int]) -> Split:
    """The requests that have a place among another sheet's rates; sessions as the log tells them."""
    return _split(traffic, places.__getitem__, traffic.session.__getitem__)


def of(split: Split, keys: Collection[int]) -> Split:
    """The requests of some keys."""
    mine = [place for place, key in enumerate(split.columns.key) if key in keys]
    columns = Columns(*(array("q", [column[place] for place in mine]) for column in split.columns))
    return Split(columns, traced_of(split.trace, keys))


def traced_of(trace: Trace, keys: Collection[int]) -> Trace:
    """The same of requests whose prompts are told by blocks."""
    found = empty()
    for at, key, prompt, output, blocks in zip(*trace, strict=True):
        if key in keys:
            found.traced(at, key, prompt, output, blocks)
    return found.trace


def headless(traffic: Traffic) -> int:
    """Sessions whose first request read a cache: it was written before the log begins, or by another session."""
    first: dict[tuple[int, int], int] = {}
    for place in traffic.order():
        if traffic.session[place] != NONE and traffic.key[place] != NONE:
            first.setdefault((traffic.session[place], traffic.key[place]), place)
    return sum(traffic.read[place] > 0 for place in first.values())


def alike(error: Exception) -> str:
    """A refusal without the instant and the size of one request, so that all of one reason count as one."""
    return _ONE.sub("", str(error))


def empty() -> Split:
    """Columns to fill."""
    numbers = [array("q") for _ in range(4)]
    trace = Trace(at=numbers[0], key=numbers[1], prompt=numbers[2], output=numbers[3], blocks=[])
    return Split(Columns(*(array("q") for _ in Columns._fields)), trace)


def _split(traffic: Traffic, key: Callable[[int], int], session: Callable[[int], int]) -> Split:
    found = empty()
    for place in traffic.order():
        if place in traffic.blocks or (which := key(place)) == NONE:
            continue
        shares = NONE if traffic.session[place] == NONE else session(place)
        prompt = traffic.prompt[place]
        row = (traffic.at[place], which, prompt, prompt, traffic.output[place], shares)
        for column, value in zip(found.columns, row, strict=True):
            column.append(value)
    for place, blocks in traffic.blocks.items():
        if (which := key(place)) != NONE:
            found.traced(traffic.at[place], which, traffic.prompt[place], traffic.output[place], blocks)
    return found
