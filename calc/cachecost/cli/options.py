"""The words that several commands share: their flags, and the way from a text to a value."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from .. import ask, quantities
from ..catalog import Catalog
from ..errors import BadDocument, BadQuantity, BadWorkload
from ..render.screen import Screen
from ..render.table import Table
from ..sheet import PriceSheet

T = TypeVar("T")


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


Models = Annotated[list[str], typer.Argument(metavar="MODEL", help="google/gemini-2.5-pro, a model, or an alias.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="google/gemini-2.5-pro, a model, or an alias.")]
Context = Annotated[
    str,
    typer.Option("--context", "-c", metavar="TOKENS", help="Tokens sent with every query: 1M, 128k, 1_000_000."),
]
File = Annotated[
    str,
    typer.Option("--file", "-f", metavar="PATH", help="A document or folder to count instead of --context."),
]
Queries = Annotated[str, typer.Option("--queries", "-n", metavar="N", help="How many queries.")]
Question = Annotated[str, typer.Option("--question", "-q", metavar="TOKENS", help="Fresh tokens of each question.")]
AnswerTokens = Annotated[str, typer.Option("--answer", "-a", metavar="TOKENS", help="Tokens of each answer.")]
Every = Annotated[str, typer.Option("--every", metavar="DURATION", help="Time between queries: 5m, 1h30m.")]
Over = Annotated[str, typer.Option("--over", metavar="DURATION", help="Spread the queries evenly over this time.")]
Hold = Annotated[
    str,
    typer.Option(
        "--hold",
        metavar="DURATION",
        help="How long a stored cache stands (default: the span of the queries, at least the default TTL).",
    ),
]
HitShare = Annotated[
    str, typer.Option("--hit-share", metavar="SHARE", help="Share of later queries that hit: 0.75, 75%.")
]
Creation = Annotated[
    str,
    typer.Option(
        "--creation",
        metavar="input|free",
        help="How filling a stored cache is billed (default: as the sheet says).",
    ),
]
FirstQuery = Annotated[
    str,
    typer.Option(
        "--first-query",
        metavar="reads|creates",
        help="The first query reads a cache created before it, or itself creates it.",
    ),
]
BilledPer = Annotated[
    str,
    typer.Option(
        "--billed-per",
        metavar="second|minute|hour",
        help="Rent is paid by started second, minute or hour (default: as the sheet says).",
    ),
]
Service = Annotated[str, typer.Option("--service", metavar="NAME", help="standard, batch, flex, priority …")]
Region = Annotated[str, typer.Option("--region", metavar="NAME", help="A region with rates of its own, such as us.")]
Thinking = Annotated[bool, typer.Option("--thinking", help="Take the rates of thinking mode, where they differ.")]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="WHEN",
        help="Prices of this day or instant: 2024-05-25, 2026-08-10T02:00Z (default: now).",
    ),
]
Prices = Annotated[
    Path | None,
    typer.Option("--prices", metavar="DIR", help="Another folder of price sheets."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to answer.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the answer to a file.")]


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return now().date()


def instant(name: str, text: str) -> datetime:
    """The instant of a flag, or now; the command line may say so, the engine may not."""
    return ask.read(name, quantities.instant, text) if text else now()


def catalog(prices: Path | None) -> Catalog:
    return Catalog(prices, today=today())


def context_tokens(context: str, file: str, sheet: PriceSheet, folder: Path) -> tuple[int, str]:
    """Tokens of the context for one model, and how they were counted (nothing where they were given)."""
    if bool(context) == bool(file):
        raise BadWorkload("context: say how long it is, either --context 1M or --file DOCUMENT")
    if context:
        return ask.read("context", quantities.count, context), ""
    from ..documents import read as read_document
    from ..tokens import count, family_of, load_ratios

    ratios = load_ratios(folder / "token-ratios.yaml")
    document = read_document(Path(file))
    counted = count(document.text, family=family_of(sheet.provider, sheet.model, ratios=ratios), ratios=ratios)
    how = "exact" if counted.exact else f"{counted.low:,} to {counted.high:,}"
    return counted.tokens, f"{document.name}: {counted.tokens:,} tokens ({how}), {counted.method}"


def price(text: str) -> Decimal:
    """Money such as 5 or 0.25."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise BadQuantity(f"{text!r} is not an amount of money: expected plain digits such as 5 or 0.25")
    return value


def message(text: str) -> None:
    """Tell the person, not the program."""
    print(f"cachecost: {text}", file=sys.stderr)


def emit(text: str, out: Path | None) -> None:
    """Write an answer to stdout, or to a file."""
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise BadDocument(f"out: {out} cannot be written: {error.strerror}") from None


def as_json(record: Any) -> str:
    import json

    return json.dumps(record, ensure_ascii=False, indent=2)


def emit_table(table: Table, chosen: Format, out: Path | None) -> None:
    """A table alone, as text, markdown or CSV."""
    if chosen is Format.table and out is None and sys.stdout.isatty():
        screen = Screen()
        screen.table(table)
        screen.show()
        return
    emit({Format.csv: table.as_csv, Format.markdown: table.as_markdown}.get(chosen, table.as_text)(), out)
