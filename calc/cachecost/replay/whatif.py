"""The same requests under other policies and on other models, weighed in whole tokens.

First all requests are surveyed: which rates they have here and on other sheets decides which policies there are. Then
whole sessions are weighed under each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..errors import NotInForce, NotSold
from . import classes
from .account import Account, Rating
from .bounds import sent
from .cases import Case
from .clairvoyant import least
from .epochs import DAY, Epochs, Key
from .losses import lost
from .policies import tallies
from .survey import Database, Survey, among, inline, survey
from .tally import HITS, REQUESTS, Tally, price
from .traffic import Traffic

FORESEEN = 100_000
"""Requests of a log up to which the bound below all policies is worked out unasked: some seconds."""
SAMPLED = 20_000
"""Requests that are looked at for a prefix that sessions share, where no bound is worked out for all."""
_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


class WhatIf:
    """Every policy on the models of the log, then on the others: one case for each.

    `surveys`: of all requests by their own rates, then on each of the `others`: sheets on which all requests are
    weighed as well. `names`: only these policies. `common`: tokens that all sessions begin with. `lost`: what was lost;
    `headless`: in how many sessions the first request read, `least_read` tokens at least.
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
        database, sheets = traffic.database, account.sheets
        own = survey(database, "requests", dict(enumerate(traffic.keys)))
        elsewhere = [_sold_on(epochs, traffic, account.rating) for epochs in others]
        self.surveys = own, *elsewhere
        self.requests = sum(share.requests for share in own.shares.values())
        self.foreseen = self.requests <= FORESEEN or bool(names)
        wholes = Counter(each.key.sheet for each in traffic.wholes)

        def case(sheet: str, sheets: Mapping[str, Epochs], on: Survey) -> Case:
            return Case(sheet, sheets, on, names, foreseen=self.foreseen, common=common)

        ranked = dict.fromkeys((*_ranked(own), *(sheet for sheet, _ in wholes.most_common())))
        self.own = [case(sheet, sheets, own) for sheet in ranked]
        self.elsewhere = [case(each.name, {each.name: each}, on) for each, on in zip(others, elsewhere, strict=True)]
        self.lost = lost(database, own, list(traffic.lines), sheets)
        is_read = any(share.reads and share.named for share in own.shares.values())
        self.headless, self.least_read = _headless(database) if is_read else (0, 0)
        _weigh(database, own, self.own, sheets, common, open_=self.headless > 0)
        for on, each in zip(elsewhere, self.elsewhere, strict=True):
            _weigh(database, on, [each], each.sheets, common)
        # a session can only read what another wrote if it begins with a read
        if self.headless and (unbounded := [each for each in self.own if each.shared and not each.bounded]):
            _compare(traffic, unbounded, sheets)


def _sold_on(epochs: Epochs, traffic: Traffic, rating: Rating) -> Survey:
    """The requests that are sold on a sheet, and why others are not."""
    database, products = traffic.database, list(traffic.products)
    keys, refused = dict[Key, int](), Counter[str]()
    digits = classes.rating(database, "requests", range(len(products)), [epochs], answer="output")
    number, rates = classes.number(digits), dict[int, int]()
    for by, count in database.rows(f"SELECT {number}, COUNT(*) FROM requests GROUP BY 1 ORDER BY MIN(place)"):
        day, product, time, prompt, output = classes.parted(by, digits)
        words = {"service": products[product].service, "thinking": products[product].thinking}
        try:
            key = epochs.key(rating.at(day * DAY + time), prompt, output=output, **words)
        except (NotSold, NotInForce) as error:
            refused[_ONE.sub("", str(error))] += count
            continue
        rates[by] = keys.setdefault(key, len(keys))
    rated = inline({"class": list(rates), "key": list(rates.values())})
    requests = f"(FROM (SELECT * EXCLUDE (key), {number} AS class FROM requests) JOIN {rated} USING (class))"
    return survey(database, requests, {number: key for key, number in keys.items()}, refused)


def _weigh(
    database: Database,
    on: Survey,
    cases: Sequence[Case],
    sheets: Mapping[str, Epochs],
    common: int,
    *,
    open_: bool = False,
) -> None:
    """Weigh the requests of a survey in all of its cases. The bound below all policies is worked out where it is shown
    (`bounded`). `open_`: sessions may share a prefix, so bounds are needed that rest on no session."""
    requests = sent(database, on, sheets) if any(not each.shared or open_ or common for each in cases) else []
    weighed = tallies(database, on, sheets, {each.sheet: each.policies for each in cases if each.shared}, common)
    keys = {number: key for each in cases if each.bounded for number, key in each.keys.items()}
    bounds = least(database, on.requests, keys, sheets) if keys else {}
    for each in cases:
        each.tallies, each.least = weighed.get(each.sheet, {}), bounds.get(each.sheet, each.least)
        each.sent = [one for one in requests if one.key.sheet == each.sheet]


def _ranked(own: Survey) -> list[str]:
    """The log's own sheets, those with most requests first."""
    counts = Counter[str]()
    for key, share in own.shares.items():
        if key is not None:
            counts[own.keys[key].sheet] += share.requests
    return sorted(counts, key=lambda sheet: (-counts[sheet], sheet))


def _headless(database: Database) -> tuple[int, int]:
    """Sessions whose first request read a cache, which was written before the log begins or by another session; and the
    fewest tokens that one of them read."""
    first = "ARG_MIN(read, CAST(moment AS HUGEINT) * 1099511627776 + place)"  # by time, then by place below 2**40
    named = "session IS NOT NULL AND key IS NOT NULL"
    query = f"SELECT {first} AS first FROM requests WHERE {named} GROUP BY session, key"
    ((headless, least),) = database.rows(f"SELECT COUNT(*), MIN(first) FROM ({query}) WHERE first > 0")
    return int(headless), int(least or 0)


def _compare(traffic: Traffic, cases: Iterable[Case], sheets: Mapping[str, Epochs]) -> None:
    """Say of each case whether every n-th session of the requests that have a price, about `SAMPLED` requests in all,
    cost less than under any policy that knows each session alone."""
    step = f"(SELECT (COUNT(*) + {SAMPLED - 1}) // {SAMPLED} FROM requests)"
    traffic.database.rows(
        "CREATE OR REPLACE TABLE sampled AS SELECT * FROM requests "
        f"WHERE key IS NOT NULL AND hash(session) % {step} = 0 ORDER BY place LIMIT {2 * SAMPLED}"
    )
    keys = {number: key for each in cases for number, key in each.keys.items()}
    bounds, paid = least(traffic.database, "sampled", keys, sheets), {each.sheet: Tally() for each in cases}
    sums = {line: f"SUM({tokens})" for line, tokens in traffic.tokens.items()}
    sums |= {REQUESTS: "COUNT(*)", HITS: "COUNT(*) FILTER (WHERE read > 0)"}
    query = f"SELECT key, {', '.join(sums.values())} FROM sampled WHERE {among(keys)} GROUP BY key"
    for key, *row in traffic.database.rows(query):
        paid[keys[key].sheet].merge((keys[key], line, int(count)) for line, count in zip(sums, row, strict=True))
    for each in cases:
        tally = paid[each.sheet]
        each.undercut = bool(tally.sums) and price(tally, sheets).total < bounds[each.sheet]
