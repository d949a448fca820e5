"""A cost curve for people: a chart and a table."""

from __future__ import annotations

from decimal import Decimal

from ...bills.measures import Lives
from ...sweep.curve import Curve, Line
from ..csv import curve_warnings
from ..figures import amount, cited
from ..screen import Screen
from ..table import Table
from .comparison import lived
from .spacing import apart, near

MARKS = "ox+*#@"
HEIGHT, WIDTH = 16, 64


def points_table(curve: Curve) -> Table:
    """A row a number of queries, a column a strategy."""
    names = [line.strategy for line in curve.lines]
    shown = zip(curve.points, *(_cells(line, curve) for line in curve.lines), strict=True)
    rows = [[str(n), *cells] for n, *cells in shown]
    return Table(["queries", *names], rows, ("queries", *names))


def _cells(line: Line, curve: Curve) -> list[str]:
    ends = zip(curve.served(line.lows), curve.served(line.highs), strict=True)
    return ["-" if low is None or high is None else _ends((low, high), curve.sheet.currency) for low, high in ends]


def _ends(ends: tuple[Decimal, Decimal], currency: str) -> str:
    """`$0.2378 to $1.25`, or one amount where both are the same."""
    return " to ".join(dict.fromkeys(amount(end, currency) for end in ends))


def open_notes(curve: Curve) -> list[str]:
    """From where on the vendor would refuse; what the life of automatic entries leaves open, at the largest
    number of queries where it changes the bill, and pauses near the life of an entry, at the largest that is served."""
    found = [
        f"{line.strategy}: at N = {curve.points[curve.last]:,}, {near(line.spacing, total, curve.sheet.currency)}"
        for line, total in zip(curve.lines, curve.at_last, strict=True)
        if line.spacing and line.spacing.gap is not None
    ]
    for n, refusal in zip(curve.points, curve.refusals, strict=True):
        if refusal:
            found.insert(0, f"from N = {n:,} on would be refused: the model {refusal.why}")
            break
    for line in curve.lines:
        if line.lifetime:
            pairs = zip(curve.points, curve.served(line.totals), line.longest, strict=True)
            differ = [(n, least, most) for n, least, most in pairs if least is not None and least != most]
            for n, least, most in [max(differ)] if differ else ():
                text = lived(Lives(*line.lifetime, least, most), curve.sheet.currency)
                found.append(f"{line.strategy}: at N = {n:,} {text}")
    return found


def footer(curve: Curve) -> list[str]:
    """What longer pauses would cost where no spacing was asked about, and where the rates come from."""
    spaced = apart([(line.strategy, line.spacing) for line in curve.lines], curve.sheet.currency)
    at = f"At N = {curve.points[curve.last]:,}: {spaced[0].lower()}{spaced[1:]}" if spaced else ""
    return [text for text in (at, cited(curve.sheet, curve.version)) if text]


def markdown(curve: Curve, counted: str = "") -> str:
    """The table of all points for a pull request or a page, and what to know beside it."""
    head = [counted, estimate_in_words(curve)] if counted and any(line.estimated for line in curve.lines) else [counted]
    notes = "\n".join(f"- {note}" for note in (*open_notes(curve), *curve_warnings(curve)))
    return "\n\n".join(filter(None, [*head, points_table(curve).as_markdown(), notes, *footer(curve)]))


def estimate_in_words(curve: Curve) -> str:
    """`The tokens are an estimate: at N = 20 fresh costs $1.50 to $2.50, stored $0.60 to $1.00.`"""
    bills = [f"{line.strategy} {_ends(curve.ends(line), curve.sheet.currency)}" for line in curve.lines]
    bills[0] = bills[0].replace(" ", " costs ", 1)
    return f"The tokens are an estimate: at N = {curve.points[curve.last]:,} {', '.join(bills)}."


def chart(curve: Curve, screen: Screen) -> None:
    """Cost upwards, queries to the right, a mark a strategy; where two meet the cheaper bill's mark is drawn."""
    work = curve.workload
    sizes = f"each with {work.question:,} of question and {work.answer:,} of answer"
    screen.paragraph(f"queries over {work.context:,} tokens, {sizes}", "bold")
    served = [(line, curve.served(line.totals)) for line in curve.lines]
    top = max((total for _, totals in served for total in totals if total is not None), default=Decimal(0))
    marks = [amount(top * (HEIGHT - 1 - row) / (HEIGHT - 1), curve.sheet.currency) for row in range(0, HEIGHT, 5)]
    margin = max(11, *map(len, marks))
    width = min(WIDTH, (screen.width or 80) - margin - 3)
    grid = [[" "] * width for _ in range(HEIGHT)]
    last = len(curve.points) - 1
    ranked = sorted(zip(MARKS, served, strict=False), key=lambda each: each[1][0].totals[curve.last], reverse=True)
    for mark, (_, totals) in ranked:
        for column in range(width):
            index = round(column * last / (width - 1)) if last else 0
            if (total := totals[index]) is not None:
                grid[HEIGHT - 1 - _height(total, top)][column] = mark
    for row, cells in enumerate(grid):
        shown = marks[row // 5] if row % 5 == 0 else ""
        screen.text(f"{shown:>{margin}} |{''.join(cells).rstrip()}")
    screen.text(f"{'':>{margin}} +{'-' * width}")
    first, end = f"{curve.points[0]:,}", f"{curve.points[-1]:,} queries"
    screen.text(f"{'':>{margin + 1}} {first}{end:>{max(1, width - len(first))}}")
    where = "at the end" if curve.last == last else f"at N = {curve.points[curve.last]:,}, the last that is served"
    for mark, line in zip(MARKS, curve.lines, strict=False):
        bill = amount(line.totals[curve.last], curve.sheet.currency)
        crossing = ""
        if line.break_even:
            first_n = line.break_even.first
            crossing = f", cheaper from N = {first_n:,}" if first_n else ", never cheaper"
        screen.text(f"  {mark} {line.strategy}: {bill} {where}{crossing}")
    for warning in (*open_notes(curve), *curve_warnings(curve)):
        screen.paragraph(f"! {warning}", "yellow")
    for text in footer(curve):
        screen.paragraph(text, "dim")


def _height(total: Decimal, top: Decimal) -> int:
    return round(total / top * (HEIGHT - 1)) if top else 0
