"""No answer misleads: what a vendor would refuse, what is too short to cache, ties, free models, and what pauses do."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from starlette.testclient import TestClient

from cachecost.advice.advice import Advice, across
from cachecost.bills.comparison import Comparison, compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, NotSold, Refused
from cachecost.output.answers.block import sentence
from cachecost.output.answers.comparison import reply
from cachecost.output.answers.survey import sentence as survey_sentence
from cachecost.output.figures import amount
from cachecost.output.labels import served as how_served
from cachecost.prices.sheet import PriceSheet
from cachecost.prices.warnings import refusal
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.names import FRESH
from cachecost.workload.workload import Workload

from ..command import run

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = ("--as-of", "2026-11-01")
M = timedelta(minutes=1)


def asked(*arguments: str) -> Any:
    """The answer of `compare` as JSON, whatever its exit code."""
    return json.loads(run("compare", *arguments, *DAY, "--json").out)


# Refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "answer", "kind"),
    [(127_500, 500, None), (127_501, 500, "context"), (9, 16_384, None), (9, 16_385, "output")],
)
def test_a_context_limit_holds_for_prompt_and_answer_together(
    prompt: int, answer: int, kind: str | None, catalog: Catalog
) -> None:
    """GPT-4o: 128,000 tokens of context, 16,384 of answer; both sides of either edge."""
    result = refusal(catalog.sheet("gpt-4o").card(NOW), prompt=prompt, answer=answer)
    assert (result.kind if result else None) == kind


@pytest.mark.parametrize(
    ("prompt", "answer", "kind"),
    [(1_048_576, 65_536, None), (1_048_577, 0, "input"), (1_048_577, 65_536, "input"), (9, 65_537, "output")],
)
def test_an_input_limit_holds_for_the_prompt_alone(
    prompt: int, answer: int, kind: str | None, catalog: Catalog
) -> None:
    """Gemini 3.6 Flash: input token limit 1,048,576, output token limit 65,536
    (https://ai.google.dev/gemini-api/docs/models); the longest answer fits behind the longest prompt."""
    for model in ("google/gemini-3.6-flash", "google-vertex/gemini-3.6-flash"):
        result = refusal(catalog.sheet(model).card(NOW), prompt=prompt, answer=answer)
        assert (result.kind if result else None) == kind


@pytest.mark.parametrize(
    ("models", "prompt", "answer", "kind"),
    [
        ("openai/gpt-5 azure/gpt-5 azure/gpt-5-pro databricks/gpt-5", 272_000, 128_000, None),
        ("openai/gpt-5 azure/gpt-5 azure/gpt-5-pro databricks/gpt-5", 272_001, 0, "input"),
        ("openai/gpt-5.6-luna azure/gpt-5.6-luna bedrock/gpt-5.6-luna", 922_000, 128_000, None),
        ("openai/gpt-5.6-luna azure/gpt-5.6-luna bedrock/gpt-5.6-luna", 922_001, 0, "input"),
        ("openai/gpt-5 azure/gpt-5", 272_000, 128_001, "context"),
        ("openai/gpt-5 azure/gpt-5", 9, 128_001, "output"),
    ],
)
def test_an_input_limit_stands_beside_the_context_that_holds_the_answer_too(
    models: str, prompt: int, answer: int, kind: str | None, catalog: Catalog
) -> None:
    """ "400,000; Input: 272,000; Output: 128,000" of GPT-5 and GPT-5 Pro, "1,050,000; Input: 922,000; Output: 128,000"
    of GPT-5.6 (https://learn.microsoft.com/azure/foundry/foundry-models/concepts/models-sold-directly-by-azure):
    the two add up to the context, so that the longest answer fits behind the longest prompt."""
    for model in models.split():
        result = refusal(catalog.sheet(model).card(NOW), prompt=prompt, answer=answer)
        assert (model, result.kind if result else None) == (model, kind)


def test_a_model_that_gives_no_answers_serves_questions_without_one(catalog: Catalog) -> None:
    """An embedding: `limits: {output: 0}`."""
    card = catalog.sheet("gpt-4o").card(NOW)
    card = replace(card, limits=replace(card.limits, output=0))
    assert refusal(card, prompt=9, answer=0) is None
    refused = refusal(card, prompt=9, answer=300)
    assert (refused and refused.why) == "gives no answers (ask for 0), this request has 300 of answer"


def test_an_input_limit_is_told_in_its_own_words(client: TestClient) -> None:
    """1,048,376 of context and 200 of question are the longest prompt; one token more is refused, whatever the answer.

    A conversation is refused by the prompt of its last turn: 1,000,000 + 10 x 5,000 of question + 9 x 500 of answer.
    """
    words = ("gemini-2.5-pro", "-q", "200", "-a", "500")
    assert asked(*words, "-c", "1048376")["best"] is not None
    result = asked(*words, "-c", "1048377")
    why = "google/gemini-2.5-pro takes at most 1,048,576 tokens of input, this request has 1,048,577"
    # with the 500 of answer, which a model that limits its whole context has to hold as well
    assert result["sentence"] == f"No answer: {why}. Models that take it: cachecost models --fits 1049077."
    turns = asked("gemini-2.5-pro", "-q", "5K", "-a", "500", "-c", "1M", "--turns", "10")
    assert "1,048,576 tokens of input, turn 10 has 1,054,500" in turns["sentence"]
    query = {"model": "gemini-2.5-pro", "context": "1048377", "question": "200", "answer": "500", "as_of": "2026-11-01"}
    answer = client.get("/v1/cost.txt", params=query).json()
    assert (answer["errors"][0]["parameter"], why in answer["detail"]) == ("context", True)
    limits = client.get("/v1/models/google/gemini-2.5-pro").json()["rate_cards"][0]["limits"]
    assert limits == {"context": None, "input": 1_048_576, "output": 65_536}
    assert "limits: input 1,048,576, output 65,536" in run("show", "gemini-2.5-pro", *DAY).out


def test_models_with_a_smaller_input_are_counted_with_those_with_a_smaller_context() -> None:
    """2,000,000 tokens: few models take them, most say so by their context, Gemini by its input."""
    output = run("plan", "--all", "-c", "2M", "-q", "200", "-a", "500", *DAY, "-v").out
    assert len(re.findall(r"left out: [\d,]+ models with a smaller context", output)) == 1


def test_a_request_over_the_limit_is_no_answer_at_any_door(client: TestClient) -> None:
    """1,000,000 of context and 200 of question do not fit into 1,000,000."""
    words = ("claude-opus-5-5", "-c", "1M", "-q", "200", "-a", "0")
    ran = run("compare", *words, *DAY)
    why = "anthropic/claude-opus-5-5 takes at most 1,000,000 tokens, this request has 1,000,200"
    takers = "Models that take it: cachecost models --fits 1000200."
    assert (ran.code, f"\n→ No answer: {why}. {takers}\n" in ran.out) == (3, True)
    result = asked(*words)
    assert (result["best"], {each["status"] for each in result["answers"]}) == (None, {"refused"})
    assert all(each["warnings"][0].startswith("would be refused") for each in result["answers"])
    rows = run("compare", *words, *DAY, "--format", "csv").out.splitlines()[1:]
    assert all(",refused," in row and "would be refused" in row for row in rows)
    for command in ("plan", "curve"):
        assert run(command, *words, *DAY).code == 3
    query = {"model": "claude-opus-5-5", "context": "1M", "question": "200", "answer": "0", "as_of": "2026-11-01"}
    answer = client.get("/v1/cost.txt", params=query)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:cachecost:refused")
    assert why in answer.json()["detail"]
    assert client.get("/v1/curve", params=query).status_code == 422
    assert client.get("/v1/plan", params=query).json()["best"] is None


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            ("breakpoints", "gpt-5.6-luna", "--part", "a=2M", "--rate", "9/h"),
            "--part: openai/gpt-5.6-luna takes",
        ),
        (
            ("breakpoints", "claude-haiku-4-5", "--part", "a=150K", "--part", "b=50001", "--rate", "9/h"),
            "--part: anthropic/claude-haiku-4-5 takes at most 200,000 tokens, this request has 200,001",
        ),
        (
            ("compact", "claude-haiku-4-5", "-c", "190001", "--to", "10K"),
            "--context: anthropic/claude-haiku-4-5 takes at most 200,000 tokens, this request has 200,001",
        ),
        (("compact", "gpt-4o", "-c", "100K", "--to", "20K"), "--to: openai/gpt-4o answers with at most 16,384 tokens"),
        (
            ("fanout", "claude-haiku-4-5", "-c", "199K", "-q", "501", "-a", "500"),
            "--context: anthropic/claude-haiku-4-5 takes at most 200,000 tokens, this request has 200,001",
        ),
        (
            ("plan", "gemini-3.6-flash", "-c", "1048577", "-q", "200", "-a", "0", "--forgotten"),
            "--context: google/gemini-3.6-flash takes at most 1,048,576 tokens of input, this request has 1,048,577",
        ),
        (
            ("plan", "gpt-4o", "claude-haiku-4-5", "-c", "500K", "-q", "200", "-a", "0"),
            "no model serves this workload: openai/gpt-4o takes at most 128,000 tokens",
        ),
    ],
)
def test_other_questions_are_refused_in_the_same_words(command: tuple[str, ...], why: str) -> None:
    """One token over the limit; nothing is printed that looks like a bill."""
    ran = run(*command, *DAY)
    assert (ran.code, ran.out) == (3, "")
    assert why in " ".join(ran.err.split())


@pytest.mark.parametrize(
    "command",
    [
        ("breakpoints", "claude-haiku-4-5", "--part", "a=200K", "--rate", "9/h"),
        ("compact", "claude-haiku-4-5", "-c", "190K", "--to", "10K"),
        ("fanout", "claude-haiku-4-5", "-c", "199K", "-q", "500", "-a", "500"),
        ("plan", "gemini-3.6-flash", "-c", "1048576", "-q", "200", "-a", "0", "--forgotten"),
    ],
)
def test_other_questions_are_answered_up_to_the_limit(command: tuple[str, ...]) -> None:
    """200,000 tokens are served, and a cache of 1,048,576 tokens is rented."""
    assert run(*command, *DAY).code == 0


def test_history_marks_the_cards_that_would_have_refused(client: TestClient) -> None:
    """Gemini 1.5 Pro took 1,048,576 tokens at first, and 2,097,152 from 2024-06-30 on without another price."""
    words = ("gemini-1.5-pro", "-c", "1500K", "-q", "200", "-a", "500", "--over-history")
    cards = run("plan", *words, "--json").json["rate_cards"]
    status = {each["version"].partition("@")[2]: (each["status"], each["total"] is None) for each in cards}
    assert status["2024-05-14"] == ("refused", True)
    assert status["2024-06-30"] == ("in force", False)
    warning = "would be refused: the model takes at most 1,048,576 tokens of input, this request has 1,500,200"
    assert cards[0]["warnings"] == [warning]
    assert f"! {cards[0]['version']}, {cards[1]['version']}: {warning}" in run("plan", *words).out
    assert warning in run("plan", *words, "--format", "csv").out
    none = run("plan", "gpt-4o", *words[1:])
    assert none.code == 3
    assert none.out.rstrip().endswith(
        "No answer: openai/gpt-4o takes at most 128,000 tokens, this request has 1,500,700."
    )
    query = {"model": "gpt-4o", "context": "1500K", "question": "200", "answer": "500", "over_history": "true"}
    assert {each["status"] for each in client.get("/v1/plan", params=query).json()["rate_cards"]} == {"refused"}


def test_what_fits_comes_first_and_is_the_best(catalog: Catalog) -> None:
    """150,000 tokens are too many for GPT-4o, which would be cheaper than Opus."""
    result = asked("gpt-4o", "claude-opus-5-5", "-c", "150K", "-q", "200", "-a", "500")
    assert result["best"]["model"] == "anthropic/claude-opus-5-5"
    assert [each["status"] for each in result["answers"]] == ["ok", "ok", "ok", "refused", "refused"]
    assert "No answer: openai/gpt-4o takes at most 128,000 tokens" in result["sentence"]


def test_a_conversation_is_refused_where_its_last_turn_does_not_fit() -> None:
    """Turn 10 of Haiku 4.5: 190,000 + 10 x 2,000 + 9 x 2,000 of prompt and 2,000 of answer are 230,000 of 200,000."""
    words = ("claude-haiku-4-5", "-c", "190K", "-q", "2K", "-a", "2K")
    assert "turn 10 has 230,000" in asked(*words, "--turns", "10")["sentence"]
    assert asked(*words, "--turns", "2")["best"] is not None


def test_a_curve_and_a_sweep_mark_what_comes_after_the_model_is_withdrawn() -> None:
    """Gemini 2.5 Pro is withdrawn on 2026-12-01: of queries a day apart from 2026-11-29 12:00Z on the third comes on
    2026-12-01 12:00Z."""
    words = ("gemini-2.5-pro", "-c", "100K", "-q", "200", "-a", "500", "--every", "24h", "--as-of", "2026-11-29T12:00Z")
    answer = run("curve", *words, "-n", "1..4", "--json").json
    assert answer["statuses"] == ["ok", "ok", "withdrawn", "withdrawn"]
    assert [total is None for total in answer["lines"][0]["totals"]] == [False, False, True, True]
    warning = "would be refused: the model was withdrawn on 2026-12-01"
    assert all(warning in line["warnings"] for line in answer["lines"])
    lines = run("curve", *words, "-n", "1..4", "--format", "csv").out.splitlines()
    assert ",status,warnings," in lines[0]
    assert [warning in line for line in lines[1:]] == [line.split(",")[4] in "34" for line in lines[1:]]
    cells = run("sweep", *words, "--sweep", "queries=1..4:4", "--json").json["cells"]
    assert [each["status"] for each in cells] == ["ok", "ok", "withdrawn", "withdrawn"]
    # As in `compare`, what is announced for a time soon after the last query is a warning before it is a refusal.
    assert [warning in each["warnings"] for each in cells] == [False, False, True, True]
    assert cells[0]["warnings"] == ["the model is withdrawn on 2026-12-01, 1 day after the last query"]
    rows = run("sweep", *words, "--sweep", "queries=1..4:4", "--format", "csv").out.splitlines()
    assert [warning in row for row in rows[1:]] == [row.split(",")[3] in "34" for row in rows[1:]]


def test_a_sweep_gives_the_warnings_of_compare_and_marks_their_cells() -> None:
    """Opus 5.5 at 4 and 6 minutes: entries of 5 minutes are dead at the second."""
    words = ("claude-opus-5-5", "-c", "100K", "-n", "20", "-q", "200", "-a", "500", "--strategy", "written:5m", *DAY)
    axis = ("--sweep", "every=4m..6m:2")
    late = "the cache expires before every query, so each one pays the write price again"
    assert [each["warnings"] for each in run("sweep", *words, *axis, "--json").json["cells"]] == [[], [late]]
    rows = list(csv.DictReader(io.StringIO(run("sweep", *words, *axis, "--format", "csv").out)))
    assert [each["warnings"] for each in rows] == ["", late]
    for form in ((), ("--format", "markdown")):
        shown = run("sweep", *words, *axis, *form).out
        assert f"{late} (in 1 of 2 cells)" in shown
        assert shown.count("5-min cache !") == 1
    both = run("sweep", *words, "--strategy", "fresh", "--sweep", "every=6m..7m:2", "--json").json["cells"]
    assert [each["warnings"] for each in both] == [[f"written:5m: {late}"]] * 2


def test_a_quote_of_a_withdrawn_model_says_what_compare_says(client: TestClient) -> None:
    """Gemini 1.5 Pro was withdrawn on 2025-09-24: the same status and warnings at every door."""
    compared = asked("gemini-1.5-pro", "-c", "1000", "-n", "1", "-q", "0", "-a", "0")["answers"][0]
    expected = ("withdrawn", ["would be refused: the model was withdrawn on 2025-09-24"])
    assert (compared["status"], compared["warnings"]) == expected
    sentence = asked("gemini-1.5-pro", "-c", "1000")["sentence"]
    assert sentence.endswith("was withdrawn on 2025-09-24 (for its prices, ask about an earlier day).")
    words = ("quote", "gemini-1.5-pro", "--input", "1000", *DAY)
    by_http = client.get("/v1/quote", params={"model": "gemini-1.5-pro", "input": "1000", "as_of": DAY[1]}).json()
    for answer in (run(*words, "--json").json, by_http):
        assert (answer["status"], answer["warnings"]) == expected
    for form in ((), ("--format", "csv"), ("--format", "markdown")):
        assert expected[1][0] in run(*words, *form).out


def test_a_sweep_marks_the_points_that_would_be_refused() -> None:
    """Nothing is the cheapest where nothing is served."""
    answer = run("sweep", "gpt-4o", "--sweep", "context=100K..200K:2", "-q", "200", "-a", "500", *DAY, "--json").json
    assert [(cell["status"], cell["cheapest"]) for cell in answer["cells"]] == [("ok", "automatic"), ("refused", None)]


# Too short, ties, free --------------------------------------------------------------------------------------


def test_below_the_minimum_nothing_is_said_to_pay() -> None:
    """Opus 5.5 caches from 512 tokens on."""
    result = asked("claude-opus-5-5", "-c", "100", "-q", "0", "-a", "0")
    assert result["sentence"].startswith("Too short to cache: 100 tokens, the minimum is 512.")
    statuses = {each["strategy"]: (each["status"], each["break_even"]) for each in result["answers"]}
    never = {"first": None, "intervals": [], "stable_from": None, "horizon": None}
    assert statuses["written:5m"] == ("too_short", never)
    assert result["best"]["strategy"] == "fresh"


def test_a_conversation_that_starts_below_the_minimum_is_judged_turn_by_turn() -> None:
    """GPT-5.5 caches from 1,024 tokens on: prompts of 600 and 900, then 1,200."""
    words = ("gpt-5.5", "-c", "500", "-q", "100", "-a", "200")
    result = asked(*words, "--turns", "10")
    warnings = [warning for each in result["answers"] for warning in each["warnings"]]
    assert "the first 2 turns are below the minimum of 1,024 tokens and not cached" in warnings
    assert asked(*words, "--turns", "1")["sentence"].startswith("Too short to cache: 600 tokens")


def test_free_models_are_named_beside_the_cheapest_with_a_price() -> None:
    """GLM-4.5-Flash asks nothing, within limits of its vendor."""
    result = asked("zai/glm-4.5-flash", "zai/glm-4.7", "-c", "50K", "-q", "200", "-a", "500")
    assert result["sentence"].startswith("Free, with limits that the vendor sets: zai/glm-4.5-flash")
    assert "Cheapest of those with a price is GLM-4.7." in result["sentence"]
    assert {each["model"] for each in result["answers"] if each["free"]} == {"zai/glm-4.5-flash"}


# Pauses and estimates ---------------------------------------------------------------------------------------

OPUS = ("claude-opus-5-5", "-c", "150K", "-n", "50", "-q", "200", "-a", "500")


def test_a_pause_at_the_edge_of_a_ttl_says_what_a_second_more_costs_and_what_is_safe() -> None:
    """50 x (150,000 x 5.00 + 200 x 4.00 + 500 x 20.00) / 1M = 38.04; an hour costs 150,000 x 3.00 / 1M = 0.45 more."""
    warning = (
        "5-min cache: 1 s later every query would miss: $38.04; a 1-hour cache costs $0.45 more and is safe up to 1 h"
    )
    assert warning in run("compare", *OPUS, "--every", "5m", *DAY, "-v").out
    assert "would miss" not in run("compare", *OPUS, "--every", "4m", *DAY).out
    assert "within the life of an entry: $2.76" in run("compare", *OPUS, "--every", "5m1s", *DAY, "-v").out


def test_late_queries_are_expected_only_where_their_instants_are_not_known(tmp_path: Path) -> None:
    """Of two later queries one comes 4 minutes after a query, one 116: half of them. At one an hour at random a pause
    is longer than 5 minutes with e^(-1/12) = 92.0%."""
    times = tmp_path / "times.txt"
    times.write_text("2026-11-01T09:00Z\n2026-11-01T09:04Z\n2026-11-01T11:00Z\n", encoding="utf-8")
    question = ("compare", "claude-opus-5-5", "-c", "100K", "--strategy", "written:5m", "--json")
    for pace, share in (
        (("--times", times), "50.0% of the later queries come"),
        (("--rate", "1/h", "--arrivals", "poisson", *DAY), "92.0% of the later queries are expected to come"),
    ):
        (answer,) = run(*question, *pace).json["answers"]
        assert f"{share} after the cache expires; each pays the write price again" in answer["warnings"]


def test_without_a_spacing_the_bill_of_longer_pauses_stands_beside() -> None:
    """The same $38.04 beyond five minutes, 50 x (150,000 x 8.00 + ...) / 1M = 60.54 beyond an hour."""
    warning = "further apart: $38.04 with a 5-min cache beyond 5 min, $60.54 with a 1-hour cache beyond 1 h"
    assert warning in run("compare", *OPUS, *DAY, "-v").out
    assert "if queries come further apart: $38.04 beyond 5 min" in run("compare", *OPUS, *DAY).out
    spaced = {each["strategy"]: each["spacing"] for each in asked(*OPUS)["answers"]}
    assert (spaced["written:5m"]["gap"], spaced["written:5m"]["total"]) == (None, "38.04")


def test_a_quote_announces_what_will_change_and_a_list_of_them_does_once(client: TestClient, tmp_path: Path) -> None:
    """Gemini 2.5 Pro is withdrawn on 2026-12-01, and the rates of Gemini 3.6 Flash change on 2027-01-01: 9 days and 40
    days after a request on 2026-11-22, more than 90 after one in August."""
    usage = ("--input", "2K", "--at")
    warning = "the model is withdrawn on 2026-12-01, 9 days after this request"
    assert run("quote", "gemini-2.5-pro", *usage, "2026-11-22", "--json").json["warnings"] == [warning]
    assert "! rates change on 2027-01-01" in run("quote", "gemini-3.6-flash", *usage, "2026-11-22").out
    assert "withdrawn" not in run("quote", "gemini-2.5-pro", *usage, "2026-08-22").out
    question = {"model": "gemini-2.5-pro", "at": "2026-11-22", "usage": {"input": 2_000}}
    assert client.post("/v1/quote", json=question).json()["warnings"] == [warning]
    answers = client.post("/v1/quote", json=[question, question]).json()
    assert [each["warnings"] for each in answers] == [[warning], []]
    records = tmp_path / "records.jsonl"
    records.write_text(2 * f"{json.dumps(question)}\n", encoding="utf-8")
    lines = run("quote", "--from", str(records)).out.splitlines()
    assert [json.loads(line)["warnings"] for line in lines] == [[warning], []]


def test_a_quote_announces_changes_of_its_own_service_alone(client: TestClient) -> None:
    """GPT-5.6 Sol was first sold `fast` on 2026-10-12; all its rates changed on 2026-10-26 (OpenAI's pricing page)."""
    asked = {"model": "gpt-5.6-sol", "at": "2026-10-01", "usage": {"input": 2_000}}
    change = "rates change on 2026-10-26, 25 days after this request"
    standard, priority = client.post("/v1/quote", json=[asked, asked | {"service": "priority"}]).json()
    assert standard["warnings"] == priority["warnings"] == [change]
    assert "2026-10-12" not in run("quote", "gpt-5.6-sol", "--input", "2K", "--at", "2026-10-01").out


def test_queries_that_come_by_a_law_say_what_twice_the_mean_pause_costs() -> None:
    """At 12/h, e^-1 = 36.8% of the pauses outlast 5 minutes, at 6/h e^-0.5 = 60.65% do. A write of 150,000 tokens costs
    0.75, a read 0.03, the rest 0.0108: 50 x 0.0108 + 0.75 + 49 x (0.6065 x 0.75 + 0.3935 x 0.03) = 24.158. Of an hour
    e^-12 are outlasted: hardly any. At 240/h no pause comes near."""
    rates = ("--arrivals", "poisson", "--rate")
    warning = "5-min cache: 10 min apart on average in place of 5 min: $24.158"
    out = run("compare", *OPUS, *rates, "12/h", *DAY, "-v").out
    assert warning in out
    assert "less and keeps entries for 1 h, which few queries outlast" in out
    assert "on average" not in run("compare", *OPUS, *rates, "240/h", *DAY).out
    at_random = run("compare", *OPUS, "--arrivals", "random", "--over", "8h", *DAY, "-v").out
    assert "5-min cache: 19 min 36 s apart on average in place of 9 min 48 s: $" in at_random


def test_plan_and_curve_say_the_same_of_pauses_as_compare() -> None:
    """$38.04 and $0.45 as above; the curve says it of its largest number of queries, 50 here."""
    by_law = ("--arrivals", "poisson", "--rate", "12/h")
    for every in ((), ("--every", "5m"), ("--every", "5m1s"), ("--burst", "10@5m"), by_law):
        expected = {each["strategy"]: each["spacing"] for each in asked(*OPUS, *every)["answers"]}
        assert any(expected.values())
        planned = run("plan", *OPUS, *every, *DAY, "--json").json["strategies"]
        words = (*OPUS[:3], *OPUS[5:], "-n", "1..50", *every, *DAY)
        drawn = run("curve", *words, "--json").json["lines"]
        for result in (planned, drawn):
            assert {each["strategy"]: each["spacing"] for each in result if each["strategy"] in expected} == expected
        text = next(each["text"] for each in expected.values() if each)
        amount = re.findall(r"\$[\d.]+", text)[0]
        for command in (("plan", *OPUS, *every, *DAY), ("curve", *words)):
            more = ("-v",) if command[0] == "plan" else ()
            assert amount in run(*command, *more).out
            assert amount in run(*command, *more, "--format", "markdown").out


def test_bursts_and_office_hours_near_the_ttl_say_what_a_second_more_costs() -> None:
    """Five bursts of ten at 5 minutes: one write and 49 reads; a second later five writes. A write costs 150,000 x
    (5.00 - 0.20) / 1M = 0.72 more than a read, so 2.76 + 4 x 0.72 = 5.64."""
    warning = "5-min cache: pauses of 5 min 1 s in place of 5 min, longer than an entry lives: $5.64; a 1-hour cache"
    assert warning in run("compare", *OPUS, "--burst", "10@5m", *DAY, "-v").out
    assert "in place of" not in run("compare", *OPUS, "--burst", "10@4m", *DAY).out
    hours = ("--office", "09:00-17:00", "--every", "6m")
    # 50 queries at 6 minutes take less than one day of 80: 2.76 with 5 minutes between them.
    warning = "pauses of 5 min in place of 6 min, within the life of an entry: $2.76"
    assert warning in run("compare", *OPUS, *hours, "--as-of", "2026-11-23T09:00Z", "-v").out


def test_an_estimated_document_gives_a_range_of_money(tmp_path: Any) -> None:
    """The total lies in its range, whose ends are those of the fewest and the most tokens."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    result = asked("claude-sonnet-4-6", "-f", str(file), "-q", "200", "-a", "500")
    low, high = (
        {
            each["strategy"]: each["total"]
            for each in asked("claude-sonnet-4-6", "-c", tokens, "-q", "200", "-a", "500")["answers"]
        }
        for tokens in re.findall(r"[\d,]+", result["counted"].split("tokens (")[1].split(")")[0].replace(",", ""))
    )
    for each in result["answers"]:
        assert (each["total_low"], each["total_high"]) == (low[each["strategy"]], high[each["strategy"]])
        assert Decimal(each["total_low"]) < Decimal(each["total"]) < Decimal(each["total_high"])


def test_a_plan_and_a_curve_give_the_range_of_an_estimated_document(tmp_path: Any) -> None:
    """The same ends as `compare` gives for the same question, in words too."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    words = ("claude-sonnet-4-6", "-f", str(file), "-q", "200", "-a", "500")
    expected = {each["strategy"]: (each["total_low"], each["total_high"]) for each in asked(*words)["answers"]}
    planned = run("plan", *words, "--json").json["strategies"]
    drawn = run("curve", *words, "-n", "1..10", "--json").json["lines"]
    for result in (planned, drawn):
        assert {each["strategy"]: (each["total_low"], each["total_high"]) for each in result} == expected
    assert re.search(r"10 queries cost \$[\d.]+ \(\$[\d.]+ to \$[\d.]+\), ", run("plan", *words).out)
    low, high = (amount(Decimal(end)) for end in expected["fresh"])
    assert f"o no cache: {low} to {high} at N = 10\n" in run("curve", *words, "-n", "1..10").out


def test_every_point_of_a_curve_has_the_range_of_an_estimated_document(tmp_path: Any) -> None:
    """At each number of queries the ends are those of `compare`, in CSV and JSON; charts draw them as a band."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    words = ("claude-sonnet-4-6", "-f", str(file), "-q", "200", "-a", "500")
    chart = tmp_path / "curve.vl.json"
    rows = list(csv.DictReader(io.StringIO(run("curve", *words, "-n", "1..3", *DAY, "--format", "csv").out)))
    lines = run("curve", *words, "-n", "1..3", *DAY, "--json", "--chart", str(chart)).json["lines"]
    ends_of = {(int(row["queries"]), row["strategy"]): [row["total_low"], row["total_high"]] for row in rows}
    for n in (1, 2, 3):
        for each in asked(*words, "-n", str(n))["answers"]:
            ends = [each["total_low"], each["total_high"]]
            assert ends_of[n, each["strategy"]] == ends
            line = next(line for line in lines if line["strategy"] == each["strategy"])
            assert [line["totals_low"][n - 1], line["totals_high"][n - 1]] == ends
    band = json.loads(chart.read_text(encoding="utf-8"))["layer"][1]
    assert band["mark"]["type"] == "area"
    assert {each["low"] for each in band["data"]["values"] if each["strategy"] == "fresh"} == {
        float(row["total_low"]) for row in rows if row["strategy"] == "fresh"
    }


def test_charts_draw_no_bill_that_would_be_refused(tmp_path: Any) -> None:
    """Gemini 2.5 Pro is withdrawn on 2026-12-01, before the third of queries a day apart."""
    chart = tmp_path / "curve.vl.json"
    words = ("gemini-2.5-pro", "-c", "100K", "--every", "24h", "--as-of", "2026-11-29T12:00Z", "-n", "1..4")
    shown = run("curve", *words, "--chart", str(chart)).out
    assert "at N = 2, the last that is served" in shown
    assert "from N = 3 on would be refused: the model was withdrawn on 2026-12-01" in shown
    layers = json.loads(chart.read_text(encoding="utf-8"))["layer"]
    assert {each["queries"] for layer in layers for each in layer["data"]["values"]} == {1, 2}


def test_a_plan_over_models_and_over_history_gives_ranges_too(tmp_path: Any) -> None:
    """The ends of `compare` for the same question: of a document, and of automatic caches kept for 5 min to 1 h."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    for context in (("-f", str(file)), ("-c", "100K")):
        words = (*context, "-n", "10", "--every", "20m", "-q", "200", "-a", "500")
        answers = asked("gpt-5", "claude-sonnet-4-6", *words)["answers"]
        expected = {(each["model"], each["strategy"]): (each["total_low"], each["total_high"]) for each in answers}
        answer = run("plan", "gpt-5", "claude-sonnet-4-6", *words, *DAY, "--json").json["models"]
        for model in answer:
            for each in model["strategies"]:
                if ends := expected.get((model["model"], each["strategy"])):
                    assert (each["total_low"], each["total_high"]) == ends
    eras = run("plan", "gpt-5", *words[2:], "-f", str(file), *DAY, "--over-history", "--json").json["rate_cards"]
    assert all(Decimal(each["total_low"]) < Decimal(each["total"]) < Decimal(each["total_high"]) for each in eras)


# The law ----------------------------------------------------------------------------------------------------


def agrees(comparison: Comparison) -> None:
    """What the parts of one record say of each other."""
    messages = sentence(comparison)
    record = reply(comparison).record()
    assert messages == record["sentence"]
    for answer in comparison.answers:
        if answer.break_even is not None and (answer.break_even.horizon or answer.queries) >= answer.queries:
            inside = any(
                a <= answer.queries and (b is None or answer.queries <= b) for a, b in answer.break_even.intervals
            )
            assert inside == (answer.total < answer.fresh), answer.strategy
        if answer.minimum:
            assert answer.total == answer.fresh
    if not comparison.served:
        assert messages.startswith("No answer: ")
        assert record["best"] is None
        return
    best = comparison.best
    assert best.total == min(answer.total for answer in comparison.served)
    if best.free:
        return
    assert messages.startswith("Caching is cheaper") == (best.strategy != FRESH)
    if best.strategy == FRESH:
        assert re.match("Too short to cache|Caching changes nothing|Caching does not pay|[0-9,]+ (quer|turn)", messages)


def workloads() -> st.SearchStrategy[Workload]:
    """Sizes around minimums, tiers and limits, and the ways to come that are counted one by one."""
    tokens = st.sampled_from(
        [1, 100, 511, 512, 1_023, 1_024, 2_000, 4_096, 32_768, 100_000, 200_000, 400_000, 2_000_000]
    )
    every = st.sampled_from([None, M, 5 * M, 6 * M, 30 * M, 61 * M, timedelta(days=2)])
    return st.builds(
        Workload,
        context=tokens,
        question=st.sampled_from([0, 1, 200]),
        answer=st.sampled_from([0, 500, 20_000]),
        queries=st.sampled_from([1, 2, 3, 4, 5, 10, 50]),
        start=st.just(NOW),
        every=every,
        grows=st.booleans(),
    )


def sold(catalog: Catalog) -> list[PriceSheet]:
    return [sheet for sheet in catalog.sheets() if sheet.cards[0].effective <= NOW]


@given(data=st.data(), work=workloads())
def test_a_sentence_never_contradicts_its_table(data: st.DataObject, work: Workload, catalog: Catalog) -> None:
    """On every model best, savings, break-even and the advice of plan tell one story."""
    sheet = data.draw(st.sampled_from(sold(catalog)))
    with suppress(NotSold, BadWorkload):
        comparison = compare([(sheet, work)], today=TODAY)
        agrees(comparison)
        if not work.grows or work.queries < 10:
            advice = Advice(sheet, work, Assumptions())
            assert (advice.refusal is None) == bool(comparison.served)
            assert advice.best.total <= min(answer.total for answer in comparison.answers)


@given(data=st.data(), work=workloads())
def test_many_models_are_ranked_as_compare_answers_each(data: st.DataObject, work: Workload, catalog: Catalog) -> None:
    """The first model of a plan over several is the cheapest of all, and its sentence names what the table says."""
    sheets = data.draw(
        st.lists(st.sampled_from(sold(catalog)), min_size=2, max_size=4, unique_by=lambda sheet: sheet.id)
    )
    if work.grows and work.queries > 10:
        return
    with suppress(NotSold, BadWorkload, Refused):
        survey = across([(sheet, work) for sheet in sheets], Assumptions(), today=TODAY)
        totals = [each.best.total for each in survey.advices]
        assert totals == sorted(totals)
        for each in survey.advices:
            served = compare([(each.sheet, work)], today=TODAY).served
            assert each.best.total <= min(answer.total for answer in served)
        messages, priced = survey_sentence(survey), [each for each in survey.advices if not each.free]
        assert all(f"{each.sheet.id} {how_served(each.best.strategy)}" in messages for each in priced[:2])
        assert all(each.sheet.id in messages for each in survey.advices if each.free)


@pytest.mark.parametrize(
    ("requests", "total", "warned"),
    [
        # 2,124 x 2 + 875,306 x 0.2 + 57,610 x 2.5 + 11,150 x 12 = 457,134.2 millionths up to 272,000 tokens of prompt,
        # 2,124 x 4 + 875,306 x 0.4 + 57,610 x 5 + 11,150 x 18 = 847,368.4 above
        (40, "0.4571342", "40 requests cost 0.4571342 to 0.8473684 USD"),  # 23,376 tokens in the mean
        (1, "0.8473684", ""),
        (None, "0.8473684", ""),
        (2, "0.8473684", "2 requests cost 0.4571342 to 0.8473684 USD"),
    ],
)
def test_a_record_may_sum_up_requests(requests: int | None, total: str, warned: str, tmp_path: Path) -> None:
    """Priced at their mean size, with the range where the size of each decides the rate."""
    usage = {"input": 2124, "cache_read": 875306, "cache_write": 57610, "output": 11150}
    path = tmp_path / "records.jsonl"
    record = {"model": "gpt-5.6-terra", "at": "2026-08-20", "requests": requests, "usage": usage}
    path.write_text(json.dumps(record) + "\n")
    result = json.loads(run("quote", "--from", str(path)).out)
    assert result["total"] == total
    assert [each for each in result["warnings"] if "requests cost" in each] == (
        [f"{warned}, since rates depend on the size of each prompt; the mean size is taken"] if warned else []
    )


def test_fees_are_due_for_each_request_of_a_sum(tmp_path: Path) -> None:
    """Sonar Pro in September 2026: 0.006 for each of 3 requests, and 1,000,000 tokens at 3 a million."""
    path = tmp_path / "records.jsonl"
    record = {"model": "sonar-pro", "at": "2026-09-01", "requests": 3, "usage": {"input": 1_000_000}}
    path.write_text(json.dumps(record) + "\n")
    assert json.loads(run("quote", "--from", str(path)).out)["total"] == "3.018"


@pytest.mark.parametrize("requests", [0, -1, True, "3", 1.5])
def test_a_number_of_requests_is_a_whole_one(requests: object, tmp_path: Path) -> None:
    """The key at fault is named."""
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"model": "gpt-5-mini", "requests": requests, "usage": {"input": 1}}) + "\n")
    message = json.loads(run("quote", "--from", str(path)).out)["error"]["message"]
    assert message.startswith("requests: expected how many requests the usage sums up, such as 12, not ")
