"""`cachecost prices bump`, `new` and `schema`: writing a page of the catalogue."""

from typing import Annotated, Literal

import typer

from ... import clock
from ...errors import BadDocument
from ...files.reading import exists
from ...output.reply import as_json, emit
from ...questions import reading
from .. import options

Page = Literal["sheet", "model", "machine", "gpus"]
DRY = typer.Option("--dry-run", help="Print what would be added, and write nothing.")


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
