"""The same requests under other policies and on other models, weighed in whole tokens.

First all requests are `surveyed`: which rates they have here and on other sheets decides which policies there are.
Then whole sessions are weighed under each. Both can be done for parts of a log and added up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..errors import NotInForce, NotSold
from . import classes
from .account import Account, Rating
from .cases import LOGGED, Case, Share
from .epochs import DAY, Epochs, Key
from .losses import counts, worst
from .policies import Database
from .tally import HITS, REQUESTS, Tally
from .traffic import Traffic

FORESEEN = 100_000
"""Requests of a log up to which the bound below all policies is worked out unasked: some seconds."""
SAMPLED = 20_000
"""Requests that are looked at for a prefix that sessions share, where no bound is worked out for all."""
_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


class Survey(NamedTuple):
    """The requests of a log by their rates on one sheet, or on their own sheets. `requests`: what to read them from,
    whose `key` counts through `keys`. `shares`: how many have which; those without a price under None. `refused`: how
    many have none, by reason."""

    requests: str
    keys: Mapping[int, Key]
    shares: Mapping[Key | None, Share]
    refused: Counter[str]


def surveyed(traffic: Traffic, rating: Rating, others: Iterable[Epochs] = ()) -> list[Survey]:
    """All requests by their own rates, and by those of each other sheet."""
    database, keys = traffic.database, dict(enumerate(traffic.keys))
    own = Survey("requests", keys, _shares(database, "requests", keys), Counter())
    return [own, *(_sold_on(epochs, traffic, rating) for epochs in others)]


def _shares(database: Database, requests: str, keys: Mapping[int, Key]) -> dict[Key | None, Share]:
    alone = "COUNT(*) FILTER (WHERE session IS NULL AND blocks IS NULL)"
    query = (
        f"SELECT key, COUNT(*), COUNT(session), {alone}, MAX(prompt) FROM {requests} GROUP BY key ORDER BY MIN(place)"
    )
    return {None if key is None else keys[key]: Share(*row) for key, *row in database.rows(query)}


def _sold_on(epochs: Epochs, traffic: Traffic, rating: Rating) -> Survey:
    """The requests that are sold on a sheet, and why others are not."""
    database, products = traffic.database, list(traffic.products)
    keys, refused = dict[Key, int](), Counter[str]()
    digits = classes.rating(database, "requests", range(len(products)), [epochs], answer="output")
    table, number, rates = f'"classes of {epochs.name}"', classes.number(digits), list[tuple[int, int]]()
    for by, count in database.rows(f"SELECT {number}, COUNT(*) FROM requests GROUP BY 1 ORDER BY MIN(place)"):
        day, product, time, prompt, output = classes.parted(by, digits)
        words = {"service": products[product].service, "thinking": products[product].thinking}
        try:
            key = epochs.key(rating.at(day * DAY + time), prompt, output=output, **words)
        except (NotSold, NotInForce) as error:
            refused[_ONE.sub("", str(error))] += count
            continue
        rates.append((by, keys.setdefault(key, len(keys))))
    database.load(table, {"class": "BIGINT", "key": "INTEGER"}, rates)
    requests = f"(FROM (SELECT * EXCLUDE (key), {number} AS class FROM requests) JOIN {table} USING (class))"
    numbered = {number: key for key, number in keys.items()}
    return Survey(requests, numbered, _shares(database, requests, numbered), refused)


class WhatIf:
    """Every policy on the models of the log, then on the others: one case for each.

    `surveys`: of all requests, as `surveyed` makes them. `others`: sheets on which all requests are weighed as well.
    `names`: only these policies. `common`: tokens that all sessions begin with. `lost`: what was lost, and `worst` by
    the sessions that lost most; `headless`: in how many sessions the first request read, `least_read` tokens at least.
    """

    def __init__(
        self,
        account: Account,
        traffic: Traffic,
        *,
        others: Sequence[Epochs] = (),
        names: Sequence[str] = (),
        common: int = 0,
    ) -> None:
        own, *elsewhere = self.surveys = surveyed(traffic, account.rating, others)
        self.requests = sum(share.requests for share in own.shares.values())
        self.foreseen = self.requests <= FORESEEN or bool(names)
        missing = Counter(each.key.sheet for each in traffic.wholes)

        def case(sheet: str, keys: Mapping[int, Key], sheets: Mapping[str, Epochs], survey: Survey) -> Case:
            return Case(sheet, keys, sheets, survey.shares, names, foreseen=self.foreseen, common=common)

        self.own = [
            case(sheet, {n: key for n, key in own.keys.items() if key.sheet == sheet}, account.sheets, own)
            for sheet in dict.fromkeys((*_ranked(own.shares), *(sheet for sheet, _ in missing.most_common())))
        ]
        self.elsewhere = [
            case(epochs.name, survey.keys, {epochs.name: epochs}, survey)
            for epochs, survey in zip(others, elsewhere, strict=True)
        ]
        database, lines = traffic.database, list(traffic.lines)
        self.lost = counts(database, "requests", own.keys, lines, account.sheets)
        self.worst = worst(database, own.keys, lines, account.sheets)
        self.headless, self.least_read = _headless(traffic)
        # a session can only read what another wrote if it begins with a read
        sampled = self.headless > 0 and not all(each.bounded for each in self.own)
        if sampled:
            _sample(traffic)
        for each in self.own:
            sample = _of("sampled", each.keys) if sampled and each.shared and not each.bounded else ""
            each.weigh(database, _of("requests", each.keys), sample, open_=self.headless > 0)
            if sample:
                each.weighed[LOGGED] = _logged(traffic, sample)
        for each, survey in zip(self.elsewhere, elsewhere, strict=True):
            each.weigh(database, survey.requests)


def _ranked(shares: Mapping[Key | None, Share]) -> list[str]:
    """The log's own sheets, those with most requests first."""
    counts = Counter[str]()
    for key, share in shares.items():
        if key is not None:
            counts[key.sheet] += share.requests
    return sorted(counts, key=lambda sheet: (-counts[sheet], sheet))


def _of(table: str, keys: Iterable[int]) -> str:
    """The requests of some keys."""
    numbers = ", ".join(map(str, keys))
    return f"(SELECT * FROM {table} WHERE key IN ({numbers}))" if numbers else f"(FROM {table} LIMIT 0)"


def _headless(traffic: Traffic) -> tuple[int, int]:
    """Sessions whose first request read a cache, which was written before the log begins or by another session; and the
    fewest tokens that one of them read."""
    first = "ARG_MIN(read, CAST(moment AS HUGEINT) * 1099511627776 + place)"  # by time, then by place below 2**40
    named = "session IS NOT NULL AND key IS NOT NULL"
    query = f"SELECT {first} AS first FROM requests WHERE {named} GROUP BY session, key"
    ((headless, least),) = traffic.database.rows(f"SELECT COUNT(*), MIN(first) FROM ({query}) WHERE first > 0")
    return int(headless), int(least or 0)


def _sample(traffic: Traffic) -> None:
    """Every n-th session of the requests that have a price, about `SAMPLED` requests in all, into a table."""
    step = f"(SELECT (COUNT(*) + {SAMPLED - 1}) // {SAMPLED} FROM requests)"
    traffic.database.rows(
        f"CREATE OR REPLACE TABLE sampled AS SELECT * FROM requests WHERE key IS NOT NULL AND session % {step} = 0 "
        f"ORDER BY place LIMIT {2 * SAMPLED}"
    )


def _logged(traffic: Traffic, requests: str) -> Tally:
    """What the log did with some requests."""
    sums = {line: f"SUM({tokens})" for line, tokens in traffic.tokens.items()}
    sums |= {REQUESTS: "COUNT(*)", HITS: "COUNT(*) FILTER (WHERE read > 0)"}
    query = f"SELECT key, {', '.join(sums.values())} FROM {requests} GROUP BY key"
    known = list(traffic.keys)
    return Tally(
        (known[key], line, int(count))
        for key, *row in traffic.database.rows(query)
        for line, count in zip(sums, row, strict=True)
    )
