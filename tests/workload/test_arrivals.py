"""Every law of the pauses against counting: closed forms hold inside five standard errors, counted ones exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from cachecost.bills.bill import Bill
from cachecost.bills.warnings import notices
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NoClosedForm
from cachecost.strategies.assumptions import Assumptions, Eviction
from cachecost.strategies.batches import basis
from cachecost.strategies.outcomes import later
from cachecost.strategies.plan import Plan
from cachecost.workload.arrivals import CLOSED, Even, Given, Law
from cachecost.workload.office import inside
from cachecost.workload.poisson import Poisson
from cachecost.workload.uniform import Random
from cachecost.workload.workload import Workload

START = datetime(2026, 11, 2, 8, tzinfo=UTC)  # a Monday, 09:00 in Berlin
M, H = timedelta(minutes=1), timedelta(hours=1)
SONNET = "claude-sonnet-4-5"
DROPPED = Eviction("steps", ((2 * M, Fraction(1, 10)), (4 * M, Fraction(3, 10)), (20 * M, Fraction(1, 2))))


def work(queries: int, **spread: Any) -> Workload:
    return Workload(100_000, 0, 0, queries, start=START, **spread)


def in_office(queries: int, rate: Fraction, text: str = "mon-fri 09:00-12:00,12:20-17:00 Europe/Berlin") -> Workload:
    office, instants = inside(text, queries, START, every=None, over=None, rate=rate, arrivals="poisson")
    times = tuple(instant - instants[0] for instant in instants)
    return work(queries, times=times, office=office, arrivals="poisson")


LAWS = {
    "poisson": work(20, rate=Fraction(6), arrivals="poisson"),
    "slow": work(12, rate=Fraction(2, 3), arrivals="poisson"),
    "random": work(25, over=4 * H, arrivals="random"),
    "office": in_office(30, Fraction(6)),
    "slow office": in_office(25, Fraction(3, 4)),
}
STRATEGIES = [
    ("written:5m", {}),
    ("written:1h", {"eviction": DROPPED}),
    ("automatic", {"eviction": DROPPED, "hit_share": Decimal("0.5")}),
    ("keep-alive:5m", {}),
    ("keep-alive:5m", {"pings": 2, "eviction": DROPPED}),
    ("second-sight:5m", {}),
    ("second-sight:1h", {"eviction": DROPPED}),
]


def sheet_of(strategy: str) -> str:
    return "gpt-5" if strategy == "automatic" else SONNET


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("strategy", "assumed"), STRATEGIES)
def test_what_a_later_query_does_agrees_with_a_simulation(
    catalog: Catalog, law: str, strategy: str, assumed: dict[str, Any]
) -> None:
    """Shares that read, that come late or find their entry lost, that are sent plain, and pings: each run is one
    sample, and the closed form lies inside five standard errors of their mean."""
    sampling = pytest.importorskip(
        "cachecost.strategies.simulated", reason="counting arrivals needs numpy", exc_type=BadWorkload
    )
    question, drawn_with = LAWS[law], Assumptions(**assumed)
    plan = Plan(strategy, question, catalog.sheet(sheet_of(strategy)), drawn_with)
    if question.office and (plan.seen_twice or (plan.pinged and drawn_with.pings is None)):
        pytest.skip("no closed form is known for two pauses in a row, or endless pings, inside office hours")
    query, rest = later(plan, question.queries), question.queries - 1
    met = query.met
    assert query.basis == CLOSED
    assert met.read + met.missed + met.plain == 1
    counted = sampling.runs(plan, sampling.drawn(question, question.queries, seed=7), seed=7)
    pings, read = met.ping_reads + met.ping_writes, met.read / Fraction(drawn_with.hit_share)
    for expected, runs in zip((read, query.late, query.lost, met.plain, pings), counted, strict=True):
        error = runs.std(ddof=1) / len(runs) ** 0.5 / rest
        assert abs(float(runs.mean()) / rest - float(expected)) <= 5 * error + 1e-9


SPREADS: list[dict[str, Any]] = [
    {"every": 3 * M},
    {"every": 7 * M},
    {"every": 5 * M},
    {"every": 90 * M},
    {"over": 2 * H},
]


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize(
    ("strategy", "assumed"), [*STRATEGIES, ("stored:4m", {}), ("stored:15m", {}), ("stored:2h", {})]
)
def test_times_told_one_by_one_cost_what_their_even_gap_costs(
    catalog: Catalog, spread: dict[str, Any], strategy: str, assumed: dict[str, Any]
) -> None:
    """Two roads to one bill, to the last digit: the law of an even gap, and a walk through the same instants."""
    sheet = catalog.sheet("gemini-2.5-pro" if strategy.startswith("stored") else sheet_of(strategy))
    even = work(13, **spread)
    messages = work(13, times=tuple(even.at(k, 13) for k in range(13)))
    totals = [Bill(Plan(strategy, each, sheet, Assumptions(**assumed))).exact_total(13) for each in (even, messages)]
    assert totals[0] == totals[1]


def test_a_second_sight_of_independent_pauses_follows_the_worked_form() -> None:
    """p of the pauses in time: 1 + (N-1)(1-p) plain, p + (N-2) p (1-p) writes, (N-2) p p reads; they make N."""
    law, n = Poisson(Fraction(6), 20), 20
    late = law.share_longer(5 * M)
    both = law.share_of_pairs(5 * M, None) - law.share_of_pairs(5 * M, 5 * M)
    assert both == (1 - late) ** 2
    plain, reads = 1 + (n - 1) * late, (n - 2) * both
    writes = (1 - late) + (n - 2) * (1 - late) * late
    assert plain + writes + reads == n


def test_two_pauses_of_three_random_times_are_those_of_geometry() -> None:
    """Three uniform times of an hour leave two pauses x and y, longer than s and t with probability (1 - s - t)^3: of
    30 and 20 minutes (1/6)^3; so x <= 30 and y > 20 with (2/3)^3 - (1/6)^3 = 63/216."""
    assert abs(Random(H, 3).share_of_pairs(30 * M, 20 * M) - Fraction(63, 216)) < Fraction(1, 10**23)


def test_the_rent_of_random_pauses_is_their_mean_up_to_the_time_out() -> None:
    """A pause of N uniform times of W is W/(N+1) long on average; a time-out of all of W cuts none of it."""
    assert abs(Random(H, 4).mean_hours_up_to(H) - Fraction(1, 5)) < Fraction(1, 10**23)


@pytest.mark.parametrize(("queries", "sum_of_powers"), [(1, "49.5"), (2, "32.835"), (3, "24.5025")])
def test_pings_between_a_few_random_queries_are_sums_of_powers(queries: int, sum_of_powers: str) -> None:
    """A ping a minute in a window of 100: the sum of (j/100)^N for j from 1 to 99, which is 4,950 / 100,
    328,350 / 10,000 and 24,502,500 / 1,000,000."""
    minute = timedelta(minutes=1)
    pings = Random(100 * minute, queries).expected_pings(minute, minute, None)
    assert pings == Fraction(sum_of_powers)


@pytest.mark.parametrize("queries", [2, 7, 50, 400])
@pytest.mark.parametrize("most", [None, 100, 1_000])
def test_many_pings_between_random_queries_add_up_as_one_by_one(queries: int, most: int | None) -> None:
    law = Random(timedelta(days=5), queries)
    first = timedelta(minutes=5, seconds=7)
    alone = Law.expected_pings(law, first, timedelta(minutes=5), most)
    assert abs(law.expected_pings(first, timedelta(minutes=5), most) - alone) < Fraction(1, 10**20)


def test_given_pauses_are_counted() -> None:
    """Pauses of 3, 10 and 4 minutes: 1 in 3 is longer than 5; rungs of 3 minutes below them are 0, 3 and 1."""
    law = Given((0 * M, 3 * M, 13 * M, 17 * M))
    assert law.share_longer(5 * M) == Fraction(1, 3)
    assert law.expected_pings(3 * M, 3 * M, None) == Fraction(0 + 3 + 1, 3)
    assert law.expected_pings(3 * M, 3 * M, 2) == Fraction(0 + 2 + 1, 3)
    assert law.share_of_pairs(5 * M, 5 * M) == Fraction(1, 2)
    assert law.mean_hours_up_to(5 * M) == Fraction(3 + 5 + 4, 3 * 60)
    assert law.basis is None


@pytest.mark.parametrize("gap", [1 * M, 5 * M, 7 * M, 61 * M])
def test_an_even_gap_answers_like_its_pauses(gap: timedelta) -> None:
    """Every question, asked of the gap and of the list."""
    even, listed = Even(Fraction(gap // timedelta(microseconds=1)), 9), Given(tuple(gap * k for k in range(9)))
    for life in (1 * M, 5 * M, 30 * M, H):
        assert even.share_longer(life) == listed.share_longer(life)
        assert even.expected_pings(life, life, 3) == listed.expected_pings(life, life, 3)
        assert even.share_of_pairs(life, 5 * M) == listed.share_of_pairs(life, 5 * M)
        assert even.mean_hours_up_to(life) == listed.mean_hours_up_to(life)
        assert even.late_without_refresh(life) == listed.late_without_refresh(life)


def test_what_no_closed_form_is_known_for_is_simulated_and_says_so(catalog: Catalog) -> None:
    """Two pauses in a row inside office hours, and an entry that a read does not refresh under random times."""
    pytest.importorskip("cachecost.strategies.simulated", reason="counting arrivals needs numpy", exc_type=BadWorkload)
    question = LAWS["office"]
    with pytest.raises(NoClosedForm):
        question.law(30).share_of_pairs(5 * M, 5 * M)
    plan = Plan("second-sight:5m", question, catalog.sheet(SONNET), Assumptions())
    said = basis(plan)
    assert said is not None
    assert said.startswith("simulated (seed 1, 199,980 arrivals, ± ")
    with pytest.raises(NoClosedForm):
        LAWS["random"].law(25).late_without_refresh(5 * M)


def test_an_answer_says_that_rates_changed_among_the_queries(catalog: Catalog) -> None:
    """DeepSeek's day has dear hours; forty Poisson queries at two an hour meet them, twenty at once do not."""
    sheet = catalog.sheet("deepseek-v4-flash")
    warning = "rates change while the queries come: each stretch of rates has as many as are expected in it"
    for question, says in ((work(40, rate=Fraction(2), arrivals="poisson"), True), (work(20), False)):
        result = notices(Plan("automatic", question, sheet, Assumptions()), today=START.date())
        assert (warning in result) == says


def test_without_numpy_it_says_what_to_install(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message of a simulation that is not there names the extra."""
    import sys

    monkeypatch.delitem(sys.modules, "cachecost.strategies.simulated", raising=False)
    monkeypatch.delattr("cachecost.strategies.simulated", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    plan = Plan("second-sight:5m", LAWS["office"], catalog.sheet(SONNET), Assumptions())
    with pytest.raises(BadWorkload, match=r'no closed form is known here.*pip install .*\[fast\]"'):
        later(plan, 30)


def test_pauses_inside_office_hours_are_those_of_a_walk_where_days_are_apart() -> None:
    """At a rate at which hardly two queries share a day, hardly a pause is within an hour; at a great one hardly any
    is longer, but where a night or a weekend lies between."""
    few, many = in_office(12, Fraction(1, 100)), in_office(100, Fraction(60))
    assert few.law(12).share_longer(H) > Fraction(98, 100)
    nights = sum(later - earlier > H for earlier, later in pairwise(many.times))
    assert nights == 0
    assert many.law(100).share_longer(H) < Fraction(1, 100)
