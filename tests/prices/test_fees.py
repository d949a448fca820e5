"""Fees beside tokens: calls of a vendor's tools, as a page prints them, a quote names them and a log counts them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.units import instant

from ..command import run

PAGE = """\
provider: somewhere
model: searcher
name: Searcher
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-11-22
    regions: {eu: 1.1}
    fees: {web_search: 10.00 per 1k, file_search: 0.0025, source: https://example.com/tools, seen: 2026-11-22}
    tiers:
      - input: 2.00
        output: 8.00
      - service: batch
        input: 1.00
        output: 4.00
        fees: {web_search: 5.00 per 1k}
"""
AT = instant("2026-11-01")


def test_a_fee_of_a_card_holds_for_all_rows_and_a_row_has_its_own() -> None:
    """1M x $2 + 3 x $10/1k = $2.03; in batch 1M x $1 + 3 x $5/1k = $1.015, and a file search costs $0.0025 in both."""
    sheet, used = read_text(PAGE, file="page.yaml"), Usage(input=1_000_000, fees={"web_search": 3})
    assert quote(used, sheet, at=AT).total == Decimal("2.03")
    assert quote(used, sheet, at=AT, service="batch").total == Decimal("1.015")
    assert quote(Usage(fees={"file_search": 2}), sheet, at=AT, service="batch").total == Decimal("0.005")
    assert sheet.cards[0].sources == ("https://example.com/pricing", "https://example.com/tools")


def test_a_region_does_not_change_a_fee() -> None:
    """1.1 x $2 + $0.01."""
    used = Usage(input=1_000_000, fees={"web_search": 1})
    assert quote(used, read_text(PAGE, file="page.yaml"), at=AT, region="eu").total == Decimal("2.21")


def test_calls_are_no_tokens() -> None:
    """They do not lengthen the prompt that selects the row."""
    assert Usage(input=5, fees={"web_search": 300_000}).prompt == 5


@pytest.mark.parametrize("fee", ["ten per 1k", "10.00 per 1M", "-1", "10.00 per", "$10 per 1k"])
def test_a_fee_in_another_form_is_refused(fee: str) -> None:
    with pytest.raises(
        BadSheet, match=r"page.yaml:11: web_search: .*expected an amount such as 0.005, or 10.00 per 1k"
    ):
        read_text(PAGE.replace("10.00 per 1k", fee), file="page.yaml")


def test_a_quote_lists_the_calls() -> None:
    """10,000 x $3 + 1,000 x $15 per 1M, and 120 searches at $10 per 1,000: $0.045 + $1.20."""
    words = ("quote", "claude-sonnet-4-6", "--input", "10K", "--output", "1K", "--fee", "web_search=120")
    answer = run(*words, "--at", "2026-11-01", "--json").json
    assert answer["total"] == "1.245"
    assert answer["lines"][-1] == {
        "name": "fee.web_search",
        "quantity": 120,
        "unit": "calls",
        "rate": "0.01",
        "amount": "1.2",
    }


def test_an_unknown_fee_is_refused_and_never_zero() -> None:
    refused = run("quote", "gpt-4o", "--input", "10K", "--fee", "web_search=1", "--at", "2026-11-01")
    assert refused.code == 2
    assert "has no rate for fee.web_search" in refused.err


def test_http_takes_fees_by_query_and_in_a_record(client: TestClient) -> None:
    """3 x $0.01."""
    words = {"model": "claude-sonnet-4-6", "at": "2026-11-01", "fee": "web_search=3"}
    assert client.get("/v1/quote", params=words).json()["total"] == "0.03"
    record = {"model": "claude-sonnet-4-6", "at": "2026-11-01", "usage": {"fees": {"web_search": 3}}}
    assert client.post("/v1/quote", json=record).json()["total"] == "0.03"
    wrong = record | {"usage": {"fees": 3}}
    assert client.post("/v1/quote", json=wrong).status_code == 422


SEARCH = {"type": "web_search_call", "status": "completed", "action": {"type": "search"}}
ANTHROPIC = {
    "type": "message",
    "model": "claude-sonnet-4-6",
    "timestamp": "2026-11-10T10:00:00Z",
    "usage": {"input_tokens": 1000, "output_tokens": 0, "server_tool_use": {"web_search_requests": 2}},
}
OPENAI = {
    "object": "response",
    "model": "gpt-5.5",
    "created_at": 1794304800,
    "output": [SEARCH, SEARCH],
    "usage": {"input_tokens": 1000, "output_tokens": 0, "total_tokens": 1000},
}


# In each case 2 x $10 per 1,000, and 1,000 tokens at $3 (Claude Sonnet 4.6) or $5 (GPT-5.5).
@pytest.mark.parametrize("engine", ["python", "duckdb"])
@pytest.mark.parametrize(("record", "total"), [(ANTHROPIC, "0.023"), (OPENAI, "0.025")])
def test_searches_of_a_log_are_paid(record: dict[str, Any], total: str, engine: str, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(record) + "\n")
    report = run("replay", log, "--engine", engine, "--json").json
    assert report["totals"] == {"USD": total}
    assert {"name": "fee.web_search", "currency": "USD", "quantity": "2", "unit": "calls", "cost": "0.02"} in report[
        "classes"
    ]
    # under another policy the searches cost the same: they are on neither side
    assert {each["paid"] for each in report["what_if"]} == {str(Decimal(total) - Decimal("0.02"))}


def test_gemini_2_5_pays_for_a_grounded_prompt_once(tmp_path: Path) -> None:
    """Two prompts with three and one search: 2 x $35 per 1,000 (https://ai.google.dev/gemini-api/docs/pricing), and
    2 x 1,000 tokens at $1.25 per 1M; Gemini 3.1 Pro pays 4 x $14 per 1,000 and $2 per 1M. With a time they are among
    the 1,500 prompts of the day and the 5,000 searches of the month that are free there."""
    for model, total, tokens, free in (
        ("gemini-2.5-pro", "0.0725", "0.0025", "2 of 2 calls of grounded_prompt on google/gemini-2.5-pro"),
        ("gemini-3.1-pro-preview", "0.06", "0.004", "4 of 4 calls of web_search on google/gemini-3"),
    ):
        lines = [
            {
                "modelVersion": model,
                "candidates": [{"groundingMetadata": {"webSearchQueries": queries}}],
                "usageMetadata": {"promptTokenCount": 1000},
            }
            for queries in (["a", "b", "c"], ["d"])
        ]
        log = tmp_path / "log.jsonl"
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        assert run("replay", log, "--json").json["totals"] == {"USD": total}
        log.write_text("".join(json.dumps(line | {"createTime": "2026-11-10T10:00:01Z"}) + "\n" for line in lines))
        report = run("replay", log, "--json").json
        assert report["totals"] == {"USD": tokens}
        assert f"Free: {free}, as if the log had all of the account." in report["notes"]


def test_calls_without_a_known_fee_are_named(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(OPENAI | {"model": "gpt-4o"}) + "\n")
    report = run("replay", log, "--json").json
    assert report["totals"] == {"USD": "0.0025"}  # 1,000 x $2.50 per 1M
    assert "Calls of tools cost a fee beside their tokens, which is not priced: web search (2)." in report["notes"]
