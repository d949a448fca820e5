"""A cache of answers: a body that was worked out serves the same question until the minute or a sheet changes.

An answer is a pure function of the question, the price sheets and the minute (the day, where `as_of` is given), so its
ETag is a digest of its bytes and a browser that has it gets a 304. https://www.rfc-editor.org/rfc/rfc9110#name-etag
Sheets and time are looked at once, here, for the key and for the answer under it. A browser keeps an answer for a
minute without asking again, since a price may be corrected at any time.
"""

import asyncio
import gzip
import re
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachecost import clock

from ..sheets import Shelf

CACHED = 64_000_000
"""Bytes of all answers in the cache; the one used least recently goes first."""
SMALL = 700
"""Bytes of a body that is not worth compressing."""
LINES = "application/x-ndjson"
DATED = re.compile(rb"(?:^|&)(?:as_of|at)=[^&]")


class CacheKey(NamedTuple):
    """A question, the digest of the sheets that answer it, the day, and the minute where the answer depends on it."""

    path: str
    query: bytes
    sheets: str
    day: int
    minute: int | None


@dataclass(slots=True)
class CachedAnswer:
    """A whole answer, and the route that gave it; `packed` is its compressed body, empty until a client takes it, None
    where it is not worth it."""

    status: int
    headers: MutableHeaders
    body: bytes
    packed: bytes | None = None
    route: Any = None

    async def compressed(self) -> bytes:
        """The same bytes for the same body at any time."""
        if not self.packed:
            self.packed = await asyncio.to_thread(gzip.compress, self.body, 5, mtime=0)
        return self.packed


class Memory:
    """Answers by question, up to so many bytes."""

    def __init__(self, most: int = CACHED) -> None:
        self.most, self.size = most, 0
        self._answers: OrderedDict[CacheKey, CachedAnswer] = OrderedDict()

    def find(self, key: CacheKey) -> CachedAnswer | None:
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def store(self, key: CacheKey, answer: CachedAnswer) -> None:
        size = _size(key, answer)
        if size > self.most // 4 or key in self._answers:
            return
        self._answers[key] = answer
        self.size += size
        while self.size > self.most:
            self.size -= _size(*self._answers.popitem(last=False))


def _size(key: CacheKey, answer: CachedAnswer) -> int:
    """Bytes in memory, of a compressed body as much as it may come to be."""
    return len(key.path) + len(key.query) + len(answer.body) * (1 if answer.packed is None else 2) + 1_500


class Answers:
    """ASGI in front of the application. Equal questions that come while the first is being answered wait for it."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self.app, self.shelf, self.memory = app, shelf, Memory()
        self._coming: dict[CacheKey, asyncio.Task[CachedAnswer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        now, sheets = clock.now(), self.shelf.loaded
        scope["now"], scope["sheets"] = now, sheets
        if takes_lines(scope):  # they are sent as they come
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and scope["path"].startswith("/v1/") and sheets:
            minute = None if DATED.search(scope["query_string"]) else now.hour * 60 + now.minute
            key = CacheKey(scope["path"], scope["query_string"], sheets.digest, now.toordinal(), minute)
            answer = self.memory.find(key) or await self._joined(key, scope, receive)
            scope["route"] = answer.route
            await _send(answer, scope, send)
        else:
            await _send(await self._ask(scope, receive), scope, send)

    async def _joined(self, key: CacheKey, scope: Scope, receive: Receive) -> CachedAnswer:
        """The answer that is on its way to another client, or a new one."""
        if not (coming := self._coming.get(key)):
            coming = self._coming[key] = asyncio.create_task(self._ask(scope, receive))
            coming.add_done_callback(lambda _: self._coming.pop(key))
        answer = await asyncio.shield(coming)  # a client that goes away takes it from no other
        if answer.status == 200:
            self.memory.store(key, answer)
        return answer

    async def _ask(self, scope: Scope, receive: Receive) -> CachedAnswer:
        """The whole answer of the application, which is asked for its body where the client wants the head alone."""
        status, headers, parts = 500, MutableHeaders(), list[bytes]()

        async def take(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], MutableHeaders(raw=list(message["headers"]))
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        request = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        await self.app(request, receive, take)
        scope["route"] = request.get("route")
        body = b"".join(parts)
        if status == 200 and scope["method"] in ("GET", "HEAD"):
            headers["etag"] = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
            headers.setdefault(
                "cache-control", "public, max-age=60" if scope["path"].startswith("/v1/") else "no-cache"
            )
        if len(body) <= SMALL or headers.get("content-type") == "image/png":
            return CachedAnswer(status, headers, body, None, scope["route"])
        headers.add_vary_header("Accept-Encoding")
        return CachedAnswer(status, headers, body, b"", scope["route"])


async def _send(answer: CachedAnswer, scope: Scope, send: Send) -> None:
    """The answer as this request can take it: nothing where it has it already, compressed where it says so."""
    request, headers = Headers(scope=scope), MutableHeaders(raw=list(answer.headers.raw))
    status, body = answer.status, answer.body
    del headers["content-length"]
    if "etag" in headers and matches(",".join(request.getlist("if-none-match")), headers["etag"]):
        status, body = 304, b""
        del headers["content-type"]
    else:
        if answer.packed is not None and takes_gzip(request.get("accept-encoding", "")):
            body, headers["content-encoding"] = await answer.compressed(), "gzip"
        headers["content-length"] = str(len(body))
    await send({"type": "http.response.start", "status": status, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names the tag: a list of tags or `*`, compared weakly."""
    return header.strip() == "*" or etag.removeprefix("W/") in (
        each.strip().removeprefix("W/") for each in header.split(",")
    )


def takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding allows gzip: named, or `*`, and not with q=0."""
    allowed: dict[str, bool] = {}
    for each in header.lower().split(","):
        name, _, more = each.partition(";")
        allowed[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", more)
    return allowed.get("gzip", allowed.get("*", False))


def takes_lines(scope: Scope) -> bool:
    """Whether the client sends something and asks for lines of JSON."""
    accepts = (value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] == "POST" and any(LINES.encode() in value.lower() for value in accepts)


def template(scope: Scope) -> str:
    """The route that answered, with the names of its parts and not their values; `other` where none did."""
    return str(getattr(scope.get("route"), "path", "") or "other")
