"""Requests for a what-if in two heaps, as `split` makes them, over arrays: millions in a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from ..errors import BadWorkload, NotInForce, NotSold
from ..files.installed import install
from .account import RELATIVE, Rating
from .columns import Columns
from .epochs import Epochs
from .keys_swift import keys_of
from .split import Split, alike, empty, traced_of
from .tally import Key, key_of
from .traffic import NONE, Traffic

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any


def logged(traffic: Traffic) -> Split:
    """The requests whose own model is priced; sessions are told apart by sheet, since caches are."""
    key, session = _column(traffic, "key"), _column(traffic, "session")
    names = [each.sheet for each in traffic.known]
    sheets = {name: number for number, name in enumerate(dict.fromkeys(names))}
    sheet = np.array([*(sheets[name] for name in names), 0], np.int64)[key]
    _, dense = np.unique(session * len(sheets) + sheet, return_inverse=True)
    return _split(traffic, key, np.where(session == NONE, NONE, dense))


def places(
    traffic: Traffic, epochs: Epochs, rating: Rating, keys: dict[Key, int], refused: Counter[str] | None = None
) -> Array:
    """The rates of each request on another sheet, as places in `keys`, which grows; NONE where it is not sold. Why not
    is counted in `refused`."""
    at, who, output = (_column(traffic, name) for name in ("at", "who", "output"))
    size, rated = _column(traffic, "prompt") + _column(traffic, "rest"), rates_at(rating, at)
    key = np.full(len(at), NONE, np.int64)
    alikes: dict[tuple[str, bool], list[int]] = {}
    for place, each in enumerate(traffic.whos):
        alikes.setdefault((each.service, each.thinking), []).append(place)
    for (service, thinking), whos in alikes.items():
        mine = np.flatnonzero(np.isin(who, whos))
        asked = {"service": service, "thinking": thinking}
        found, fresh = keys_of(epochs, rated[mine], size[mine], output[mine], **asked)  # type: ignore[arg-type]
        key[mine] = np.array([*(keys.setdefault(one, len(keys)) for one in fresh), NONE], np.int64)[found]
        if refused is not None:
            for row in mine[found == NONE].tolist():
                refused[_refusal(epochs, int(rated[row]), int(size[row]), int(output[row]), asked)] += 1
    return key


def elsewhere(traffic: Traffic, places: Array) -> Split:
    """The requests that have a place among another sheet's rates; sessions as the log tells them."""
    return _split(traffic, places, _column(traffic, "session"))


def of(split: Split, keys: Collection[int]) -> Split:
    """The requests of some keys."""
    mine = np.isin(split.columns.key, list(keys))
    return Split(Columns(*(column[mine] for column in split.columns)), traced_of(split.trace, keys))


def headless(traffic: Traffic) -> int:
    """Sessions whose first request read a cache: it was written before the log begins, or by another session."""
    order = _order(_column(traffic, "at"))
    key, session, read = (_column(traffic, name)[order] for name in ("key", "session", "read"))
    known = (key != NONE) & (session != NONE)
    _, first = np.unique((session * (len(traffic.known) + 1) + key)[known], return_index=True)
    return int((read[known][first] > 0).sum())


def rates_at(rating: Rating, at: Array) -> Array:
    """The instants whose rates price requests made at these times."""
    if rating.as_of is not None:
        return np.full(len(at), rating.as_of, np.int64)
    return np.where(at < RELATIVE, rating.now, at)


def _split(traffic: Traffic, key: Array, session: Array) -> Split:
    at, prompt, output = (_column(traffic, name) for name in ("at", "prompt", "output"))
    apart = key != NONE
    apart[list(traffic.blocks)] = False
    order = _order(at)
    order = order[apart[order]]
    told = Columns(*(column[order] for column in (at, key, prompt, prompt, output, session)))
    found = Split(told, empty().trace)
    for place, blocks in traffic.blocks.items():
        if key[place] != NONE:
            found.traced(int(at[place]), int(key[place]), int(prompt[place]), int(output[place]), blocks)
    return found


def _order(at: Array) -> Array:
    return np.arange(len(at)) if (at[1:] >= at[:-1]).all() else np.argsort(at, kind="stable")


def _column(traffic: Traffic, name: str) -> Array:
    return np.array(getattr(traffic, name), np.int64)


def _refusal(epochs: Epochs, at: int, size: int, output: int, asked: dict[str, Any]) -> str:
    try:
        key_of(epochs, at, size, output=output, **asked)
    except (NotSold, NotInForce) as error:
        return alike(error)
    raise AssertionError("the plain road has a price, and the road over arrays has none")
