"""A real server under attack: what is no HTTP, clients that dawdle, a thousand connections at once."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cachecost_api import limits

from .. import conftest
from ..command import shelf
from ..server import Server

resource = pytest.importorskip("resource", reason="needs limits on open files, as Unix has them")
ASK = "/v1/cost.txt?model=gpt-4o&context=100K&as_of=2026-11-01&question=0&answer=0"
GOOD: dict[str, Any] = {"model": "gpt-4o", "context": "100K", "as_of": "2026-11-01"}
CONNECTIONS = 1_000
ROOM = 2 * (64 + 64)
"""MB by which the server may grow under a thousand connections that send a million bytes each: 64 MB of bodies that it
holds at once, 64 KB read ahead a connection, and as much again for what the allocator keeps. All of them are 1,000."""
PATIENCE = 1
"""Seconds that the impatient server waits for a head or a body; `patient` waits for as long as any test may take."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf(tmp_path_factory.mktemp("sheets"), "openai/gpt-4o", "deepseek/deepseek-v4-pro")


@pytest.fixture(scope="module")
def patient(folder: Path) -> Iterator[Server]:
    result = Server("--prices", folder)
    yield result
    result.stop()


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = 2 * CONNECTIONS + 200
    if hard not in (resource.RLIM_INFINITY,) and hard < need:
        pytest.skip(f"needs {need} open files, and the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, need), hard))
    result = Server("--prices", folder, first=f"from cachecost_api import limits; limits.SLOW = {PATIENCE}")
    yield result
    result.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory(server: Server) -> int:
    """Resident megabytes of the server's process."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("needs /proc to know how much memory a process has")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def in_a_thread(talk: Coroutine[Any, Any, Any]) -> Any:
    """What a talk comes to, outside the thread in which a browser of other tests may run an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, talk).result()


async def say(server: Server, *parts: bytes, pause: float = 0, ends: bool = True) -> bytes:
    """What comes back on a connection that says these parts, with a pause after each."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        return await reader.read() if ends else await reader.readuntil(b"\r\n\r\n")
    except ConnectionError:
        return b""
    finally:
        writer.close()


def head(method: str = "GET", path: str = ASK, **headers: str) -> bytes:
    messages = {"Host": "here", "Connection": "close"} | {
        name.replace("_", "-"): each for name, each in headers.items()
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {each}" for name, each in messages.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def status(answer: bytes) -> int:
    """The status, where the answer is a right one or a problem."""
    first, _, body = answer.partition(b"\r\n\r\n")
    result = int(first.split()[1])
    kind = next(line for line in first.lower().split(b"\r\n") if line.startswith(b"content-type"))
    if result != 200:
        assert kind.endswith(b"application/problem+json"), first
        assert json.loads(body)["status"] == result
    return result


def test_what_is_no_http_is_a_problem_too(patient: Server) -> None:
    """A line that is no request, a header without end, a length that lies, a body without length that ends early."""

    async def all_of_them() -> list[bytes]:
        body = json.dumps(GOOD).encode()
        return await asyncio.gather(
            say(patient, b"hello\r\n\r\n"),
            say(patient, b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n"),
            say(patient, head("POST", "/v1/compare", Content_Length="ten")),
            say(patient, head("POST", "/v1/compare", Transfer_Encoding="chunked") + b"zz\r\n"),
            say(
                patient,
                head("POST", "/v1/compare", Transfer_Encoding="chunked"),
                b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
            ),
            say(
                patient,
                head("POST", "/v1/compare", Content_Encoding="gzip", Content_Length="40") + gzip.compress(body)[:40],
            ),
        )

    line, endless, *others = in_a_thread(all_of_them())
    assert [status(each) for each in (line, *others)] == [400, 400, 400, 200, 400]
    # A client that is still talking when the door closes may be cut off before the reason arrives.
    assert not endless or status(endless) == 400


def test_a_client_that_sends_far_too_much_hears_why(patient: Server) -> None:
    """Eight million bytes, all of them sent before the answer is read."""
    wire = http.client.HTTPConnection(patient.url.removeprefix("http://"), timeout=conftest.PATIENCE)
    wire.request("POST", "/v1/quote", body=b" " * 8_000_000)
    answer = wire.getresponse()
    assert (answer.status, json.loads(answer.read())["status"]) == (413, 413)
    wire.close()


POST = head("POST", "/v1/compare", Content_Length="500")


def stuck(server: Server) -> list[Coroutine[Any, Any, bytes]]:
    """Half a head, half a body, nothing at all, and 200 heads without end; then not a word more."""
    unfinished = [head()[:40], POST + b"{", b"", *[head()[:-2]] * 200]
    return [say(server, each) for each in unfinished]


def test_a_slow_client_is_answered_with_a_timeout(server: Server) -> None:
    """408 for each; a head by the letter or a body by the byte may be cut off before the reason is read."""

    async def slow() -> tuple[list[bytes], list[bytes]]:
        letters, bytes_ = [bytes([each]) for each in head()], [b" "] * 100
        trickled = (say(server, *letters, pause=PATIENCE / 10), say(server, POST, *bytes_, pause=PATIENCE / 10))
        return await asyncio.gather(asyncio.gather(*stuck(server)), asyncio.gather(*trickled))

    silent, trickled = in_a_thread(slow())
    assert {status(each) for each in silent} == {408}
    assert {status(each) for each in trickled if each} <= {408}


def test_more_connections_than_allowed_are_asked_to_come_back(folder: Path) -> None:
    """With room for eight, the ninth hears 503 at once; when the others have gone, the next one is answered."""
    first = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (72, 72))"
    crowded = Server("--prices", folder, first=first)

    async def crowd() -> tuple[bytes, bytes]:
        host, port = crowded.url.removeprefix("http://").split(":")
        held = [await asyncio.open_connection(host, int(port)) for _ in range(8)]
        refused = await say(crowded, b"")
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        for _ in range(100 * conftest.PATIENCE):  # until the server has seen that they are gone
            if (answer := await say(crowded, head())) and status(answer) == 200:
                break
            await asyncio.sleep(PATIENCE / 100)
        return refused, answer

    try:
        refused, answer = in_a_thread(crowd())
    finally:
        crowded.stop()
    assert (status(refused), status(answer)) == (503, 200)


def test_who_dawdles_holds_nobody_up(patient: Server) -> None:
    """Others are answered while a server that waits for long still waits for them."""

    async def quick() -> list[bytes]:
        waiting = [asyncio.create_task(each) for each in stuck(patient)]
        result = [await say(patient, head()) for _ in range(20)]
        assert not any(each.done() for each in waiting)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return result

    assert {status(each) for each in in_a_thread(quick())} == {200}


@pytest.mark.external
def test_a_thousand_at_once_are_answered_in_bounded_memory(server: Server) -> None:
    """A thousand connections, each with a different question, then each with most of a million bytes and no end."""

    async def questions() -> list[bytes]:
        question = (say(server, head(path=ASK.replace("100K", str(10_000 + each)))) for each in range(CONNECTIONS))
        return await asyncio.gather(*question)

    async def bodies() -> list[bytes]:
        post = head("POST", "/v1/compare", Content_Length=str(limits.BODY))
        return await asyncio.gather(*(say(server, post, b" " * (limits.BODY - 10)) for _ in range(CONNECTIONS)))

    in_a_thread(say(server, head()))
    before = memory(server)
    # How many are answered in time depends on the machine; each of the others is answered with the reason.
    assert {status(each) for each in in_a_thread(questions()) if each} <= {200, 408, 503, 504}
    refused = [status(each) for each in in_a_thread(bodies()) if each]
    assert set(refused) <= {408, 503}
    assert memory(server) - before < ROOM
    assert status(in_a_thread(say(server, head()))) == 200


def test_a_connection_serves_many_questions(server: Server) -> None:
    """Patience is for a head that has begun: between two questions on one connection there may be a pause."""
    wire = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=conftest.PATIENCE)
    for _ in range(3):
        wire.request("GET", ASK)
        answer = wire.getresponse()
        assert (answer.status, answer.read()) == (200, b"1.37536")
        time.sleep(PATIENCE * 1.2)
    wire.close()
