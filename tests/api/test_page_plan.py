"""The page at `/plan`: advice on one model, and the map of the cheapest strategy around the question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ..command import run
from ..questions import assert_readable_and_accessible, expect

if TYPE_CHECKING:
    from ..browser import Opened

pytest_plugins = ["tests.browser"]
OPUS = "plan?model=claude-opus-5-5&context=150K&queries=50&every=3m"


def test_the_map_has_your_point_and_the_advice_of_the_command_line(opened: Opened) -> None:
    """Claude's caches live five minutes or an hour; a query every three minutes is in the land of the first."""
    page = opened(OPUS)
    advice = run("plan", "claude-opus-5-5", "-c", "150K", "-n", "50", "--every", "3m", "--json").json
    expect(page.locator("#sentence")).to_have_text(advice["sentence"])
    expect(page.locator("#chart circle.you")).to_be_visible()
    expect(page.locator("#chart svg")).to_contain_text("5-min cache")
    expect(page.locator("#legend li")).to_contain_text(["no cache", "5-min cache", "1-hour cache"])
    expect(page.locator("#changes")).to_contain_text("1-hour cache is cheaper from a pause of 5m1s on")


def test_caches_that_are_not_on_the_map_have_their_names_for_people_too(opened: Opened) -> None:
    """The map leaves pings out; at 15 queries and a pause of 10 min they are cheaper than a 1-hour cache."""
    page = opened("plan?model=claude-opus-5-5&context=100K&every=10m&queries=20&as_of=2026-11-22")
    expect(page.locator("#changes")).to_contain_text("5-min cache + pings is cheaper at 15 queries or less")


def test_what_changes_the_advice_on_a_window_is_another_window(opened: Opened) -> None:
    """50 queries in 8 h; a 5-minute cache hits where 49 pauses of 5 minutes fill the window: 4 h 5 min."""
    page = opened("plan?model=claude-opus-5-5&context=150K&queries=50&over=8h&as_of=2026-11-22")
    expect(page.locator("#changes")).to_contain_text("5-min cache is cheaper at a window of 4h5m or less")


def test_the_arrow_keys_read_the_map(opened: Opened) -> None:
    """From the lower left corner: one query, then two, where a cache that is read once already pays."""
    page = opened(OPUS)
    expect(page.locator("#chart circle.you")).to_be_visible()
    page.locator("#chart").press("ArrowUp")
    expect(page.locator(".tip")).to_contain_text(re.compile("2 queries, one every 10 s.*5-min cache"))


def test_a_conversation_has_a_map_of_single_queries_and_its_own_advice(opened: Opened) -> None:
    """The map varies pauses and queries, so turns are left out of it."""
    page = opened("plan?model=claude-opus-5-5&context=30K&turns=20")
    expect(page.locator("#chart svg")).to_be_visible()
    expect(page.locator("#asked")).to_contain_text("20 turns from 30,000 tokens")


def test_the_other_page_asks_the_same_question(opened: Opened) -> None:
    """Links between Ask and Plan carry it."""
    page = opened(OPUS)
    expect(page.locator("#chart circle.you")).to_be_visible()
    page.get_by_role("link", name="Ask", exact=True).click()
    expect(page.locator("#context")).to_have_value("150K")
    expect(page.locator("#every")).to_have_value("3m")


@pytest.mark.parametrize(
    ("size", "dark"), [((360, 740), True), pytest.param((1440, 900), False, marks=pytest.mark.external)]
)
def test_the_map_is_readable_and_accessible(opened: Opened, size: tuple[int, int], dark: bool) -> None:
    """Nothing runs over the edge, and axe finds no violation."""
    page = opened(OPUS, size=size, dark=dark)
    expect(page.locator("#chart circle.you")).to_be_visible()
    assert_readable_and_accessible(page)
