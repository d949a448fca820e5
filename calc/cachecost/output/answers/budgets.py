"""How many queries a budget buys on each model, for people."""

from fractions import Fraction

from ...bills.comparison import Answer, Comparison
from ...strategies.names import FRESH
from ...workload.workload import MAX_QUERIES
from ..figures import NOUNS, amount, many
from ..labels import names_of, served, short_policy
from ..table import Table
from .block import BEST, OTHER


def table(comparison: Comparison) -> Table:
    """A row a model, the one that gives most queries first: how many without a cache, and with its best one."""
    names = names_of([answer.sheet for answer in comparison.answers])
    rows, styles = [], {}
    for place, answer in enumerate(_best(comparison)):
        fresh = next((each for each in _of(comparison, answer.model) if each.strategy == FRESH), None)
        cached = max(
            (each for each in _of(comparison, answer.model) if each.strategy != FRESH), key=_size, default=None
        )
        gain = _gain(cached, fresh)
        rows.append(
            {
                "model": f"{OTHER if place or _size(answer) < 1 else BEST}{names[answer.model]}",
                "no cache": _number(fresh),
                "best cached": "none" if cached is None else _number(cached),
                "": "" if cached is None or cached.refusal else short_policy(cached.strategy),
                "as many": gain,
            }
        )
        if not place and _size(answer) > 0:
            cheapest = "best cached" if answer is cached else "no cache"
            styles = {(0, heading): "bold green" for heading in ("model", cheapest)}
    shown = Table.of(rows, ("no cache", "best cached", "as many"), ("as many",)).without_empty("as many")
    return shown._replace(styles=styles, ruled=False)


def sentence(comparison: Comparison) -> str:
    """`Use GPT-5.6 Luna with a 30-min cache: $100.00 buys 24,000 queries instead of 3,263.`"""
    best, budget = _best(comparison)[0], comparison.budget
    assert budget is not None
    if best.refusal:
        return f"No answer: {best.refusal.of(best.sheet.id)}."
    money = amount(budget, best.sheet.currency)
    if best.affordable == 0:
        return f"{money} buys less than one {NOUNS[best.workload.grows][0]}."
    fresh = next((each for each in _of(comparison, best.model) if each.strategy == FRESH), None)
    number = best.affordable
    bought = f"more than {MAX_QUERIES:,}" if number is None else many(number, *NOUNS[best.workload.grows])
    instead = f" instead of {_number(fresh)}" if fresh and fresh is not best else ""
    return f"Use {best.sheet.name} {served(best.strategy)}: {money} buys {bought}{instead}."


def _best(comparison: Comparison) -> list[Answer]:
    """The answer of each model that buys most queries, most first; at a tie the simpler strategy."""
    best: dict[str, Answer] = {}
    for answer in sorted(comparison.answers, key=lambda each: each.strategy != FRESH):
        if answer.model not in best or _size(answer) > _size(best[answer.model]):
            best[answer.model] = answer
    return sorted(best.values(), key=_size, reverse=True)


def _of(comparison: Comparison, model: str) -> list[Answer]:
    return [answer for answer in comparison.answers if answer.model == model]


def _size(answer: Answer) -> int:
    """For ranking: refused least, without end most."""
    return -1 if answer.refusal else MAX_QUERIES + 1 if answer.affordable is None else answer.affordable


def _number(answer: Answer | None) -> str:
    if answer is None:
        return ""
    if answer.refusal:
        return answer.status
    if answer.affordable is None:
        return "free" if answer.free else f"over {MAX_QUERIES:,}"
    return f"{answer.affordable:,}"


def _gain(cached: Answer | None, fresh: Answer | None) -> str:
    """`7.4 times`: how many more queries a cache gives."""
    if cached is None or fresh is None or not cached.affordable or not fresh.affordable:
        return ""
    return f"{float(Fraction(cached.affordable, fresh.affordable)):.1f} times"
