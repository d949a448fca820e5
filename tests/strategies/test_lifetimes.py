"""Automatic caches die: how long they live, as their sheets say, and what a bill makes of the time left open."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cachecost.bills.bill import Bill
from cachecost.bills.measures import Lives, lives
from cachecost.catalog.catalog import Catalog
from cachecost.prices.caching import Lifetime
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.workload.arrivals import bursts
from cachecost.workload.poisson import Poisson
from cachecost.workload.workload import Workload

from ..command import run

START = datetime(2026, 11, 1, tzinfo=UTC)
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GPT5 = ("gpt-5", "-c", "100K", "-q", "0", "-a", "0", "--as-of", "2026-11-01")
"""$1.25 and $0.125 per 1M; entries live for 5 minutes to 1 hour."""
NONE, ALL = Decimal("1.25"), Decimal("0.237824")
"""Ten queries over 100,000 tokens: 10 x 0.125 where none hits; where all later ones do, 0.125 + 9 x (99,968 x 0.125 +
32 x 1.25) / 1M, since cached tokens come in blocks of 128."""
SAVED = Decimal("0.1124640")
"""What a hit saves: 99,968 x (1.25 - 0.125) / 1M."""


def plan(catalog: Catalog, queries: int = 10, strategy: str = "automatic", **spread: Any) -> Plan:
    work = Workload(100_000, 0, 0, queries, start=START, **spread)
    return Plan(strategy, work, catalog.sheet("gpt-5"), Assumptions())


def total(catalog: Catalog, queries: int = 10, strategy: str = "automatic", **spread: Any) -> Decimal:
    return Bill(plan(catalog, queries, strategy, **spread)).total(queries)


@pytest.mark.parametrize(
    ("every", "expected", "longest"),
    [
        (5 * M, ALL, None),
        (5 * M + timedelta(microseconds=1), NONE, ALL),
        (H, NONE, ALL),
        (H + timedelta(microseconds=1), NONE, None),
        (2 * D, NONE, None),
    ],
)
def test_hits_up_to_the_least_a_range_up_to_the_most_and_none_beyond(
    catalog: Catalog, every: timedelta, expected: Decimal, longest: Decimal | None
) -> None:
    """An entry is still alive exactly at the end of its life."""
    question = plan(catalog, every=every)
    assert Bill(question).total(10) == expected
    assert lives(question, 10) == (None if longest is None else Lives(5 * M, H, NONE, longest))


def test_queries_without_spacing_hit(catalog: Catalog) -> None:
    assert total(catalog) == ALL


def test_the_lifetime_holds_for_every_way_in_which_queries_come(catalog: Catalog) -> None:
    """Each miss costs what a hit would have saved; under a law, expected misses are those of the tests of that law."""
    assert total(catalog, over=45 * M) == ALL  # 9 gaps of 5 minutes
    assert total(catalog, over=46 * M) == NONE
    # Five bursts of two, 10 minutes apart: the second of each burst hits, and the other five queries do not.
    assert total(catalog, times=bursts(10, 2, 10 * M)) == NONE - 5 * SAVED
    # Poisson, 12 an hour: a pause is longer than 5 minutes with probability 1/e.
    missed = Poisson(Fraction(12), 10).share_longer(5 * M)
    amount = Fraction(total(catalog, rate=Fraction(12), arrivals="poisson"))
    assert abs(amount - Fraction(ALL) - 9 * missed * Fraction(SAVED)) < Fraction(1, 10**15)
    # At random in an hour: longer than 5 minutes with probability (11/12)^10.
    amount = Fraction(total(catalog, over=H, arrivals="random"))
    assert abs(amount - Fraction(ALL) - 9 * Fraction(11, 12) ** 10 * Fraction(SAVED)) < Fraction(1, 10**15)


def test_a_turn_that_comes_too_late_reads_nothing(catalog: Catalog) -> None:
    """Three turns from 100,000 tokens with 1,000 asked and 1,000 answered: 101,000 + 103,000 + 105,000 tokens plain at
    $1.25, and 3,000 answered at $10."""
    work = Workload(100_000, 1_000, 1_000, 3, start=START, grows=True, every=6 * M)
    bill = Bill(Plan("automatic", work, catalog.sheet("gpt-5"), Assumptions()))
    assert bill.total(3) == Decimal(309_000) * Decimal("1.25") / 10**6 + Decimal("0.03")


def test_a_life_may_be_named(catalog: Catalog) -> None:
    """By name an entry lives for exactly so long, whatever the sheet says: nothing is left open."""
    assert total(catalog, strategy="automatic:1h", every=H) == ALL
    assert total(catalog, strategy="automatic:30m", every=H) == NONE
    assert lives(plan(catalog, strategy="automatic:1h", every=H), 10) is None
    answer = run("compare", *GPT5, "-n", "10", "--every", "20m", "--strategy", "automatic:1h", "--json").json
    assert [(each["strategy"], each["total"]) for each in answer["answers"]] == [("automatic:1h", "0.237824")]


def test_an_answer_says_what_the_lifetime_leaves_open() -> None:
    question = ("compare", *GPT5, "-n", "10", "--every", "20m")
    automatic = next(each for each in run(*question, "--json").json["answers"] if each["strategy"] == "automatic")
    assert automatic["total"] == "1.25"
    assert automatic["lifetime"] == {
        "least": "5m", "most": "1h", "total_at_least": "1.25", "total_at_most": "0.237824",
    }  # fmt: skip
    shown = run(*question).out
    assert "$0.2378 to $1.25, since the vendor keeps an automatic cache for 5 min to 1 h after its last use" in shown
    assert "all later queries come after the shortest life that the vendor names for an automatic cache" in shown


def test_an_unknown_lifetime_is_said(catalog: Catalog) -> None:
    """Google names no life of its implicit caches: hits are assumed, with a warning where time passes."""
    question = ("compare", "gemini-2.5-flash", "-c", "100K", "-q", "0", "-a", "0", "-n", "10", "--as-of", "2026-11-01")
    assert "how long an automatic cache lives is not known" in run(*question, "--every", "1d").out
    assert "how long an automatic cache lives is not known" not in run(*question).out


def test_curves_grids_and_plans_count_the_same_hits() -> None:
    """At a gap of two days GPT-5 costs what fresh costs; at 5 minutes what hits cost."""
    for every, expected in (("2d", "1.25"), ("5m", "0.237824")):
        question = (*GPT5, "--every", every)
        rows = list(csv.DictReader(io.StringIO(run("curve", *question, "-n", "9..10", "--format", "csv").out)))
        assert [row["total"] for row in rows if row["strategy"] == "automatic"][-1] == expected
        ranked = run("plan", *question, "-n", "10", "--json").json["strategies"]
        assert next(each["total"] for each in ranked if each["strategy"] == "automatic") == expected
    answer = run("plan", "gpt-5", "claude-sonnet-4-6", *GPT5[1:], "-n", "20", "--every", "1d", "--json").json
    assert [each["strategy"] for each in answer["models"]] == ["fresh", "fresh"]


def test_a_plan_names_the_gap_from_which_a_cache_is_dead() -> None:
    answer = run("plan", *GPT5, "-n", "10", "--every", "2m", "--json").json
    assert {"axis": "gap", "direction": "above", "value": "5m1s", "winner": "fresh", "label": "no cache"} in answer[
        "thresholds"
    ]


def test_pages_say_how_long_automatic_entries_live(catalog: Catalog) -> None:
    """What OpenAI, Amazon, Groq and DeepSeek say of it; the last one in words, read as 2 hours to 7 days."""
    expected = {
        "gpt-5": (5 * M, H),
        "bedrock/nova-pro": (5 * M, 5 * M),
        "groq/gpt-oss-120b": (2 * H, 2 * H),
        "deepseek-v4-flash": (2 * H, 7 * D),
        "gemini-2.5-pro": None,
    }
    for name, ends in expected.items():
        automatic = catalog.sheet(name).card(START).caching.automatic
        assert automatic is not None, name
        assert automatic.lifetime == (ends and Lifetime(*ends)), name
    assert "lifetime 5m to 1h" in run("show", "gpt-5").out
    card = run("show", "gpt-5", "--json").json["rate_cards"][-1]
    assert card["caching"]["automatic"]["lifetime"] == {"least": "5m", "most": "1h"}


def replayed(folder: Path, *minutes: int, options: tuple[str, ...] = ()) -> Any:
    """Requests of one session of GPT-5, so many minutes after the first, 100,000 tokens each and none of them read."""
    question = {"model": "gpt-5", "input": 100_000, "cache_read": 0, "session": "s"}
    lines = [json.dumps(question | {"at": f"{START + minute * M:%Y-%m-%dT%H:%M}Z"}) for minute in minutes]
    folder.joinpath("log.jsonl").write_text("\n".join(lines))
    return run("replay", str(folder / "log.jsonl"), "--json", *options).json


def test_a_promise_that_has_ended_is_said_by_every_command(tmp_path: Path) -> None:
    """OpenAI promised the rates of GPT-5.6 Sol until 2026-11-21; a request of the day itself is within the promise."""
    says = "promised only until 2026-11-21"
    for day, message in (("2026-11-21", False), ("2026-11-22", True)):
        log = tmp_path / f"{day}.jsonl"
        log.write_text(json.dumps({"at": f"{day}T12:00Z", "model": "gpt-5.6-sol", "input": 1_000}))
        ask = tmp_path / f"{day}-ask.jsonl"
        ask.write_text(json.dumps({"at": f"{day}T12:00Z", "model": "gpt-5.6-sol", "usage": {"input": 1_000}}))
        for question in (
            ("quote", "gpt-5.6-sol", "--input", "1K", "--at", day),
            ("quote", "--from", str(ask)),
            ("replay", str(log)),
            ("compare", "gpt-5.6-sol", "-c", "10K", "-q", "0", "-a", "0", "--as-of", day),
        ):
            assert (says in run(*question).out) == message, question


def test_a_quote_says_what_the_vendor_would_refuse() -> None:
    """Claude Opus 5 takes a million tokens; exactly so many are within the limit."""
    for tokens, refused in (("1M", False), ("1_000_001", True)):
        answer = run("quote", "claude-opus-5", "--input", tokens, "--at", "2026-11-20", "--json").json
        assert any("would be refused: the model takes at most" in each for each in answer["warnings"]) == refused


def policies(report: Any) -> dict[str, str]:
    return {each["policy"]: each["total"] for each in report["what_if"]}


@pytest.mark.parametrize("gap", [6, 20, 2 * 24 * 60])
def test_a_log_saves_nothing_by_a_cache_that_had_died(tmp_path: Path, gap: int) -> None:
    """Three times 0.125, and nothing else can be counted on beyond 5 minutes."""
    report = replayed(tmp_path, 0, gap, 2 * gap)
    assert policies(report)["automatic"] == "0.375"
    assert "would save" not in report["sentence"]


def test_reads_of_nothing_are_evidence(tmp_path: Path) -> None:
    """Automatic caching was on and hit nothing, a minute apart: a bill with hits cannot be chosen."""
    report = replayed(tmp_path, 0, 1, 2)
    assert report["sentence"] == (
        "3 requests cost $0.375 in 2 minutes, with nothing cached. No other caching compared here is cheaper."
    )
    assert any("caches automatically: the log shows what that came to" in note for note in report["notes"])


def test_a_replay_takes_a_life_by_name(tmp_path: Path) -> None:
    """20 minutes apart two of three requests read: 0.375 - 2 x 0.112464. The lower bound takes the longest life."""
    result = replayed(tmp_path, 0, 20, 40, options=("--policy", "automatic:1h", "--policy", "automatic"))
    assert policies(result) == {"automatic:1h": "0.150072", "automatic": "0.375"}
    assert Decimal(policies(replayed(tmp_path, 0, 20, 40))["clairvoyant"]) <= Decimal("0.150072")
    assert policies(replayed(tmp_path, 0, 61, 122))["clairvoyant"] == "0.375"


def test_every_format_of_a_quote_says_what_would_be_refused() -> None:
    """JSON and CSV have a status, as compare has, and all formats the warning."""
    question = ("quote", "claude-opus-5", "--input", "1_000_001", "--at", "2026-11-20")
    answer = run(*question, "--json").json
    assert (answer["status"], answer["free"]) == ("refused", False)
    (row,) = csv.DictReader(io.StringIO(run(*question, "--format", "csv").out))
    assert (row["status"], row["free"]) == ("refused", "false")
    assert "would be refused" in row["warnings"]
    assert "would be refused" in run(*question, "--format", "markdown").out
    assert run("quote", "claude-opus-5", "--input", "1K", "--at", "2026-11-20", "--json").json["status"] == "ok"


def test_a_curve_and_a_plan_say_what_the_lifetime_leaves_open() -> None:
    """Twenty minutes apart nothing hits for sure, n x 0.125; if entries live for an hour all later ones do:
    0.125 + (n - 1) x 0.012536."""
    lows, highs = ["0.125", "0.162608", "0.200216", "0.237824"], ["0.125", "0.5", "0.875", "1.25"]
    question = ("curve", *GPT5, "-n", "1..10:3", "--every", "20m")
    fresh, automatic = run(*question, "--json").json["lines"]
    assert fresh["lifetime"] is None
    assert automatic["lifetime"] == {"least": "5m", "most": "1h", "totals_low": lows, "totals_high": highs}
    assert (automatic["total_low"], automatic["total_high"]) == ("0.237824", "1.25")
    rows = list(csv.DictReader(io.StringIO(run(*question, "--format", "csv").out)))
    assert [row["total_low"] for row in rows if row["strategy"] == "automatic"] == lows
    assert [row["total_high"] for row in rows if row["strategy"] == "automatic"] == highs
    assert "automatic cache: at N = 10 $0.2378 to $1.25, since the vendor keeps" in run(*question).out
    assert "$0.2378 to $1.25" in run(*question, "--format", "markdown").out
    closed = run("curve", *GPT5, "-n", "1..10:3", "--every", "5m", "--format", "csv").out
    assert all(row["total_low"] == row["total_high"] for row in csv.DictReader(io.StringIO(closed)))

    question = ("plan", *GPT5, "-n", "10", "--every", "20m")
    ranked = {each["strategy"]: each for each in run(*question, "--json").json["strategies"]}
    assert (ranked["automatic"]["total_low"], ranked["automatic"]["total_high"]) == ("0.237824", "1.25")
    assert (ranked["fresh"]["total_low"], ranked["fresh"]["total_high"]) == ("1.25", "1.25")
    rows = list(csv.DictReader(io.StringIO(run(*question, "--format", "csv").out)))
    assert ("automatic", "0.237824", "1.25") in [(row["strategy"], row["total_low"], row["total_high"]) for row in rows]


def test_a_sweep_says_in_which_cells_the_lifetime_leaves_the_bill_open() -> None:
    """Every 5 minutes all later queries hit, every 2 hours none does; between them it is one or the other."""
    question = ("sweep", *GPT5, "-n", "10", "--sweep", "every=5m..2h5m:3")
    cells = run(*question, "--json").json["cells"]
    assert [(each["every"], each["range"]) for each in cells] == [("5m", None), ("1h5m", None), ("2h5m", None)]
    assert "the vendor keeps an automatic cache" not in run(*question).out

    question = (*question[:-1], "every=5m..35m:3")
    cells = run(*question, "--json").json["cells"]
    left_open = {"strategy": "automatic", "low": "0.237824", "high": "1.25"}
    assert [(each["every"], each["range"]) for each in cells] == [("5m", None), ("20m", left_open), ("35m", left_open)]
    rows = list(csv.DictReader(io.StringIO(run(*question, "--format", "csv").out)))
    assert [(row["total"], row["total_low"], row["total_high"]) for row in rows if row["strategy"] == "automatic"] == [
        ("0.237824", "0.237824", "0.237824"),
        ("1.25", "0.237824", "1.25"),
        ("1.25", "0.237824", "1.25"),
    ]
    assert "in 2 of 3 cells the bill differs if it lives for 1 h" in run(*question).out
    both = run(
        "sweep", "gpt-5", *GPT5[3:], "-n", "10", *question[-2:], "--sweep", "context=50K..100K:2", "--json"
    ).json["cells"]
    assert [each["range"] for each in both if each["context"] == 100_000] == [None, left_open, left_open]
