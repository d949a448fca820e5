"""`cachecost prices history`, `table` and `export`: what the catalogue holds."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ... import clock
from ...errors import BadDocument
from ...files.reading import exists, is_folder
from ...output.reply import Reply, emit
from .. import options
from ..flags import answered


class Exported(StrEnum):
    """How an export is written."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


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
    from ..prices_export import export as write

    write(options.catalog(folder).sheets(), "json" if json else format.value, out)
