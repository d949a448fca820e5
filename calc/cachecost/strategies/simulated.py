"""What later queries do where no closed form is known: many runs of the same workload, drawn with a seed and counted.

Runs stand side by side in one array of whole microseconds, and all of them are walked at once, query by query. Needs
the extra `fast`; loaded only where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from .. import hours, money
from ..errors import BadWorkload
from ..files.installed import install
from ..units import HOUR, MICROSECOND
from ..workload.workload import POISSON, RANDOM, Workload
from .counts import Count, Later, Met, Simulated
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


class Step(NamedTuple):
    """One later query of every run: pings since the one before; whether it came late, met an evicted entry, or hit."""

    pings: Any
    late: Any
    lost: Any
    hit: Any


def _walked(plan: Plan, times: Any, can_cache: Callable[[int], Any], seed: int) -> Iterator[Step]:
    """The later queries, one column after another; `can_cache`: of each run, whether the terms at a query let one
    cache. A lost entry is drawn, a ping that finds one lost is expected."""
    if plan.pinged and not plan.ttl:
        raise BadWorkload("the entry is dead before its answer ends, so no ping can keep it alive", word="generation")
    random = np.random.Generator(np.random.PCG64(seed + 1))
    life, most = _life(plan), 2**40 if plan.assumptions.pings is None else plan.assumptions.pings
    stands, written = np.full(len(times), not plan.seen_twice), times[:, 0].copy()
    pings = np.zeros(len(times), np.int64)
    for k in range(1, times.shape[1]):
        idle, cached = times[:, k] - times[:, k - 1], can_cache(k - 1)
        if plan.pinged:
            pings = np.minimum(np.maximum(-(-idle // life) - 1, 0), most) * cached
            idle = idle - pings * life
        late = (idle if plan.refresh else times[:, k] - written) > life
        alive = ~late & stands & cached
        hit = alive & (random.random(len(times)) >= _chance(plan, idle))
        written[~hit] = times[~hit, k]
        stands = ~late if plan.seen_twice else stands
        yield Step(pings, late, alive & ~hit, hit)


def _life(plan: Plan) -> int:
    """Microseconds for which an entry lives after its last use."""
    return 2**62 if plan.ttl is None else plan.ttl // MICROSECOND


def _chance(plan: Plan, idle: Any) -> Any:
    chance = np.zeros(len(idle))
    for begin, share in plan.assumptions.eviction.steps if plan.assumptions.eviction else ():
        chance[idle > begin // MICROSECOND] = float(share)
    return chance


def met(plan: Plan, times: Any, *, seed: int = SEED) -> Runs:
    """What the later queries of each run met."""
    pings, late, lost, read = (np.zeros(len(times), np.int64) for _ in range(4))
    for step in _walked(plan, times, lambda _: np.full(len(times), True), seed):
        pings, late, lost, read = pings + step.pings, late + step.late, lost + step.lost, read + step.hit
    return Runs(read, late, lost, late if plan.seen_twice else np.zeros_like(late), pings)


def stretched(plan: Plan, queries: int, *, seed: int = SEED, arrivals: int = ARRIVALS) -> Simulated:
    """The queries and pings of all runs, counted by stretch; each stretch has its own rates and caching terms."""
    work, times = plan.workload, drawn(plan.workload, queries, seed=seed, arrivals=arrivals)
    starts = plan.stretches.starts(timedelta(microseconds=int(times.max())))
    edges = np.array([(start - work.start) // MICROSECOND for start in starts[1:]], np.int64)
    cached = np.array([plan.terms(start).cached > 0 for start in starts])
    counts = {name: np.zeros(len(starts), np.int64) for name in ("missed", "read", "plain", "pings")}
    hits = np.zeros(len(times), np.int64)

    def places(k: int) -> Any:
        return np.searchsorted(edges, times[:, k], "right")

    def add(name: str, k: int, which: Any) -> None:
        counts[name] += np.bincount(places(k)[which], minlength=len(starts))

    add("plain" if plan.seen_twice else "missed", 0, np.full(len(times), True))
    for k, step in enumerate(_walked(plan, times, lambda k: cached[places(k)], seed), start=1):
        sent = np.zeros_like(step.pings)
        for place, end in enumerate([*edges, 2**62] if plan.pinged else []):
            by = np.clip(-((times[:, k - 1] - end) // _life(plan)) - 1, 0, step.pings)
            counts["pings"][place] += int((by - sent).sum())
            sent = by
        plain = step.late if plan.seen_twice else np.zeros_like(step.late)
        hits += step.hit
        add("read", k, step.hit)
        add("plain", k, plain)
        add("missed", k, ~step.hit & ~plain)
    found = []
    for place, start in enumerate(starts):
        missed, read, plain, pings = (Fraction(int(each[place]), len(times)) for each in counts.values())
        reads = read * Fraction(plan.assumptions.hit_share)
        found.append((start, _rounded(missed + read - reads, reads, plain, *plan.by_effect(pings))))
    return Simulated(found, _basis(hits / (queries - 1), times, seed))


def _rounded(*numbers: Count) -> Met:
    return Met(*(Fraction(money.rounded(each, money.GRAIN)) for each in numbers))


def later(plan: Plan, queries: int, *, seed: int = SEED, arrivals: int = ARRIVALS) -> Later:
    """The mean shares of all runs."""
    times = drawn(plan.workload, queries, seed=seed, arrivals=arrivals)
    runs = met(plan, times, seed=seed)
    number = times.shape[0] * (queries - 1)
    read, late, lost, plain, pings = (Fraction(int(part.sum()), number) for part in runs)
    reading = money.rounded(read * Fraction(plan.assumptions.hit_share), money.GRAIN)
    sent = money.rounded(plain, money.GRAIN)
    ping_reads, ping_writes = (money.rounded(each, money.GRAIN) for each in plan.by_effect(pings))
    basis = _basis(runs.read / (queries - 1), times, seed)
    missed = money.rest(money.add(reading, sent))
    return Later(reading, missed, sent, ping_reads, ping_writes, late=late, lost=lost, basis=basis)


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
