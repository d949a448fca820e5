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
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachecost import clock

from ..progress import takes_lines
from ..sheets import Shelf

CACHED = 64_000_000
"""Bytes of all answers in the cache; the one used least recently goes first."""
SMALL = 700
"""Bytes of a body that is not worth compressing."""
MINUTE = 60
DATED = re.compile(rb"(?:^|&)(?:as_of|at)=[^&]")
Headers = list[tuple[bytes, bytes]]


class Key(NamedTuple):
    """A question, the digest of the sheets that answer it, the day, and the minute where the answer depends on it."""

    path: str
    query: bytes
    sheets: str
    day: int
    minute: int | None

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.path) + len(self.query) + 500


@dataclass(slots=True)
class CachedAnswer:
    """A whole answer; `packed` is its compressed body, empty until a client takes it, None where it is not worth it."""

    status: int
    headers: Headers
    etag: bytes
    body: bytes
    packed: bytes | None
    route: str

    @property
    def size(self) -> int:
        """Bytes in memory, of a compressed body as much as it may come to be."""
        return len(self.body) * (1 if self.packed is None else 2) + 1_000

    async def compressed(self) -> bytes:
        """The same bytes for the same body at any time."""
        if not self.packed:
            big = len(self.body) > 100_000
            self.packed = await asyncio.to_thread(_packed, self.body) if big else _packed(self.body)
        return self.packed


class Memory:
    """Answers by question, up to so many bytes."""

    def __init__(self, most: int = CACHED) -> None:
        self.most, self.size = most, 0
        self._answers: OrderedDict[Key, CachedAnswer] = OrderedDict()

    def find(self, key: Key) -> CachedAnswer | None:
        answer = self._answers.get(key)
        if answer:
            self._answers.move_to_end(key)
        return answer

    def store(self, key: Key, answer: CachedAnswer) -> None:
        if answer.size + key.size > self.most // 4 or key in self._answers:
            return
        self._answers[key] = answer
        self.size += answer.size + key.size
        while self.size > self.most:
            oldest, answer = self._answers.popitem(last=False)
            self.size -= answer.size + oldest.size


class Answers:
    """ASGI in front of the application. Equal questions that come while the first is being answered wait for it."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self.app, self.shelf, self.memory = app, shelf, Memory()
        self._coming: dict[Key, asyncio.Future[CachedAnswer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        now, sheets = clock.now(), self.shelf.loaded
        scope["now"], scope["sheets"] = now, sheets
        if takes_lines(scope):  # they are sent as they come
            await self.app(scope, receive, send)
            return
        key: Key | None = None
        if scope["method"] in ("GET", "HEAD") and scope["path"].startswith("/v1/") and sheets:
            dated = DATED.search(scope["query_string"])
            minute = None if dated else now.hour * 60 + now.minute
            key = Key(scope["path"], scope["query_string"], sheets.digest, now.toordinal(), minute)
        answer = self.memory.find(key) if key else None
        if answer is None:
            answer = await (self._joined(key, scope, receive) if key else self._ask(scope, receive))
        if key:
            scope["template"] = answer.route
        await _send(answer, scope, send)

    async def _joined(self, key: Key, scope: Scope, receive: Receive) -> CachedAnswer:
        """The answer that is on its way to another client, or a new one."""
        if coming := self._coming.get(key):
            return await asyncio.shield(coming)
        coming = self._coming[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._ask(scope, receive)
        except BaseException:
            coming.cancel()
            raise
        else:
            coming.set_result(answer)
        finally:
            del self._coming[key]
        if answer.status == 200:
            self.memory.store(key, answer)
        return answer

    async def _ask(self, scope: Scope, receive: Receive) -> CachedAnswer:
        status, headers, body = await _taken(self.app, scope, receive)
        tagged = status == 200 and scope["method"] in ("GET", "HEAD")
        route = getattr(scope.get("route"), "path", "")
        return _cached(status, headers, body, route, tagged, scope["path"])


async def _taken(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
    """The whole answer of the application."""
    status, headers, parts = 500, [], []

    async def take(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    request = scope
    if scope["method"] == "HEAD":
        request = {**scope, "method": "GET"}
    await app(request, receive, take)
    if request is not scope and "route" in request:
        scope["route"] = request["route"]
    return status, headers, b"".join(parts)


def _cached(status: int, headers: Headers, body: bytes, route: str, tagged: bool, path: str) -> CachedAnswer:
    headers = [(name, value) for name, value in headers if name != b"content-length"]
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    etag = b""
    if tagged:
        etag = b'W/"%b"' % blake2b(body, digest_size=12).hexdigest().encode()
        headers.append((b"etag", etag))
        if not any(name == b"cache-control" for name, _ in headers):
            cached = path.startswith("/v1/")
            headers.append((b"cache-control", b"public, max-age=%d" % MINUTE if cached else b"no-cache"))
    packed = None
    if len(body) > SMALL and not kind.startswith(b"image/png"):
        headers.append((b"vary", b"Accept-Encoding"))
        packed = b""
    return CachedAnswer(status, headers, etag, body, packed, route)


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)


async def _send(answer: CachedAnswer, scope: Scope, send: Send) -> None:
    """The answer as this request can take it: nothing where it has it already, compressed where it says so."""
    accepts, has = b"", b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepts = value
        elif name == b"if-none-match":
            has = has + b"," + value if has else value
    if answer.etag and has and matches(has, answer.etag):
        headers = [(name, value) for name, value in answer.headers if name != b"content-type"]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body, headers = answer.body, answer.headers
    if answer.packed is not None and takes_gzip(accepts):
        body, headers = await answer.compressed(), [*headers, (b"content-encoding", b"gzip")]
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def matches(header: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names the tag: a list of tags or `*`, compared weakly."""
    if header.strip() == b"*":
        return True
    return etag.removeprefix(b"W/") in (each.strip().removeprefix(b"W/") for each in header.split(b","))


def takes_gzip(header: bytes) -> bool:
    """Whether Accept-Encoding allows gzip: named, or `*`, and not with q=0."""
    header = header.lower()
    if b"gzip" not in header and b"*" not in header:
        return False
    allowed: dict[bytes, bool] = {}
    for each in header.split(b","):
        name, _, more = each.partition(b";")
        allowed[name.strip()] = not re.fullmatch(rb"\s*q\s*=\s*0(\.0*)?\s*", more)
    return allowed.get(b"gzip", allowed.get(b"*", False))


def template(scope: Scope) -> str:
    """The route that answered, with the names of its parts and not their values; `other` where none did."""
    return str(scope.get("template") or getattr(scope.get("route"), "path", "") or "other")
