"""Every request with its price, as a table of Parquet: tokens as whole numbers, money as exact text.

Money is text because its digits do not fit a decimal of Parquet for every rate: 38 digits in all, half of them taken by
what stands before the point.
"""

from typing import IO, Any

from ...errors import BadDocument
from ...files.installed import install
from ...replay.account import Account, Taken
from ...replay.breakdown import kind
from ...replay.request import Request
from ...replay.tally import HITS, REQUESTS
from ..figures import plain

BATCH = 50_000
TEXTS = ("model", "provider", "sheet", "version", "service", "region", "session", "project", "id", "currency", "cost")
COUNTS = ("input", "cache_read", "cache_write", "output")


class Rows:
    """Rows on their way into a file, so many at a time; `cost` is null where the model has no price."""

    def __init__(self, account: Account, out: IO[bytes]) -> None:
        try:
            import pyarrow as arrow  # type: ignore[import-untyped]
            import pyarrow.parquet as parquet  # type: ignore[import-untyped]
        except ImportError:
            raise BadDocument(f"parquet needs another package: {install('logs')}", word="format") from None
        self._account = account
        fields = [arrow.field("at", arrow.timestamp("us", tz="UTC"))]
        fields += [arrow.field(name, arrow.string()) for name in TEXTS]
        fields += [arrow.field(name, arrow.int64()) for name in COUNTS]
        self._schema = arrow.schema([*fields, arrow.field("paid", arrow.string())])
        self._table = arrow.Table
        self._rows: list[dict[str, Any]] = []
        self._writer = parquet.ParquetWriter(out, self._schema)

    def add(self, request: Request, taken: Taken | None) -> None:
        self._rows.append(row(request, taken, self._account))
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(self._table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def row(request: Request, taken: Taken | None, account: Account) -> dict[str, Any]:
    """One request as columns."""
    counts = dict.fromkeys(COUNTS, 0)
    lines = taken.lines if taken else [(name, int(n)) for name, n in request.usage.quantities if name != "storage"]
    for line, count in lines:
        if line not in (REQUESTS, HITS) and kind(line) in counts:
            counts[kind(line)] += count
    values: dict[str, Any] = {
        "at": request.at,
        "model": request.model,
        "provider": request.provider,
        "service": request.service,
        "region": request.region,
        "session": request.session,
        "project": request.project,
        "id": request.id,
        "paid": plain(request.paid),
        **counts,
    }
    if taken:
        epochs = account.sheets[taken.key.sheet]
        values |= {
            "sheet": epochs.sheet.id,
            "version": epochs.sheet.version(epochs.card(taken.key)),
            "currency": epochs.sheet.currency,
            "cost": plain(taken.cost(account.sheets)),
        }
    return values
