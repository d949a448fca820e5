"""The words in which people ask what a workload costs, once for every door: flags, query parameters, request bodies.

A word is a text as the user wrote it; empty means not given. The command line makes its flags of `WORDS`, the HTTP API
its parameters and bodies, and both read them here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from .. import money, units
from ..errors import BadQuantity, BadWorkload, CachecostError
from ..selfhosted.serving import KV_TYPES, WEIGHT_TYPES
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from . import reading
from .reading import serving_of
from .word import HIT_SHARE, Word

T = TypeVar("T")


def _word(default: str | bool | tuple[()], metavar: str, help: str, example: str = "", **more: Any) -> Any:
    return field(default=default, metadata={"metavar": metavar, "help": help, "example": example, **more})


@dataclass(frozen=True)
class Question:
    """A workload and how it is billed, as given by the user."""

    context: str = _word("", "TOKENS", "Tokens sent with every query: 150K, 1M.", "100K", short="-c")
    file: Sequence[str] = _word(
        (),
        "PATH",
        "Documents to count as context. Files, folders, patterns, addresses, - for stdin; repeatable.",
        short="-f",
        local=True,
    )
    exclude: Sequence[str] = _word((), "PATTERN", "Files of a folder to leave out: *.lock. Repeatable.", local=True)
    pages: str = _word("", "N", "Pages of PDFs sent as such, by the vendor's rule: 400.", "400")
    images: Sequence[str] = _word(
        (), "N@WxH", "Images by their size in pixels: 30@1024x1024. Repeatable.", "30@1024x1024"
    )
    audio: str = _word("", "DURATION", "Sound: 90m.", "90m")
    video: str = _word("", "DURATION", "Video: 2h.", "30m")
    queries: str = _word("10", "N", "How many queries.", "10", short="-n")
    question: str = _word("200", "TOKENS", "Tokens of each question.", "200", short="-q")
    answer: str = _word("500", "TOKENS", "Tokens of each answer.", "500", short="-a")
    every: str = _word("", "DURATION", "Time between queries: 5m, 1h30m.", "5m")
    over: str = _word("", "DURATION", "Spread the queries evenly over this time.", "8h")
    rate: str = _word("", "N/h", "Queries per hour: 12/h, 3/d.", "12/h")
    for_: str = _word("", "DURATION", "How long they come at that pace, instead of how many: 30d.")
    arrivals: str = _word("even", "even|poisson|random", "How they come: poisson needs a rate, random a time (over).")
    burst: str = _word("", "N@DURATION", "N queries at once, every so often: 10@5m.", "5@10m")
    times: str = _word("", "INSTANTS", "The instants at which queries come, instead of how many (queries).")
    office: str = _word(
        "", "HOURS", "Queries come only in these hours: 09:00-17:00, mon-fri 09:00-17:00 Europe/Berlin."
    )
    turns: str = _word("", "N", "A conversation of N turns: each sends all that was said before.", "20")
    tools: str = _word("0", "TOKENS", "Tool results that join each turn.")
    hold: str = _word(
        "",
        "DURATION",
        "How long a stored cache exists (default: the span of the queries, at least the default TTL).",
        "2h",
    )
    hit_share: str = _word("", *HIT_SHARE[2:5], flag=HIT_SHARE.flag)
    generation: str = _word("0s", "DURATION", "How long an answer takes; off the TTL where a vendor counts so.", "40s")
    pings: str = _word(
        "", "K", "Most pings after a query, under keep-alive; then the entry dies. None follow the last query.", "3"
    )
    eviction: str = _word(
        "", "none|reported|STEPS", "Entries lost before their time, by idle time: 10m:8%,20m:13%.", "10m:8%"
    )
    creation: str = _word(
        "", "input|free", "How filling a stored cache is billed (default: as the sheet says).", "free"
    )
    first_query: str = _word(
        "reads", "reads|creates", "The first query reads a cache created before it, or itself creates it.", "creates"
    )
    billed_per: str = _word(
        "", "second|minute|hour", "Rent is paid by started second, minute or hour (default: as the sheet says).", "hour"
    )
    service: str = _word("standard", "NAME", "standard, batch, flex, priority …", "standard")
    region: str = _word("", "NAME", "A region with its own rates, such as us; several as eu,fedramp.")
    thinking: bool = _word(False, "", "Take the rates of thinking mode, where they differ.")
    discount: str = _word("", "SHARE", "Your discount on every rate: 15%. The answer says so.", "15%")
    terms: str = _word("", "PATH", "Your own terms by provider, model, service and date: terms.yaml.", local=True)
    kv: str = _word("", "|".join(KV_TYPES), "Type of the numbers in a deployment's caches (default: bf16).")
    weights: str = _word("", "|".join(WEIGHT_TYPES), "Type of its weights (default: as released).")
    attention: str = _word("", "tensor|data", "Heads split over its cards, or requests (default: data for latent).")
    use: str = _word("", "SHARE", "Share of its machine's hours that are used: 40% (default: all).")
    dedicated: bool = _word(False, "", "Bill its whole machine for as long as the queries come.")
    batch: str = _word("", "N", "Requests that it decodes together (default: what its memory holds, up to 256).")
    efficiency: str = _word("", "SHARE[,SHARE]", "Share of its peak in linear layers, and attention: 45%,30%.")
    pool: str = _word("", "full|free", "Memory of its cards that other requests want, or costs nothing: free.")
    exchange: str = _word("", "CUR=USD", "Dollars for 1 CNY or EUR, to compare bills: CNY=0.14.", "CNY=0.14")
    as_of: str = _word("", "WHEN", "Prices of a day or instant: 2026-11-01 (default: now).", "2026-11-01")

    def assumptions(self, folder: Path | None = None) -> Assumptions:
        """How it is billed; an empty text takes what the rate card says. The folder of price sheets, if there is one,
        has curves of eviction by their names."""
        share = self._maybe("hit_share", units.share)
        return Assumptions(
            hit_share=1 if share is None else money.settled(share),
            hold=self._maybe("hold", units.duration),
            creation=self.creation or None,
            first_query=self.first_query,
            billed_per=self.billed_per or None,
            service=self.service,
            region=self.region or None,
            thinking=self.thinking,
            generation=self._read("generation", units.duration),
            pings=self._maybe("pings", units.count),
            eviction=self._maybe("eviction", lambda text: reading.eviction(text, folder)),
            serving=serving_of({name: getattr(self, name) for name in SERVING}),
        )

    def workload(self, context: int = 1, *, now: datetime, times: Sequence[datetime] = ()) -> Workload:
        """The workload of so many tokens of context, which may be filled in later, model by model.

        `now` is when it begins where no `as_of` was said; `times` are the instants that the door read out of its
        `times`, in order, of which the first is the start.
        """
        start = self._maybe("as_of", units.instant) or now
        turns = self._maybe("turns", units.count)
        number = self.number(start) if turns is None else turns
        gap, window = self._maybe("every", units.duration), self._maybe("over", units.duration)
        hourly, hours, offsets = self._maybe("rate", units.rate), None, tuple[timedelta, ...]()
        if self.office:
            if times or self.burst or self.turns:
                raise BadWorkload(
                    "times, bursts and turns say how queries come; give every, over or rate instead", word="office"
                )
            if number > reading.MAX_TIMES:
                few = f"expected up to {reading.MAX_TIMES:,}"
                raise BadQuantity(f"{number:,} in office hours are too many; {few}", word="queries")
            from ..workload.office import inside

            pace: dict[str, Any] = {"every": gap, "over": window, "rate": hourly, "arrivals": self.arrivals}
            hours, times = self._read("office", lambda text: inside(text, number, start, **pace))
            gap = window = hourly = None
        if times:
            start, number, offsets = times[0], len(times), tuple(instant - times[0] for instant in times)
        elif self.burst:
            offsets = self._read("burst", lambda text: reading.bursts(text, number))
        return Workload(
            context=context,
            question=self._read("question", units.count),
            answer=self._read("answer", units.count),
            queries=number,
            start=start,
            times=offsets,
            every=gap,
            over=window,
            rate=hourly,
            arrivals=self.arrivals,
            grows=turns is not None,
            tools=self._read("tools", units.count),
            office=hours,
        )

    def number(self, start: datetime) -> int:
        """How many queries: as many as are said, or as come at their pace in the time that is said: the first at its
        start, none at its end."""
        length = self._maybe("for_", units.duration)
        if length is None:
            return self._read("queries", units.count)
        if self.queries != Question.queries:
            raise BadWorkload("queries are given too, and both say how many; give one of them", word="for")
        self.without("for", "turns", "over", "times")
        gap, hourly = self._maybe("every", units.duration), self._maybe("rate", units.rate)
        span = length
        if self.burst:
            size, _, apart = self.burst.partition("@")
            return self._read(
                "burst", lambda _: units.count(size) * reading.starts(span, reading.microseconds(units.duration(apart)))
            )
        if not gap and not hourly:
            raise BadWorkload("needs a pace; give every or rate too, such as 50/d for rate", word="for")
        step = reading.microseconds(gap) if gap else units.HOUR / hourly if hourly else Fraction(0)
        if self.office:
            from ..workload.office import open_time

            span = self._read("office", lambda text: open_time(text, start, length))
        return max(1, reading.starts(span, step))

    def projected(self, per: str) -> Question:
        """The question whose bill is scaled by `factor`: for a month it is kept up for 30 days, where nothing else says
        how long or how many."""
        if per not in PER.metavar.split("|"):
            raise BadWorkload(f"expected {PER.metavar.replace('|', ', ')}, not {per!r}", word="per")
        if per != "month":
            return self
        if not (self.rate or self.every or self.over or self.burst):
            raise BadWorkload("a month needs a pace; give rate or every, such as 50/d for rate", word="per")
        said = self.for_ or self.over or self.turns or self.queries != Question.queries
        return self if said else self.instead(for_="30d")

    def factor(self, per: str, work: Workload) -> Fraction:
        """By how much a bill is multiplied: 1, one over the number of queries, or 30 days over the time they take."""
        if per == "query":
            return Fraction(1, work.queries)
        if per != "month":
            return Fraction(1)
        length = units.duration(self.for_ or self.over or "0s") // units.MICROSECOND or work.gap * work.queries
        if not length:
            raise BadWorkload("say how long these queries take; give rate, every, over or for", word="per")
        return reading.microseconds(timedelta(days=30)) / length

    def rates_of_exchange(self) -> dict[str, Decimal]:
        """Dollars for one unit of other currencies: `CNY=0.14,EUR=1.08`."""
        return self._maybe("exchange", reading.exchange) or {}

    def _read(self, name: str, reader: Callable[[str], T]) -> T:
        return reading.read(name.removesuffix("_"), reader, getattr(self, name))

    def _maybe(self, name: str, reader: Callable[[str], T]) -> T | None:
        return reading.maybe(name.removesuffix("_"), reader, getattr(self, name))

    def instead(self, **said: Any) -> Question:
        """The same question with some words said otherwise."""
        return replace(self, **said)

    def without(self, name: str, *rivals: str) -> None:
        """Refuse words that say what `name` says already."""
        for rival in rivals:
            if getattr(self, rival):
                raise BadWorkload(f"{name} says it too; give one of them", word=rival.removesuffix("_"))


WORDS = tuple(
    Word(each.name.removesuffix("_"), getattr(Question, each.name), **each.metadata) for each in fields(Question)
)
"""Every word, in the order in which help lists them."""
WORD = {word.name: word for word in WORDS}
MODEL = Word(
    "model",
    (),
    "MODEL",
    "google/gemini-2.5-pro, a model, an alias, or a line such as claude-opus.",
    "google/gemini-2.5-pro",
)
STRATEGY = Word(
    "strategy",
    (),
    "NAME",
    "Only these: fresh, automatic, automatic:1h, written:5m, stored, keep-alive:5m, stored:15m.",
    "fresh",
)
SPAN = Word("queries", "1..20", "FROM..TO", "1..100. 1..1M:1000 with a step, or 50 for 1..100.", "1..20", short="-n")
"""The queries of a curve, instead of the word of that name; `points_of` reads them."""
AGAINST = Word(
    "against", "", "MODEL", "Another model on the same machine: how many times the memory and time it takes."
)
MEDIA = ("pages", "images", "audio", "video")
"""Words of a context that is not text; each vendor counts its tokens by another rule."""
SERVING = ("kv", "weights", "attention", "use", "dedicated", "batch", "efficiency", "pool")
"""Words about deployments."""
PER = Word("per", "total", "total|query|month", "Bills of all queries, of one, or of 30 days at that pace.", "query")
BUDGET = Word("budget", "", "MONEY", "How many queries this much money buys on each model: 100.", "100")
ALL = Word("all", False, "", "Every model of the catalogue.", "true")
OVER_HISTORY = Word("over_history", False, "", "The workload on every rate card of each model.", "true")
FORGOTTEN = Word("forgotten", False, "", "What a stored cache costs if it is never deleted.", "true")
PROVIDER = Word("provider", "", "NAME", "Only this provider's models.", "google")


def refuse_two_scopes(*, models: bool, all: bool, over_history: bool, forgotten: bool) -> None:
    """BadWorkload where a plan is asked for no model, or for two things at once."""
    if not models and not all:
        raise BadWorkload("name one or more models, or give this for all of the catalogue", word="all")
    if models and all:
        raise BadWorkload("models are named too; give one or the other", word="all")
    if over_history and forgotten:
        raise BadWorkload("over_history is given too; ask for one of them", word="forgotten")


def points_of(text: str, most: int) -> range:
    """The numbers of queries of a curve: from 1 on, and no more of them than `most`."""
    points = reading.read("queries", units.reach, text)
    if len(points) > most:
        step = f"expected up to {most:,}, or a step: 1..1M:1000"
        raise BadWorkload(f"{len(points):,} points are too many; {step}", word="queries")
    if points[0] < 1:
        raise BadWorkload("expected to begin at 1 or later", word="queries")
    return points


def number_marked(text: str, points: range) -> int | None:
    """The number of queries that a curve marks: the one that is said alone, around which its points lie."""
    return None if ".." in text else len(points) // 2


def word_of(error: CachecostError) -> str:
    """The word of a question that a refusal is about: a workload starts at what a question calls `as_of`, and a line of
    usage such as `cache_write:5m` or `audio.input` belongs to a word."""
    word = re.split("[:.]", error.word)[0]
    return "as_of" if word == "start" else word
