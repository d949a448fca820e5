"""An answer that says how far it is: lines of JSON while it is worked out, the last of them the answer or the problem.

Each line is an object with one key (https://github.com/ndjson/ndjson-spec): `progress`, `answer` or `problem`. A client
that goes away stops the work.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from cachecost.errors import CachecostError

from .problems import as_json, fault, of_error, of_refusal

LOG = logging.getLogger("cachecost.requests")
LINES = "application/x-ndjson"
SECONDS = 1 / 5
"""Between two looks at the work."""


def takes_lines(scope: Scope) -> bool:
    """Whether the client sends something and asks for lines of JSON."""
    accepts = (value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] == "POST" and any(LINES.encode() in value.lower() for value in accepts)


def in_lines(
    request: Request, work: Coroutine[Any, Any, bytes], progress: Callable[[], Any], stop: Callable[[], None]
) -> StreamingResponse:
    """The answer in lines; `work` comes to its JSON."""

    async def lines() -> AsyncIterator[bytes]:
        job, last = asyncio.ensure_future(work), None
        try:
            while not job.done():
                if (now := progress()) != last:
                    yield b'{"progress": %b}\n' % as_json(now)
                    last = now
                await asyncio.wait([job], timeout=SECONDS)
            try:
                yield b'{"answer": %b}\n' % job.result()
            except CachecostError as error:
                yield b'{"problem": %b}\n' % bytes(of_error(error, request).body)
            except HTTPException as error:
                yield b'{"problem": %b}\n' % bytes(of_refusal(error, request).body)
            except Exception:
                LOG.exception("a request failed", extra={"path": request.url.path})
                yield b'{"problem": %b}\n' % bytes(fault().body)
        finally:
            stop()
            job.cancel()

    # A proxy that buffers would hold back every line until the last: https://nginx.org/r/proxy_buffering
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), headers=headers, media_type=LINES)
