"""The pages beside the question: the table of prices, a log to replay, a document to count, lines for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from ..command import run
from ..conftest import PRICES, ROOT
from ..questions import assert_readable_and_accessible, expect, values

if TYPE_CHECKING:
    from ..browser import Opened

pytest_plugins = ["tests.browser"]
LOG = ROOT / "tests/logs/claude_code.jsonl"


def test_all_prices_are_searched_sorted_and_filtered_and_the_link_keeps_it(opened: Opened) -> None:
    """By name, alias and provider; the cheapest first where the heading says so."""
    page = opened("prices")
    rows = page.locator("#list tbody tr[data-model]")
    expect(page.locator("#found")).to_have_text(re.compile(r"^(\d{3,}) of \1 models$"))
    page.get_by_role("searchbox").fill("opus bedrock")
    expect(rows.first).to_contain_text("Claude Opus")
    expect(rows.first).to_contain_text("Bedrock")
    page.get_by_role("searchbox").fill("claude")
    page.get_by_role("button", name="input").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("input")
    rates = rows.locator("td:nth-child(2)").all_inner_texts()
    assert [float(each[1:]) for each in rates] == sorted(float(each[1:]) for each in rates)
    expect(page).to_have_url(re.compile(r"q=claude&sort=input"))
    page.reload()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("input")
    assert rows.locator("td:nth-child(2)").all_inner_texts() == rates


def test_a_model_opens_with_its_history_its_page_and_its_sources(opened: Opened) -> None:
    """GPT-4o's input fell from $5 to $2.50 in October 2024; the page is the file itself."""
    page = opened("prices?q=gpt-4o")
    row = page.locator("tr[data-model='openai/gpt-4o']")
    expect(row.get_by_role("img", name="from $5.00 to $2.50")).to_be_visible()
    row.get_by_role("button", name="GPT-4o", exact=True).click()
    more = page.locator("#page-openai-gpt-4o")
    expect(more.get_by_role("img", name="Rates of GPT-4o over time: input $2.50")).to_be_visible()
    expect(more.get_by_role("link", name=re.compile("openai.com")).first).to_be_visible()
    link = more.get_by_role("link", name="Its price page (YAML)").get_attribute("href")
    assert urlopen(link).read() == (PRICES / "openai/gpt-4o.yaml").read_bytes()


def test_models_that_are_no_longer_sold_are_shown_on_demand(opened: Opened) -> None:
    """Google withdrew Gemini 1.5 Pro on 2025-09-24: a search says that there is one, a switch shows it."""
    page = opened("prices?q=gemini-1.5-pro")
    expect(page.locator("#found")).to_have_text(re.compile("^0 of [0-9]+ models, and 1 withdrawn$"))
    page.get_by_label("withdrawn too").check()
    expect(page.locator("tr[data-model='google/gemini-1.5-pro']")).to_contain_text("withdrawn 2025-09-24")
    expect(page).to_have_url(re.compile("withdrawn=yes"))


def test_a_log_is_replayed_in_the_page(opened: Opened) -> None:
    """The report of the command line: its sentence, its sums and its policies."""
    page = opened("replay")
    page.set_input_files("#file", LOG)
    wanted = run("replay", str(LOG), "--by", "day", "--json").json
    expect(page.locator(".sums")).to_be_visible()
    assert page.locator(".headline").inner_text() in wanted["sentence"]
    assert page.locator(".sums dt").all_inner_texts() == [each["name"] for each in wanted["figures"]]
    day = page.locator("section", has=page.get_by_role("heading", name="By day")).locator("tbody tr")
    assert [values(row) for row in day.all()] == [[each["cost"]] for each in wanted["by"]["day"]]
    page.get_by_label("Grouped by").select_option("session")
    expect(page.get_by_role("heading", name="By session")).to_be_visible()


def test_a_file_that_is_no_log_is_refused_with_words(opened: Opened, tmp_path: Path) -> None:
    """A sentence and an account of the lines instead of sums."""
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"hello": 1}\n')
    page = opened("replay")
    page.set_input_files("#file", strange)
    expect(page.locator("#report")).to_contain_text("0 requests priced, 0 not; 1 entry read as no known format")
    expect(page.get_by_role("heading", name="Where the money went")).to_have_count(0)


def test_a_large_log_shows_how_much_of_it_was_sent_and_read(opened: Opened) -> None:
    """A bar that fills while the file is sent, and again while it is read, and is gone beside the report."""
    page = opened("replay")
    page.evaluate("""() => {
      window.seen = [];
      const status = document.getElementById("status");
      new MutationObserver(() => seen.push(status.textContent.split(" ")[0])).observe(status, { childList: true });
    }""")
    log = {"name": "big.jsonl", "mimeType": "text/plain", "buffer": b'{"hello": "' + b"x" * 3_000_000 + b'"}\n'}
    page.set_input_files("#file", log)  # type: ignore[arg-type]
    expect(page.locator("#report")).to_contain_text("0 requests priced")
    seen = page.evaluate("seen")
    assert (seen[0], seen[-1]) == ("Sending", "big.jsonl,")
    assert "Reading" in seen
    expect(page.locator("#progress")).to_be_hidden()


def test_a_document_is_counted_and_leads_to_its_question(opened: Opened) -> None:
    """Dropped or chosen, or as a text that is pasted."""
    page = opened("count")
    page.set_input_files("#file", ROOT / "LICENSE")
    expect(page.locator("#report table")).to_contain_text("Gemini")
    row = page.locator("#report tbody tr", has_text="Gemini")
    tokens = re.sub(r"\D", "", row.locator("b").inner_text())
    row.get_by_role("link").click()
    expect(page.locator("#context")).to_have_value(tokens)


def test_a_pasted_text_is_counted(opened: Opened) -> None:
    """A moment after the last key."""
    page = opened("count")
    page.get_by_label("Or paste a text").fill("hello " * 300)
    expect(page.locator(".headline")).to_contain_text("1,800 characters")


def test_pages_and_video_are_counted_without_a_document_and_lead_to_their_question(opened: Opened) -> None:
    """A row for each rule; the question asks in the same words, and a fault stands beside its word."""
    page = opened("count", troubled=True)
    page.get_by_label("Pages of PDFs").fill("4x")
    expect(page.locator("#pages-fault")).to_contain_text("is not a count")
    page.get_by_label("Pages of PDFs").fill("40")
    row = page.locator("#report tbody tr", has_text="Anthropic").first
    expect(row).to_contain_text("Bedrock")
    row.get_by_role("link").click()
    expect(page.locator("#pages")).to_have_value("40")
    expect(page.locator("#sentence")).to_contain_text("$")


def test_lines_for_programs_name_this_server_and_work(opened: Opened) -> None:
    """The first curl and the sheet's formula hold addresses that answer."""
    page = opened("api")
    texts = page.locator("pre").all_inner_texts()
    base = page.url.removesuffix("api")
    addresses = {
        found for text in texts for found in re.findall(r"http[^'\"]+/v1/co[^'\"]+", text) if "context=" in found
    }
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith(base)
        assert urlopen(address).status == 200


NARROW, WIDE = ((360, 740), True), ((1440, 900), False)


@pytest.mark.parametrize(
    ("path", "size", "dark"),
    [  # each view once here, half of them on a dark telephone; the other halves in test-all
        ("prices?q=opus", *NARROW),
        ("replay", *WIDE),
        ("count", *NARROW),
        ("api", *WIDE),
        *(pytest.param(path, *WIDE, marks=pytest.mark.external) for path in ("prices?q=opus", "count")),
        *(pytest.param(path, *NARROW, marks=pytest.mark.external) for path in ("replay", "api")),
    ],
)
def test_every_view_is_readable_and_accessible(opened: Opened, path: str, size: tuple[int, int], dark: bool) -> None:
    """Nothing runs over the edge, and axe finds no violation, also with what is opened or uploaded."""
    page = opened(path, size=size, dark=dark)
    if path.startswith("prices"):
        page.locator(".open").first.click()
        expect(page.locator(".chart svg")).to_be_visible()
    elif path in ("replay", "count"):
        page.set_input_files("#file", LOG if path == "replay" else ROOT / "LICENSE")
        expect(page.locator("#report")).to_be_visible()
    else:
        expect(page.locator("pre").first).to_be_visible()
    assert_readable_and_accessible(page)
