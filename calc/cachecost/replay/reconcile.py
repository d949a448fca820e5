"""What a log cost by the sheets beside what a cost report or an invoice states: by day, model and class of tokens, with
the likely cause of each difference.

A charge belongs to the model of the log whose name stands in its own words, and to the class of tokens that they name;
one that names a tool and no model is held against the fees of all models for it.
Where some charges of a day and model name no class, the day and model are compared as a whole; where some charges last
longer than a day, all days are.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from .. import money
from .account import UNPRICED, Account
from .breakdown import UNKNOWN, class_of, time_of
from .report import Place, Reconciled
from .tally import price

WHOLE = "all"
"""The day or class of what is compared as a whole."""
OTHER = "no model"
"""The model of charges in whose words none of the log's is named."""
CENT = Decimal("0.01")
CLASSES = {
    "cache_write": r"cache.*(writ|creat)|(writ|creat).*cache",
    "cache_read": r"cach",
    "output": r"output|outp\b|completion|generation|response",
    "input": r"input|\binp\b|prompt",
}
"""Class of tokens -> the words of a charge for it; the first that fits."""
UNCACHED = re.compile(r"no[ _-]cache|uncached|non[ _-]cached")
VARIANTS = "mini|nano|lite|flash|pro|max|turbo|codex|image|audio|realtime|[0-9]"
"""What makes another model of a name that it follows."""
TOOLS = re.compile(r"search|code|tool|session|container|grounding|storage|file", re.IGNORECASE)


def reconcile(account: Account, unpriced: Iterable[str]) -> tuple[Reconciled, ...]:
    """Every place that either side knows, in the order of days and models; `unpriced`: models of the log without a
    price."""
    stated, items = _stated(account)
    by_day = all(place.day != WHOLE for place in stated)
    computed = _computed(account, by_day=by_day)
    stated = money.summed(((place if by_day else place._replace(day=WHOLE)), cost) for place, cost in stated.items())
    computed = _with_tools_apart(computed, stated)
    unclear = {place[:2] for place in stated if place.line == WHOLE}
    sums = [
        money.summed((p._replace(line=WHOLE) if p[:2] in unclear else p, cost) for p, cost in side.items())
        for side in (computed, stated)
    ]
    rows = [Reconciled(place, sums[0].get(place), sums[1].get(place)) for place in sorted(sums[0] | sums[1])]
    factor = _factor(rows)
    return tuple(
        row._replace(cause=_cause(row, rows, factor, items.get(row.place.model, set()), unpriced)) for row in rows
    )


def beyond(rows: Iterable[Reconciled], tolerance: Fraction) -> list[str]:
    """The models whose stated and computed sums differ by more than a share of the larger, with their currency."""
    models: dict[str, list[Reconciled]] = {}
    for row in rows:
        models.setdefault(f"{row.place.model} ({row.place.currency})", []).append(row)
    return [
        model
        for model, those in models.items()
        if abs(money.total(row.difference for row in those))
        > tolerance * Fraction(max(_total(row.computed for row in those), _total(row.stated for row in those)))
    ]


def _total(amounts: Iterable[Decimal | None]) -> Decimal:
    return money.total(each for each in amounts if each)


def _computed(account: Account, *, by_day: bool) -> dict[Place, Decimal]:
    return money.summed(
        (Place(day, key.sheet, class_of(item.name), account.sheets[key.sheet].sheet.currency), item.amount)
        for part, tally in account.parts.items()
        for day in (time_of(part, "day", account) if by_day else WHOLE,)
        for key, item in price(tally, account.sheets).items
    )


def _stated(account: Account) -> tuple[dict[Place, Decimal], dict[str, set[str]]]:
    """The charges by place, and the words of those of each model."""
    names = [
        (_bare(name), sheet)
        for sheet, each in account.sheets.items()
        for name in (each.sheet.name, each.sheet.id, *each.sheet.names)
    ]
    names.sort(key=lambda named: -len(named[0]))  # the longest first: `gpt 5 mini` before `gpt 5`
    amounts: list[tuple[Place, Decimal]] = []
    items: dict[str, set[str]] = {}
    for (day, model, item, currency), cost in account.charges.items():
        on = _model(model, item, names, account) or model or f"{OTHER}: {item}"
        items.setdefault(on, set()).add(item)
        amounts.append((Place(day, on, _class(item), currency), cost))
    return money.summed(amounts), items


def _with_tools_apart(computed: Mapping[Place, Decimal], stated: Iterable[Place]) -> dict[Place, Decimal]:
    """What was computed, with the fees of a tool where a charge of no model names it: `no model: Web Search Usage`."""
    bills = {place.model for place in stated if place.model.startswith(OTHER) and place.line == WHOLE}
    fees = {place.line for place in computed} - CLASSES.keys()
    tools = {fee: bill for fee in fees for bill in bills if _bare(fee) in _bare(bill)}
    return money.summed(
        (place._replace(model=tools[place.line], line=WHOLE) if place.line in tools else place, cost)
        for place, cost in computed.items()
    )


def _model(model: str, item: str, names: Iterable[tuple[str, str]], account: Account) -> str | None:
    """The sheet that a charge is for: one of the log by its very name, any by its name, one of the log whose name is
    among the words and no longer there (`gpt 5` is not `gpt 5 mini`)."""
    said = [each for each in (model, item.partition(",")[0]) if each]
    for each in said:
        if exact := next((sheet for name, sheet in names if name == _bare(each)), None):
            return exact
    for each in said:
        try:
            return account.epochs(each).name
        except UNPRICED:
            continue
    words = _bare(f"{model} {item}")
    return next((sheet for name, sheet in names if re.search(f"{name}(?!{VARIANTS})", words)), None)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _class(item: str) -> str:
    words = UNCACHED.sub("", item.lower())
    return next((name for name, pattern in CLASSES.items() if re.search(pattern, words)), WHOLE)


def _factor(rows: Iterable[Reconciled]) -> Fraction | None:
    """The factor by which all models that both sides know differ, to a cent of each; None where there is no such
    factor. Fees of tools may have another."""
    both = [
        (row.computed, row.stated)
        for row in rows
        if row.computed and row.stated and not row.place.model.startswith(OTHER)
    ]
    if len(both) < 2:
        return None
    factor = Fraction(_total(stated for _, stated in both)) / Fraction(_total(computed for computed, _ in both))
    factor = Fraction(round(factor * 1000), 1000)
    fits = all(_differ_by(factor, computed, stated) for computed, stated in both)
    return factor if fits and factor != 1 else None


def _differ_by(factor: Fraction, computed: Decimal, stated: Decimal) -> bool:
    return abs(Fraction(stated) - Fraction(computed) * factor) <= CENT


def _cause(
    row: Reconciled,
    rows: Iterable[Reconciled],
    factor: Fraction | None,
    items: set[str],
    unpriced: Iterable[str],
) -> str:
    """Why the two sides may differ; empty where they agree to the last digit."""
    if not row.difference:
        return ""
    if row.computed is None:
        bare = _bare(row.place.model)
        if any(_bare(model) and _bare(model) in bare for model in unpriced):
            return "the model has no price here"
        if any(map(TOOLS.search, items)):
            return "a fee for a tool or storage, which tokens do not show"
        return "another service, or usage that the log does not hold"
    if row.stated is None:
        return "not in the cost report: later, free, or another account"
    if abs(row.difference) <= CENT:
        return "rounding to a cent"
    if factor is not None and _differ_by(factor, row.computed, row.stated):
        change = Fraction(factor - 1)
        return f"a constant factor of {float(factor):g}: a {'discount' if change < 0 else 'surcharge'} on list prices"
    same = [each for each in rows if each.place[1:] == row.place[1:]]
    if len(same) > 1 and abs(money.total(each.difference for each in same)) <= CENT * len(same):
        return "the days of the two begin at different hours"
    return UNKNOWN
