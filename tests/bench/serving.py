"""The server: requests a second beside a bare FastAPI with as many bytes, latency at half load, and its start."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

BIN = Path(sys.executable).parent
HELLO = """\
import os
from fastapi import FastAPI, Response
app = FastAPI()
body = b"x" * int(os.environ["BYTES"])
@app.get("/")
async def hello() -> Response:
    return Response(body, media_type="application/json")
"""
# Every request another question; each run begins where no run before it has been.
DIFFERENT = """\
local n = tonumber(os.getenv("FIRST"))
function request() n = n + 1; return wrk.format("GET", os.getenv("ASK") .. "&queries=" .. n) end
"""
MODELS = ("openai/gpt-4o", "anthropic/claude-opus-5-5", "google/gemini-2.5-pro")
ASK = "/v1/compare?context=100K&question=200&answer=500&model="
ROUNDS, SECONDS, CONNECTIONS = 3, 3, 16


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def served(command: list[str], path: str, **env: str) -> Iterator[tuple[str, float]]:
    """The address of a server, and the seconds from its start to its first answer."""
    port = free_port()
    address, begin = f"http://127.0.0.1:{port}", time.perf_counter()
    kept = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    with subprocess.Popen([*command, "--port", str(port)], env=kept | env, stderr=subprocess.DEVNULL) as process:
        try:
            yield address, _first(address + path, begin)
        finally:
            process.terminate()


def _first(address: str, begin: float) -> float:
    while True:
        try:
            urlopen(address).close()
            return time.perf_counter() - begin
        except OSError:
            time.sleep(5 / 1000)


def wrk(address: str, *arguments: str, **env: str) -> float:
    """Requests a second; an answer that is none ends the bench."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *arguments, address]
    messages = subprocess.run(command, env=os.environ | env, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in messages or "If-None-Match" in " ".join(arguments), messages
    return float(re.findall(r"Requests/sec: +([\d.]+)", messages)[0])


def tag(address: str) -> str:
    with urlopen(address) as answer:
        return str(answer.headers["etag"])


async def at_rate(address: str, path: str, rate: float, seconds: float = 4) -> list[float]:
    """Seconds from the moment at which each request was due to the end of its answer, at so many a second."""
    host, port = address.removeprefix("http://").split(":")
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection(host, int(port)))
    taken: list[float] = []
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()

    async def ask(due: float) -> None:
        reader, writer = await idle.get()
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.findall(rb"content-length: (\d+)", answer.lower())[0]))
        taken.append(time.perf_counter() - due)
        idle.put_nowait((reader, writer))

    begin, question = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        due = begin + number / rate
        while (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        question.append(asyncio.create_task(ask(due)))
    await asyncio.gather(*question)
    while not idle.empty():
        idle.get_nowait()[1].close()
    return sorted(taken)


def percentiles(taken: list[float]) -> tuple[float, float]:
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def start() -> None:
    """From the command to the first answer, sheets kept compiled from before."""
    command, path = [str(BIN / "cachecost"), "serve"], f"{ASK}{MODELS[0]}"
    taken = []
    for _ in range(5):
        with served(command, path) as (_, seconds):
            taken.append(seconds)
    print(f"serve, start to first answer   {statistics.median(taken) * 1e3:8.0f} ms\n")


def load() -> None:
    """One question again and again, all questions different, and what the asker has already."""
    paths = {model: f"{ASK}{model}" for model in MODELS}
    with (
        served([str(BIN / "cachecost"), "serve"], paths[MODELS[0]]) as (ours, _),
        tempfile.TemporaryDirectory() as room,
    ):
        with urlopen(ours + paths[MODELS[0]]) as answer:
            size = len(answer.read())
        (Path(room) / "hello.py").write_text(HELLO, encoding="utf-8")
        (Path(room) / "different.lua").write_text(DIFFERENT, encoding="utf-8")
        command = [str(BIN / "uvicorn"), "hello:app", "--app-dir", room, "--no-access-log", "--log-level", "warning"]
        with served(command, "/", BYTES=str(size)) as (hello, _):
            rates = rounds(ours, hello, paths, Path(room) / "different.lua")
            compared(rates, size)
            half = {"hello": (hello, "/"), "one question": (ours, paths[MODELS[0]])}
            for name, (address, path) in half.items():
                p50, p99 = percentiles(asyncio.run(at_rate(address, path, rates[name] / 2)))
                print(f"  at half load, {name:<14} p50 {p50 * 1e3:6.2f} ms, p99 {p99 * 1e3:6.2f} ms: {p99 / p50:.1f}x")
    print()


def rounds(ours: str, hello: str, paths: dict[str, str], script: Path) -> dict[str, float]:
    """Median requests a second of each load, taken in turns so that they share the machine's moods."""
    first, known = itertools.count(1, 1_000_000), ours + paths[MODELS[0]]
    results: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        messages = {"hello": wrk(hello), "one question": wrk(known)}
        messages["304"] = wrk(known, "-H", f"If-None-Match: {tag(known)}")
        for model, path in paths.items():
            messages[f"all different, {model}"] = wrk(ours, "-s", str(script), ASK=path, FIRST=str(next(first)))
        for name, rate in messages.items():
            results.setdefault(name, []).append(rate)
    return {name: statistics.median(each) for name, each in results.items()}


def compared(rates: dict[str, float], size: int) -> None:
    hello = rates["hello"]
    print(f"FastAPI hello of {size:,} bytes {hello:10,.0f} requests a second")
    for name, rate in rates.items():
        if name != "hello":
            print(f"  {name:<42} {rate:8,.0f}, {rate / hello:.0%} of hello")


def serving() -> None:
    """All of it; without wrk, only the start."""
    start()
    if shutil.which("wrk"):
        load()
    else:
        print("the load of the server needs wrk in the path\n")


if __name__ == "__main__":
    serving()
