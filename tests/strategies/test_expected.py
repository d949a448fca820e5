"""Rates that change among queries that come by a law: each stretch is billed what is expected in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import exp, lgamma, log
from typing import Any

import pytest

from cachecost.bills.bill import Bill
from cachecost.bills.warnings import notices
from cachecost.catalog.catalog import Catalog
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.strategies import expected
from cachecost.strategies.assumptions import Assumptions, Eviction
from cachecost.strategies.batches import batches
from cachecost.strategies.plan import Plan
from cachecost.workload.poisson import Poisson
from cachecost.workload.workload import MOST_AT_RATE, Workload

M, H = timedelta(minutes=1), timedelta(hours=1)
CHANGE = datetime(2026, 8, 21, tzinfo=UTC)
DROPPED = Eviction("steps", ((2 * M, Fraction(1, 10)), (12 * M, Fraction(2, 5))))
RUNS = 20_000
LAWS = {
    "poisson": {"rate": Fraction(4), "arrivals": "poisson"},
    "random": {"over": 5 * H, "arrivals": "random"},
}


def work(law: str, queries: int = 20, start: datetime = CHANGE - 2 * H) -> Workload:
    return Workload(50_000, 100, 200, queries, start, **LAWS[law])  # type: ignore[arg-type]


def drawn(workload: Workload) -> Any:
    """Hours of the queries of so many runs, one run a line."""
    numpy = pytest.importorskip("numpy")
    random = numpy.random.Generator(numpy.random.PCG64(7))
    if workload.over:
        return numpy.sort(random.random((RUNS, workload.queries)) * (workload.over / H), axis=1)
    assert workload.rate is not None
    gaps = random.standard_exponential((RUNS, workload.queries)) / float(workload.rate)
    gaps[:, 0] = 0
    return gaps.cumsum(axis=1)


def costs(plan: Plan, usage: Usage, hours: Any) -> Any:
    """What one request of this usage costs at each of so many times, asked of the sheet in every hour of two weeks."""
    numpy = pytest.importorskip("numpy")
    at = [plan.workload.start + H * k for k in range(24 * 14)]
    table = [float(quote(usage, plan.sheet, at=each, prompt=plan.workload.prompt).total) for each in at]
    return numpy.array(table)[hours.astype(int)]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(
    ("model", "strategy", "question"),
    [
        ("openai/gpt-5.6-sol", "fresh", {}),
        ("openai/gpt-5.6-sol", "written:30m", {}),
        ("openai/gpt-5.6-sol", "written:30m", {"eviction": DROPPED, "hit_share": Decimal("0.75")}),
        ("deepseek-v4-flash", "automatic", {}),
        ("deepseek-v4-flash", "automatic", {"eviction": DROPPED}),
    ],
)
def test_a_bill_over_a_change_of_rates_is_what_many_runs_cost_on_average(
    model: str, strategy: str, question: dict[str, Any], law: str, catalog: Catalog
) -> None:
    """A card that begins among the queries, and dear hours of every day: every query of 20,000 runs at the rates of its
    own instant, inside five standard errors."""
    numpy = pytest.importorskip("numpy")
    start = CHANGE - 2 * H if "gpt" in model else datetime(2026, 11, 2, tzinfo=UTC)
    plan = Plan(strategy, work(law, start=start), catalog.sheet(model), Assumptions(**question))
    assert plan.workload.by_law(20)
    hours = drawn(plan.workload)
    gaps = numpy.diff(hours, axis=1, prepend=-1e9)
    result = numpy.ones_like(hours) * float(plan.assumptions.hit_share)
    for begin, lost in DROPPED.steps if "eviction" in question else ():
        result[gaps > begin / H] = (1 - float(lost)) * float(plan.assumptions.hit_share)
    result[gaps > (plan.ttl / H if plan.ttl else 1e8)] = 0
    miss, hit = costs(plan, plan.missed_request, hours), costs(plan, plan.read_request, hours)
    totals = (result * hit + (1 - result) * miss).sum(axis=1)
    error = totals.std() / RUNS**0.5
    assert abs(float(Bill(plan).total(20)) - totals.mean()) < 5 * error
    flat = 20 * float(costs(plan, plan.missed_request, numpy.zeros(1))[0])
    assert strategy != "fresh" or abs(totals.mean() - flat) > 10 * error


def test_at_random_each_stretch_has_its_part_of_the_window(catalog: Catalog) -> None:
    """Two of the five hours lie before the change: 20 x 2/5 = 8 queries at $5.00, 12 at $4.00 per 1M of input.

    8 x 50,100 x 5/1M + 12 x 50,100 x 4/1M + 200 x (8 x 30 + 12 x 20)/1M = 2.004 + 2.4048 + 0.096 = 4.5048.
    """
    plan = Plan("fresh", work("random"), catalog.sheet("bedrock/gpt-5.6-sol"), Assumptions())
    assert {at.isoformat()[:13]: count for at, count in expected.come(plan, 20)} == {
        "2026-08-20T22": 8,
        "2026-08-21T00": 12,
    }
    assert Bill(plan).total(20) == Decimal("4.5048")


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("queries", [2, 3, 20, 300])
def test_no_query_is_lost_between_the_stretches(law: str, queries: int, catalog: Catalog) -> None:
    """However they fall, the numbers add up to all of them, to the last digit."""
    plan = Plan("written:30m", work(law, queries), catalog.sheet("openai/gpt-5.6-sol"), Assumptions())
    assert sum(Fraction(batch.times) for batch in batches(plan, queries)) == queries
    assert sum(Fraction(count) for _, count in expected.come(plan, queries)) == queries


def test_stretches_of_the_same_rates_are_priced_together(catalog: Catalog) -> None:
    """Four queries, a month between them on average, meet hundreds of dear and cheap hours: two rates, two batches."""
    month = {"rate": Fraction(1, 720), "arrivals": "poisson"}
    workload = Workload(50_000, 100, 200, 4, datetime(2026, 11, 2, tzinfo=UTC), **month)  # type: ignore[arg-type]
    result = list(batches(Plan("fresh", workload, catalog.sheet("deepseek-v4-flash"), Assumptions()), 4))
    assert len(result) == 2
    assert sum(Fraction(batch.times) for batch in result) == 4


@pytest.mark.parametrize("queries", [2, 20, 257, 258, 400, 2_000])
@pytest.mark.parametrize("share", [0.3, 0.95, 1.0, 1.1, 3.0])
def test_as_many_come_early_as_gamma_times_say(queries: int, share: float) -> None:
    """The k-th after the first comes before b with 1 - the sum of e^-m m^j / j! over j < k, m = rate x b: summed term
    by term in floats, on both sides of the number up to which the sum begins with its first term."""
    rate = Fraction(4)
    before = timedelta(hours=share * queries / 4)
    mean = float(rate * Fraction(before / H))
    terms = [exp(j * log(mean) - mean - lgamma(j + 1)) for j in range(queries - 1)]
    counted = sum(1 - min(1.0, sum(terms[:k])) for k in range(1, queries))
    assert abs(float(Poisson(rate, queries).later(before)) - counted) < 1e-9 * queries


@pytest.mark.parametrize("law", LAWS)
def test_in_the_end_late_ones_are_as_many_as_the_pauses_say(law: str) -> None:
    """Two roads: what is expected before the end of all, and the share of the pauses that are longer."""
    workload = work(law, 20).by_law(20)
    assert workload is not None
    for ttl in (timedelta(0), 5 * M, 30 * M, H):
        in_time = workload.later(workload.reach() + ttl, ttl)
        assert abs(Fraction(in_time) / 19 - workload.share_longer(ttl)) < Fraction(1, 10**23)


def test_more_than_are_weighed_keep_their_expected_instants(catalog: Catalog) -> None:
    """The answer says which of the two it did."""
    sheet = catalog.sheet("openai/gpt-5.6-sol")
    for queries, message in ((50, "as many as are expected in it"), (MOST_AT_RATE + 1, "at which it is expected")):
        plan = Plan("fresh", work("poisson", queries), sheet, Assumptions())
        assert bool(plan.workload.by_law(queries)) == (queries == 50)
        assert [each for each in notices(plan, today=CHANGE.date()) if message in each]
