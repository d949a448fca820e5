"""The sentences with which the report of a log begins, for readers who read nothing else."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from ...money import summed
from ...replay.report import ANY, Outlook, Report, outlook
from ...strategies.names import FRESH
from ..figures import SIGNS, amount, cents, count, headline, many, part as part_of, percent, plain
from ..labels import LOST_TO, a_policy, how_to_set, policy

WORTH_TELLING = Fraction(1, 20)
"""The share of the bill from which on a loss is in the headline."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sentence(report: Report) -> str:
    """`Caching saved you $360 (68%) in 17 days: 2,000 requests cost $171.87. A 1-hour cache would save $49 more (29%),
    about $87 a month. Half the bill ($86) went on caches that expired.`

    It ends with what has no price: `1 request cost $0.026. 3 of 4 requests could not be priced.`"""
    parts = ["Stopped early"] if report.stopped else []
    if report.totals:
        parts += _paid(report)
    else:
        parts += _elsewhere(report) or [_nothing(report)]
    if report.sharing:
        parts.append(
            f"Some reads were written by other sessions or before the log, so other caches cost at most what is shown: "
            f"{', '.join(report.sharing)}"
        )
    if not report.is_complete and (report.totals or report.alternatives):
        parts.append(missing(report))
    return " ".join(f"{part}." for part in parts)


def _paid(report: Report) -> Iterator[str]:
    """What was paid, what caching saved, what more it could save, and what most of the rest was lost to."""
    subject = priced(report) if report.requests else "caches that no request of the log used"
    bill = f"{subject} cost {bills(report)}"
    outlooks = outlook(report.alternatives)
    changed = [each for each in outlooks if each.saved]
    saved, cost = (" and ".join(_change(each) for each in changed if (each.saved or 0) * sign > 0) for sign in (1, -1))
    if changed:
        did = " and ".join([f"saved you {saved}"] * bool(saved) + [f"cost {cost} more than no cache"] * bool(cost))
        parts = [cents(each.paid, each.currency) for each in changed if each.paid != report.totals[each.currency]]
        part = f", {' and '.join(parts)} of it compared with no cache" if parts else ""
        yield f"Caching {did}{_when(report)}: {bill}{part}"
    else:
        known = outlooks and outlooks[0].saved == 0 and not any(each.policy == ANY for each in report.alternatives)
        cached = any(each.cache_read or each.cache_write for each in report.whole)
        without = ", with nothing cached" if known and not cached else ""
        yield _capital(f"{bill}{_when(report)}{without}")
    yield from _otherwise(outlooks, report)
    losses = [each for each in report.lost if report.totals.get(each.currency)]
    shares = [Fraction(each.amount) / Fraction(report.totals[each.currency]) for each in losses]
    share, lost = max(zip(shares, losses, strict=True), key=lambda each: each[0], default=(Fraction(0), None))
    if lost and share >= WORTH_TELLING:
        text = f"{part_of(share)} the bill ({headline(lost.amount, lost.currency)}) went on {LOST_TO[lost.what]}"
        yield _capital(text)


def _change(best: Outlook) -> str:
    """What caching saved or cost: `$360 (68%)`."""
    saved = abs(best.saved or Decimal(0))
    return f"{headline(saved, best.currency)}{_share(saved, best.fresh)}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _share(part: Decimal, whole: Decimal | None) -> str:
    return f" ({percent(Fraction(part) / Fraction(whole))})" if whole else ""


def missing(report: Report) -> str:
    """What of a log has no price: `3 of 4 requests could not be priced`, and what of it could not be read."""
    parts = []
    if report.unpriced:
        parts.append(f"{report.unpriced:,} of {many(report.requests + report.unpriced, 'request')} could not be priced")
    lines, files = report.ledger.total.malformed, report.ledger.unread_files
    unread = [many(number, noun) for number, noun in ((lines, "line"), (files, "file")) if number]
    if unread:
        parts.append(f"{' and '.join(unread)} could not be read")
    return " and ".join(parts)


def priced(report: Report) -> str:
    """`2,000 requests`, or `31 usage records` where each is a sum of requests and does not say of how many."""
    return many(report.requests, "usage record") if report.is_unnumbered else many(report.requests, "request")


def bills(report: Report) -> str:
    """Every currency's total, the largest number of requests first."""
    ranked = sorted(report.whole, key=lambda each: -each.requests)
    return " and ".join(cents(each.cost, each.currency) for each in ranked)


def length(span: timedelta) -> str:
    """A span in the one unit that says most: `7 days`, `1.8 hours`, `40 minutes`."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (timedelta(minutes=1), "minute")):
        if span >= unit:
            many = Fraction(span // timedelta(microseconds=1), unit // timedelta(microseconds=1))
            shown = count(Fraction(round(many * 10), 10) if many < 10 else Fraction(round(many)))
            return f"{shown} {name}{'' if shown == '1' else 's'}"
    return "a minute"


def _when(report: Report) -> str:
    return f" in {length(report.span)}" if report.span else ""


def _nothing(report: Report) -> str:
    """Where no tokens were priced: money that was stated, or the place of the reasons."""
    if report.billed:
        sums = summed((each.currency, each.amount) for each in report.billed)
        stated = " and ".join(money_of(total, currency) for currency, total in sums.items())
        return f"Cost reports state {stated}; they hold no tokens to price"
    if report.ledger.priced and report.is_complete:
        return _capital(f"{many(report.ledger.priced, 'request')} used no tokens")
    lacking = f": {missing(report)}" if not report.is_complete else ""
    return f"Nothing could be priced{lacking}. The reasons are below"


def money_of(value: Decimal | None, currency: str) -> str:
    """Money of any currency, `$1.02` or `1.02 GBP`; nothing where it is not known."""
    if value is None:
        return ""
    return amount(value, currency) if currency in SIGNS else f"{plain(value)} {currency}"


def _otherwise(outlooks: Sequence[Outlook], report: Report) -> Iterator[str]:
    """What the cheapest policies would have saved in each currency, and a month at that rate."""
    worth = [each for each in outlooks if each.policies]
    for best in worth:
        several = len(set(best.policies.values())) > 1
        how = "The cheapest cache of each model" if several else _capital(a_policy(next(iter(best.policies.values()))))
        more = " more" if best.saved and best.saved > 0 else ""
        monthly = report.per_month(best.saves)
        rate = f", about {headline(monthly, best.currency)} a month" if monthly else ""
        saves = headline(best.saves, best.currency)
        least = "at least " if best.at_least else ""
        yield f"{how} would save {least}{saves}{more}{_share(best.saves, best.paid)}{rate}"
    rivals = [each for each in report.alternatives if each.same_model and each.policy != FRESH and not each.bound]
    if outlooks and rivals and not worth:
        yield "No other caching compared here is cheaper"


def figures(report: Report) -> Iterator[tuple[str, str, str]]:
    """The sums of a report, each with its name and what it is made of: paid, saved, still to save, lost."""
    monthly = [each for total in report.totals.items() if (each := report.per_month(total[1]))]
    rate = f"about {headline(monthly[0], next(iter(report.totals)))} a month" if len(monthly) == 1 else ""
    if report.totals:
        yield "Paid", bills(report), rate or priced(report)
    for best in outlook(report.alternatives):
        if best.saved:
            name = "Saved by caching" if best.saved > 0 else "Caching cost more by"
            yield name, cents(abs(best.saved), best.currency), _share(abs(best.saved), best.fresh).strip(" ()")
        if best.policies:
            share = _share(best.saves, best.paid).strip(" ()")
            several = len(set(best.policies.values())) > 1
            how = "cheapest caches" if several else policy(next(iter(best.policies.values())))
            yield "Could still save", cents(best.saves, best.currency), f"{share}, {how}"
    for currency, lost in report.lost_totals.items():
        yield "Spent for nothing", cents(lost, currency), _share(lost, report.totals.get(currency)).strip(" ()")


def advice(report: Report) -> list[str]:
    """What to set for the policies that would have saved something, with the models that it is for."""
    models: dict[str, list[str]] = {}
    for best in outlook(report.alternatives):
        for on, name in best.policies.items():
            if setting := how_to_set(on, name):
                models.setdefault(setting, []).append(on)
    return [f"To save that, {setting}: {', '.join(those)}." for setting, those in models.items()]


def _elsewhere(report: Report) -> list[str]:
    """Where the log's own models are not priced: what the requests would have cost on another."""
    rivals = [each for each in report.alternatives if not each.same_model and not each.bound]
    if not rivals:
        return []
    best = min(rivals, key=lambda each: each.total)
    fresh = next((each for each in rivals if each.on == best.on and each.policy == FRESH), None)
    text = f"{many(best.requests, 'request')}{_when(report)} would have cost {cents(best.total, best.currency)} "
    text += f"on {best.on} with {a_policy(best.policy)}"
    if fresh and fresh is not best:
        less = _share(fresh.total - best.total, fresh.total)
        text += f", {headline(fresh.total - best.total, best.currency)}{less} less than with no cache"
    return [text]
