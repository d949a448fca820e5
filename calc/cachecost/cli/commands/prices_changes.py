"""Commands of `cachecost prices` for changing pages: by hand, or by what public datasets have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ... import clock
from ...errors import BadDocument
from ...files.reading import exists
from ...output.reply import Reply, as_json, emit
from ...questions import reading
from .. import options

Page = Literal["sheet", "model", "machine", "gpus"]
DRY = typer.Option("--dry-run", help="Print what would be added, and write nothing.")
FILE = typer.Argument(metavar="FILE", help="A release or its file (default: as installed).")
NEW = typer.Option("--from", metavar="FILE", help="A release or its file, instead of the package index. Repeatable.")
PREVIOUS = typer.Option("--previous", metavar="FILE", help="The release to compare it with. Repeatable.")
BETWEEN = typer.Option("--between", metavar="DAY..DAY", help="When the two were released, where they do not say so.")
PACKAGES = typer.Option("--packages", metavar="DIR", help="Keep downloads there for the next time.")
BRANCH = typer.Option("--branch", metavar="NAME", help="Commit the pages on a new branch.")
WRITE = typer.Option("--write", help="Write watch.lock, where the next watch begins, and confirmed/.")


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
    from ...review.drafts import NewRates
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
    wanted = NewRates(rates, begins, source, scale_rest=scale_rest)
    print(append(options.catalog(folder), model, wanted, dry=dry_run))


def new(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER")],
    model: Annotated[str, typer.Argument(metavar="MODEL")],
    out: options.Out = None,
) -> None:
    """A commented page with a blank for every number, for `prices check` to name until it is filled.

    Example: cachecost prices new google gemini-5 -o pricing/google/gemini-5.yaml
    """
    from ...review.drafts import skeleton

    page = skeleton(provider, model, today=clock.today()).rstrip("\n")
    if out and exists(out):
        raise BadDocument(f"{out} exists; a page is never overwritten", word="out")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
    emit(page, out)


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


@options.answered
def compare(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Such as litellm or genai-prices.")],
    file: Annotated[Path | None, FILE] = None,
    as_of: options.AsOf = "",
    folder: options.Prices = None,
) -> Reply:
    """Where another dataset disagrees with our sheets, row by row, with our source. Exit 1 on unexplained differences.

    Example: cachecost prices compare litellm
    """
    from ...output.prices.datasets import agreement_reply
    from ...review.datasets import Ours, compared
    from ...review.peers import DATASETS, rates

    if dataset not in DATASETS:
        raise BadDocument(f"{dataset!r} is not a dataset known here; expected one of {', '.join(DATASETS)}")
    at = options.instant("as_of", as_of)
    return agreement_reply(compared(dataset, rates(dataset, file, at), Ours(options.catalog(folder), at)))


@options.answered
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
    from ...output.prices.datasets import watch_reply
    from ..watching import remember, watched

    catalog = options.catalog(folder)
    answer = watched(catalog, datasets, new, previous, between, packages)
    if write:
        remember(catalog, answer)
    return watch_reply(answer)


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
    from ..cards import propose
    from ..watching import watched

    catalog = options.catalog(folder)
    answer = watched(catalog, [], new, previous, between, packages)
    print(propose(catalog, answer.changes, models, branch=branch, dry=dry_run))
