"""Where in the text of a session each request met the entry of an earlier one, and which: over arrays.

A request touches the text of its session from the beginning to some end, so whose entry stands at a place is told by
the requests before: it is that of the last one which came so far. Needs the extra `fast`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..errors import BadWorkload
from ..files.installed import install

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

JUMPS = 32
"""Rounds after which a session that goes down in more steps is told one by one."""
MOST = 1 << 40
"""Tokens above which a request takes the plain road, so that no number here wraps."""
_BITS = (2 * MOST).bit_length()
Array = Any


class Touches(NamedTuple):
    """Requests that touched a cache, session by session: the text before `read` was read, from there to `end` written.

    `cell`: what a write is billed as, and `life` how long it stands; `default`: how long, where nobody knows who wrote.
    `known`, `after`: the furthest end of any touch before this one in its session, and of any behind it.
    """

    session: Array
    at: Array
    read: Array
    end: Array
    cell: Array
    life: Array
    default: Array
    known: Array
    after: Array


def walked(touches: Touches) -> tuple[Array, Sequence[Array]]:
    """Where in each touch begins what had died before, which ends with what was known or with the touch; and pieces
    (touch, begin, end) of what each left until the same was written again while it lived, or the session ended.

    A write meets the touches before it from the latest back, each time the next that came further, and stops at the
    first that has died: those before are older.
    """
    again = np.minimum(touches.end, touches.known)
    died, further = again.copy(), None
    left = np.flatnonzero(touches.after < touches.end)
    pieces = [(left, touches.after[left], touches.end[left])]
    write = np.flatnonzero(touches.read < again)
    place, met = touches.read[write], write - 1
    while len(write):
        late = touches.at[write] - touches.at[met] > touches.life[write]
        died[write[late]] = place[late]
        write, place, met = (column[~late] for column in (write, place, met))
        end = np.minimum(touches.end[met], again[write])
        longer = end > place
        pieces.append((met[longer], place[longer], end[longer]))
        place = np.maximum(place, end)
        more = place < again[write]
        write, place, met = (column[more] for column in (write, place, met))
        if len(write):
            further = _further(touches) if further is None else further
            met = further[met]
    return died, [np.concatenate(columns) for columns in zip(*pieces, strict=True)]


def _further(touches: Touches) -> Array:
    """The last touch before each one in its session that came further; anything where there is none.

    All jump at once to where the one that they stand at stands itself, so that most are there after a few rounds.
    """
    end = touches.end
    found = np.arange(-1, len(end) - 1)
    some = np.flatnonzero(end < touches.known)
    for _ in range(JUMPS):
        some = some[end[found[some]] <= end[some]]
        if not len(some):
            return found
        found[some] = found[found[some]]
    return np.array(_one_by_one_further(end.tolist()), np.int64)


def _one_by_one_further(ends: list[int]) -> list[int]:
    """The same in one way through, for text that is cut shorter so often that jumps take too long."""
    found, standing = list[int](), [-1]
    for place, end in enumerate(ends):
        while len(standing) > 1 and ends[standing[-1]] <= end:
            standing.pop()
        found.append(standing[-1])
        standing.append(place)
    return found


def furthest(session: Array, end: Array) -> Array:
    """The furthest end of any touch before each one in its session; sessions are numbered upwards."""
    found = np.zeros(len(end), np.int64)
    known = np.maximum.accumulate((session << _BITS) | end)
    found[1:] = np.maximum(known[:-1] - (session[1:] << _BITS), 0)
    return found


def mixed(touches: Touches) -> Array:
    """The sessions in which not everything lives as long as what was touched first."""
    first = touches.known == 0
    life = np.where(touches.read > 0, touches.default, touches.life)[first][np.cumsum(first) - 1]
    wrote, found = touches.end > touches.read, touches.read > touches.known
    other = (wrote & (touches.life != life)) | (found & (touches.default != life))
    return touches.session[other]
