"""`cachecost replay --emit-sql`: the same sums for a warehouse, whose models are named or stand in a log."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from ..errors import BadUsage, UnknownModel
from ..files.reading import exists
from ..logs.names import Names
from ..logs.reader import read
from ..replay.epochs import Epochs, microseconds
from ..replay.ledger import Ledger
from ..replay.request import Request
from ..replay.run import Span

MANY = 100_000
"""Requests of a log that are asked for the names of its models."""


def sql(dialect: str, log: Sequence[str], names: Names, others: Sequence[Epochs], by: Sequence[str], span: Span) -> str:
    """The integer aggregation as SQL. `log`: the name of a table, or logs that are like it; then the table is `log` and
    its models are theirs. `others`: further models that it holds."""
    from ..engines.sql import LogTable, edges, emit, windowed

    table, files = (log[0] if log else "log"), [path for path in log if exists(Path(path))]
    sheets = [*others, *(_models(files, names) if files else [])]
    if not sheets:
        raise BadUsage("emit-sql: say which models the table holds: with --model MODEL, or with a log that is like it")
    if windowed(sheets) and None in span:
        raise BadUsage("emit-sql: rates change by the hour; say from when to when with --since and --until")
    ends = None if span.since is None or span.until is None else (microseconds(span.since), microseconds(span.until))
    columns = [word for word in by if word in ("day", "session", "project")]
    return emit(dialect, LogTable("log" if files else table, by=columns), edges(sheets, ends)).rstrip("\n")


def _models(files: Sequence[str], names: Names) -> Iterable[Epochs]:
    """The sheets of the models that the first requests ask; those that no sheet claims are left out."""
    models: dict[str, Epochs] = {}
    requests = (each for each in islice(read(files, ledger=Ledger()), MANY) if isinstance(each, Request))
    for model, provider in dict.fromkeys((each.model, each.provider) for each in requests):
        try:
            epochs = Epochs(names.sheet(model, provider))
        except UnknownModel:
            continue
        models[epochs.name] = epochs
    return models.values()
