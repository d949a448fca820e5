"""The same requests under other policies and on other models, each beside what was paid for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ..errors import NotInForce, NotSold
from ..strategies.names import AUTOMATIC, FRESH
from . import classes
from .account import Account, Rating
from .breakdown import rates_of
from .cases import CLAIRVOYANT, FORESEEN, Case, Sample, Weighed
from .epochs import DAY, Epochs
from .losses import COLD, NEVER_READ, Counts, counts, losses
from .report import Alternative, Loss, Rates, counted
from .tally import HITS, REQUESTS, Key, Tally, key_of, price
from .traffic import Traffic, Whole

SAMPLED = 20_000
"""Requests that are looked at for a prefix that sessions share, where no bound is worked out for all."""
_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


class Share(NamedTuple):
    """How many requests there are, and of how many nothing says with which others they share a prompt."""

    requests: int
    alone: int

    def plus(self, other: Share) -> Share:
        return Share(self.requests + other.requests, self.alone + other.alone)


NO_REQUESTS = Share(0, 0)


def shares(traffic: Traffic) -> dict[Key | None, Share]:
    """All requests by key, those without a price under None."""
    alone = "COUNT(*) FILTER (WHERE session IS NULL AND blocks IS NULL)"
    query = f"SELECT key, COUNT(*), {alone} FROM requests GROUP BY key ORDER BY MIN(place)"
    keys = traffic.known
    return {None if key is None else keys[key]: Share(*told) for key, *told in traffic.database.rows(query)}


class Found(NamedTuple):
    """Alternatives, the rates of other models behind them, spending that bought nothing, what is to be said, and the
    log's own models whose sessions share a prefix, so that they have no alternatives."""

    alternatives: list[Alternative]
    rates: list[Rates]
    losses: list[Loss]
    notes: list[str]
    sharing: list[str]


@dataclass
class Weights:
    """What whole sessions have come to: by sheet on the log's own models and on others, what was lost, and in how many
    sessions the first request read. Those of parts of a log can be added up."""

    own: dict[str, Weighed] = field(default_factory=dict)
    others: dict[str, Weighed] = field(default_factory=dict)
    lost: Counts = field(default_factory=Counter)
    headless: int = 0

    def merge(self, other: Weights) -> None:
        for mine, theirs in ((self.own, other.own), (self.others, other.others)):
            for sheet, weighed in theirs.items():
                mine.setdefault(sheet, Weighed()).merge(weighed)
        self.lost.update(other.lost)
        self.headless += other.headless


class Other:
    """A sheet that is not the log's: the rates that requests have there, and why some have none."""

    def __init__(self, epochs: Epochs) -> None:
        self.epochs = epochs
        self.keys: dict[Key, int] = {}
        self.refused: Counter[str] = Counter()
        self.shared = False

    def see(self, traffic: Traffic, rating: Rating) -> None:
        """Take note of the rates of some requests."""
        told = "COUNT(session) + COUNT(blocks) > 0"
        ((shared,),) = traffic.database.rows(f"SELECT {told} FROM {self.requests(traffic, rating, self.refused)}")
        self.shared = self.shared or shared

    def requests(self, traffic: Traffic, rating: Rating, refused: Counter[str] | None = None) -> str:
        """The requests that are sold here, as a table with their keys, which are added to `keys`; why others are not
        sold is counted."""
        database, whos = traffic.database, list(traffic.whos)
        digits = classes.rating(database, "requests", range(len(whos)), [self.epochs])
        table, number, rates = f'"classes of {self.epochs.name}"', classes.number(digits), list[tuple[int, int]]()
        query = f"SELECT {number}, COUNT(*) FROM requests GROUP BY 1 ORDER BY MIN(place)"
        for by, count in database.rows(query):
            day, who, time, prompt, output = classes.told(by, digits)
            at, asked = rating.at(day * DAY + time), {"service": whos[who].service, "thinking": whos[who].thinking}
            try:
                key = key_of(self.epochs, at, prompt, output=output, **asked)
            except (NotSold, NotInForce) as error:
                if refused is not None:
                    refused[_ONE.sub("", str(error))] += count
                continue
            rates.append((by, self.keys.setdefault(key, len(self.keys))))
        database.load(table, {"class": "BIGINT", "key": "INTEGER"}, rates)
        return f"(FROM (SELECT * EXCLUDE (key), {number} AS class FROM requests) JOIN {table} USING (class))"

    def merge(self, other: Other) -> None:
        for key in other.keys:
            self.keys.setdefault(key, len(self.keys))
        self.refused.update(other.refused)
        self.shared = self.shared or other.shared


class WhatIf:
    """What is asked of a log whose requests all have their rates.

    `shares`: how many requests there are by key, and without a key under None. `sessions`: whether some name one.
    `others`: sheets on which all requests are weighed as well. `names`: only these policies.
    """

    def __init__(
        self,
        account: Account,
        keys: Sequence[Key],
        shares: Mapping[Key | None, Share],
        *,
        sessions: bool,
        wholes: Iterable[Whole] = (),
        others: Sequence[Other] = (),
        names: Sequence[str] = (),
    ) -> None:
        self.keys, self.sheets, self.rating, self.shares = keys, account.sheets, account.rating, shares
        self.sessions, self.requests = sessions, sum(share.requests for share in shares.values())
        foreseen = self.foreseen = self.requests <= FORESEEN or bool(names)
        self.own = [
            Case(sheet, keys, self.sheets, names, shared=share.requests > share.alone, foreseen=foreseen)
            for sheet, share in _by_sheet(shares, wholes)
        ]
        self.others = [
            (
                other,
                Case(
                    other.epochs.name,
                    list(other.keys),
                    {other.epochs.name: other.epochs},
                    names,
                    shared=other.shared,
                    foreseen=foreseen,
                ),
            )
            for other in others
        ]

    @property
    def cases(self) -> list[Case]:
        return [*self.own, *(case for _, case in self.others)]

    def weigh(self, traffic: Traffic) -> Weights:
        """What whole sessions come to."""
        database = traffic.database
        lost = counts(database, "requests", self.keys, list(traffic.lines), self.sheets)
        told = Weights(lost=lost, headless=_headless(traffic))
        # a session can only read what another wrote if it begins with a read
        sampled = bool(told.headless) and not all(case.bounded for case in self.own)
        if sampled:
            _sample(traffic)
        for case in self.own:
            mine = [place for place, key in enumerate(self.keys) if key.sheet == case.sheet]
            sample = Sample(_of("sampled", mine), _logged(traffic, mine)) if sampled and not case.bounded else None
            told.own[case.sheet] = case.weigh(database, _of("requests", mine), sample)
        for other, case in self.others:
            told.others[case.sheet] = case.weigh(database, other.requests(traffic, self.rating))
        return told


def _by_sheet(shares: Mapping[Key | None, Share], wholes: Iterable[Whole]) -> list[tuple[str, Share]]:
    """The log's own sheets, those with most requests first; those of sums alone last."""
    found: dict[str, Share] = {}
    for key, share in shares.items():
        if key is not None and share.requests:
            found[key.sheet] = found.get(key.sheet, NO_REQUESTS).plus(share)
    ranked = sorted(found.items(), key=lambda each: (-each[1].requests, each[0]))
    missing = Counter(each.key.sheet for each in wholes if each.key.sheet not in found)
    return [*ranked, *((sheet, NO_REQUESTS) for sheet, _ in missing.most_common())]


def what_if(account: Account, traffic: Traffic, *, others: Sequence[Epochs] = (), names: Sequence[str] = ()) -> Found:
    """Every policy on the models of the log, then on the others; and what was lost."""
    seen = [Other(epochs) for epochs in others]
    for other in seen:
        other.see(traffic, account.rating)
    asked = WhatIf(
        account,
        traffic.known,
        shares(traffic),
        sessions=bool(traffic.database.rows("SELECT 1 FROM sessions LIMIT 1")),
        wholes=traffic.wholes,
        others=seen,
        names=names,
    )
    return answer(asked, asked.weigh(traffic), account, traffic)


def answer(what_if: WhatIf, told: Weights, account: Account, traffic: Traffic) -> Found:
    """What it came to, in money and words."""
    found = Found([], [], [], [], [])
    for case in what_if.own:
        beside = Tally(cell for cell in traffic.beside.cells() if cell.key.sheet == case.sheet)
        wholes = [each for each in traffic.wholes if each.key.sheet == case.sheet and not case.shared]
        part = _took_part(account, traffic, case.sheet, wholes=bool(wholes))
        paid, was_on = price(part, account.sheets).total, _only_read(part)
        weighed = told.own.get(case.sheet, Weighed())
        rows = list(case.alternatives(weighed, beside, wholes))
        if case.undercut(weighed) or any(each.bound == "lower" and each.total > paid for each in rows):
            # Nothing can be cheaper than a lower bound: the log paid less because one session read what another wrote.
            found.sharing.append(case.sheet)
            continue
        automatic = [each for each in rows if each.policy.partition(":")[0] == AUTOMATIC]
        found.notes.extend(case.lifetime_notes(was_on=was_on) if automatic else ())
        found.alternatives.extend(each._replace(paid=paid, was_on=was_on and each in automatic) for each in rows)
    # what a session of theirs wrote, another may have read
    shared = {of for of in told.lost if of[0] in (NEVER_READ, COLD) and of[1].sheet in found.sharing}
    found.losses.extend(losses({of: n for of, n in told.lost.items() if of not in shared}, account.sheets))
    for other, case in what_if.others:
        for reason, count in sorted(other.refused.items(), key=lambda told: (-told[1], told[0])):
            found.notes.append(f"Without a price on {case.sheet}: {counted(count, 'request')}: {reason}")
        if other.keys:
            paid_all = None if other.refused or None in what_if.shares else _paid(account, traffic)
            found.rates.extend(rates_of(Tally((key, REQUESTS, 1) for key in other.keys), case.sheets))
            rows = list(case.alternatives(told.others.get(case.sheet, Weighed()), Tally(), ()))
            if found.sharing:  # what is sent fresh costs the same, whatever sessions share
                rows = [each for each in rows if each.policy == FRESH]
            found.notes.extend(case.lifetime_notes() if any(each.policy == AUTOMATIC for each in rows) else ())
            found.alternatives.extend(each._replace(paid=paid_all, same=False) for each in rows)
    found.notes.extend(_notes(what_if, told, compared=bool(found.alternatives)))
    return found


def _notes(what_if: WhatIf, weights: Weights, *, compared: bool) -> Iterator[str]:
    alone = sum(share.alone for share in what_if.shares.values())
    if alone and what_if.sessions and compared:
        yield (
            f"Without a session: {counted(alone, 'request')} of {what_if.requests:,}; where others on the model name "
            "one, they are sent fresh under other policies."
        )
    if not what_if.foreseen and any(case.shared for case in what_if.cases):
        yield (
            f"Left out above {FORESEEN:,} requests: the bound below all policies; --policy {CLAIRVOYANT} asks for it."
        )
    if weights.headless:
        yield (
            f"Begun with a read of what the log does not show being written: {counted(weights.headless, 'session')}; "
            "other policies pay for that write."
        )
    if what_if.sessions and compared:
        yield "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."


def _of(table: str, keys: Sequence[int]) -> str:
    """The requests of some keys."""
    return f"(SELECT * FROM {table} WHERE key IN ({', '.join(map(str, keys))}))" if keys else f"(FROM {table} LIMIT 0)"


def _headless(traffic: Traffic) -> int:
    """Sessions whose first request read a cache: it was written before the log begins, or by another session."""
    first = "ARG_MIN(read, CAST(moment AS HUGEINT) * 1099511627776 + place)"  # by time, then by place below 2**40
    named = "session IS NOT NULL AND key IS NOT NULL"
    query = f"SELECT {first} AS first FROM requests WHERE {named} GROUP BY session, key"
    return int(traffic.database.rows(f"SELECT COUNT(*) FILTER (WHERE first > 0) FROM ({query})")[0][0])


def _sample(traffic: Traffic) -> None:
    """Every n-th session of the requests that have a price, about `SAMPLED` requests in all, into a table."""
    step = f"(SELECT (COUNT(*) + {SAMPLED - 1}) // {SAMPLED} FROM requests)"
    traffic.database.rows(
        f"CREATE OR REPLACE TABLE sampled AS SELECT * FROM requests WHERE key IS NOT NULL AND session % {step} = 0 "
        f"ORDER BY place LIMIT {2 * SAMPLED}"
    )


def _logged(traffic: Traffic, keys: Sequence[int]) -> Tally:
    """What the log did with the requests of some keys in the sample."""
    sums = {line: f"SUM({tokens})" for line, tokens in traffic.tokens.items()}
    sums |= {REQUESTS: "COUNT(*)", HITS: "COUNT(*) FILTER (WHERE read > 0)"}
    query = f"SELECT key, {', '.join(sums.values())} FROM {_of('sampled', keys)} GROUP BY key"
    known = traffic.known
    return Tally(
        (known[key], line, int(count))
        for key, *counts in traffic.database.rows(query)
        for line, count in zip(sums, counts, strict=True)
    )


def _only_read(part: Tally) -> bool:
    """Whether requests paid for no cache: none was written, created or rented."""
    return not any(part.total(line) for line in ("cache_write", "creation", "storage"))


def _took_part(account: Account, traffic: Traffic, sheet: str | None = None, *, wholes: bool = False) -> Tally:
    """What the requests that are compared added to the bill, of one sheet or of all; with sums of requests or not."""
    found = account.whole()
    for tally in (traffic.timeless, *(() if wholes else (traffic.sums,))):
        for key, line, count in tally.cells():
            found.add(key, line, -count)
    return Tally(cell for cell in found.cells() if sheet in (None, cell.key.sheet))


def _paid(account: Account, traffic: Traffic) -> Decimal | None:
    """What all requests that take part cost on their own models; None where they cost several currencies."""
    whole = _took_part(account, traffic)
    currencies = {account.sheets[key.sheet].sheet.currency for key in whole.sums}
    return price(whole, account.sheets).total if len(currencies) == 1 else None
