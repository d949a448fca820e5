"""A stored cache that is deleted when it is not read: its bill by hand, by law and by a walk; the best time-out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NotSold
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.batches import batches
from cachecost.strategies.plan import Plan
from cachecost.workload.arrivals import CLOSED
from cachecost.workload.workload import Workload
from tests.oracles.timeouts import Part, best, cost, worst_case

from ..conftest import TODAY

SEED = datetime(2024, 5, 25, tzinfo=UTC)
M, H = timedelta(minutes=1), timedelta(hours=1)
READ, RENT = Fraction(1, 2), Fraction(9, 14)
"""Gemini 1.5 Pro as announced: a read costs half of $7, an hour of rent $4.50."""
BURSTY = (Part(Fraction(4, 5), Fraction(60)), Part(Fraction(1, 5), Fraction(1, 2)))


def total(catalog: Catalog, strategy: str, queries: int, assumed: Assumptions | None = None, **spread: Any) -> Fraction:
    """Dollars of so many queries over a million tokens."""
    work = Workload(1_000_000, 0, 0, queries, start=SEED, **spread)
    asks = [(catalog.sheet("gemini-1.5-pro"), work)]
    return Fraction(compare(asks, today=TODAY, assumptions=assumed, strategies=[strategy]).best.total)


@pytest.mark.parametrize(
    ("minutes", "creations", "hours"),
    # four queries: within the time-out one cache stands for three pauses and the time-out; beyond it four of 15 minutes
    [(10, 1, Fraction(45, 60)), (15, 1, Fraction(60, 60)), (16, 4, Fraction(60, 60)), (40, 4, Fraction(60, 60))],
)
def test_a_cache_is_created_again_by_the_query_that_returns(
    catalog: Catalog, minutes: int, creations: int, hours: Fraction
) -> None:
    """$7 a creation, $3.50 a read, $4.50 an hour."""
    expected = 7 * creations + 4 * Fraction(7, 2) + hours * Fraction(9, 2)
    assert total(catalog, "stored:15m", 4, every=minutes * M) == expected


@pytest.mark.parametrize(
    ("strategy", "held", "known"), [("stored", None, None), ("stored", 10 * M, CLOSED), ("stored:15m", None, CLOSED)]
)
def test_hits_are_expected_numbers_only_where_the_cache_may_be_gone(
    catalog: Catalog, strategy: str, held: timedelta | None, known: str | None
) -> None:
    """Ten queries at random in half an hour: an hour of cache meets all of them; ten minutes, or the first pause of
    fifteen, some, as a law says."""
    work = Workload(100_000, 0, 0, 10, start=SEED, over=30 * M, arrivals="random")
    asks = [(catalog.sheet("gemini-1.5-pro"), work)]
    comparison = compare(asks, today=TODAY, assumptions=Assumptions(hold=held), strategies=[strategy])
    assert comparison.best.expected == known


def test_given_times_are_told_stand_by_stand(catalog: Catalog) -> None:
    """At 0, 10, 40 and 50 minutes under 15: stands of 25 and 25 minutes, two creations and four reads."""
    times = tuple(minute * M for minute in (0, 10, 40, 50))
    assert total(catalog, "stored:15m", 4, times=times) == 14 + 14 + Fraction(50, 60) * Fraction(9, 2)


def test_rent_by_started_hours_is_paid_for_each_stand(catalog: Catalog) -> None:
    """The same two stands of 25 minutes are two hours."""
    times = tuple(minute * M for minute in (0, 10, 40, 50))
    assert total(catalog, "stored:15m", 4, Assumptions(billed_per="hour"), times=times) == 14 + 14 + 9


def test_a_first_query_that_creates_the_cache_reads_none_of_it(catalog: Catalog) -> None:
    """Two stands are two plain queries of $7, the others read."""
    times = tuple(minute * M for minute in (0, 10, 40, 50))
    assumptions = Assumptions(first_query="creates")
    assert total(catalog, "stored:15m", 4, assumptions, times=times) == 14 + 7 + Fraction(50, 60) * Fraction(9, 2)


def test_poisson_rent_and_creations_follow_their_law(catalog: Catalog) -> None:
    """At 4 an hour under 15 minutes S = e^-1: 1 + 9 S creations, ten reads, 9 (1 - S)/4 hours and the last quarter."""
    from decimal import Decimal

    left = Fraction(Decimal("0.367879441171442321595523770161"))
    expected = 7 * (1 + 9 * left) + 35 + Fraction(9, 2) * (9 * (1 - left) / 4 + Fraction(1, 4))
    amount = total(catalog, "stored:15m", 10, rate=Fraction(4), arrivals="poisson")
    assert abs(amount - expected) < Fraction(1, 10**18)


def test_random_rent_and_creations_agree_with_a_simulation(catalog: Catalog) -> None:
    """Pauses of twelve random queries in 4 hours, longer than 15 minutes and cut at them: inside five errors."""
    sampling = pytest.importorskip(
        "cachecost.strategies.simulated", reason="counting arrivals needs numpy", exc_type=BadWorkload
    )
    import numpy as np

    work = Workload(1_000_000, 0, 0, 12, start=SEED, over=4 * H, arrivals="random")
    law, gaps = work.law(12), np.diff(sampling.drawn(work, 12, seed=3), axis=1)
    limit = 15 * M // timedelta(microseconds=1)
    for expected, result in (
        (law.share_longer(15 * M), gaps > limit),
        (law.mean_hours_up_to(15 * M) * 3_600_000_000, np.minimum(gaps, limit)),
    ):
        runs = result.mean(axis=1)
        assert abs(runs.mean() - float(expected)) <= 5 * runs.std(ddof=1) / len(runs) ** 0.5


def test_bursty_traffic_deletes_after_seven_and_a_half_minutes() -> None:
    """Four of five pauses at 60 an hour, one at one in two hours: delete after 7.48 minutes at 0.7125 prefixes a query;
    never at 0.7657, at once at 1.5, after creation / rent at 0.7395."""
    result = best(BURSTY, rent=RENT)
    assert result is not None
    assert round(result / M, 2) == 7.48
    for timeout, published in ((result, "0.7125"), (None, "0.7657"), (0 * M, "1.5"), (worst_case(rent=RENT), "0.7395")):
        assert round(cost(BURSTY, timeout, read=READ, rent=RENT), 4) == Fraction(published)


def test_no_other_time_out_costs_less() -> None:
    """Every minute up to two hours, and never."""
    least = cost(BURSTY, best(BURSTY, rent=RENT), read=READ, rent=RENT)
    assert all(cost(BURSTY, minute * M, read=READ, rent=RENT) >= least for minute in range(120))
    assert cost(BURSTY, None, read=READ, rent=RENT) > least


@pytest.mark.parametrize(("rate", "kept"), [(Fraction(1, 2), timedelta(0)), (Fraction(2), None)])
def test_poisson_traffic_deletes_at_once_or_never(rate: Fraction, kept: timedelta | None) -> None:
    """A pause without memory: keep for good above rent / creation = 9/14 an hour, otherwise not at all."""
    one = (Part(Fraction(1), rate),)
    assert best(one, rent=RENT) == kept
    tried = [cost(one, timeout, read=READ, rent=RENT) for timeout in (0 * M, 5 * M, H, 9 * H, None)]
    assert min(tried) == cost(one, kept, read=READ, rent=RENT)


def test_an_idle_time_out_is_asked_for_by_name_and_only_where_caches_are_stored(catalog: Catalog) -> None:
    """Anthropic stores none; a conversation is not reckoned so."""
    work = Workload(100_000, 0, 0, 5, start=SEED, every=5 * M)
    with pytest.raises(NotSold, match="stored:15m"):
        compare(
            [(catalog.sheet("claude-sonnet-4-5"), replace(work, start=datetime(2026, 11, 1, tzinfo=UTC)))],
            today=TODAY,
            strategies=["stored:15m"],
        )
    grown = Workload(100_000, 0, 0, 5, start=datetime(2026, 11, 1, tzinfo=UTC), every=5 * M, grows=True)
    with pytest.raises(BadWorkload, match="an idle time-out is not reckoned"):
        list(batches(Plan("stored:15m", grown, catalog.sheet("gemini-2.5-pro"), Assumptions()), 5))
