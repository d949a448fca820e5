"""What caching as it was used has wasted, told for millions of requests at once: the road of `losses` over arrays.

Which entry each request met is told by `touches`. Needs the extra `fast`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ..errors import BadWorkload
from ..files.installed import install
from .binned import binned
from .epochs import Epochs
from .losses import EXPIRY, MINIMUM, NEVER_READ, Asked, Counts, Losses, life_of
from .policies import Database
from .tally import Key
from .touches import MOST, Touches, furthest, mixed, walked
from .traffic import written

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

CHUNK = 1 << 17
"""Requests held at once, or those of a longer session; small enough to stay in a processor's cache."""
HELD = 1 << 21
"""Requests whose columns are fetched together."""
Array = Any
Written = tuple[tuple[str, int], ...]
"""What one request wrote, as (line, tokens)."""


class Requests(NamedTuple):
    """Columns of whole numbers (int64) as `traffic` keeps them, in the order of time."""

    session: Array
    key: Array
    at: Array
    read: Array
    put: Array
    line: Array
    prompt: Array


def lost(
    sheets: Mapping[str, Epochs],
    keys: Sequence[Key],
    lines: Sequence[str],
    requests: Requests,
    several: Mapping[int, Written],
) -> Counts:
    """Lost tokens by reason, key and line, as `Losses.counts` finds them; those of whole sessions can be added up.

    `keys`, `lines`: what the columns count through. `several`: what was written as more than one line, by place in the
    columns. Requests without a session or a key take no part.
    """
    fold = _Fold(sheets, keys, lines, several)
    odd = (requests.read > MOST) | (requests.put > MOST)
    odd[list(several)] = True
    for places, session in _chunks(requests, keys):
        fold.follow(Requests(session, *(column[places] for column in requests[1:])), places, odd[places])
    return fold.found


def of_table(
    database: Database, table: str, keys: Sequence[Key], lines: Sequence[str], sheets: Mapping[str, Epochs]
) -> Counts:
    """The same of the requests of a table, as many sessions at a time as memory should hold."""
    found: Counts = Counter()
    ((count,),) = database.rows(f"SELECT COUNT(*) FROM {table}")
    parts = 1 + count // HELD
    for part in range(parts):
        mine = f"FROM {table} WHERE session % {parts} = {part}"
        order = "ORDER BY session, moment, place"
        columns = database.columns(f"SELECT session, key, moment, read, put, line, prompt {mine} {order}")
        several = {
            place: written({"several": tokens}, lines)
            for place, tokens in database.rows(
                f"SELECT place, several FROM (SELECT several, ROW_NUMBER() OVER ({order}) - 1 AS place {mine}) "
                "WHERE several IS NOT NULL"
            )
        }
        requests = Requests(*(np.asarray(column, np.int64) for column in columns.values()))
        found.update(lost(sheets, keys, lines, requests, several))
    return found


class _Fold:
    """Whole sessions in, counts out. A cell is a place to count tokens at: a key, and a line or `input`."""

    def __init__(
        self, sheets: Mapping[str, Epochs], keys: Sequence[Key], lines: Sequence[str], several: Mapping[int, Written]
    ) -> None:
        self.sheets, self.keys, self.lines, self.several = sheets, keys, [*lines, "input"], several
        self.found: Counts = Counter()
        losses = Losses(sheets)
        terms = [losses.terms(key) for key in keys]
        ttls = [life_of(line.partition(":")[2]) for line in self.lines]
        self._life = np.array([ttl or each.life for each in terms for ttl in ttls], np.int64)
        self._default = np.array([each.life for each in terms], np.int64)
        self._least_written = np.array([each.least_written for each in terms], np.int64)
        self._least = np.array([each.least for each in terms], np.int64)

    def follow(self, rows: Requests, places: Array, odd: Array) -> None:
        """Requests session by session, and where they stand in the log. `odd`: what only the plain road can tell."""
        apart = np.zeros(int(rows.session[-1]) + 1, bool)
        apart[rows.session[odd]] = True
        touches = self._touches(rows, ~apart[rows.session])
        apart[mixed(touches)] = True
        if apart.any():
            mine = ~apart[rows.session]
            self._one_by_one(Requests(*(column[~mine] for column in rows)), places[~mine])
            rows = Requests(*(column[mine] for column in rows))
            touches = Touches(*(column[~apart[touches.session]] for column in touches))
        self._small(rows)
        self._written(touches)

    def _one_by_one(self, rows: Requests, places: Array) -> None:
        losses = Losses(self.sheets)
        for place, *row in zip(places.tolist(), *(column.tolist() for column in rows), strict=True):
            session, key, at, read, put, line, prompt = row
            written = self.several.get(place) or (((self.lines[line], put),) if put else ())
            losses.follow(session, at, self.keys[key], Asked(prompt, read, put), written)
        self.found.update(losses.counts())

    def _touches(self, rows: Requests, mine: Array) -> Touches:
        put = np.where((rows.read > 0) | (rows.put >= self._least_written[rows.key]), rows.put, 0)
        end = rows.read + put
        those = np.flatnonzero(mine & (end > 0))
        session, key, at, read = (column[those] for column in rows[:4])
        end, cell = end[those], key * len(self.lines) + rows.line[those]
        known, after = furthest(session, end), furthest(-session[::-1], end[::-1])[::-1]
        return Touches(session, at, read, end, cell, self._life[cell], self._default[key], known, after)

    def _small(self, rows: Requests) -> None:
        """Prompts under the minimum, each behind the one before it in its session."""
        those = 1 + np.flatnonzero((rows.session[1:] == rows.session[:-1]) & (rows.read[1:] == 0))
        those = those[rows.prompt[those] < self._least[rows.key[those]]]
        those = those[rows.at[those] - rows.at[those - 1] <= self._default[rows.key[those]]]
        cell = (rows.key[those] + 1) * len(self.lines) - 1
        self._count(MINIMUM, cell, np.minimum(rows.prompt[those], rows.prompt[those - 1]))

    def _written(self, touches: Touches) -> None:
        """Writes of what had died, and writes that nobody read; no token is both."""
        died, (touch, begin, end) = walked(touches)
        again = np.minimum(touches.end, touches.known)
        self._count(EXPIRY, touches.cell, again - died)
        begin = np.maximum(begin, touches.read[touch])
        both = np.minimum(end, again[touch]) - np.maximum(begin, died[touch])
        self._count(NEVER_READ, touches.cell[touch], np.maximum(end - begin, 0) - np.maximum(both, 0))

    def _count(self, what: str, cell: Array, tokens: Array) -> None:
        some = np.flatnonzero(tokens)
        for place, count in enumerate(binned(cell[some], tokens[some], len(self._life))):
            if count:
                key, line = divmod(place, len(self.lines))
                self.found[what, self.keys[key], self.lines[line]] += count


def _chunks(requests: Requests, keys: Sequence[Key]) -> Iterator[tuple[Array, Array]]:
    """The places of requests that take part, some whole sessions at a time; and their sessions, numbered from 0."""
    taking = np.flatnonzero((requests.session >= 0) & (requests.key >= 0))
    if not len(taking):
        return
    places, fresh = _ordered(requests, taking, keys)
    begins = np.append(np.flatnonzero(fresh), len(places))
    edges = np.unique(begins[np.searchsorted(begins, [*range(0, len(places), CHUNK), len(places)])])
    for begin, end in pairwise(edges):
        yield places[begin:end], np.cumsum(fresh[begin:end]) - 1


def _ordered(requests: Requests, taking: Array, keys: Sequence[Key]) -> tuple[Array, Array]:
    """Places by session and sheet, which has a cache of its own, then as they came; and which begin a session."""
    sheets = {name: number for number, name in enumerate(dict.fromkeys(key.sheet for key in keys))}
    sheet = np.array([sheets[key.sheet] for key in keys], np.int64)[requests.key[taking]]
    session, bits = requests.session[taking], len(requests.session).bit_length()
    fresh = np.ones(len(taking), bool)
    if int(session.max()) < (1 << 62 - bits) // len(sheets):
        packed = ((session * len(sheets) + sheet) << bits) | taking
        packed.sort()  # several times as fast as a stable sort of places by session
        fresh[1:] = packed[1:] >> bits != packed[:-1] >> bits
        return packed & ((1 << bits) - 1), fresh
    order = np.lexsort((sheet, session))
    session, sheet = session[order], sheet[order]
    fresh[1:] = (session[1:] != session[:-1]) | (sheet[1:] != sheet[:-1])
    return taking[order], fresh
