"""Pings: when they beat writing anew, the longer life and sending fresh, and how many are safe without foresight."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cachecost.advice.advice import Advice
from cachecost.bills.candidates import candidates, priced
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload
from cachecost.strategies.assumptions import Assumptions
from cachecost.workload.workload import Workload

from ..command import run
from ..oracles.laws import poisson_rewrite_rate, safest, worst_ratio

START = datetime(2026, 11, 1, tzinfo=UTC)
READ, SHORT, LONG = Fraction(1, 10), Fraction(5, 4), Fraction(2)
M = timedelta(minutes=1)
SONNET = "claude-sonnet-4-5"


def work(queries: int, **spread: Any) -> Workload:
    return Workload(100_000, 0, 0, queries, start=START, **spread)


def totals(catalog: Catalog, workload: Workload, **assumed: Any) -> dict[str, Decimal]:
    """Every strategy that is sold, and both kinds of pings, in prefixes of $0.30."""
    from cachecost.bills.comparison import compare

    names = ["fresh", "written:5m", "written:1h", "keep-alive:5m", "keep-alive:1h"]
    comparison = compare(
        [(catalog.sheet(SONNET), workload)], today=START.date(), assumptions=Assumptions(**assumed), strategies=names
    )
    return {each.strategy: each.total / Decimal("0.3") for each in comparison.answers}


@pytest.mark.parametrize("minutes", range(1, 90, 3))
def test_pings_beat_rewriting_up_to_an_hour_of_gap(catalog: Catalog, minutes: int) -> None:
    """r x ceil(g / 5 min) <= w: 12 x 0.1 <= 1.25 < 13 x 0.1."""
    bills = totals(catalog, work(5, every=minutes * M))
    assert (bills["keep-alive:5m"] <= bills["written:5m"]) == (minutes <= 60)


@pytest.mark.parametrize("minutes", range(5, 70, 5))
def test_two_uses_are_pinged_only_up_to_35_minutes_apart(catalog: Catalog, minutes: int) -> None:
    """1.25 + 0.1 g/5 < 2 fresh ones up to g = 35; beyond that fresh is the cheapest, and 1h never: 2.1 > 2."""
    offered = priced(catalog.sheet(SONNET), work(2, every=minutes * M), Assumptions(), offer=candidates)
    best = offered.best[0].plan.strategy
    assert best == ("written:5m" if minutes == 5 else "keep-alive:5m" if minutes <= 35 else "fresh")


@pytest.mark.parametrize("uses", range(2, 12))
def test_pings_beat_the_longer_life_for_the_published_slots(catalog: Catalog, uses: int) -> None:
    """Gaps of k slots of 5 minutes: 1.25 + (m-1) k 0.1 < 2 + (m-1) 0.1 iff (k-1)(m-1) < 7.5; of two uses up to
    k = 8, 40 minutes; m = 3 k <= 4, m = 4 k <= 3, m = 5 .. 8 k <= 2, from 9 on never."""
    most = {2: 8, 3: 4, 4: 3, 5: 2, 6: 2, 7: 2, 8: 2}.get(uses, 1)
    for slots in range(2, 12):
        bills = totals(catalog, work(uses, every=5 * slots * M))
        assert (bills["keep-alive:5m"] < bills["written:1h"]) == (slots <= most)


@pytest.mark.parametrize(
    ("rate", "other", "name"),
    [
        ("1.092", "written:5m", "keep-alive:5m"),
        ("1.264", "fresh", "keep-alive:5m"),
        ("0.1054", "fresh", "keep-alive:1h"),
    ],
)
def test_poisson_pings_pay_above_the_published_rates(catalog: Catalog, rate: str, other: str, name: str) -> None:
    """In the long run, over 100,000 queries: on either side of the rate by one in a hundred."""
    for factor, pays in ((Fraction(101, 100), True), (Fraction(99, 100), False)):
        workload = work(100_000, rate=Fraction(rate) * factor, arrivals="poisson")
        bills = totals(catalog, workload)
        assert (bills[name] < bills[other]) == pays


def test_the_rate_above_which_pings_beat_rewriting_is_the_published_one() -> None:
    """12 ln(1.15 / 1.05) = 1.092 an hour."""
    assert round(poisson_rewrite_rate(SHORT, READ, 5 * M), 3) == Decimal("1.092")


@pytest.mark.parametrize(("write", "most", "ratio"), [(SHORT, 10, Fraction(15, 8)), (LONG, 18, Fraction(19, 10))])
def test_without_foresight_ten_pings_cost_at_most_fifteen_eighths(write: Fraction, most: int, ratio: Fraction) -> None:
    """Known figures; and by brute force no pause of up to 60 slots costs more times what foresight pays."""
    assert safest(write, READ) == (most, ratio)

    def cost(pings: int, slots: int) -> Fraction:
        return READ * slots if slots <= pings + 1 else READ * pings + write

    def worst(pings: int) -> Fraction:
        return max(cost(pings, slots) / min(READ * slots, write) for slots in range(1, 61))

    assert [worst_ratio(write, READ, pings) for pings in range(15)] == [worst(pings) for pings in range(15)]
    assert min(worst(pings) for pings in range(40)) == ratio


def test_an_entry_dies_after_its_last_ping(catalog: Catalog) -> None:
    """At 12 minutes two pings keep a 5-minute entry, with one it dies at 10: (write + 3 x (0.1 + 0.2)) and
    (4 writes + 3 x 0.1); none at all is written:5m."""
    workload = work(4, every=12 * M)
    assert totals(catalog, workload)["keep-alive:5m"] == Decimal("1.25") + 3 * Decimal("0.3")
    assert totals(catalog, workload, pings=2)["keep-alive:5m"] == Decimal("1.25") + 3 * Decimal("0.3")
    assert totals(catalog, workload, pings=1)["keep-alive:5m"] == 4 * Decimal("1.25") + 3 * Decimal("0.1")
    assert totals(catalog, workload, pings=0)["keep-alive:5m"] == totals(catalog, workload)["written:5m"]


def test_a_conversation_is_kept_alive_too(catalog: Catalog) -> None:
    """Three turns 8 minutes apart, 2,000 tokens and 100 of each question, no answers: written 2,100, 100 and 100, read
    2,100 and 2,200, each by one ping too: 2,300 x 1.25 + 2 x 4,300 x 0.1 at $3 per 1M."""
    workload = Workload(2_000, 100, 0, 3, start=START, every=8 * M, grows=True)
    bills = totals(catalog, workload)["keep-alive:5m"] * Decimal("0.3")
    assert bills == (Decimal(2_300) * Decimal("1.25") + 2 * (2_100 + 2_200) * Decimal("0.1")) * 3 / 10**6


def test_advice_takes_pings_where_they_win_and_says_how_many(catalog: Catalog) -> None:
    """Three uses 20 minutes apart: 1.25 + 2 x (1 + 3) x 0.1 = 2.05 prefixes against 2 + 2 x 0.1 = 2.2 for 1h."""
    advice = Advice(catalog.sheet(SONNET), work(3, every=20 * M), Assumptions(), today=START.date())
    assert (advice.best.strategy, advice.best.total) == ("keep-alive:5m", Decimal("0.615"))
    assert "3 pings before each later query, 6 in all, until 2026-11-01T00:40Z" in advice.warnings
    single = Advice(catalog.sheet(SONNET), work(3, every=8 * M), Assumptions(), today=START.date())
    assert "1 ping before each later query, 2 in all, until 2026-11-01T00:16Z" in single.warnings


def test_no_ping_is_weighed_where_none_is_needed_or_none_can_pay(catalog: Catalog) -> None:
    """Within the life no entry needs one; beyond 10 slots a later query costs as much as a fresh one."""
    for every, weighed in ((5, []), (6, ["keep-alive:5m"]), (45, ["keep-alive:5m"]), (51, []), (61, ["keep-alive:1h"])):
        result = candidates(catalog.sheet(SONNET), work(10, every=every * M), Assumptions())
        assert [each.strategy for each in result if each.pinged] == weighed


def test_pings_are_counted_from_nothing() -> None:
    """A number below none is no number of pings."""
    with pytest.raises(BadWorkload, match="pings: expected 0 to"):
        Assumptions(pings=-1)


def test_replay_pays_for_the_pings_after_the_last_request_and_compare_sends_none(tmp_path: Path) -> None:
    """Two requests 8 minutes apart, in Sonnet's $3.75 a write and $0.30 a read of 1M tokens: 0.375 + a ping and a read
    of 0.03 each; after the last, 11 more pings, as 1.25 / 0.1 = 12.5 reads, one of them a request's, cost no more than
    a write."""
    log = tmp_path / "log.jsonl"
    record = {"model": SONNET, "session": "a", "input": 100_000, "cache_read": 0, "output": 0}
    log.write_text("".join(json.dumps(record | {"at": f"2026-11-01T00:0{minute}:00Z"}) + "\n" for minute in (0, 8)))
    replayed = run("replay", str(log), "--policy", "keep-alive:5m", "--json").json["what_if"]
    words = "-c 100K -q 0 -a 0 -n 2 --every 8m --strategy keep-alive:5m --as-of 2026-11-01 --json".split()
    (compared,) = run("compare", SONNET, *words).json["answers"]
    assert compared["total"] == "0.435"
    assert [each["total"] for each in replayed if each["policy"] == "keep-alive:5m"] == ["0.765"]
