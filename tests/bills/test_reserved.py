"""Reserved capacity beside the bill on demand, every sum worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet

from ..command import run

PAGE = """\
provider: somewhere
model: rented
name: Rented
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-11-22
    reserved: {unit: PTU, per_hour: 0.50, tokens_per_minute: 1_000, cache_read: free}
    caching:
      automatic: {lifetime: {least: 1h, most: 1h}}
    tiers:
      - input: 2.00
        cache_read: 0.20
        output: 10.00
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "somewhere").mkdir()
    (tmp_path / "somewhere" / "rented.yaml").write_text(PAGE)
    return tmp_path


def asked(pages: Path, *more: str) -> tuple[str, ...]:
    words = ("compare", "somewhere/rented", "--prices", str(pages), "-c", "9800", "-q", "200", "-a", "500")
    return (*words, "--as-of", "2026-11-01", *more)


def test_units_follow_the_tokens_that_count_and_pay_above_a_share(pages: Path) -> None:
    """61 queries, one a minute, over 60 minutes. Automatic caching sends 10,000 tokens and then 60 x 200, reads 60 x
    9,800, and answers 61 x 500: 22,000 + 30,500 = 52,500 tokens count, 875 a minute, so that one unit serves: $0.50.
    On demand: 22,000 x $2 + 588,000 x $0.20 + 30,500 x $10 per 1M = 0.044 + 0.1176 + 0.305 = $0.4666. The unit serves
    60,000 tokens an hour, of which 87.5% are used; it pays from 0.50 x 52,500 / (0.4666 x 60,000) = 93.763% on."""
    (reserved,) = run(*asked(pages, "-n", "61", "--every", "1m"), "--json").json["reserved"]
    assert (reserved["units"], reserved["hours"], reserved["tokens"]) == (1, 1, 52_500)
    assert (reserved["total"], reserved["on_demand"], reserved["strategy"]) == ("0.5", "0.4666", "automatic")
    assert reserved["used"] == "0.875"
    assert reserved["pays_from"].startswith(("0.9376", "4375/4666"))
    text = " ".join(run(*asked(pages, "-n", "61", "--every", "1m")).out.split())
    assert "1 PTU for 1 h: $0.50, on demand $0.4666" in text
    assert "88% used, cheaper from 94% on." in text


def test_more_units_where_one_is_too_small_and_started_hours_are_paid(pages: Path) -> None:
    """The same queries twice as fast take 30 minutes: 1,750 tokens a minute, two units for one started hour."""
    (reserved,) = run(*asked(pages, "-n", "61", "--every", "30s"), "--json").json["reserved"]
    assert (reserved["units"], reserved["hours"], reserved["total"]) == (2, 1, "1")


def test_reads_that_are_not_free_count(pages: Path) -> None:
    """588,000 more: 640,500 tokens, 10,675 a minute, eleven units."""
    page = pages / "somewhere" / "rented.yaml"
    page.write_text(PAGE.replace(", cache_read: free", ""))
    (reserved,) = run(*asked(pages, "-n", "61", "--every", "1m"), "--json").json["reserved"]
    assert (reserved["units"], reserved["total"]) == (11, "5.5")


def test_without_a_pace_it_is_left_out_in_words(pages: Path) -> None:
    answer = run(*asked(pages, "-n", "61"), "--json").json
    assert answer["reserved"] == []
    assert any("reserved capacity of somewhere/rented; say how the queries come" in each for each in answer["left_out"])


def test_show_has_the_terms(pages: Path) -> None:
    card = run("show", "somewhere/rented", "--prices", pages, "--json").json["rate_cards"][0]
    assert card["reserved"] == {"unit": "PTU", "per_hour": "0.5", "tokens_per_minute": 1000, "cache_read": "free"}
    assert (
        "reserved: $0.50 per PTU and hour, 1,000 tokens a minute"
        in run("show", "somewhere/rented", "--prices", pages).out
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("per_hour: 0.50, ", "", "page.yaml:10: per_hour: missing; it has to be given"),
        ("1_000", "0", "page.yaml:10: tokens_per_minute: '0'"),
        (
            "cache_read: free",
            "cache_read: cheap",
            "page.yaml:10: cache_read: 'cheap' is not one of 'free' or 'counted'",
        ),
    ],
)
def test_faulty_terms_are_named_with_their_line(old: str, new: str, message: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read_text(PAGE.replace(old, new, 1), file="page.yaml")
    assert str(refused.value.faults[0]).startswith(message)
