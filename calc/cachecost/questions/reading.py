"""Questions in words -> questions for the engine, the same for the command line, files and HTTP.

Texts such as `1M`, `5m` or `75%` become a workload and its assumptions; a JSON record becomes a quote:
`{"id", "model", "at", "service", "region", "thinking", "usage": {"input", "cache_read", "cache_write", "creation",
"output", "storage_token_hours", "audio", "image", "video"}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from .. import money, units
from ..errors import BadQuantity, BadWorkload
from ..prices.card import STANDARD
from ..strategies.assumptions import Assumptions, Eviction
from ..workload.arrivals import bursts
from ..workload.workload import Workload

T = TypeVar("T")
MAX_TIMES = 1_000_000
"""Most queries whose instants are worked out one by one."""


def read(name: str, reader: Callable[[str], T], text: str) -> T:
    """The value of a word's text; BadQuantity that names the word, and what follows it in `sweep: context`."""
    try:
        return reader(text)
    except BadQuantity as error:
        word, _, where = name.partition(": ")
        raise BadQuantity(f"{where}: {error}" if where else str(error), word=word) from None


def maybe(name: str, reader: Callable[[str], T], text: str) -> T | None:
    """The same where an empty text means that nothing was said."""
    return read(name, reader, text) if text else None


def workload(
    *,
    context: int,
    question: str,
    answer: str,
    queries: str,
    every: str,
    over: str,
    start: datetime,
    rate: str = "",
    arrivals: str = "even",
    turns: str = "",
    tools: str = "0",
    burst: str = "",
    times: Sequence[datetime] = (),
    office: str = "",
) -> Workload:
    """The workload that the words describe; `turns` are the queries of a conversation that grows, `times` the very
    instants at which queries come, of which the first is the start; `office` are the hours in which alone they do."""
    length = maybe("turns", units.count, turns)
    number = read("queries", units.count, queries) if length is None else length
    offsets: tuple[timedelta, ...] = ()
    gap, window = maybe("every", units.duration, every), maybe("over", units.duration, over)
    hourly, hours = maybe("rate", units.rate, rate), None
    if office:
        if times or burst or turns:
            raise BadWorkload(
                "times, bursts and turns say how queries come; give every, over or rate instead", word="office"
            )
        if number > MAX_TIMES:
            raise BadQuantity(f"{number:,} in office hours are too many; expected up to {MAX_TIMES:,}", word="queries")
        from ..workload.office import Pace, inside

        pace = Pace(gap, window, hourly, arrivals)
        hours, instants = read("office", lambda text: inside(text, pace, number, start), office)
        start, offsets = instants[0], tuple(instant - instants[0] for instant in instants)
        gap = window = hourly = None
    elif times:
        start, number, offsets = times[0], len(times), tuple(instant - times[0] for instant in times)
    elif burst:
        offsets = read("burst", lambda text: _bursts(text, number), burst)
    return Workload(
        context=context,
        question=read("question", units.count, question),
        answer=read("answer", units.count, answer),
        queries=number,
        start=start,
        times=offsets,
        every=gap,
        over=window,
        rate=hourly,
        arrivals=arrivals,
        grows=length is not None,
        tools=read("tools", units.count, tools),
        office=hours,
    )


def _bursts(text: str, queries: int) -> tuple[timedelta, ...]:
    """`10@5m`: ten queries at once, every five minutes."""
    size, at, apart = text.partition("@")
    number = units.count(size)
    if not at or not number:
        raise BadQuantity(f"{text!r} is not a burst: expected a number of queries and a duration, such as 10@5m")
    if queries > MAX_TIMES:
        raise BadQuantity(f"{queries:,} queries in bursts are too many; expected up to {MAX_TIMES:,}")
    return bursts(queries, number, units.duration(apart))


def assumptions(
    *,
    hit_share: str = "",
    hold: str = "",
    creation: str = "",
    first_query: str = "reads",
    billed_per: str = "",
    service: str = STANDARD,
    region: str = "",
    thinking: bool = False,
    generation: str = "0s",
    pings: str = "",
    eviction: str = "",
    presets: Mapping[str, Eviction] = MappingProxyType({}),
) -> Assumptions:
    """The assumptions that the words describe; an empty text takes what the rate card says. `presets` are the curves
    of eviction that have a name."""
    share = maybe("hit_share", units.share, hit_share)
    return Assumptions(
        hit_share=1 if share is None else money.settled(share),
        hold=maybe("hold", units.duration, hold),
        creation=creation or None,
        first_query=first_query,
        billed_per=billed_per or None,
        service=service,
        region=region or None,
        thinking=thinking,
        generation=read("generation", units.duration, generation),
        pings=maybe("pings", units.count, pings),
        eviction=None
        if eviction in ("", "none")
        else read("eviction", lambda text: _eviction(text, presets), eviction),
    )


def _eviction(text: str, presets: Mapping[str, Eviction]) -> Eviction:
    """A preset by its name, or steps: `10m:8%,20m:13%`."""
    if text in presets:
        return presets[text]
    steps = []
    for step in text.split(","):
        idle, colon, lost = step.partition(":")
        if not colon:
            known = ", ".join(["none", *presets])
            raise BadQuantity(f"{text!r} is no eviction: expected {known}, or steps such as 10m:8%,20m:13%")
        steps.append((units.duration(idle), units.share(lost)))
    return Eviction(text, tuple(steps))
