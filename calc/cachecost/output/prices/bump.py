"""A new rate card as the text of a pull request: every rate that moves, old and new, and what stays."""

from ...prices.sheet import PriceSheet
from ...review.bump import Bump
from ..escapes import in_markdown
from ..figures import rate
from ..table import Table
from .sheets import row_name


def as_markdown(sheet: PriceSheet, bumped: Bump) -> str:
    card = sheet.cards[-1]
    rows = [
        [row_name(each.row), each.name, rate(each.old, sheet.currency), rate(each.new, sheet.currency)]
        for each in bumped.moved
        if each.old != each.new
    ]
    lines = [f"### {in_markdown(sheet.name)} ({sheet.id}): new rates from {card.effective:%Y-%m-%d %H:%M} UTC", ""]
    lines += [Table(["row", "rate", "old", "new"], rows, ("old", "new")).as_markdown(), ""]
    names = dict.fromkeys(each.name for each in bumped.moved)
    if same := list(filter(None, (_unchanged(name, bumped) for name in names))):
        lines += [f"Unchanged: {'; '.join(same)}.", ""]
    return "\n".join([*lines, f"Source: {card.sources[0]} (seen {card.seen})"])


def _unchanged(name: str, bumped: Bump) -> str:
    """`storage (standard, any size)`; the name alone where several rows have the rate and none changes."""
    rates = [each for each in bumped.moved if each.name == name]
    same = [row_name(each.row) for each in rates if each.old == each.new]
    return name if len(same) == len(rates) > 1 else f"{name} ({'; '.join(same)})" if same else ""
