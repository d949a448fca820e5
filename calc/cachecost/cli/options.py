"""The words that several commands share: their flags, and the way from a text to a value."""

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import clock, units
from ..catalog.catalog import Catalog
from ..errors import AmbiguousModel, BadDocument, BadUsage
from ..output.reply import Format
from ..prices.sheet import PriceSheet
from ..questions import reading
from ..questions.word import Word
from ..questions.words import MODEL, STRATEGY, WORD
from ..strategies.assumptions import Eviction
from . import completion

Models = Annotated[list[str], typer.Argument(metavar=MODEL.metavar, help=MODEL.help, autocompletion=completion.models)]
Model = Annotated[str, typer.Argument(metavar=MODEL.metavar, help=MODEL.help, autocompletion=completion.models)]
OTHERWISE = {"times": ("FILE", "The instants at which queries come, one a line; instead of --queries.")}
"""Words whose flags read a file where other doors take the value itself."""


def flag(word: Word) -> Any:
    metavar, text = OTHERWISE.get(word.name, (word.metavar or None, word.help))
    lower = _lower if word.name == "service" else None
    return typer.Option(*word.flags, metavar=metavar, help=text, callback=lower, autocompletion=completion.of(word))


def _lower(name: str) -> str:
    """The name of a service; vendors write Batch and batch."""
    return name.lower()


Discount = Annotated[str, flag(WORD["discount"])]
TermsFile = Annotated[str, flag(WORD["terms"])]
Strategies = Annotated[list[str], flag(STRATEGY)]
AsOf = Annotated[str, flag(WORD["as_of"])]
CHART = typer.Option("--chart", metavar="FILE", help="Draw it too. As FILE.svg, .png, .html or .vl.json. Repeatable.")
Charts = Annotated[list[Path], CHART]
Alias = Annotated[
    list[str],
    typer.Option("--alias", metavar="LOGNAME=MODEL", help="What a name in logs means. =MODEL where they name none."),
]
Prices = Annotated[Path | None, typer.Option("--prices", metavar="DIR", help="Another folder of price sheets.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to answer.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
VERBOSE = typer.Option("--verbose", "-v", help="Show every note, what is assumed, and where the rates come from.")
Verbose = Annotated[bool, VERBOSE]
OUT = typer.Option(
    "--out", "-o", metavar="FILE", help="Write to a file. Its suffix chooses the format: .json, .csv, .md."
)
Out = Annotated[Path | None, OUT]


def instant(name: str, text: str) -> datetime:
    """The instant of a flag, or now; the command line may say so, the engine may not."""
    return reading.read(name, units.instant, text) if text else clock.now()


def catalog(prices: Path | None, discount: str = "", terms: str = "") -> Catalog:
    """The price sheets of a folder, under the customer's own terms where they are given."""
    catalog = Catalog(prices).with_pages()
    if discount and terms:
        raise BadUsage("terms are given too; write this discount into their file, or leave one out", word="discount")
    if discount or terms:
        from ..catalog.terms import discounted, load_terms

        catalog.terms = reading.read("discount", discounted, discount) if discount else load_terms(Path(terms), catalog)
    return catalog


SHORT_NAMES: dict[str, str] = {}
"""The model that each short name, or name of a gateway, of this command line means; its answer says so."""


def sheet(catalog: Catalog, name: str, at: datetime) -> PriceSheet:
    """The sheet of a name as a person types it, such as `claude-opus`; one that means several models is asked back
    where a person can answer."""
    try:
        full = catalog.full_name(name, at)
    except AmbiguousModel as error:
        full = _chosen(error)
    if full != name:
        SHORT_NAMES[name] = full
    return catalog.sheet(full)


def _chosen(error: AmbiguousModel) -> str:
    """Asks which of several models is meant; raises the error where there is no terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise error
    for number, model in enumerate(error.nearest, 1):
        print(f"{number:>3}  {model}", file=sys.stderr)
    try:
        choice = typer.prompt(f"Which {error.name}?", type=str, err=True).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None
    if not (choice.isascii() and choice.isdigit() and 0 < int(choice) <= len(error.nearest)):
        raise error
    return error.nearest[int(choice) - 1]


MOST_TIMES = 1 << 26
"""Bytes of a file of instants: over a million of them."""


def instants(file: str) -> list[datetime]:
    """The instants in a file, one a line, in order; empty lines do not count."""
    if not file:
        return []
    from ..files.reading import read

    content = read(Path(file), most=MOST_TIMES, expected="one instant a line", word="times")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise BadDocument(f"{file} cannot be read: {error}; expected one instant a line", word="times") from None
    numbered = ((f"times: {file}:{number}", line) for number, line in enumerate(lines, 1) if line.strip())
    times = [reading.read(where, units.instant, line) for where, line in numbered]
    if not times:
        raise BadDocument(f"{file} holds no instant; expected lines such as 2026-08-10T02:00Z", word="times")
    return sorted(times)


def evictions(text: str, folder: Path) -> Mapping[str, Eviction]:
    """The curves of eviction that have a name, where one is asked for."""
    if not text:
        return {}
    from ..catalog.evictions import load_evictions  # loads YAML

    return load_evictions(folder / "eviction.yaml")


def aliases(texts: Iterable[str], catalog: Catalog) -> dict[str, str]:
    """`LOGNAME=MODEL` as a mapping; a MODEL without a sheet is refused at once."""
    names: dict[str, str] = {}
    for text in texts:
        name, equals, model = text.rpartition("=")
        if not equals or not model:
            raise BadUsage(
                f"{text!r} is no alias; expected LOGNAME=MODEL, such as my-opus=claude-opus-4-8", word="alias"
            )
        names[name] = catalog.sheet(model).id if not catalog.sheet(model).region else model
    return names
