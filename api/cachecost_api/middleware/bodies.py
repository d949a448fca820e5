"""What may come in: a URL and a body of bounded size and time, counted as they come, whatever a header claims."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachecost.questions.usage import not_a_number

from .. import limits
from ..problems import BODY, RefusedRequest, of_refusal

UPLOADS = ("/v1/count", "/v1/replay")
"""Paths whose body is a file."""


class JsonBody(Request):
    """A request whose body is JSON, whatever its Content-Type says."""

    async def json(self) -> Any:
        """The value; numbers with a point stay the text that they are, so that no digit is lost."""
        text = await self.body()
        if not text.strip():
            raise RefusedRequest(400, "bad-request", f"the body is empty; expected {BODY}")
        try:
            return json.loads(text, parse_float=str, parse_constant=not_a_number)
        except (ValueError, RecursionError) as error:
            raise RefusedRequest(400, "bad-request", f"the body is not JSON: {error}; expected {BODY}") from None


class JsonRoute(APIRoute):
    """A route that takes a body, which FastAPI reads as JSON only where its Content-Type says so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def with_json(request: Request) -> Response:
            headers = [(b"content-type", b"application/json")]
            request_of_json = JsonBody({**request.scope, "headers": headers}, request.receive)
            if not await request_of_json.body():
                await request_of_json.json()
            return await handle(request_of_json)

        return with_json


class Bodies:
    """ASGI that reads the whole body before the question is answered, and refuses what is too large or too slow, or too
    much beside the bodies of others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.bytes_waiting = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parts: list[bytes] = []
        bodies: list[Message] = []

        async def again() -> Message:
            return bodies.pop() if bodies else await receive()

        try:
            if len(scope["path"]) + len(scope["query_string"]) > limits.URL:
                message = f"the address is too long; expected up to {limits.URL:,} bytes, or POST the question"
                raise RefusedRequest(414, "too-long", message)
            if scope["method"] not in ("GET", "HEAD"):
                await self._read(receive, parts, limits.UPLOAD if scope["path"] in UPLOADS else limits.BODY)
                parts[:] = [b"".join(parts)]  # never whole twice
                bodies.append({"type": "http.request", "body": parts[0], "more_body": False})
            await self.app(scope, again, send)
        except RefusedRequest as error:
            response = of_refusal(error)
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
        finally:
            self.bytes_waiting -= sum(map(len, parts))

    async def _read(self, receive: Receive, parts: list[bytes], most: int) -> None:
        """Add the parts of a body as they come. A refusal where they are too many, too slow, or too much beside those
        of others."""
        size, more = 0, True
        try:
            async with asyncio.timeout(limits.SLOW):
                while more and (message := await receive())["type"] != "http.disconnect":
                    part = message.get("body", b"")
                    size += len(part)
                    if size <= most:
                        self.bytes_waiting += len(part)
                        parts.append(part)
                    if self.bytes_waiting > limits.BODIES:
                        raise RefusedRequest(
                            503, "busy", "too many large bodies are coming at once; ask again in a moment"
                        )
                    more = message.get("more_body", False) and size <= limits.DISCARDED
        except TimeoutError:
            raise RefusedRequest(408, "too-slow", f"the body did not come within {limits.SLOW} seconds") from None
        if size > most:
            expected = f"expected up to {most:,} bytes, or ask the command line"
            raise RefusedRequest(413, "too-large", f"the body is too large; {expected}")
