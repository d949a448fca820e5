"""Counted hits and misses: against a loop in plain Python exactly, against closed forms inside 5 standard errors."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from statistics import fmean, stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachecost.workload.poisson import Poisson

from . import laws

np = pytest.importorskip("numpy")
simulation = importlib.import_module("tests.oracles.simulation")

MICROSECOND = timedelta(microseconds=1)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def loop(times: list[int], ttl: timedelta, *, refresh: bool) -> int:
    """Misses, one query after another."""
    misses, touched, life = 0, None, ttl // MICROSECOND
    for now in times:
        hit = touched is not None and now - touched <= life
        misses += not hit
        if refresh or not hit:
            touched = now
    return misses


def listed(chunks: Iterator[Any]) -> list[int]:
    return [int(time) for chunk in chunks for time in chunk]


# Exactly ----------------------------------------------------------------


@given(
    times=st.lists(st.integers(0, 400), max_size=80).map(sorted),
    lives=st.lists(st.integers(0, 120), min_size=1, max_size=3),
    refresh=st.booleans(),
    chunk=st.integers(1, 30),
    sparse=st.sampled_from([1, 24]),
)
def test_any_arrivals_are_counted_as_a_loop_counts_them(
    times: list[int], lives: list[int], refresh: bool, chunk: int, sparse: int
) -> None:
    """However they are cut in chunks, whichever way the ends of cycles are looked up; exactly the TTL still hits."""
    ttls = [timedelta(microseconds=life) for life in lives]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "CHUNK", chunk)
        patch.setattr(simulation, "_SPARSE", sparse)
        found = simulation.simulate(simulation.recorded(times), ttls, refresh=refresh)
    assert [counts.misses for counts in found] == [loop(times, ttl, refresh=refresh) for ttl in ttls]
    for counts, ttl in zip(found, ttls, strict=True):
        assert (counts.ttl, counts.queries) == (ttl, len(times))
        assert counts.reads + counts.writes == counts.hits + counts.misses == len(times)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda: simulation.poisson(30_000, Fraction(12), 7),
        lambda: simulation.poisson(30_000, Fraction(900), 7),
        lambda: simulation.at_random(30_000, timedelta(days=100), 7),
        lambda: simulation.bursts(3_000, 10, minutes(4)),
    ],
)
def test_long_streams_are_counted_as_a_loop_counts_them(make: Callable[[], Iterator[Any]], refresh: bool) -> None:
    """Over several chunks, three TTLs in one pass."""
    ttls = [minutes(5), minutes(30), minutes(60)]
    times = listed(make())
    assert times == sorted(times)
    found = simulation.simulate(make(), ttls, refresh=refresh)
    assert [counts.misses for counts in found] == [loop(times, ttl, refresh=refresh) for ttl in ttls]


def test_bursts_are_counted_as_the_closed_form_says() -> None:
    """One miss a burst where they are further apart than the TTL, one in all where they are not."""
    for apart in (minutes(4), minutes(5), minutes(6)):
        (found,) = simulation.simulate(simulation.bursts(100, 10, apart), [minutes(5)])
        assert found.misses == laws.burst_misses(100, apart, minutes(5))
        assert found.queries == 1_000


def test_a_log_may_be_a_list_an_array_or_dates() -> None:
    """Four queries at 0, 5, 10 min 1 µs and 11 min on a TTL of 5 min: the first and the third miss."""
    times = [0, 30_000_000, 600_000_001, 660_000_000]
    dates = np.datetime64("2026-11-22") + np.array(times).astype("timedelta64[us]")
    for log in (times, np.array(times), dates, np.array(times, dtype=np.uint32)):
        (found,) = simulation.simulate(simulation.recorded(log), [minutes(5)])
        assert (found.misses, found.hits, found.reads, found.writes) == (2, 2, 2, 2)


def test_nothing_at_all_is_no_miss() -> None:
    """An empty log."""
    assert simulation.simulate(simulation.recorded([]), [minutes(5)])[0][1:] == (0, 0)


# The laws ---------------------------------------------------------------


def agree(runs: list[int], expected: float) -> bool:
    """Inside 5 standard errors."""
    return abs(fmean(runs) - expected) <= 5 * stdev(runs) / len(runs) ** 0.5


def runs_of(make: Callable[[int], Iterator[Any]], ttl: timedelta, *, refresh: bool = True) -> list[int]:
    return [simulation.simulate(make(seed), [ttl], refresh=refresh)[0].misses for seed in range(100)]


@pytest.mark.parametrize(("rate", "n", "ttl"), [(3, 200, 5), (12, 400, 5), (1, 120, 60), (30, 500, 5)])
def test_poisson_misses_agree_with_the_closed_form(rate: int, n: int, ttl: int) -> None:
    """1 + (N-1) e^(-rate x ttl)."""
    runs = runs_of(lambda seed: simulation.poisson(n, Fraction(rate), seed), minutes(ttl))
    assert agree(runs, float(laws.poisson_misses(n, Fraction(rate), minutes(ttl))))


@pytest.mark.parametrize(("rate", "n", "ttl"), [(12, 60, 5), (4, 45, 30), (2, 30, 60)])
def test_misses_without_refresh_agree_with_the_closed_form(rate: int, n: int, ttl: int) -> None:
    """An entry dies a TTL after it was written."""
    runs = runs_of(lambda seed: simulation.poisson(n, Fraction(rate), seed), minutes(ttl), refresh=False)
    assert agree(runs, 1 + (n - 1) * float(Poisson(Fraction(rate), n).late_without_refresh(minutes(ttl))))


@pytest.mark.parametrize(("n", "window", "ttl"), [(10, 480, 30), (40, 480, 5), (200, 1440, 5)])
def test_random_misses_agree_with_the_closed_form(
    n: int, window: int, ttl: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 + (N-1)(1 - ttl/window)^N, also where the window is drawn in parts."""
    expected = float(laws.random_misses(n, minutes(window), minutes(ttl)))
    for chunk in (1 << 17, 7):
        monkeypatch.setattr(simulation, "CHUNK", chunk)
        runs = runs_of(lambda seed: simulation.at_random(n, minutes(window), seed), minutes(ttl))
        assert agree(runs, expected)


# Habits -----------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: simulation.poisson(1_000, Fraction(12), seed),
        lambda seed: simulation.at_random(1_000, timedelta(days=3), seed),
    ],
)
def test_a_seed_makes_the_same_arrivals_again(make: Callable[[int], Iterator[Any]]) -> None:
    """And another seed makes others."""
    assert listed(make(1)) == listed(make(1)) != listed(make(2))
