"""The real server in a separate process, and an OpenAPI whose every example works."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cachecost.questions.words import WORDS

from ..command import run, script, shelf
from ..conftest import PATIENCE
from ..server import Server

ASK = "/v1/cost.txt?model=gpt-4o&context=100K&as_of=2026-11-01"


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return shelf(tmp_path, "openai/gpt-4o", "google/gemini-2.5-pro")


def test_the_command_serves_and_stops_in_order(sheets: Path) -> None:
    """It answers from its own folder, every line on stderr is JSON, and at a signal it says so and stops."""
    server = Server("--prices", sheets)
    try:
        typed = run("compare", "gpt-4o", "-c", "100K", "--as-of", "2026-11-01", "--json").json["best"]["total"]
        assert server.get(ASK) == typed
        assert json.loads(server.get("/healthz"))["sheets"] == 2
    finally:
        code = server.stop()
    assert code in (0, -signal.SIGTERM)
    messages = [line["message"] for line in server.lines]
    assert "Application shutdown complete." in messages
    question = [line for line in server.lines if line["message"] == "request"]
    assert [(line["path"], line["status"]) for line in question] == [("/v1/cost.txt", 200), ("/healthz", 200)]


def test_a_request_under_way_is_answered_before_the_server_stops(sheets: Path) -> None:
    """A body that is still coming when the server stops gets its answer."""
    server = Server("--prices", sheets)
    body = json.dumps({"model": "gpt-4o", "context": "100K", "as_of": "2026-11-01"}).encode()
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as wire:
        head = f"POST /v1/compare HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode() + body[:10])
        server.get(ASK)  # what an answer needs is loaded
        server.process.send_signal(signal.SIGTERM)
        wire.sendall(body[10:])
        answer = wire.recv(65536)
    server.stop()
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_several_processes_answer_from_the_same_folder(sheets: Path) -> None:
    """Settings reach the workers through their environment."""
    server = Server("--prices", sheets, "--workers", "2", "--cors", "https://example.org")
    try:
        assert {json.loads(server.get("/healthz"))["sheets"] for _ in range(8)} == {2}
    finally:
        server.stop()


def test_a_folder_that_is_none_is_refused_before_anything_listens(tmp_path: Path) -> None:
    """Exit 2 and one line, as with every command."""
    ran = script("serve", "--prices", tmp_path / "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("cachecost: ")
    assert "is not a folder of price sheets" in ran.err


# The OpenAPI -------------------------------------------------------------


TWINS = (".csv", ".txt", ".svg", ".vl.json")
"""Paths whose words are those of another path."""


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    result: dict[str, Any] = client.get("/openapi.json").json()
    return result


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, result in methods.items():
            yield path, method, result


def test_every_operation_has_a_name_of_its_own(openapi: dict[str, Any]) -> None:
    """Clients are generated from these names, so they are short words and none comes twice."""
    names = [result["operationId"] for _, _, result in operations(openapi)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_the_words_of_a_question_are_those_of_the_flags(openapi: dict[str, Any]) -> None:
    """Every flag of `compare` that tells of the question is a parameter and a member of the body."""
    output = run("compare", "--help-all", env={"COLUMNS": "200"}).out
    words = {word.name for word in WORDS if not word.local}
    compare = openapi["paths"]["/v1/compare"]
    parameters = {each["name"]: each for each in compare["get"]["parameters"]}
    schema = compare["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    body = openapi["components"]["schemas"][schema]["properties"]
    assert words <= set(parameters)
    assert words <= set(body)
    for word in words:
        assert f"--{word.replace('_', '-')}" in output
        assert parameters[word]["description"]


def test_every_example_of_a_parameter_works(client: TestClient, openapi: dict[str, Any]) -> None:
    """Each alone beside what is required, and 200 is the answer; those of a table or chart are those of its answer."""
    question = 0
    for path, method, result in operations(openapi):
        if method != "get":
            continue
        parameters = result.get("parameters", [])
        example = {each["name"]: each["schema"]["examples"][0] for each in parameters if "examples" in each["schema"]}
        by_query = {each["name"]: each["required"] for each in parameters if each["in"] == "query"}
        needed = {name: example[name] for name, required in by_query.items() if required}
        needed |= {"model": "gemini-2.5-pro"} if path.startswith("/v1/plan") else {}
        needed |= {"input": "1K"} if path.startswith("/v1/quote") else {}
        needed |= {"rate": "12/h"} if path.startswith("/v1/breakpoints") else {}
        needed |= {"context": "100K"} if {"context", "pages"} <= by_query.keys() else {}
        needed |= {"pages": "400"} if path == "/v1/count" else {}
        place = path
        for name, value in example.items():
            place = place.replace(f"{{{name}}}", value)
        for name in ["", *(name for name in by_query if name in example and not path.endswith(TWINS))]:
            query = needed | ({name: example[name]} if name else {})
            if name == "all":
                del query["model"]
            answer = client.get(place, params=query)
            assert answer.status_code == 200, (place, query, answer.text[:300])
            question += 1
    assert question > 80


def test_no_answer_in_json_is_described_as_a_text(openapi: dict[str, Any]) -> None:
    for path, _, result in operations(openapi):
        described = result["responses"]["200"]["content"].get("application/json", {"schema": {}})["schema"]
        assert described.get("type") != "string", path


def test_every_example_of_a_body_works(client: TestClient, openapi: dict[str, Any]) -> None:
    """As it stands in the OpenAPI."""
    question = 0
    for path, method, result in operations(openapi):
        if method == "post":
            for name, example in (
                result["requestBody"]["content"].get("application/json", {}).get("examples", {}).items()
            ):
                answer = client.post(path, json=example["value"])
                assert answer.status_code == 200, (path, name, answer.text[:300])
                question += 1
    assert question > 10
