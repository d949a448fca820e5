"""What the databases themselves are asked for the made-up logs, and their answers as sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cachecost.engines.sql import COUNTS, DAY, NAMES, Edges, edges, line_of
from cachecost.prices.warnings import DOUBTS
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.tally import HITS, REQUESTS, Tally
from cachecost.units import instant

from . import engine_logs as logs

DAILY = (DAY, "session")
COLUMNS = ("at", *NAMES, "session", *COUNTS)
EMPTY = dict[str, Any](dict.fromkeys(NAMES, "")) | dict.fromkeys(COUNTS, 0)
OTHERS = ", ".join(f"NULL AS {name}" for name in EMPTY if name != "input")
"""The columns of a table that has nothing but instants and inputs."""
SPAN = (microseconds(datetime(2025, 1, 1, tzinfo=UTC)), microseconds(datetime(2026, 12, 1, tzinfo=UTC)))


def sheets(*names: str) -> list[Epochs]:
    return [Epochs(logs.CATALOG.sheet(name)) for name in names]


@cache
def every_edge() -> Edges:
    """The edges of every model in the made-up logs, peak hours included."""
    return edges(sheets(*(name for name in logs.MODELS if name != "nobody-9")), SPAN)


def entered(rows: Iterable[Mapping[str, Any]], by: tuple[str, ...] = ()) -> dict[tuple[str, ...], Tally]:
    """The rows of a warehouse's answer as tallies, each class at the rates of its representative."""
    results: dict[tuple[str, ...], Tally] = {}
    for row in rows:
        epochs = Epochs(logs.CATALOG.sheet(row["model"]))
        size = {"output": int(row["answer"]), "service": row["service"] or "standard"}
        key = epochs.key(microseconds(instant(row["epoch"])), int(row["prompt"]), **size)
        lines = {REQUESTS: int(row["requests"]), HITS: int(row["hits"])}
        lines |= {line_of(name): int(row[name]) for name in COUNTS}
        tally = results.setdefault(tuple(str(row[name]) for name in by), Tally())
        for line, count in lines.items():
            tally.add(key, {line: count})
    return results


@cache
def billed(path: Path, by: tuple[str, ...] = ()) -> dict[tuple[str, ...], Tally]:
    """What the readers add up, without the counts of doubtful requests, which no bill needs."""
    results: dict[tuple[str, ...], Tally] = {}
    account = logs.added("python", path, by=by).account
    for part, tally in account.parts.items():
        day = str(date(1970, 1, 1) + timedelta(part.day or 0))
        labels = {DAY: day} | dict(zip(account.labels, map(str, part.labels), strict=True))
        group = results.setdefault(tuple(labels[name] for name in by), Tally())
        group.merge(cell for cell in tally if cell[1] not in DOUBTS)
    return results


@cache
def rows(count: int = 700) -> list[dict[str, Any]]:
    """Made-up requests that all have a price, with every column that a query reads."""
    return [{name: (EMPTY | row)[name] for name in COLUMNS} for row in logs.plain_rows(count) if logs.cost(row)]
