"""Entries that are lost before their time: bills worked by hand, the page of reported curves, and what is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.catalog.evictions import load_evictions
from cachecost.errors import BadDocument, BadQuantity, BadWorkload
from cachecost.questions.words import Question
from cachecost.strategies.assumptions import Assumptions, Eviction
from cachecost.workload.workload import Workload

from ..command import run
from ..conftest import ROOT, TODAY

M = timedelta(minutes=1)
PAGE = ROOT / "pricing" / "eviction.yaml"
REPORTED = load_evictions(PAGE)["reported"]


def total(
    catalog: Catalog, strategy: str, eviction: Eviction | None, *, model: str = "claude-sonnet-4-5", **spread: Any
) -> Fraction:
    """Of eleven queries, in prefixes of $0.30."""
    work = Workload(100_000, 0, 0, 11, start=datetime(2026, 11, 1, tzinfo=UTC), **spread)
    assumptions = Assumptions(eviction=eviction)
    return Fraction(
        compare([(catalog.sheet(model), work)], today=TODAY, assumptions=assumptions, strategies=[strategy]).best.total
    )


@pytest.mark.parametrize(
    ("minutes", "lost"),
    # the reported shares; a step begins beyond its idle time, so exactly 10 minutes still lose nothing
    [(10, "0"), (11, "0.08"), (20, "0.08"), (21, "0.13"), (30, "0.13"), (40, "0.21"), (45, "0.21"), (60, "0.25")],
)
def test_the_reported_share_of_entries_is_written_anew(catalog: Catalog, minutes: int, lost: str) -> None:
    """Ten later queries on 1h: a write of 2 and of each later one 0.1, and 1.9 more where its entry is lost."""
    expected = 2 + 10 * (Fraction(1, 10) + Fraction(lost) * Fraction(19, 10))
    assert total(catalog, "written:1h", REPORTED, every=minutes * M) == expected * Fraction(3, 10)


def test_beyond_the_life_every_entry_is_dead_and_none_is_lost(catalog: Catalog) -> None:
    """At 61 minutes 1h writes eleven times, whatever was assumed."""
    assert total(catalog, "written:1h", REPORTED, every=61 * M) == 11 * 2 * Fraction(3, 10)


def test_poisson_losses_are_a_sum_over_the_steps(catalog: Catalog) -> None:
    """At 2 an hour S(t) = e^(-2t): 0.08 (S(1/6)-S(1/3)) + 0.13 (S(1/3)-S(1/2)) + 0.21 (S(1/2)-S(3/4)) + 0.25
    (S(3/4)-S(1)), with S(1/6) = .7165313106, S(1/3) = .5134171190, S(1/2) = .3678794412, S(3/4) = .2231301601 and
    S(1) = .1353352832: .0162491353 + .0189198981 + .0303973490 + .0219487192 = .0875151016."""
    amount = total(catalog, "written:1h", REPORTED, rate=Fraction(2), arrivals="poisson")
    missed = Fraction(Decimal(".1353352832")) + Fraction(Decimal(".0875151016"))
    expected = (2 + 10 * (Fraction(1, 10) + missed * Fraction(19, 10))) * Fraction(3, 10)
    assert abs(amount - expected) < Fraction(1, 10**8)


def test_automatic_entries_are_lost_too(catalog: Catalog) -> None:
    """GPT-5 at $1.25 and $0.125, its entries kept for an hour: at 15 minutes 8% of ten later queries are plain."""
    amount = total(catalog, "automatic:1h", REPORTED, model="gpt-5", every=15 * M)
    prefix = Fraction(1, 8)  # 100,000 tokens at $1.25 per 1M; cached in whole blocks of 128: 99,968 of them
    cached = Fraction(99_968, 100_000)
    assert amount == prefix * (1 + 10 * (1 - cached * Fraction(92, 100) * Fraction(9, 10)))


def test_a_lost_entry_is_written_by_the_ping_that_finds_it_so(catalog: Catalog) -> None:
    """At 12 minutes on 5m: two pings and a query; with a tenth lost beyond 4 minutes of idling each of the pings, after
    5, writes 0.1 times, and the query, 2 minutes after, none: 1.25 + 10 x (2 x (0.09 + 0.125) + 0.1)."""
    dropped = Eviction("4m:10%", ((4 * M, Fraction(1, 10)),))
    amount = total(catalog, "keep-alive:5m", dropped, every=12 * M)
    assert amount == (Fraction(5, 4) + 10 * (2 * Fraction("0.215") + Fraction(1, 10))) * Fraction(3, 10)


def test_of_random_queries_between_pings_those_after_a_long_idle_time_write(catalog: Catalog) -> None:
    """At 12 an hour on 5m, e^-1 = .3678794412: .5819767069 pings a query, each of 0.215 as above. A query comes 4 to 5
    minutes after the last query or ping with (e^-.8 - e^-1) / (1 - e^-1) = .1288512481, and a tenth of those write."""
    dropped = Eviction("4m:10%", ((4 * M, Fraction(1, 10)),))
    amount = total(catalog, "keep-alive:5m", dropped, rate=Fraction(12), arrivals="poisson")
    pings, lost = Fraction(".5819767069") * Fraction("0.215"), Fraction(".01288512481")
    expected = (Fraction(5, 4) + 10 * (pings + Fraction(1, 10) + lost * Fraction("1.15"))) * Fraction(3, 10)
    assert abs(amount - expected) < Fraction(1, 10**8)


def test_a_lost_entry_of_a_second_sight_is_written_by_the_third(catalog: Catalog) -> None:
    """Every 4 minutes, a tenth lost beyond 3: plain, written, and nine later ones 0.9 x 0.1 + 0.1 x 1.25."""
    dropped = Eviction("3m:10%", ((3 * M, Fraction(1, 10)),))
    amount = total(catalog, "second-sight:5m", dropped, every=4 * M)
    assert amount == (1 + Fraction(5, 4) + 9 * Fraction("0.215")) * Fraction(3, 10)


def test_the_page_says_who_reports_a_curve_and_when_it_was_seen() -> None:
    """The reported shares, as steps of idle time."""
    assert [(idle // M, share) for idle, share in REPORTED.steps] == [
        (10, Fraction("0.08")),
        (20, Fraction("0.13")),
        (30, Fraction("0.21")),
        (45, Fraction("0.25")),
    ]
    assert (REPORTED.source, REPORTED.seen) == (
        "https://github.com/anthropics/claude-code/issues/94177",
        date(2026, 11, 22),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected a table of curves"),
        ("a: {steps: {10m: 0.1}}", "expected a table of said, seen, source, steps"),
        ("a: {steps: {10m: 0.1}, source: x, said: y, seen: 2026-01-01}", "a.source: expected an address"),
        ("a: {steps: {10m: 0.1}, source: 'https://x', said: y, seen: soon}", "a.seen: expected the day"),
        ("a: {steps: *other, source: x, said: y, seen: z}", r"uses \*other, but nothing above it is named &other"),
        ("a: &other {steps: {}}\na: *other", ":2: a is given twice"),
        ("a: {steps: !int 1}", "uses a tag"),
        ("a:", ":1: a: has no value"),
        ("a: {steps: {10m: 2}, source: 'https://x', said: y, seen: 2026-01-01}", "steps: .*more than the whole"),
        ("a: {steps: {10m: 0.2, 5m: 0.1}, source: 'https://x', said: y, seen: 2026-01-01}", "steps of rising"),
        ("a: [", "is not YAML"),
    ],
)
def test_a_page_with_a_fault_is_refused_by_its_name(tmp_path: Path, text: str, message: str) -> None:
    """One fault each."""
    page = tmp_path / "eviction.yaml"
    page.write_text(text)
    with pytest.raises(BadDocument, match=rf"eviction\.yaml.*{message}"):
        load_evictions(page)


def test_a_folder_of_prices_need_not_have_curves(tmp_path: Path) -> None:
    """Then none has a name."""
    assert load_evictions(tmp_path / "eviction.yaml") == {}


def test_steps_are_read_as_they_are_written() -> None:
    """Idle times and shares; `none` is nothing."""
    result = Question(eviction="10m:8%,20m:13%").assumptions().eviction
    assert result is not None
    assert result.steps == ((10 * M, Fraction(2, 25)), (20 * M, Fraction(13, 100)))
    assert Question(eviction="none").assumptions().eviction is None
    assert Question(eviction="reported").assumptions(PAGE.parent).eviction == REPORTED


@pytest.mark.parametrize("text", ["sometimes", "10m", "10m:8%,", "10m:x"])
def test_an_eviction_that_is_none_is_refused(text: str) -> None:
    """With the word first."""
    with pytest.raises(BadQuantity, match="eviction: "):
        Question(eviction=text).assumptions(PAGE.parent)


def test_steps_that_fall_are_refused() -> None:
    """Idle times rise."""
    with pytest.raises(BadWorkload, match="eviction: expected steps of rising idle times"):
        Question(eviction="20m:8%,10m:13%").assumptions()


def test_the_answer_says_that_eviction_is_assumed_and_by_whom_it_is_reported() -> None:
    """A person and a program read it."""
    words = "compare claude-sonnet-4-5 -c 100K -n 10 --every 15m --eviction reported -v"
    shown = " ".join(run(*words.split()).out.split())
    assert "; entries are evicted before their time, reported (reported at https://github.com/" in shown
    assert "hits and misses are expected numbers, by closed form" in shown
    record = run(*words.split(), "--json").json
    assert record["assumptions"]["eviction"]["steps"] == {"10m": "0.08", "20m": "0.13", "30m": "0.21", "45m": "0.25"}
    assert {each["strategy"]: each["expected"] for each in record["answers"]}["written:1h"] == "closed form"
