"""Every request with its price, as a table of Parquet: tokens as whole numbers, money as exact text.

Money is text because its digits do not fit a decimal of Parquet for every rate: 38 digits in all, half of them taken by
what stands before the point.
"""

from collections.abc import Mapping
from typing import IO, Any

from ...errors import BadDocument
from ...files.installed import install
from ...replay.account import Account
from ...replay.breakdown import class_of
from ...replay.epochs import RateKey
from ...replay.request import Request
from ...replay.tally import HITS, REQUESTS, Tally, price
from ..figures import plain

BATCH = 50_000
TEXTS = ("model", "provider", "sheet", "version", "service", "region", "session", "project", "id", "currency", "cost")
COUNTS = ("input", "cache_read", "cache_write", "output")


class PricedRows:
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

    def add(self, request: Request, key: RateKey | None, taken: Mapping[str, int]) -> None:
        self._rows.append(row(request, key, taken, self._account))
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(self._table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def row(request: Request, key: RateKey | None, taken: Mapping[str, int], account: Account) -> dict[str, Any]:
    """One request as columns: `key` is None without a price, `taken` what it adds at these rates."""
    counts = dict.fromkeys(COUNTS, 0)
    for line, count in taken.items() if key else request.usage.quantities:
        if line not in (REQUESTS, HITS) and class_of(line) in counts:
            counts[class_of(line)] += int(count)
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
    if key:
        epochs, priced = account.sheets[key.sheet], Tally()
        priced.add(key, taken)
        values |= {
            "sheet": epochs.sheet.id,
            "version": epochs.sheet.version(epochs.card(key)),
            "currency": epochs.sheet.currency,
            "cost": plain(price(priced, account.sheets).total),
        }
    return values
