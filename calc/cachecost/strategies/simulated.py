"""What later queries do where no closed form is known: many runs of the same workload, drawn with a seed and counted.

Runs stand side by side in one array of whole microseconds, and all of them are walked at once, query by query. Needs
the extra `fast`; loaded only where it is needed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from .. import hours, money
from ..errors import BadWorkload
from ..files.installed import install
from ..units import HOUR, MICROSECOND
from ..workload.workload import POISSON, RANDOM, Workload
from .outcomes import Later, Met
from .plan import Plan

try:
    import numpy as np
except ImportError:
    raise BadWorkload(
        f"simulation: no closed form is known here, and counting arrivals needs numpy: {install('fast')}"
    ) from None

SEED = 1
ARRIVALS = 200_000
"""Queries of all runs together, at the least 30 runs."""
MOST = 20_000_000


class Runs(NamedTuple):
    """For each run, how many of its later queries did what, and its pings."""

    read: Any
    late: Any
    lost: Any
    plain: Any
    pings: Any


def drawn(work: Workload, queries: int, *, seed: int = SEED, arrivals: int = ARRIVALS) -> Any:
    """Runs of so many queries, one a row: microseconds after an origin, rising."""
    runs = max(30, arrivals // queries)
    if runs * queries > MOST:
        raise BadWorkload(f"{queries:,} are too many to simulate; expected up to {MOST // 30:,}", word="queries")
    random = np.random.Generator(np.random.PCG64(seed))
    if work.arrivals == RANDOM:
        assert work.over is not None
        return np.sort(random.integers(0, work.over // MICROSECOND, (runs, queries)), axis=1)
    rate = work.office.rate if work.office else work.rate
    if work.arrivals != POISSON or rate is None:
        return np.tile(np.array([work.at(k, queries) // MICROSECOND for k in range(queries)]), (runs, 1))
    gaps = np.ceil(random.standard_exponential((runs, queries)) * float(HOUR / rate)).astype(np.int64)
    gaps[:, 0] = 0
    times = np.cumsum(gaps, axis=1)
    return _inside(work, times) if work.office else times


def _inside(work: Workload, times: Any) -> Any:
    """Open time as the world's clock shows it."""
    assert work.office is not None
    openings = hours.spans(work.office.window, work.start)
    begins, befores, passed, last = [], [], 0, int(times.max())
    while passed <= last:
        begin, end = hours.following(openings)
        begins.append((begin - work.start) // MICROSECOND)
        befores.append(passed)
        passed += (end - begin) // MICROSECOND
    place = np.searchsorted(np.array(befores), times, "right") - 1
    return np.array(begins)[place] + times - np.array(befores)[place]


def met(plan: Plan, times: Any, *, seed: int = SEED) -> Runs:
    """What the later queries of each run met; a lost entry is drawn, a ping that finds one lost is expected."""
    random = np.random.Generator(np.random.PCG64(seed + 1))
    runs, queries = times.shape
    life = 2**62 if plan.ttl is None else plan.ttl // MICROSECOND
    most = 2**40 if plan.assumptions.pings is None else plan.assumptions.pings
    read, late_ones, lost_ones, plain, pings = (np.zeros(runs, np.int64) for _ in range(5))
    stands = np.full(runs, not plan.seen_twice)
    written = times[:, 0].copy()
    for k in range(1, queries):
        idle = times[:, k] - times[:, k - 1]
        if plan.pinged:
            number = np.minimum(np.maximum(-(-idle // life) - 1, 0), most)
            pings += number
            idle = idle - number * life
        age = idle if plan.refresh else times[:, k] - written
        late = age > life
        lost = ~late & stands & (random.random(runs) < _chance(plan, idle))
        hit = ~late & stands & ~lost
        written[~hit] = times[~hit, k]
        late_ones += late
        lost_ones += lost
        read += hit
        if plan.seen_twice:
            plain += late
            stands = ~late
    return Runs(read, late_ones, lost_ones, plain, pings)


def _chance(plan: Plan, idle: Any) -> Any:
    chance = np.zeros(len(idle))
    for begin, share in plan.assumptions.eviction.steps if plan.assumptions.eviction else ():
        chance[idle > begin // MICROSECOND] = float(share)
    return chance


class Simulated(NamedTuple):
    """What is met in each stretch of constant rates, on average, and how this is known."""

    stretches: list[tuple[datetime, Met]]
    basis: str


def stretched(plan: Plan, queries: int, *, seed: int = SEED, arrivals: int = ARRIVALS) -> Simulated:
    """The queries and pings of all runs, counted by stretch; each stretch has its own rates and caching terms."""
    if plan.pinged and not plan.ttl:
        raise BadWorkload("the entry is dead before its answer ends, so no ping can keep it alive", word="generation")
    work, asked = plan.workload, plan.assumptions
    times = drawn(work, queries, seed=seed, arrivals=arrivals)
    starts = plan.stretches.starts(timedelta(microseconds=int(times.max())))
    edges = np.array([(start - work.start) // MICROSECOND for start in starts[1:]], np.int64)
    cached = np.array([plan.terms(start).cached for start in starts])
    random = np.random.Generator(np.random.PCG64(seed + 1))
    runs, life = len(times), 2**62 if plan.ttl is None else plan.ttl // MICROSECOND
    most = 2**40 if asked.pings is None else asked.pings
    counts = {name: np.zeros(len(starts), np.int64) for name in ("missed", "read", "plain", "pings")}
    hits = np.zeros(runs, np.int64)

    def add(name: str, place: Any, which: Any) -> None:
        counts[name] += np.bincount(place[which], minlength=len(starts))

    here = np.searchsorted(edges, times[:, 0], "right")
    add("plain" if plan.seen_twice else "missed", here, np.full(runs, True))
    stands, written = np.full(runs, not plan.seen_twice), times[:, 0].copy()
    for k in range(1, queries):
        before, here = here, np.searchsorted(edges, times[:, k], "right")
        idle = times[:, k] - times[:, k - 1]
        if plan.pinged:
            number = np.minimum(np.maximum(-(-idle // life) - 1, 0), most) * (cached[before] > 0)
            sent = np.zeros_like(number)
            for place in range(len(starts)):
                end = edges[place] if place < len(edges) else 2**62
                by = np.clip(-((times[:, k - 1] - end) // life) - 1, 0, number)
                counts["pings"][place] += int((by - sent).sum())
                sent = by
            idle = idle - number * life
        late = (idle if plan.refresh else times[:, k] - written) > life
        alive = ~late & stands & (cached[before] > 0)
        hit = alive & (random.random(runs) >= _chance(plan, idle))
        written[~hit] = times[~hit, k]
        sent_plain = late if plan.seen_twice else np.full(runs, False)
        stands = ~late if plan.seen_twice else stands
        hits += hit
        add("read", here, hit)
        add("plain", here, sent_plain)
        add("missed", here, ~hit & ~sent_plain)
    dropped = asked.eviction.at(plan.ttl) if asked.eviction and plan.ttl else Fraction(0)
    found = []
    for place, start in enumerate(starts):
        missed, read, sent_plain, pings = (Fraction(int(each[place]), runs) for each in counts.values())
        kept = read * Fraction(asked.hit_share)
        met = Met(missed + read - kept, kept, sent_plain, pings * (1 - dropped), pings * dropped)
        found.append((start, Met(*(Fraction(money.rounded(each, money.GRAIN)) for each in met))))
    return Simulated(found, _basis(hits / (queries - 1), times, seed))


def later(plan: Plan, queries: int, *, seed: int = SEED, arrivals: int = ARRIVALS) -> Later:
    """The mean shares of all runs."""
    if plan.pinged and not plan.ttl:
        raise BadWorkload("the entry is dead before its answer ends, so no ping can keep it alive", word="generation")
    times = drawn(plan.workload, queries, seed=seed, arrivals=arrivals)
    found = met(plan, times, seed=seed)
    number = times.shape[0] * (queries - 1)
    read, late, lost, plain, pings = (Fraction(int(part.sum()), number) for part in found)
    read *= Fraction(plan.assumptions.hit_share)
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    dropped = eviction.at(ttl) if eviction and ttl else Fraction(0)
    reading, sent = money.rounded(read, money.GRAIN), money.rounded(plain, money.GRAIN)
    return Later(
        reading,
        money.rest(money.add(reading, sent)),
        plain=sent,
        ping_reads=money.rounded(pings * (1 - dropped), money.GRAIN),
        ping_writes=money.rounded(pings * dropped, money.GRAIN),
        late=late,
        lost=lost,
        basis=_basis(found.read / (queries - 1), times, seed),
    )


def recreations(plan: Plan, queries: int, *, seed: int = SEED) -> tuple[money.Number, Fraction, str]:
    """Share of the pauses longer than the idle time-out, their mean hours up to it, and how this is known."""
    assert plan.idle is not None
    times = drawn(plan.workload, queries, seed=seed)
    gaps, idle = np.diff(times, axis=1), plan.idle // MICROSECOND
    longer = gaps > idle
    mean = Fraction(int(np.minimum(gaps, idle).sum()), gaps.size * HOUR)
    share = money.rounded(Fraction(int(longer.sum()), gaps.size), money.GRAIN)
    return share, Fraction(money.rounded(mean, money.GRAIN)), _basis(longer.mean(axis=1), times, seed)


def _basis(shares: Any, times: Any, seed: int) -> str:
    error = shares.std(ddof=1) / len(shares) ** 0.5
    return f"simulated (seed {seed}, {times.size:,} arrivals, ± {error * 100:.2g}% of the later queries)"
