"""Questions that the page and the command line are both asked, and how the answer is read off the page."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any

import pytest

from .command import run
from .conftest import PATIENCE

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra `test`")
expect = sync_api.expect
expect.set_options(timeout=PATIENCE * 100)  # a minute in milliseconds: one that fails need not take ten

WIDER = "[...document.querySelectorAll('.field')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText)"
"""What is written on fields of a form that are too narrow for it."""
QUESTIONS = {
    "?model=google/gemini-2.5-pro&context=100K&question=0&answer=500": "google/gemini-2.5-pro -c 100K -q 0 -a 500",
    "?model=claude-opus-5-5&model=gpt-5.6-luna&context=150K&queries=50&question=200&answer=500&over=8h": (
        "claude-opus-5-5 gpt-5.6-luna -c 150K -n 50 -q 200 -a 500 --over 8h"
    ),
    "?model=claude-opus-5-5&turns=20&context=10K&question=200&answer=500": (
        "claude-opus-5-5 --turns 20 -c 10K -q 200 -a 500"
    ),
    "?model=moonshot/kimi-k2-thinking&context=40K&rate=7/h&arrivals=poisson&as_of=2026-01-01": (
        "moonshot/kimi-k2-thinking -c 40K --rate 7/h --arrivals poisson --as-of 2026-01-01"
    ),
}
PLAIN, TWO, CONVERSATION, _ = QUESTIONS


@cache
def compare(arguments: str) -> Any:
    """What the command line answers, as JSON."""
    return run("compare", *shlex.split(arguments), "--json").json


def assert_readable_and_accessible(page: sync_api.Page) -> None:
    """Nothing runs over the edge of the screen or of a field, and axe finds no violation."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe, of the extra `test`")
    assert page.viewport_size
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(WIDER) == []
    result = axe.Axe().run(page)
    assert not result.response["violations"], result.generate_report()


def sentence(page: sync_api.Page) -> str:
    """The sentence, once the page has one."""
    expect(page.locator("#sentence")).to_contain_text(re.compile("Use |free|No answer"))
    return page.locator("#sentence").inner_text()


def values(row: sync_api.Locator) -> list[str]:
    """The exact figures of a row, from left to right."""
    return row.locator("data").evaluate_all("all => all.map(one => one.value)")
