"""What the next turn of a live session costs, and the turns after it, by each way to go on.

A way is to continue, to replace the context by a summary first, to begin a new session with a summary, to go on with
another model, or to keep the cache alive by pings until the next turn. Each has three costs: `low` where all hits that
may hit, `likely` by what is known of the cache and the hit share that is assumed, and `high` where nothing ever hits.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from ..bills.bill import Bill
from ..bills.break_even import BreakEven, break_even
from ..bills.warnings import LeftOut
from ..errors import BadWorkload, CachecostError, DifferentCurrencies, NotSold
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet
from ..prices.warnings import refusal
from ..strategies.assumptions import Assumptions
from ..strategies.names import WRITTEN
from ..strategies.plan import Plan
from ..units import MICROSECOND, show_instant
from ..workload.arrivals import NOW
from ..workload.workload import Workload
from .compaction import call_cost
from .onward import ALIKE, Onward, assumed_on, cheapest, on_another
from .session import Cache, Call, cached

CONTINUE, COMPACT, NEW, SWITCH, PING = "continue", "compact", "new-session", "switch", "ping"
ALL, NONE = Fraction(1), Fraction(0)


class CostRange(NamedTuple):
    """Lowest, likely and highest cost, in the currency of the sheet."""

    low: Fraction
    likely: Fraction
    high: Fraction


class Way(NamedTuple):
    """One way to go on, in its three cases. `stay`: what continuing likely costs; None of continuing. `pings`: sent
    before the next turn; `until`: up to when they cost less than the cache that they keep, None without end. `note`:
    what else it is priced at than was asked for."""

    name: str
    cases: tuple[Onward, Onward, Onward]
    stay: Onward | None = None
    pings: int | None = None
    until: datetime | None = None
    note: str | None = None

    @property
    def likely(self) -> Onward:
        return self.cases[1]

    @property
    def model(self) -> str:
        return self.likely.plan.sheet.id

    @property
    def strategy(self) -> str:
        return self.likely.plan.strategy

    @property
    def wins(self) -> BreakEven | None:
        """With which numbers of turns it likely costs less than to continue."""
        return break_even(self.likely, self.stay) if self.stay else None

    def over(self, turns: int) -> CostRange | None:
        """What so many turns cost; None where they do not fit into the context."""
        if turns > self.likely.horizon:
            return None
        return CostRange(*(case.exact_total(turns) for case in self.cases))


class Ahead(NamedTuple):
    """What is ahead of a session: its cache at an instant, and the ways to go on, continuing first where it is served.
    `workload`: the turns left as a conversation that begins when the next turn comes."""

    sheet: PriceSheet
    card: RateCard
    cache: Cache
    now: datetime
    workload: Workload
    summary: int
    ways: tuple[Way, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def version(self) -> str:
        return self.sheet.version(self.card)

    @property
    def turns(self) -> int:
        return self.workload.queries

    @property
    def best(self) -> Way:
        """The cheapest way over the turns left, or for the next turn where they fit nowhere; the simpler at a tie."""

        def order(way: Way) -> tuple[bool, Fraction]:
            fits = self.turns <= way.likely.horizon
            return not fits, way.likely.exact_total(self.turns if fits else 1)

        return min(self.ways, key=order)


def ahead(
    sheet: PriceSheet,
    calls: Sequence[Call],
    *,
    now: datetime,
    turns: int = 10,
    question: int = 200,
    answer: int = 2_000,
    pause: timedelta = NOW,
    summary: Callable[[int], int] = lambda context: -(-context // 10),
    others: Iterable[tuple[PriceSheet, Fraction]] = (),
    hit_share: Fraction | None = None,
    assumptions: Assumptions | None = None,
) -> Ahead:
    """The ways to go on with a session whose requests on one model are `calls`, `now`, or after a `pause`.

    The next prompt is the last one, its answer and a `question`; every turn adds a question and an `answer`. `summary`
    says how long that of a context is. `others`: models to switch to, with their tokens for one of this. `hit_share`:
    share of turns that find what may be alive; None takes what is certain.

    Raises BadWorkload without a request, or where the clock has no zone or is before the last of them, Refused or
    NotSold where there is no way to go on.
    """
    if not calls:
        raise BadWorkload("expected one request or more", word="calls")
    if now.tzinfo is None:
        raise BadWorkload("expected an instant with a zone", word="at")
    last, then = calls[-1], now + pause
    if now < last.at:
        raise BadWorkload(f"{show_instant(now)} is before the last request, at {show_instant(last.at)}", word="at")
    card = sheet.card(then)
    cache = cached(calls, card)
    work = Workload(max(1, last.usage.prompt + last.usage.output), question, answer, turns, then, grows=True)
    outlook = _Outlook(cache, sheet, work, assumptions or Assumptions(), hit_share, now, summary(work.context))
    ways: list[Way] = []
    left_out: list[tuple[LeftOut, CachecostError]] = []
    for name, way in outlook.ways(others):
        try:
            one = way()
            first = ways[0] if ways and ways[0].name == CONTINUE else None
            ways.append(one._replace(stay=first.likely) if first else one)
        except CachecostError as error:
            left_out.append((LeftOut(name, error.kind, error.reason), error))
    if not ways:
        raise left_out[0][1]
    return Ahead(sheet, card, cache, now, work, outlook.summary, tuple(ways), tuple(each for each, _ in left_out))


@dataclass(frozen=True)
class _Outlook:
    """What the ways are worked out from: the cache, the turns left, what is assumed, and how long a summary is."""

    cache: Cache
    sheet: PriceSheet
    workload: Workload
    assumptions: Assumptions
    hit_share: Fraction | None
    now: datetime
    summary: int

    def ways(self, others: Iterable[tuple[PriceSheet, Fraction]]) -> Iterator[tuple[str, Callable[[], Way]]]:
        """What works out each way, by its name."""
        yield CONTINUE, lambda: Way(CONTINUE, self._cases(self.workload, *self._found, longer=self.cache.longer))
        yield COMPACT, self._compact
        yield NEW, lambda: Way(NEW, self._cases(self._short))
        for sheet, ratio in others:
            yield f"{SWITCH} to {sheet.id}", partial(self._switch, sheet, ratio)
        if self.cache.strategy.startswith(WRITTEN):
            yield PING, self._ping

    @property
    def _found(self) -> tuple[int, int]:
        """Tokens that the next turn certainly finds, and the most that it may find."""
        then = self.workload.start
        return self.cache.alive(then), self.cache.possible(then)

    @property
    def _short(self) -> Workload:
        """The turns left, from a summary on."""
        if not 1 <= self.summary < self.workload.context:
            most = self.workload.context - 1
            raise BadWorkload(f"expected a summary of 1 to {most:,} tokens, less than the context", word="to")
        return replace(self.workload, context=self.summary)

    def _shares(self, alive: int, possible: int) -> tuple[tuple[int, Fraction], ...]:
        """Tokens that the next turn finds and the share of turns that hit: at best, likely, at worst."""
        likely = (alive, ALL) if self.hit_share is None else (possible, self.hit_share)
        return (possible, ALL), likely, (0, NONE)

    def _plan(self, workload: Workload, share: Fraction) -> Plan:
        plan = Plan(self.cache.strategy, workload, self.sheet, replace(self.assumptions, hit_share=share))
        _serve(plan, workload.prompt, workload.answer)
        return plan

    def _cases(
        self,
        work: Workload,
        alive: int = 0,
        possible: int = 0,
        *,
        longer: tuple[str, int] = ALIKE,
        before: Sequence[Fraction] = (NONE, NONE, NONE),
    ) -> tuple[Onward, Onward, Onward]:
        """A conversation on the session's own model in its three cases; `before`: what is due first in each."""
        low, likely, high = (
            Onward(self._plan(work, share), alive=tokens, longer=longer, before=due, most=work.queries)
            for (tokens, share), due in zip(self._shares(alive, possible), before, strict=True)
        )
        return low, likely, high

    def _compact(self) -> Way:
        asking = replace(self.workload, question=0, answer=self.summary, queries=1)
        plan = Plan(self.cache.strategy, asking, self.sheet, self.assumptions)
        _serve(plan, asking.prompt, asking.answer)
        missed = call_cost(plan, 0)
        cases = [(call_cost(plan, tokens), share) for tokens, share in self._shares(*self._found)]
        calls = [share * found + (1 - share) * missed for found, share in cases]
        return Way(COMPACT, self._cases(self._short, before=calls))

    def _switch(self, sheet: PriceSheet, ratio: Fraction) -> Way:
        if sheet.currency != self.sheet.currency:
            raise DifferentCurrencies(f"{sheet.id} bills in {sheet.currency}, not in {self.sheet.currency}")
        work = on_another(self.workload, ratio)
        share = ALL if self.hit_share is None else self.hit_share
        assumed, note = assumed_on(replace(self.assumptions, hit_share=share), sheet, work.start)
        likely = cheapest(sheet, work, assumed, turns=work.queries)
        _serve(likely.plan, work.prompt, work.answer)
        low, high = (Onward(likely.plan.but(hit_share=end), most=work.queries) for end in (ALL, NONE))
        return Way(SWITCH, (low, likely, high), note=note)

    def _ping(self) -> Way:
        """The cache kept alive until the next turn: a ping at the end of each life that ends before it."""
        cache, tokens = self.cache, self.cache.tokens
        if cache.alive(self.now) < tokens or not tokens:
            raise NotSold("there is nothing to keep alive: the cache, or a part of it, is cold or not known to live")
        written = self.sheet.card(self.now).caching.written
        if written is None or not written.refresh:
            raise NotSold("a read does not start a life again here, so pings keep nothing alive")
        life, used = min((each.least, each.at) for each in cache.entries)
        idle = self.workload.start - used
        pings = max(0, (idle // MICROSECOND - 1) // (life // MICROSECOND))
        plan = self._plan(self.workload, ALL)
        ping = Fraction(Bill(plan).of_one(plan.terms(plan.workload.start).reading(tokens), prompt=tokens))
        cases = self._cases(self.workload, tokens, tokens, longer=cache.longer, before=[pings * ping] * 3)
        saved = cases[2].exact_total(1) - cases[0].exact_total(1)
        until = used + life * (1 + int(saved // ping)) if ping else None
        return Way(PING, cases, pings=pings, until=until)


def _serve(plan: Plan, prompt: int, answer: int) -> None:
    """Refused where the vendor would not serve a request of so many tokens."""
    if unserved := refusal(plan.card, prompt=prompt, answer=answer):
        raise unserved.error(plan.sheet.id)
