"""Queries at a pace for so long, bills per query or month, and bills of several currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ..command import run

DAY = ("--as-of", "2026-11-01")
LUNA = ("compare", "gpt-5.6-luna", "-c", "150K", *DAY)


def asked(*words: str) -> Any:
    return run(*LUNA, *words, "--json").json


@pytest.mark.parametrize(
    ("pace", "queries"),
    [
        (("--rate", "50/d", "--for", "30d"), 1500),
        (("--rate", "50/d", "--for", "30d", "--arrivals", "poisson"), 1500),
        (("--every", "7m", "--for", "1h"), 9),  # at 0, 7, ... 56 minutes
        (("--every", "2h", "--for", "1h"), 1),
        (("--burst", "5@10m", "--for", "1h"), 30),
        (("--every", "30m", "--office", "mon-fri 09:00-17:00", "--for", "7d"), 80),  # five days of 16
    ],
)
def test_a_pace_and_a_time_say_how_many_queries_there_are(pace: tuple[str, ...], queries: int) -> None:
    """Those that begin within the time: as many as `--queries` would have to say."""
    answer = asked(*pace)
    assert answer["workload"]["queries"] == queries
    said = tuple(word for word in pace if word not in ("--for", pace[pace.index("--for") + 1]))
    assert answer["answers"] == asked(*said, "-n", str(queries))["answers"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--for", "30d"), "--for: needs a pace; give every or rate too"),
        (("--for", "30d", "--rate", "50/d", "-n", "5"), "--for: queries are given too"),
        (("--for", "30d", "--over", "8h"), "--over: for says it too"),
        (("--for", "x", "--rate", "50/d"), "--for: 'x' is not a duration"),
        (("--per", "week"), "--per: expected total, query, month, not 'week'"),
        (("--per", "month"), "--per: a month needs a pace"),
        (("--exchange", "CNY"), "--exchange: 'CNY' is no rate of exchange"),
        (("--exchange", "CNY=0"), "--exchange: 'CNY=0' is no rate of exchange: it cannot be 0"),
        (("--exchange", "USD=1"), "--exchange: 'USD=1' is no rate of exchange"),
    ],
)
def test_what_says_too_little_or_too_much_is_refused(words: tuple[str, ...], message: str) -> None:
    ran = run(*LUNA, *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"cachecost: {message}")


def test_a_month_is_thirty_days_of_the_same_traffic(client: Any) -> None:
    """1,500 queries of 150,200 x 0.20 + 500 x 1.20 millionths are 45.96. Half of what 60 days cost is a month too, and
    90 times what 8 hours cost: 90 x 50 x 0.03064 = 137.88."""
    a_month = run(*LUNA, "--rate", "50/d", "--per", "month").out
    assert a_month.startswith("per month (30 days): 1,500 queries over ")
    assert " $45.96 " in a_month
    assert " $45.96 " in run(*LUNA, "--rate", "50/d", "--for", "60d", "--per", "month").out
    assert " $137.88 " in run(*LUNA, "--over", "8h", "-n", "50", "--per", "month").out
    record = asked("--over", "8h", "-n", "50", "--per", "month")
    assert (record["per"], record["factor"]) == ("month", "90")
    query = {"model": "gpt-5.6-luna", "context": "150K", "as_of": "2026-11-01", "strategy": "fresh", "per": "month"}
    assert client.get("/v1/cost.txt", params=query | {"rate": "50/d"}).text == "45.96"
    assert client.get("/v1/cost.txt", params=query | {"rate": "50/d", "for": "60d"}).text == "45.96"


def test_a_query_costs_the_bill_over_their_number() -> None:
    """0.03064 without a cache; records keep the totals and say what they are multiplied by."""
    shown = run(*LUNA, "-n", "50", "--per", "query").out
    assert shown.startswith("per query: 50 queries over ")
    assert " $0.031 " in shown
    record = asked("-n", "50", "--per", "query")
    assert (record["factor"], record["answers"][-1]["total"]) == ("0.02", "1.532")


def test_currencies_are_compared_at_the_rate_that_is_given_and_not_without(client: Any) -> None:
    """Doubao Seed 1.6 bills in yuan; the rate is cited wherever the rates are, in every format."""
    words = ("compare", "gpt-5.6-luna", "doubao-seed-1.6", "-c", "100K", *DAY)
    refused = run(*words)
    assert (refused.code, "bills in CNY and USD cannot be compared" in refused.err) == (2, True)
    alone = run("compare", "doubao-seed-1.6", "-c", "100K", *DAY, "--json").json["answers"]
    answer = run(*words, "--exchange", "CNY=0.14", "--json").json
    changed = [each for each in answer["answers"] if "doubao" in each["model"]]
    assert [Decimal(each["total"]) for each in changed] == [Decimal(each["total"]) * Decimal("0.14") for each in alone]
    said = "your rate of 0.14 USD for 1 CNY"
    assert {tuple(each["terms"]) for each in changed} == {(said,)}
    assert {each["currency"] for each in answer["answers"]} == {"USD"}
    assert f", after {said}\n" in run(*words, "--exchange", "CNY=0.14").out
    query = {"model": ["gpt-5.6-luna", "doubao-seed-1.6"], "context": "100K", "as_of": "2026-11-01"}
    assert client.get("/v1/compare", params=query | {"exchange": "CNY=0.14"}).json()["best"] == answer["best"]
    surveyed = run("plan", *words[1:], "--exchange", "CNY=0.14", "--json").json
    assert len(surveyed["models"]) == 2
