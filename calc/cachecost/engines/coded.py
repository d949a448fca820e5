"""The same sums for the database in this process: classes as small numbers, which it finds by place without hashing.

Each row gets small numbers: those of its names, of the stretch of time in which it lies, and of its kind (its sizes,
and whether it read a cache). DuckDB adds up by few small numbers without hashing:
https://duckdb.org/docs/stable/configuration/overview (perfect_ht_threshold)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ..bills.warnings import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, Doubt
from ..logs.values import given
from ..replay.classes import Edges, largest, tree
from ..replay.epochs import instant
from ..replay.tally import HITS, REQUESTS
from .dialects import DIALECTS
from .groups import WHOLE, Part
from .sql import DAY, indented, quoted, select, split_of

READ, PLAIN, NOTHING = WAYS = 0, 1, 2
"""Kinds of a row: it read a cache; it read none; it had nothing."""
_DAY = 86_400_000_000
_FIRST = date(1970, 1, 1).toordinal() * _DAY
_SPEAKS = DIALECTS["duckdb"]


@dataclass(frozen=True)
class Coded:
    """A log as DuckDB is to add it up.

    `names`: the values of each name that the log has. `by`, `split`: as in `sql.Table`; `lacks`: those of `by` that it
    has not. `naive`: instants without a zone, meant as UTC. `odd`: whether a row is one that the sums cannot take.
    """

    source: str
    counts: Sequence[str]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by: Sequence[str] = ()
    lacks: Sequence[str] = ()
    naive: bool = False
    odd: str = ""
    split: Sequence[str] = ()
    parts: Sequence[Part] = WHOLE

    def has(self, name: str) -> bool:
        return name in self.counts


class Found(NamedTuple):
    """One class of rows that pay the same rates: its names, an instant and sizes from it, its group, how many rows, the
    instants of the first and the last, its sums by count, and how many rows are beyond each bound."""

    names: Mapping[str, str]
    at: int
    prompt: int
    output: int
    group: tuple[str | None, ...]
    rows: int
    span: tuple[int, int]
    sums: Mapping[str, int]
    doubtful: Mapping[Doubt, int]


def coded(log: Coded, edges: Edges) -> str:
    """The query; its rows are for `found`, and a class may have one in every part of the log."""
    return "\nUNION ALL\n".join(_part(log, edges, part) for part in log.parts)


def _part(log: Coded, edges: Edges, part: Part) -> str:
    keys = [f"k_{name}" for name in (*log.names, "epoch", "kind", *log.by, *(("split",) if log.split else ()))]
    lines = [
        *keys,
        "COUNT(*)",
        "epoch_us(MIN(k_at))",
        "epoch_us(MAX(k_at))",
        *(f"SUM(n_{name})" for name in log.counts),
    ]
    lines += [f"COUNT(*) FILTER (WHERE {test})" for test in _doubtful(log, edges).values()]
    lines += ["BOOL_OR(k_odd)"] if log.odd else []
    middle = f"{select(_middle(log, edges, part))}\nFROM (\n{indented(_plain(log, part))}\n) AS plain"
    return f"{select(lines)}\nFROM (\n{indented(middle)}\n) AS classed\nGROUP BY {', '.join(keys)}"


def found(row: Sequence[Any], log: Coded, edges: Edges) -> Found | None:
    """A row of the answer as a class; None where it has a name that was not foreseen, or no time."""
    names, rest = row[: len(log.names)], row[len(log.names) :]
    stretch, kind, *groups = rest[: 2 + len(log.by)]
    rows, first, last, *counts = rest[2 + len(log.by) + bool(log.split) :]
    if None in names or stretch == len(edges.times):
        return None
    sizes, way = divmod(kind, len(WAYS))
    prompt, answer = divmod(sizes, len(edges.answers) + 1)
    told = {REQUESTS: 0 if way == NOTHING else rows, HITS: rows if way == READ else 0}
    return Found(
        names={name: log.names[name][place] for name, place in zip(log.names, names, strict=True)},
        at=edges.times[stretch],
        prompt=largest(edges.sizes, prompt),
        output=largest(edges.answers, answer),
        group=tuple(_told(name, value) for name, value in zip(log.by, groups, strict=True)),
        rows=rows,
        span=(first, last),
        sums=told | {name: int(count) for name, count in zip(log.counts, counts, strict=False)},
        doubtful=dict(zip(_doubtful(log, edges), counts[len(log.counts) :], strict=False)),
    )


def _middle(log: Coded, edges: Edges, part: Part) -> list[str]:
    return [
        *(f"n_{name}" for name in log.counts),
        "n_prompt",
        "k_at",
        *(f"{_place(name, values)} AS k_{name}" for name, values in log.names.items()),
        f"{_stretch(log, edges, part)} AS k_epoch",
        f"{_kind(log, edges)} AS k_kind",
        *(f"k_{name}" for name in log.by),
        *([f"{split_of(log.split)} AS k_split"] if log.split else ()),
        *(["k_odd"] if log.odd else ()),
    ]


def _plain(log: Coded, part: Part) -> str:
    counts = {name: f"COALESCE({_SPEAKS.column(name)}, 0)" for name in log.counts}
    day = f'CAST((epoch_us("at") + {_FIRST}) // {_DAY} AS INTEGER)'
    lines = [
        '"at" AS k_at',
        *(f"{_named(name, values)} AS k_{name}" for name, values in log.names.items()),
        *(f"{'NULL' if name in log.lacks else day if name == DAY else name} AS k_{name}" for name in log.by),
        *(f"{count} AS n_{name}" for name, count in counts.items()),
        # worked out once: DuckDB would add it up anew in every branch
        f"{' + '.join(count for name, count in counts.items() if name != 'output') or '0'} AS n_prompt",
        *([f"{log.odd} AS k_odd"] if log.odd else ()),
    ]
    return f"{select(lines)}\nFROM {log.source}{f' WHERE {part.where}' if part.where else ''}"


def _named(name: str, values: Sequence[str]) -> str:
    """A name, where absent as nothing if that is among the values; asking costs as much as a sum."""
    return f"COALESCE({name}, '')" if "" in values else name


def _place(name: str, values: Sequence[str]) -> str:
    """The place of a name among its values; nothing where it is none of them. A map, since DuckDB knows the least and
    the largest value of one, and so how many sums there can be."""
    small = _small(len(values))
    if len(values) == 1:
        return f"CASE WHEN k_{name} = {quoted(values[0])} THEN 0::{small} END"
    return f"MAP {{{', '.join(f'{quoted(each)}: {place}::{small}' for place, each in enumerate(values))}}}[k_{name}]"


def _stretch(log: Coded, edges: Edges, part: Part) -> str:
    """The stretch of time; one more where the row has no instant, since a NULL would take DuckDB off its fast road."""
    small = _small(len(edges.times))
    if part.stretch is not None:
        return f"{part.stretch}::{small}"
    cuts = [f"TIMESTAMP '{instant(at):%Y-%m-%d %H:%M:%S}'" if log.naive else _SPEAKS.time(at) for at in edges.instants]
    known = tree("k_at", cuts, [f"{each}::{small}" for each in edges.stretches])
    return f"CASE WHEN k_at IS NULL THEN {len(edges.times)}::{small} ELSE {known} END"


def _kind(log: Coded, edges: Edges) -> str:
    """Its sizes and its way in one number."""
    plain, nothing = _leaf(log, edges, PLAIN), _leaf(log, edges, NOTHING)
    used = "n_prompt + n_output" if log.has("output") else "n_prompt"
    unread = f"CASE WHEN {used} = 0 THEN {nothing} ELSE {plain} END"
    if not log.has("cache_read"):
        return unread
    return f"CASE WHEN n_cache_read > 0 THEN {_leaf(log, edges, READ)} ELSE {unread} END"


def _leaf(log: Coded, edges: Edges, way: int) -> str:
    """The number of a way for every size of prompt and answer."""
    ways, answers = len(WAYS), len(edges.answers) + 1
    small = _small(ways * answers * (len(edges.sizes) + 1))
    cuts = [str(cut) for cut in edges.answers] if log.has("output") else []
    numbers = [f"{place * ways + way}::{small}" for place in range(answers * (len(edges.sizes) + 1))]
    by_answer = [tree("n_output", cuts, numbers[each : each + answers]) for each in range(0, len(numbers), answers)]
    return tree("n_prompt", [str(cut) for cut in edges.sizes], by_answer)


def _doubtful(log: Coded, edges: Edges) -> dict[Doubt, str]:
    """The condition under which a row is beyond each bound: `notices.doubts` in SQL."""
    written = " + ".join(f"n_{name}" for name in log.counts if name.startswith("cache_write")) or "0"
    read, answer = ("n_cache_read" if log.has("cache_read") else "0"), ("n_output" if log.has("output") else "0")
    tests = {
        OVER_CONTEXT: f"n_prompt + {answer} > {{}}",
        OVER_INPUT: "n_prompt > {}",
        OVER_OUTPUT: f"{answer} > {{}}",
        SMALL_WRITE: f"{written} > 0 AND {written} + {read} < {{}}",
        SMALL_READ: f"{read} BETWEEN 1 AND {{}} - 1 AND {written} = 0",
    }
    return {bound: tests[bound.what].format(bound.tokens) for bound in edges.bounds}


def _told(name: str, value: Any) -> str | None:
    if not given(value):
        return None
    return date.fromordinal(value).isoformat() if name == DAY else str(value)


def _small(size: int) -> str:
    """The smallest type for so many numbers, of which one more is kept for none."""
    return "UTINYINT" if size < 255 else "USMALLINT" if size < 65_535 else "BIGINT"
