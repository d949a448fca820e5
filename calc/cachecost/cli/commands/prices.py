"""`cachecost prices`: what the sheets hold (`history`, `table`, `export`), and reviews of them (`check`, `diff`)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from ... import clock
from ...catalog.catalog import Catalog, default_folder
from ...documents.tokens import TOKEN_RATIOS
from ...errors import BadDocument, BadUsage
from ...files.reading import exists, files_in, is_file, is_folder
from ...output.records import SCHEMA_VERSION, fields
from ...output.reply import AnswerFormat, Reply, as_json, emit
from ...output.table import Table
from .. import options
from ..progress import message
from .prices_changes import bump, compare, new, propose, schema, watch

group = typer.Typer(no_args_is_help=True)
PATHS = typer.Argument(metavar="PATH", help="Pages or folders (default: the whole catalogue).")
STRICT = typer.Option("--strict", help="Exit 1 too where a number does not look like a price.")
LIMIT = typer.Option(metavar="BYTES", min=1_000, help="Cut between rows after so many bytes, and say so.")
Exported = StrEnum("Exported", ["csv", "json", "parquet"])
"""How an export is written."""
TABLE = "README.md"
"""The name under which a forge shows a provider's table below the list of its pages."""
FOLDER = typer.Option("--out", "-o", metavar="FOLDER", help="Write FOLDER/PROVIDER/README.md for each.")
EXPORTED = typer.Option("--format", help="How to write the rows.")
EXPORT = typer.Option(
    "--out", "-o", metavar="FILE", help="A file, or a folder for one with the day in its name. Parquet needs it."
)


@group.callback()
def prices() -> None:
    """Tools for changing a price."""


def check(
    paths: Annotated[list[Path], PATHS] = [],  # noqa: B006
    strict: Annotated[bool, STRICT] = False,
    folder: options.Prices = None,
) -> None:
    """Check price sheets: every fault with its file and line, and a warning of what looks wrong or has grown old.

    Exit 1 on faults. Example: cachecost prices check pricing/google/gemini-2.5-pro.yaml
    """
    from ...output.figures import many
    from ...review.check import check

    result = check(_pages(paths), options.catalog(folder), today=clock.latest_today(), now=clock.now())
    faults = [*map(str, result.faults), *([] if paths else _side_faults(folder or default_folder()))]
    for fault in faults:
        message(fault)
    noted = result.warnings + result.notes
    for warning in noted:
        message(f"warning: {warning}")
    if result.warnings:
        message("a number that is right is explained on its row or card: `plausible: {cache_read: why}`")
    counts = {"sheet": len(result.sheets), "rate card": sum(len(sheet.cards) for sheet in result.sheets)}
    counts |= {"fault": len(faults)} | ({"warning": len(noted)} if noted else {})
    print(", ".join(many(count, noun) for noun, count in counts.items()))
    if faults or (strict and result.warnings):
        raise typer.Exit(1)


def _side_faults(folder: Path) -> list[str]:
    """What is wrong in the files beside the sheets, the first fault of each."""
    from ...catalog.confirmed import CONFIRMED, confirmations
    from ...catalog.evictions import load_evictions
    from ...documents.media import load_media
    from ...documents.tokens import load_ratios
    from ...review.datasets import Accepted, NotKept
    from ...review.side_pages import validated

    loaders: dict[str, Callable[[Path], Any]] = {
        TOKEN_RATIOS: load_ratios,
        "media-tokens.yaml": load_media,
        "eviction.yaml": load_evictions,
        "disagreements.yaml": partial(validated, kind=list[Accepted]),
        "not-kept.yaml": partial(validated, kind=list[NotKept]),
    }
    checks = [partial(load, folder / name) for name, load in loaders.items() if exists(folder / name)]
    checks += [partial(confirmations, folder, path.stem) for path in sorted((folder / CONFIRMED).glob("*.csv"))]
    faults = []
    for check in checks:
        try:
            check()
        except BadDocument as error:
            faults.append(str(error))
    return faults


def _pages(paths: list[Path]) -> list[Path]:
    """The pages that are named, and those in the folders that are."""
    result: list[Path] = []
    for path in paths:
        if not exists(path):
            raise BadDocument(f"{path}: no such page or folder of price sheets")
        pages = [page for page in files_in(path) if page.suffix == ".yaml"] if is_folder(path) else [path]
        if is_file(path / TOKEN_RATIOS):  # the files in a folder of price sheets are none
            pages = [page for page in pages if page.parent != path]
        if not pages:
            raise BadDocument(f"{path}: no pages in this folder; expected PROVIDER/MODEL.yaml")
        result += [page.absolute() for page in pages]  # a page is known by its folder's name too
    return result


@options.answered
def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A folder of price sheets, or a git revision.")],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="The same (default: the sheets as they are now).")] = "",
    folder: options.Prices = None,
    format: options.FormatOption = AnswerFormat.table,
    json: options.Json = False,
    limit: Annotated[int | None, LIMIT] = None,
) -> Reply:
    """What changed between two folders or git revisions: every rate and term, and bills of five reference workloads.

    Example: cachecost prices diff main --format markdown
    """
    from ...output.prices import difference as shown
    from ...review.diff import difference
    from ...review.revisions import prices_at

    if limit is not None and (json or format in (AnswerFormat.json, AnswerFormat.csv)):
        raise BadDocument("JSON and CSV are never cut; expected --format markdown or table", word="limit")
    here = folder or default_folder()
    with prices_at(base, folder=here) as before, prices_at(head or str(here), folder=here) as after:
        old = Catalog(before).sheets()
        changes = difference(old, Catalog(after).sheets(), now=clock.now())
    command = " ".join(["cachecost prices diff", base, *([head] if head else [])])
    return shown.reply(changes, limit=limit, command=command)


@options.answered
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
    from ...engines.machine import EngineLimits, database
    from ...files.output import written

    types = {name: _type(hint) for name, hint in hints.items()}
    with database(EngineLimits()) as duck, TemporaryDirectory() as folder:
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


for command in (check, diff, bump, history, new, compare, watch, propose, table, export, schema):
    group.command()(command)
