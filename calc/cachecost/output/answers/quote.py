"""What one request costs, line by line, for people and programs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...errors import CachecostError
from ...prices.card import PER_MILLION
from ...prices.quote import LineItem, Quote
from ..figures import amount, cited, count, is_rounded, rate
from ..labels import line_of_bill
from ..records import SCHEMA_VERSION, Count, Currency, Record, RecordFields, Text, Version, fields, of, record, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table


class LineRecord(RecordFields):
    """A line of a bill; `rate` is per 1M of tokens and token-hours, and per one of other units."""

    name: Text
    quantity: Count | Decimal = of(lambda line: int(line.quantity) if line.quantity % 1 == 0 else line.quantity)
    unit: Text
    rate: Decimal
    amount: Decimal


class QuoteRecord(RecordFields):
    """The price of one request."""

    total: Decimal
    currency: Currency
    version: Version
    terms: list[str] = of("version.terms")
    status: Text
    free: bool
    lines: list[LineRecord]
    warnings: list[str]


def reply(quoted: Quote) -> Reply:
    """The answer in every form."""

    def page() -> Page:
        currency = quoted.currency
        cells = [line_cells(line, currency) for line in quoted.lines]
        table = Table(["line", "quantity", "unit", "rate", "amount"], cells, FIGURES, spare=("unit",))
        rounded = any(map(is_rounded, (quoted.total, *(line.amount for line in quoted.lines))))
        source = cited(quoted.sheet, quoted.version) + (". Rounded here; --json has every digit." if rounded else "")
        return Page("", [table], quoted.warnings, [source], f"Total {amount(quoted.total, currency)}", airy=False)

    def as_rows() -> Table:
        quote = record(QuoteRecord, quoted)
        of_all = {key: quote[key] for key in ("status", "free", "warnings")}
        return rows([*fields(LineRecord), *of_all], (line | of_all for line in quote["lines"]))

    return Reply(page, lambda: {"schema_version": SCHEMA_VERSION} | record(QuoteRecord, quoted), as_rows)


def answer(request: object, **how: Any) -> Record:
    """One record of many, priced as `quote_record` prices it: its quote, or why it has none; the others are answered
    all the same."""
    from ...questions.usage import plain_id, quote_record  # comparisons show lines of quotes, and read no records

    identity = None
    try:
        identity = plain_id(request.get("id")) if isinstance(request, Mapping) else None
        return {"id": identity} | record(QuoteRecord, quote_record(request, **how))
    except CachecostError as error:
        return {"id": identity, "error": {"type": error.kind, "message": str(error)}}


def line_cells(line: LineItem, currency: str) -> list[str]:
    """A line's name, quantity, unit, rate and amount."""
    per = " /1M" if line.unit in PER_MILLION else ""
    figures = (rate(line.rate, currency) + per, amount(line.amount, currency))
    return [line_of_bill(line.name), count(line.quantity), line.unit, *figures]
