"""The application: routes over one set of price sheets, and around them what every request passes."""

import logging
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from cachecost.errors import BadQuantity

from . import problems
from .engine import Workers, readable
from .middleware.bodies import Bodies
from .middleware.cache import Answers
from .middleware.logs import TO_STDERR, Requests
from .middleware.metrics import Metrics
from .openapi import ALWAYS, with_problems
from .routes import page, prices, prompts, questions, quotes, server, uploads
from .sheets import Shelf

RELOAD = 2
"""Seconds between two looks at the folder of price sheets."""


def create_app(
    folder: Path | None = None, *, cors: Sequence[str] = (), embed: Sequence[str] = (), reload: float = RELOAD
) -> FastAPI:
    """The application over a folder of price sheets (default: as for the command line).

    Origins in `cors` may ask, those in `embed` may show the page in a frame.
    """
    shelf, workers = Shelf(folder), Workers()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        if not logging.getLogger("cachecost").handlers:
            dictConfig(TO_STDERR)
        shelf.watch(reload)
        yield
        shelf.close()
        workers.close()

    app: FastAPI = FastAPIOffline(
        title="cachecost",
        version=server.package(),
        description="What N queries over a long context cost: sent fresh each time, or cached.",
        lifespan=life,
        redirect_slashes=False,  # a redirect would repeat the Host that the client sent
        docs_url="/docs",
        redoc_url=None,
        static_url="/docs/files",
        # The badge that says whether the OpenAPI is valid would send it to a server of swagger.io.
        swagger_ui_parameters={"validatorUrl": None},
        dependencies=[Depends(readable)],
        responses=ALWAYS,
    )
    app.state.shelf, app.state.workers, app.state.metrics = shelf, workers, None
    with suppress(ImportError):
        app.state.metrics = Metrics(shelf)
    app.state.embed = tuple(embed)
    problems.install(app)
    for each in (questions, prompts, quotes, uploads, prices, server, page):
        app.include_router(each.router)
    app.openapi = with_problems(app.openapi)  # type: ignore[method-assign]

    # The last one added is passed first.
    app.add_middleware(Answers, shelf=shelf)
    app.add_middleware(Bodies)
    if cors:
        passed: dict[str, Any] = {"allow_methods": ["GET", "HEAD", "POST"], "allow_headers": ["*"]}
        app.add_middleware(CORSMiddleware, allow_origins=list(cors), expose_headers=["ETag", "X-Request-ID"], **passed)
    app.add_middleware(Requests, observe=app.state.metrics and app.state.metrics.observe)
    return app


def from_environment() -> FastAPI:
    """The application as `CACHECOST_PRICES`, `CACHECOST_CORS`, `CACHECOST_EMBED` and `CACHECOST_RELOAD` describe it."""
    cors, embed = (os.environ.get(f"CACHECOST_{name}", "").replace(",", " ").split() for name in ("CORS", "EMBED"))
    text = os.environ.get("CACHECOST_RELOAD") or str(RELOAD)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise BadQuantity(f"CACHECOST_RELOAD: expected seconds such as 2 or 0.5, not {text!r}")
    return create_app(cors=cors, embed=embed, reload=float(text))


app = from_environment()
