"""How the page at `/` is used, in a real browser: typing, links, history, the keyboard, every screen, copies."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from ..command import run
from ..questions import CONVERSATION, PLAIN, TWO, assert_readable_and_accessible, compare, expect, sentence

if TYPE_CHECKING:
    from ..browser import Opened

pytest_plugins = ["tests.browser"]
NARROW, WIDE = (360, 740), (1440, 900)


def test_the_answer_follows_the_keys_and_the_link_keeps_it(opened: Opened) -> None:
    """Each key moves the sentence; the address is the question, and opening it shows the same answer."""
    page = opened(PLAIN)
    sentence(page)
    page.get_by_label("Context").fill("")
    page.get_by_label("Context").press_sequentially("250K")
    page.get_by_label("Queries", exact=True).fill("40")
    wanted = compare("google/gemini-2.5-pro -c 250K -n 40 -q 0 -a 500")["recommendation"]
    expect(page.locator("#sentence")).to_have_text(wanted)
    expect(page).to_have_url(re.compile(r"context=250K.*as_of=2026-11-22T12:00Z"))
    assert sentence(opened(page.url.partition("/?")[2].join(["?", ""]))) == wanted


def test_the_back_button_returns_to_the_last_question(opened: Opened) -> None:
    """A change makes one entry of the history, however many keys it took."""
    page = opened(PLAIN)
    first = sentence(page)
    page.get_by_label("Answer tokens").press("End")
    page.get_by_label("Answer tokens").press_sequentially("00")
    page.get_by_label("Answer tokens").press("Enter")
    expect(page.locator("#sentence")).not_to_have_text(first)
    page.go_back()
    expect(page.locator("#sentence")).to_have_text(first)
    expect(page.get_by_label("Answer tokens")).to_have_value("500")
    page.go_forward()
    expect(page.locator("#sentence")).not_to_have_text(first)


def test_the_page_can_be_used_by_keyboard_alone(opened: Opened) -> None:
    """The first key skips to the answer; every stop is visible; none is a trap; lines open with Enter."""
    page = opened(PLAIN)
    sentence(page)
    expect(page.locator("#sheets summary").first).to_be_visible()
    stops = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stop, outline = page.evaluate(
            "() => { const at = document.activeElement; "
            "return [at === document.body ? 'BODY' : at.id || at.textContent, getComputedStyle(at).outlineStyle]; }"
        )
        if stop == "BODY":
            break
        stops.append(stop)
        assert outline != "none", stop
    else:
        pytest.fail(f"no end after {stops}")
    wanted = ["skip", "new-model", "context", "queries", "come", "gap-slider", "automatic cacheautomatic", "chart"]
    wanted += ["Copy link", "as-csv"]
    assert [stop for stop in stops if stop in wanted] == wanted
    page.locator("#skip").focus()
    for key in ("Enter", "Tab", "Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".details").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".details").first).to_be_hidden()


def test_models_are_added_and_taken_away_as_chips(opened: Opened) -> None:
    """Names are suggested; a second model makes it a comparison; its button takes it away again."""
    page = opened(PLAIN)
    alone = sentence(page)
    box = page.get_by_label("Models", exact=True)
    box.focus()
    box.fill("5.6 luna")
    expect(
        page.locator("#known-models").get_by_role("option", name=re.compile("^GPT-5.6 Luna, OpenAI"))
    ).to_be_visible()
    box.press("Enter")
    both = compare("google/gemini-2.5-pro openai/gpt-5.6-luna -c 100K -q 0 -a 500")["recommendation"]
    expect(page.locator("#sentence")).to_have_text(both)
    page.get_by_role("button", name="Remove openai/gpt-5.6-luna").click()
    expect(page.locator("#sentence")).to_have_text(alone)


@pytest.mark.parametrize(
    ("query", "size", "dark"),
    [
        (TWO, NARROW, True),
        (PLAIN, WIDE, False),
        pytest.param(CONVERSATION, NARROW, False, marks=pytest.mark.external),
        pytest.param(TWO, WIDE, True, marks=pytest.mark.external),
    ],
)
def test_every_screen_is_readable_and_accessible(opened: Opened, query: str, size: tuple[int, int], dark: bool) -> None:
    """Nothing runs over the edge, the colours are the reader's, and axe finds no violation with everything open."""
    page = opened(query, size=size, dark=dark)
    sentence(page)
    expect(page.locator("#sheets summary").first).to_be_visible()
    expect(page.locator("#chart").locator("svg, p").first).to_be_visible()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    for button in page.locator(".comparison button").all():
        button.click()
    expect(page.locator("#points-table table, #points[hidden]").first).to_be_attached()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) < 100) is dark
    assert_readable_and_accessible(page)


def test_the_copies_ask_the_same_question(opened: Opened) -> None:
    """The copied link, command, curl and CSV each give the answer on the page."""
    page = opened(TWO)
    wanted = sentence(page)
    copied = {}
    for name in ("link", "live link", "as command line", "as curl", "as CSV"):
        page.get_by_role("button", name=f"Copy {name}").press("Enter")  # a click misses what moves below the chart
        expect(page.locator("#copied")).to_have_text(f"Copied {name.removeprefix('Copy ')}.")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    command, address = shlex.split(copied["as command line"]), shlex.split(copied["as curl"])[1]
    assert command[0] == "cachecost"
    assert run(*command[1:], "--json").json["recommendation"] == wanted
    assert run(*command[1:], "--format", "csv").out.splitlines() == copied["as CSV"].splitlines()
    assert json.load(urlopen(address))["recommendation"] == wanted
    assert urlopen(page.locator("#as-csv").get_attribute("href")).read().decode() == copied["as CSV"]
    assert sentence(opened("?" + copied["link"].partition("?")[2])) == wanted
    assert copied["link"].startswith(copied["live link"] + "&as_of=")


def test_a_preset_asks_its_question_of_the_same_models(opened: Opened) -> None:
    """One press: the words of the preset take the place of those before."""
    page = opened(TWO)
    sentence(page)
    page.get_by_role("button", name="Coding agent").click()
    wanted = compare("claude-opus-5-5 gpt-5.6-luna -c 30K --turns 40 --tools 3K -q 100 -a 700")["recommendation"]
    expect(page.locator("#sentence")).to_have_text(wanted)


def test_sliders_write_exact_values_into_their_fields(opened: Opened) -> None:
    """A step of the slider of pauses is one that people say; its left end is a question without pauses."""
    page = opened(PLAIN)
    sentence(page)
    page.get_by_label("Number of queries", exact=True).press("ArrowRight")
    expect(page.get_by_label("Queries", exact=True)).to_have_value("15")
    page.get_by_label("Pause between two queries").press("ArrowRight")
    expect(page.locator("#every")).to_have_value("10s")
    expect(page.locator("#asked")).to_contain_text("one every 10s")
    page.get_by_label("Pause between two queries").press("ArrowLeft")
    expect(page.locator("#asked")).to_contain_text("all within one time to live")


def test_hosts_are_folded_under_the_maker_of_a_model(opened: Opened) -> None:
    """The right arrow unfolds them; a search for a host shows it at once, and one for a withdrawn model that it is."""
    page = opened(PLAIN)
    box = page.get_by_label("Models", exact=True)
    box.fill("haiku 5.5")
    options = page.locator("#known-models [role=option]")
    expect(options).to_have_count(1)
    box.press("ArrowRight")
    expect(options).not_to_have_count(1)
    box.fill("bedrock haiku-5-5")
    expect(options.first).to_contain_text("Bedrock")
    box.fill("gemini-1.5-pro")
    expect(options.first).to_contain_text("withdrawn 2025-09-24")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_star_brings_a_model_to_the_top_of_the_list(opened: Opened) -> None:
    """In this browser, also after the page was opened again."""
    page = opened(PLAIN)
    star = page.get_by_role("button", name="Star google/gemini-2.5-pro")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.get_by_label("Models", exact=True).focus()
    expect(page.locator("#known-models [role=option]").first).to_contain_text("Gemini 2.5 Pro")
    page.get_by_role("button", name="Star google/gemini-2.5-pro").click()


def test_the_five_cheapest_that_fit_are_those_of_plan(opened: Opened) -> None:
    """Free tiers apart, which are no offer to build on."""
    page = opened(PLAIN)
    sentence(page)
    page.get_by_role("button", name="Cheapest five that fit").click()
    survey = run("plan", "--all", "-c", "100K", "-q", "0", "-a", "500", "--json").json["models"]
    wanted = [each["model"] for each in survey if each["status"] == "ok" and not each["free"]][:5]
    expect(page.locator(".card")).to_have_count(5)
    assert page.locator(".card").evaluate_all("all => all.map(one => one.dataset.model)") == wanted


def test_copying_works_by_hand_where_there_is_no_clipboard(opened: Opened) -> None:
    """A page without https has no clipboard: the text is marked for the person to copy."""
    hide = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    page = opened(PLAIN, before=lambda page: page.add_init_script(hide))
    sentence(page)
    page.get_by_role("button", name="Copy as curl").press("Enter")
    expect(page.locator("#by-hand")).to_be_focused()
    assert page.locator("#by-hand").input_value().startswith("curl 'http")
