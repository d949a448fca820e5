"""The same requests under other policies and on other models, each beside what was paid for them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import ModuleType
from typing import Any, NamedTuple

from ..strategies.names import AUTOMATIC, FRESH
from .account import Account, Rating
from .breakdown import rates_of
from .cases import CLAIRVOYANT, FORESEEN, Case, Sample, Weighed, swift
from .epochs import Epochs
from .heaps import NOBODY, Share, chunks, heaps, shares
from .losses import NEVER_READ, Asked, Counts, Losses, lost
from .report import Alternative, Loss, Rates, counted
from .tally import HITS, REQUESTS, Key, Tally, price
from .traffic import KEPT, NONE, Traffic, Whole

SAMPLED = 20_000
"""Requests of a heap that are looked at for a prefix that sessions share, where no bound is worked out for all."""


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
    """What heaps of requests have come to: by sheet on the log's own models and on others, what was lost, and in how
    many sessions the first request read. Those of all heaps can be added up."""

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

    def see(self, heap: Traffic, rating: Rating) -> None:
        """Take note of the rates of some requests."""
        places = _road(heap).places(heap, self.epochs, rating, self.keys, self.refused)
        if self.shared or (not heap.blocks and heap.session.count(NONE) == len(heap)):
            return
        rows = zip(places, heap.session, range(len(heap)), strict=True)
        self.shared = any(place != NONE and (session != NONE or row in heap.blocks) for place, session, row in rows)

    def merge(self, other: Other) -> None:
        for key in other.keys:
            self.keys.setdefault(key, len(self.keys))
        self.refused.update(other.refused)
        self.shared = self.shared or other.shared


class WhatIf:
    """What is asked of a log whose requests all have their rates: heaps of it in, what they come to out.

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

    def weigh(self, heap: Traffic) -> Weights:
        """What a heap of whole sessions comes to."""
        road = _road(heap)
        told, split = Weights(lost=_lost(heap, self.sheets), headless=road.headless(heap)), road.logged(heap)
        # a session can only read what another wrote if it begins with a read
        probed = _sampled(heap) if told.headless and not all(case.bounded for case in self.own) else None
        for case in self.own:
            mine = {place for place, key in enumerate(self.keys) if key.sheet == case.sheet}
            told.own[case.sheet] = case.weigh(road.of(split, mine), _sample(probed, mine) if probed else None)
        for other, case in self.others:
            places = road.places(heap, other.epochs, self.rating, other.keys)
            told.others[case.sheet] = case.weigh(road.elsewhere(heap, places))
        return told


def _by_sheet(shares: Mapping[Key | None, Share], wholes: Iterable[Whole]) -> list[tuple[str, Share]]:
    """The log's own sheets, those with most requests first; those of sums alone last."""
    found: dict[str, Share] = {}
    for key, share in shares.items():
        if key is not None and share.requests:
            found[key.sheet] = found.get(key.sheet, NOBODY).plus(share)
    ranked = sorted(found.items(), key=lambda each: (-each[1].requests, each[0]))
    missing = Counter(each.key.sheet for each in wholes if each.key.sheet not in found)
    return [*ranked, *((sheet, NOBODY) for sheet, _ in missing.most_common())]


def what_if(account: Account, traffic: Traffic, *, others: Sequence[Epochs] = (), names: Sequence[str] = ()) -> Found:
    """Every policy on the models of the log, then on the others; and what was lost."""
    seen = [Other(epochs) for epochs in others]
    for other in seen:
        for heap in chunks(traffic):
            other.see(heap, account.rating)
    asked = WhatIf(
        account,
        traffic.known,
        shares(traffic),
        sessions=bool(traffic.sessions),
        wholes=traffic.wholes,
        others=seen,
        names=names,
    )
    told = Weights()
    for heap in heaps(traffic):
        told.merge(asked.weigh(heap))
    return answer(asked, told, account, traffic)


def answer(asked: WhatIf, told: Weights, account: Account, traffic: Traffic) -> Found:
    """What heaps came to, in money and words."""
    found = Found([], [], [], [], [])
    for case in asked.own:
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
    wasted = Counter(
        {of: n for of, n in told.lost.items() if (of[0], of[1].sheet in found.sharing) != (NEVER_READ, True)}
    )
    found.losses.extend(Loss(*each) for each in lost(wasted, account.sheets))
    for other, case in asked.others:
        for reason, count in sorted(other.refused.items(), key=lambda told: (-told[1], told[0])):
            found.notes.append(f"Without a price on {case.sheet}: {counted(count, 'request')}: {reason}")
        if other.keys:
            paid_all = None if other.refused or None in asked.shares else _paid(account, traffic)
            found.rates.extend(rates_of(Tally((key, REQUESTS, 1) for key in other.keys), case.sheets))
            rows = list(case.alternatives(told.others.get(case.sheet, Weighed()), Tally(), ()))
            if found.sharing:  # what is sent fresh costs the same, whatever sessions share
                rows = [each for each in rows if each.policy == FRESH]
            found.notes.extend(case.lifetime_notes() if any(each.policy == AUTOMATIC for each in rows) else ())
            found.alternatives.extend(each._replace(paid=paid_all, same=False) for each in rows)
    found.notes.extend(_notes(asked, told, compared=bool(found.alternatives)))
    return found


def _notes(asked: WhatIf, told: Weights, *, compared: bool) -> Iterator[str]:
    alone = sum(share.alone for share in asked.shares.values())
    if alone and asked.sessions and compared:
        yield (
            f"Without a session: {counted(alone, 'request')} of {asked.requests:,}; where others on the model name "
            "one, they are sent fresh under other policies."
        )
    if not asked.foreseen and any(case.shared for case in asked.cases):
        yield (
            f"Left out above {FORESEEN:,} requests: the bound below all policies; --policy {CLAIRVOYANT} asks for it."
        )
    if told.headless:
        yield (
            f"Begun with a read of what the log does not show being written: {counted(told.headless, 'session')}; "
            "other policies pay for that write."
        )
    if asked.sessions and compared:
        yield "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."


def _sampled(heap: Traffic) -> Traffic:
    """Every n-th session of the requests that have a price, about `SAMPLED` requests in all."""
    step = -(-len(heap) // SAMPLED)
    rows = [
        row
        for row, (session, key) in enumerate(zip(heap.session, heap.key, strict=True))
        if NONE not in (session, key) and session % step == 0
    ][: 2 * SAMPLED]
    columns = {name: array("q", map(getattr(heap, name).__getitem__, rows)).tobytes() for name in KEPT}
    return heap.like(columns | {"place": array("q", (heap.begin + row for row in rows)).tobytes()})


def _sample(heap: Traffic, keys: Collection[int]) -> Sample:
    """The requests of some keys, as they can be weighed and as the log has them."""
    from . import split

    logged, known = Tally(), heap.known
    for row, key in enumerate(heap.key):
        if key in keys:
            sent = heap.prompt[row] - heap.read[row] - heap.put[row]
            lines = [("input", sent), ("cache_read", heap.read[row]), *heap.written(row), ("output", heap.output[row])]
            for line, count in (*lines, (REQUESTS, 1), (HITS, int(heap.read[row] > 0))):
                logged.add(known[key], line, count)
    return Sample(split.of(split.logged(heap), keys), logged)


def _road(heap: Traffic) -> ModuleType:
    """The room that splits requests, by their number."""
    if swift(len(heap)):
        from . import split_swift

        return split_swift
    from . import split

    return split


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


def _lost(heap: Traffic, sheets: Mapping[str, Epochs]) -> Counts:
    """Spending that bought nothing, as far as sessions tell: tokens by reason, rates and line."""
    if swift(len(heap)):
        from .losses_swift import of_traffic

        return of_traffic(heap, sheets)
    losses, keys, lines = Losses(sheets), heap.known, heap.lines
    follow = losses.follow
    columns: list[Any] = [getattr(heap, name) for name in ("session", "key", "at", "read", "put", "line", "prompt")]
    for place in heap.order():
        session, key, at, read, put, line, prompt = (column[place] for column in columns)
        if session != NONE and key != NONE:
            written = ((lines[line], put),) if put and place not in heap.several else heap.written(place)
            follow(session, at, keys[key], Asked(prompt, read, put), written)
    return losses.counts()
