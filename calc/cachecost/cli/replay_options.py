"""The flags of `cachecost replay`, and the values that their texts stand for."""

import re
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import clock, units
from ..questions import reading
from ..replay.account import BY
from . import completion


class ReportFormat(StrEnum):
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


def flag(name: str, metavar: str | None, help: str, completion: Any = None) -> Any:
    return typer.Option(name, metavar=metavar, help=help, autocompletion=completion)


LOGS = "Files, folders, patterns, or - for stdin; JSONL, JSON, CSV, Parquet, packed."
Logs = Annotated[list[str], typer.Argument(metavar="LOG", help=LOGS)]
FormatOf = Annotated[str, flag("--format-of", "NAME", "The format of the logs (default: detected).")]
STRICT = "Refuse at the first malformed line, and exit 3 unless all is priced."
Strict = Annotated[bool, flag("--strict", None, STRICT)]
OTHERS = "What would it have cost on this model? Repeatable."
Others = Annotated[list[str], flag("--model", "MODEL", OTHERS, completion.models)]
POLICIES = "Only these: fresh, written:5m, clairvoyant. Repeatable."
Policies = Annotated[list[str], flag("--policy", "NAME", POLICIES, completion.policies)]
SHARED = "All sessions of a model begin with the same tokens, such as a system prompt."
Shared = Annotated[str, flag("--shared", "TOKENS", SHARED)]
WORDS = f"Tell apart by model, day, session. All words: {', '.join(BY)}. Repeatable."
By = Annotated[list[str], flag("--by", "WORD", WORDS)]
Since = Annotated[str, flag("--since", "WHEN", "Only requests since a day, or of the last 7d.")]
Until = Annotated[str, flag("--until", "WHEN", "Only requests before this instant.")]
AsOf = Annotated[str, flag("--as-of", "WHEN", "Price all at the rates of this instant, not each at its own.")]
Region = Annotated[str, flag("--region", "NAME", "Where requests ran that name no region, such as us or us-east5.")]
Engine = Annotated[str, flag("--engine", "NAME", f"Who reads and adds up: {', '.join(ENGINES)}.")]
Master = Annotated[str, flag("--master", "URL", "Where Spark runs, such as local[2].")]
Threads = Annotated[str, flag("--threads", "N", "Threads of the engine (default: all).")]
Memory = Annotated[str, flag("--memory", "SIZE", "Memory of the engine, such as 1GB.")]
Disk = Annotated[str, flag("--disk", "SIZE", "Disk that the engine may spill to, such as 20GB.")]
Spill = Annotated[str, flag("--spill", "FOLDER", "Where it spills (default: the system's temporary files).")]
PAID_ONLY = "Only what was paid, and no what-if: the fastest way through a big log."
PaidOnly = Annotated[bool, flag("--paid-only", None, PAID_ONLY)]
EmitSql = Annotated[str, flag("--emit-sql", "DIALECT", "Print the sums as SQL for a warehouse, and read nothing.")]
Checkpoint = Annotated[Path | None, flag("--checkpoint", "FILE", "Keep what is done, and go on from there next time.")]
FailOver = Annotated[str, flag("--fail-over", "MONEY", "Exit 1 where more was paid. Exit 3 where a part has no price.")]
RECONCILE = (
    "Compare usage with invoices among the logs: 1%. Day by day and model by model, cost reports too; exit 1 "
    "where a model differs by more than this share."
)
Reconcile = Annotated[str, flag("--reconcile", "SHARE", RECONCILE)]
FormatOption = Annotated[ReportFormat, flag("--format", "SHAPE", f"How to answer. One of {', '.join(ReportFormat)}.")]


def moment(name: str, text: str) -> datetime | None:
    """The instant of a flag, as such or as a duration before now; None where it is not given."""
    return reading.maybe(name, _instant, text)


def _instant(text: str) -> datetime:
    return clock.now() - units.duration(text) if AGO.fullmatch(text) else units.instant(text)
