"""Requests that wait for their rates: priced many at once, and added to every sum of the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..bills.warnings import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, bounds_of
from ..prices.usage import Usage
from .account import RELATIVE, UNPRICED, Account, Part
from .epochs import DAY, Epochs, instant
from .keys import keyed
from .request import Request
from .tally import HITS, REQUESTS, Tally, key_of
from .traffic import COLUMNS, NONE, Traffic, written

_DOUBTS = {
    OVER_CONTEXT: "prompt + output > {}",
    OVER_INPUT: "prompt > {}",
    OVER_OUTPUT: "output > {}",
    SMALL_WRITE: "put > 0 AND put + read < {}",
    SMALL_READ: "put = 0 AND read > 0 AND read < {}",
}
"""When a request is beyond a bound of its card: `warnings.doubts` in SQL."""


class Left(NamedTuple):
    """Requests of a model that have no price: how many, and where the first of them stands and why it has none."""

    model: str
    requests: int
    first: int
    reason: str


def settle(traffic: Traffic, account: Account, source: str) -> list[Left]:
    """Price the requests of a source with `traffic.COLUMNS`, and add them to the traffic; those whose rates were not
    known also to every sum. What has no price is handed back."""
    database, whos = traffic.database, list(traffic.whos)
    sheets: dict[int, Epochs] = {}
    for (who,) in database.rows(f"SELECT DISTINCT who FROM {source}"):
        try:
            sheets[who] = account.epochs(whos[who].model, whos[who].provider)
        except UNPRICED:
            continue

    def find(who: int, at: int, prompt: int, output: int, requests: int) -> int | None:
        asked = whos[who]._asdict()
        named = {name: asked[name] for name in ("service", "region", "thinking")}
        try:
            return traffic.place(key_of(sheets[who], at, prompt, output=output, **named))
        except (KeyError, *UNPRICED):
            return None

    each = list({epochs.name: epochs for epochs in sheets.values()}.values())
    rated = keyed(database, source, "classes", sheets=each, rating=account.rating, find=find)
    begin = _keep(traffic, account, source, rated)
    fresh = f"(SELECT * FROM logged WHERE place >= {begin} AND known IS NULL)"
    _add(traffic, account, fresh)
    _seen(traffic, account, fresh)
    return list(_left(traffic, account, fresh))


def tokens_of(traffic: Traffic) -> dict[str, str]:
    """The tokens of every line that a request of text can have, in SQL."""
    lines = {"input": "prompt - read - put", "cache_read": "read"}
    for line, number in traffic.lines.items():
        lines[line] = f"CASE WHEN line = {number} THEN put ELSE COALESCE(several[{number + 1}], 0) END"
    return lines | {"output": "output"}


def _unsold(traffic: Traffic, account: Account) -> Iterator[str]:
    """When a request has a line for which its key has no rate."""
    for line, tokens in tokens_of(traffic).items():
        keys = [str(place) for key, place in traffic.keys.items() if not account.sells(key, line)]
        if keys:
            yield f"key IN ({', '.join(keys)}) AND {tokens} > 0"


def _keep(traffic: Traffic, account: Account, source: str, rated: str) -> int:
    """Add requests with their rates to the table, and their sessions to those that are known; the first place."""
    named = f"SELECT session AS name, MIN(place) AS first FROM {source} WHERE session IS NOT NULL GROUP BY 1"
    traffic.database.rows(
        "INSERT INTO sessions SELECT name, (SELECT COUNT(*) FROM sessions) + ROW_NUMBER() OVER (ORDER BY first) - 1 "
        f"FROM ({named}) ANTI JOIN sessions USING (name)"
    )
    unsold = "".join(f" WHEN {test} THEN NULL" for test in _unsold(traffic, account))
    own = {"session": "number", "project": "project" if "project" in account.by else "NULL"}
    columns = ", ".join(own.get(name, name) for name in COLUMNS)
    key = f"CASE WHEN known IS NOT NULL THEN NULLIF(known, {NONE}){unsold} ELSE key END"
    traffic.database.rows(
        f"INSERT INTO logged SELECT {columns}, {key} FROM {rated} LEFT JOIN sessions ON name = session"
    )
    ((begin,),) = traffic.database.rows(f"SELECT COALESCE(MIN(place), 0) FROM {source}")
    return int(begin)


def _add(traffic: Traffic, account: Account, fresh: str) -> None:
    """Add what is priced to the account, part by part."""
    join, name = ("LEFT JOIN sessions ON number = session", "name") if "session" in account.by else ("", "NULL")
    day = f"CASE WHEN moment >= {RELATIVE} THEN moment // {DAY} END"
    sums = {line: f"SUM({tokens})" for line, tokens in tokens_of(traffic).items()}
    sums[REQUESTS] = "COUNT(*) FILTER (WHERE prompt + output > 0)"
    sums[HITS] = "COUNT(*) FILTER (WHERE read > 0)"
    keys = traffic.known
    for doubt, test in _DOUBTS.items():
        bounds = ((place, dict(bounds_of(account.card(key))).get(doubt)) for place, key in enumerate(keys))
        if whens := " ".join(f"WHEN {place} THEN {bound}" for place, bound in bounds if bound):
            sums[doubt] = f"COUNT(*) FILTER (WHERE {test.format(f'CASE key {whens} END')})"
    for key, number, session, project, count, *counts in traffic.database.rows(
        f"SELECT key, {day}, {name}, project, COUNT(*), {', '.join(sums.values())} "
        f"FROM {fresh} {join} WHERE key IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY MIN(place)"
    ):
        account.priced += count
        tally = account.parts.setdefault(Part(number, session, project), Tally())
        for line, tokens in zip(sums, counts, strict=True):
            tally.add(keys[key], line, int(tokens))


def _seen(traffic: Traffic, account: Account, fresh: str) -> None:
    """Take note of the first and last times of what is priced and what is not, by the calendar and since a trace
    began."""
    for priced, absolute, first, last, count in traffic.database.rows(
        f"SELECT key IS NOT NULL, moment >= {RELATIVE}, MIN(moment), MAX(moment), COUNT(*) FROM {fresh} GROUP BY 1, 2"
    ):
        account.relative += 0 if absolute else count
        account.span_of(first, last, (priced, absolute))


def _left(traffic: Traffic, account: Account, fresh: str) -> Iterator[Left]:
    """What has no price, by model, with the reason of the first."""
    models: dict[str, tuple[int, int]] = {}
    whos = list(traffic.whos)
    for who, count, first in traffic.database.rows(
        f"SELECT who, COUNT(*), MIN(place) FROM {fresh} WHERE key IS NULL GROUP BY who ORDER BY MIN(place)"
    ):
        before, earliest = models.get(whos[who].named, (0, first))
        models[whos[who].named] = before + count, earliest
    for name, (count, first) in models.items():
        yield Left(name, count, first, _reason(traffic, account, fresh, first))


def _reason(traffic: Traffic, account: Account, fresh: str, place: int) -> str:
    (row,) = traffic.database.rows(f"SELECT {', '.join(COLUMNS)} FROM {fresh} WHERE place = {place}")
    told = dict(zip(COLUMNS, row, strict=True))
    try:
        account.priceable(_request(told, traffic))
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"request {place} has a price, and its class has none")


def _request(row: dict[str, int], traffic: Traffic) -> Request:
    """A request of text as the log told it."""
    who = list(traffic.whos)[row["who"]]
    put = {line.partition(":")[2]: count for line, count in written(row, list(traffic.lines))}
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
