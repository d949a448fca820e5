"""The application: routes over one set of price sheets, and around them what every request passes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from cachecost import clock

from . import problems
from .answering import Door
from .middleware.bodies import Bodies
from .middleware.cache import Answers, Key
from .middleware.logs import Requests, to_stderr
from .middleware.metrics import Metrics
from .openapi.operations import describe
from .routes import page, questions, quotes, server
from .routes import prices as routes_prices
from .sheets import Shelf
from .workers import Workers

RELOAD = 2
"""Seconds between two looks at the folder of price sheets."""


def create_app(prices: Path | None = None, *, cors: Sequence[str] = (), reload: float = RELOAD) -> FastAPI:
    """The application over a folder of price sheets (default: as for the command line), for origins named in `cors`."""
    shelf, workers = Shelf(prices), Workers()
    door = Door(shelf, workers)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        to_stderr()
        shelf.watch(reload)
        yield
        shelf.close()
        workers.close()

    app = FastAPI(
        title="cachecost",
        version=server.package(),
        description="What N queries over a long context cost: sent fresh each time, or cached.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    metrics = _metrics(shelf, door)
    problems.install(app)
    questions.install(app, door)
    quotes.install(app, door)
    routes_prices.install(app, door)
    server.install(app, door, metrics)
    page.install(app, door)
    describe(app)

    def epoch(dated: bool) -> Key | None:
        if shelf.waiting:
            return None
        now = clock.now()
        return (shelf.current.digest, now.toordinal(), None if dated else now.hour * 60 + now.minute)

    # The last one added is passed first.
    app.add_middleware(Answers, epoch=epoch)
    app.add_middleware(Bodies)
    if cors:
        passed: dict[str, Any] = {"allow_methods": ["GET", "HEAD", "POST"], "allow_headers": ["*"]}
        app.add_middleware(CORSMiddleware, allow_origins=list(cors), expose_headers=["ETag", "X-Request-ID"], **passed)
    app.add_middleware(Requests, observe=metrics.observe if metrics else None)
    app.state.shelf, app.state.workers = shelf, workers
    return app


def _metrics(shelf: Shelf, door: Door) -> Metrics | None:
    try:
        return Metrics(shelf, door.now)
    except ImportError:
        return None


def from_environment() -> FastAPI:
    """The application as `CACHECOST_PRICES`, `CACHECOST_CORS` and `CACHECOST_RELOAD` describe it."""
    origins = os.environ.get("CACHECOST_CORS", "").replace(",", " ").split()
    return create_app(cors=origins, reload=float(os.environ.get("CACHECOST_RELOAD") or RELOAD))


app = from_environment()
