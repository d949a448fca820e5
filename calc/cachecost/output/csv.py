"""Answers as tables for machines: plain numbers with every digit, nothing rounded; what CSV holds at every door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .. import money
from ..bills.measures import open_range
from ..prices.card import STANDARD, RateCard
from ..prices.sheet import PriceSheet
from ..units import show_instant
from . import records as record
from .figures import plain
from .table import Table

if TYPE_CHECKING:
    from ..advice.advice import Advice
    from ..bills.break_even import BreakEven
    from ..bills.comparison import Comparison
    from ..prices.quote import Quote
    from ..sweep.curve import Curve

COMPARISON = (
    "model version strategy currency total per_query savings savings_ratio first stable_from status free "
    "total_low total_high warnings"
).split()
ADVICE = (
    "model version strategy currency total total_low total_high more_than_best first stable_from status warnings"
).split()
MODELS = "model caching input cache_read output since currency version checked".split()
RATES = (
    "model provider version status kind service prompt_from prompt_to output_from output_to thinking window region "
    "unit rate currency effective checked"
).split()


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    return Table(headings, [["" if cell is None else str(cell) for cell in row] for row in rows])


def of_records(headings: Sequence[str], records: Sequence[record.Record]) -> Table:
    """A row a record, its values under their keys; true and false as JSON writes them."""
    shown = {True: "true", False: "false"}
    rows = [[shown[v] if isinstance(v := each[key], bool) else v for key in headings] for each in records]
    return _table(headings, rows)


def of_comparison(comparison: Comparison) -> Table:
    """A row an answer, cheapest first."""
    rows = []
    for answer in comparison.answers:
        told = record.of_answer(answer)
        first, stable = ends(answer.break_even)
        cells = told | {"first": first, "stable_from": stable, "warnings": "; ".join(answer.warnings)}
        cells["free"] = str(answer.free).lower()
        rows.append([cells[key] for key in COMPARISON])
    return _table(COMPARISON, rows)


def ends(found: BreakEven | None) -> tuple[int | None, int | None]:
    """The first number of queries that pays, and that from which on all do."""
    return (found.first, found.stable_from) if found else (None, None)


def of_curve(curve: Curve) -> Table:
    """A row a number of queries, a column a strategy, and whether the vendor would serve them; two columns more for a
    strategy whose totals depend on a life that the vendor leaves open, or on the estimated tokens of a document."""
    notes = "; ".join(curve_warnings(curve))
    told = [f"would be refused: the model {found.why}" if found else notes for found in curve.refusals]
    columns: dict[str, Sequence[Decimal]] = {}
    for line in curve.lines:
        columns[line.strategy] = line.totals
        if line.lows != line.highs:
            columns |= {f"{line.strategy}_low": line.lows, f"{line.strategy}_high": line.highs}
    totals = zip(curve.points, *map(curve.served, columns.values()), strict=True)
    marks = zip(totals, curve.statuses, told, strict=True)
    rows = [[n, *map(plain, each), status, warnings] for (n, *each), status, warnings in marks]
    return _table(["queries", *columns, "status", "warnings"], rows)


def curve_warnings(curve: Curve) -> list[str]:
    """Each warning once, after its strategy where not every line has it."""
    return each_once([(line.strategy, line.warnings) for line in curve.lines])


def each_once(warned: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Each warning once, after the strategies that have it where not every one has."""
    texts = dict.fromkeys(text for _, texts in warned for text in texts)
    about = {text: [strategy for strategy, texts in warned if text in texts] for text in texts}
    return [text if len(names) == len(warned) else f"{', '.join(names)}: {text}" for text, names in about.items()]


def of_quote(quoted: Quote) -> Table:
    """A row a line item, each with what is true of the whole quote: its status, and its warnings."""
    whole = {"status": quoted.status, "free": str(quoted.free).lower(), "warnings": "; ".join(quoted.warnings)}
    columns = ["name", "quantity", "unit", "rate", "amount", *whole]
    return of_records(columns, [record.of_line(line) | whole for line in quoted.lines])


def of_advice(advice: Advice) -> Table:
    """A row a strategy, cheapest first."""
    told = (advice.sheet.id, advice.version)
    rows = []
    for each in advice.ranking:
        more = money.subtract(each.total, advice.best.total)
        low, high = open_range(each.total, each.lives, each.counted)
        figures = (each.strategy, advice.sheet.currency, *map(plain, (each.total, low, high, more)))
        rows.append([*told, *figures, *ends(each.break_even), advice.status, "; ".join(advice.warnings)])
    return _table(ADVICE, rows)


def of_models(found: Sequence[tuple[PriceSheet, RateCard]]) -> Table:
    """A row a model with the standard rates of its smallest prompts; `cache_read` is the least of several."""
    rows = []
    for sheet, card in found:
        row = min((row for row in card.rows if row.service == STANDARD and row.rates), key=lambda row: row.prompt.low)
        reads = [rate.value for name, rate in row.rates.items() if name.startswith("cache_read")]
        rates = (plain(row.rates["input"].value), plain(min(reads, default=None)), plain(row.rates["output"].value))
        caching, since = " ".join(card.caching.kinds), show_instant(card.effective)
        rows.append([sheet.id, caching, *rates, since, sheet.currency, sheet.version(card), sheet.checked])
    return _table(MODELS, rows)


def rates(sheet: PriceSheet, card: RateCard) -> list[record.Record]:
    """Every rate of a card as a flat record, its keys those of `RATES`: where it holds, what it is, since when.

    `prompt_to` and `output_to` null have no end; `thinking` and `window` null hold in every mode and at every time.
    """
    told = {
        "version": sheet.version(card),
        "status": card.status,
        "currency": sheet.currency,
        "effective": _instant(card.effective),
        "checked": sheet.checked.isoformat(),
    }
    found = []
    for row in card.rows:
        place = {
            "service": row.service,
            "prompt_from": row.prompt.low,
            "prompt_to": row.prompt.high,
            "output_from": row.output.low,
            "output_to": row.output.high,
            "thinking": row.thinking,
            "window": row.window and window(row.window),
            "region": sheet.region,
        }
        for kind, rate in row.rates.items():
            flat = told | place | {"kind": kind, "unit": rate.unit, "rate": plain(rate.value)}
            flat |= {"model": sheet.id, "provider": sheet.provider}
            found.append({key: flat[key] for key in RATES})
    return found


def window(each: Any) -> str:
    """`16:30-00:30 mon,tue Asia/Shanghai`: when a row's rates hold, in one cell."""
    hours = " ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in each.hours)
    days = "mon tue wed thu fri sat sun".split()
    named = "" if len(each.days) == 7 else " " + ",".join(days[day] for day in sorted(each.days))
    return f"{hours}{named} {each.zone}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
