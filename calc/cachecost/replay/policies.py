"""What every policy would have done with the requests of a log: one expression of SQL each, then sums by rates.

Requests are followed session by session in the order of time, or block by block in the order of the log. Both come down
to the same columns: how long ago the entry was touched that a request finds (`gap`), how many tokens it finds there
while that lives (`shared`), and how long it is until the next touch (`next`). A policy is an expression over them.

Sessions: counts do not say it, so it is assumed that within a session a prompt extends the one before, or is its
beginning where it is shorter. So min(before, now) of the tokens that can be cached is found again. A read or a write
starts the time to live again; all that can be cached and is not read is written; below the vendor's minimum nothing is
cached and nothing touched. A stored entry stays as it was created, and only the beginning that all prompts since have
had is read. Requests without a session share nothing and are sent plain.

Blocks: all `floor(prompt / 512)` full blocks can be cached, the rest is plain input; the first blocks, as many as the
vendor's minimum needs, are one node, so that fewer count as no match; a request touches the whole path, and reads as
far as every node of it lives; there is one scope for all requests of a model. A clock that goes back stands still.
Under `stored` every node is rented by itself, which no vendor sells: a bound from below.

Pings and rent until the next request are billed at the rates of the request before them. Where a card bills started
minutes or hours, an entry pays up to the end of the last one when it is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..errors import BadUsage
from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from .epochs import Epochs, Key
from .policy import NOT_SOLD, Policy, Terms, enough, expressions, terms
from .tally import HITS, REQUESTS, STORAGE, Tally

BLOCK = 512
"""Tokens that an id stands for."""
NEVER = 2**61
"""The gap to a touch that never was: longer than any life."""


class Database(Protocol):
    """Whatever runs the text of a query."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of its answer."""

    def batches(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """The same, some at a time."""

    def load(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """A table, made anew from rows, with these names and types of columns."""


def tallies(
    database: Database,
    requests: str,
    keys: Mapping[int, Key],
    sheets: Mapping[str, Epochs],
    policies: Sequence[Policy],
    common: int = 0,
) -> dict[str, Tally]:
    """The tally of every policy, by its name. `common`: tokens that all sessions begin with.

    `requests`: what to read them from, with columns `place` (their order in the log), `moment` (microseconds since 1970
    UTC), `key` (one of `keys`), `prompt` and `output` (tokens), `session` (NULL where nothing tells it) and `blocks`
    (chained ids, each the name of a whole prefix; NULL where the log has none).
    """
    base = database.rows(
        "SELECT key, COUNT(*), SUM(prompt), SUM(output), MAX(session) IS NOT NULL, COUNT(blocks) > 0 "
        f"FROM {requests} GROUP BY key"
    )
    alike: dict[tuple[Terms, ...], list[Policy]] = {}
    for one in policies:
        if one.kind != FRESH:
            alike.setdefault(tuple(terms(one, key, sheets) for key in keys.values()), []).append(one)
    done: Counter[tuple[str, int, str]] = Counter()
    sessions = any(row[4] for row in base)
    if sessions and alike:
        _walk(database, requests)
    for each, together in alike.items():
        terms_of = dict(zip(keys, each, strict=True))
        if sessions:
            done.update(_sums(database, _sessions(terms_of, together, common), together, common))
        if any(row[5] for row in base):
            heads = first_nodes(terms_of, keys)
            _refuse_twice(database, requests, heads)
            done.update(_sums(database, _blocks(requests, terms_of, heads, keys, together), together))
    database.rows("DROP TABLE IF EXISTS walk")
    return {
        one.name: Tally(
            (keys[place], line, count) for place, *row in base for line, count in _lines(one, place, row, done)
        )
        for one in policies
    }


def _lines(
    one: Policy, place: int, base: Sequence[int], done: Mapping[tuple[str, int, str], int]
) -> Iterator[tuple[str, int]]:
    """The sums of a key under the names of lines: what was neither read nor written went as plain input."""

    def did(what: str) -> int:
        return done.get((one.name, place, what), 0)

    requests, prompt, output, *_ = map(int, base)
    yield "input", prompt - did("read") - did("written")
    yield f"cache_read:{one.kind if one.kind in (AUTOMATIC, STORED) else WRITTEN}", did("read") + did("pinged")
    yield f"cache_write:{one.ttl}", did("written")
    yield "creation", did("created")
    yield "output", output
    yield STORAGE, did("rent")
    yield REQUESTS, requests + did("pings")
    yield HITS, did("hits") + did("pings")


def _sums(
    database: Database, touches: str, policies: Sequence[Policy], common: int = 0
) -> dict[tuple[str, int, str], int]:
    """What policies do with all touches: tokens by policy, key and what it is that was done."""
    columns = {(one.name, what): text for one in policies for what, text in expressions(one, common).items()}
    sums = {name: f"SUM({text})" for name, text in columns.items()}
    for (name, what), text in columns.items():
        if what == "read":
            sums[name, "hits"] = f"COUNT(*) FILTER (WHERE first AND ({text}) > 0)"
    rows = database.rows(f"SELECT key, {', '.join(sums.values())} FROM ({touches}) GROUP BY key")
    return {
        (name, key, what): int(count)
        for key, *row in rows
        for (name, what), count in zip(sums, row, strict=True)
        if count
    }


def _walk(database: Database, requests: str) -> None:
    """The requests of sessions into the table `walk`, session by session in the order of time. There LAG and LEAD need
    no window to be sorted: DuckDB streams what has neither PARTITION BY nor ORDER BY in the order of the table."""
    database.rows(
        f"CREATE OR REPLACE TABLE walk AS SELECT session, moment, place, key, prompt FROM {requests} "
        "WHERE session IS NOT NULL AND blocks IS NULL ORDER BY session, moment, place"
    )


def _sessions(terms_of: Mapping[int, Terms], policies: Sequence[Policy], common: int = 0) -> str:
    """Requests of `walk` that a cache takes, each behind the one before it in its session."""
    least, block, step = (by_key({key: each[place] for key, each in terms_of.items()}) for place in range(3))
    cacheable = f"CASE WHEN prompt < {least} THEN 0 ELSE prompt // {block} * {block} END"
    cached = f"SELECT session, moment, place, key, {cacheable} AS tokens FROM walk"
    since = "CASE WHEN LAG(session) OVER () = session THEN moment - LAG(moment) OVER ()"
    behind = (
        f"SELECT *, {since} ELSE {NEVER} END AS gap, "
        "CASE WHEN LEAD(session) OVER () = session THEN LEAD(moment) OVER () - moment END AS next, "
        f"LEAST(LAG(tokens) OVER (), tokens) AS common FROM ({cached}) WHERE tokens > 0"
    )
    behind = f"SELECT *, {least} AS least, {step} AS step, tokens AS path, TRUE AS first FROM ({behind})"
    any_before = f"COALESCE(moment - LAG(moment) OVER (ORDER BY moment, place), {NEVER})"
    of_any = f", {any_before} AS gap_of_any" if common else ""
    query = f"SELECT *, gap AS own, {enough('common')} AS shared{of_any} FROM ({behind})"
    if _uses("gap_twice", policies):
        # of another session the request before may be: then the gap of this one is NEVER
        twice = (
            f"SELECT *, GREATEST(gap, COALESCE(LAG(gap) OVER (), {NEVER})) AS gap_twice, "
            f"LEAST(LAG(shared) OVER (), tokens) AS common_twice FROM ({query})"
        )
        query = f"SELECT *, {enough('common_twice')} AS shared_twice FROM ({twice})"
    return _lives(query, "session", "moment, place", policies)


def _uses(column: str, policies: Sequence[Policy]) -> bool:
    return any(column in text for one in policies for text in expressions(one).values())


def _blocks(
    requests: str,
    terms_of: Mapping[int, Terms],
    heads: Mapping[int, int],
    keys: Mapping[int, Key],
    policies: Sequence[Policy],
) -> str:
    """Every node of every path, each behind the touch before it."""
    scope, head = by_sheet(keys), by_key(heads)
    step = by_key({key: each.step for key, each in terms_of.items()})
    traced = (
        f"SELECT place, MAX(moment) OVER (ORDER BY place) AS moment, key, {scope} AS scope, {head} AS head, "
        f"{step} AS step, {_FULL} AS full_blocks, blocks "
        f"FROM {requests} WHERE blocks IS NOT NULL"
    )
    nodes = (
        "SELECT place, moment, key, scope, head, step, full_blocks, 0 AS least, "
        "UNNEST(blocks[head:full_blocks]) AS node, UNNEST(range(head, full_blocks + 1)) AS depth "
        f"FROM ({traced}) WHERE head > 0 AND full_blocks >= head"
    )
    behind = (
        f"SELECT *, COALESCE(moment - LAG(moment) OVER n, {NEVER}) AS own, LEAD(moment) OVER n - moment AS next, "
        f"{BLOCK} * CASE WHEN depth = head THEN head ELSE 1 END AS tokens, depth = head AS first, "
        f"{BLOCK} * CASE WHEN depth = full_blocks THEN depth ELSE 0 END AS path "
        f"FROM ({nodes}) WINDOW n AS (PARTITION BY scope, node ORDER BY place)"
    )
    # a path is read only as far as every node on it lives
    down = "OVER (PARTITION BY place ORDER BY depth)"
    query = f"SELECT *, MAX(own) {down} AS gap, tokens AS shared FROM ({behind})"
    if _uses("gap_twice", policies):
        before = f"LAG(gap, 1, {NEVER}) OVER (PARTITION BY scope, node ORDER BY place)"
        query = (
            f"SELECT *, MAX(GREATEST(gap, gap_before)) {down} AS gap_twice, tokens AS shared_twice "
            f"FROM (SELECT *, {before} AS gap_before FROM ({query}))"
        )
    return _lives(query, "scope, node", "place", policies)


_FULL = f"LEAST(LEN(blocks), prompt // {BLOCK})"


def _lives(touches: str, entry: str, order: str, policies: Sequence[Policy]) -> str:
    """The same with the lives of stored entries: what was put in, since when it is rented, and the beginning that all
    prompts since have had."""
    for life in {one.life for one in policies if one.kind == STORED}:
        begun = f"SUM(CASE WHEN own <= {life} THEN 0 ELSE 1 END) OVER (PARTITION BY {entry} ORDER BY {order})"
        touches = (
            f"SELECT *, FIRST_VALUE(tokens) OVER v AS entry_{life}, FIRST_VALUE(moment) OVER v AS since_{life}, "
            f"MIN(tokens) OVER v AS lowest_{life} FROM (SELECT *, {begun} AS life_{life} FROM ({touches})) "
            f"WINDOW v AS (PARTITION BY {entry}, life_{life} ORDER BY {order})"
        )
        touches = f"SELECT *, {enough(f'lowest_{life}')} AS alike_{life} FROM ({touches})"
    return touches


def by_key(values: Mapping[int, int]) -> str:
    """A value for each request by its key; the value itself where it is the same for all."""
    if len(set(values.values())) == 1:
        return str(next(iter(values.values())))
    return (
        f"[{', '.join(str(values.get(key, 'NULL')) for key in range(max(values) + 1))}][key + 1]" if values else "NULL"
    )


def by_sheet(keys: Mapping[int, Key]) -> str:
    """A number for each request by the sheet of its key."""
    names = list(dict.fromkeys(key.sheet for key in keys.values()))
    return by_key({number: names.index(key.sheet) for number, key in keys.items()})


def first_nodes(terms_of: Mapping[int, Terms], keys: Mapping[int, Key]) -> dict[int, int]:
    """For each key how many blocks the first node takes, by the largest minimum of its sheet; 0 where it does not sell
    the policy."""
    least: dict[str, int] = {}
    for number, each in terms_of.items():
        if each != NOT_SOLD:
            least[keys[number].sheet] = max(least.get(keys[number].sheet, 1), each.least)
    return {n: 0 if each == NOT_SOLD else -(-least[keys[n].sheet] // BLOCK) for n, each in terms_of.items()}


def _refuse_twice(database: Database, requests: str, heads: Mapping[int, int]) -> None:
    twice = f"LEN(LIST_DISTINCT(blocks[1:{_FULL}])) < {_FULL}"
    if database.rows(f"SELECT 1 FROM {requests} WHERE {by_key(heads)} > 0 AND {twice} LIMIT 1"):
        raise BadUsage(
            "blocks: an id stands twice in one prompt; expected chained ids, each the name of a whole prefix"
        )
