"""The answer at a glance: each model with its bill without a cache and with its best one, or with the queries that a
budget buys of it so, and which to use; and a sentence for readers who read nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ...bills.comparison import Answer, Comparison
from ...prices.sheet import PriceSheet
from ...strategies.names import FRESH
from ...workload.workload import MAX_QUERIES
from ..figures import NOUNS, amount, by_size, intervals, many, on_the_point, percent, rough, signed, span
from ..labels import a_policy, names_of, policy, served, short_policy
from ..table import Table
from .measures import breaks_even, takers

BEST, OTHER = "→ ", "  "
"""Marks before the names of models."""
SPARE = ("breaks even", "no cache", "range")


class BlockRow(NamedTuple):
    """A model: its best answer, and its best one with a cache: the cheapest ones, or those of which a budget buys most.
    `cached` is None where none is sold or asked for, or where the model would refuse the prompt."""

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


def rows_of(comparison: Comparison) -> list[BlockRow]:
    """A row a model, best first; models that would refuse the prompt come last."""
    by_budget = comparison.budget is not None
    ranked = sorted(comparison.answers, key=_bought) if by_budget else comparison.answers
    best: dict[str, Answer] = {}
    for answer in ranked:
        best.setdefault(answer.model, answer)
    names, rows = names_of([answer.sheet for answer in best.values()]), []
    for model, answer in best.items():
        most = (each for each in ranked if each.model == model and each.strategy != FRESH)
        cached = next(most, None) if by_budget else comparison.cached_beside(answer)
        rows.append(BlockRow(names[model], answer, None if answer.refusal else cached))
    return rows


def _bought(answer: Answer) -> tuple[int, bool]:
    """For ranking by what a budget buys: without end first, refused last; at a tie the simpler strategy."""
    most = MAX_QUERIES + 1 if answer.affordable is None else answer.affordable
    return 1 if answer.refusal else -most, answer.strategy != FRESH


def winner(comparison: Comparison, rows: Sequence[BlockRow]) -> BlockRow | None:
    """The row of the cheapest model that has a price, of a free one where all are free; None where none is served."""
    best = comparison.best_paid or next(iter(comparison.served), None)
    return next((row for row in rows if best and row.best.model == best.model), None)


def table(comparison: Comparison, rows: Sequence[BlockRow]) -> Table:
    """The rows as a table; green is the cheapest bill of all, red a cache that costs more than none. With a budget how
    many queries it buys, green where these are most."""
    if comparison.budget is not None:
        return _of_budget(comparison, rows)
    best, currency = winner(comparison, rows), rows[0].best.sheet.currency
    money = by_size([value for row in rows for each in row.shown for value in (each.total, each.fresh)], currency)
    totals = on_the_point([money[row.billed.total] if row.billed else "" for row in rows])
    bests = (row.best for row in rows)
    without = [each.status if each.refusal else "free" if each.free else money[each.fresh] for each in bests]
    width, turns = max(map(len, totals)), comparison.workload.grows
    lines: list[dict[str, str]] = []
    styles: dict[tuple[int, str], str] = {}
    for place, (row, fresh, total) in enumerate(zip(rows, on_the_point(without), totals, strict=True)):
        lines.append(
            {
                "model": f"{BEST if row is best else OTHER}{row.name}",
                "no cache": fresh,
                "best cached": f"{total:>{width}}  {_how(row)}" if row.billed else _how(row),
                "range": rough(row.best.uncertain, currency) if row.billed and row.best.uncertain else "",
                "you save": signed(row.billed.savings_ratio) if row.billed else "",
                "breaks even": breaks_even(row.billed.break_even, turns=turns) if row.billed else "",
            }
        )
        styles |= {(place, heading): style for heading, style in _styles(row, is_best=row is best).items()}
    shown = Table.of(lines, ("no cache", "you save"), SPARE).without_empty("range", "you save", "breaks even")
    return shown._replace(styles=styles, ruled=False)


def _of_budget(comparison: Comparison, rows: Sequence[BlockRow]) -> Table:
    lines, buys = [], _bought(rows[0].best)[0] < 0
    for row in rows:
        fresh, cached = _fresh(comparison, row), row.cached
        without, most = fresh and fresh.affordable, cached and cached.affordable
        lines.append(
            {
                "model": f"{BEST if row is rows[0] and buys else OTHER}{row.name}",
                "no cache": _number(fresh) if fresh else "",
                "best cached": _number(cached) if cached else "",
                "": _how(row),
                "as many": f"{most / without:.1f} times" if most and without else "",
            }
        )
    shown = Table.of(lines, ("no cache", "best cached", "as many"), ("as many",)).without_empty("as many")
    cheapest = "best cached" if rows[0].best is rows[0].cached else "no cache"
    styles = {(0, heading): "bold green" for heading in ("model", cheapest) if buys}
    return shown._replace(styles=styles, ruled=False)


def _fresh(comparison: Comparison, row: BlockRow) -> Answer | None:
    """The answer without a cache, where it is among those asked for."""
    return next((each for each in comparison.answers if each.model == row.best.model and each.strategy == FRESH), None)


def _number(answer: Answer) -> str:
    """How many queries a budget buys."""
    if answer.refusal:
        return answer.status
    if answer.affordable is None:
        return "free" if answer.free else f"over {MAX_QUERIES:,}"
    return f"{answer.affordable:,}"


def _how(row: BlockRow) -> str:
    """The best cache, or why there is none: what the vendor would take in place of what it refuses, or since when it
    takes nothing."""
    best = row.best
    if best.refusal:
        since = best.refusal.why.removeprefix("was ").partition(", ")[0]
        return since if best.fits is None else f"fits up to {best.fits:,} tokens"
    if best.free:
        return "free, with limits"
    if row.cached is None:
        return "none"
    return "too short to cache" if row.cached.minimum else short_policy(row.cached.strategy)


def _styles(row: BlockRow, *, is_best: bool) -> dict[str, str]:
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


def recommendation(comparison: Comparison, rows: Sequence[BlockRow]) -> str:
    """`Use GPT-5.6 Luna with its 30-min cache: $0.22 instead of $1.53 (86% less).`, or why none can be used; with a
    budget `Use GPT-5.6 Luna with a 30-min cache: $100.00 buys 24,000 queries instead of 3,263.`"""
    if comparison.budget is not None:
        return _buys(comparison, rows[0], comparison.budget)
    row = winner(comparison, rows)
    if row is None or row.best.free:
        return sentence(comparison)
    names = [each.name for each in rows if each.best.free]
    free = f" {' and '.join(names)} {'is' if len(names) == 1 else 'are'} free, with limits that the vendor sets."
    return f"Use {row.name} {_verdict(row)}{free if names else ''}"


def _buys(comparison: Comparison, row: BlockRow, budget: Decimal) -> str:
    best, fresh = row.best, _fresh(comparison, row)
    if best.refusal:
        return f"No answer: {best.refusal.of(best.model)}."
    if best.free:
        return free([best.sheet], best.workload.start)
    money, number, nouns = amount(budget, best.sheet.currency), best.affordable, NOUNS[best.workload.grows]
    if number == 0:
        return f"{money} buys less than one {nouns[0]}."
    bought = f"more than {MAX_QUERIES:,} {nouns[1]}" if number is None else many(number, *nouns)
    instead = f" instead of {_number(fresh)}" if fresh and fresh is not best else ""
    return f"Use {row.best.sheet.name} {served(best.strategy)}: {money} buys {bought}{instead}."


def _verdict(row: BlockRow) -> str:
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


def sentence(comparison: Comparison) -> str:
    """`Caching is cheaper from 2 queries on: 10 queries cost $0.97 with a 5-min cache instead of $4.50 without.`

    It says of the best model whether caching pays there, which models are free or would refuse the request, and
    nothing that the totals, the savings or the numbers of queries beside it contradict.
    """
    none = {answer.model: answer.refusal.of(answer.model) for answer in comparison.answers if answer.refusal}
    unserved = f"No answer: {'; '.join(none.values())}." if none else ""
    if not comparison.served:
        return unserved + next(filter(None, (takers(each.refusal, each.workload) for each in comparison.answers)), "")
    best = comparison.best
    names = names_of([answer.sheet for answer in comparison.answers])
    lead = f"Cheapest is {names[best.model]}. " if len(names) > 1 else ""
    if best.free:
        paid = comparison.best_paid
        terms = free((answer.sheet for answer in comparison.served if answer.free), comparison.workload.start)
        lead = f"{terms} "
        if paid is None:
            return f"{lead}{unserved}".rstrip()
        lead, best = f"{lead}Cheapest of those with a price is {names[paid.model]}. ", paid
    return f"{lead}{_caching(comparison, best)} {unserved}".rstrip()


def free(sheets: Iterable[PriceSheet], at: datetime) -> str:
    """`Free, with limits that the vendor sets: zai/glm-4.5-flash (Free, cached or not).`: free models with their terms
    at an instant; nothing where there are none."""
    notes = {sheet.id: (sheet.card(at).note or "").rstrip(".") for sheet in sheets}
    terms = (f"{model} ({note})" if note else model for model, note in notes.items())
    return f"Free, with limits that the vendor sets: {'; '.join(terms)}." if notes else ""


def _caching(comparison: Comparison, best: Answer) -> str:
    """Whether caching pays on the model of an answer."""
    cached = comparison.cached_beside(best)
    shown, how = cached or best, served(best.strategy, best.hold)
    currency, queries = shown.sheet.currency, many(shown.queries, *NOUNS[shown.workload.grows])
    estimated = f" ({span(shown.counted[:2], currency)})" if shown.counted else ""
    bill = f"{queries} {'costs' if shown.queries == 1 else 'cost'} {amount(shown.total, currency)}{estimated}"
    if cached is None:
        unsold = all(answer.strategy == FRESH for answer in comparison.answers)
        return f"{bill} {how}{'; no cache is sold, or none was asked for' if unsold else ''}."
    if cached.minimum:
        return f"Too short to cache: {many(cached.longest, 'token')}, the minimum is {cached.minimum:,}. {bill} {how}."
    if cached.total == cached.fresh:
        return f"Caching changes nothing here: {bill} either way; {_when(cached)}."
    ratio, numbers = cached.savings_ratio, _numbers(cached)
    change = f" ({percent(abs(ratio))} {'less' if ratio > 0 else 'more'})" if ratio is not None else ""
    fresh = f"{amount(cached.fresh, currency)} without{change}"
    bill = f"{bill} {served(cached.strategy, cached.hold)} instead of {fresh}"
    if cached.total > cached.fresh:
        return f"Caching does not pay here: {bill}; {_when(cached)}."
    here = " here" if not numbers else " here, and" if _beyond(cached) else ""
    return f"Caching is cheaper{here}{numbers and f' {numbers}'}: {bill}."


def _when(answer: Answer) -> str:
    if numbers := _numbers(answer):
        return f"it is cheaper {numbers}"
    horizon = answer.break_even and answer.break_even.horizon
    return f"it is never cheaper{f' within {many(horizon, *NOUNS[answer.workload.grows])}' if horizon else ''}"


def _numbers(answer: Answer) -> str:
    """`from 4 queries on`, `for 2 to 4 queries`, nothing where caching pays for no number; how far was tried is said
    where it is not proven for every number."""
    pays = answer.break_even
    if pays is None or pays.first is None:
        return ""
    tried = f" (tried up to {pays.horizon:,})" if pays.horizon else ""
    if pays.stable_from == pays.first and not _beyond(answer):
        return f"from {many(pays.first, *NOUNS[answer.workload.grows])} on{tried}"
    return f"for {intervals(pays, ' or more', ' to ')}{tried} {NOUNS[answer.workload.grows][1]}"


def _beyond(answer: Answer) -> bool:
    """Whether more queries were asked about than were tried."""
    horizon = answer.break_even and answer.break_even.horizon
    return horizon is not None and answer.queries > horizon
