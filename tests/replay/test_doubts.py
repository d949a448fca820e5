"""Requests that the vendor would refuse, or would not cache, are counted and doubted, whichever engine adds up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ..command import run

AT = "2026-11-20T12:00Z"
OPUS, SONNET = "anthropic/claude-opus-5@2026-07-24", "anthropic/claude-sonnet-4-5@2026-04-30"
ENGINES = (
    ("--engine", "python"),
    ("--engine", "python", "--paid-only"),
    ("--engine", "duckdb"),
    ("--engine", "duckdb", "--paid-only"),
    pytest.param(("--engine", "spark"), marks=pytest.mark.external),
)


def written(folder: Path, requests: Sequence[dict[str, Any]], name: str = "log.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps({"at": AT} | each) + "\n" for each in requests))
    return str(path)


def cautions(log: str, *question: str) -> dict[str, str]:
    """What is said of each rate card that has something to be said of."""
    answer = run("replay", log, *question, "--json").json["rates"]
    return {each["version"]: each["caution"] for each in answer if each["caution"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_beyond_a_limit_or_below_a_minimum_is_counted(engine: tuple[str, ...], tmp_path: Path) -> None:
    """Claude Opus 5 takes 1,000,000 tokens, prompt and answer together: 5,500,000 and 999,990 + 11 are too many,
    999,990 + 10 are not. Sonnet 4.5 answers with 64,000 at most and caches from 1,024 on: 1,000 are too few."""
    log = written(
        tmp_path,
        [
            {"model": "claude-opus-5", "input": 5_500_000},
            {"model": "claude-opus-5", "input": 999_990, "output": 11},
            {"model": "claude-opus-5", "input": 999_990, "output": 10},
            {"model": "claude-sonnet-4-5", "cache_write_5m": 1_000, "output": 64_000},
            {"model": "claude-sonnet-4-5", "cache_write_5m": 1_024, "output": 64_001},
            {"model": "claude-sonnet-4-5", "cache_read": 1_000},
            {"model": "claude-sonnet-4-5", "cache_read": 1_023},
            {"model": "claude-sonnet-4-5", "cache_read": 1_024},
            {"model": "claude-sonnet-4-5", "cache_read": 524, "cache_write_5m": 500},
        ],
    )
    result = cautions(log, *engine)
    assert result.keys() == {OPUS, SONNET}
    assert result[OPUS].startswith("2 requests over the context limit of 1,000,000 tokens: the vendor would refuse")
    answers, writes, reads = result[SONNET].split("; ")
    assert answers.startswith("1 request over the answer limit of 64,000 tokens: the vendor would refuse")
    assert writes == "1 request with fewer cached tokens than the minimum of 1,024 for a write: priced as reported"
    assert reads == "2 requests with fewer cached tokens than the minimum of 1,024 for a read: priced as reported"


@pytest.mark.parametrize("engine", ENGINES)
def test_each_model_has_its_own_limit(engine: tuple[str, ...], tmp_path: Path) -> None:
    """300,000 tokens are more than the 200,000 of Claude Haiku 4.5 and within the million of Opus 5."""
    log = written(tmp_path, [{"model": f"claude-{name}", "input": 300_000} for name in ("haiku-4-5", "opus-5")])
    (said,) = cautions(log, *engine).values()
    assert said.startswith("1 request over the context limit of 200,000 tokens")


def test_a_sum_of_many_requests_is_no_request_beyond_a_limit(tmp_path: Path) -> None:
    """An hour of Anthropic's usage report has 90 million tokens of many requests."""
    bucket = {
        "starting_at": "2026-11-20T12:00:00Z",
        "ending_at": "2026-11-20T13:00:00Z",
        "results": [
            {
                "uncached_input_tokens": 90_000_000,
                "cache_read_input_tokens": 0,
                "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 900_000,
                "model": "claude-opus-5",
                "service_tier": "standard",
                "context_window": "0-200k",
            }
        ],
    }
    path = tmp_path / "usage.json"
    path.write_text(json.dumps({"data": [bucket], "has_more": False}))
    assert cautions(str(path)) == {}


def test_a_person_is_warned_below_the_bill(tmp_path: Path) -> None:
    log = written(tmp_path, [{"model": "claude-opus-5", "input": 5_500_000}])
    assert "! anthropic/claude-opus-5@2026-07-24: 1 request over the context limit" in run("replay", log).out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_limit_of_the_input_alone_leaves_the_answer_out(engine: tuple[str, ...], tmp_path: Path) -> None:
    """Gemini 2.5 Flash-Lite on Vertex takes 1,048,576 tokens of input, GPT-5 272,000 of its context of 400,000, and
    both answer with more beside them."""
    for model, most in (("google-vertex/gemini-2.5-flash-lite", 1_048_576), ("openai/gpt-5", 272_000)):
        log = written(tmp_path, [{"model": model, "input": tokens, "output": 100} for tokens in (most, most + 1)])
        (said,) = cautions(log, *engine).values()
        assert f"1 request over the input limit of {most:,} tokens" in said
