"""What was asked, for people and programs: the workload, and what is assumed where the vendor leaves it open."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Literal

from ...prices.card import STANDARD
from ...prices.sheet import PriceSheet
from ...strategies.assumptions import Assumptions
from ...workload.arrivals import CLOSED
from ...workload.workload import Workload
from ..figures import NOUNS, after, count, duration, many, terms_of
from ..records import Count, Record, RecordFields, fields, of, record

OVER = {False: "over", True: "from"}
"""Whether a workload grows -> the word before its context."""
FEW = 3
"""Terms of a customer that the head of an answer names."""


class WorkloadRecord(RecordFields):
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


INPUTS = ("provider", *(name for name in fields(WorkloadRecord) if name != "start"), "service", "day")
"""The columns with which every row of CSV ends, so that tables of several questions can be stacked."""


def inputs_of(sheet: PriceSheet, work: Workload, service: str) -> Record:
    """The cells of these columns; `day` is that on which the queries begin, in UTC."""
    last = {"service": service, "day": f"{work.start:%Y-%m-%d}"}
    return {"provider": sheet.provider} | record(WorkloadRecord, work) | last


class EvictionRecord(RecordFields):
    """`steps`: idle time -> share of the entries lost that were idle for longer."""

    name: str
    steps: dict[timedelta, Fraction] = of(lambda eviction: dict(eviction.steps))
    source: str | None = of(lambda eviction: eviction.source or None)
    seen: date | None


class ServingRecord(RecordFields):
    """How deployments serve; what is empty or null is as their pages have it."""

    kv: str
    weights: str
    attention: str
    use: Fraction
    dedicated: bool
    batch: Count | None
    linear: Fraction | None
    attended: Fraction | None
    free_pool: bool


class AssumptionsRecord(RecordFields):
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
    serving: ServingRecord


def question(answers: Sequence[Any], service: str, *, but: Collection[str] = ()) -> str:
    """`50 queries over 150,000 tokens (200 in, 500 out), one every 5 min, prices of 2026-11-28, after your discount of
    15%`, of answers with a workload and the version of a rate card each: the context has other lengths on other models.
    All `but` some words: those that are varied, or looked for."""
    work = answers[0].workload
    lengths, terms = sorted(each.workload.context for each in answers), terms_of(each.version for each in answers)
    one, several = NOUNS[work.grows]
    size = f"{lengths[0]:,} to " if lengths[0] < lengths[-1] else ""
    size += many(lengths[-1], "token")
    sizes = [] if "question" in but else [f"{count(work.question)} in"]
    sizes += [] if "answer" in but else [f"{count(work.answer)} out"]
    sizes += [f"{count(work.tools)} of tool results"] if work.tools else []
    texts = [several if "queries" in but else many(work.queries, one, several)]
    texts[0] += "" if "context" in but else f" {OVER[work.grows]} {size}"
    texts[0] += f" ({', '.join(sizes)})" if sizes else ""
    texts += [spread(work)] if work.spread and not {"every", "over", "rate"} & {*but} else []
    texts += [f"service {service}"] if service != STANDARD else []
    texts.append(f"prices of {work.start:%Y-%m-%d}")
    return ", ".join(texts) + after(terms if len(terms) < FEW else ["your terms"])


def spread(work: Workload) -> str:
    """How the queries come, in words."""
    if work.rate is not None:
        return f"{'at a Poisson rate of' if work.arrivals == 'poisson' else 'evenly,'} {_per(work.rate)}"
    if work.office:
        office = work.office
        pace = f"one every {duration(office.every)}"
        pace = pace if office.rate is None else f"at a Poisson rate of {_per(office.rate)}"
        return f"{pace}, open {office.text}"
    if work.times:
        return f"at {count(len(set(work.times)))} given instants"
    if work.every is not None:
        return f"one every {duration(work.every)}"
    assert work.over is not None
    return f"{'at random' if work.arrivals == 'random' else 'evenly'} over {duration(work.over)}"


def _per(hourly: Fraction) -> str:
    """`12 an hour`, `50 a day`: whichever is a whole number."""
    is_daily = hourly.denominator != 1 and (hourly * 24).denominator == 1
    return f"{count(hourly * 24)} a day" if is_daily else f"{count(hourly)} an hour"


def assumed(work: Workload, assumptions: Assumptions, known: Iterable[str | None]) -> list[str]:
    """When the queries begin, what is lost before its time, and how hits and misses are known where they are expected
    numbers."""
    ways, eviction = [way for way in known if way], assumptions.eviction
    begins = [] if work.start.time() == time() else [f"the first query comes at {work.start:%Y-%m-%d %H:%M} UTC"]
    texts = begins if work.spread else [*begins, "all queries come within one time to live"]
    if eviction:
        source = f" (reported at {eviction.source}, seen {eviction.seen})" if eviction.source else ""
        texts += [f"entries are evicted before their time, {eviction.name}{source}"]
    if CLOSED in ways or (not ways and work.arrivals != "even"):
        texts.append(f"hits and misses are expected numbers, by {CLOSED}")
    return texts + [f"hits and misses are {way}" for way in ways if way != CLOSED]
