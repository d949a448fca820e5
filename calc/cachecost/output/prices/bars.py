"""A model's standard rates over time as bars, one group a rate."""

from __future__ import annotations

from decimal import Decimal

from ...prices.card import STANDARD
from ...prices.sheet import PriceSheet
from ...units import show_instant
from ..figures import rate
from .sheets import caching_terms

WIDTH = 40


def bars(sheet: PriceSheet, width: int | None) -> list[str]:
    """A bar for every rate of the smallest prompts on every card that changes it."""
    series: dict[str, list[tuple[str, Decimal]]] = {}
    for card in sheet.cards:
        if card.status in ("cancelled", "withdrawn"):
            continue
        row = min((r for r in card.rows if r.service == STANDARD and not r.window), key=lambda r: r.prompt.low)
        for name, found in row.rates.items():
            points = series.setdefault(name, [])
            if not points or points[-1][1] != found.value:
                points.append((show_instant(card.effective), found.value))
    room = min(WIDTH, (width or 80) - 32)
    lines = []
    for name, points in series.items():
        top = max(value for _, value in points)
        lines.append(name)
        for when, value in points:
            length = round(value / top * room) if top else 0
            lines.append(f"  {when:<18} {rate(value, sheet.currency):>8} {'█' * length}")
    return lines


def caching_over_time(sheet: PriceSheet) -> list[str]:
    """The caching terms of every card that changes them, lifetimes included: `2026-07-09: automatic: ...`."""
    lines: list[str] = []
    last: list[str] = []
    for card in sheet.cards:
        if card.status in ("cancelled", "withdrawn"):
            continue
        if (terms := caching_terms(card)) != last:
            lines += [f"{show_instant(card.effective)}: {each}" for each in terms or ["no caching is sold"]]
        last = terms
    return lines
