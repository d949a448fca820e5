"""What later queries do where no closed form is known: many runs of the same workload, drawn with a seed and counted.

Runs stand side by side in one array of whole microseconds, and all of them are walked at once, query by query. Needs
the extra `fast`; loaded only where it is needed.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from .. import money
from ..errors import BadWorkload
from ..files.installed import install
from ..units import HOUR, MICROSECOND
from ..workload.office import Openings
from ..workload.workload import POISSON, RANDOM, Workload
from .plan import Count, Later, Met, Plan

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


def drawn(work: Workload, queries: int, *, seed: int = SEED) -> Any:
    """Runs of so many queries, one a row: microseconds after an origin, rising."""
    runs = max(30, ARRIVALS // queries)
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
    if not work.office:
        return times
    openings = Openings(work.office.window, work.start)  # open time, as the world's clock shows it
    openings.know(open_time=int(times.max()))
    place = np.searchsorted(np.array(openings.before), times, "right") - 1
    return np.array(openings.begins)[place] + times - np.array(openings.before)[place]


class Step(NamedTuple):
    """What each run's next query met: it `read` its entry, came `late`, met a `lost` one, or was sent `plain`; and the
    `pings` before it."""

    read: Any
    late: Any
    lost: Any
    plain: Any
    pings: Any


def _walked(plan: Plan, times: Any, can_cache: Callable[[int], Any], seed: int) -> Iterator[Step]:
    """The later queries, one column after another; `can_cache`: of each run, whether the terms at a query let one
    cache. A lost entry is drawn, a ping that finds one lost is expected."""
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
        chance = np.zeros(len(times))
        for begin, share in plan.assumptions.eviction.steps if plan.assumptions.eviction else ():
            chance[idle > begin // MICROSECOND] = float(share)
        read = alive & (random.random(len(times)) >= chance)
        written[~read] = times[~read, k]
        stands = ~late if plan.seen_twice else stands
        yield Step(read, late, alive & ~read, late if plan.seen_twice else np.zeros_like(late), pings)


def _life(plan: Plan) -> int:
    """Microseconds for which an entry lives after its last use."""
    return 2**62 if plan.ttl is None else plan.ttl // MICROSECOND


def stretched(plan: Plan, queries: int) -> tuple[list[tuple[datetime, Met]], str]:
    """The queries and pings of all runs, counted by stretch; each stretch has its own rates and caching terms."""
    work, times = plan.workload, drawn(plan.workload, queries)
    starts = plan.stretches.starts(timedelta(microseconds=int(times.max())))
    edges = np.array([(start - work.start) // MICROSECOND for start in starts[1:]], np.int64)
    cached = np.array([plan.terms(start).cached > 0 for start in starts])
    counts = {name: np.zeros(len(starts), np.int64) for name in ("missed", "read", "plain", "pings")}
    reads = np.zeros(len(times), np.int64)

    def places(k: int) -> Any:
        return np.searchsorted(edges, times[:, k], "right")

    def add(name: str, k: int, which: Any) -> None:
        counts[name] += np.bincount(places(k)[which], minlength=len(starts))

    add("plain" if plan.seen_twice else "missed", 0, np.full(len(times), True))
    for k, step in enumerate(_walked(plan, times, lambda k: cached[places(k)], SEED), start=1):
        sent = np.zeros_like(step.pings)
        for place, end in enumerate([*edges, 2**62] if plan.pinged else []):
            by = np.clip(-((times[:, k - 1] - end) // _life(plan)) - 1, 0, step.pings)
            counts["pings"][place] += int((by - sent).sum())
            sent = by
        reads += step.read
        add("read", k, step.read)
        add("plain", k, step.plain)
        add("missed", k, ~step.read & ~step.plain)
    means = ([Fraction(int(count), len(times)) for count in each] for each in counts.values())
    return [(start, _met(plan, *stretch)) for start, *stretch in zip(starts, *means, strict=True)], _basis(
        reads / (queries - 1), times
    )


def runs(plan: Plan, times: Any, *, seed: int = SEED) -> Step:
    """For each run, how many of its later queries did what, and its pings."""
    total = Step(*(np.zeros(len(times), np.int64) for _ in Step._fields))
    for step in _walked(plan, times, lambda _: np.full(len(times), True), seed):
        total = Step(*map(np.add, total, step))
    return total


def later(plan: Plan, queries: int) -> Later:
    """The mean shares of all runs."""
    times = drawn(plan.workload, queries)
    counts = runs(plan, times)
    read, late, lost, plain, pings = (Fraction(int(each.sum()), len(times) * (queries - 1)) for each in counts)
    met = _met(plan, 1 - read - plain, read, plain, pings)
    return Later(met._replace(missed=1 - met.read - met.plain), late, lost, _basis(counts.read / (queries - 1), times))


def _met(plan: Plan, missed: Fraction, read: Fraction, plain: Fraction, pings: Fraction) -> Met:
    """The same where only a share of those that can read does, to as many decimals as are kept."""
    reads = read * plan.hit_share
    return Met(*map(_kept, (missed + read - reads, reads, plain, *plan.by_effect(pings))))


def _kept(value: Count) -> Fraction:
    return Fraction(money.rounded(value, money.GRAIN))


def recreations(plan: Plan, queries: int) -> tuple[Fraction, Fraction, str]:
    """Share of the pauses longer than the idle time-out, their mean hours up to it, and how this is known."""
    assert plan.idle is not None
    times = drawn(plan.workload, queries)
    gaps, idle = np.diff(times, axis=1), plan.idle // MICROSECOND
    longer = gaps > idle
    mean = Fraction(int(np.minimum(gaps, idle).sum()), gaps.size * HOUR)
    return _kept(Fraction(int(longer.sum()), gaps.size)), _kept(mean), _basis(longer.mean(axis=1), times)


def _basis(shares: Any, times: Any) -> str:
    error = shares.std(ddof=1) / len(shares) ** 0.5
    return f"simulated (seed {SEED}, {times.size:,} arrivals, ± {error * 100:.2g}% of the later queries)"
