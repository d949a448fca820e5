"""The answer at a glance: each model with its bill without a cache and with its best one, and which to use."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ...bills.comparison import Answer, Comparison
from ..figures import by_size, many, on_the_point, percent, rough, signed
from ..labels import a_policy, names_of, policy, short_policy
from ..table import Table
from .measures import breaks_even
from .sentence import sentence

BEST, OTHER = "→ ", "  "
"""Marks before the names of models."""
SPARE = ("breaks even", "no cache", "range")


class Row(NamedTuple):
    """A model: its cheapest answer, and its cheapest one with a cache. That is None where none is sold or asked for, or
    where the model would refuse the prompt."""

    name: str
    best: Answer
    cached: Answer | None

    @property
    def billed(self) -> Answer | None:
        """The answer with a cache, where it has a bill: the prompt is long enough and the model is not free."""
        return None if self.cached is None or self.cached.minimum or self.best.free else self.cached

    @property
    def shown(self) -> list[Answer]:
        """The answers whose bills the row shows."""
        return [self.best, *([self.cached] if self.cached and self.cached is not self.best else [])]


def rows_of(comparison: Comparison) -> list[Row]:
    """A row a model, cheapest first; models that would refuse the prompt come last."""
    first = {answer.model: answer for answer in reversed(comparison.answers)}
    ranked = sorted(first.values(), key=comparison.answers.index)
    names = names_of([answer.sheet for answer in ranked])
    return [Row(names[each.model], each, None if each.refusal else comparison.cached_beside(each)) for each in ranked]


def winner(comparison: Comparison, rows: Sequence[Row]) -> Row | None:
    """The row of the cheapest model that has a price, of a free one where all are free; None where none is served."""
    best = comparison.best_paid or next(iter(comparison.served), None)
    return next((row for row in rows if best and row.best.model == best.model), None)


def table(comparison: Comparison, rows: Sequence[Row]) -> Table:
    """The rows as a table; green is the cheapest bill of all, red a cache that costs more than none."""
    best, currency = winner(comparison, rows), rows[0].best.sheet.currency
    money = by_size([value for row in rows for each in row.shown for value in (each.total, each.fresh)], currency)
    totals = on_the_point([money[row.billed.total] if row.billed else "" for row in rows])
    fresh = on_the_point([_without(row.best, money[row.best.fresh]) for row in rows])
    width, turns = max(map(len, totals)), comparison.workload.grows
    lines: list[dict[str, str]] = []
    styles: dict[tuple[int, str], str] = {}
    for place, (row, without, total) in enumerate(zip(rows, fresh, totals, strict=True)):
        lines.append(
            {
                "model": f"{BEST if row is best else OTHER}{row.name}",
                "no cache": without,
                "best cached": f"{total:>{width}}  {_how(row)}" if row.billed else _how(row),
                "range": rough(row.best.uncertain, currency) if row.billed and row.best.uncertain else "",
                "you save": signed(row.billed.savings_ratio) if row.billed else "",
                "breaks even": breaks_even(row.billed.break_even, turns=turns) if row.billed else "",
            }
        )
        styles |= {(place, heading): style for heading, style in _styles(row, is_best=row is best).items()}
    shown = Table.of(lines, ("no cache", "you save"), SPARE).without_empty("range", "you save", "breaks even")
    return shown._replace(styles=styles, ruled=False)


def _without(answer: Answer, bill: str) -> str:
    """The bill without a cache, or that there is none."""
    return answer.status if answer.refusal else "free" if answer.free else bill


def _how(row: Row) -> str:
    """The best cache, or why there is none."""
    if row.best.refusal:
        return _would_fit(row.best)
    if row.best.free:
        return "free, with limits"
    if row.cached is None:
        return "none"
    return "too short to cache" if row.cached.minimum else short_policy(row.cached.strategy)


def _would_fit(answer: Answer) -> str:
    """What the vendor would take in place of what it refuses, or since when it takes nothing."""
    assert answer.refusal is not None
    if answer.fits is not None:
        return f"fits up to {answer.fits:,} tokens"
    return answer.refusal.why.removeprefix("was ").partition(", ")[0]


def _styles(row: Row, *, is_best: bool) -> dict[str, str]:
    """How the cells of a row are drawn, by their headings."""
    if row.best.refusal:
        return {"model": "strike", "no cache": "red"}
    ratio = row.billed.savings_ratio if row.billed else None
    styles = {"you save": "green" if ratio > 0 else "red"} if ratio else {}
    if ratio and ratio < 0:
        styles["best cached"] = "red"
    if is_best:
        cheapest = "best cached" if row.best is row.cached else "no cache"
        styles |= {"model": "bold green", cheapest: "bold green"}
    return styles


def recommendation(comparison: Comparison, rows: Sequence[Row]) -> str:
    """`Use GPT-5.6 Luna with its 30-min cache: $0.22 instead of $1.53 (86% less).`, or why none can be used."""
    row = winner(comparison, rows)
    if row is None or row.best.free:
        return sentence(comparison)
    names = [each.name for each in rows if each.best.free]
    free = f" {' and '.join(names)} {'is' if len(names) == 1 else 'are'} free, with limits that the vendor sets."
    return f"Use {row.name} {_verdict(row)}{free if names else ''}"


def _verdict(row: Row) -> str:
    best, cached, currency = row.best, row.cached, row.best.sheet.currency
    money = by_size([best.total, best.fresh, *([cached.total] if cached else [])], currency)
    ends = rough(best.uncertain, currency) if best.uncertain else ""
    bill = money[best.total] + (f" ({ends})" if ends not in ("", money[best.total]) else "")
    if best is cached:
        less = best.savings_ratio
        saved = f" ({percent(less)} less)" if less else ""
        return f"with its {policy(best.strategy)}: {bill} instead of {money[best.fresh]}{saved}."
    if cached is None:
        return f"without a cache: {bill}."
    if cached.minimum:
        short = f"the prompt is too short to cache: {many(cached.longest, 'token')}, the minimum is {cached.minimum:,}"
        return f"without a cache: {bill}; {short}."
    if cached.total == best.total:
        return f"without a cache: {bill}; {a_policy(cached.strategy)} costs the same."
    more = -Fraction(cached.savings) / Fraction(cached.fresh)
    return f"without a cache: {bill}; {a_policy(cached.strategy)} costs {money[cached.total]} ({percent(more)} more)."
