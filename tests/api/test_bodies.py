"""Bodies of every kind, and work without end: each gets an answer or a problem, and never a fault of ours."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cachecost_api import limits

from ..output.test_hostile_text import HOSTILE, RAW

ASK = "/v1/cost.txt?model=gpt-4o&context=100K&as_of=2026-11-01"
GOOD: dict[str, Any] = {"model": "gpt-4o", "context": "100K", "as_of": "2026-11-01"}


NESTED = [
    f'{{"id": {"[" * deep}{"]" * deep}, "model": "gpt-4o", "usage": {{"input": 1}}}}' for deep in (60, 700, 20_000)
]
BODIES: list[bytes] = [
    b"",
    b"\x00" * 100,
    b"\xff\xfe{}",
    b"null",
    b"0",
    b'"gpt-4o"',
    b"[]",
    b"{}",
    b'{"model": "gpt-4o", "context": 1e999999999}',
    b'{"model": "gpt-4o", "context": ' + b"9" * 5_000 + b"}",
    b'{"model": "gpt-4o", "context": -1}',
    b'{"model": "gpt-4o", "context": Infinity}',
    b'{"model": "gpt-4o", "context": "' + b"9" * 100_000 + b'"}',
    b'{"model": "gpt-4o", "model": ["gpt-4o"], "context": "1K", "context": 2}',
    b'{"model": "\\ud800", "context": "1K"}',
    b'{"\\ud800": 1, "context": "1K"}',
    b'{"model": "gpt-4o", "usage": {"\\ud800": 1}}',
    b'{"id": "\\ud800", "model": "gpt-4o", "usage": {"input": 1}}',
    b'{"id": 1e400, "model": "gpt-4o", "usage": {"storage_token_hours": 1e999999999}}',
    b'{"model": "gpt-4o", "usage": {"input": 1.0, "cache_read": {"": 1}}}',
    b'{"model": "gpt-4o", "context": "1K", "times": [' + b'"2026-11-01",' * 9_999 + b'"2026-11-01"]}',
    b'{"model": "gpt-4o", "context": "1K", "office": "' + b"09:00-17:00," * 16 + b'"}',
    b'{"model": [' + b'"gpt-4o",' * 100_000 + b'"gpt-4o"], "context": "1K"}',
    b"[" + b"{}," * 999 + b"{}]",
    gzip.compress(b" " * 10_000_000, mtime=0),
    *(text.encode() for text in NESTED),
]
POSTS = ("/v1/compare", "/v1/curve", "/v1/plan", "/v1/quote", "/v1/quote?number=float")


@pytest.mark.parametrize("path", POSTS)
def test_a_hostile_body_gets_an_answer_or_a_problem(client: TestClient, path: str) -> None:
    """Nesting, huge numbers, half characters, keys said twice, bytes that are no text: never a fault of ours."""
    for body in BODIES:
        answer = client.post(path, content=body, headers={"Content-Type": "text/plain"})
        assert answer.status_code in (200, 400, 404, 422), (body[:80], answer.text[:200])
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        answer.json()


def test_a_mangled_body_gets_an_answer_or_a_problem(client: TestClient) -> None:
    """A good body with bytes changed, dropped and doubled, two hundred times over."""
    chance, messages = random.Random(4), set()
    record = {"id": [1], "model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 7, "cache_read": {"automatic": 1}}}
    for _ in range(200):
        path, good = chance.choice([("/v1/compare", GOOD), ("/v1/quote", record), ("/v1/quote", [record, record])])
        body = bytearray(json.dumps(good).encode())
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(body))
            body[at : at + chance.randrange(3)] = bytes(
                chance.choices(b'{}[]",:0123456789eE-+.\\u\x00\xff', k=chance.randrange(3))
            )
        answer = client.post(path, content=bytes(body))
        messages.add(answer.status_code)
        assert answer.status_code in (200, 400, 404, 422), (bytes(body), answer.text[:200])
    assert messages == {200, 400, 404, 422}


def test_a_body_is_taken_up_to_its_limit_and_no_further(client: TestClient) -> None:
    """A million bytes are read, one more is not; blanks around a good question are no fault."""
    good = json.dumps(GOOD).encode()
    assert client.post("/v1/compare", content=good.ljust(limits.BODY)).status_code == 200
    assert client.post("/v1/compare", content=good.ljust(limits.BODY + 1)).status_code == 413


@pytest.mark.parametrize("thinking", ["{}", "[]", '""', "0"])
def test_a_switch_is_no_empty_thing(client: TestClient, thinking: str) -> None:
    """What is neither true, false nor null is refused, although Python would take it for false."""
    answer = client.post("/v1/quote", content=f'{{"model": "gpt-4o", "usage": {{}}, "thinking": {thinking}}}')
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/thinking")


def test_a_bad_id_stops_none_of_a_list(client: TestClient) -> None:
    """Nested without sense it is not given back; the record beside it is priced."""
    good = '{"id": 1, "model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 1}}'
    deep = good.replace("1,", f"{'[' * 60}{']' * 60},", 1)
    first, second = client.post("/v1/quote", content=f"[{deep}, {good}]").json()
    assert (first["id"], first["error"]["type"]) == (None, "bad-usage")
    assert (second["id"], second["total"]) == (1, "0.0000025")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_comes_back_as_it_went_and_nothing_in_it_is_obeyed(client: TestClient, text: str) -> None:
    """As an id and in a refusal; JSON may hold half a surrogate pair as an escape, which no UTF-8 can."""
    for model in ("gpt-4o", text):
        answer = client.post("/v1/quote", content=json.dumps([{"id": text, "model": model, "usage": {"input": 1}}]))
        assert (answer.status_code, answer.json()[0]["id"]) == (200, text)
        assert not RAW.search(answer.text)
    refused = client.get("/v1/cost.txt", params={"model": text.encode(errors="ignore")[:100], "context": "1K"})
    assert refused.status_code in (404, 422)
    assert not RAW.search(refused.text)


def test_an_unknown_name_is_looked_for_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue is searched the first time alone, and the second answer is the same."""
    path = "/v1/models/google/gemini-2.5-prx"
    first = client.get(path)
    monkeypatch.setattr("cachecost.catalog.catalog.Catalog._sheet", None)
    monkeypatch.setattr("cachecost.catalog.spellings.nearest", None)
    assert client.get(path).json() == first.json()
    assert "google/gemini-2.5-pro" in first.json()["detail"]


def test_a_word_without_a_name_is_a_problem_too(client: TestClient) -> None:
    """It has no parameter to point at."""
    for answer in (client.get("/v1/models?=x"), client.post("/v1/compare", json={"": 1})):
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("'' is not a word here; expected ")
