"""What the databases themselves are asked for the made-up logs, and their answers as sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cachecost.bills.warnings import DOUBTS
from cachecost.engines.plain import line_of
from cachecost.engines.sql import DAY, NAMES, Table
from cachecost.engines.sums import Class, Group, Sums
from cachecost.logs.names import Names
from cachecost.replay.classes import Edges, edges
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.tally import HITS, REQUESTS, Tally
from cachecost.units import instant

from . import engine_logs as logs

COUNTS = ("input", "cache_read", "cache_write_5m", "output")
TABLE = Table("requests", names=("model", "service"), counts=COUNTS, split=("cache_read", "cache_write_5m"))
DAILY = Table("requests", names=("model", "service"), counts=COUNTS, by=(DAY, "session"), split=TABLE.split)
SPAN = (microseconds(datetime(2025, 1, 1, tzinfo=UTC)), microseconds(datetime(2026, 12, 1, tzinfo=UTC)))


def sheets(*names: str) -> list[Epochs]:
    return [Epochs(logs.CATALOG.sheet(name)) for name in names]


def every_edge() -> Edges:
    """The edges of every model in the made-up logs, peak hours included."""
    return edges(sheets(*(name for name in logs.MODELS if name != "nobody-9")), SPAN)


def entered(found: Iterable[Mapping[str, Any]], by: tuple[str, ...] = ()) -> Sums:
    """The rows of a warehouse's answer as sums, each class placed by its representative."""
    sums = Sums(Names(logs.CATALOG), by)
    for row in found:
        words = {name: row[name] or "" for name in NAMES}
        of = Class(
            model=words["model"],
            provider=words["provider"],
            service=words["service"] or "standard",
            region=words["region"] or None,
            at=microseconds(instant(row["epoch"])),
            prompt=int(row["prompt"]),
            output=int(row["answer"]),
        )
        lines = {REQUESTS: int(row["requests"]), HITS: int(row["hits"])}
        lines |= {line_of(name): int(row[name]) for name in COUNTS}
        sums.add(tuple(str(row[name]) for name in by), of, lines, int(row["count"]))
    return sums


def billed(sums: Sums) -> dict[Group, Tally]:
    """The tallies without the counts of doubtful requests, which the emitted SQL leaves out: no bill needs them."""
    return {
        group: Tally(cell for cell in tally.cells() if cell.line not in DOUBTS) for group, tally in sums.tallies.items()
    }
