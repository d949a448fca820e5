"""One line of JSON on stderr for every request, under the id that the answer carries too."""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachecost.output.escapes import visible

from ..problems import fault
from .cache import template

LOG = logging.getLogger("cachecost.requests")
SANE = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
SAFE = [(b"x-content-type-options", b"nosniff")]
"""Headers of every answer: a browser takes none for another kind of document than it says it is."""
OURS = ("method", "path", "status", "ms", "id", "faults", "sheets", "digest")
Observe = Callable[[str, str, int, float], None]


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S.}{at.microsecond // 1000:03}Z",
            "level": record.levelname.lower(),
        }
        line |= {"message": record.getMessage()}
        line |= {name: getattr(record, name) for name in OURS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return visible(json.dumps(line, ensure_ascii=False))


TO_STDERR: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": Lines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "loggers": {"cachecost": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
"""Our lines on stderr, as `logging.config` takes it."""


class Requests:
    """ASGI around everything: gives each request an id, counts it, writes its line."""

    def __init__(self, app: ASGIApp, observe: Observe | None = None) -> None:
        self.app, self.observe = app, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        name = next((value for key, value in scope["headers"] if key == b"x-request-id"), b"")
        if not SANE.fullmatch(name):
            name = secrets.token_hex(8).encode()
        status = 499

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], *SAFE, (b"x-request-id", name)]}
            await send(message)

        try:
            await self.app(scope, receive, named)
        except Exception:
            LOG.exception("a request failed", extra={"path": scope["path"], "id": name.decode()})
            if status == 499:
                await fault()(scope, receive, named)
        finally:
            seconds = time.perf_counter() - begun
            if self.observe:
                self.observe(template(scope), scope["method"], status, seconds)
            if LOG.isEnabledFor(logging.INFO):
                line = {"method": scope["method"], "path": scope["path"], "status": status, "id": name.decode()}
                LOG.info("request", extra=line | {"ms": round(seconds * 1000, 2)})
