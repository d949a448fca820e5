"""Bars of a log's bill, for a page: the cost of every day by class of tokens, and every policy beside what was paid."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ...money import add, total
from ...replay.account import Account
from ...replay.breakdown import WRITTEN, kind, time_of
from ...replay.epochs import DAY, instant
from ...replay.report import Alternative, Report
from ...replay.tally import price
from ..figures import cents, percent
from ..labels import KINDS
from .tables import named, ranked

MOST = 62
"""Days that have a bar each; a longer log has a bar for each week or month."""
SIGN = {"cheaper": "▼", "dearer": "▲"}


class Bar(NamedTuple):
    """One row: its label, what is written behind the bar, and its parts by class, in money."""

    label: str
    figure: str
    parts: dict[str, Decimal]

    @property
    def length(self) -> Decimal:
        return total(self.parts.values())


class Bars(NamedTuple):
    """Rows under a title, with the classes of their parts; `line`: a mark at an amount of money."""

    title: str
    rows: list[Bar]
    classes: tuple[str, ...] = ()
    line: Decimal | None = None


def bars(report: Report, account: Account) -> Iterator[Bars]:
    """Everything that has something to show, one currency each."""
    for currency in report.totals:
        if len(report.by["day"]) > 1:
            yield times(account, currency)
    for on in dict.fromkeys(each.on for each in report.alternatives):
        yield policies([each for each in report.alternatives if each.on == on])


def times(account: Account, currency: str) -> Bars:
    """A bar for each day, week or month, those without requests as well, each in parts by class of tokens."""
    days = sorted(part.day for part in account.parts if part.day is not None)
    many = days[-1] - days[0] if days else 0
    word = "day" if many <= MOST else "week" if many <= 7 * MOST else "month"
    every = range(days[0], days[-1] + 1) if days else ()
    sums: dict[str, dict[str, Decimal]] = {instant(day * DAY).strftime(WRITTEN[word]): {} for day in every}
    for part, tally in account.parts.items():
        for key, item in price(tally, account.sheets).items:
            if account.sheets[key.sheet].sheet.currency == currency:
                at = sums.setdefault(time_of(part, word, account), {})
                name = kind(item.name) if kind(item.name) in KINDS else "fees"
                at[name] = add(at.get(name, Decimal(0)), item.amount)
    rows = [Bar(at, cents(total(parts.values()), currency), parts) for at, parts in sums.items()]
    used = tuple(name for name in KINDS if any(name in parts for parts in sums.values()))
    return Bars(f"Cost of each {word}", rows, used)


def policies(rows: list[Alternative]) -> Bars:
    """A bar for each policy on one model, the cheapest first, and a line at what was paid."""
    bars = []
    for each in ranked(rows):
        ratio = each.savings_ratio
        mark = "cheaper" if ratio and ratio > 0 else "dearer" if ratio else ""
        change = f" {SIGN[mark]} {percent(abs(ratio))} {'less' if ratio > 0 else 'more'}" if ratio else ""
        bars.append(Bar(named(each), f"{cents(each.total, each.currency)}{change}", {mark or "paid": each.total}))
    return Bars(f"The same requests on {rows[0].on}", bars, line=rows[0].paid)
