"""The HTTP answers are those of the command line: the same record, the same cells, the same number."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from cachecost.output.badge import badge
from cachecost.workload.workload import Workload
from cachecost_api import create_app
from cachecost_api.limits import bounded
from cachecost_api.problems import RefusedRequest

from ..command import run
from ..conftest import PRICES
from ..frozen import price_pages

DAY = {"as_of": "2026-11-01"}
LONG = {"context": "150K", "question": "200", "answer": "500"} | DAY
COMPARE: list[dict[str, Any]] = [
    {
        "model": "gemini-1.5-pro",
        "context": "1M",
        "question": "0",
        "answer": "0",
        "queries": "10",
        "as_of": "2024-05-25",
    },
    {"model": ["claude-opus-5-5", "gpt-5.6-luna"], "queries": "50", "over": "8h"} | LONG,
    {"model": "claude-opus-5-5", "strategy": ["fresh", "written:1h"]} | LONG,
    {"model": "claude-opus-5-5", "turns": "20", "tools": "300"} | LONG,
    {"model": "claude-opus-5-5", "rate": "12/h", "arrivals": "poisson", "queries": "100"} | LONG,
    {"model": "gemini-2.5-pro", "hold": "2h", "creation": "free", "billed_per": "hour", "hit_share": "75%"} | LONG,
    {"model": "gpt-4.1", "burst": "5@10m", "queries": "20", "service": "batch"} | LONG,
    {"model": "deepseek-v4-flash", "context": "10K", "every": "1h"} | DAY,
    {"model": ["claude-opus-5-5", "gemini-2.5-pro"], "pages": "40", "images": ["30@1024x1024", "1@800×600"]} | DAY,
    {"model": ["gemini-2.5-pro", "claude-opus-5-5"], "context": "20K", "video": "30m"} | DAY,
]


def flags(question: dict[str, Any]) -> list[str]:
    """The same question as arguments of a command."""
    results = []
    for name, value in question.items():
        for each in value if isinstance(value, list) else [value]:
            if name == "model":
                results.append(each)
            elif value is True:
                results.append(f"--{name.replace('_', '-')}")
            else:
                results += [f"--{name.replace('_', '-')}", each]
    return results


def test_the_announced_gemini_price_is_answered_as_published(client: TestClient) -> None:
    """1 creation x $7.00 + 10 reads x $3.50 + 1 h x $4.50 = $46.50; fresh 10 x $7.00."""
    answer = client.get("/v1/compare", params=COMPARE[0]).json()
    assert {each["strategy"]: each["total"] for each in answer["answers"]} == {"stored": "46.5", "fresh": "70"}
    assert answer["sentence"].startswith("Caching is cheaper from 4 queries on")
    assert client.get("/v1/cost.txt", params=COMPARE[0]).text == "46.5"
    assert client.get("/v1/cost.txt", params=COMPARE[0] | {"strategy": "fresh"}).text == "70"


@pytest.mark.parametrize("question", COMPARE)
def test_a_comparison_is_that_of_the_command_line(client: TestClient, question: dict[str, Any]) -> None:
    """By query, by body and as CSV; the record and the cells are equal to the last digit."""
    typed = run("compare", *flags(question), "--json").json
    assert client.get("/v1/compare", params=question).json() == typed
    assert client.post("/v1/compare", json=question).json() == typed
    table = client.get("/v1/compare.csv", params=question)
    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert table.text == run("compare", *flags(question), "--format", "csv").out
    assert client.get("/v1/cost.txt", params=question).text == typed["best"]["total"]


@pytest.mark.parametrize(
    "question",
    [
        {"model": "gemini-1.5-pro", "context": "1M", "queries": "1..40", "as_of": "2024-05-25"},
        {"model": "claude-opus-5-5", "queries": "1..1M:1000", "every": "2m"} | LONG,
        {"model": "claude-opus-5-5", "strategy": "fresh"} | LONG,
        {"model": "claude-opus-5-5", "pages": "40", "queries": "1..3"} | DAY,
    ],
)
def test_a_curve_is_that_of_the_command_line(client: TestClient, question: dict[str, Any]) -> None:
    """The same totals at the same numbers of queries."""
    assert client.get("/v1/curve", params=question).json() == run("curve", *flags(question), "--json").json
    assert client.post("/v1/curve", json=question).json() == run("curve", *flags(question), "--json").json
    assert client.get("/v1/curve.csv", params=question).text == run("curve", *flags(question), "--format", "csv").out


def test_a_drawing_is_that_of_the_command_line(client: TestClient, tmp_path: Any) -> None:
    """The Vega-Lite specification that `--chart` writes."""
    question = {"model": "claude-opus-5-5", "queries": "1..30"} | LONG
    drawn = tmp_path / "cost.vl.json"
    run("curve", *flags(question), "--chart", str(drawn), "--json")
    assert client.get("/v1/curve.vl.json", params=question).json() == __import__("json").loads(drawn.read_text())


@pytest.mark.parametrize(
    "question",
    [
        {"model": "claude-opus-5-5", "every": "4m"} | LONG,
        {"model": ["claude-opus-5-5", "gpt-4o", "gemini-2.5-pro"], "over": "8h"} | LONG,
        {"model": "gemini-2.5-pro", "over_history": True, "context": "1M"},
        {"model": ["gemini-2.5-pro", "gemini-3.6-flash"], "forgotten": True} | LONG,
        {"all": True} | LONG,
        {"model": "claude-opus-5-5", "pages": "40", "queries": "3"} | DAY,
        {"all": True, "images": "3@1024x1024"} | DAY,
    ],
)
def test_a_plan_is_that_of_the_command_line(client: TestClient, question: dict[str, Any]) -> None:
    """One model in full, several, over their history, and what a forgotten cache costs."""
    query = {name: "true" if value is True else value for name, value in question.items()}
    assert client.get("/v1/plan", params=query).json() == run("plan", *flags(question), "--json").json
    assert client.post("/v1/plan", json=question).json() == run("plan", *flags(question), "--json").json
    assert client.get("/v1/plan.csv", params=query).text == run("plan", *flags(question), "--format", "csv").out


@pytest.mark.parametrize(
    "question",
    [
        {"model": "claude-sonnet-4-5", "input": "2K", "cache_write": "1h=20K", "output": "500", "at": "2026-11-01"},
        {"model": "gemini-1.5-pro", "storage": "1M@90m", "at": "2024-06-20"},
        {"model": "gpt-4o", "input": "1K", "cache_read": ["80K"], "service": "batch", "at": "2026-11-01"},
    ],
)
def test_a_quote_is_that_of_the_command_line(client: TestClient, question: dict[str, Any]) -> None:
    """The usage in words, and its lines as CSV."""
    assert client.get("/v1/quote", params=question).json() == run("quote", *flags(question), "--json").json
    assert client.get("/v1/quote.csv", params=question).text == run("quote", *flags(question), "--format", "csv").out


RECORDS = [
    '{"id": 1, "model": "gemini-2.5-pro", "at": "2026-11-01", "usage": {"input": 200001}}',
    '{"id": "two", "model": "no-such-model", "usage": {"input": 1}}',
    '{"id": 3.5, "model": "gemini-1.5-pro", "at": "2024-06-20", "usage": {"storage_token_hours": 0.30000000000000001}}',
    '{"id": 4, "usage": {}}',
    "[]",
]


def test_a_list_of_records_is_answered_in_order_and_a_bad_one_stops_none(client: TestClient) -> None:
    """The very lines of `quote --from -`, numbers to the last digit."""
    typed = run("quote", "--from", "-", stdin="\n".join(RECORDS).encode()).records
    assert client.post("/v1/quote", content=f"[{', '.join(RECORDS)}]").json() == typed
    alone = client.post("/v1/quote", content=RECORDS[0]).json()
    assert alone == {"schema_version": 1} | typed[0]


def test_models_and_sheets_are_those_of_the_command_line(client: TestClient) -> None:
    """The list at a day, of one provider, one model with its history, and CSV."""
    question = {"provider": "google"} | DAY
    assert client.get("/v1/models", params=question).json() == run("models", *flags(question), "--json").json
    assert client.get("/v1/models.csv", params=question).text == run("models", *flags(question), "--format", "csv").out
    assert client.get("/v1/models/google/gemini-2.5-pro").json() == run("show", "gemini-2.5-pro", "--json").json
    assert client.get("/v1/schema").json() == run("prices", "schema").json


def test_prices_are_the_rates_of_the_cards_in_force(client: TestClient) -> None:
    """Flat rows hold every rate of every card that the list of models shows, each once."""
    cards = {each["model"]: each["card"] for each in client.get("/v1/models", params=DAY).json()["models"]}
    messages = sorted(
        (model, card["version"], row["service"], row["prompt"]["from"], kind, rate)
        for model, card in cards.items()
        for row in card["rows"]
        for kind, rate in row["rates"].items()
    )
    flat = client.get("/v1/prices", params=DAY).json()
    rows = sorted((r["model"], r["version"], r["service"], r["prompt_from"], r["kind"], r["rate"]) for r in flat)
    assert rows == messages
    assert len({tuple(row.items()) for row in flat}) == len(flat)


def test_history_has_every_card_once_and_gpt_4o_halved_its_input(client: TestClient) -> None:
    """openai.com: gpt-4o began at $5.00 in May 2024 and has cost $2.50 per 1M input since the model of 2024-08-06."""
    question = {"model": "gpt-4o", "kind": "input", "service": "standard"}
    rows = client.get("/v1/prices/history", params=question).json()
    rates = [(row["effective"], row["rate"]) for row in rows]
    assert rates[0] == ("2024-05-13T00:00:00Z", "5")
    assert rates[-1][1] == "2.5"
    assert rates == sorted(rates)
    table = list(csv.DictReader(io.StringIO(client.get("/v1/prices/history.csv", params=question).text)))
    assert [(row["effective"], row["rate"]) for row in table] == rates


def test_numbers_are_numbers_where_a_tool_cannot_cast(client: TestClient) -> None:
    """`number=float` changes money, rates and shares, and no text that only looks like a number."""
    question = COMPARE[0] | {"number": "float"}
    answer = client.get("/v1/compare", params=question).json()
    assert answer["best"]["total"] == 46.5
    assert answer["answers"][0]["lines"][0]["rate"] == 7.0
    assert answer["assumptions"]["hit_share"] == 1.0
    thirds = client.get("/v1/compare", params=question | {"hit_share": "1/3"}).json()
    assert thirds["assumptions"]["hit_share"] == 1 / 3
    assert answer["answers"][0]["version"] == "google/gemini-1.5-pro@2024-05-14"
    curve = client.get("/v1/curve", params={"model": "gpt-4.1", "number": "float"} | LONG).json()
    assert all(isinstance(total, float) for line in curve["lines"] for total in line["totals"])
    sheet = client.get("/v1/models/openai/gpt-4o", params={"number": "float"}).json()
    assert isinstance(sheet["rate_cards"][0]["rows"][0]["rates"]["input"], float)


def test_given_instants_are_the_queries(client: TestClient) -> None:
    """A list in a body, commas in a query; three instants, the last an hour later, are a query each."""
    instants = ["2026-11-01T09:00Z", "2026-11-01T09:04Z", "2026-11-01T11:00Z"]
    question = {"model": "claude-opus-5-5", "context": "100K"}
    by_body = client.post("/v1/compare", json=question | {"times": instants}).json()
    by_query = client.get("/v1/compare", params=question | {"times": ",".join(instants)}).json()
    assert by_body == by_query
    assert (by_body["workload"]["queries"], by_body["workload"]["start"]) == (3, "2026-11-01T09:00Z")


def test_an_empty_word_says_nothing(client: TestClient) -> None:
    """So that a form may send all of its fields."""
    question = {"model": "gpt-4o", "context": "10K", "every": "", "hold": "", "strategy": "", "thinking": "false"} | DAY
    kept = {name: question[name] for name in ("model", "context", "as_of")}
    assert client.get("/v1/compare", params=question).json() == client.get("/v1/compare", params=kept).json()
    assert client.post("/v1/compare", json=kept | {"every": None}).status_code == 200


def test_health_and_version_speak_of_every_sheet(client: TestClient) -> None:
    """Every page is counted; the newest date is the last of all that the pages say."""
    pages = len(client.app.state.shelf.current.catalog.paths)  # type: ignore[attr-defined]
    health = client.get("/healthz").json()
    assert (health["status"], health["sheets"], health["faults"]) == ("ok", pages, [])
    version = client.get("/version").json()
    assert version["sheets"]["count"] == pages
    dates = [re.findall(r"\bseen: *([-0-9]+)", page.read_text()) for page in price_pages(PRICES)]
    assert version["sheets"]["newest_checked"] == max(date for each in dates for date in each)


def test_a_quote_without_any_usage_is_refused(client: TestClient) -> None:
    """422, and the words that are expected; in a list the others are answered."""
    empty = {"model": "gpt-4o", "usage": {}}
    for answer in (
        client.get("/v1/quote", params={"model": "gpt-4o"}),
        client.get("/v1/quote.csv", params={"model": "gpt-4o"}),
        client.post("/v1/quote", json=empty),
        client.post("/v1/quote", json={"model": "gpt-4o", "usage": {"input": None}}),
    ):
        assert (answer.status_code, "expected at least one of input, cache_read" in answer.json()["detail"]) == (
            422,
            True,
        )
    good = {"model": "gpt-4o", "usage": {"input": 0}}
    first, second = client.post("/v1/quote", json=[empty, good]).json()
    assert (first["error"]["type"], second["total"]) == ("bad-usage", "0")


def test_a_reported_eviction_is_known_by_its_name(client: TestClient) -> None:
    """As on the command line. Claude Opus 5.5, 100K tokens: a 1-hour write costs $8 and a read $0.20 per 1M tokens.
    Of the entries idle for 15 minutes 8% are lost: 0.80 + 0.92 x 0.02 + 0.08 x 0.80 = 0.8824."""
    pace = {"queries": 2, "every": "15m", "strategy": "written:1h", "question": 0, "answer": 0, "eviction": "reported"}
    words = {"model": "claude-opus-5-5", "context": "100K", "as_of": "2026-11-20"} | pace
    assert client.get("/v1/cost.txt", params=words).text == "0.8824"


def test_a_number_alone_draws_a_curve_twice_as_far(client: TestClient) -> None:
    question = {"model": "gpt-4o", "context": "10K"} | DAY
    alone = client.get("/v1/curve.csv", params={"queries": "50"} | question)
    assert alone.text == client.get("/v1/curve.csv", params={"queries": "1..100"} | question).text


@pytest.mark.parametrize("path", ["compare", "plan", "curve"])
def test_a_short_name_means_the_newest_model_of_its_line_and_the_answer_says_which(
    client: TestClient, path: str
) -> None:
    """Opus 5.5 is the newest Claude Opus in November 2026."""
    answer = client.get(f"/v1/{path}?model=claude-opus&context=100K&as_of=2026-11-20").json()
    assert answer["names"] == {"claude-opus": "anthropic/claude-opus-5-5"}
    assert client.get("/v1/cost.txt?model=claude-opus&context=100K&as_of=2026-11-20").status_code == 200


def test_the_name_that_a_gateway_uses_is_understood_and_the_answer_says_what_it_means(client: TestClient) -> None:
    words = {"model": "azure_ai/claude-opus-5-5", "input": "1M"} | DAY
    answer = client.get("/v1/quote", params=words).json()
    assert answer["names"] == {"azure_ai/claude-opus-5-5": "azure/claude-opus-5-5"}
    unknown = client.get("/v1/quote", params=words | {"model": "azure_ai/claude-opus-5-6"})
    assert unknown.status_code == 404
    assert "did you mean azure/claude-opus" in unknown.json()["detail"]


def test_the_answer_says_too_which_model_a_switch_goes_to(client: TestClient) -> None:
    """Sonnet 5.5 is the newest Claude Sonnet in November 2026."""
    words = {"model": "claude-opus", "switch_to": "claude-sonnet", "context": "50K", "turns": "20"} | DAY
    names = {"claude-opus": "anthropic/claude-opus-5-5", "claude-sonnet": "anthropic/claude-sonnet-5-5"}
    assert client.get("/v1/switch", params=words).json()["names"] == names


def test_a_short_name_means_the_same_after_it_was_refused_in_a_record() -> None:
    """A record names its model in full; the refusal comes with similar names, which are no models that it means."""
    with TestClient(create_app(PRICES, reload=0)) as client:
        record = {"model": "claude-opus", "usage": {"input": 1000}}
        assert client.post("/v1/quote", json=record).status_code == 404
        answer = client.get("/v1/compare?model=claude-opus&context=100K&as_of=2026-11-20")
        assert (answer.status_code, answer.json()["best"]["model"]) == (200, "anthropic/claude-opus-5-5")


def test_an_ambiguous_name_lists_its_choices(client: TestClient) -> None:
    refused = client.get("/v1/compare?model=flash&context=100K&as_of=2026-11-20")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:cachecost:ambiguous-model")
    assert "google/gemini-3.8-flash" in refused.json()["detail"]


def test_a_sweep_over_http_is_that_of_the_command_line(client: TestClient) -> None:
    """A map over two words, by query, by body and as CSV; a word that is varied need not be given."""
    words = {"model": "claude-opus-5-5", "sweep": ["context=10K..1M:3", "every=1m..2h:4"], "queries": "20"}
    flags = ("sweep", "claude-opus-5-5", "--sweep", "context=10K..1M:3", "--sweep", "every=1m..2h:4", "-n", "20")
    answer, wanted = client.get("/v1/sweep", params=words).json(), run(*flags, "--json").json
    assert answer["cells"] == wanted["cells"]
    assert client.post("/v1/sweep", json=words).json()["cells"] == wanted["cells"]
    assert client.get("/v1/sweep.csv", params=words).text == run(*flags, "--format", "csv").out


def test_a_sweep_of_too_many_points_is_refused(client: TestClient) -> None:
    """2,000 at most; the message says how many were asked for, and the error names the word."""
    words = {"model": "gpt-4o", "sweep": ["every=1m..2h:50", "context=10K..1M:50"]}
    answer = client.get("/v1/sweep", params=words)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "sweep")
    assert "2,500 points are too many" in answer.json()["detail"]


def test_the_cheapest_of_all_models_is_found_for_forty_turns() -> None:
    """40 turns on 1,540 models are 61,600, of 80,000; for 52 turns the message says how many may be: 80,000 / 1,540."""
    work = Workload(
        context=30_000, question=100, answer=700, queries=40, grows=True, start=datetime(2026, 11, 1, tzinfo=UTC)
    )
    assert bounded(work, models=1_540) is work
    with pytest.raises(RefusedRequest, match="52 on 1,540 models are too many to answer over HTTP; expected up to 51"):
        bounded(replace(work, queries=52), models=1_540)


def test_the_history_of_all_models_has_the_rates_of_each(client: TestClient) -> None:
    """GPT-4o's input rates over time are among them."""
    one = client.get("/v1/prices/history", params={"model": "gpt-4o", "kind": "input", "service": "standard"}).json()
    rates = client.get("/v1/prices/history", params={"kind": "input", "service": "standard"}).json()
    assert [each for each in rates if each["model"] == "openai/gpt-4o"] == one
    assert len({each["model"] for each in rates}) > 500


def test_the_page_of_a_model_is_its_file(client: TestClient) -> None:
    """As text, which a browser shows; by an alias too."""
    answer = client.get("/v1/models/openai/gpt-4o/page.yaml")
    assert answer.text == (PRICES / "openai/gpt-4o.yaml").read_text()
    assert answer.headers["content-type"].startswith("text/plain")
    assert client.get("/v1/models/openai/gpt-0/page.yaml").status_code == 404


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("breakpoints", {"part": ["system=8K", "docs=80K@2/h", "chat=5K@each"], "rate": "12/h", "ttl": ["5m", "1h"]}),
        ("compact", {"context": "150K", "to": "10%", "ahead": "20"}),
        ("fanout", {"context": "100K", "requests": "10", "then": "100"}),
    ],
)
def test_what_is_asked_of_prompts_is_that_of_the_command_line(
    client: TestClient, name: str, question: dict[str, Any]
) -> None:
    """By query, by body and as CSV."""
    question |= {"model": "claude-opus-5-5"} | DAY
    typed = run(name, *flags(question), "--json").json
    assert client.get(f"/v1/{name}", params=question).json() == typed
    assert client.post(f"/v1/{name}", json=question).json() == typed
    assert client.get(f"/v1/{name}.csv", params=question).text == run(name, *flags(question), "--format", "csv").out


def test_every_figure_of_an_answer_is_a_number_where_numbers_are_asked_for(client: TestClient) -> None:
    """10 writes of 100K at $5 per 1M are $5; one write and 9 reads at $0.20 are $0.68 : 0.5 + 9 x 0.02."""
    asked = {"model": "claude-opus-5-5", "context": "100K", "number": "float"} | DAY
    (first, *_) = client.get("/v1/fanout", params=asked).json()["strategies"]
    assert (first["all_at_once"], first["one_first"]) == (5.0, 0.68)


def test_the_index_lists_every_path_of_the_openapi(client: TestClient) -> None:
    """With the method and the summary that the OpenAPI has."""
    index, openapi = client.get("/v1").json(), client.get("/openapi.json").json()
    described = [
        (method.upper(), path, each["summary"])
        for path, methods in openapi["paths"].items()
        for method, each in methods.items()
    ]
    assert [(each["method"], each["path"], each["summary"]) for each in index["operations"]] == described
    assert client.get(index["reference"]).status_code == 200


def test_curves_of_several_models_are_those_of_the_command_line(client: TestClient) -> None:
    """As JSON, as CSV and as a specification of a chart; one that is refused does not hide the others: gpt-4o takes
    128,000 tokens (https://platform.openai.com/docs/models/gpt-4o)."""
    question = {"model": ["claude-opus-5-5", "gpt-4o"], "context": "100K", "queries": "1..5"} | DAY
    typed = run("curve", *flags(question), "--json").json
    assert [each["model"] for each in typed["curves"]] == ["anthropic/claude-opus-5-5", "openai/gpt-4o"]
    assert client.get("/v1/curve", params=question).json() == typed
    assert client.get("/v1/curve.csv", params=question).text == run("curve", *flags(question), "--format", "csv").out
    longer = client.get("/v1/curve", params=question | {"context": "500K"}).json()
    assert [each["model"] for each in longer["curves"]] == ["anthropic/claude-opus-5-5"]
    assert [text.partition(" ")[0] for text in longer["left_out"]] == ["openai/gpt-4o"]


def test_a_badge_says_what_caching_saves(client: TestClient) -> None:
    """10 queries over 100K at $4 per 1M: $4; one write at $5 and 9 reads at $0.20: $0.68, which is 83% less."""
    asked = {"model": "claude-opus-5-5", "context": "100K", "question": "0", "answer": "0"} | DAY
    answer = client.get("/v1/badge.svg", params=asked)
    assert answer.headers["content-type"] == "image/svg+xml"
    texts = [each.text for each in ElementTree.fromstring(answer.text).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["Claude Opus 5.5", "caching saves 83%"]
    alone = client.get("/v1/badge.svg", params=asked | {"queries": "1"}).text
    assert "no cache is cheaper" in alone


def test_a_badge_escapes_what_it_says() -> None:
    """A name is text, never markup."""
    texts = ElementTree.fromstring(badge('<a href="x">&', "saves 1%", good=True))
    assert texts.attrib["aria-label"] == '<a href="x">&: saves 1%'


def test_a_curve_is_drawn_on_the_server(client: TestClient) -> None:
    """The picture is that of `--chart curve.svg`: its title names the model and the context."""
    pytest.importorskip("vl_convert", reason="needs the extra `charts`")
    answer = client.get("/v1/curve.svg", params={"model": "claude-opus-5-5", "context": "100K"} | DAY)
    assert answer.headers["content-type"] == "image/svg+xml"
    picture = "".join(ElementTree.fromstring(answer.text).itertext())
    assert "Claude Opus 5.5: 100,000 tokens of context" in picture


def test_a_server_that_cannot_draw_says_what_it_lacks(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    answer = client.get("/v1/curve.svg", params={"model": "claude-opus-5-5", "context": "90K"} | DAY)
    assert answer.status_code == 501
    assert "charts" in answer.json()["detail"]


def test_the_feed_of_changes_is_atom_with_ids_that_stay(client: TestClient) -> None:
    """https://www.rfc-editor.org/rfc/rfc4287: id, title and updated in the feed and in each entry, newest first. GPT-4o
    cost $5 a million from 2024-05-13 and $2.50 from 2024-10-01 on."""
    answer = client.get("/v1/prices/changes.atom", params={"model": "gpt-4o"})
    assert answer.headers["content-type"] == "application/atom+xml"
    names = {"": "http://www.w3.org/2005/Atom"}
    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall("entry", names)
    ids = [each.findtext("id", "", names) for each in [feed, *entries]]
    assert len(set(ids)) == len(ids) > 2
    assert all(each.startswith("urn:uuid:") for each in ids)
    updated = [each.findtext("updated", "", names) for each in entries]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext("updated", "", names) == updated[0]
    assert all(each.find("link[@rel='alternate']", names) is not None for each in entries)
    texts = "\n".join(each.findtext("summary", "", names) for each in entries)
    assert "input $5.00" in texts
    assert "input $2.50" in texts
    again = client.get("/v1/prices/changes.atom", params={"provider": "openai", "model": "openai/gpt-4o"}).text
    assert set(ids[1:]) <= set(re.findall(r"urn:uuid:[0-9a-f-]+", again))


@pytest.mark.parametrize("path", ["compare.csv", "curve.csv", "plan.csv"])
def test_tables_of_several_questions_can_be_stacked(client: TestClient, path: str) -> None:
    """Every row says what was asked, of which provider, and whether it would be served: gpt-4o takes 128,000 tokens
    (https://platform.openai.com/docs/models/gpt-4o)."""
    models = ["claude-opus-5-5", "gpt-4o", "gemini-2.5-pro"]
    stacked: list[dict[str, str]] = []
    for context in ("100000", "500000"):
        asked = {"model": models, "context": context, "question": "300", "every": "4m"} | DAY
        stacked += csv.DictReader(io.StringIO(client.get(f"/v1/{path}", params=asked).text))
    assert {row["context"] for row in stacked} == {"100000", "500000"}
    assert {(row["question"], row["every"], row["service"]) for row in stacked} == {("300", "4m", "standard")}
    assert {row["provider"] for row in stacked} == {"anthropic", "openai", "google"}
    assert all(row["status"] == "ok" or "at most 128,000 tokens" in row["warnings"] for row in stacked)


def test_rows_about_one_model_name_it_and_what_was_asked(client: TestClient) -> None:
    """A column is either what was varied or what was asked."""
    words = {"model": "claude-opus-5-5", "context": "100K", "question": "300"} | DAY
    for path, varied in (("curve.csv", {"queries": "1..2"}), ("sweep.csv", {"sweep": "queries=1..2:2"})):
        head, *cells = csv.reader(io.StringIO(client.get(f"/v1/{path}", params=words | varied).text))
        assert len(set(head)) == len(head)
        rows = [dict(zip(head, each, strict=True)) for each in cells]
        assert {row["queries"] for row in rows} == {"1", "2"}
        inputs = {(row["model"], row["provider"], row["context"], row["question"]) for row in rows}
        assert inputs == {("anthropic/claude-opus-5-5", "anthropic", "100000", "300")}
