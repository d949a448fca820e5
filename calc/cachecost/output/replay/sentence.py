"""The one sentence with which the report of a log begins, for readers who read nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from ...money import add
from ...replay.report import Alternative, Outlook, Report, counted, outlook
from ..figures import SIGNS, amount, count, percent, plain
from ..labels import served_in_log

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sentence(report: Report) -> str:
    """`In 7 days 12,031 requests cost $496.21; written with a TTL of 5m they would have cost $312.10 (37% less), and
    no policy without pings less than $280.`

    It ends with what has no price: `1 request cost $0.026. 3 of 4 requests could not be priced.`"""
    stopped = "Stopped early. " if report.stopped else ""
    without = f" {missing(report)}." if not report.is_complete else ""
    if not report.totals:
        elsewhere = _elsewhere(report)
        return stopped + (elsewhere + without if elsewhere else _nothing(report))
    asked = requests(report.requests) if report.requests else "caches that no request of the log used"
    bill = f"{_when(report)}{asked} cost {bills(report)}"
    found = outlook(report.alternatives)
    said = f"{bill}{_otherwise(found[0], report)}." if found else f"{bill}."
    if report.sharing:
        where = f"; left out: {', '.join(report.sharing)}" if found else ""
        said += f" This log shares a prefix between sessions, so the what-if does not apply{where}."
    return f"{stopped}{said[0].upper()}{said[1:]}{without}"


def missing(report: Report) -> str:
    """What of a log has no price: `3 of 4 requests could not be priced`, and what of it could not be read."""
    told = []
    if report.unpriced:
        told.append(f"{report.unpriced:,} of {requests(report.requests + report.unpriced)} could not be priced")
    unread = [counted(report.unread_lines, "line")] if report.unread_lines else []
    unread += [counted(report.unread_files, "file")] if report.unread_files else []
    if unread:
        told.append(f"{' and '.join(unread)} could not be read")
    return " and ".join(told)


def requests(number: int) -> str:
    return f"{number:,} {'request' if number == 1 else 'requests'}"


def bills(report: Report) -> str:
    """Every currency's total, the largest number of requests first."""
    ranked = sorted(report.whole, key=lambda each: -each.requests)
    return " and ".join(amount(each.cost, each.currency) for each in ranked)


def change(paid: Decimal, total: Decimal) -> str:
    """`37% less`, `12% more`, `the same`."""
    if total == paid or not paid:
        return "the same" if total == paid else "more"
    ratio = Fraction(total) / Fraction(paid) - 1
    return f"{percent(abs(ratio))} {'more' if ratio > 0 else 'less'}"


def length(span: timedelta) -> str:
    """A span in the one unit that says most: `7 days`, `1.8 hours`, `40 minutes`."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (timedelta(minutes=1), "minute")):
        if span >= unit:
            many = Fraction(span // timedelta(microseconds=1), unit // timedelta(microseconds=1))
            shown = count(Fraction(round(many * 10), 10) if many < 10 else Fraction(round(many)))
            return f"{shown} {name}{'' if shown == '1' else 's'}"
    return "under a minute"


def _when(report: Report) -> str:
    if report.span is None:
        return ""
    told = length(report.span)
    return f"In {told} " if told[0].isdigit() else "Within a minute "


def _nothing(report: Report) -> str:
    """Where no tokens were priced: money that was stated, or the place of the reasons."""
    if report.billed:
        sums: dict[str, Decimal] = {}
        for each in report.billed:
            sums[each.currency] = add(sums.get(each.currency, Decimal(0)), each.amount)
        stated = " and ".join(money_of(total, currency) for currency, total in sums.items())
        return f"Cost reports state {stated}; they hold no tokens to price."
    lacking = f": {missing(report)}" if not report.is_complete else ""
    return f"Nothing could be priced{lacking}. The reasons are below."


def money_of(value: Decimal, currency: str) -> str:
    """Money of any currency, `$1.02` or `1.02 GBP`."""
    return amount(value, currency) if currency in SIGNS else f"{plain(value)} {currency}"


def _otherwise(outlook: Outlook, report: Report) -> str:
    """What could have been, against what was paid."""
    policies = set(outlook.policies.values())
    how = served_in_log(next(iter(policies))) if len(policies) == 1 else "under the cheapest policy of each model"
    total = amount(outlook.total, outlook.currency)
    tried = any(each.policy != "fresh" and not each.bound for each in report.alternatives if each.same)
    if tried and outlook.total >= outlook.paid:
        part = (
            f" for the {amount(outlook.paid, outlook.currency)} of it that can be compared"
            if _is_part(outlook, report)
            else ""
        )
        other = "" if outlook.total == outlook.paid else f": the best, {how}, would have cost {total}"
        text = f"; no policy compared here is cheaper{part}{other}"
    else:
        text = f"; {_compared(outlook, report, how)} {total} ({change(outlook.paid, outlook.total)})"
    if outlook.least is None or outlook.least >= min(outlook.total, outlook.paid):
        return text
    return f"{text}, and no policy without pings less than {amount(outlook.least, outlook.currency)}"


def _compared(outlook: Outlook, report: Report, how: str) -> str:
    """`sent fresh they would have cost`, or how much of the bill is compared where that is not all."""
    if _is_part(outlook, report):
        return f"{how}, {amount(outlook.paid, outlook.currency)} of it would have been"
    return f"{how} {'it' if report.requests == 1 else 'they'} would have cost"


def _is_part(outlook: Outlook, report: Report) -> bool:
    return outlook.paid != report.totals[outlook.currency]


def _elsewhere(report: Report) -> str:
    """Where the log's own models are not priced: what the requests would have cost on another."""
    rivals = [each for each in report.alternatives if not each.same and not each.bound]
    if not rivals:
        return ""
    best = min(rivals, key=lambda each: each.total)
    fresh = next((each for each in rivals if each.on == best.on and each.policy == "fresh"), None)
    text = f"{_when(report)}{requests(best.requests)} would have cost {amount(best.total, best.currency)} "
    text += f"on {best.on} {served_in_log(best.policy)}"
    if fresh and fresh is not best:
        text += f", instead of {amount(fresh.total, fresh.currency)} fresh ({change(fresh.total, best.total)})"
    floor = _floor(report.alternatives, best)
    return f"{text}{floor}."


def _floor(alternatives: tuple[Alternative, ...], best: Alternative) -> str:
    bounds = [each.total for each in alternatives if each.on == best.on and each.bound == "lower"]
    if not bounds or max(bounds) >= best.total:
        return ""
    return f", and without pings never less than {amount(max(bounds), best.currency)}"
