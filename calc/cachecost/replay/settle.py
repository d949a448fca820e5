"""Requests that wait for their rates: added up by class in one query, and priced class by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from ..prices.limits import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, bounds_of
from ..prices.usage import Usage
from . import classes
from .account import ASKED, RELATIVE, UNPRICED, Account, Part
from .classes import Digit
from .epochs import DAY, HOUR, Epochs, instant
from .policies import Database
from .request import Request
from .tally import COUNTERS, HITS, REQUESTS, Key, Tally, key_of
from .traffic import COLUMNS, LOGGED, NONE, Source, Traffic, written

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
    """Requests of one class and one part of the bill, in the order of the log: `key` is that of their rates, None
    without; `number` that of their class; `span` their first and last times; `sums` their tokens by line."""

    number: int
    who: int
    key: Key | None
    part: Part
    first: int
    requests: int
    span: tuple[int, int]
    sums: Mapping[str, int]


class Left(NamedTuple):
    """Requests of a model that have no price: how many, and where the first of them stands and why it has none."""

    model: str
    requests: int
    first: int
    reason: str


def settle(traffic: Traffic, account: Account, source: Source, *, keep: bool = True) -> list[Left]:
    """Price the requests of a source, and add those whose rates were not known to every sum. What has no price is
    handed back. `keep`: all go into the table of the traffic."""
    classed, groups = _groups(traffic.database, account, source)
    # where some requests of a class have tokens of a line that is not sold, such lines tell classes apart as well
    if unsold := {line for each in groups for line in _unsold(account, each)}:
        classed, groups = _groups(traffic.database, account, source, sorted(unsold))
        groups = [each._replace(key=None) if any(_unsold(account, each)) else each for each in groups]
    for each in groups:
        _add(account, each)
    if keep:
        _keep(traffic, source, classed, groups)
    return list(_left(traffic, account, source, groups))


def _groups(database: Database, account: Account, source: Source, split: Sequence[str] = ()) -> tuple[str, list[Group]]:
    """The class of a request in SQL, and all that wait for their rates, added up by class and part. `split`: lines of
    which a class has tokens in all of its requests or in none."""
    whos = source.whos
    sheets: dict[int, Epochs] = {}
    for number, who in whos.items():
        try:
            sheets[number] = account.epochs(who.model, who.provider)
        except UNPRICED:
            continue
    each = list({epochs.name: epochs for epochs in sheets.values()}.values())
    digits = [
        *classes.rating(database, source.text, whos, each),
        *(Digit(f"({source.tokens[line]} > 0)::INTEGER", (False, True)) for line in split),
    ]

    @cache
    def key(day: int, number: int, time: int, prompt: int, output: int) -> Key | None:
        try:
            asked = {name: getattr(whos[number], name) for name in ("service", "region", "thinking")}
            at = account.rating.at(day * DAY + time)
            return key_of(sheets[number], at, prompt, output=output, **asked)
        except (KeyError, *UNPRICED):
            return None

    bounds = sorted({bound for sheet in each for card in sheet.cards for bound in bounds_of(card)})
    tests = ["prompt + output > 0", "read > 0", *(_DOUBTS[bound.what].format(bound.tokens) for bound in bounds)]
    # quicker than COUNT(*) FILTER
    sums = [*source.tokens.values(), *(f"({test})::UTINYINT" for test in tests)]
    asked = [word for word in account.labels if word in ASKED]
    labels = [
        f"labels[{asked.index(word) + 1}]" if word in asked else _HOUR if word == "hour" else word
        for word in account.labels
    ]
    classed = classes.number(digits)
    columns = [f"{classed} AS class", *labels, "MIN(place) AS first", "COUNT(*)", "MIN(moment)", "MAX(moment)"]
    columns += [f"SUM({each})" for each in sums]
    query = f"SELECT {', '.join(columns)} FROM {source.text} WHERE known IS NULL GROUP BY ALL ORDER BY first"
    found = []
    for by, *row in database.rows(query):
        of, (place, count, first, last, *counts) = row[: len(labels)], row[len(labels) :]
        day, number, time, prompt, output, *_ = classes.told(by, digits)
        rates = key(day, number, time, prompt, output)
        known = () if rates is None else bounds_of(account.card(rates))
        names = [*source.tokens, REQUESTS, HITS, *(bound.what if bound in known else "" for bound in bounds)]
        tokens = {name: int(each) for name, each in zip(names, counts, strict=True) if name}
        part = Part(day if first >= RELATIVE else None, tuple(of))
        found.append(Group(by, number, rates, part, place, count, (first, last), tokens))
    return classed, found


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
            traffic.whos.setdefault(source.whos[each.who], len(traffic.whos)),
            None if each.key is None else traffic.place(each.key),
        )
        for each in groups
    }
    columns = {"class": "BIGINT", "asking": "INTEGER", "rates": "INTEGER"}
    database.load("classes", columns, [(number, *of) for number, of in rates.items()])
    own = {
        "session": "number",
        "who": "COALESCE(asking, who)",
        "key": f"CASE WHEN known IS NULL THEN rates ELSE NULLIF(known, {NONE}) END",
    }
    database.rows(
        f"INSERT INTO requests SELECT {', '.join(own.get(name, name) for name in LOGGED)} "
        f"FROM (SELECT *, {classed} AS class FROM {source.text} WHERE prompt > 0) "
        "LEFT JOIN classes USING (class) LEFT JOIN sessions ON name = session"
    )


def _left(traffic: Traffic, account: Account, source: Source, groups: Sequence[Group]) -> Iterator[Left]:
    """What has no price, by model, with the reason of the first."""
    models: dict[str, Left] = {}
    for each in groups:
        if each.key is None:
            name = source.whos[each.who].named
            before = models.setdefault(name, Left(name, 0, each.first, ""))
            models[name] = before._replace(requests=before.requests + each.requests)
    if not models:
        return
    places = ", ".join(str(each.first) for each in models.values())
    query = f"SELECT {', '.join(COLUMNS)} FROM {source.text} WHERE place IN ({places})"
    firsts = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in traffic.database.rows(query)}
    for left in models.values():
        yield left._replace(reason=_reason(account, _request(firsts[left.first], source, list(traffic.lines))))


def _reason(account: Account, request: Request) -> str:
    try:
        account.priceable(request)
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"{request} has a price, and its class has none")


def _request(row: Mapping[str, Any], source: Source, lines: Sequence[str]) -> Request:
    """A request of text as the log told it."""
    who = source.whos[row["who"]]
    put = {line.partition(":")[2]: count for line, count in written(row, lines)}
    return Request(
        at=instant(row["moment"]),
        model=who.model,
        usage=Usage(
            input=row["prompt"] - row["read"] - row["put"],
            cache_read=row["read"],
            cache_write=put[""] if list(put) == [""] else put,
            output=row["output"],
        ),
        provider=who.provider,
        service=who.service,
        region=who.region,
        thinking=who.thinking,
    )
