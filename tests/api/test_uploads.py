"""Files that are sent: a document is counted, a log is priced and replayed, both as on the command line."""

from __future__ import annotations

import functools
import gzip
import io
import json
import threading
import time
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient

from cachecost_api import create_app, limits
from cachecost_api.replaying import Replay

from ..command import run
from ..conftest import PATIENCE, ROOT

LOG = ROOT / "tests/logs/claude_code.jsonl"
TEXT = "One token is about four characters of English text. " * 200


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(reload=0))


def test_a_replay_over_http_is_the_report_of_the_command_line(client: TestClient, tmp_path: Path) -> None:
    """Every figure, under the name that the file was sent with; a packed log is read too."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(LOG.read_bytes())
    wanted = run("replay", str(log), "--by", "day", "--model", "gpt-5.6-luna", "--json").json
    words = {"name": "log.jsonl", "by": "day", "model": "gpt-5.6-luna"}
    for body in (LOG.read_bytes(), gzip.compress(LOG.read_bytes())):
        answer = client.post("/v1/replay", params=words, content=body).json()
        assert answer["accounting"]["files"][0].pop("name") == "log.jsonl"
        assert answer | {"accounting": None} == wanted | {"accounting": None}


@pytest.mark.parametrize("path", ["/v1/count", "/v1/replay"])
def test_a_form_is_refused(client: TestClient, path: str) -> None:
    """`curl -F file=@ask.md` puts lines around the file, which would be counted as words of it."""
    answer = client.post(path, files={"file": ("ask.md", TEXT)})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:cachecost:not-a-file")
    assert "--data-binary @FILE" in answer.json()["detail"]


LINES = {"Accept": "application/x-ndjson"}


def test_a_replay_in_lines_ends_with_the_same_answer(client: TestClient) -> None:
    """Before it at least one line that says how far the reading is: of all bytes of the log."""
    words = {"name": "log.jsonl", "number": "float"}
    plain = client.post("/v1/replay", params=words, content=LOG.read_bytes()).json()
    answer = client.post("/v1/replay", params=words, content=LOG.read_bytes(), headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, *_, last = (json.loads(line) for line in answer.text.splitlines())
    assert first["progress"]["of"] == len(LOG.read_bytes())
    assert last == {"answer": plain}


def test_what_is_refused_while_lines_are_sent_is_a_problem_in_the_last(client: TestClient) -> None:
    """A word is refused before any line, with its status; a model is looked up when lines have begun."""
    ask = functools.partial(client.post, "/v1/replay", content=LOG.read_bytes(), headers=LINES)
    assert ask(params={"by": "colour"}).status_code == 422
    assert client.post("/v1/replay", headers=LINES).status_code == 422
    last = json.loads(ask(params={"model": "nonsense"}).text.splitlines()[-1])
    assert (last["problem"]["status"], last["problem"]["errors"][0]["parameter"]) == (404, "model")


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/v1/replay?model=nonsense", LOG.read_bytes(), {"parameter": "model"}),
        ("/v1/replay?by=colour", LOG.read_bytes(), {"parameter": "by"}),
        ("/v1/quote?discount=2", b'{"model": "gpt-4o", "usage": {"input": 1}}', {"parameter": "discount"}),
        ("/v1/quote?discount=10%25", b'{"model": "gpt-4o", "usage": {"input": -1}}', {"pointer": "/usage/input"}),
    ],
)
def test_a_refusal_says_whether_the_word_stands_in_the_query_or_in_the_body(
    client: TestClient, path: str, body: bytes, errors: dict[str, str]
) -> None:
    """A pointer leads into a JSON body (RFC 6901); a log has no words, and a query may have some beside a body."""
    refused = client.post(path, content=body).json()["errors"][0]
    assert {key: refused[key] for key in refused if key != "detail"} == errors


def test_progress_comes_before_the_answer_and_a_client_that_hangs_up_stops_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over a real connection to a replay that goes on until it is stopped: an answer never comes, but a first line."""
    stopped, end = threading.Event(), Replay._end_if_stopped

    def endless(self: Replay) -> None:
        while not self._stopped:
            time.sleep(0.01)
        stopped.set()
        end(self)

    monkeypatch.setattr(Replay, "_end_if_stopped", endless)
    server = uvicorn.Server(uvicorn.Config(create_app(reload=0), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        connection = HTTPConnection(*server.servers[0].sockets[0].getsockname(), timeout=PATIENCE)
        connection.request("POST", "/v1/replay", LOG.read_bytes(), LINES)
        with connection.getresponse() as answer:
            assert json.loads(answer.readline())["progress"]["stage"] == "reading"
        connection.close()
        assert stopped.wait(PATIENCE)
    finally:
        server.should_exit = True
        thread.join()


def test_a_log_without_a_price_says_why(client: TestClient) -> None:
    """What is no log is no fault of the server: the report accounts for its lines."""
    answer = client.post("/v1/replay", params={"name": "x.jsonl"}, content=b'{"hello": 1}\n').json()
    assert (answer["requests"], answer["totals"], answer["accounting"]["total"]["entries"]) == (0, {}, 1)


def test_a_word_that_groups_nothing_is_refused(client: TestClient) -> None:
    """With the word at fault."""
    answer = client.post("/v1/replay", params={"by": "colour"}, content=LOG.read_bytes())
    assert (answer.status_code, answer.json()["detail"][:36]) == (422, "by: 'colour' is not a way to group s")


def test_media_are_counted_for_each_way_in_which_vendors_count(client: TestClient) -> None:
    """30 images of 1000 x 1000 are 36 * 36 tokens each for Claude: 38,880; with or without a document."""
    words = {"images": "30@1000x1000"}
    alone = client.get("/v1/count", params=words).json()
    assert (alone["name"], alone["characters"], alone["families"]) == ("", 0, [])
    (claude,) = (each for each in alone["media"] if "anthropic/claude-opus-5-5" in each["models"])
    assert (claude["low"], claude["tokens"], claude["high"]) == (38_880, 38_880, 38_880)
    both = client.post("/v1/count", params=words | {"name": "a.txt"}, content=TEXT.encode()).json()
    assert (both["media"], both["characters"]) == (alone["media"], len(TEXT))


@pytest.mark.parametrize(
    ("words", "parameter"),
    [({}, "pages"), ({"pages": "0"}, "pages"), ({"images": "3"}, "images"), ({"audio": "9"}, "audio")],
)
def test_media_that_cannot_be_counted_are_refused_by_their_word(
    client: TestClient, words: dict[str, str], parameter: str
) -> None:
    answer = client.get("/v1/count", params=words)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter)


def test_a_document_is_counted_for_each_family(client: TestClient) -> None:
    """The count for a model is that of `compare --file`; each model on sale is in one family."""
    answer = client.post("/v1/count", params={"name": "a.txt"}, content=TEXT.encode()).json()
    assert answer["characters"] == len(TEXT)
    for each in answer["families"]:
        assert each["low"] <= each["tokens"] <= each["high"]
    models = [model for each in answer["families"] for model in each["models"]]
    assert len(models) == len(set(models)) == len(client.get("/v1/models").json()["models"])


def test_a_count_is_that_of_the_command_line(client: TestClient, tmp_path: Path) -> None:
    """For a Claude model, whose tokens are an estimate."""
    page = tmp_path / "page.html"
    page.write_text(f"<html><script>hidden()</script><body><p>{TEXT}</p></body></html>")
    families = client.post("/v1/count", params={"name": "page.html"}, content=page.read_bytes()).json()["families"]
    counted = next(each for each in families if "anthropic/claude-opus-5-5" in each["models"])
    answer = run("compare", "claude-opus-5-5", "--file", str(page), "--json").json
    assert answer["workload"]["context"] == counted["tokens"]


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("a.txt", b"", "no text in it"),
        ("a.txt", b"\xff\xfe\xff", "not text"),
        ("a.pdf", b"%PDF-nothing", "a broken PDF"),
        ("../../etc/passwd.pdf", b"", "passwd.pdf"),
    ],
)
def test_what_is_no_document_is_refused(client: TestClient, name: str, body: bytes, message: str) -> None:
    """In one sentence, which names the file without any folder."""
    answer = client.post("/v1/count", params={"name": name}, content=body)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert "etc" not in answer.json()["detail"]


def test_what_unpacks_to_far_too_much_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document and a log whose few bytes unpack to more than is read."""
    monkeypatch.setattr(limits, "UNPACKED", 100_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", " " * 200_000)
    answer = client.post("/v1/count", params={"name": "a.docx"}, content=packed.getvalue())
    assert (answer.status_code, "unpacked" in answer.json()["detail"]) == (422, True)
    answer = client.post("/v1/replay", params={"name": "a.jsonl"}, content=gzip.compress(b" " * 200_000))
    assert (answer.status_code, "unpacks to more" in answer.json()["detail"]) == (422, True)


def test_a_file_may_be_larger_than_a_question_and_has_a_limit_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million bytes for a question, more for a file."""
    monkeypatch.setattr(limits, "BODY", 1_000)
    monkeypatch.setattr(limits, "UPLOAD", 20_000)
    assert client.post("/v1/count", params={"name": "a.txt"}, content=TEXT.encode()).status_code == 200
    answer = client.post("/v1/count", params={"name": "a.txt"}, content=b"x" * 20_001)
    assert (answer.status_code, json.loads(answer.content)["title"]) == (413, "too large")
    assert client.post("/v1/compare", content=b" " * 1_001).status_code == 413
