"""How the answers travel: tags, compression, ids, limits, other origins, and refusals that point at the word."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import MutableHeaders

from cachecost_api import create_app, limits
from cachecost_api.engine import Workers
from cachecost_api.middleware.cache import Answers, CachedAnswer, CacheKey, Memory, matches, takes_gzip
from cachecost_api.routes import questions

from ..conftest import PATIENCE

ASK = "/v1/compare?model=gpt-4o&context=100K"
DATED = f"{ASK}&as_of=2026-11-01"


@pytest.mark.parametrize("path", [ASK, DATED, "/v1/models.csv", "/v1/cost.txt?model=gpt-4o&context=1K", "/v1/schema"])
def test_a_client_that_has_the_answer_gets_304(client: TestClient, path: str) -> None:
    """RFC 9110: the tag alone, among others, weak or strong, or *; another tag gets the answer again."""
    first = client.get(path)
    tag = first.headers["etag"]
    for said in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get(path, headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).content == first.content


def test_an_answer_is_as_fresh_as_its_question_is_dated(client: TestClient) -> None:
    """Now changes by the minute; a day that was named does not."""
    assert client.get(ASK).headers["cache-control"] == "public, max-age=60"
    assert client.get(DATED).headers["cache-control"] == "public, max-age=60", "a price may be corrected at any time"
    assert client.get("/healthz").headers["cache-control"] == "no-cache"


def test_a_head_has_the_headers_and_no_body(client: TestClient) -> None:
    """Length and tag of what a GET would bring."""
    full, head = client.get(DATED), client.head(DATED)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == full.headers["etag"]


def test_what_is_asked_again_is_not_worked_out_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer comes although the engine is gone, and in both encodings."""
    first = client.get(f"{DATED}&queries=77")
    monkeypatch.setattr("cachecost_api.routes.questions.compared", None)
    for accepted in ("gzip", "identity"):
        again = client.get(f"{DATED}&queries=77", headers={"Accept-Encoding": accepted})
        assert again.content == first.content
        assert again.headers.get("content-encoding") == (None if accepted == "identity" else "gzip")
        assert again.headers["vary"] == "Accept-Encoding"
    assert client.get(f"{DATED}&queries=78").status_code == 500


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("br", False),
        ("", False),
    ],
)
def test_compressed_only_for_who_takes_it(header: str, taken: bool) -> None:
    """RFC 9110, 12.5.3: named or a star, unless with a weight of nothing."""
    assert takes_gzip(header) is taken


def test_a_compressed_body_is_the_same_body(client: TestClient) -> None:
    """Unpacked by another implementation."""
    with client.stream("GET", DATED, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert gzip.decompress(raw) == client.get(DATED, headers={"Accept-Encoding": "identity"}).content


def test_tags_are_compared_weakly() -> None:
    """W/ says nothing about the bytes here."""
    assert matches('"a", W/"b"', 'W/"b"')
    assert matches("*", '"z"')
    assert not matches('W/"bb"', 'W/"b"')


def test_the_memory_forgets_the_answer_longest_unasked() -> None:
    """Three answers of 1,600 bytes with their keys in room for two: the one asked for again stays."""
    memory = Memory(most=6_500)
    for path in "abcd":
        memory.store(key(path), CachedAnswer(200, MutableHeaders(), b"x" * 100))
    assert memory.find(key("a"))
    memory.store(key("e"), CachedAnswer(200, MutableHeaders(), b"x" * 100))
    assert memory.find(key("a"))
    assert memory.find(key("b")) is None
    assert memory.size <= memory.most


def key(path: str, query: bytes = b"") -> CacheKey:
    return CacheKey(path, query, "", 1, None)


def test_the_memory_counts_the_question_as_well_as_the_answer() -> None:
    """A question padded to 8,000 bytes takes as much room as it has, however short its answer is."""
    memory = Memory(most=100_000)
    for number in range(100):
        memory.store(key("/v1/cost.txt", b"%08000d" % number), CachedAnswer(200, MutableHeaders(), b"1.25"))
    assert sum(memory.find(key("/v1/cost.txt", b"%08000d" % number)) is not None for number in range(100)) <= 12


def test_equal_questions_at_once_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty clients get one answer; another question is worked out beside it."""
    worked_out, arrived, everybody = [], [], threading.Event()
    compare, joined = questions.compared, Answers._joined

    def waiting_for_all(*question: Any, **more: Any) -> Any:
        worked_out.append(1)
        assert everybody.wait(PATIENCE)
        return compare(*question, **more)

    async def counted(answers: Answers, *request: Any) -> CachedAnswer:
        arrived.append(1)
        if len(arrived) == 21:
            everybody.set()
        return await joined(answers, *request)

    monkeypatch.setattr(questions, "compared", waiting_for_all)
    monkeypatch.setattr(Answers, "_joined", counted)
    app = create_app(reload=0)
    _ = app.state.shelf.current
    with TestClient(app) as client, ThreadPoolExecutor(21) as pool:
        answers = list(pool.map(client.get, [DATED] * 20 + [f"{DATED}&queries=3"]))
    assert [each.status_code for each in answers] == [200] * 21
    assert len({each.content for each in answers[:20]}) == 1
    assert len(worked_out) == 2


def test_a_client_that_goes_away_takes_the_answer_from_no_other() -> None:
    """Two ask the same, and the first one hangs up before there is an answer: the second one gets it."""

    async def both() -> list[Any]:
        worked_out = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await worked_out.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"1.25"})

        answers, sent = Answers(app, SimpleNamespace(loaded=SimpleNamespace(digest=""))), list[Any]()  # type: ignore[arg-type]
        scope = {"type": "http", "method": "GET", "path": "/v1/cost.txt", "query_string": b"", "headers": []}

        async def send(message: Any) -> None:
            sent.append(message.get("status") or message["body"])

        first, second = (asyncio.create_task(answers({**scope}, asyncio.sleep, send)) for _ in "12")  # type: ignore[arg-type]
        await asyncio.sleep(0)
        first.cancel()
        worked_out.set()
        await second
        return sent

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, both()).result() == [200, b"1.25"]


def test_one_client_leaves_threads_to_others() -> None:
    """A client has four questions, which wait until another client has had its answer: it has half of the threads."""
    done = threading.Event()

    async def at_once() -> str:
        workers = Workers()
        slow = [asyncio.create_task(workers.run(lambda: done.wait(PATIENCE), "one")) for _ in range(limits.WORKERS)]
        await asyncio.sleep(0)
        answer = await workers.run(lambda: "answered", "other")
        done.set()
        assert all(await asyncio.gather(*slow))
        workers.close()
        return answer

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, at_once()).result() == "answered"


def test_health_waits_for_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """`/healthz` and `/version` answer while the queue is full."""
    monkeypatch.setattr(limits, "QUEUE", 0)
    client = TestClient(create_app(reload=0))
    assert client.get(DATED).status_code == 503
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/version").status_code == 200


def test_similar_names_are_looked_up_for_the_first_unknown_models_of_a_list(client: TestClient) -> None:
    """Each look takes some milliseconds: those of the first 20 names are made, and every good record is priced."""
    good = {"model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 1}}
    question = [each for number in range(30) for each in (good | {"model": f"gpt-4oh{number}"}, good)]
    answers = client.post("/v1/quote", json=question).json()
    assert [each["total"] for each in answers[1::2]] == ["0.0000025"] * 30
    hints = ["did you mean" in each["error"]["message"] for each in answers[::2]]
    assert hints == [True] * limits.SUGGESTED + [False] * (30 - limits.SUGGESTED)


@pytest.mark.parametrize(
    ("path", "status", "kind", "word"),
    [
        ("/v1/compare?model=no-such-model&context=1M", 404, "unknown-model", "model"),
        ("/v1/compare?model=gpt-4o&context=1m", 422, "bad-quantity", "context"),
        ("/v1/compare?model=gpt-4o&context=0", 422, "bad-workload", "context"),
        ("/v1/compare?model=gpt-4o", 422, "bad-workload", "context"),
        ("/v1/compare?model=gpt-4o&pages=many", 422, "bad-quantity", "pages"),
        ("/v1/compare?model=gpt-4o&context=1K&images=30", 422, "bad-quantity", "images"),
        ("/v1/plan?model=gpt-4o&context=1K&audio=9", 422, "bad-quantity", "audio"),
        ("/v1/curve?model=claude-opus-5-5&video=2h", 422, "bad-document", "video"),
        ("/v1/compare?context=1K", 422, "bad-request", "model"),
        ("/v1/compare?model=gpt-4o&context=1K&contxt=2", 422, "bad-request", "contxt"),
        ("/v1/compare?model=gpt-4o&context=1K&context=2K", 422, "bad-request", "context"),
        ("/v1/compare?model=gpt-4o&context=1M&strategy=stored", 422, "not-sold", "strategy"),
        ("/v1/quote?model=gpt-4o&cache_write=5K", 422, "not-sold", "cache_write"),
        ("/v1/quote?model=gpt-4o&cache_write=5m%3D5K", 422, "not-sold", "cache_write"),
        ("/v1/quote?model=gpt-4o&audio=input%3D5K", 422, "not-sold", "audio"),
        ("/v1/quote?model=gpt-4o&fee=dreams%3D5", 422, "not-sold", "fee"),
        ("/v1/quote?model=gpt-4o&storage=1M@24h", 422, "not-sold", "storage"),
        ("/v1/compare?model=gpt-4o&context=1K&as_of=2020-01-01", 422, "not-in-force", "as_of"),
        ("/v1/quote?model=gpt-4o&input=1K&at=2020-01-01", 422, "not-in-force", "at"),
        ("/v1/quote?model=gpt-4o&input=1K&as_of=2020-01-01", 422, "not-in-force", "as_of"),
        ("/v1/compare?model=gpt-4o&context=1K&region=mars", 422, "not-sold", "region"),
        ("/v1/compare?model=gpt-4o&context=1K&budget=$5", 422, "bad-quantity", "budget"),
        ("/v1/compare?model=gpt-4o&context=1K&per=week", 422, "bad-workload", "per"),
        ("/v1/switch?model=gpt-4o&context=1K&turns=9&switch_to=gpt-4.1&at_turn=0", 422, "bad-workload", "at_turn"),
        ("/v1/prices?kind=cash_read", 422, "bad-request", "kind"),
        ("/v1/prices/history?model=gpt-4o&service=bach", 422, "bad-request", "service"),
        ("/v1/compare?model=gpt-4o&context=1K&thinking=maybe", 422, "bad-request", "thinking"),
        ("/v1/compare?model=gpt-4o&context=1K&number=hex", 422, "bad-request", "number"),
        ("/v1/compare?model=gpt-4o&context=1K&every=1h&over=2h", 422, "bad-workload", "every"),
        ("/v1/compare?model=gpt-4o&context=%FF", 422, "bad-request", None),
        ("/v1/curve?model=gpt-4o&context=1K&queries=1..1M", 422, "bad-workload", "queries"),
        ("/v1/sweep?model=gpt-4o&model=gpt-4.1&context=1K&sweep=answer%3D1..9", 422, "bad-request", "model"),
        ("/v1/models?provider=nobody", 422, "bad-quantity", "provider"),
        ("/v1/models/google/gpt-4o", 404, "unknown-model", "model"),
        ("/v1/nothing", 404, "not-found", None),
        ("/page/../app.py", 404, "not-found", None),
        ("/page/app.py", 404, "not-found", None),
        (f"/v1/compare?model=gpt-4o&context={'1' * 9000}", 414, "too-long", None),
    ],
)
def test_a_refusal_is_a_problem_that_points_at_the_word(
    client: TestClient, path: str, status: int, kind: str, word: str | None
) -> None:
    """RFC 9457: media type, type, status, a detail for people, and the parameter at fault."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:cachecost:{kind}", status)
    assert problem["detail"]
    assert [each["parameter"] for each in problem.get("errors", [])] == ([word] if word else [])


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (
            "/v1/sweep?model=gpt-4o&context=1K&sweep=context%3D1K..2K",
            "sweep: context is given too, and both say context; give one of them",
        ),
        ("/v1/compare?modl=gpt-4o&context=1K", "'modl' is not a word here (did you mean model?); expected answer, "),
        ("/v1/compare?model=gpt-4o&hit_rate=1", "'hit_rate' is not a word here (did you mean hit_share?); expected "),
        ("/v1/compare?model=gpt-4o&context=1K&dedicated=x", "dedicated: expected true or false, not 'x'"),
        ("/v1/compare?model=gpt-4o&context=1K&number=hex", "number: expected 'text' or 'float', not 'hex'"),
        ("/v1/sweep?model=gpt-4o&context=1K", "sweep: missing; expected a value such as question=100..1K:5"),
        ("/v1/breakpoints?model=gpt-4o", "part: missing; expected a value such as "),
        ("/v1/models/openai/zzz", "'openai/zzz' is not a model with a price sheet; see /v1/models"),
        ("/v1/quotes", "/v1/quotes answers nothing; did you mean /v1/quote?"),
        ("/v1/zzz", "/v1/zzz answers nothing; /v1 lists what does"),
        ("/v1/replay", "/v1/replay does not answer GET; expected POST"),
        ("/v1/prices?service=bach", "service: no price sheet has 'bach'; expected batch, "),
    ],
)
def test_a_refusal_says_what_was_expected(client: TestClient, path: str, detail: str) -> None:
    """With the word that was probably meant, a value that works, and where to look further."""
    assert client.get(path).json()["detail"].startswith(detail)


def test_every_wrong_word_is_named_at_once(client: TestClient) -> None:
    """A misspelt word comes first, since it may be one of those that are missing; the detail lists all words."""
    result = client.get("/v1/compare?contxt=1K&number=hex").json()
    assert [each["parameter"] for each in result["errors"]] == ["contxt", "model", "number"]
    assert result["detail"] == result["errors"][0]["detail"]
    assert "context" in result["detail"]
    result = client.post("/v1/curve?colour=1", json={"model": 7, "context": True, "turns": 3}).json()
    assert [each.get("pointer") or each["parameter"] for each in result["errors"]] == ["colour", "/turns", "/context"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ('{"model": "gpt-4o", "context": "1m"}', 422, "/context"),
        ('{"model": "gpt-4o", "context": 1.5}', 422, "/context"),
        ('{"model": "gpt-4o", "context": true}', 422, "/context"),
        ('{"model": "gpt-4o", "context": {"a": 1}}', 422, "/context"),
        ('{"model": "gpt-4o", "context": 10, "nonsense": 1}', 422, "/nonsense"),
        ('{"model": "gpt-4o", "context": 10, "file": "/etc/passwd"}', 422, "/file"),
        ("[1, 2]", 422, None),
        ('{"model": "gpt-4o", "context": NaN}', 400, None),
        ('{"model": ', 400, None),
        ("", 400, None),
        ("[" * 100_000, 400, None),
        ("\ud800".encode("utf-8", "surrogatepass"), 400, None),
    ],
)
def test_a_bad_body_is_a_problem_that_points_into_it(
    client: TestClient, body: str | bytes, status: int, pointer: str | None
) -> None:
    """A file of the server's own is no word of a body."""
    answer = client.post("/v1/compare", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [each["pointer"] for each in answer.json().get("errors", [])] == ([pointer] if pointer else [])


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"at": "2020-01-01"}, "/at"),
        ({"at": "noon"}, "/at"),
        ({"service": 1}, "/service"),
        ({"requests": 0}, "/requests"),
        ({"usage": 1}, "/usage"),
        ({"usage": {"input": -1}}, "/usage/input"),
        ({"usage": {"cache_write": 5}}, "/usage/cache_write"),
        ({"usage": {"cache_write": {"5m": -1}}}, "/usage/cache_write"),
        ({"usage": {"cache_write": {"1h": 1, "60m": 1}}}, "/usage/cache_write"),
        ({"usage": {"audio": {"input": 5}}}, "/usage/audio"),
        ({"usage": {"image": {"input": "many"}}}, "/usage/image"),
        ({"usage": {"fees": {"dreams": 5}}}, "/usage/fees"),
        ({"usage": {"fees": {"dreams": -5}}}, "/usage/fees"),
        ({"usage": {"storage_token_hours": 5}}, "/usage/storage_token_hours"),
        ({"usage": {"storage_token_hours": "5/0"}}, "/usage/storage_token_hours"),
    ],
)
def test_a_record_of_usage_is_refused_by_its_key(client: TestClient, record: dict[str, Any], pointer: str) -> None:
    """A pointer leads into the body: to a count below `usage`."""
    answer = client.post("/v1/quote", json={"model": "gpt-4o", "usage": {"input": 1}} | record)
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_an_empty_body_is_said_to_be_empty(client: TestClient) -> None:
    answer = client.post("/v1/compare")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith('the body is empty; expected an object of words, such as {"model": ')


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    """RFC 9110: 405 names the methods that are allowed."""
    answer = client.put("/v1/models")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["type"] == "urn:cachecost:method-not-allowed"
    assert client.delete("/v1/compare").headers["allow"] == "GET, HEAD, POST"
    assert client.head("/v1/replay").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ({"context": "1K", "model": [f"m{n}" for n in range(11)]}, "model"),
        ({"context": "1K", "model": "gpt-4o", "turns": limits.TURNS + 1}, "turns"),
        ({"context": "1K", "model": ["gpt-4o", "gpt-4.1"], "turns": limits.TURNS}, "turns"),
        ({"context": "1K", "model": "gpt-4o", "burst": "10@5m", "queries": limits.TIMES + 1}, "queries"),
        ({"context": "1K", "model": "gpt-4o", "over": "1d", "arrivals": "random", "queries": "1M"}, "queries"),
        ({"context": "1K", "model": "gpt-4o", "every": "1" * 201}, "every"),
        ({"context": "1K", "model": "gpt-4o", "strategy": ["fresh"] * 21}, "strategy"),
    ],
)
def test_what_would_take_seconds_is_refused_at_once(client: TestClient, question: dict[str, Any], word: str) -> None:
    """Models, turns, instants, texts: each has an end, and the refusal says where."""
    answer = client.post("/v1/compare", json=question)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{word}"


@pytest.mark.parametrize(
    ("route", "words", "word"),
    [
        ("compact", {"model": "gpt-4o", "context": "1K", "to": "50"}, "to"),
        ("fanout", {"model": "gpt-4o", "context": "1K", "requests": "0"}, "requests"),
        ("breakpoints", {"model": "claude-opus-5-5", "part": "a=1K", "rate": "12/h", "ttl": "x"}, "ttl"),
        ("bounds", {"model": "gpt-4o", "input": "1K", "within": "x"}, "within"),
        ("compare", {"model": "gpt-4o", "context": "1K", "budget": "x"}, "budget"),
        (
            "switch",
            {"model": "gpt-4o", "switch_to": "gpt-4.1", "context": "1K", "turns": "3", "at_turn": "x"},
            "at_turn",
        ),
    ],
)
def test_a_refusal_by_the_engine_names_every_word_that_a_route_takes(
    client: TestClient, route: str, words: dict[str, Any], word: str
) -> None:
    """As a parameter of a query, and as a pointer into a body, whatever the Content-Type of that."""
    for answer, place in (
        (client.get(f"/v1/{route}", params=words), {"parameter": word}),
        (client.post(f"/v1/{route}", content=json.dumps(words)), {"pointer": f"/{word}"}),
    ):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error) == (422, place | {"detail": answer.json()["detail"]})


def test_a_refusal_of_a_search_names_its_word(client: TestClient) -> None:
    assert client.get("/v1/models?sort=nope").json()["errors"][0]["parameter"] == "sort"


def test_a_curve_of_bursts_has_an_end(client: TestClient) -> None:
    """2,000 points of up to 2,000 instants are four million; with a step they are fewer, and answered."""
    question = {"model": "gpt-4o", "context": "1K", "burst": "3@5m"}
    assert (
        client.get("/v1/curve", params=question | {"queries": "1..2000"}).json()["errors"][0]["parameter"] == "queries"
    )
    assert client.get("/v1/curve", params=question | {"queries": "1..2000:100"}).status_code == 200


def test_quotes_by_the_list_have_an_end(client: TestClient) -> None:
    """A thousand are answered, one more is refused."""
    record = {"model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 1}}
    assert len(client.post("/v1/quote", json=[record] * limits.QUOTES).json()) == limits.QUOTES
    assert client.post("/v1/quote", json=[record] * (limits.QUOTES + 1)).status_code == 422


def test_a_body_is_counted_as_it_comes(client: TestClient) -> None:
    """Without a length, in chunks, and even where the length is a lie."""

    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    answer = client.post("/v1/compare", content=chunks())
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:cachecost:too-large")


def test_what_takes_too_long_is_given_up() -> None:
    """504 after the time that is allowed, while the next question is answered."""
    app = create_app(reload=0)
    workers: Workers = app.state.workers
    client = TestClient(app)
    client.get(DATED)
    workers.seconds = 0
    late = client.get(f"{DATED}&queries=3")
    assert (late.status_code, late.json()["type"]) == (504, "urn:cachecost:timeout")
    workers.seconds = PATIENCE
    assert client.get(f"{DATED}&queries=3").status_code == 200


@pytest.mark.parametrize(
    "question",
    [
        "/v1/compare?model=deepseek-v4-pro&context=1K&every=1s&queries=1000000000",
        "/v1/curve?context=100K&model=deepseek-v4-pro&queries=1..100000:50&every=23h",
        "/v1/curve?context=5000&model=gemini-3.6-flash&queries=1..100000:50&rate=12/h&strategy=stored:15m",
        "/v1/plan?context=100K&model=deepseek-v4-pro&queries=100000&every=23h&over_history=true",
        "/v1/plan?context=100K&model=deepseek-v4-pro&queries=10000&rate=12/h&arrivals=poisson",
        "/v1/plan?all=true&over_history=true&context=100K&queries=10000&over=36500d",
    ],
)
def test_what_would_take_long_is_refused_before_it_is_worked_on(client: TestClient, question: str) -> None:
    """Rates of DeepSeek change several times a day: over years, or at random over weeks, that is a lot of work."""
    answer = client.get(f"{question}&as_of=2026-11-01")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "queries")
    assert "seconds of work are too much to answer over HTTP" in answer.json()["detail"]


def test_a_full_queue_says_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After instead of a wait without end."""
    monkeypatch.setattr(limits, "QUEUE", 0)
    answer = TestClient(create_app(reload=0)).get(DATED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_other_origins_may_ask_only_where_they_are_named() -> None:
    """Off by default; by list where asked for."""
    there = {"Origin": "https://example.org"}
    closed, open_ = (TestClient(create_app(reload=0, cors=cors)) for cors in ((), ("https://example.org",)))
    assert "access-control-allow-origin" not in closed.get(DATED, headers=there).headers
    assert open_.get(DATED, headers=there).headers["access-control-allow-origin"] == "https://example.org"
    assert "access-control-allow-origin" not in open_.get(DATED, headers={"Origin": "https://evil.example"}).headers
    question = there | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert open_.options("/v1/compare", headers=question).status_code == 200


def test_every_request_has_an_id_and_a_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A sane id is taken over, any other is made; the line says what was asked and how it went."""
    log = logging.getLogger("cachecost")
    log.addHandler(caplog.handler)
    try:
        assert client.get(DATED, headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
        made = client.get("/v1/nothing", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"]
    finally:
        log.removeHandler(caplog.handler)
    messages = [(each.path, each.status, each.id) for each in caplog.records]  # type: ignore[attr-defined]
    assert messages == [("/v1/compare", 200, "abc-1"), ("/v1/nothing", 404, made)]
    assert made.isalnum()


def test_a_line_of_the_log_is_json() -> None:
    """One object a line, time in UTC."""
    from cachecost_api.middleware.logs import Lines

    record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "status": 200, "created": 0.25})
    line = json.loads(Lines().format(record))
    assert line == {"time": "1970-01-01T00:00:00.250Z", "level": "info", "message": "request", "status": 200}


def test_a_fault_of_ours_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 without a trace in the answer, and with the id under which the log has it."""
    monkeypatch.setattr("cachecost_api.routes.questions.compared", None)
    answer = TestClient(create_app(reload=0)).get(DATED)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:cachecost:fault")
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"]


def test_the_reference_names_no_other_host(client: TestClient) -> None:
    """Swagger UI and its style come from an installed package; without a network they are there all the same."""
    page = client.get("/docs").text
    assert "//" not in re.sub(r"(?m)^\s*//.*|<!--.*?-->", "", page)
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {name.rpartition(".")[2] for name in files} == {"js", "css", "png"}
    for name in files:
        assert client.get(name).status_code == 200


def test_the_page_is_served_with_a_policy(client: TestClient) -> None:
    """Nothing from elsewhere may be loaded, and its files are tagged."""
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
