"""Hits and misses of a cache with a time to live, counted one arrival after another: exact, and millions a second.

Arrivals are whole microseconds after an origin, in chunks of a bounded size, so that memory does not grow with their
number; a seed makes them the same again. `simulate` counts several TTLs in one pass. Needs the extra `fast`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from cachecost.errors import BadWorkload
from cachecost.files.installed import install

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"simulation: counting arrivals needs numpy: {install('fast')}") from None

CHUNK = 1 << 17
"""Arrivals held at once; small enough to stay in a processor's cache."""
LONGEST = 2**61
"""Microseconds that a time may count, 73,000 years."""
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND
_SPARSE = 24
"""From so many arrivals for each cycle on, the end of a cycle is looked up alone instead of for every arrival."""

Times = Any
"""An array of int64: microseconds, none before the one it follows."""


class Counts(NamedTuple):
    """What so many queries did to a cache of one TTL: a miss writes the entry, a hit reads it."""

    ttl: timedelta
    queries: int
    misses: int

    @property
    def hits(self) -> int:
        return self.queries - self.misses

    @property
    def writes(self) -> int:
        return self.misses

    @property
    def reads(self) -> int:
        return self.hits


def simulate(arrivals: Iterable[Times], ttls: Sequence[timedelta], *, refresh: bool = True) -> tuple[Counts, ...]:
    """The counts for each TTL. A query hits iff the last touch is not longer ago than the TTL: a touch is a write and,
    with `refresh`, a read. The first query always misses."""
    lives = [ttl // _MICROSECOND for ttl in ttls]
    if any(life < 0 or life > LONGEST for life in lives):
        raise BadWorkload("ttl: expected a time to live of 0 or more")
    count = _refreshed if refresh else _unrefreshed
    queries, misses, marks = 0, [0] * len(lives), [-1] * len(lives)
    last = None
    for times in arrivals:
        if not len(times):
            continue
        gaps = np.diff(times, prepend=times[0] if last is None else last)
        if gaps.min() < 0:
            raise BadWorkload("arrivals: a time stands before the one it follows; expected them sorted")
        first = last is None
        for place, life in enumerate(lives):
            missed, marks[place] = count(times, gaps, life, first, marks[place])
            misses[place] += missed
        queries += len(times)
        last = times[-1]
    return tuple(Counts(ttl, queries, missed) for ttl, missed in zip(ttls, misses, strict=True))


def _refreshed(times: Times, gaps: Times, life: int, first: bool, mark: int) -> tuple[int, int]:
    """Misses of a chunk where every query touches the entry: gaps longer than its life, and the first of all."""
    return int(np.count_nonzero(gaps > life)) + first, mark


def _unrefreshed(times: Times, gaps: Times, life: int, first: bool, dies: int) -> tuple[int, int]:
    """Misses of a chunk where an entry dies its life after it was written, and when the last one dies."""
    place = 0 if first else int(np.searchsorted(times, dies, "right"))
    size, misses = len(times), 0
    cycles = (int(times[-1]) - int(times[0])) // (life + 1) + 1
    if cycles * _SPARSE < size:
        while place < size:
            misses += 1
            dies = int(times[place]) + life
            place += int(np.searchsorted(times[place:], dies, "right"))
        return misses, dies
    after = np.searchsorted(times, times + life, "right").tolist()
    written = place
    while place < size:
        misses += 1
        written = place
        place = after[place]
    return misses, int(times[written]) + life if misses else dies


def poisson(queries: int, rate: Fraction, seed: int) -> Iterator[Times]:
    """So many queries at a Poisson rate per hour, the first at 0.

    Gaps are rounded up to whole microseconds, so that one is longer than a whole TTL exactly when the real one is.
    """
    _check(queries, seed)
    if rate <= 0:
        raise BadWorkload("rate: expected more than 0 queries per hour, such as 12/h")
    mean = float(_HOUR / rate)
    if mean * (queries + 40) > LONGEST:
        raise BadWorkload("rate: so many queries would take over 73,000 years; expected a higher rate, or fewer")
    return _poisson(queries, mean, np.random.Generator(np.random.PCG64(seed)))


def _poisson(queries: int, mean: float, random: Any) -> Iterator[Times]:
    last = 0
    for begin in range(0, queries, CHUNK):
        gaps = random.standard_exponential(min(CHUNK, queries - begin))
        gaps *= mean
        times = np.ceil(gaps, out=gaps).astype(np.int64)
        times[0] = last + (int(times[0]) if begin else 0)
        yield np.cumsum(times, out=times)
        last = int(times[-1])


def at_random(queries: int, window: timedelta, seed: int) -> Iterator[Times]:
    """So many queries at independent uniform microseconds of a window, sorted.

    The window is cut in parts of equal length; how many fall in each is drawn first (binomial among what is left), so
    that only one part is held and sorted at a time, and the law is that of all together.
    """
    _check(queries, seed)
    length = window // _MICROSECOND
    if not 0 < length <= LONGEST:
        raise BadWorkload("window: expected a duration above 0")
    return _at_random(queries, length, np.random.Generator(np.random.PCG64(seed)))


def _at_random(queries: int, length: int, random: Any) -> Iterator[Times]:
    parts = min(length, -(-queries // CHUNK))
    for part in range(parts):
        low, high = length * part // parts, length * (part + 1) // parts
        here = queries if part == parts - 1 else int(random.binomial(queries, (high - low) / (length - low)))
        queries -= here
        times = random.integers(low, high, size=here, dtype=np.int64)
        times.sort()
        yield times


def bursts(count: int, size: int, apart: timedelta) -> Iterator[Times]:
    """So many bursts of `size` queries at one instant, a time apart from one to the next; of size 1, an even spread."""
    _check(count, 0)
    _check(size, 0)
    gap = apart // _MICROSECOND
    if gap < 0 or gap * count > LONGEST:
        raise BadWorkload("apart: expected a duration of 0 or more, and all bursts within 73,000 years")
    return _bursts(count * size, size, gap)


def _bursts(queries: int, size: int, gap: int) -> Iterator[Times]:
    for begin in range(0, queries, CHUNK):
        yield np.arange(begin, min(begin + CHUNK, queries), dtype=np.int64) // size * gap


def recorded(times: Any) -> Iterator[Times]:
    """The arrivals of a log: an array or a list of whole microseconds, or of numpy's datetime64, sorted. An array that
    lies in a file (`numpy.memmap`) is read piece by piece."""
    found = times if isinstance(times, np.ndarray) else np.asarray(times)
    if found.ndim != 1 or not (found.size == 0 or found.dtype.kind in "iuM"):
        raise BadWorkload("arrivals: expected a row of times, in whole microseconds or as datetime64")
    return _recorded(found)


def _recorded(found: Any) -> Iterator[Times]:
    for begin in range(0, len(found), CHUNK):
        piece = found[begin : begin + CHUNK]
        if piece.dtype.kind == "M":
            if np.isnat(piece).any():
                raise BadWorkload("arrivals: a time is missing (NaT); expected every one to be told")
            piece = piece.astype("datetime64[us]")
        yield piece.astype(np.int64)


def _check(queries: int, seed: int) -> None:
    if queries < 1:
        raise BadWorkload("queries: expected at least 1")
    if seed < 0:
        raise BadWorkload("seed: expected a whole number from 0 on")
