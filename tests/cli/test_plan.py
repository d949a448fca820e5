"""`cachecost plan` as a person and a program meet it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ..command import run, shelf

SEED = ("plan", "gemini-1.5-pro", "--context", "1M", "-q", "0", "-a", "0", "--as-of", "2024-05-25")
SENTENCE = (
    "Use a stored cache (rent by the hour): 10 queries cost $46.50, $23.50 less than no cache (34%); "
    "at 3 queries no cache is the cheapest."
)


def test_advice_is_one_sentence_below_its_table() -> None:
    """In a pipe, in markdown and in a narrow terminal alike; rules and sources are there where asked for."""
    assert f"$23.50\n→ {SENTENCE}\n!" in run(*SEED).out
    assert f"\n\n**{SENTENCE}**\n\n" in run(*SEED, "--format", "markdown").out
    assert "Rule: a stored cache" in run(*SEED, "-v").out
    narrow = run(*SEED, columns=60, env={"NO_COLOR": "1"})
    assert f"→ {SENTENCE} !" in " ".join(narrow.out.split())
    assert max(map(len, narrow.out.splitlines())) <= 60


def test_advice_for_machines_holds_every_figure() -> None:
    """Money as exact decimal text, thresholds with their winner, rules as figures and in words."""
    answer = run(*SEED, "--json").json
    assert (answer["best"], answer["lead"], answer["sentence"]) == ("stored", "23.5", SENTENCE)
    nearest = {"axis": "queries", "direction": "below", "value": 3, "winner": "fresh", "label": "no cache"}
    assert answer["thresholds"] == [nearest]
    assert answer["looked"] == [{"axis": "queries", "from": 1, "to": None}]
    assert (answer["rules"][0]["gap"], answer["rules"][0]["rate_per_hour"]) == ("46m40s", "1.285714285714285714")
    assert answer["price_changes"][0]["total"] == "29"
    rows = list(csv.DictReader(io.StringIO(run(*SEED, "--format", "csv").out)))
    assert [(row["strategy"], row["total"], row["more_than_best"]) for row in rows] == [
        ("stored", "46.5", "0"),
        ("fresh", "70", "23.5"),
    ]


def test_all_models_are_ranked_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    """The dearer ones are counted, csv has all of them, a different currency is named."""
    prices = shelf(
        tmp_path, "google/gemini-3.6-flash", "openai/gpt-5", "google/gemini-1.5-pro", "doubao/doubao-seed-1.6"
    )
    question = ("plan", "--all", "--context", "100K", "--prices", prices)
    shown = run(*question, "--top", "1", "-v").out
    assert "1 dearer model not shown" in shown
    assert "google/gemini-1.5-pro was withdrawn on 2025-09-24" in shown
    assert "\n→ Cheapest of 2 models is " in shown
    assert len(run(*question, "--format", "csv").out.splitlines()) == 3
    assert len(run(*question, "--json").json["models"]) == 2


def test_every_strategy_of_every_model_is_there_where_asked_for() -> None:
    """GPT-5, 10 x 100,000: fresh 10 x 0.125 = 1.25, automatic 0.125 + 9 x (99,968 x 0.125 + 32 x 1.25) / 1M = 0.237824;
    the best strategy of each model comes first, and what stands alone in the short list is the first of the long."""
    question = (
        "plan",
        "gpt-5",
        "claude-sonnet-4-5",
        "--context",
        "100K",
        "-q",
        "0",
        "-a",
        "0",
        "--as-of",
        "2026-11-01",
    )
    rows = list(csv.DictReader(io.StringIO(run(*question, "--every-strategy", "--format", "csv").out)))
    assert [(row["strategy"], row["total"]) for row in rows if row["model"] == "openai/gpt-5"] == [
        ("automatic", "0.237824"),
        ("fresh", "1.25"),
    ]
    models = run(*question, "--json").json["models"]
    listed = [(each["model"], one["strategy"], one["total"]) for each in models for one in each["strategies"]]
    assert listed == [(row["model"], row["strategy"], row["total"]) for row in rows]
    assert all(each["strategies"][0]["total"] == each["total"] for each in models)
    assert "1-hour cache" in run(*question, "--every-strategy", columns=60).out


def test_the_history_shows_that_the_discount_rose_and_the_break_even_rate_too() -> None:
    """4.50 / 3.50 = 1.29 at 50%, 4.50 / 1.125 = 4 at 90%."""
    question = ("plan", "gemini-1.5-pro", "gemini-2.5-pro", "--context", "200K", "-q", "0", "-a", "0", "--over-history")
    output = run(*question).out.rstrip().splitlines()[-1]
    assert output.endswith("rose from 1.29 to 4 queries per hour, while the discount on a read rose from 50% to 90%.")
    cards = run(*question, "--json").json["rate_cards"]
    assert (cards[0]["version"], cards[0]["discount"]) == ("google/gemini-1.5-pro@2024-05-14", "0.5")
    assert run(*question, "--format", "csv").out.startswith("version,terms,status,strategy,")
    assert run(*question, "--format", "markdown").out.startswith("| rate card |")


def test_a_forgotten_cache_is_billed_by_the_day() -> None:
    """1M x 4.50 an hour = 108 a day."""
    question = ("plan", "gemini-2.5-pro", "claude-sonnet-4-5", "--context", "1M", "--forgotten")
    ran = run(*question)
    assert "that is never deleted costs $108.00 a day, $3,240.00 in 30 days." in ran.out
    assert "left out: anthropic/claude-sonnet-4-5" in ran.out
    assert run(*question, "--json").json["forgotten"][0]["day"] == "108"
    assert run(*question, "--format", "csv").out.splitlines()[1].endswith(",1000000,4.5,108,3240,3240,3240")


@pytest.mark.parametrize(
    "edge",
    [
        ("--generation", "2h"),
        ("--queries", "100M", "--over", "8h", "--arrivals", "random"),
    ],
)
def test_advice_takes_the_bill_of_the_comparison_at_every_edge(edge: tuple[str, ...]) -> None:
    """An answer that takes longer than an entry lives, and more gaps than a length of time can hold."""
    question = ("claude-opus-5-5", "--context", "100K", "-q", "0", "-a", "0", *edge, "--as-of", "2026-11-01", "--json")
    advice, comparison = run("plan", *question).json, run("compare", *question).json
    totals = {each["strategy"]: each["total"] for each in advice["strategies"]}
    assert totals[comparison["best"]["strategy"]] == comparison["best"]["total"]
    if "--generation" in edge:
        assert {each["rate_per_hour"] for each in advice["rules"] if each["strategy"] == "written:5m"} == {None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "--context", "1M"), "--all: name one or more models"),
        (("plan", "gpt-5", "--all", "--context", "1M"), "--all: models are named too; give one or the other"),
        (("plan", "gpt-5", "--context", "1M", "--forgotten", "--over-history"), "--forgotten: over_history is given"),
        (("plan", "gpt-5"), "--context: say how long it is"),
        (("plan", "gpt-5", "--context", "1M", "--forgotten"), "stores no cache that could be forgotten"),
        (("plan", "gpt-five", "--context", "1M"), "is not a model with a price sheet"),
        (("plan", "gpt-5", "--context", "1M", "--top", "0"), "--top"),
    ],
)
def test_wrong_usage_is_refused_with_the_word_that_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    """Exit 2, one line on stderr, nothing on stdout."""
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err
