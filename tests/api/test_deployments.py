"""Self-hosted models over HTTP and on the page: the same answers as on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ..command import run
from ..questions import expect

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ..browser import Opened

pytest_plugins = ["tests.browser"]

NAME = "llama-3.1-70b@aws/p5.48xlarge"
ASKED = {"context": "100K", "queries": "50", "question": "200", "answer": "0", "over": "8h", "as_of": "2026-11-22"}


def test_every_deployment_is_listed_under_its_name(client: TestClient) -> None:
    """Without those whose heads the cards cannot share: 28 heads of Qwen2.5 7B over 8 cards."""
    listed = {each["model"]: each for each in client.get("/v1/deployments").json()["deployments"]}
    assert listed[NAME]["per_hour"] == "55.04"
    assert listed[NAME]["pool_tokens"] == 1_385_036
    assert "qwen2.5-7b@aws/p5.48xlarge" not in listed
    assert listed["llama-3.1-405b@lambda/1x-a10"]["pool_tokens"] is None
    # The rent of Lambda's machines begins on 2026-09-25.
    before = client.get("/v1/deployments", params={"as_of": "2026-09-24"}).json()["deployments"]
    hosts = {each["model"].partition("@")[2].partition("/")[0] for each in before}
    assert ("aws" in hosts, "lambda" in hosts) == (True, False)


@pytest.mark.parametrize("said", [{}, {"use": "40%"}, {"kv": "fp8"}, {"dedicated": "true"}, {"efficiency": "45%,30%"}])
def test_compare_answers_as_the_command_does(client: TestClient, said: dict[str, str]) -> None:
    """One question at two doors, with the words about machines."""
    answer = client.get("/v1/compare", params={"model": NAME, **ASKED, **said}).json()
    flags = [f"--{name}" if value == "true" else f"--{name}={value}" for name, value in said.items()]
    words = [f"--{name.replace('_', '-')}={value}" for name, value in ASKED.items()]
    ran = run("compare", NAME, *words, *flags, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == answer
    assert {each["strategy"] for each in answer["answers"]} == {"fresh", "kept:hbm", "kept:ram", "kept:nvme"}


def test_an_answer_carries_its_band_and_its_machine(client: TestClient) -> None:
    """$440.32 for 8 hours of the machine; the middle lies between best and worst."""
    answer = client.get("/v1/compare", params={"model": NAME, **ASKED}).json()["answers"][0]
    assert answer["machine"]["total"] == "440.32"
    assert [each["reading"] for each in answer["speeds"]] == ["best", "worst"]
    assert float(answer["range"]["low"]) < float(answer["total"]) < float(answer["range"]["high"])
    assert (answer["total_low"], answer["total_high"]) == (answer["range"]["low"], answer["range"]["high"])


@pytest.mark.parametrize("path", ["curve", "plan"])
def test_other_questions_take_deployments_too(client: TestClient, path: str) -> None:
    answer = client.get(f"/v1/{path}", params={"model": NAME, "context": "50K", "queries": "10", "use": "50%"})
    assert answer.status_code == 200
    assert NAME in answer.text


@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        ({"model": f"{NAME}:9"}, 422, "has 8 cards, not '9'"),
        ({"model": "llama-3.1-70b@aws/p6"}, 404, "'aws/p6' is not a machine with a page"),
        ({"model": NAME, "kv": "x"}, 422, "kv: expected fp32, bf16"),
        ({"model": NAME, "use": "0"}, 422, "use: expected a share above 0, such as 40%, not '0'"),
        ({"model": NAME, "efficiency": "101%"}, 422, "this is more than the whole"),
        ({"model": f"{NAME}:1"}, 422, "weights of 141.1 GB do not fit"),
        ({"model": "gpt-4o", "use": "10%"}, 422, "use: says how a self-hosted model is served"),
    ],
)
def test_a_refusal_says_why(client: TestClient, said: dict[str, str], status: int, message: str) -> None:
    answer = client.get("/v1/compare", params={"context": "100K", **said})
    assert answer.status_code == status
    assert message in answer.json()["detail"]


def test_show_of_a_vendor_s_model_takes_no_word_about_machines() -> None:
    ran = run("show", "gpt-4o", "--kv", "fp8")
    assert (ran.code, ran.err) == (
        2,
        "cachecost: --kv: is said of a deployment, such as llama-3.1-70b@aws/p5.48xlarge\n",
    )


def test_a_replay_names_what_it_cannot_price() -> None:
    ran = run("replay", "golden/four-requests.jsonl", "--model", NAME)
    assert ran.code == 2
    assert "is not a model that a replay can price" in ran.err


def test_the_box_finds_deployments_once_an_at_sign_is_typed(opened: Opened) -> None:
    """Parts of both names find it; what is chosen is compared beside the vendor's model."""
    page = opened("?model=google/gemini-2.5-pro&context=100K&queries=50&answer=0&over=8h")
    page.locator("#new-model").fill("70b@p5.48")
    option = page.locator("#known-models [role=option]", has_text=NAME)
    option.click()
    expect(page.locator("#models")).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("kept in RAM")
