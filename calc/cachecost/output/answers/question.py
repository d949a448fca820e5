"""What was asked, for people and programs: the workload, and what is assumed where the vendor leaves it open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

from ...strategies.assumptions import Assumptions
from ...workload.arrivals import CLOSED
from ...workload.workload import Workload
from ..figures import count, duration, many
from ..records import Count, Fields, of


class WorkloadRecord(Fields):
    """What was asked, without the model."""

    context: Count
    question: Count
    answer: Count
    queries: Count
    every: timedelta | None
    over: timedelta | None
    rate_per_hour: Fraction | None = of(lambda work: work.office.rate if work.office else work.rate)
    arrivals: Literal["even", "poisson", "random", "given"] = of(
        lambda work: "given" if work.times and not work.office else work.arrivals
    )
    turns: Count | None = of(lambda work: work.queries if work.grows else None)
    tools: Count
    office: str | None = of(lambda work: work.office and work.office.text)
    start: datetime


class EvictionRecord(Fields):
    """`steps`: idle time -> share of the entries lost that were idle for longer."""

    name: str
    steps: dict[timedelta, Fraction] = of(lambda eviction: dict(eviction.steps))
    source: str | None = of(lambda eviction: eviction.source or None)
    seen: date | None


class AssumptionsRecord(Fields):
    """What the vendor leaves open; null takes what the rate card in force says."""

    hit_share: Fraction
    hold: timedelta | None
    creation: str | None
    first_query: Literal["reads", "creates"]
    billed_per: Literal["second", "minute", "hour"] | None
    service: str
    region: str | None
    generation: timedelta
    pings: Count | None
    eviction: EvictionRecord | None


def question(work: Workload, assumptions: Assumptions, contexts: Iterable[int]) -> str:
    """The question in one line; the context has other lengths on other models."""
    lengths = sorted({count(tokens) for tokens in contexts})
    queries = many(work.queries, "turn") + " from" if work.grows else many(work.queries, "query", "queries") + " over"
    texts = [f"{queries} {' / '.join(lengths)} tokens"]
    texts.append(f"each with {count(work.question)} of question and {count(work.answer)} of answer")
    if work.tools:
        texts.append(f"{count(work.tools)} of tool results")
    texts += [spread(work), f"from {work.start:%Y-%m-%d %H:%M} UTC"]
    if assumptions.service != "standard":
        texts.append(f"service {assumptions.service}")
    return ", ".join(texts)


def spread(work: Workload) -> str:
    """How the queries come, in words."""
    if work.rate is not None:
        per = f"{count(work.rate)} an hour"
        return f"at a Poisson rate of {per}" if work.arrivals == "poisson" else f"evenly, {per}"
    if work.office:
        office = work.office
        pace = f"one every {duration(office.every)}"
        pace = pace if office.rate is None else f"at a Poisson rate of {count(office.rate)} an hour"
        return f"{pace}, open {office.text}"
    if work.times:
        return f"at {count(len(set(work.times)))} given instants"
    if work.every is not None:
        return f"one every {duration(work.every)}"
    if work.over is not None:
        return f"{'at random' if work.arrivals == 'random' else 'evenly'} over {duration(work.over)}"
    return "all within one time to live"


def assumed(work: Workload, assumptions: Assumptions, known: Iterable[str | None]) -> list[str]:
    """What is lost before its time, and how hits and misses are known where they are expected numbers."""
    ways, eviction, texts = [way for way in known if way], assumptions.eviction, []
    if eviction:
        source = f" (reported at {eviction.source}, seen {eviction.seen})" if eviction.source else ""
        texts = [f"entries are evicted before their time, {eviction.name}{source}"]
    if CLOSED in ways or (not ways and work.arrivals != "even"):
        texts.append(f"hits and misses are expected numbers, by {CLOSED}")
    return texts + [f"hits and misses are {way}" for way in ways if way != CLOSED]
