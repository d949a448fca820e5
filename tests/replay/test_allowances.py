"""Calls that a vendor gives free by day or month: taken off the sums of a log in order of time, and named elsewhere."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet

from ..command import run

PAGE = """\
provider: somewhere
model: searcher
name: Searcher
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.org/pricing
    seen: 2026-11-22
    fees: {web_search: 10.00 per 1k}
    allowance: {web_search: 5, per: month, source: https://example.org/free, seen: 2026-11-22}
    tiers:
      - input: 2.00
        output: 8.00
      - service: batch
        input: 1.00
        output: 4.00
"""


def catalogue(folder: Path, *pages: str) -> str:
    (folder / "somewhere").mkdir()
    for page in pages:
        (folder / "somewhere" / f"{page.split()[3]}.yaml").write_text(page, encoding="utf-8")
    return str(folder)


def asked(at: str | None, searches: int, model: str = "searcher", **more: Any) -> dict[str, Any]:
    """A request of no tokens, so that only its searches are paid."""
    usage = {"input_tokens": 0, "output_tokens": 0, "server_tool_use": {"web_search_requests": searches}}
    return {"type": "message", "model": model, "usage": usage} | ({"timestamp": at} if at else {}) | more


def replayed(folder: Path, *records: dict[str, Any], pages: tuple[str, ...] = (PAGE,), **flags: str) -> Any:
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    words = [word for flag, value in flags.items() for word in (f"--{flag}", value)]
    return run("replay", log, "--prices", catalogue(folder, *pages), "--json", *words).json


MONTHS = [
    asked("2026-10-30T10:00:00Z", 3),
    asked("2026-10-31T23:59:59Z", 4),
    asked("2026-11-01T00:00:00Z", 6),
]


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_the_first_calls_of_each_month_are_free(engine: str, tmp_path: Path) -> None:
    """Of 3 + 4 calls in October two are paid, of 6 in November one, at $0.01 each."""
    report = replayed(tmp_path, *MONTHS, engine=engine, by="day")
    assert report["totals"] == {"USD": "0.03"}
    assert [(each["label"], each["cost"]) for each in report["by"]["day"]] == [
        ("2026-10-30", "0"),
        ("2026-10-31", "0.02"),
        ("2026-11-01", "0.01"),
    ]
    assert {"name": "fee.web_search", "quantity": "3", "cost": "0.03"}.items() <= report["classes"][-1].items()
    note = "Free: 10 of 13 calls of web_search on somewhere/searcher, as if the log had all of the account."
    assert note in report["notes"]


def test_days_begin_anew_and_hours_are_in_order(tmp_path: Path) -> None:
    """5 a day: of 4 calls at nine and 3 at ten two are paid, at ten; the next day is free."""
    records = [
        asked("2026-11-02T10:00:00Z", 3),
        asked("2026-11-02T09:00:00Z", 4),
        asked("2026-11-03T09:00:00Z", 5),
    ]
    report = replayed(tmp_path, *records, pages=(PAGE.replace("per: month", "per: day"),), by="hour")
    assert [each["cost"] for each in report["by"]["hour"]] == ["0", "0.02", "0"]


def test_models_share_what_they_have_together_and_services_what_a_card_gives(tmp_path: Path) -> None:
    """5 for two models together: of 2 + 8 calls on one day five are paid, and one model has a fifth of the free ones;
    whatever tells the sums apart, they add up to $0.05."""
    shared = PAGE.replace("per: month", "per: month, shared: both")
    pages = (shared, shared.replace("model: searcher", "model: other"))
    records = [asked("2026-11-02T10:00:00Z", 2), asked("2026-11-02T09:00:00Z", 8, "other")]
    report = replayed(tmp_path, *records, pages=pages, by="hour")
    assert report["totals"] == {"USD": "0.05"}
    assert sum(Decimal(each["cost"]) for each in report["by"]["model"]) == Decimal("0.05")
    # by the hour, the five at nine are the first
    assert [each["cost"] for each in report["by"]["hour"]] == ["0.03", "0.02"]


def test_one_day_s_last_free_calls_are_shared_out_in_proportion(tmp_path: Path) -> None:
    """5 of 10 calls: 1 of 2 and 4 of 8."""
    shared = PAGE.replace("per: month", "per: month, shared: both")
    pages = (shared, shared.replace("model: searcher", "model: other"))
    records = [asked("2026-11-02T10:00:00Z", 2), asked("2026-11-02T09:00:00Z", 8, "other")]
    costs = {each["label"]: each["cost"] for each in replayed(tmp_path, *records, pages=pages)["by"]["model"]}
    assert costs == {"somewhere/searcher": "0.01", "somewhere/other": "0.04"}


def test_calls_without_a_time_are_paid(tmp_path: Path) -> None:
    assert replayed(tmp_path, asked(None, 3))["totals"] == {"USD": "0.03"}


def test_a_quote_names_what_is_free_and_bills_the_call(tmp_path: Path) -> None:
    answer = run("quote", "searcher", "--fee", "web_search=2", "--prices", catalogue(tmp_path, PAGE), "--json").json
    assert answer["total"] == "0.02"
    assert "web_search: 5 a month, are free and not taken off here" in answer["warnings"]
    sheet = run("show", "searcher", "--prices", str(tmp_path))
    assert "free: web_search, 5 a month" in sheet.out
    assert "Source: https://example.org/free" in sheet.out


@pytest.mark.parametrize(
    ("allowance", "message"),
    [
        ("{file_search: 5, per: day}", "11: file_search: given, but the card has no such fee"),
        ("{per: day}", "11: allowance: names no fee"),
        ("{web_search: 5}", "11: per: missing"),
        ("{web_search: 5, per: week}", "11: per: 'week'"),
        ("{web_search: 0, per: day}", "11: web_search: '0'"),
        ("{web_search: 1.5, per: day}", "11: web_search: '1.5'"),
        ("{tokens: 5, per: day}", "11: tokens is not a fee or term of an allowance (web_search"),
    ],
)
def test_an_allowance_that_cannot_be_is_refused_with_its_line(allowance: str, message: str) -> None:
    page = PAGE.replace("{web_search: 5, per: month, source: https://example.org/free, seen: 2026-11-22}", allowance)
    with pytest.raises(BadSheet) as refused:
        read_text(page, file="page.yaml")
    assert f"page.yaml:{message}" in str(refused.value)


def test_a_change_of_an_allowance_is_a_change_of_terms(tmp_path: Path) -> None:
    for name, number in (("base", "5"), ("head", "9")):
        (tmp_path / name).mkdir()
        catalogue(tmp_path / name, PAGE.replace("web_search: 5,", f"web_search: {number},"))
    difference = run("prices", "diff", str(tmp_path / "base"), str(tmp_path / "head"), "--json").json
    (change,) = difference["changes"]
    assert {"old": "5", "new": "9"}.items() <= change.items()
    assert "allowance.free.web_search" in change.values()
