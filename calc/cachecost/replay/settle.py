"""Requests that wait for their rates: added up by class in one query, and priced class by class."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from ..prices.usage import MAX_TOKENS, sold
from ..prices.warnings import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, Bound, bounds_of
from ..units import HOUR
from . import classes
from .account import FEE, GROUNDED, OPTIONAL, RELATIVE, SEARCH, UNPRICED, Account, Slice
from .classes import Digit
from .epochs import DAY, Epochs, RateKey
from .ledger import Ledger
from .request import Product, Request
from .stated import compare_stated
from .survey import Database, inline
from .tally import COUNTERS, HITS, REQUESTS, Tally
from .traffic import LABEL_END, LOGGED, RequestTable, Source

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
    key: RateKey | None
    part: Slice
    first: int
    requests: int
    timed: int
    span: tuple[int, int]
    sums: Mapping[str, int]


Sink = Callable[[Request, RateKey | None, Mapping[str, int]], None]
"""Takes a request with its rates, None without a price, and what it adds under them by line."""


def settle(
    traffic: RequestTable,
    account: Account,
    ledger: Ledger,
    source: Source,
    *,
    keep: bool = True,
    sink: Sink | None = None,
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
        compare_stated(traffic.database, account, source, classed, keys)
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
    classed, key = classes.number(digits), _keys(account, source, sheets.values())
    bounds = _reached(source, sheets.values())

    @cache
    def names(key: RateKey | None) -> list[str]:
        """What is added up; empty for a bound that is none of these rates."""
        known = () if key is None else bounds_of(account.card(key))
        return [*source.tokens, REQUESTS, HITS, *(bound.what if bound in known else "" for bound in bounds)]

    groups = []
    for by, *row in database.rows(_sums(account, source, classed, bounds)):
        of, (place, count, timed, first, last, *counts) = row[: len(account.labels)], row[len(account.labels) :]
        day, number, time, prompt, output, *_ = classes.parted(by, digits)
        rates = key(day, number, time, prompt, output)
        tokens = {name: count for name, count in zip(names(rates), counts, strict=True) if name and count}
        if rates is not None:
            tokens = sold(tokens, account.card(rates).rows[rates.row])
        part = Slice(day if timed and first >= RELATIVE else None, tuple(of))
        group = Group(by, number, rates, part, place, count, timed, (first, last), tokens)
        groups.append(group._replace(key=None) if split and any(_unsold(account, group)) else group)
    return classed, groups


def _keys(
    account: Account, source: Source, sheets: Collection[Epochs]
) -> Callable[[int, int, int, int, int], RateKey | None]:
    """The rates of a class, from its day and digits, each looked up once; None without a price."""
    # from one of these days to the next all days have the same rates; where hours recur, each day is by itself
    turns = {RELATIVE // DAY} | {(start // DAY) + more for sheet in sheets for start in sheet.starts for more in (0, 1)}
    turns = set() if any(sheet.windows for sheet in sheets) else turns

    @cache
    def turn(day: int) -> int:
        return max((each for each in turns if each <= day), default=day)

    @cache
    def key(day: int, number: int, time: int, prompt: int, output: int) -> RateKey | None:
        with suppress(*UNPRICED):
            return account.key(source.products[number], day * DAY + time, prompt, output)
        return None

    return lambda day, *digits: key(turn(day), *digits)


def _reached(source: Source, sheets: Iterable[Epochs]) -> list[Bound]:
    """The bounds of all cards that some request of a source may be beyond."""
    size, answer = source.largest
    reached = {OVER_CONTEXT: size + answer, OVER_INPUT: size, OVER_OUTPUT: answer}
    bounds = {bound for sheet in sheets for card in sheet.cards for bound in bounds_of(card)}
    return sorted(bound for bound in bounds if bound.tokens < reached.get(bound.what, MAX_TOKENS))


def _sums(account: Account, source: Source, classed: str, bounds: Iterable[Bound]) -> str:
    """Requests and tokens by class and label, and how many requests are beyond each of the bounds."""
    words = enumerate((word for word in account.labels if word in OPTIONAL), 1)
    texts = {word: f"split_part(labels, chr({ord(LABEL_END)}), {place})" for place, word in words} | {"hour": _HOUR}
    times = ("COUNT(moment)", "MIN(moment)", "MAX(moment)")
    columns = [f"{classed} AS class", *(texts.get(word, word) for word in account.labels)]
    columns += ["MIN(place) AS first", "COUNT(*)", *times]
    columns += [f"SUM({tokens})" for tokens in source.tokens.values()]
    columns += ["COUNT_IF(size + answer > 0)" if source.is_plain else f"SUM({source.answered})"]
    single = "" if source.is_plain else "many IS NULL AND "
    tests = ["reads > 0", *(single + _DOUBTS[bound.what].format(bound.tokens) for bound in bounds)]
    columns += [f"COUNT_IF({test})" for test in tests]  # quicker than COUNT(*) FILTER
    return f"SELECT {', '.join(columns)} FROM {source.text} GROUP BY ALL ORDER BY first"


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


def _remark(
    traffic: RequestTable, account: Account, source: Source, classed: str, groups: Sequence[Group], sink: Sink | None
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


def _keep(traffic: RequestTable, source: Source, classed: str, groups: Sequence[Group]) -> None:
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
