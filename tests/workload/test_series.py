"""Closed forms of arrivals, against published break-even rates, rational cases and simulation with a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import fmean, stdev
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost import money
from cachecost.bills.comparison import Answer, compare
from cachecost.bills.rules import NO_CACHE, longer_ttl_rate, longest_pinged_gap, pinging_rate
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload
from cachecost.prices.caching import Caching
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions, Eviction
from cachecost.strategies.batches import lengths
from cachecost.workload.arrivals import below, bursts
from cachecost.workload.poisson import Poisson
from cachecost.workload.workload import Workload

from ..conftest import TODAY
from ..oracles import laws

START = datetime(2026, 11, 1, tzinfo=UTC)
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
    result = longer_ttl_rate(NO_CACHE, (write, ttl), READ)
    assert result is not None
    assert money.exact(result).quantize(Decimal(published)) == Decimal(published)


def test_one_hour_beats_five_minutes_above_the_published_rate() -> None:
    """ln(1.9/1.15) / (55/60 h) = 0.5477 per hour."""
    result = longer_ttl_rate((SHORT, minutes(5)), (LONG, minutes(60)), READ)
    assert result is not None
    assert money.exact(result).quantize(Decimal("0.0001")) == Decimal("0.5477")


@pytest.mark.parametrize("write", [Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(1)])
def test_a_write_that_costs_no_more_than_input_pays_at_every_rate(write: Fraction) -> None:
    """Amazon Nova writes for nothing: below 1 the logarithm of (w-r)/(1-r) is negative, below r there is none."""
    assert longer_ttl_rate(NO_CACHE, (write, minutes(5)), READ) == 0


@pytest.mark.parametrize("long", [Fraction(0), Fraction(1, 10), Fraction(1), SHORT])
def test_a_longer_ttl_at_no_higher_price_wins_at_every_rate(long: Fraction) -> None:
    assert longer_ttl_rate((SHORT, minutes(5)), (long, minutes(60)), READ) == 0


@pytest.mark.parametrize(("ttl", "first"), [(5, 97), (30, 17), (60, 9)])
def test_evenly_over_eight_hours_all_hit_from_the_published_number_on(ttl: int, first: int) -> None:
    """1 + ceil(480 / ttl): at that N the gap is 480/(N-1) <= ttl, at one less it is longer."""
    assert laws.even_threshold(minutes(480), minutes(ttl)) == first
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
        misses = laws.random_misses(n, timedelta(hours=window), minutes(ttl))
        return misses * write + (n - misses) * READ <= n

    assert pays(first)
    assert not any(pays(n) for n in range(1, first))


def _simulated(times: Callable[[random.Random], list[float]], ttl: float, *, refresh: bool = True) -> list[int]:
    """Misses in 1,000 runs with a fixed seed, told by walking through the queries."""
    seed, runs = random.Random(20261122), []
    for _ in range(1_000):
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
        now, result = 0.0, []
        for _ in range(n):
            result.append(now)
            now += seed.expovariate(rate)
        return result

    return times


@pytest.mark.parametrize(("rate", "n", "ttl"), [(3, 20, 5), (12, 40, 5), (1, 12, 60), (30, 50, 5)])
def test_poisson_misses_agree_with_a_simulation(rate: int, n: int, ttl: int) -> None:
    """1 + (N-1) e^(-rate x ttl), a read refreshing."""
    expected = laws.poisson_misses(n, Fraction(rate), minutes(ttl))
    assert _agree(_simulated(_gaps(rate, n), ttl / 60), float(expected))


@pytest.mark.parametrize(("rate", "n", "ttl"), [(12, 20, 5), (4, 15, 30), (2, 10, 60)])
def test_misses_without_refresh_agree_with_a_simulation(rate: int, n: int, ttl: int) -> None:
    """An entry that dies a TTL after it was written, read or not."""
    expected = 1 + (n - 1) * Poisson(Fraction(rate), n).late_without_refresh(minutes(ttl))
    assert _agree(_simulated(_gaps(rate, n), ttl / 60, refresh=False), float(expected))


@pytest.mark.parametrize(("n", "window", "ttl"), [(10, 480, 30), (40, 480, 5), (3, 60, 30)])
def test_random_misses_agree_with_a_simulation(n: int, window: int, ttl: int) -> None:
    """1 + (N-1)(1 - ttl/window)^N."""
    expected = laws.random_misses(n, minutes(window), minutes(ttl))
    runs = _simulated(lambda seed: sorted(seed.uniform(0, window) for _ in range(n)), ttl)
    assert _agree(runs, float(expected))


@pytest.mark.parametrize(("rate", "window", "ttl"), [(4, 60, 30), (1, 480, 60), (2, 20, 30)])
def test_a_watched_window_agrees_with_a_simulation(rate: int, window: int, ttl: int) -> None:
    """The number of queries is random too."""

    def times(seed: random.Random) -> list[float]:
        results, now = [], seed.expovariate(rate)
        while now < window / 60:
            results.append(now)
            now += seed.expovariate(rate)
        return results

    expected = laws.window_misses(Fraction(rate), minutes(window), minutes(ttl))
    assert _agree(_simulated(times, ttl / 60), float(expected))


def test_two_random_queries_miss_as_geometry_says() -> None:
    """Two uniform points of an hour are farther apart than half of it with probability (1/2)^2, so 1 + 1/4 misses."""
    assert laws.random_misses(2, minutes(60), minutes(30)) == Fraction(5, 4)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(1, 120))
def test_misses_lie_between_one_and_all(n: int, rate: int, ttl: int) -> None:
    """The first query always misses, and no query misses twice."""
    for misses in (
        laws.poisson_misses(n, Fraction(rate), minutes(ttl)),
        laws.random_misses(n, minutes(480), minutes(ttl)),
    ):
        assert 1 <= misses <= n


def test_pings_beat_rewriting_up_to_an_hour_of_gap() -> None:
    """r x ceil(g/5m) <= w: 12 x 0.1 <= 1.25 < 13 x 0.1, so up to 60 minutes; 2/0.1 = 20 hours for the 1-hour TTL."""
    assert longest_pinged_gap(SHORT, READ, minutes(5)) == minutes(60)
    assert longest_pinged_gap(LONG, READ, minutes(60)) == timedelta(hours=20)
    gaps = [Fraction(gap * 60_000_000) for gap in (1, 5, 6, 10, 11, 60)]
    assert [below(gap, minutes(5), minutes(5), None) for gap in gaps] == [0, 0, 1, 1, 2, 11]


def test_hourly_pings_beat_fresh_above_one_query_in_nine_and_a_half_hours() -> None:
    """ln(10/9) = 0.105 per hour; and 5-minute pings above 12 ln(10/9) = 1.264."""
    assert money.exact(pinging_rate(READ, minutes(60))).quantize(Decimal("0.001")) == Decimal("0.105")
    assert money.exact(pinging_rate(READ, minutes(5))).quantize(Decimal("0.001")) == Decimal("1.264")


def test_reads_for_pings_agree_with_a_simulation() -> None:
    """At 2 per hour a gap needs ceil(gap / 5 min) reads: 1 / (1 - e^(-1/6)) on average."""
    seed = random.Random(7)
    runs = [-int(-seed.expovariate(2) * 12 // 1) for _ in range(40_000)]
    assert _agree(runs, 1 + float(Poisson(Fraction(2), 2).expected_pings(minutes(5), minutes(5), None)))


def test_a_conversation_of_twenty_turns_has_the_worked_length() -> None:
    """20 x 10,000 + 200 x 210 + 500 x 190 = 337,000 fresh tokens;
    at $3 per 1M $1.011, and 10,000 answered at $15 $0.15:
    $1.161 in all, as published for Sonnet 4.5."""
    work = Workload(10_000, 200, 500, 20, start=START, grows=True)
    assert laws.total_length(10_000, 200, 500, 0, 20) == sum(lengths(work, 20)) == 337_000
    assert 337_000 * Fraction(3, 10**6) + 20 * 500 * Fraction(15, 10**6) == Fraction("1.161")


@pytest.mark.parametrize(("ratio", "turns"), [(20, "4.29"), (10, "7.94"), (5, "16.6"), (2, "63.5")])
def test_compaction_pays_after_the_turns_that_the_first_write_leaves(ratio: int, turns: str) -> None:
    """(0.1 + rho (5 + 1.25 - 0.1)) / (0.1 (1 - rho)) = (1 + 61.5 rho) / (1 - rho): the first turn does not read."""
    result = laws.compaction_turns(Fraction(1, ratio), READ, SHORT, Fraction(5))
    assert result is not None
    assert round(Decimal(result.numerator) / result.denominator, len(turns.partition(".")[2])) == Decimal(turns)


def test_seeding_first_saves_what_was_published() -> None:
    """10 at once: 12.5 prefixes; seeded: 1.25 + 9 x 0.1 = 2.15; fresh: 10."""
    assert laws.fan_out(10, SHORT, READ) == (Fraction("12.5"), Fraction("2.15"), 10)


def _asked(catalog: Catalog, model: str, strategy: str, **words: Any) -> Answer:
    work = Workload(start=datetime(2026, 11, 1, tzinfo=UTC), **words)
    each = compare([(catalog.sheet(model), work)], today=TODAY, strategies=[strategy, "fresh"]).answers
    return next(answer for answer in each if answer.strategy == strategy)


def test_twenty_turns_on_sonnet_cost_what_was_published(catalog: Catalog) -> None:
    """L_n = 23,500 written at 3.75, 313,500 read at 0.30, 10,000 answered at 15.00: 0.088125 + 0.09405 + 0.15."""
    talk = {"context": 10_000, "question": 200, "answer": 500, "queries": 20, "grows": True}
    answer = _asked(catalog, "claude-sonnet-4-5", "written:5m", **talk)
    assert (answer.total, answer.fresh) == (Decimal("0.332175"), Decimal("1.161"))


def test_each_turn_reads_a_stored_context_and_sends_what_was_added_plain(catalog: Catalog) -> None:
    """100,000 stored at 1.25 and for an hour at 4.50: 0.125 + 0.45. Three turns read them at 0.125, send 1,000 + 3,000
    + 5,000 at 1.25 and answer 3,000 at 10.00: 0.0375 + 0.01125 + 0.03."""
    talk = {"context": 100_000, "question": 1_000, "answer": 1_000, "queries": 3, "grows": True}
    assert _asked(catalog, "gemini-2.5-pro", "stored", **talk).total == Decimal("0.65375")


@pytest.mark.parametrize(
    ("start", "growth", "first"), [(10_000, 1_000, [2, 3]), (10_000, 10_000, [2, 4]), (2_000, 40_000, [3, 5])]
)
def test_a_conversation_pays_from_the_published_turn_on(
    catalog: Catalog, start: int, growth: int, first: list[int]
) -> None:
    """L_k = start + (k-1) x growth: from the smallest n with (1-r) x (L_1 + ... + L_(n-1)) >= (w-1) L_n, 5m and 1h.

    A model with a context of 1M: the fifth turn of 40,000 tokens each would not fit in 200,000.
    """
    results = []
    for strategy in ("written:5m", "written:1h"):
        words = {"context": start, "question": 0, "answer": growth, "queries": 10, "grows": True}
        answer = _asked(catalog, "claude-sonnet-4-6", strategy, **words)
        assert answer.break_even is not None
        results.append(answer.break_even.first)
    assert results == first


def test_a_pause_longer_than_the_ttl_makes_every_turn_write_anew(catalog: Catalog) -> None:
    """Turns of 10,200, 10,900 and 11,600 tokens ten minutes apart, all written at 3.75: 32,700 x 3.75 / 1M = 0.122625,
    and 1,500 answered at 15.00 = 0.0225."""
    words = {"context": 10_000, "question": 200, "answer": 500, "queries": 3, "grows": True}
    answer = _asked(catalog, "claude-sonnet-4-5", "written:5m", every=minutes(10), **words)
    assert answer.total == Decimal("0.145125")


@pytest.mark.parametrize(
    ("strategy", "write", "ttl", "first"), [("written:5m", SHORT, 5, 25), ("written:1h", LONG, 60, 8)]
)
def test_random_queries_pay_where_the_closed_form_says(
    catalog: Catalog, strategy: str, write: Fraction, ttl: int, first: int
) -> None:
    """100,000 tokens at 3.00: $0.30 a prefix, misses at w and hits at 0.1 of it."""
    n, window = 40, timedelta(hours=8)
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": n, "over": window, "arrivals": "random"}
    answer = _asked(catalog, "claude-sonnet-4-5", strategy, **words)
    misses = laws.random_misses(n, window, minutes(ttl))
    expected = Fraction(3, 10) * (misses * write + (n - misses) * READ)
    assert abs(Fraction(answer.total) - expected) < Fraction(1, 10**18)
    assert answer.break_even is not None
    assert answer.break_even.first == first


def test_poisson_queries_cost_what_the_renewal_law_says(catalog: Catalog) -> None:
    """$0.30 a prefix: w + (N-1)(r + (w-r) e^(-rate x ttl)) with 2 an hour and 1 hour: e^-2."""
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": 50, "rate": Fraction(2), "arrivals": "poisson"}
    answer = _asked(catalog, "claude-sonnet-4-5", "written:1h", **words)
    share = Poisson(Fraction(2), 50).share_longer(minutes(60))
    expected = Fraction(3, 10) * (LONG + 49 * (READ + (LONG - READ) * Fraction(share)))
    assert abs(Fraction(answer.total) - expected) < Fraction(1, 10**18)


def test_pings_beat_rewriting_where_they_should(catalog: Catalog) -> None:
    """Four queries 10 minutes apart on a prefix of $0.30: kept alive 1.25 + 3 x (1 read + 1 ping) x 0.1 = 1.85
    prefixes; written anew each time 4 x 1.25 = 5."""
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": 4, "every": minutes(10)}
    assert _asked(catalog, "claude-sonnet-4-5", "keep-alive:5m", **words).total == Decimal("0.555")
    assert _asked(catalog, "claude-sonnet-4-5", "written:5m", **words).total == Decimal("1.5")


def test_pinging_for_ever_at_a_poisson_rate_costs_its_expected_reads(catalog: Catalog) -> None:
    """w + (N-1) r / (1 - e^(-rate x ttl)) prefixes of $0.30, at 2 an hour with the 1-hour TTL."""
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": 50, "rate": Fraction(2), "arrivals": "poisson"}
    answer = _asked(catalog, "claude-sonnet-4-5", "keep-alive:1h", **words)
    reads = 1 + Poisson(Fraction(2), 2).expected_pings(minutes(60), minutes(60), None)
    assert abs(Fraction(answer.total) - Fraction(3, 10) * (LONG + 49 * READ * reads)) < Fraction(1, 10**18)


def test_whole_hours_of_rent_at_two_queries_an_hour_pay_at_six_not_at_seven_and_from_eight_on(catalog: Catalog) -> None:
    """Announced Gemini 1.5 Pro, N/2 hours rented by the started hour: 7 + 3.5 N + 4.5 ceil(N/2) against 7 N. N = 6:
    41.5 <= 42; N = 7: 49.5 > 49; N = 8: 53 <= 56."""
    words = {"context": 1_000_000, "question": 0, "answer": 0, "queries": 8, "rate": Fraction(2)}
    work = Workload(start=datetime(2024, 5, 25, tzinfo=UTC), **words)  # type: ignore[arg-type]
    assumptions = Assumptions(billed_per="hour")
    comparison = compare(
        [(catalog.sheet("gemini-1.5-pro"), work)], today=TODAY, assumptions=assumptions, strategies=["stored"]
    )
    assert comparison.best.break_even is not None
    assert comparison.best.break_even[:3] == (6, ((6, 6), (8, 200)), 8)


def test_bursts_on_a_short_life_pay_only_for_a_while(catalog: Catalog) -> None:
    """Two at once and then one an hour on 5m, in prefixes: 1.25 + 0.1, and 1.25 each after; saved -.25, .65, .40, .15,
    -.10: caching pays for 2 to 4 queries and never again."""
    times = (timedelta(0), *(timedelta(hours=hour) for hour in range(9)))
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": 10, "times": times}
    result = _asked(catalog, "claude-sonnet-4-5", "written:5m", **words).break_even
    assert result is not None
    assert result[:3] == (2, ((2, 4),), None)


def test_bursts_of_ten_write_once_each(catalog: Catalog) -> None:
    """Three bursts of ten an hour apart on 5m: 3 x 1.25 + 27 x 0.1 = 6.45 prefixes of $0.30; on 1h 2 + 29 x 0.1."""
    times = bursts(30, 10, timedelta(hours=1))
    words = {"context": 100_000, "question": 0, "answer": 0, "queries": 30, "times": times}
    assert _asked(catalog, "claude-sonnet-4-5", "written:5m", **words).total == Decimal("1.935")
    assert _asked(catalog, "claude-sonnet-4-5", "written:1h", **words).total == Decimal("1.47")


def test_times_that_keep_a_law_cost_what_the_law_costs(catalog: Catalog) -> None:
    """Every 4 minutes told one by one, and told as a gap, through a price change and a peak of DeepSeek."""
    for model, strategy in (("claude-sonnet-4-5", "written:5m"), ("deepseek-v4-flash", "automatic")):
        common = {"context": 100_000, "question": 10, "answer": 20, "queries": 200}
        messages = _asked(catalog, model, strategy, times=tuple(minutes(4) * k for k in range(200)), **common)
        assert messages.total == _asked(catalog, model, strategy, every=minutes(4), **common).total


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"arrivals": "poisson"}, "rate: Poisson arrivals need a rate"),
        ({"arrivals": "random"}, "over: arrivals at random need the window"),
        ({"arrivals": "sometimes"}, "arrivals: expected even, poisson, random"),
        ({"rate": Fraction(0)}, "rate: expected more than 0"),
        ({"rate": Fraction(1), "every": minutes(5)}, "rate: every or over is given too"),
        ({"times": (minutes(1),)}, "times: expected as many as queries"),
        ({"times": tuple(minutes(5 - k) for k in range(5))}, "times: expected instants in order"),
        ({"times": tuple(minutes(k) for k in range(5)), "every": minutes(5)}, "times: bursts or given times"),
        ({"grows": True, "queries": 10_001}, "turns: expected 1 to 10,000"),
        ({"grows": True, "queries": 0}, "turns: expected 1 to 10,000, not 0"),
        ({"tools": 5}, "tools: results of tools join the turns"),
        ({"grows": True, "over": minutes(5)}, "turns: a conversation is paced"),
    ],
)
def test_workloads_that_cannot_come_so_are_refused(words: dict[str, Any], message: str) -> None:
    """With the word that is wrong first."""
    with pytest.raises(BadWorkload, match=message):
        Workload(**{"context": 1_000, "question": 0, "answer": 0, "queries": 5, "start": START} | words)


def _unrefreshed(catalog: Catalog) -> PriceSheet:
    """Sonnet 4.5 as if its reads did not refresh."""
    sheet = catalog.sheet("claude-sonnet-4-5")
    written = sheet.cards[0].caching.written
    assert written is not None
    caching = Caching(written=replace(written, refresh=False))
    return replace(sheet, cards=tuple(replace(card, caching=caching) for card in sheet.cards))


@pytest.mark.parametrize(
    ("n", "spread", "misses"),
    [
        (10, {"every": minutes(2)}, 4),  # written at 0, read at 2 and 4, dead at 6: 0, 6, 12, 18
        (10, {"every": minutes(5)}, 5),  # exactly the TTL still is a hit: 0, 10, 20, 30, 40
        (10, {"every": minutes(6)}, 10),
        (9, {"over": minutes(20)}, 3),  # 2.5 minutes apart: 0, 7.5, 15
        (6, {"times": tuple(minutes(m) for m in (0, 4, 5, 6, 11, 12))}, 3),  # 0, 6, 12
        (3, {}, 1),
    ],
)
def test_without_refresh_an_entry_dies_a_ttl_after_it_was_written(
    catalog: Catalog, n: int, spread: dict[str, Any], misses: int
) -> None:
    """$0.30 a prefix on 5m: misses at 1.25, the others at 0.1; misses counted by hand beside each case."""
    work = Workload(100_000, 0, 0, n, start=datetime(2026, 11, 1, tzinfo=UTC), **spread)
    best = compare([(_unrefreshed(catalog), work)], today=TODAY, strategies=["written:5m"]).best
    assert Fraction(best.total) == Fraction(3, 10) * (misses * SHORT + (n - misses) * READ)


def test_poisson_without_refresh_costs_its_expected_misses(catalog: Catalog) -> None:
    """The same law that is simulated above, priced."""
    rate = Fraction(12)
    work = Workload(100_000, 0, 0, 20, start=datetime(2026, 11, 1, tzinfo=UTC), rate=rate, arrivals="poisson")
    best = compare([(_unrefreshed(catalog), work)], today=TODAY, strategies=["written:5m"]).best
    misses = 1 + 19 * Poisson(rate, 20).late_without_refresh(minutes(5))
    assert abs(Fraction(best.total) - Fraction(3, 10) * (misses * SHORT + (20 - misses) * READ)) < Fraction(1, 10**18)


def test_a_lost_entry_that_reads_do_not_refresh_lives_anew(catalog: Catalog) -> None:
    """At 0, 4 and 6 minutes on 5m, half of the entries idle for over 3 lost: those read at 4 minutes have no life left
    at 6, those lost and written at 4 are read at 6. Either way there are two writes and one read, of $0.30."""
    times = tuple(minutes(m) for m in (0, 4, 6))
    work = Workload(100_000, 0, 0, 3, start=datetime(2026, 11, 1, tzinfo=UTC), times=times)
    half = Assumptions(eviction=Eviction("half", ((minutes(3), Fraction(1, 2)),)))
    answers = compare([(_unrefreshed(catalog), work)], today=TODAY, assumptions=half, strategies=["written:5m"])
    assert Fraction(answers.best.total) == Fraction(3, 10) * (2 * SHORT + READ)
    assert (answers.best.expected or "").startswith("simulated")


def test_the_time_of_an_answer_is_taken_off_the_life_of_an_entry(catalog: Catalog) -> None:
    """Anthropic counts from the start of the request: at 4 min 30 s apart and 40 s an answer the 5m entry is dead, ten
    writes of 1.25 x $0.30; without it one write and nine reads."""
    work = Workload(100_000, 0, 0, 10, start=datetime(2026, 11, 1, tzinfo=UTC), every=timedelta(seconds=270))
    sheet = catalog.sheet("claude-sonnet-4-5")
    totals = []
    for seconds in (0, 40):
        assumptions = Assumptions(generation=timedelta(seconds=seconds))
        totals.append(
            compare([(sheet, work)], today=TODAY, assumptions=assumptions, strategies=["written:5m"]).best.total
        )
    assert totals == [Decimal("0.645"), Decimal("3.75")]


@pytest.mark.parametrize("spread", [{"every": minutes(1)}, {"rate": Fraction(12), "arrivals": "poisson"}])
def test_no_ping_keeps_an_entry_that_is_dead_before_its_answer_ends(catalog: Catalog, spread: dict[str, Any]) -> None:
    """Ten minutes of answer on a 5-minute life counted from the start of the request."""
    work = Workload(100_000, 0, 0, 5, start=START, **spread)
    assumptions = Assumptions(generation=minutes(10))
    with pytest.raises(BadWorkload, match="generation: the entry is dead"):
        compare(
            [(catalog.sheet("claude-sonnet-4-5"), work)],
            today=TODAY,
            assumptions=assumptions,
            strategies=["keep-alive:5m"],
        )
