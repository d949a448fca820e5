"""What the page at `/` says, read in a real browser: its sentence, figures, curve and faults are the engine's own."""

from __future__ import annotations

import json
import random
import re
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from cachecost.output import figures
from cachecost.questions.words import WORDS

from ..command import run
from ..questions import CONVERSATION, PLAIN, QUESTIONS, TWO, compare, expect, sentence, values

if TYPE_CHECKING:
    from ..browser import Opened

pytest_plugins = ["tests.browser"]


PLAINEST = pytest.param(PLAIN, QUESTIONS[PLAIN], marks=pytest.mark.external)
"""Two models say what one says."""


@pytest.mark.parametrize(("query", "arguments"), [PLAINEST, *(each for each in QUESTIONS.items() if each[0] != PLAIN)])
def test_the_page_says_what_the_command_line_json_and_csv_say(opened: Opened, query: str, arguments: str) -> None:
    """Four doors, one answer: the sentence is the same, and every figure is to the last digit. The card of the cheapest
    model has its bill as the sentence above it does: $0.765 stood over $0.76."""
    page = opened(query)
    answer = compare(arguments)
    assert sentence(page) == answer["recommendation"]
    assert page.locator(".card .price b").first.inner_text() in re.findall(r"\$[\d.,]*\d", sentence(page))
    csv = run("compare", *shlex.split(arguments), "--format", "csv").out.splitlines()[1:]
    over_http = json.load(urlopen(f"{page.url.split('?')[0]}v1/compare{query}"))
    assert over_http["answers"] == answer["answers"]
    assert urlopen(f"{page.url.split('?')[0]}v1/compare.csv{query}").read().decode().splitlines()[1:] == csv
    expect(page.locator(".comparison > tbody > tr[data-strategy]")).to_have_count(len(answer["answers"]))
    for place, each in enumerate(answer["answers"]):
        row = page.locator(f"tr[data-model='{each['model']}'][data-strategy='{each['strategy']}']")
        messages = [each["total"], each["per_query"]] + ([] if each["break_even"] is None else [each["savings_ratio"]])
        assert values(row) == messages
        assert set(messages) <= set(csv[place].split(","))
        lines = page.locator(f"#{row.locator('button').get_attribute('aria-controls')} .lines tbody tr")
        shown = [values(lines.nth(line)) for line in range(lines.count())]
        assert shown == [[str(line["quantity"]), line["rate"], line["amount"]] for line in each["lines"]]


def test_an_empty_address_shows_an_answer_at_once(opened: Opened) -> None:
    """The page says what it is for before anything is typed."""
    page = opened()
    assert sentence(page) == compare("anthropic/claude-opus-5-5 -c 100K -q 200 -a 500")["recommendation"]


def test_every_word_of_a_question_has_its_field(opened: Opened) -> None:
    """What can be asked can be asked here, with the same defaults; a user's document stays with its owner."""
    page = opened(PLAIN)
    fields = page.locator("form [data-default]").evaluate_all("all => all.map(one => [one.name, one.dataset.default])")
    assert dict(fields) == {word.name: word.default or "" for word in WORDS if not word.local} | {"strategy": ""}


def test_the_reference_of_the_api_needs_no_other_host(opened: Opened) -> None:
    """Swagger UI lists the operations; every file of it comes from the server itself."""
    page = opened("docs")
    expect(page.locator(".opblock-summary-path", has_text="/v1/compare.csv")).to_be_visible()


def test_each_model_has_a_card_with_its_best_price_and_the_one_without_a_cache(opened: Opened) -> None:
    """Cheapest first, by names for people; the two bars are as long as their bills."""
    page = opened(TWO)
    answers = compare(QUESTIONS[TWO])["answers"]
    best: dict[str, dict[str, str]] = {}
    for each in answers:
        best.setdefault(each["model"], each)
    expect(page.locator(".card")).to_have_count(len(best))
    longest = max(float(each["total"]) for each in answers if each["strategy"] == "fresh")
    for place, (model, cheapest) in enumerate(best.items()):
        card = page.locator(".card").nth(place)
        expect(card.locator("h3")).to_contain_text(cheapest["name"])
        assert values(card.locator(".price")) == [cheapest["total"]]
        bills = [next(each for each in answers if (each["model"], each["strategy"]) == (model, "fresh")), cheapest]
        assert values(card.locator(".bars")) == [each["total"] for each in bills]
        shares = card.locator(".bar").evaluate_all("all => all.map(one => +one.style.getPropertyValue('--share'))")
        assert shares == pytest.approx([float(each["total"]) / longest for each in bills])


def test_notes_round_as_the_cards_beside_them(opened: Opened) -> None:
    """0.125 + 9 x 0.0125 + 10 x 0.005 = $0.2875 where all hit, 10 x 0.13 = $1.30 where none does."""
    note = opened(PLAIN).locator(".card .note", has_text="best effort").first
    expect(note).to_contain_text("best effort: $0.29 if every later query in time hits, $1.30 if none does")


def test_a_price_is_shown_in_all_or_per_query(opened: Opened) -> None:
    """Both are the engine's own, to the last digit."""
    page = opened(PLAIN)
    sentence(page)
    for view, key in (("Per query", "per_query"), ("Total", "total")):
        page.get_by_label(view, exact=True).check()
        assert values(page.locator(".price")) == [compare(QUESTIONS[PLAIN])["answers"][0][key]]


def test_a_price_per_month_is_the_answer_so_many_times_and_the_link_keeps_it(opened: Opened) -> None:
    """The exact total of one answer, times 22."""
    page = opened(PLAIN)
    sentence(page)
    page.get_by_label("Per month").check()
    page.get_by_label("times a month").fill("22")
    total = Fraction(compare(QUESTIONS[PLAIN])["best"]["total"])
    expect(page.locator(".price small")).to_have_text("a month, 22 times")
    assert [Fraction(each) for each in values(page.locator(".price"))] == [22 * total]
    again = opened(PLAIN + "#per=month:22")
    expect(again.locator(".price small")).to_have_text("a month, 22 times")


def test_the_curves_are_drawn_with_their_break_even(opened: Opened) -> None:
    """The picture says in words where a cache begins to pay, marks the question, and its points are a table."""
    page = opened(PLAIN)
    drawing = page.get_by_role("img", name="stored cache (rent by the hour) is cheaper from 6 queries on")
    expect(drawing).to_contain_text("your 10 queries")
    page.get_by_text("The chart as a table").click()
    rows = page.locator("#points-table tbody tr")
    expect(rows).to_have_count(20)
    curve = run("curve", "gemini-2.5-pro", "-c", "100K", "-q", "0", "-a", "500", "--json").json
    lines = sorted(curve["lines"], key=lambda line: line["strategy"] != "fresh")
    wanted = [list(totals) for totals in zip(*(line["totals"] for line in lines), strict=True)]
    assert [values(rows.nth(place)) for place in range(20)] == wanted


def test_the_chart_of_two_models_has_the_cache_that_their_cards_name(opened: Opened) -> None:
    """50 queries in 8 hours come 9.8 minutes apart, beyond a 5-minute cache, which is the cheaper one from 97 on
    (8 h / 96 = 5 min), where the chart ends. A 1-hour cache hits from 9 on (8 h / 8)."""
    page = opened("?model=gpt-4o&model=claude-opus-5-5&context=120K&queries=50&over=8h&as_of=2026-11-01")
    card = page.locator(".card", has_text="Claude Opus 5.5")
    expect(card).to_contain_text("1-hour cache")
    drawing = page.get_by_role("img", name="Claude Opus 5.5, 1-hour cache is cheaper from 9 queries on")
    expect(drawing).to_be_visible()
    assert int(re.search(r"breaks even at (\d+)", card.inner_text())[1]) == 9


def test_the_chart_over_pauses_steps_at_the_very_end_of_a_cache(opened: Opened) -> None:
    """Claude's caches end after 5 minutes and an hour: the lines go straight up there, on an axis of round times."""
    page = opened("?model=claude-opus-5-5&context=150K&queries=50&every=3m")
    sentence(page)
    page.get_by_label("pause", exact=True).check()
    expect(page.locator("#chart svg")).to_contain_text("your pause of 3 min")
    places = page.locator("#chart svg text").evaluate_all(
        "all => all.map(one => [one.textContent, one.getAttribute('x')])"
    )
    ticks = {text: float(x) for text, x in places if x}
    assert {"10 s", "1 min", "5 min"} <= ticks.keys()
    lines = page.locator("#chart svg path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
    upright = {a for d in lines for a, b in re.findall(r"L([\d.]+) [\d.]+L([\d.]+) ", d) if a == b}
    assert any(float(x) == pytest.approx(ticks["5 min"], abs=0.2) for x in upright)


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other(opened: Opened) -> None:
    """Four lines that end within two dollars of each other, beside one at thirty."""
    page = opened(TWO)
    expect(page.locator("#chart svg")).to_be_visible()
    boxes = page.locator("#chart svg text").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one["right"] <= other["left"] or other["right"] <= one["left"]
            assert apart or one["bottom"] <= other["top"] + 2 or other["bottom"] <= one["top"] + 2, (one, other)


def test_the_chart_is_saved_as_a_drawing_a_picture_and_values(opened: Opened) -> None:
    """SVG and PNG are what is seen; CSV has every digit. One query without a cache is $0.13: 100,000 input tokens at
    $1.25 a million and 500 of output at $10."""
    page = opened(PLAIN)
    saved = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save as {kind}").press("Enter")
        saved[kind] = download.value.path().read_bytes()
    assert b"your 10 queries" in saved["SVG"]
    assert saved["PNG"].startswith(b"\x89PNG")
    head, *rows = saved["CSV"].decode().split("\r\n")
    assert head.startswith("queries,no cache (USD),")
    assert (rows[0].split(",")[1], len(rows)) == ("0.13", 20)


def test_a_conversation_says_why_it_has_no_curve(opened: Opened) -> None:
    """What cannot be drawn is explained instead."""
    expect(opened(CONVERSATION).locator("#chart")).to_contain_text("No curve here: a conversation grows")


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("?model=gemini-2.5-pro&context=100X", "Context", "is not a count"),
        ("?model=gemini-2.5-prx&context=1M", "Models", "google/gemini"),
    ],
)
def test_a_bad_word_has_its_message_beside_its_field(opened: Opened, query: str, field: str, message: str) -> None:
    """The server's own words stand at the field, which is marked, and go when the word is right."""
    page = opened(query, troubled=True)
    place = page.locator(".field", has=page.get_by_label(field)).last
    expect(place.locator(".fault")).to_contain_text(message)
    box = place.locator("input:not([type=hidden])")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert "fault" in (box.get_attribute("aria-describedby") or "")


def test_a_word_put_right_is_answered(opened: Opened) -> None:
    """The fault leaves with its cause."""
    page = opened("?model=gemini-2.5-pro&context=100X&answer=500", troubled=True)
    expect(page.locator("#context-fault")).to_contain_text("is not a count")
    page.get_by_label("Context").fill("100K")
    expect(page.locator("#sentence")).to_have_text(compare("gemini-2.5-pro -c 100K -a 500")["recommendation"])
    expect(page.locator("#context-fault")).to_be_hidden()


def test_a_server_that_is_gone_is_reported(opened: Opened) -> None:
    """The last answer stays to be read, in grey, and the page says that the server does not answer."""
    page = opened(PLAIN, troubled=True)
    before = sentence(page)
    page.route(re.compile("/v1/compare"), lambda route: route.abort())
    page.get_by_label("Context").fill("200K")
    expect(page.locator("#fault")).to_contain_text("the server does not answer")
    assert sentence(page) == before


def test_figures_are_rounded_as_everywhere(opened: Opened) -> None:
    """The page rounds exact text as the terminal does: money, shares and counts, ties and tiny bills among them."""
    chance = random.Random(7)
    texts = [
        "0",
        "1",
        "99.995",
        "100.005",
        "100.015",
        "0.00005",
        "0.125",
        "0.99995",
        "0.000000123456",
        "1.005",
        "1234567.5",
        "1/3",
        "40/3",
    ]
    texts += [f"{chance.randrange(10 ** chance.randrange(1, 9))}.{chance.randrange(10**9):09d}" for _ in range(150)]
    texts += [f"0.{'0' * chance.randrange(9)}{chance.randrange(1, 10**6)}" for _ in range(150)]
    shown = opened(PLAIN).evaluate(
        """async (texts) => {
            const { amount, brief, count, percent } = await import("/page/figures.js");
            return texts.map((text) => [amount(text, "CNY"), brief(text, "CNY"), percent(text), count(text)]);
        }""",
        texts,
    )
    for text, message in zip(texts, shown, strict=True):
        value = Fraction(text)
        money = figures.amount(value, "CNY"), figures.by_size([value], "CNY")[value]
        assert message == [*money, figures.percent(value), figures.count(value)], text  # type: ignore[arg-type]


def test_a_request_that_would_be_refused_is_struck_through_and_no_curve_is_drawn(opened: Opened) -> None:
    """5M tokens on a model of 1M: no headline bill, every total is marked, and the page says why."""
    page = opened("?model=claude-opus-5-5&context=5M&question=200&answer=500")
    assert sentence(page) == (
        "No answer: anthropic/claude-opus-5-5 takes at most 1,000,000 tokens, this request has 5,000,700. "
        "Models that take it: cachecost models --fits 5000700."
    )
    rows = page.locator(".comparison > tbody > tr[data-strategy]")
    expect(rows).to_have_count(3)
    assert {rows.nth(place).get_attribute("data-status") for place in range(3)} == {"refused"}
    assert page.locator("tr[data-strategy] s").count() == 3
    expect(page.locator("#chart")).to_contain_text("No curve here: no model here would serve these queries")
    expect(page.locator(".card .badge.bad")).to_have_text("refused")


def test_how_long_an_automatic_cache_lives_is_said_in_words(opened: Opened) -> None:
    """OpenAI's page has 5 to 10 minutes of inactivity, at most an hour."""
    page = opened("?model=gpt-4o&context=100K")
    expect(page.get_by_text("automatic: min tokens 1,024, block 128, lifetime 5m to 1h")).to_be_visible()
