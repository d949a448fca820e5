"""`cachecost prices`: tools for changing a price, from a watch of public datasets to the check and diff of a page."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer

from ... import clock
from ...catalog.catalog import Catalog, default_folder
from ...errors import BadDocument
from ...files.reading import files_in
from ...output.reply import Format, Reply, as_json, emit
from ...questions import reading
from .. import options
from ..flags import answered
from ..messages import message

group = typer.Typer(no_args_is_help=True)


class Exported(StrEnum):
    """How an export is written."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


Page = Literal["sheet", "model", "machine", "gpus"]
TABLE = "README.md"
"""The name under which a forge shows a provider's table below the list of its pages."""

PATHS = typer.Argument(metavar="PATH", help="Pages or folders (default: the whole catalogue).")
STRICT = typer.Option("--strict", help="Exit 1 too where a number does not look like a price.")
LIMIT = typer.Option(metavar="BYTES", min=1_000, help="Cut between rows after so many bytes, and say so.")
FOLDER = typer.Option("--out", "-o", metavar="FOLDER", help="Write FOLDER/PROVIDER/README.md for each.")
EXPORTED = typer.Option("--format", help="How to write the rows.")
EXPORT = typer.Option(
    "--out", "-o", metavar="FILE", help="A file, or a folder for one with the day in its name. Parquet needs it."
)
FILE = typer.Argument(metavar="FILE", help="A release or its file (default: as installed).")
NEW = typer.Option("--from", metavar="FILE", help="A release or its file, instead of the package index. Repeatable.")
PREVIOUS = typer.Option("--previous", metavar="FILE", help="The release to compare it with. Repeatable.")
BETWEEN = typer.Option("--between", metavar="DAY..DAY", help="When the two were released, where they do not say so.")
PACKAGES = typer.Option("--packages", metavar="DIR", help="Keep downloads there for the next time.")
BRANCH = typer.Option("--branch", metavar="NAME", help="Commit the pages on a new branch.")
DRY = typer.Option("--dry-run", help="Print what would be added, and write nothing.")
WRITE = typer.Option("--write", help="Remember these releases in watch.lock; the next watch begins there.")


@group.callback()
def prices() -> None:
    """Tools for changing a price."""


@group.command()
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
    from ...catalog.evictions import load_evictions
    from ...documents.families import load_ratios
    from ...documents.media import load_media
    from ...review.datasets import accepted, not_kept

    loaders = {
        "token-ratios.yaml": load_ratios,
        "media-tokens.yaml": load_media,
        "eviction.yaml": load_evictions,
        "disagreements.yaml": accepted,
        "not-kept.yaml": not_kept,
    }
    faults = []
    for name, load in loaders.items():
        try:
            if (folder / name).exists():
                load(folder / name)
        except BadDocument as error:
            faults.append(str(error))
    return faults


def _pages(paths: list[Path]) -> list[Path]:
    """The pages that are named, and those in the folders that are."""
    result: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadDocument(f"{path}: no such page or folder of price sheets")
        pages = [page for page in files_in(path) if page.suffix == ".yaml"] if path.is_dir() else [path]
        if (path / "token-ratios.yaml").is_file():  # the files in a folder of price sheets are none
            pages = [page for page in pages if page.parent != path]
        if not pages:
            raise BadDocument(f"{path}: no pages in this folder; expected PROVIDER/MODEL.yaml")
        result += pages
    return result


@group.command()
@answered
def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A folder of price sheets, or a git revision.")],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="The same (default: the sheets as they are now).")] = "",
    folder: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    limit: Annotated[int | None, LIMIT] = None,
) -> Reply:
    """What changed between two folders or git revisions: every rate and term, and bills of five reference workloads.

    Example: cachecost prices diff main --format markdown
    """
    from ...output.prices import difference as shown
    from ...review.diff import difference
    from ...review.revisions import prices_at

    if limit is not None and (json or format in (Format.json, Format.csv)):
        raise BadDocument("JSON and CSV are never cut; expected --format markdown or table", word="limit")
    here = folder or default_folder()
    with prices_at(base, folder=here) as before, prices_at(head or str(here), folder=here) as after:
        old = Catalog(before).sheets()
        changes = difference(old, Catalog(after).sheets(), now=clock.now())
    command = " ".join(["cachecost prices diff", base, *([head] if head else [])])
    return shown.reply(changes, limit=limit, command=command)


@group.command()
def bump(
    model: options.Model,
    begins: Annotated[str, typer.Option("--from", metavar="WHEN", help="The first day or instant of the new rates.")],
    input: Annotated[str, typer.Option(metavar="RATE", help="Per 1M tokens, as printed.")] = "",
    output: Annotated[str, typer.Option(metavar="RATE")] = "",
    cache_read: Annotated[str, typer.Option(metavar="RATE")] = "",
    cache_write: Annotated[list[str], typer.Option(metavar="TTL=RATE", help="Such as 5m=1.25.")] = [],  # noqa: B006
    source: Annotated[str, typer.Option(metavar="URL", help="The page that prints the new rates.")] = "",
    scale_rest: Annotated[bool, typer.Option("--scale-rest", help="Scale what follows no stated multiple.")] = False,
    dry_run: Annotated[bool, DRY] = False,
    folder: options.Prices = None,
) -> None:
    """Append a card with new rates to a model's page, check it, and print the text of the pull request.

    The rates are those of the row for the smallest standard prompts. What was a vendor's stated multiple stays one.
    Example: cachecost prices bump claude-haiku-5-5 --from 2026-12-01 --input 0.12 --output 0.60 --source URL
    """
    from ..cards import append

    given = {"input": input, "output": output, "cache_read": cache_read}
    for each in cache_write:
        ttl, _, rate = each.partition("=")
        given[f"cache_write:{ttl}"] = rate
    rates = {name: reading.read(name, reading.price, text) for name, text in given.items() if text or ":" in name}
    if not rates:
        raise BadDocument("bump: no rate is given; expected one of --input, --output, --cache-read, --cache-write")
    if not source:
        raise BadDocument(
            "missing; expected the address of the page that prints the new rates (--source URL)", word="source"
        )
    print(
        append(options.catalog(folder), model, rates, begins=begins, source=source, scale_rest=scale_rest, dry=dry_run)
    )


@group.command()
@answered
def history(
    model: options.Model,
    folder: options.Prices = None,
) -> Reply:
    """All rates of a model over time, as a table and a chart.

    Example: cachecost prices history gemini-2.5-pro
    """
    from ...output.prices.sheets import sheet_reply

    return sheet_reply(options.sheet(options.catalog(folder), model, clock.now()))


@group.command()
def new(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER")],
    model: Annotated[str, typer.Argument(metavar="MODEL")],
    out: options.Out = None,
) -> None:
    """A commented page with a blank for every number, for `prices check` to name until it is filled.

    Example: cachecost prices new google gemini-5 -o pricing/google/gemini-5.yaml
    """
    from ...review.template import skeleton

    page = skeleton(provider, model, today=clock.today()).rstrip("\n")
    if out and out.exists():
        raise BadDocument(f"{out} exists; a page is never overwritten", word="out")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
    emit(page, out)


@group.command()
@answered
def compare(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Such as litellm or genai-prices.")],
    file: Annotated[Path | None, FILE] = None,
    as_of: options.AsOf = "",
    folder: options.Prices = None,
) -> Reply:
    """Where another dataset disagrees with our sheets, row by row, with our source. Exit 1 on unexplained differences.

    Example: cachecost prices compare litellm
    """
    from ...output.prices.datasets import reply
    from ...review import datasets
    from ...review import datasets
    from ...review.peers import DATASETS

    if dataset not in DATASETS:
        raise BadDocument(f"{dataset!r} is not a dataset known here; expected one of {', '.join(DATASETS)}")
    catalog = options.catalog(folder)
    at = options.instant("as_of", as_of)
    rates = import_module(f"cachecost.review.peers.{DATASETS[dataset]}").rates(file, at)
    explained = datasets.accepted(catalog.folder / "disagreements.yaml")
    without = datasets.not_kept(catalog.folder / "not-kept.yaml")
    comparison = datasets.compared(dataset, rates, catalog, at=at, explained=explained, without=without)
    return reply(dataset, comparison)


@group.command()
@answered
def watch(
    datasets: Annotated[list[str], typer.Argument(metavar="[DATASET]...", help="Default: all packages.")] = [],  # noqa: B006
    new: Annotated[list[Path], NEW] = [],  # noqa: B006
    previous: Annotated[list[Path], PREVIOUS] = [],  # noqa: B006
    between: Annotated[str, BETWEEN] = "",
    packages: Annotated[Path | None, PACKAGES] = None,
    write: Annotated[bool, WRITE] = False,
    folder: options.Prices = None,
) -> Reply:
    """What changed in public datasets and vendors' SDKs since the release looked at last, and what to do about it.

    A proposal has two independent sources or the vendor's page behind it; all else is a question.
    Example: cachecost prices watch litellm genai-prices
    """
    from ...output.prices.watch import reply
    from ..watching import remember, watched

    catalog = options.catalog(folder)
    answer = watched(catalog, datasets, new, previous, between, packages)
    if write:
        remember(catalog.folder, answer, clock.today())
    return reply(answer)


@group.command()
def propose(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Or PROVIDER/ for all of a provider.")],
    new: Annotated[list[Path], NEW] = [],  # noqa: B006
    previous: Annotated[list[Path], PREVIOUS] = [],  # noqa: B006
    between: Annotated[str, BETWEEN] = "",
    packages: Annotated[Path | None, PACKAGES] = None,
    branch: Annotated[str, BRANCH] = "",
    dry_run: Annotated[bool, DRY] = False,
    folder: options.Prices = None,
) -> None:
    """Write the cards that `prices watch` proposes, check them, and print the text of the pull request.

    Example: cachecost prices propose mistral-large-4 --branch prices/mistral
    """
    from ..proposing import propose
    from ..watching import watched

    catalog = options.catalog(folder)
    answer = watched(catalog, [], new, previous, between, packages)
    print(propose(catalog, answer.changes, models, branch=branch, dry=dry_run))


@group.command()
def table(folder: options.Prices = None, out: Annotated[Path | None, FOLDER] = None) -> None:
    """The rates of every model now, one markdown table a provider: what pricing/PROVIDER/README.md holds.

    Example: cachecost prices table --out pricing
    """
    from ...output.prices.rates import MARK, by_provider

    tables = by_provider(options.catalog(folder).sheets())
    if out is None:
        emit("\n\n".join(tables.values()), None)
        return
    if out.exists() and not out.is_dir():
        raise BadDocument(f"{out} is a file; expected a folder, in which each provider has one", word="out")
    for provider, text in tables.items():
        (out / provider).mkdir(parents=True, exist_ok=True)
        emit(text, out / provider / TABLE)
    for path in out.glob(f"*/{TABLE}"):
        if path.parent.name not in tables and path.read_text(encoding="utf-8").startswith(MARK):
            path.unlink()


@group.command()
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


@group.command()
def schema(
    page: Annotated[Page, typer.Argument(help="What the page is of.")] = "sheet", out: options.Out = None
) -> None:
    """The JSON schema of a page, for completion in editors: of a price sheet, or of a self-hosted model, machine or
    gpus. `make prices` writes them to pricing/."""
    from ...catalog.hardware_page import GpusWords, HostWords, ModelWords
    from ...catalog.page import SheetWords, Words, schema_for_editors

    pages: dict[str, tuple[type[Words], str]] = {
        "sheet": (SheetWords, "price sheet"),
        "model": (ModelWords, "self-hosted model"),
        "machine": (HostWords, "machines of a host"),
        "gpus": (GpusWords, "table of cards"),
    }
    emit(as_json(schema_for_editors(*pages[page])), out)
