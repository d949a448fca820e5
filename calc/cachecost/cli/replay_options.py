"""The flags of `cachecost replay`, and the values that their texts stand for."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .. import clock, units
from ..questions import reading
from ..replay.account import BY
from . import completion


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    html = "html"
    focus = "focus"
    parquet = "parquet"


AGO = re.compile(r"(\d+[wdhms])+")
"""A duration, which means so long before now."""
ENGINES = ("auto", "python", "duckdb", "spark")

Logs = Annotated[
    list[str],
    typer.Argument(metavar="LOG", help="Files, folders, patterns, or - for stdin; JSONL, JSON, CSV, Parquet, packed."),
]
FormatOf = Annotated[
    str, typer.Option("--format-of", metavar="NAME", help="The format of the logs (default: detected).")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse at the first malformed line, and exit 3 unless all is priced.")
]
Others = Annotated[
    list[str],
    typer.Option(
        "--model",
        metavar="MODEL",
        autocompletion=completion.models,
        help="What would it have cost on this model? Repeatable.",
    ),
]
Policies = Annotated[
    list[str],
    typer.Option(
        "--policy",
        metavar="NAME",
        autocompletion=completion.policies,
        help="Only these: fresh, written:5m, clairvoyant. Repeatable.",
    ),
]
Shared = Annotated[
    str,
    typer.Option(
        "--shared",
        metavar="TOKENS",
        help="All sessions of a model begin with the same tokens, such as a system prompt.",
    ),
]
WORDS = f"Tell apart by model, day, session. All words: {', '.join(BY)}. Repeatable."
By = Annotated[list[str], typer.Option("--by", metavar="WORD", help=WORDS)]
Since = Annotated[str, typer.Option("--since", metavar="WHEN", help="Only requests since a day, or of the last 7d.")]
Until = Annotated[str, typer.Option("--until", metavar="WHEN", help="Only requests before this instant.")]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="WHEN", help="Price all at the rates of this instant, not each at its own.")
]
Region = Annotated[
    str,
    typer.Option("--region", metavar="NAME", help="Where requests ran that name no region, such as us or us-east5."),
]
Engine = Annotated[str, typer.Option("--engine", metavar="NAME", help=f"Who reads and adds up: {', '.join(ENGINES)}.")]
Master = Annotated[str, typer.Option("--master", metavar="URL", help="Where Spark runs, such as local[2].")]
Threads = Annotated[str, typer.Option("--threads", metavar="N", help="Threads of the engine (default: all).")]
Memory = Annotated[str, typer.Option("--memory", metavar="SIZE", help="Memory of the engine, such as 1GB.")]
Disk = Annotated[str, typer.Option("--disk", metavar="SIZE", help="Disk that the engine may spill to, such as 20GB.")]
Spill = Annotated[
    str, typer.Option("--spill", metavar="FOLDER", help="Where it spills (default: the system's temporary files).")
]
PaidOnly = Annotated[
    bool, typer.Option("--paid-only", help="Only what was paid, and no what-if: the fastest way through a big log.")
]
EmitSql = Annotated[
    str, typer.Option("--emit-sql", metavar="DIALECT", help="Print the sums as SQL for a warehouse, and read nothing.")
]
Checkpoint = Annotated[
    Path | None, typer.Option("--checkpoint", metavar="FILE", help="Keep what is done, and go on from there next time.")
]
FailOver = Annotated[
    str,
    typer.Option("--fail-over", metavar="MONEY", help="Exit 1 where more was paid. Exit 3 where a part has no price."),
]
Reconcile = Annotated[
    str,
    typer.Option(
        "--reconcile",
        metavar="SHARE",
        help="Compare usage with invoices among the logs: 1%. Day by day and model by model, cost reports too; exit 1 "
        "where a model differs by more than this share.",
    ),
]
SHAPES = f"How to answer. One of {', '.join(Format)}."
FormatOption = Annotated[Format, typer.Option("--format", metavar="SHAPE", help=SHAPES)]


def moment(name: str, text: str) -> datetime | None:
    """The instant of a flag, as such or as a duration before now; None where it is not given."""
    return reading.maybe(name, _instant, text)


def _instant(text: str) -> datetime:
    return clock.now() - units.duration(text) if AGO.fullmatch(text) else units.instant(text)
