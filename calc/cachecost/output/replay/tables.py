"""The tables of a replay, for people and, with `exact`, as plain numbers for programs."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from ...money import total
from ...replay.account import TIMES
from ...replay.report import COUNTS, Alternative, Loss, Place, Reconciled, Report, Sum
from ..figures import amount, cents, count, percent
from ..labels import LOST_TO, policy
from ..table import Table
from .sentence import money_of

FIGURES = (
    "requests records tokens quantity input read written output cost share per-month hit-rate total against-paid "
    "logged recomputed difference differing computed stated"
).split()
RIGHT = tuple(word.replace("-", " ") for word in FIGURES)
MOST = 20
"""Rows of a table that a person is shown; JSON and CSV have them all."""


def by_table(report: Report, word: str) -> Table:
    """What was paid, a row a label, the dearest first, the rest in one row, the sum of each currency last; `per month`
    at the rate of a log that is long enough to have one."""
    rows = report.by[word]
    shown = rows if len(rows) <= MOST + 1 else rows[:MOST]
    cells = [_by_row(each, report) for each in (*shown, *_rest(rows[len(shown) :], "{:,} more"))]
    if len(cells) > 1:
        cells += [_by_row(each, report) for each in _rest(rows, "total")]
    if report.unpriced:
        cells.append(["without a price", count(report.unpriced), *[""] * 8])
    what = "records" if report.is_unnumbered else "requests"
    headings = [word, what, "input", "read", "written", "output", "hit rate", "cost", "share", "per month"]
    spare = ("share", "written", "input", "output", "read", "per month")
    table = Table(headings, cells, RIGHT, spare)
    return table.without("per month") if word in TIMES else table.without_empty("per month")


def _by_row(each: Sum, report: Report) -> list[str]:
    monthly = report.per_month(each.cost)
    return [
        each.label,
        count(each.requests),
        *(count(number) for number in (each.input, each.cache_read, each.cache_write, each.output)),
        "" if each.hit_share is None else percent(each.hit_share),
        amount(each.cost, each.currency),
        share(each.cost, report.totals[each.currency]),
        "" if monthly is None else cents(monthly, each.currency),
    ]


def _rest(rows: Sequence[Sum], label: str) -> Iterable[Sum]:
    """Rows added up by currency; `label` may say how many they are."""
    sums: dict[str, list[Sum]] = {}
    for each in rows:
        sums.setdefault(each.currency, []).append(each)
    for currency, several in sums.items():
        counts = {name: sum(getattr(each, name) for each in several) for name in COUNTS}
        yield Sum(label.format(len(several)), currency, cost=total(each.cost for each in several), **counts)


def share(part: Decimal | int, whole: Decimal | int) -> str:
    return percent(Fraction(part) / Fraction(whole)) if whole else ""


def class_table(report: Report) -> Table:
    """What the tokens of each class cost."""
    rows = [
        [
            each.name,
            count(each.quantity),
            each.unit,
            amount(each.cost, each.currency),
            share(each.cost, report.totals[each.currency]),
        ]
        for each in report.classes
    ]
    return Table(["class", "quantity", "unit", "cost", "share"], rows, RIGHT, spare=("unit",))


def loss_table(report: Report) -> Table:
    """Spending that bought nothing by cause, in money and as a share of all; the sum of each currency last."""
    rows: list[list[str]] = []
    for currency, lost in report.lost_totals.items():
        causes = [each for each in report.lost if each.currency == currency]
        cells = [(lost_to(each), each.tokens, each.amount) for each in causes]
        cells += [("in all", sum(each.tokens for each in causes), lost)] if len(causes) > 1 else []
        paid = report.totals.get(currency, Decimal(0))
        rows += [[what, count(tokens), amount(spent, currency), share(spent, paid)] for what, tokens, spent in cells]
    return Table(["lost to", "tokens", "cost", "share"], rows, RIGHT)


def lost_to(each: Loss) -> str:
    """The cause of a loss, and the reason that a vendor states: `changed prefixes (stated: tools changed)`."""
    stated = f" (stated: {each.reason.replace('_', ' ')})" if each.reason else ""
    return f"{LOST_TO[each.what]}{stated}"


def worst_table(report: Report) -> Table:
    """The sessions that lost most, and to what."""
    rows = [
        [
            each.session,
            amount(each.amount, each.currency),
            ", ".join(f"{lost_to(loss)} {cents(loss.amount, loss.currency)}" for loss in each.losses),
        ]
        for each in report.worst
    ]
    return Table(["session", "lost", "to"], rows, (*RIGHT, "lost"))


def claim_table(report: Report) -> Table:
    """What the log says that it cost, beside what it cost by the sheets."""
    rows = [
        [
            each.model,
            f"{each.differing:,} of {each.requests:,}",
            money_of(each.logged, each.currency),
            amount(each.recomputed, each.recomputed_currency),
            "" if each.difference is None else amount(each.difference, each.currency),
        ]
        for each in report.claims
    ]
    return Table(["model", "differing", "logged", "recomputed", "difference"], rows, RIGHT, spare=("differing",))


def reconciled(report: Report) -> Table:
    """What cost reports state beside what the sheets say: the largest differences, the sum of each currency last."""
    differing = sorted((each for each in report.reconciled if each.cause), key=lambda each: -abs(each.difference))
    rows = sorted(differing[:MOST], key=lambda each: each.place)
    for currency in dict.fromkeys(each.place.currency for each in report.reconciled):
        every = [each for each in report.reconciled if each.place.currency == currency]
        computed, stated = (total(filter(None, side)) for side in zip(*(each[1:3] for each in every), strict=True))
        rows.append(Reconciled(Place("total", "", "", currency), computed, stated))
    cells = [
        [
            *each.place[:3],
            *(money_of(value, each.place.currency) for value in (*each[1:3], each.difference)),
            each.cause,
        ]
        for each in rows
    ]
    headings = ["day", "model", "line", "computed", "stated", "difference", "likely cause"]
    return Table(headings, cells, RIGHT, spare=("line", "computed"))


def what_if_table(alternatives: Sequence[Alternative]) -> Table:
    """A row a policy: its total, how that is against what was paid, and its hit share; bounds are named so."""
    rows, last = [], ""
    for each in ranked(alternatives):
        ratio = each.savings_ratio
        against = "the same" if not ratio else f"{'-' if ratio > 0 else '+'}{percent(abs(ratio))}"
        row = [named(each), amount(each.total, each.currency), "" if ratio is None else against]
        hit_rate = "" if each.hit_share is None else percent(each.hit_share)
        rows.append([each.on if each.on != last else "", *row, hit_rate, count(each.requests)])
        last = each.on
    headings = ["on", "policy", "total", "against paid", "hit rate", "requests"]
    table = Table(headings, rows, RIGHT, spare=("requests", "hit rate"))
    table = table if len({each.requests for each in alternatives}) > 1 else table.without("requests")
    return table if len({each.on for each in alternatives}) > 1 else table.without("on")


def ranked(alternatives: Sequence[Alternative]) -> list[Alternative]:
    """Model by model as they came, the cheapest policy first; bounds stand below what would have happened."""
    models = list(dict.fromkeys(each.on for each in alternatives))
    return sorted(alternatives, key=lambda each: (models.index(each.on), bool(each.bound), each.total))


def named(each: Alternative) -> str:
    """The policy of a row: `5-min cache`, `best possible (lower bound)`."""
    return f"{policy(each.policy)} ({each.bound} bound)" if each.bound else policy(each.policy)
