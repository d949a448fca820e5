"""Sums of requests: which tier each request fell into is not said, so that a bill is a range."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cachecost.logs.formats.reports import LONGEST, window

from ..command import run


def openai(**more: Any) -> dict[str, Any]:
    """A day of GPT-6 Sol: 300 requests with 1,000,000 tokens of input and 10,000 of output."""
    result = {"object": "organization.usage.completions.result", "model": "gpt-6-sol", "num_model_requests": 300}
    result |= {"input_tokens": 1_000_000, "output_tokens": 10_000} | more
    return {"object": "bucket", "start_time": 1794268800, "end_time": 1794355200, "results": [result]}


def anthropic(window: str | None, tokens: int) -> dict[str, Any]:
    """A day of Claude Haiku 5.5, whose long tier begins above 100,000 tokens."""
    result = {"uncached_input_tokens": tokens, "output_tokens": 1_000, "model": "claude-haiku-5-5"}
    result |= {"cache_creation": {}, "cache_read_input_tokens": 0, "context_window": window}
    times = {"starting_at": "2026-11-10T00:00:00Z", "ending_at": "2026-11-11T00:00:00Z"}
    return {"data": [{**times, "results": [result]}], "has_more": False, "next_page": None}


def paid(tmp_path: Path, record: dict[str, Any]) -> tuple[str, list[str]]:
    """The total, and the ranges that are reported."""
    (tmp_path / "sums.json").write_text(json.dumps(record))
    answer = run("replay", tmp_path / "sums.json", "--paid-only", "--json").json
    ranges = [note for note in answer["notes"] if "they cost" in note]
    return answer["totals"]["USD"], [note.split("cost ")[1].split(", since")[0] for note in ranges]


@pytest.mark.parametrize(
    ("record", "total", "ranges"),
    [
        # GPT-6 Sol up to 272,000 tokens: input 2.00, output 10.00 per 1M; above: 4.00 and 15.00
        #   3,334 tokens a request: 1M x 2 + 10,000 x 10 = 2.10; if one had 999,701 of them: 4 + 0.15 = 4.15
        (openai(), "2.1", ["$2.10 to $4.15"]),
        (openai(num_model_requests=1), "4.15", []),
        # no prompt is longer than the whole: 200,000 x 2 + 0.10
        (openai(input_tokens=200_000), "0.5", []),
        # Claude Haiku 5.5 up to 100,000 tokens: input 0.10, output 0.50; above: 0.50 and 2.50
        #   1,000 x 0.1 + 1,000 x 0.5 = 0.0006
        (anthropic("0-200k", 1_000), "0.0006", []),
        (anthropic("0-100k", 1_000_000), "0.1005", []),
        (anthropic("100k-1M", 1_000_000), "0.5025", []),
        #   1M x 0.1 + 0.0005 = 0.1005, or five times as much where some are above 100,000
        (anthropic("0-200k", 1_000_000), "0.1005", ["$0.1005 to $0.5025"]),
        (anthropic(None, 1_000_000), "0.1005", ["$0.1005 to $0.5025"]),
        (anthropic(None, 90_000), "0.0095", []),
    ],
)
def test_a_sum_is_a_range_where_the_size_of_a_prompt_decides(
    tmp_path: Path, record: dict[str, Any], total: str, ranges: list[str]
) -> None:
    """A number of requests gives their mean; without one they are taken as short as the window allows."""
    assert paid(tmp_path, record) == (total, ranges)


def test_calls_of_tools_are_told_beside_the_bill(tmp_path: Path) -> None:
    """Opus 4.8: 2 x 1,000 x 5.00 per 1M; a search in each of two messages, of which one comes twice."""
    usage = {"input_tokens": 1_000, "server_tool_use": {"web_search_requests": 1}}
    lines = [
        {
            "id": f"msg_{number}",
            "type": "message",
            "model": "claude-opus-4-8",
            "timestamp": "2026-11-10",
            "usage": usage,
        }
        for number in (1, 1, 2)
    ]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    answer = run("replay", tmp_path / "log.jsonl", "--paid-only", "--json").json
    # 2 x $0.01 for searches, https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool
    assert answer["totals"] == {"USD": "0.03"}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("0-200k", (1, 200_000)),
        ("200k-1M", (200_001, 1_000_000)),
        ("0-100k", (1, 100_000)),
        ("≤ 200k", (1, 200_000)),
        ("> 200k", (200_001, LONGEST)),
        ("", None),
        ("standard", None),
    ],
)
def test_a_window_says_how_long_a_prompt_can_be(text: str, sizes: tuple[int, int] | None) -> None:
    """In the API's words and in the Console's."""
    assert window(text) == sizes
