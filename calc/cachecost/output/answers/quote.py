"""What one request costs, line by line, for people and programs."""

from ...prices.quote import LineItem, Quote
from ..figures import amount, cited, count, is_rounded, rate
from ..records import SCHEMA_VERSION, fields, record, rows
from ..reply import Page, Reply
from ..table import Table
from .records import LineRecord, QuoteRecord


def reply(quoted: Quote) -> Reply:
    """A quote in every form."""
    whole = ("status", "free", "warnings")

    def as_rows() -> Table:
        quote = record(QuoteRecord, quoted)
        of_all = {key: quote[key] for key in whole}
        return rows([*fields(LineRecord), *whole], (line | of_all for line in quote["lines"]))

    return Reply(
        page=lambda: Page(
            "",
            [table(quoted)],
            quoted.warnings,
            [source(quoted)],
            f"Total {amount(quoted.total, quoted.currency)}",
            airy=False,
        ),
        record=lambda: {"schema_version": SCHEMA_VERSION} | record(QuoteRecord, quoted),
        rows=as_rows,
    )


def table(quoted: Quote) -> Table:
    """A row a line."""
    cells = [line_cells(line, quoted.currency) for line in quoted.lines]
    return Table(["line", "quantity", "unit", "rate", "amount"], cells, ("quantity", "rate", "amount"), spare=("unit",))


def line_cells(line: LineItem, currency: str) -> list[str]:
    """A line's name, quantity, unit, rate and amount."""
    per = "" if line.unit == "requests" else " /1M"
    figures = (rate(line.rate, currency) + per, amount(line.amount, currency))
    return [line.name, count(line.quantity), line.unit, *figures]


def source(quoted: Quote) -> str:
    """Where the rates come from, and whether what is shown is rounded."""
    rounded = any(map(is_rounded, (quoted.total, *(line.amount for line in quoted.lines))))
    return cited(quoted.sheet, quoted.version) + (". Rounded here; --json has every digit." if rounded else "")
