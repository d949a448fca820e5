"""`cachecost prices`: the tools of somebody who changes a price: check, diff, history, new, compare, table, schema."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from .. import clock
from ..catalog import Catalog, default_folder, read_page
from ..errors import BadDocument, BadSheet, Fault
from ..notices import STALE_AFTER_DAYS
from ..sheet import PriceSheet
from . import options
from .options import Format

prices = typer.Typer(help="The tools of somebody who changes a price.", no_args_is_help=True)
DATASETS = {"genai-prices": "genai", "litellm": "lite"}

Paths = Annotated[list[Path], typer.Argument(metavar="[PATH]", help="Pages or folders (default: the whole catalogue).")]
Revision = Annotated[str, typer.Argument(metavar="BASE", help="A folder of price sheets, or a git revision.")]
Head = Annotated[str, typer.Argument(metavar="[HEAD]", help="The same (default: the sheets as they are now).")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="BYTES", min=1_000, help="Cut between rows after so many bytes, and say so."),
]
Dataset = Annotated[str, typer.Argument(metavar="DATASET", help="genai-prices or litellm.")]
DatasetFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="litellm's JSON file (default: as installed).")
]


@prices.command()
def check(paths: Paths = [], folder: options.Prices = None) -> None:  # noqa: B006
    """Check price sheets: shape and meaning, every fault with file and line; warn of what has grown old.

    Exit 1 on faults. Example: cachecost prices check pricing/google/gemini-2.5-pro.yaml
    """
    sheets, found = _checked(paths, folder)
    faults = [str(fault) for fault in found] + ([] if paths else _side_faults(folder or default_folder()))
    for fault in faults:
        options.message(fault)
    for sheet in sheets:
        for warning in _old(sheet):
            options.message(f"warning: {sheet.id}: {warning}")
    cards = sum(len(sheet.cards) for sheet in sheets)
    print(f"{len(sheets):,} sheets, {cards:,} rate cards, {len(faults):,} faults")
    if faults:
        raise typer.Exit(1)


def _side_faults(folder: Path) -> list[str]:
    """What is wrong in the files beside the sheets, the first fault of each."""
    from ..curves import load_evictions
    from ..peers import accepted
    from ..tokens import load_ratios

    loaders = {"token-ratios.yaml": load_ratios, "eviction.yaml": load_evictions, "disagreements.yaml": accepted}
    faults = []
    for name, load in loaders.items():
        try:
            if (folder / name).is_file():
                load(folder / name)
        except BadDocument as error:
            faults.append(str(error))
    return faults


def _checked(paths: list[Path], folder: Path | None) -> tuple[list[PriceSheet], list[Fault]]:
    if not paths:
        try:
            return options.catalog(folder).sheets(), []
        except BadSheet as error:
            return [], list(error.faults)
    sheets: list[PriceSheet] = []
    faults: list[Fault] = []
    for path in paths:
        if not path.exists():
            raise BadDocument(f"{path}: no such page or folder of price sheets")
        for page in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
            if page.parent == path and (path / "token-ratios.yaml").is_file():
                continue
            try:
                sheets.append(read_page(page, today=clock.today()))
            except BadSheet as error:
                faults += error.faults
    return sheets, faults


def _old(sheet: PriceSheet) -> list[str]:
    """What a sheet says that time may have overtaken."""
    told = []
    today = clock.today()
    if today - sheet.checked > timedelta(STALE_AFTER_DAYS):
        told.append(f"last checked on {sheet.checked}; compare it with its source and set `checked`")
    last = sheet.card(clock.now())
    if last.promised_until and last.promised_until < today:
        told.append(f"promised only until {last.promised_until}; look at {last.sources[0]}")
    if last.status == "scheduled":
        told.append(f"the card of {last.effective:%Y-%m-%d} has begun but is still called scheduled; confirm it")
    return told


@prices.command()
def diff(
    base: Revision,
    head: Head = "",
    folder: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
    limit: Limit = None,
) -> None:
    """What changed between two folders or git revisions: every rate and term, and bills of five reference workloads.

    Example: cachecost prices diff main --format markdown
    """
    from ..diff import difference
    from ..render import difference as shown
    from ..revisions import prices_at

    if limit is not None and (json or format in (Format.json, Format.csv)):
        raise BadDocument("limit: JSON and CSV are never cut; expected --format markdown or table")
    here = folder or default_folder()
    with prices_at(base, folder=here) as before, prices_at(head or str(here), folder=here) as after:
        old = Catalog(before, today=clock.today()).sheets()
        found = difference(old, Catalog(after, today=clock.today()).sheets(), now=clock.now())
    command = " ".join(["cachecost prices diff", base, *([head] if head else [])])
    if json or format is Format.json:
        options.emit(options.as_json(shown.as_record(found)), out)
    elif format is Format.csv:
        options.emit(shown.as_table(found).as_csv(), out)
    else:
        write = shown.as_markdown if format is Format.markdown else shown.as_text
        options.emit(write(found, limit=limit, command=command), out)


@prices.command()
def history(
    model: options.Model,
    folder: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """All rates of a model over time, as a table and a chart.

    Example: cachecost prices history gemini-2.5-pro
    """
    from ..render import record
    from ..render.cards import rates_table
    from ..render.history import bars
    from ..render.screen import Screen

    sheet = options.catalog(folder).sheet(model)
    if json or format is Format.json:
        options.emit(options.as_json({"schema_version": record.SCHEMA_VERSION} | record.of_sheet(sheet)), out)
        return
    table = rates_table(sheet, sheet.cards)
    if format in (Format.csv, Format.markdown):
        options.emit_table(table, format, out)
        return
    screen = Screen()
    screen.text(f"{sheet.name} ({sheet.id}), {sheet.currency} per 1M tokens", "bold")
    screen.table(table)
    screen.text("")
    for line in bars(sheet, screen.width):
        screen.text(line)
    options.show(screen, out)


@prices.command()
def new(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER")],
    model: Annotated[str, typer.Argument(metavar="MODEL")],
    out: options.Out = None,
) -> None:
    """A commented skeleton of a page, valid but for the numbers.

    Example: cachecost prices new google gemini-5 -o pricing/google/gemini-5.yaml
    """
    from ..skeleton import skeleton

    page = skeleton(provider, model, today=clock.today()).rstrip("\n")
    if out and out.exists():
        raise BadDocument(f"out: {out} exists; a page is never overwritten")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
    options.emit(page, out)


@prices.command()
def compare(
    dataset: Dataset,
    file: DatasetFile = None,
    as_of: options.AsOf = "",
    folder: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Where another dataset disagrees with our sheets, row by row, with our source. Exit 1 on what nobody explained.

    Example: cachecost prices compare litellm
    """
    from .. import peers
    from ..render.peers import as_record, as_text, disagreements_table

    if dataset not in DATASETS:
        raise BadDocument(f"{dataset!r} is not a dataset known here; expected {' or '.join(DATASETS)}")
    catalog = options.catalog(folder)
    at = options.instant("as_of", as_of)
    rates = import_module(f"..peers.{DATASETS[dataset]}", __package__).rates(file, at)
    explained = peers.accepted(catalog.folder / "disagreements.yaml")
    found = peers.compared(dataset, rates, catalog, at=at, explained=explained)
    if json or format is Format.json:
        options.emit(options.as_json(as_record(found)), out)
    elif format in (Format.csv, Format.markdown):
        options.emit_table(disagreements_table(found.disagreements), format, out)
    else:
        options.emit(as_text(dataset, found), out)
    if found.unexplained:
        raise typer.Exit(1)


@prices.command()
def table(folder: options.Prices = None, out: options.Out = None) -> None:
    """All rates of all sheets, a line a row, old above new: what pricing/RATES.md holds."""
    from ..render.cards import all_rates

    options.emit(all_rates(options.catalog(folder).sheets()), out)


@prices.command()
def schema(out: options.Out = None) -> None:
    """The JSON schema of a page, for completion in editors: what pricing/sheet.schema.json holds."""
    from ..page import schema_for_editors

    options.emit(options.as_json(schema_for_editors()), out)
