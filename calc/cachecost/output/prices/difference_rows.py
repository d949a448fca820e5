"""The changes and bills of a difference of price sheets as rows, in words or with every digit."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from ... import money
from ...review.diff import Change, Difference
from ...review.effects import FAR, Effect, far
from ...review.workloads import REFERENCES
from ...units import show_instant
from ..figures import amount, percent, plain, rate
from ..table import Table
from .sheets import row_name, term


def cells_of(each: Change | Effect, *, exact: bool = False) -> dict[str, str]:
    """A change or a bill in words; with `exact` for machines, every digit."""
    factor = each.factor
    change = plain(None if factor is None else factor - 1) or "" if exact else moved(factor)
    if isinstance(each, Change):
        sides = [digits(each.old) or "", digits(each.new) or ""] if exact else [value_of(each, 0), value_of(each, 1)]
        at, row, what = each.effective, row_name(each.row) if each.row else "", each.name
        marks = ["CORRECTION"] * each.correction
    else:
        sides = [bill_of(each, side, exact=exact) for side in (0, 1)]
        at, row, what = each.at if exact else each.at.replace(second=0, microsecond=0), "", workload_name(each)
        marks = ["FLIPS"] * each.flips
    cells = {"model": each.model, "at": show_instant(at) if at else "", "row": row, "what": what, "moved": change}
    return cells | {"old": sides[0], "new": sides[1], "mark": " ".join([*marks, *[f"OVER {FAR}x"] * each.far])}


def table_of(columns: Mapping[str, str], rows: Iterable[Mapping[str, str]], figures: Sequence[str] = ()) -> Table:
    return Table(list(columns), [[row.get(key, "") for key in columns.values()] for row in rows], figures)


def workload_name(effect: Effect) -> str:
    where = {"as": effect.strategy, "service": effect.service, "region": effect.region}
    return ", ".join([effect.reference.name, *(f"{word} {name}" for word, name in where.items() if name)])


def bill_of(effect: Effect, side: int, *, exact: bool = False) -> str:
    """The bill before (`side` 0) or after (1)."""
    bill = effect.after if side else effect.before
    if bill is None:
        return "" if exact else "not served"
    return f"{plain(bill[1]) if exact else amount(bill[1], effect.currencies[side])} {bill[0]}"


def value_of(change: Change, side: int) -> str:
    """The rate or term before (`side` 0) or after (1)."""
    value = change.new if side else change.old
    if change.is_rate:
        return rate(value, change.currencies[side]) if isinstance(value, Decimal) else "not sold"
    return "none" if value is None else " ".join(term(value).split())


def moved(factor: Fraction | None) -> str:
    """`+20%`, `x10` or `÷1,000` where it is far."""
    if factor is None or factor == 1:
        return "" if factor is None else "the same"
    if far(factor) and factor:
        times = max(factor, 1 / factor)
        return f"{'x' if factor > 1 else '÷'}{money.rounded(times, 0 if times >= FAR * 2 else 1):,f}"
    return f"{'-' if factor < 1 else '+'}{percent(factor - 1)}"


def digits(value: object | None) -> str | None:
    return None if value is None else plain(value) if isinstance(value, Decimal | int) else term(value)


def unchanged(difference: Difference) -> list[str]:
    changed = {effect.reference.name for effect in difference.effects}
    return [reference.name for reference in REFERENCES if reference.name not in changed]
