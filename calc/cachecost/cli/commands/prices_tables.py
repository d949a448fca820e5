"""`cachecost prices history`, `table` and `export`: what the catalogue holds."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from ... import clock
from ...errors import BadDocument, BadUsage
from ...files.reading import exists, is_folder
from ...output.records import SCHEMA_VERSION, fields
from ...output.reply import Reply, as_json, emit
from ...output.table import Table
from .. import options
from ..flags import answered

Exported = StrEnum("Exported", ["csv", "json", "parquet"])
"""How an export is written."""
TABLE = "README.md"
"""The name under which a forge shows a provider's table below the list of its pages."""
FOLDER = typer.Option("--out", "-o", metavar="FOLDER", help="Write FOLDER/PROVIDER/README.md for each.")
EXPORTED = typer.Option("--format", help="How to write the rows.")
EXPORT = typer.Option(
    "--out", "-o", metavar="FILE", help="A file, or a folder for one with the day in its name. Parquet needs it."
)


@answered
def history(model: options.Model, folder: options.Prices = None) -> Reply:
    """All rates of a model over time, as a table and a chart.

    Example: cachecost prices history gemini-2.5-pro
    """
    from ...catalog.confirmed import confirmed
    from ...output.prices.sheets import sheet_reply

    catalog, now = options.catalog(folder), clock.now()
    sheet = options.sheet(catalog, model, now)
    return sheet_reply(sheet, confirmed=confirmed(catalog.folder, sheet, now))


def table(folder: options.Prices = None, out: Annotated[Path | None, FOLDER] = None) -> None:
    """The rates of every model now, one markdown table a provider: what pricing/PROVIDER/README.md holds.

    Example: cachecost prices table --out pricing
    """
    from ...output.prices.rates import MARK, by_provider

    tables = by_provider(options.catalog(folder).sheets())
    if out is None:
        emit("\n\n".join(tables.values()), None)
        return
    if exists(out) and not is_folder(out):
        raise BadDocument(f"{out} is a file; expected a folder, in which each provider has one", word="out")
    for provider, text in tables.items():
        (out / provider).mkdir(parents=True, exist_ok=True)
        emit(text, out / provider / TABLE)
    for path in out.glob(f"*/{TABLE}"):
        if path.parent.name not in tables and path.read_text(encoding="utf-8").startswith(MARK):
            path.unlink()


def export(
    format: Annotated[Exported, EXPORTED] = Exported.csv,
    json: options.Json = False,
    out: Annotated[Path | None, EXPORT] = None,
    folder: options.Prices = None,
) -> None:
    """Every rate that every model had or will have, a row each, with `from`, `to` and sources: to join or price with.

    Example: cachecost prices export --out prices.parquet
    """
    from ...output.prices import records

    answer, shape = records.exported(options.catalog(folder).sheets()), "json" if json else format.value
    if out and is_folder(out):
        out = out / f"cachecost-prices-{answer['dated']}.{shape}"
    if shape == "json":
        emit(as_json(answer), out)
        return
    table = records.rates_table(answer["rates"], records.ExportedRecord)
    if shape == "csv":
        emit(table.as_csv(), out)
    elif out is None:
        raise BadUsage("Parquet cannot be printed; expected a file such as prices.parquet, or a folder", word="out")
    else:
        _write_parquet(table, answer["dated"], out, fields(records.ExportedRecord))


def _write_parquet(table: Table, dated: str, out: Path, hints: Mapping[str, Any]) -> None:
    """Columns with types: counts are BIGINT, days DATE, instants TIMESTAMP WITH TIME ZONE; rates stay text, in which
    every digit is exact."""
    from ...engines.machine import Machine, database
    from ...files.output import written

    types = {name: _type(hint) for name, hint in hints.items()}
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
