"""The sums of an account as the report of a log: by model, time, label and class of tokens, less what is free."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from .. import money
from ..prices.warnings import dated, doubted
from ..units import HOUR
from .account import FEE, TIMES, Account, Slice
from .epochs import DAY, Epochs, RateKey, instant
from .ledger import Ledger
from .report import COUNTS, Billed, Claim, Class, Rates, Reconciled, Report, Sum, WhatIf
from .tally import Priced, Tally, price

UNKNOWN = "unknown"
"""The label of what the log does not name."""
WRITTEN = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
"""Label of a time -> how it is written; weeks as in ISO 8601."""


def report(
    account: Account,
    answer: WhatIf = WhatIf(),  # noqa: B008
    *,
    ledger: Ledger,
    outside: int = 0,
    today: date | None = None,
    reconciled: Sequence[Reconciled] = (),
    stopped: bool = False,
) -> Report:
    """The report of an account whose log has been read; `today` says how old the sheets are (None: nothing is said of
    their age)."""
    whole = account.whole()
    priced = price(whole, account.sheets)
    sums = tuple(_sums((("all", *sums) for sums in whole.sums.items()), account.sheets))
    first, last = account.span or (None, None)
    rates = (*_cautioned(account, whole, today), *answer.rates)
    return Report(
        ledger=ledger,
        words=account.by,
        first=None if first is None else instant(first),
        last=None if last is None else instant(last),
        requests=sum(each.requests for each in sums),
        totals=by_currency(priced, account.sheets),
        whole=sums,
        classes=_classes(priced, account.sheets),
        by={word: _by(word, account) for word in dict.fromkeys(("model", "day", *account.by)) if word != "class"},
        claims=tuple(_claims(account)),
        billed=_billed(account),
        reconciled=reconciled,
        stopped=stopped,
        outside=outside,
        sums=account.sums,
        **vars(answer) | {"rates": tuple(dict.fromkeys(rates))},
    )


def by_currency(priced: Priced, sheets: Mapping[str, Epochs]) -> dict[str, Decimal]:
    """The total in each currency."""
    return money.summed((sheets[key.sheet].sheet.currency, item.amount) for key, item in priced.items)


def _by(word: str, account: Account) -> tuple[Sum, ...]:
    """A breakdown, dearest first; times in their order."""
    labelled = (
        (key.sheet if word == "model" else label, key, counts)
        for part, tally in account.parts.items()
        for label in (time_of(part, word, account) if word in TIMES else str(account.label(part, word) or UNKNOWN),)
        for key, counts in tally.sums.items()
    )
    sums = list(_sums(labelled, account.sheets))
    if word in TIMES:
        return tuple(sorted(sums, key=lambda each: (each.label, each.currency)))
    return tuple(sorted(sums, key=lambda each: (each.currency, -each.cost, each.label)))


def time_of(part: Slice, word: str, account: Account) -> str:
    """When a part was: `2026-11-01 09:00`, `2026-11-01`, `2026-W44`, `2026-11` in UTC, or that the log has no time."""
    if part.day is None:
        return UNKNOWN
    hour = account.label(part, "hour")
    at = instant(hour * HOUR if word == "hour" and isinstance(hour, int) else part.day * DAY)
    return at.strftime(WRITTEN[word])


def _sums(labelled: Iterable[tuple[str, RateKey, Mapping[str, int]]], sheets: Mapping[str, Epochs]) -> Iterator[Sum]:
    """A row for each label and currency."""
    shares: dict[tuple[str, str], Tally] = {}
    for label, key, sums in labelled:
        shares.setdefault((label, sheets[key.sheet].sheet.currency), Tally()).add(key, sums)
    for (label, currency), share in shares.items():
        counts = Counter[str]()
        for _, line, count in share:
            counts[class_of(line)] += count
        yield Sum(label, currency, cost=price(share, sheets).total, **{name: counts[name] for name in COUNTS})


def class_of(line: str) -> str:
    """The class that a line's tokens belong to, whatever their modality or TTL; what is put into a stored cache was
    written."""
    name = line.partition(":")[0].rpartition(".")[2]
    return "cache_write" if name == "creation" else name


def _classes(priced: Priced, sheets: Mapping[str, Epochs]) -> tuple[Class, ...]:
    classes: dict[tuple[str, str], Class] = {}
    for key, item in priced.items:
        currency = sheets[key.sheet].sheet.currency
        old = classes.get((item.name, currency), Class(item.name, currency, 0, item.unit, Decimal(0)))
        added = old._replace(quantity=money.plus(old.quantity, item.quantity), cost=money.add(old.cost, item.amount))
        classes[item.name, currency] = added
    return tuple(sorted(classes.values(), key=lambda each: (each.currency, _place(each.name), each.name)))


_ORDER = ("input", "cache_read", "cache_write", "storage", "output")


def _place(name: str) -> int:
    return _ORDER.index(class_of(name)) if class_of(name) in _ORDER else len(_ORDER)


def _claims(account: Account) -> Iterator[Claim]:
    for (sheet, currency), stated in sorted(account.stated.items()):
        recomputed = price(stated.tally, account.sheets).total
        billed = account.sheets[sheet].sheet.currency
        yield Claim(sheet, currency, stated.requests, stated.differing, stated.paid, recomputed, billed)


def _billed(account: Account) -> tuple[Billed, ...]:
    """The charges of all days by model and item."""
    charges = (((model or item, item, currency), cost) for (_, model, item, currency), cost in account.charges.items())
    bills = money.summed(charges)
    return tuple(Billed(item, currency, amount) for (_, item, currency), amount in sorted(bills.items()))


def rates_of(keys: Iterable[RateKey], sheets: Mapping[str, Epochs]) -> dict[Rates, list[RateKey]]:
    """The rate cards behind a bill, each once, oldest first within a model, with the keys of each."""
    cards: dict[Rates, list[RateKey]] = {}
    for key in sorted(keys, key=lambda key: key[0::3]):
        sheet, card = sheets[key.sheet].sheet, sheets[key.sheet].card(key)
        rates = Rates(sheet.version(card), sheet.checked.isoformat(), card.caution, card.terms)
        cards.setdefault(rates, []).append(key)
    return cards


def _cautioned(account: Account, whole: Tally, today: date | None) -> Iterator[Rates]:
    """The rate cards behind the log's own bill, which also warn of doubtful requests, of a request after the last day
    that was promised, of an old sheet."""
    last: dict[RateKey, int] = {}
    for part, tally in account.parts.items():
        if part.day is not None:
            last |= {key: max(last.get(key, part.day), part.day) for key in tally.sums}
    for rates, keys in rates_of(whole.sums, account.sheets).items():
        sheet, card = account.sheets[keys[0].sheet].sheet, account.card(keys[0])
        counts, days = Counter[str](), [last[key] for key in keys if key in last]
        for key in keys:
            counts.update(whole.sums[key])
        cautions = [*([rates.caution] if rates.caution else []), *doubted(card, counts)]
        if today and days:
            cautions += dated(sheet, card, on=instant(max(days) * DAY).date(), today=today)
        yield rates._replace(caution="; ".join(cautions) or None)


class Calls(NamedTuple):
    """Calls of one tool in one part of a log: on which day, or in which hour where hours are told apart; how many are
    free, and the sums in which they are counted."""

    when: int
    free: int
    sums: dict[str, int]


def take_off(account: Account) -> list[str]:
    """Take the calls that are free off the parts of an account, and say how many, a line for each allowance.

    Calls alone have allowances: they cost the same under every policy. Which tokens are the first would differ from
    policy to policy, and no vendor of the catalogue gives tokens free beside paid ones.

    Periods are those of UTC, and within one the first calls are free. What one day or hour has of the last of them is
    shared out over its parts in proportion, to whole calls. Calls without a time fall in no period and are paid.
    """
    periods: dict[tuple[str, str, str], list[Calls]] = defaultdict(list)
    for part, tally in account.parts.items():
        if part.day is None:
            continue
        hour = account.label(part, "hour")
        for key, sums in tally.sums.items():
            sheet, allowance = account.sheets[key.sheet].sheet, account.card(key).allowance
            for tool, most in allowance.free.items() if allowance else ():
                if allowance and sums.get(FEE + tool):
                    whose = f"{sheet.provider}/{allowance.shared or sheet.model}"
                    period = f"{instant(part.day * DAY):{WRITTEN[allowance.per]}}"
                    calls = Calls(hour if isinstance(hour, int) else part.day, most, sums)
                    periods[whose, tool, period].append(calls)
    free, made = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (whose, tool, _period), those in periods.items():
        used, when = 0, attrgetter("when")
        for _, same in groupby(sorted(those, key=when), when):
            together = list(same)
            counts = [each.sums[FEE + tool] for each in together]
            total = sum(counts)
            rest = min(max(max(each.free for each in together) - used, 0), total)
            before = 0
            for each, count in zip(together, counts, strict=True):
                each.sums[FEE + tool] -= (before + count) * rest // total - before * rest // total
                before += count
            used += total
            free[whose, tool] += rest
            made[whose, tool] += total
    return [
        f"Free: {count:,} of {made[whose, tool]:,} calls of {tool} on {whose}, as if the log had all of the account."
        for (whose, tool), count in free.items()
    ]
