"""The whole catalogue in one dated file: long rows to join, as JSON, CSV or Parquet."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import BadUsage
from ..files.reading import is_folder
from ..output.prices import records
from ..output.records import SCHEMA_VERSION, fields
from ..output.reply import as_json, emit
from ..output.table import Table
from ..prices.sheet import PriceSheet


def export(sheets: Sequence[PriceSheet], format: str, out: Path | None) -> None:
    """Write every rate of the sheets as csv, json or parquet: to stdout, to a file, or under a dated name into a
    folder. Parquet needs a file."""
    answer = records.exported(sheets)
    if out and is_folder(out):
        out = out / f"cachecost-prices-{answer['dated']}.{format}"
    if format == "json":
        emit(as_json(answer), out)
        return
    table = records.rates_table(answer["rates"], records.ExportedRecord)
    if format == "csv":
        emit(table.as_csv(), out)
    elif out is None:
        raise BadUsage("Parquet cannot be printed; expected a file such as prices.parquet, or a folder", word="out")
    else:
        _write_parquet(table, answer["dated"], out)


def _write_parquet(table: Table, dated: str, out: Path) -> None:
    """Columns with types: counts are BIGINT, days DATE, instants TIMESTAMP WITH TIME ZONE; rates stay text, in which
    every digit is exact."""
    from ..engines.machine import Machine, database
    from ..files.output import written

    types = {name: _type(hint) for name, hint in fields(records.ExportedRecord).items()}
    with database(Machine()) as duck, TemporaryDirectory() as folder:
        duck.load("rates", types, table.rows)
        file = Path(folder) / "rates.parquet"
        known = f"{{dated: '{dated}', schema_version: '{SCHEMA_VERSION}'}}"
        duck.rows(f"COPY rates TO '{file}' (FORMAT parquet, KV_METADATA {known})")
        with written(out) as target:
            target.write(file.read_bytes())


def _type(hint: Any) -> str:
    """The type of a column, from that of its field: of `int | None` it is BIGINT."""
    words = str(hint)
    kinds = {"date-time": "TIMESTAMPTZ", "datetime.date": "DATE", "bool": "BOOLEAN", "int": "BIGINT"}
    return next((kind for word, kind in kinds.items() if word in words), "VARCHAR")
