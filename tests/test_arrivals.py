"""Closed forms of arrivals, against published break-even rates, rational cases and simulation with a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachecost import arrivals
from cachecost.breakpoints import Part, best_layout, brute_force
from cachecost.dialogue import compaction_turns, fan_out, lengths, total_length
from cachecost.keepalive import fresh_rate, longest_gap, pings, poisson_reads

READ, SHORT, LONG = Fraction(1, 10), Fraction(5, 4), Fraction(2)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("write", "ttl", "published"),
    [
        (SHORT, minutes(5), "2.941"),  # ln((1.25-0.1)/(1-0.1)) / (1/12 h)
        (LONG, minutes(60), "0.7472"),  # ln(1.9/0.9)
        (SHORT, minutes(30), "0.4902"),  # ln(1.15/0.9) / 0.5
    ],
)
def test_break_even_poisson_rates_are_the_published_ones(write: Fraction, ttl: timedelta, published: str) -> None:
    """Queries per hour at which caching costs as much as sending fresh."""
    found = arrivals.break_even_rate(write, READ, ttl)
    assert found is not None
    assert found.quantize(Decimal(published)) == Decimal(published)


def test_one_hour_beats_five_minutes_above_the_published_rate() -> None:
    """ln(1.9/1.15) / (55/60 h) = 0.5477 per hour."""
    found = arrivals.longer_ttl_rate((SHORT, minutes(5)), (LONG, minutes(60)), READ)
    assert found is not None
    assert found.quantize(Decimal("0.0001")) == Decimal("0.5477")


@pytest.mark.parametrize(("ttl", "first"), [(5, 97), (30, 17), (60, 9)])
def test_evenly_over_eight_hours_all_hit_from_the_published_number_on(ttl: int, first: int) -> None:
    """1 + ceil(480 / ttl): at that N the gap is 480/(N-1) <= ttl, at one less it is longer."""
    assert arrivals.even_threshold(minutes(480), minutes(ttl)) == first
    assert Fraction(480, first - 1) <= ttl < Fraction(480, first - 2)


@pytest.mark.parametrize(
    ("ttl", "window", "write", "first"),
    # first N in 8 h and in 24 h at which the expected bill is not above N fresh ones
    [
        (5, 8, SHORT, 25),
        (5, 24, SHORT, 72),
        (60, 8, LONG, 8),
        (60, 24, LONG, 20),
        (30, 8, SHORT, 5),
        (30, 24, SHORT, 13),
    ],
)
def test_queries_at_random_pay_from_the_published_number_on(ttl: int, window: int, write: Fraction, first: int) -> None:
    """Misses cost w, hits r; the sum of both is exact in fractions."""

    def pays(n: int) -> bool:
        misses = arrivals.random_misses(n, timedelta(hours=window), minutes(ttl))
        return misses * write + (n - misses) * READ <= n

    assert pays(first)
    assert not any(pays(n) for n in range(1, first))


def _simulated(times: Callable[[random.Random], list[float]], ttl: float, *, refresh: bool = True) -> list[int]:
    """Misses in 4,000 runs with a fixed seed, told by walking through the queries."""
    seed, runs = random.Random(20261122), []
    for _ in range(4_000):
        misses, touched = 0, -float("inf")
        for now in times(seed):
            hit = now - touched <= ttl
            misses += not hit
            touched = now if refresh or not hit else touched
        runs.append(misses)
    return runs


def _agree(runs: list[int], expected: float) -> bool:
    """Inside 5 standard errors."""
    return abs(fmean(runs) - expected) <= 5 * stdev(runs) / len(runs) ** 0.5


def _gaps(rate: float, n: int) -> Callable[[random.Random], list[float]]:
    def times(seed: random.Random) -> list[float]:
        now, found = 0.0, []
        for _ in range(n):
            found.append(now)
            now += seed.expovariate(rate)
        return found

    return times


@pytest.mark.parametrize(("rate", "n", "ttl"), [(3, 20, 5), (12, 40, 5), (1, 12, 60), (30, 50, 5)])
def test_poisson_misses_agree_with_a_simulation(rate: int, n: int, ttl: int) -> None:
    """1 + (N-1) e^(-rate x ttl), a read refreshing."""
    expected = arrivals.poisson_misses(n, Fraction(rate), minutes(ttl))
    assert _agree(_simulated(_gaps(rate, n), ttl / 60), float(expected))


@pytest.mark.parametrize(("rate", "n", "ttl"), [(12, 20, 5), (4, 15, 30), (2, 10, 60)])
def test_misses_without_refresh_agree_with_a_simulation(rate: int, n: int, ttl: int) -> None:
    """An entry that dies a TTL after it was written, read or not."""
    expected = arrivals.poisson_misses_without_refresh(n, Fraction(rate), minutes(ttl))
    assert _agree(_simulated(_gaps(rate, n), ttl / 60, refresh=False), float(expected))


@pytest.mark.parametrize(("n", "window", "ttl"), [(10, 480, 30), (40, 480, 5), (3, 60, 30)])
def test_random_misses_agree_with_a_simulation(n: int, window: int, ttl: int) -> None:
    """1 + (N-1)(1 - ttl/window)^N."""
    expected = arrivals.random_misses(n, minutes(window), minutes(ttl))
    runs = _simulated(lambda seed: sorted(seed.uniform(0, window) for _ in range(n)), ttl)
    assert _agree(runs, float(expected))


@pytest.mark.parametrize(("rate", "window", "ttl"), [(4, 60, 30), (1, 480, 60), (2, 20, 30)])
def test_a_watched_window_agrees_with_a_simulation(rate: int, window: int, ttl: int) -> None:
    """The number of queries is random too."""

    def times(seed: random.Random) -> list[float]:
        found, now = [], seed.expovariate(rate)
        while now < window / 60:
            found.append(now)
            now += seed.expovariate(rate)
        return found

    expected = arrivals.window_misses(Fraction(rate), minutes(window), minutes(ttl))
    assert _agree(_simulated(times, ttl / 60), float(expected))


def test_two_random_queries_miss_as_geometry_says() -> None:
    """Two uniform points of an hour are farther apart than half of it with probability (1/2)^2, so 1 + 1/4 misses."""
    assert arrivals.random_misses(2, minutes(60), minutes(30)) == Fraction(5, 4)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(1, 120))
def test_misses_lie_between_one_and_all(n: int, rate: int, ttl: int) -> None:
    """The first query always misses, and no query misses twice."""
    for misses in (
        arrivals.poisson_misses(n, Fraction(rate), minutes(ttl)),
        arrivals.random_misses(n, minutes(480), minutes(ttl)),
    ):
        assert 1 <= misses <= n


def test_pings_beat_rewriting_up_to_an_hour_of_gap() -> None:
    """r x ceil(g/5m) <= w: 12 x 0.1 <= 1.25 < 13 x 0.1, so up to 60 minutes; 2/0.1 = 20 hours for the 1-hour TTL."""
    assert longest_gap(SHORT, READ, minutes(5)) == minutes(60)
    assert longest_gap(LONG, READ, minutes(60)) == timedelta(hours=20)
    assert [pings(minutes(gap), minutes(5)) for gap in (1, 5, 6, 10, 11, 60)] == [0, 0, 1, 1, 2, 11]


def test_hourly_pings_beat_fresh_above_one_query_in_nine_and_a_half_hours() -> None:
    """ln(10/9) = 0.105 per hour; and 5-minute pings above 12 ln(10/9) = 1.264."""
    assert fresh_rate(READ, minutes(60)).quantize(Decimal("0.001")) == Decimal("0.105")
    assert fresh_rate(READ, minutes(5)).quantize(Decimal("0.001")) == Decimal("1.264")


def test_reads_for_pings_agree_with_a_simulation() -> None:
    """At 2 per hour a gap needs ceil(gap / 5 min) reads: 1 / (1 - e^(-1/6)) on average."""
    seed = random.Random(7)
    runs = [-int(-seed.expovariate(2) * 12 // 1) for _ in range(40_000)]
    assert _agree(runs, float(poisson_reads(Fraction(2), minutes(5))))


def test_a_conversation_of_twenty_turns_has_the_worked_length() -> None:
    """20 x 10,000 + 200 x 210 + 500 x 190 = 337,000 fresh tokens;
    at $3 per 1M $1.011, and 10,000 answered at $15 $0.15:
    $1.161 in all, as published for Sonnet 4.5."""
    assert total_length(10_000, 200, 500, 0, 20) == sum(lengths(10_000, 200, 500, 0, 20)) == 337_000
    assert 337_000 * Fraction(3, 10**6) + 20 * 500 * Fraction(15, 10**6) == Fraction("1.161")


@pytest.mark.parametrize(("ratio", "turns"), [(20, "4.34"), (10, "8.06"), (5, "16.9"), (2, "64.5")])
def test_compaction_pays_after_the_published_number_of_turns(ratio: int, turns: str) -> None:
    """(0.1 + rho (5 + 1.25)) / (0.1 (1 - rho)) = (1 + 62.5 rho) / (1 - rho)."""
    found = compaction_turns(Fraction(1, ratio), READ, SHORT, Fraction(5))
    assert found is not None
    assert round(Decimal(found.numerator) / found.denominator, len(turns.partition(".")[2])) == Decimal(turns)


def test_seeding_first_saves_what_was_published() -> None:
    """10 at once: 12.5 prefixes; seeded: 1.25 + 9 x 0.1 = 2.15; fresh: 10."""
    assert fan_out(10, SHORT, READ) == (Fraction("12.5"), Fraction("2.15"), 10)


@given(
    st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 20)), min_size=1, max_size=7),
    st.sampled_from([(SHORT, READ), (LONG, READ), (Fraction(1), Fraction(1, 2))]),
    st.integers(1, 4),
)
def test_the_best_breakpoints_are_those_of_brute_force(
    parts: list[tuple[int, int]], rates: tuple[Fraction, Fraction], most: int
) -> None:
    """Exact dynamic program against every choice; more breakpoints never cost more."""
    shares = sorted((Fraction(share, 20) for _, share in parts), reverse=True)
    prompt = [Part(tokens, share) for (tokens, _), share in zip(parts, shares, strict=True)]
    write, read = rates
    found = best_layout(prompt, write=write, read=read, most=most)
    assert found.cost == brute_force(prompt, write=write, read=read, most=most)
    assert len(found.after) <= most
    assert all(a < b for a, b in pairwise(found.after))
    assert best_layout(prompt, write=write, read=read, most=most + 1).cost <= found.cost
