"""A real browser on a real server, for tests that read the page as a person does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from .conftest import PATIENCE
from .server import Server

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra `test`")
Opened = Callable[..., "sync_api.Page"]
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), os.environ.get("CHROMIUM"))
"""The shell, which has no window, takes half the processor time of the whole browser."""


@pytest.fixture(scope="session")
def context(server: Server) -> Iterator[sync_api.BrowserContext]:
    """Debian's Chromium without background network traffic; its pages share one cache of the server's scripts."""
    if CHROMIUM is None:
        pytest.skip("needs a chromium in the path")
    with sync_api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments, timeout=PATIENCE * 1000)
        context = browser.new_context(
            base_url=server.url, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
        )
        context.set_default_timeout(PATIENCE * 1000)
        yield context
        browser.close()


@pytest.fixture
def opened(context: sync_api.BrowserContext, server: Server) -> Iterator[Opened]:
    """Open the page with a question; whatever goes wrong on it fails the test, unless it is `troubled` by intent."""
    pages, troubles = [], []

    def visit(
        query: str = "",
        *,
        size: tuple[int, int] = (1440, 900),
        dark: bool = False,
        troubled: bool = False,
        before: Callable[[sync_api.Page], object] = lambda page: None,
    ) -> sync_api.Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on(
            "request",
            lambda asked: (
                asked.url.removeprefix("blob:").startswith(server.url) or troubles.append(f"left for {asked.url}")
            ),
        )
        if not troubled:
            page.on("console", lambda said: said.type in ("error", "warning") and troubles.append(said.text))
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("response", lambda got: got.status >= 400 and troubles.append(f"{got.status} {got.url}"))
        before(page)
        page.goto(f"/{query}")
        return page

    yield visit
    for page in pages:
        page.close()
    assert not troubles
