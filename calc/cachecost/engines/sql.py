"""The sums of a log as SQL: whole tokens per set of rates, from one builder for seven databases. No money in it.

The query has three storeys: rows with absent counts as nothing, rows with their classes, sums per class. Inner names
differ from those of the table, since ClickHouse reads an alias before a column of the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..replay.classes import Edges, largest, tree
from ..replay.epochs import instant
from ..units import show_instant
from .dialects import Dialect, dialect

NAMES = ("provider", "model", "service", "region")
WRITTEN = ("cache_write", "cache_write_5m", "cache_write_30m", "cache_write_1h")
COUNTS = ("input", "cache_read", *WRITTEN, "output")
CLASSES = ("epoch", "prompt", "answer")
DAY = "day"


@dataclass(frozen=True)
class Table:
    """A log as a database knows it.

    `source`: what to read from. `names`, `counts`: those of the canonical columns that it has. `by`: further columns
    to sum apart by; `day` is the day of the instant, in UTC. `split`: counts whose presence is told, as bits of a
    further class.
    """

    source: str
    names: Sequence[str] = NAMES
    counts: Sequence[str] = COUNTS
    by: Sequence[str] = ()
    split: Sequence[str] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (*NAMES, *self.by, *CLASSES, *(("split",) if self.split else ()))


def emit(name: str, table: Table, edges: Edges) -> str:
    """The integer aggregation for a warehouse: one row per set of rates, told by a representative of its class.

    Columns: the names, those of `by`, `epoch` (an instant of the class, as text; absent where the row had none),
    `prompt` and `answer` (sizes), `count` of rows, `requests` and `hits`, and the summed counts.
    """
    return "\n".join([*_HEAD, aggregation(dialect(name), table, edges), ""])


_HEAD = (
    "-- Whole tokens per set of rates: one row for each class of requests that pay the same.",
    "-- The column of instants must carry its zone, or the session must run in UTC. Absent counts are nothing.",
)


def aggregation(speaks: Dialect, table: Table, edges: Edges) -> str:
    """Sums per class, told by columns that a person can read."""
    keys = [f"k_{key}" for key in table.keys]
    lines = [f"{key} AS {speaks.column(name)}" for key, name in zip(keys, table.keys, strict=True)]
    lines.append(f"COUNT(*) AS {speaks.column('count')}")
    lines += [f"SUM(CASE WHEN n_{what} > 0 THEN 1 ELSE 0 END) AS {speaks.column(name)}" for what, name in _COUNTERS]
    lines += [f"SUM({speaks.wide.format(f'n_{name}')}) AS {speaks.column(name)}" for name in table.counts]
    inner = f"{select(_classes(table, edges, speaks))}\nFROM (\n{indented(_plain(speaks, table))}\n) AS plain"
    return f"{select(lines)}\nFROM (\n{indented(inner)}\n) AS classed\nGROUP BY {', '.join(keys)}"


_COUNTERS = (("any", "requests"), ("cache_read", "hits"))


def _classes(table: Table, edges: Edges, speaks: Dialect) -> list[str]:
    """The columns of the middle storey: the keys, the counts, and how much the request had in all."""
    prompt = " + ".join(f"n_{name}" for name in table.counts if name != "output") or "0"
    output = "n_output" if "output" in table.counts else "0"
    kept = [*(f"k_{name}" for name in (*NAMES, *table.by)), *(f"n_{name}" for name in table.counts)]
    if "cache_read" not in table.counts:
        kept.append("0 AS n_cache_read")
    return [
        *kept,
        f"{prompt} + {output} AS n_any",
        f"{_epoch(edges, speaks)} AS k_epoch",
        f"{_size(prompt, edges.sizes)} AS k_prompt",
        f"{_size(output, edges.answers)} AS k_answer",
        *([f"{split_of(table.split)} AS k_split"] if table.split else ()),
    ]


def _plain(speaks: Dialect, table: Table) -> str:
    """The lowest storey: the log's own rows under names of their own, what is absent as nothing."""
    at = speaks.column("at")
    lines = [f"{at} AS k_at"]
    for name in NAMES:
        value = f"COALESCE({speaks.column(name)}, '')" if name in table.names else "''"
        lines.append(f"{value} AS k_{name}")
    for name in table.by:
        lines.append(f"{speaks.day.format(at) if name == DAY else speaks.column(name)} AS k_{name}")
    lines += [f"COALESCE({speaks.column(name)}, 0) AS n_{name}" for name in table.counts]
    return f"{select(lines)}\nFROM {table.source}"


def _epoch(edges: Edges, speaks: Dialect) -> str:
    """The stretch of time; nothing where the row has no instant, which no comparison would notice."""
    names = [f"'{show_instant(instant(at))}'" for at in edges.times]
    cuts, leaves = [speaks.time(at) for at in edges.instants], [names[each] for each in edges.stretches]
    return f"CASE WHEN k_at IS NULL THEN NULL ELSE {tree('k_at', cuts, leaves)} END"


def _size(value: str, cuts: Sequence[int]) -> str:
    leaves = [str(largest(cuts, place)) for place in range(len(cuts) + 1)]
    return tree(value if value.isidentifier() else f"({value})", [str(cut) for cut in cuts], leaves)


def split_of(names: Sequence[str]) -> str:
    """Which of these counts a row has, one bit each."""
    return " + ".join(f"CASE WHEN n_{name} > 0 THEN {1 << bit} ELSE 0 END" for bit, name in enumerate(names))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def select(lines: Sequence[str]) -> str:
    return "SELECT\n" + ",\n".join(f"  {line}" for line in lines)


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
