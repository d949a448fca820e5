"""Requests that wait for their rates: added up by class in one query, and priced class by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from ..prices.limits import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, bounds_of
from ..units import HOUR
from . import classes
from .account import ASKED, RELATIVE, UNPRICED, Account, Slice
from .classes import Digit
from .epochs import DAY, Epochs, Key
from .ledger import Ledger
from .policies import Database
from .request import Product
from .tally import COUNTERS, HITS, REQUESTS, Tally
from .traffic import LABEL_END, LOGGED, NONE, Source, Traffic

_DOUBTS = {
    OVER_CONTEXT: "prompt + output > {}",
    OVER_INPUT: "prompt > {}",
    OVER_OUTPUT: "output > {}",
    SMALL_WRITE: "put > 0 AND put + read < {}",
    SMALL_READ: "put = 0 AND read > 0 AND read < {}",
}
"""When a request is beyond a bound of its card: `warnings.doubts` in SQL."""
_HOUR = f"CASE WHEN moment >= {RELATIVE} THEN moment // {HOUR} END"


class Group(NamedTuple):
    """Requests of one class and one slice of the bill, in the order of the log: `key` is that of their rates, None
    without; `number` that of their class; `span` their first and last times; `sums` their tokens by line."""

    number: int
    product: int
    key: Key | None
    part: Slice
    first: int
    requests: int
    span: tuple[int, int]
    sums: Mapping[str, int]


def settle(traffic: Traffic, account: Account, ledger: Ledger, source: Source, *, keep: bool = True) -> None:
    """Price the requests of a source, and add those whose rates were not known to every sum; the ledger says what has
    no price. `keep`: all go into the table of the traffic."""
    classed, groups = _groups(traffic.database, account, source)
    # where some requests of a class have tokens of a line that is not sold, such lines tell classes apart as well
    if unsold := {line for each in groups for line in _unsold(account, each)}:
        classed, groups = _groups(traffic.database, account, source, sorted(unsold))
    for each in groups:
        _add(account, each)
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
        *(Digit(f"({source.tokens[line]} > 0)::INTEGER", (False, True)) for line in split),
    ]

    @cache
    def key(day: int, number: int, time: int, prompt: int, output: int) -> Key | None:
        with suppress(*UNPRICED):
            return account.key(source.products[number], day * DAY + time, prompt, output)
        return None

    bounds = sorted({bound for sheet in sheets.values() for card in sheet.cards for bound in bounds_of(card)})
    tests = ["prompt + output > 0", "read > 0", *(_DOUBTS[bound.what].format(bound.tokens) for bound in bounds)]
    # quicker than COUNT(*) FILTER
    sums = [*source.tokens.values(), *(f"({test})::UTINYINT" for test in tests)]
    words = [word for word in account.labels if word in ASKED]
    labels = [
        f"split_part(labels, chr({ord(LABEL_END)}), {words.index(word) + 1})"
        if word in words
        else _HOUR
        if word == "hour"
        else word
        for word in account.labels
    ]
    classed = classes.number(digits)
    columns = [f"{classed} AS class", *labels, "MIN(place) AS first", "COUNT(*)", "MIN(moment)", "MAX(moment)"]
    columns += [f"SUM({each})" for each in sums]
    query = f"SELECT {', '.join(columns)} FROM {source.text} WHERE known IS NULL GROUP BY ALL ORDER BY first"
    groups = []
    for by, *row in database.rows(query):
        of, (place, count, first, last, *counts) = row[: len(labels)], row[len(labels) :]
        day, number, time, prompt, output, *_ = classes.parted(by, digits)
        rates = key(day, number, time, prompt, output)
        known = () if rates is None else bounds_of(account.card(rates))
        names = [*source.tokens, REQUESTS, HITS, *(bound.what if bound in known else "" for bound in bounds)]
        tokens = {name: int(each) for name, each in zip(names, counts, strict=True) if name}
        part = Slice(day if first >= RELATIVE else None, tuple(of))
        group = Group(by, number, rates, part, place, count, (first, last), tokens)
        groups.append(group._replace(key=None) if split and any(_unsold(account, group)) else group)
    return classed, groups


def _unsold(account: Account, group: Group) -> Iterator[str]:
    """Lines of a group for which its key has no rate."""
    for line, tokens in group.sums.items():
        if group.key and tokens and line not in COUNTERS and not account.sells(group.key, line):
            yield line


def _add(account: Account, group: Group) -> None:
    """Add a group to the account."""
    is_absolute = group.part.day is not None
    account.span_of(*group.span, (group.key is not None, is_absolute))
    account.relative += 0 if is_absolute else group.requests
    if group.key is None:
        return
    account.priced += group.requests
    tally = account.parts.setdefault(group.part, Tally())
    for line, tokens in group.sums.items():
        tally.add(group.key, line, tokens)


def _keep(traffic: Traffic, source: Source, classed: str, groups: Sequence[Group]) -> None:
    """Add requests with their rates to the table, and their sessions to those that are known."""
    database = traffic.database
    named = f"SELECT session AS name, MIN(place) AS first FROM {source.text} WHERE session IS NOT NULL GROUP BY 1"
    database.rows(
        "INSERT INTO sessions SELECT name, (SELECT COUNT(*) FROM sessions) + ROW_NUMBER() OVER (ORDER BY first) - 1 "
        f"FROM ({named}) ANTI JOIN sessions USING (name)"
    )
    rates = {
        each.number: (
            traffic.products.setdefault(source.products[each.product], len(traffic.products)),
            None if each.key is None else traffic.place(each.key),
        )
        for each in groups
    }
    columns = {"class": "BIGINT", "bought": "INTEGER", "rates": "INTEGER"}
    database.load("classes", columns, [(number, *of) for number, of in rates.items()])
    own = {
        "session": "number",
        "product": "COALESCE(bought, product)",
        "key": f"CASE WHEN known IS NULL THEN rates ELSE NULLIF(known, {NONE}) END",
    }
    database.rows(
        f"INSERT INTO requests SELECT {', '.join(own.get(name, name) for name in LOGGED)} "
        f"FROM (SELECT *, {classed} AS class FROM {source.text} WHERE prompt > 0) "
        "LEFT JOIN classes USING (class) LEFT JOIN sessions ON name = session"
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
    query = f"SELECT place, moment, prompt + rest, output FROM {source.text} WHERE place IN ({places})"
    sizes = {place: size for place, *size in database.rows(query)}
    for model, lacking in models.items():
        first, count = lacking[0], sum(each.requests for each in lacking)
        reason = _reason(account, source.products[first.product], sizes[first.first], first.sums)
        ledger.leave_unpriced(model, reason, first=first.first, requests=count)


def _reason(account: Account, product: Product, size: Sequence[int], sums: Mapping[str, int]) -> str:
    """Why a request has no price: that of its time and size, or of a line of its class."""
    try:
        key = account.key(product, *size)
        for line, tokens in sums.items():
            if tokens and line not in COUNTERS:
                account.rate(key, line)
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"a request of {product} has a price, and its class has none")
