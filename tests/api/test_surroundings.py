"""What stands around the answers: headers, addresses that do not exist, and settings that cannot be read."""

from __future__ import annotations

import json
import logging
import socket

import pytest
from fastapi.testclient import TestClient

from cachecost_api import create_app
from cachecost_api.middleware.logs import Lines

from ..command import environment, run, script


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(reload=0))


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/models", "/v1/compare?model=x", "/nothing"])
def test_no_answer_is_taken_for_another_kind_of_document(client: TestClient, path: str) -> None:
    """https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Content-Type-Options, once."""
    assert client.get(path).headers.get_list("X-Content-Type-Options") == ["nosniff"]


def test_a_slash_too_many_is_not_found(client: TestClient) -> None:
    """A redirect would repeat the Host of the request."""
    answer = client.get("/healthz/", headers={"Host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "evil.example" not in answer.text


def test_an_empty_word_of_a_record_says_nothing(client: TestClient) -> None:
    """As in a query."""
    record = {"model": "google/gemini-2.5-pro", "at": "2026-11-01", "usage": {"input": 1000}}
    answers = [client.post("/v1/quote", json=record | more).json() for more in ({}, {"region": "", "service": ""})]
    assert answers[0] == answers[1]
    assert "total" in answers[0]


def test_a_line_of_the_log_holds_no_control_character() -> None:
    """The path is what a client asked for."""
    path = "/\x1b[31m\n\x9b31m\u202e\u2028"
    record = logging.makeLogRecord({"msg": "request", "path": path})
    line = Lines().format(record)
    assert line.isprintable()
    assert json.loads(line)["path"] == path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cors", "javascript:alert(1)"], "--cors: expected an origin such as https://example.org, not "),
        (["--cors", "https://example.org/page"], "--cors: expected an origin such as https://example.org, not "),
        (["--embed", "'none'; script-src *"], "--embed: expected an origin such as https://example.org, not "),
    ],
)
def test_a_flag_that_cannot_be_read_is_refused(arguments: list[str], message: str) -> None:
    """On one line, before anything is served."""
    ran = run("serve", *arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith(f"cachecost: {message}")


def test_a_setting_of_the_environment_that_cannot_be_read_is_refused() -> None:
    """In a separate process, where the application is not yet loaded."""
    ran = script("serve", "--port", "0", env=environment(CACHECOST_RELOAD="abc"))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("cachecost: CACHECOST_RELOAD: expected seconds such as 2 or 0.5, not ")


def test_a_port_that_is_taken_is_refused() -> None:
    """With the address and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port))
    assert ran.code == 2
    assert ran.err.startswith(f"cachecost: 127.0.0.1:{port} cannot be listened at: ")
    assert ran.err.endswith("name another --port or --host\n")


@pytest.mark.parametrize("path", ["/", "/plan", "/prices", "/replay", "/count", "/api", "/page/ask.js"])
def test_the_page_is_framed_by_nobody_unless_an_origin_is_named(client: TestClient, path: str) -> None:
    """https://www.w3.org/TR/CSP3/#directive-frame-ancestors; nothing else of the policy is loosened."""
    embedding = TestClient(create_app(reload=0, embed=["https://grafana.example"]))
    alone, framed = (each.get(path).headers["Content-Security-Policy"] for each in (client, embedding))
    assert alone.endswith("; frame-ancestors 'none'")
    assert framed == alone.replace("frame-ancestors 'none'", "frame-ancestors https://grafana.example")
    assert "unsafe" not in framed
