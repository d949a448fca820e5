"""Requests that wait for their rates: added up by class in one query, and priced class by class."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import lcm
from operator import mul
from typing import NamedTuple

from .. import money
from ..prices.limits import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, bounds_of
from ..prices.usage import MAX_TOKENS, sold
from ..units import HOUR
from . import classes
from .account import ASKED, FEE, GROUNDED, RELATIVE, SEARCH, UNPRICED, Account, Slice, Stated
from .classes import Digit
from .epochs import DAY, Epochs, Key
from .ledger import Ledger
from .request import Product, Request
from .survey import Database, inline
from .tally import COUNTERS, HITS, REQUESTS, STORAGE, Tally, price
from .traffic import LABEL_END, LOGGED, Source, Traffic

_DOUBTS = {
    OVER_CONTEXT: "size + answer > {}",
    OVER_INPUT: "size > {}",
    OVER_OUTPUT: "answer > {}",
    SMALL_WRITE: "put > 0 AND put + reads < {}",
    SMALL_READ: "put = 0 AND reads > 0 AND reads < {}",
}
"""When a single request is beyond a bound of its card, in SQL."""
_HOUR = f"CASE WHEN moment >= {RELATIVE} THEN moment // {HOUR} END"


class Group(NamedTuple):
    """Requests of one class and one slice of the bill, in the order of the log: `key` is that of their rates, None
    without; `number` that of their class; `timed`: how many have a time; `span`: the first and last of them; `sums`:
    their tokens by line."""

    number: int
    product: int
    key: Key | None
    part: Slice
    first: int
    requests: int
    timed: int
    span: tuple[int, int]
    sums: Mapping[str, int]


Sink = Callable[[Request, Key | None, Mapping[str, int]], None]
"""Takes a request with its rates, None without a price, and what it adds under them by line."""


def settle(
    traffic: Traffic, account: Account, ledger: Ledger, source: Source, *, keep: bool = True, sink: Sink | None = None
) -> None:
    """Price the requests of a source, and add them to every sum; the ledger says what has no price. `keep`: those that
    take part go into the table of the traffic. `sink` takes each of those that are `aside`, with what it adds."""
    classed, groups = _groups(traffic.database, account, source)
    # where some requests of a class have tokens of a line that is not sold, such lines tell classes apart as well
    if unsold := {line for each in groups for line in _unsold(account, each)}:
        classed, groups = _groups(traffic.database, account, source, sorted(unsold))
    for each in groups:
        _add(account, each)
    keys = {each.number: each.key for each in groups if each.key}
    if "paid" in source.given and keys:
        _compare(traffic.database, account, source, classed, keys)
    if traffic.aside and not source.is_plain:
        _remark(traffic, account, source, classed, groups, sink)
    if keep:
        _keep(traffic, source, classed, groups)
    _leave_unpriced(traffic.database, account, ledger, source, groups)


def _groups(database: Database, account: Account, source: Source, split: Sequence[str] = ()) -> tuple[str, list[Group]]:
    """The class of a request in SQL, and all that wait for their rates, added up by class and slice. `split`: lines of
    which a class has tokens in all of its requests or in none; it has no key where they are not sold."""
    sheets: dict[str, Epochs] = {}
    for product in source.products.values():
        with suppress(*UNPRICED):
            epochs = account.epochs(product.model, product.provider)
            sheets[epochs.name] = epochs
    digits = [
        *classes.rating(database, source.text, source.products, list(sheets.values())),
        *(Digit(f"({_tokens(source, line)} > 0)::INTEGER", (False, True)) for line in split),
    ]
    # from one of these days to the next all days have the same rates; where hours recur, each day is by itself
    turns = {(start // DAY) + more for sheet in sheets.values() for start in sheet.starts for more in (0, 1)}
    turns = set() if any(sheet.windows for sheet in sheets.values()) else turns | {RELATIVE // DAY}

    @cache
    def turn(day: int) -> int:
        return max((each for each in turns if each <= day), default=day)

    @cache
    def key(day: int, number: int, time: int, prompt: int, output: int) -> Key | None:
        with suppress(*UNPRICED):
            return account.key(source.products[number], day * DAY + time, prompt, output)
        return None

    size, answer = source.largest
    reached = {OVER_CONTEXT: size + answer, OVER_INPUT: size, OVER_OUTPUT: answer}
    bounds = sorted(
        bound
        for bound in {bound for sheet in sheets.values() for card in sheet.cards for bound in bounds_of(card)}
        if bound.tokens < reached.get(bound.what, MAX_TOKENS)
    )
    single = "" if source.is_plain else "many IS NULL AND "
    tests = ["reads > 0", *(single + _DOUBTS[bound.what].format(bound.tokens) for bound in bounds)]

    @cache
    def names(key: Key | None) -> list[str]:
        """What is added up; empty for a bound that is none of these rates."""
        known = () if key is None else bounds_of(account.card(key))
        return [*source.tokens, REQUESTS, HITS, *(bound.what if bound in known else "" for bound in bounds)]

    words = enumerate((word for word in account.labels if word in ASKED), 1)
    texts = {word: f"split_part(labels, chr({ord(LABEL_END)}), {place})" for place, word in words} | {"hour": _HOUR}
    labels = [texts.get(word, word) for word in account.labels]
    classed = classes.number(digits)
    times = ("COUNT(moment)", "MIN(moment)", "MAX(moment)")
    columns = [f"{classed} AS class", *labels, "MIN(place) AS first", "COUNT(*)", *times]
    columns += [f"SUM({tokens})" for tokens in source.tokens.values()]
    columns += ["COUNT_IF(size + answer > 0)" if source.is_plain else f"SUM({_many(source)})"]
    columns += [f"COUNT_IF({test})" for test in tests]  # quicker than COUNT(*) FILTER
    query = f"SELECT {', '.join(columns)} FROM {source.text} GROUP BY ALL ORDER BY first"
    groups = []
    for by, *row in database.rows(query):
        of, (place, count, timed, first, last, *counts) = row[: len(labels)], row[len(labels) :]
        day, number, time, prompt, output, *_ = classes.parted(by, digits)
        rates = key(turn(day), number, time, prompt, output)
        tokens = {name: count for name, count in zip(names(rates), counts, strict=True) if name and count}
        if rates is not None:
            tokens = sold(tokens, account.card(rates).rows[rates.row])
        part = Slice(day if timed and first >= RELATIVE else None, tuple(of))
        group = Group(by, number, rates, part, place, count, timed, (first, last), tokens)
        groups.append(group._replace(key=None) if split and any(_unsold(account, group)) else group)
    return classed, groups


def _needs_rate(line: str) -> bool:
    """Whether a request has no price where a line has none; calls of tools without a fee are only named."""
    return line not in COUNTERS and not line.startswith(FEE)


def _unsold(account: Account, group: Group) -> Iterator[str]:
    """Lines of a group for which its key has no rate."""
    for line in group.sums:
        if group.key and _needs_rate(line) and not account.sells(group.key, line):
            yield line


def _add(account: Account, group: Group) -> None:
    """Add a group to the account."""
    if group.timed:
        is_absolute = group.part.day is not None
        account.span_of(*group.span, (group.key is not None, is_absolute))
        account.relative += 0 if is_absolute else group.timed
    if group.key is None:
        return
    account.priced += group.requests
    due = account.due(group.key, group.sums)
    account.parts.setdefault(group.part, Tally()).add(group.key, due)
    for line in group.sums.keys() - due.keys() - {GROUNDED}:  # calls of tools that have no fee
        if line != SEARCH or GROUNDED not in due:
            account.calls[line.removeprefix(FEE)] += group.sums[line]


def _tokens(source: Source, line: str) -> str:
    """The tokens of a line, with those of modalities that may be billed as it."""
    return " + ".join(tokens for each, tokens in source.tokens.items() if each == line or each.endswith(f".{line}"))


def _many(source: Source) -> str:
    """How many requests a row adds up that were answered."""
    paid = [tokens for line, tokens in source.tokens.items() if not line.startswith(("creation", STORAGE, FEE))]
    return f"CASE WHEN {' + '.join(paid)} > 0 THEN COALESCE(many, 1) ELSE 0 END"


_PAID = "split_part(lower(paid), 'e', 1)"
_DIGITS = f"TRY_CAST(replace({_PAID}, '.', '') AS BIGINT)::HUGEINT"
_PLACES = f"strlen(split_part({_PAID}, '.', 2)) - COALESCE(TRY_CAST(split_part(lower(paid), 'e', 2) AS INTEGER), 0)"
"""The digits of an amount, and how many of them are decimals: `1.25e-05` is 125 with 7."""
_LARGEST = 10**18
"""Factors are below this: their product, and ten times that, fit into the 128 bits of a HUGEINT."""
_POWER = f"CASE WHEN places >= 0 THEN ('{[10**places for places in range(37)]}'::HUGEINT[])[places + 1] END"
_OFF = "abs(2 * (due * power - digits * one))"
_DIFFERS = (
    # what is past the first bound is more than any such amount
    f"CASE WHEN digits IS NULL THEN NULL WHEN due > {10 * _LARGEST}::HUGEINT * {_LARGEST} // power THEN TRUE "
    f"ELSE {_OFF} > one OR {_OFF} = one AND digits % 2 <> 0 END"
)
"""Whether what is due, rounded half to even to the places of an amount, is another one. `one`: how many parts of what
is due are a unit of money. NULL where the numbers are too large."""


def _compare(database: Database, account: Account, source: Source, classed: str, keys: Mapping[int, Key]) -> None:
    """Compare what the log says that its requests cost with what they cost by the sheets."""
    lines = [*source.tokens, REQUESTS, HITS]
    parts = {key: _each(account, key, lines) for key in set(keys.values())}
    rates = [parts[key] if max(parts[key]) < _LARGEST else [None] * (len(lines) + 1) for key in keys.values()]
    names = [*(f"rate{number}" for number in range(len(lines))), "one"]
    rated = inline({"class": list(keys), **dict(zip(names, zip(*rates, strict=True), strict=True))})
    counts = [*source.tokens.values(), _many(source), "(reads > 0)::UTINYINT"]
    sums = ", ".join(f"SUM({count})" for count in counts)
    due = " + ".join(f"({count})::HUGEINT * {name}" for count, name in zip(counts, names, strict=False))
    stated = f"(SELECT *, {classed} AS class FROM {source.text} WHERE paid IS NOT NULL) JOIN {rated} USING (class)"
    stated = f"(SELECT *, {_DIGITS} AS digits, {_PLACES} AS places, ({due}) AS due FROM {stated})"
    stated = f"(SELECT *, {_DIFFERS} AS differs FROM (SELECT *, {_POWER} AS power FROM {stated}))"
    grouped = "class, currency, CASE WHEN differs IS NOT NULL THEN places END AS decimals"
    query = f"SELECT {grouped}, COUNT(*), SUM(differs::UTINYINT), SUM(digits), {sums} FROM {stated} GROUP BY ALL"
    odd = f"SELECT class, currency, paid, {', '.join(counts)} FROM {stated} WHERE differs IS NULL"
    is_odd = False
    for by, currency, places, requests, differing, digits, *tokens in database.rows(query):
        total = account.stated.setdefault((keys[by].sheet, currency), Stated())
        total.requests += requests
        used = {line: int(count) for line, count in zip(lines, tokens, strict=True) if count}
        total.tally.add(keys[by], account.billed(keys[by], used))
        is_odd = is_odd or places is None
        if places is not None:
            total.differing += differing
            total.paid = money.add(total.paid, money.EXACT.scaleb(Decimal(int(digits)), -places))
    for by, currency, text, *tokens in database.rows(odd) if is_odd else ():
        total, (*each, one) = account.stated[keys[by].sheet, currency], parts[keys[by]]
        cost, amount = Fraction(int(sum(map(mul, each, tokens))), one), Decimal(text)
        total.differing += round(cost, max(0, -int(amount.as_tuple().exponent))) != Fraction(amount)
        total.paid = money.add(total.paid, amount)


def _each(account: Account, key: Key, lines: Sequence[str]) -> list[int]:
    """What one of each line costs, as whole parts of a unit of money, and at the end how many of them are one."""
    row = account.card(key).rows[key.row]
    billed = [next(iter(sold({line: 1}, row))) for line in lines]
    due = {line for line in account.due(key, dict.fromkeys(billed, 1)) if line in COUNTERS or account.sells(key, line)}
    units = [(line, HOUR if line == STORAGE else 1) for line in billed]
    each = [
        Fraction(price(Tally([(key, line, unit)]), account.sheets).total) / unit if line in due else Fraction(0)
        for line, unit in units
    ]
    one = lcm(*(rate.denominator for rate in each))
    return [*(int(rate * one) for rate in each), one]


def _remark(
    traffic: Traffic, account: Account, source: Source, classed: str, groups: Sequence[Group], sink: Sink | None
) -> None:
    """Do what is done with requests one by one, now that their rates are known."""
    keys = {each.number: each.key for each in groups}
    query = f"SELECT place, {classed} FROM {source.text} WHERE aside ORDER BY place"
    for place, number in traffic.database.rows(query):
        request, key = traffic.aside.pop(place), keys[number]
        taken = {} if key is None else account.taken(request, key)
        account.remark(request, key, taken)
        if key is not None:
            traffic.set_aside(request, account, key, taken)
        if sink:
            sink(request, key, taken)


def _keep(traffic: Traffic, source: Source, classed: str, groups: Sequence[Group]) -> None:
    """Add requests with their rates to the table; the first of a session that is not known has its name."""
    by_class = {each.number: each for each in groups}
    rated = inline(
        {
            "class": list(by_class),
            "bought": [traffic.products.number(source.products[each.product]) for each in by_class.values()],
            "rates": [each.key and traffic.keys.number(each.key) for each in by_class.values()],
        }
    )
    own = {"product": "bought", "key": "rates", "session": "NULL", "name": "NULL"}
    those = f"FROM {source.text} WHERE prompt > 0 AND moment IS NOT NULL AND many IS NULL"
    named = ""
    if "session" in source.given:
        own |= {
            "session": "COALESCE(number, first)",
            "name": "CASE WHEN number IS NULL AND place = first THEN named END",
        }
        named = (
            f"LEFT JOIN (SELECT session AS named, MIN(place) AS first {those} GROUP BY 1) ON named = session "
            "LEFT JOIN (SELECT name AS known, session AS number FROM requests WHERE name IS NOT NULL) ON known = named"
        )
    traffic.database.rows(
        f"INSERT INTO requests SELECT {', '.join(own.get(name, name) for name in LOGGED)} "
        f"FROM (SELECT * EXCLUDE (product), {classed} AS class {those}) AS those "
        f"JOIN {rated} USING (class) {named}"
    )


def _leave_unpriced(
    database: Database, account: Account, ledger: Ledger, source: Source, groups: Sequence[Group]
) -> None:
    """Count what has no price by model, with the reason of the first."""
    models: dict[str, list[Group]] = {}
    for each in groups:
        if each.key is None:
            models.setdefault(source.products[each.product].named, []).append(each)
    if not models:
        return
    places = ", ".join(str(first.first) for first, *_ in models.values())
    query = f"SELECT place, moment, size, answer FROM {source.text} WHERE place IN ({places})"
    sizes = {place: size for place, *size in database.rows(query)}
    for model, lacking in models.items():
        first, count = lacking[0], sum(each.requests for each in lacking)
        reason = _reason(account, source.products[first.product], sizes[first.first], first.sums)
        ledger.leave_unpriced(model, reason, first=first.first, requests=count)


def _reason(account: Account, product: Product, size: Sequence[int], sums: Mapping[str, int]) -> str:
    """Why a request has no price: that of its time and size, or of a line of its class."""
    try:
        key = account.key(product, *size)
        account.sheets[key.sheet].rates(key, *filter(_needs_rate, sums))
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"a request of {product} has a price, and its class has none")
