"""Connections that say nothing, or say it too slowly, are closed; what is not HTTP is refused with a problem.

uvicorn waits for the head of a request for ever; `cachecost serve` gives it this protocol instead, and
`uvicorn cachecost_api:app --http cachecost_api.middleware.protocol:Patient` does the same.
"""

import asyncio
from functools import cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .. import limits
from ..problems import MEDIA, written

Protocol: Any = AutoHTTPProtocol
FILES = 64
"""Descriptors for anything but connections."""


@cache
def allowed() -> int:
    """How many connections may be open, so that files and answers still find a descriptor. Without one, asyncio would
    write an error for each connection that waits, as often as it looks."""
    try:
        import resource
    except ImportError:  # not on Windows
        return limits.CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limits.CONNECTIONS if files == resource.RLIM_INFINITY else min(limits.CONNECTIONS, max(8, files - FILES))


class Patient(Protocol):  # type: ignore[misc]
    """uvicorn's protocol with an end to its patience; a head that is whole in time costs it nothing."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > allowed():
            self._refuse(503, "busy", "too many connections are open; try again in a moment")
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._late is None and not self.transport.is_closing():
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as a request."""
        self._refuse(400, "bad-request", msg)

    def _await_head(self) -> None:
        message = f"the request did not come within {limits.SLOW} seconds"
        self._late = self.loop.call_later(limits.SLOW, self._refuse, 408, "too-slow", message)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        body = written(status, kind, detail)
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {MEDIA}\r\n"
        head += "X-Content-Type-Options: nosniff\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self.transport.close()
