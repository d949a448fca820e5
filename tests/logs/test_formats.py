"""Each format of logs is read to the counts that its vendor bills, worked by hand beside each case."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cachecost.errors import BadLog, CachecostError
from cachecost.logs.formats import FORMATS, Detector, sniff
from cachecost.logs.reader import read
from cachecost.logs.values import DECODER
from cachecost.prices.usage import Usage
from cachecost.replay.ledger import Ledger
from cachecost.replay.request import Charge, Doubt, Request, Skipped

from ..conftest import ROOT
from ..test_walls import WORLD, imports

LOGS = ROOT / "tests" / "logs"
ROOMS = "format flat values counts envelope tables repeats".split()
TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
OPUS = "claude-opus-4-8"


def asked(name: str, **words: Any) -> tuple[list[Any], Ledger]:
    """What a fixture asks money for, and its account."""
    ledger = Ledger()
    return list(read([str(LOGS / name)], ledger=ledger, **words)), ledger


CASES: dict[str, list[dict[str, Any]]] = {
    "openai_chat.jsonl": [
        # 5,000 - 4,096 read - 512 written = 392; 40 thoughts are inside the 70
        {"usage": Usage(input=392, cache_read=4096, cache_write=512, output=70), "service": "flex", "thinking": True},
        {"usage": Usage(input=900, output=10), "service": "batch", "id": "chatcmpl-2"},
        {"usage": Usage(input=44, cache_read=256, output=20), "model": "deepseek-chat"},  # 300 - 256 hits
        {"usage": Usage(input=100, output=49)},  # total 149 = 100 + 9 + 40: the thoughts stand outside
        {"usage": Usage(input=20, output=10, audio={"input": 100, "output": 50})},  # 120 - 100, 60 - 50
    ],
    "openai_responses.json": [
        {  # 3,000 - 1,000 - 1,500
            "usage": Usage(input=500, cache_read=1000, cache_write={"30m": 1200, "12h": 300}, output=80),
            "service": "priority",
            "session": "book",
            "at": TEN,
        }
    ],
    "openai_usage.json": [
        {  # 10,000 - 6,000 - 1,000 = 3,000, as it says; 10,000 / 3 requests, rounded up
            "usage": Usage(input=3000, cache_read=6000, cache_write={"30m": 1000}, output=500),
            "count": 3,
            "prompt": 3334,
            "lasting": DAY,
            "at": MIDNIGHT,
            "project": "proj_a",
        },
        {"usage": Usage(input=800, output=40), "service": "batch", "count": 2, "prompt": 400},
    ],
    "openai_usage.csv": [
        {  # 9,000 - 5,000; 9,000 / 4
            "usage": Usage(input=4000, cache_read=5000, output=700),
            "count": 4,
            "prompt": 2250,
            "lasting": DAY,
            "at": MIDNIGHT,
            "service": "standard",
            "project": "proj_a",
        },
        {  # 600 of text and 400 of audio are the 1,000, so the 200 and 100 cached are among them; 50 + 40 = 90
            "usage": Usage(input=400, cache_read=200, output=50, audio={"input": 300, "cache_read": 100, "output": 40}),
            "service": "batch",
        },
    ],
    "openai_costs.csv": [
        {"amount": Decimal("0.00383598"), "currency": "USD", "item": "gpt-5-mini-2025-08-07, input", "lasting": DAY}
    ],
    "anthropic_usage.csv": [
        {
            "usage": Usage(input=70, cache_read=8000, cache_write={"5m": 900, "1h": 100}, output=60),
            "service": "fast",
            "region": "us",
            "window": (1, 200_000),
            "lasting": DAY,
            "at": MIDNIGHT,
            "project": "Shop",
        },
        {"usage": Usage(input=500, output=20), "service": "batch", "region": None, "provider": "anthropic"},
    ],
    "cursor.csv": [
        {  # 700 + 40 + 9,000 + 260 = 10,000: the two inputs stand side by side
            "usage": Usage(input=40, cache_read=9000, cache_write=700, output=260),
            "model": "claude-4.5-sonnet-thinking",
            "paid": Decimal("0.03"),
            "project": "ann@example.com",
            "at": TEN,
        },
        {"usage": Usage(input=500, output=25), "model": "gpt-5-mini", "paid": None},
        {  # 800 + 2,000 + 100 = 2,900: 300 of the 800 were not written
            "usage": Usage(input=300, cache_read=2000, cache_write=500, output=100),
            "model": "claude-4-sonnet",
        },
    ],
    "litellm_daily.csv": [  # the later row of the same id; 5,000 - 4,000 - 700; 5,000 / 4
        {
            "usage": Usage(input=300, cache_read=4000, cache_write=700, output=90),
            "count": 4,
            "prompt": 1250,
            "lasting": DAY,
            "paid": Decimal("0.04"),
            "project": "red",
        }
    ],
    "litellm_export.csv": [
        {"usage": Usage(input=300, cache_read=4000, cache_write=700, output=90), "count": 4, "lasting": DAY},
        {"usage": Usage(input=172, cache_read=128, output=30), "count": 1, "project": "blue"},  # 300 - 128
    ],
    "deepseek_amounts.csv": [
        {"usage": Usage(cache_read=3000), "at": MIDNIGHT, "lasting": timedelta(hours=1), "project": "shop"},  # +08:00
        {"usage": Usage(input=700), "provider": "deepseek"},
        {"usage": Usage(output=90), "model": "deepseek-v4-flash"},
    ],
    "deepseek_costs.csv": [
        {"amount": Decimal("1.2345"), "currency": "CNY", "item": "Paid", "at": MIDNIGHT, "lasting": DAY},
        {"amount": Decimal("0.05"), "currency": "CNY", "item": "Granted", "model": "deepseek-v4-flash"},
    ],
    "aws_cur.csv": [  # the last row is the first once more
        {
            "amount": Decimal("0.0375"),
            "currency": "USD",
            "item": "EUC1-NovaLite-cache-read-input-token-count",
            "at": TEN,
            "lasting": timedelta(hours=1),
        },
        {"amount": Decimal("0.05"), "model": "Claude Opus 4.8 (Amazon Bedrock Edition)", "project": "111122223333"},
    ],
    "aws_cost_explorer.json": [
        {"amount": Decimal("0.80"), "item": "USE1-NovaPro-input-tokens", "at": MIDNIGHT, "lasting": DAY},
        {"amount": Decimal("0.32"), "item": "USE1-NovaPro-output-tokens"},
        {"amount": Decimal("1.5"), "item": "", "at": MIDNIGHT + DAY},
    ],
    "gcp_billing.jsonl": [
        {
            "amount": Decimal("0.031"),
            "currency": "EUR",
            "item": "Gemini 2.5 Pro Text Input Caching - Predictions",
            "at": TEN,
            "project": "shop",
        }
    ],
    "azure_costs.csv": [  # 11/01/2026 is the first of November
        {"amount": Decimal("0.05"), "item": "gpt 5 mini cached Inp glbl Tokens", "at": MIDNIGHT, "project": "rg-shop"}
    ],
    "focus.csv": [{"amount": Decimal("0.75"), "item": "Claude Opus 4.8 cache read", "lasting": DAY, "project": "prod"}],
    "openrouter_daily.csv": [  # 7,001 / 4, rounded up
        {"usage": Usage(input=7001, output=300), "count": 4, "prompt": 1751, "lasting": DAY, "paid": Decimal("0.43")}
    ],
    "anthropic_costs.csv": [  # the third row is the second once more
        {"amount": Decimal("0.12"), "item": "message, input_cache_read, fast", "model": "Claude Opus 4.8"},
        {"amount": Decimal("1.50"), "item": "message, output", "project": "Shop", "at": MIDNIGHT},
    ],
    "openai_costs.json": [{"amount": Decimal("0.06"), "currency": "USD", "item": "gpt-5.6-sol, cached input"}],
    "anthropic_message.jsonl": [
        {
            "usage": Usage(input=21, cache_read=2000, cache_write={"5m": 1000, "1h": 4000}, output=30),
            "service": "fast",
            "region": "us",
            "at": None,
        },
        {"usage": Usage(input=4, cache_write=100, output=5), "at": TEN, "session": "s7"},  # 11:00 at +01:00
        {"usage": Usage(input=10, output=6), "service": "batch"},
        {"usage": Usage(input=1800, output=35), "id": "msg_4"},  # what the summary read comes on top
        {"usage": Usage(input=230, output=10), "id": "msg_4#1"},
    ],
    "anthropic_usage.json": [
        {
            "usage": Usage(input=70, cache_read=8000, cache_write={"5m": 900, "1h": 100}, output=60),
            "service": "batch",
            "window": (200_001, 1_000_000),
            "lasting": DAY,
            "region": None,
            "project": "ws",
        }
    ],
    "anthropic_costs.json": [{"amount": Decimal("2.505"), "currency": "USD", "model": OPUS}],  # 250.5 cents
    "gemini.jsonl": [
        {  # text: 700 - 500 + 7 for tools; audio: 300 - 100; 50 + 30 thoughts
            "usage": Usage(input=207, cache_read=500, output=80, audio={"input": 200, "cache_read": 100}),
            "service": "flex",
            "at": TEN,
            "thinking": True,
        },
        {"usage": Usage(input=40, output=8), "model": "gemini-2.5-pro", "at": TEN + timedelta(seconds=5)},
    ],
    "gemini_cached.jsonl": [
        # listed twice, 20 minutes and then 90: it stood for 1.5 hours
        {"usage": Usage(creation=90_000, storage=Fraction(135_000)), "prompt": 90_000, "at": TEN}
    ],
    "claude_code.jsonl": [
        {  # three lines of one message: 5, 90 and 40 of output; the largest counts, once, at the time of the first
            "usage": Usage(input=4, cache_read=700, cache_write={"1h": 300}, output=90),
            "at": TEN + timedelta(seconds=1),
            "session": "s-1",
            "project": "/home/u/p",
        },
        {"usage": Usage(input=4, cache_read=700, cache_write={"1h": 300}, output=8)},
    ],
    "otel.jsonl": [
        {  # 1,000 - 600 - 300
            "usage": Usage(input=100, cache_read=600, cache_write=300, output=20),
            "at": TEN + timedelta(milliseconds=500),
            "session": "c1",
            "project": "shop",
            "provider": "anthropic",
            "id": "t1:a1",
        },
        {"usage": Usage(input=100, cache_read=400, output=9), "provider": "anthropic", "id": "0xt2:0xb1"},
        {"usage": Usage(input=25, cache_read=10, cache_write=15, output=2), "id": "t3:c1"},  # 50 - 10 - 15
    ],
    "litellm_spend.jsonl": [
        {  # 2,000 - 1,500 - 400, although it is Anthropic's
            "usage": Usage(input=100, cache_read=1500, cache_write={"1h": 400}, output=30),
            "paid": Decimal("0.0125"),
            "session": "s1",
            "project": "red",
            "provider": "anthropic",
        }
    ],
    "litellm_payload.jsonl": [
        {
            "usage": Usage(input=172, cache_read=128, output=30),  # 300 - 128
            "paid": Decimal("0.002"),
            "service": "flex",
            "at": TEN + timedelta(milliseconds=125),
        }
    ],
    "langfuse.jsonl": [
        # 21 + 900 + 50 + 30 = 1,001: side by side
        {"usage": Usage(input=21, cache_read=900, cache_write={"5m": 50}, output=30), "paid": Decimal("0.01")},
        # 1,000 + 30 = 1,030: the cached 800 are inside
        {"usage": Usage(input=200, cache_read=800, output=30), "session": "s1"},
    ],
    "helicone.jsonl": [
        {"usage": Usage(input=100, cache_read=900, cache_write=20, output=7), "paid": Decimal("0.0491")},  # total 1,027
        {"usage": Usage(input=100, cache_read=900, cache_write=20, output=7), "session": "s1"},  # 1,020 + 7: inside
    ],
    "openrouter_activity.csv": [
        {
            "usage": Usage(input=200, cache_read=800, output=30),
            "paid": Decimal("0.0045"),
            "provider": "Anthropic",
            "at": TEN,
            "project": "shop",
            "thinking": True,
        },
        {"usage": Usage(input=50, output=3), "model": "openai/gpt-oss-20b:free"},
    ],
    "openrouter_generation.json": [{"usage": Usage(input=200, cache_read=800, output=30), "service": "standard"}],
    "bedrock.jsonl": [
        {
            "usage": Usage(input=21, cache_read=900, cache_write={"5m": 50, "1h": 20}, output=30),
            "provider": "bedrock",
            "model": "us.anthropic.claude-opus-4-8-v1:0",
        }
    ],
    "mooncake.jsonl": [
        {"usage": Usage(input=1536, output=300), "blocks": (0, 1, 2), "at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"usage": Usage(input=1700, output=120), "blocks": (0, 1, 2, 3), "session": "m1"},
    ],
    "azure.csv": [
        {"usage": Usage(input=374, output=44), "at": datetime(2023, 11, 16, 18, 15, 46, 680590, tzinfo=UTC)},
        {"usage": Usage(input=2162, output=5), "model": ""},
    ],
    "burstgpt.csv": [{"usage": Usage(input=472, output=18), "model": "ChatGPT", "session": "1"}],
    "plain.csv": [
        {
            "usage": Usage(input=21, cache_read=900, cache_write={"5m": 50}, output=30),
            "service": "batch",
            "session": "s1",
            "paid": Decimal("0.00125"),
            "provider": "anthropic",
        },
        {"usage": Usage(input=7, cache_write={"1h": 60}), "service": "standard", "at": TEN + timedelta(seconds=1)},
    ],
    "plain.jsonl": [{"usage": Usage(input=200_001, cache_write={"1h": 5}, output=3), "at": MIDNIGHT, "id": "1"}],
}


@pytest.mark.parametrize("name", CASES)
def test_a_format_is_read_to_what_is_billed(name: str) -> None:
    """Counts are disjoint, times are instants, money is exact."""
    result, ledger = asked(name)
    wanted = CASES[name]
    assert [{key: getattr(each, key) for key in want} for each, want in zip(result, wanted, strict=False)] == wanted
    assert len(result) == len(wanted)
    assert not ledger.malformed


@pytest.mark.parametrize("name", CASES)
def test_a_format_is_told_by_its_keys(name: str) -> None:
    """The reading that was forced is the reading that was told."""
    forced, _ = asked(name, format_of=Path(name).stem)
    assert forced == asked(name)[0]


def test_what_nobody_pays_for_is_skipped_with_its_reason() -> None:
    """Failures, agents' sums, answers from another cache, and lines that are no answers."""
    reasons = {name: dict(asked(name)[1].skipped) for name in CASES if asked(name)[1].skipped}
    assert reasons == {
        "openai_chat.jsonl": {"a failed request: batch_expired": 1},
        "anthropic_message.jsonl": {"a failed request: overloaded_error": 1},
        "claude_code.jsonl": {"not an answer (summary)": 1, "not an answer (user)": 1},
        "otel.jsonl": {"a span of an agent (invoke_agent): its calls have their own": 1, "a span without tokens": 1},
        "litellm_spend.jsonl": {"answered from LiteLLM's own cache: nothing was bought": 1, "a failed request": 1},
        "langfuse.jsonl": {"an observation of type SPAN": 1},
        "helicone.jsonl": {"a failed request: 429": 1},
        "bedrock.jsonl": {"a failed request: ThrottlingException": 1},
        "burstgpt.csv": {"a failed request: no answer": 1},
        "cursor.csv": {"an event without a charge (Errored, No Charge)": 1},
        "deepseek_amounts.csv": {"a row of another type (request_count)": 1},
        "aws_cur.csv": {"a charge for another service": 1},
        "gcp_billing.jsonl": {"a charge for another service": 1},
        "azure_costs.csv": {"a charge for another service": 1},
        "focus.csv": {"a charge for another service": 1},
        "openai_usage.csv": {"a row without tokens": 1},
        "openai_costs.csv": {"a row without an amount": 1},
    }


def test_keys_that_nobody_knows_are_told() -> None:
    """They may hold what is billed: sources of a search, tokens of a kind to come."""
    unknown = [dict(asked(name)[1].unknown) for name in CASES if asked(name)[1].unknown]
    assert unknown == [
        {"openai_chat: usage.num_sources_used": 1},
        {"otel: gen_ai.usage.novel_tokens": 1},
        {"langfuse: usageDetails.video_seconds": 1},
        {"plain: colour": 1},
    ]


def chat(**usage: Any) -> dict[str, Any]:
    return {"object": "chat.completion", "model": "gpt-4o", "usage": usage}


def message(**usage: Any) -> dict[str, Any]:
    return {"type": "message", "model": OPUS, "usage": usage}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (chat(prompt_tokens=-1), "prompt_tokens: -1 is not a count of tokens"),
        (chat(prompt_tokens="1,000"), "'1,000' is not a count"),
        (chat(prompt_tokens=1.5), "prompt_tokens: 1.5 is not a count"),
        (chat(prompt_tokens=True), "prompt_tokens: True is not a count"),
        (chat(prompt_tokens=None), "prompt_tokens: missing"),
        (chat(prompt_tokens=10**15), "is not a count|tokens cannot be"),
        (
            message(input_tokens=1, cache_creation_input_tokens=5, cache_creation={"ephemeral_5m_input_tokens": 4}),
            "5 tok",
        ),
        (
            {"name": "cachedContents/x", "usageMetadata": {"totalTokenCount": 5}, "createTime": "2026-11-01"},
            "both ends",
        ),
        ({"input": 4, "cache_write": 3, "cache_write_5m": 2}, "3 tokens written are not the sum of their TTLs, 2"),
        ({"at": "yesterday", "model": "x", "input": 4}, "'yesterday' is not an instant"),
        ({"at": 10**30, "model": "x", "input": 4}, "is not an instant"),
        ({"model": "x", "input": 4, "paid": "much"}, "paid: 'much' is not an amount of money"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(record: dict[str, Any], said: str) -> None:
    """It says which count, and what was expected."""
    shape = sniff(record)
    assert shape
    with pytest.raises(CachecostError, match=said):
        shape.read(record)


@pytest.mark.parametrize(
    "record",
    [
        chat(prompt_tokens=10, completion_tokens=5, total_tokens=16),
        {"object": "response", "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 14}},
        {
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 14},
            "modelVersion": "g",
        },
        {"hash_ids": [1, 2, 3, 4, 5], "input_length": 600, "output_length": 1, "timestamp": 0},
        {
            "traceId": "t",
            "type": "GENERATION",
            "usageDetails": {"input": 9, "input_cached": 4, "output": 1, "total": 11},
        },
    ],
)
def test_totals_that_do_not_add_up_are_doubted_and_read(record: dict[str, Any]) -> None:
    """The parts are billed, not the total; the contradiction is reported."""
    shape = sniff(record)
    assert shape
    kinds = [type(item) for item in shape.read(record)]
    assert kinds == [Request, Doubt]


def answer(model: str, total: int | None, cached: int, *, prompt: int = 60_000, output: int = 800) -> dict[str, Any]:
    """A chat completion that wrote 2,000 of its tokens to a cache."""
    details = {"cached_tokens": cached, "cache_creation_tokens": 2_000}
    return chat(prompt_tokens=prompt, completion_tokens=output, total_tokens=total, prompt_tokens_details=details) | {
        "model": model
    }


def row(total: int | None, cached: int, *, prompt: int = 60_000, output: int = 800) -> dict[str, Any]:
    """The same as a line of LiteLLM's spend log."""
    details = {"cached_tokens": cached, "cache_creation_tokens": 2_000}
    messages = {"request_id": "l", "call_type": "acompletion", "spend": 0, "model": OPUS, "prompt_tokens": prompt}
    metadata = {"usage_object": {"prompt_tokens_details": details}}
    return messages | {"completion_tokens": output, "total_tokens": total, "metadata": metadata}


@pytest.mark.parametrize(
    ("total", "cached", "rest", "doubts"),
    [
        (60_800, 40_000, 18_000, 0),  # 60,000 + 800: the prompt includes 40,000 read and 2,000 written
        (None, 40_000, 18_000, 0),
        (102_800, 40_000, 60_000, 0),  # 60,000 + 42,000 + 800: they stand beside it
        (90_000, 40_000, 18_000, 1),  # neither
        (60_800, 59_000, 0, 1),  # the total includes more than the prompt can: a stored cache a little larger than it
        (121_800, 59_000, 60_000, 0),  # 60,000 + 61,000 + 800
        (None, 59_000, 60_000, 1),
    ],
)
@pytest.mark.parametrize("form", ["chat", "responses", "litellm"])
def test_the_total_shows_whether_a_prompt_includes_what_was_cached(
    form: str, total: int | None, cached: int, rest: int, doubts: int
) -> None:
    """Gateways pass on Anthropic's own counts, which stand beside the input, under OpenAI's names."""
    record = row(total, cached) if form == "litellm" else answer(OPUS, total, cached)
    if form == "responses":
        counts = record["usage"]
        named = {"input_tokens": counts["prompt_tokens"], "output_tokens": counts["completion_tokens"]}
        record = {"object": "response", "usage": {**named, "total_tokens": total}}
        record["usage"]["input_tokens_details"] = counts["prompt_tokens_details"]
    shape = sniff(record)
    assert shape
    request, *remarks = shape.read(record)
    assert isinstance(request, Request)
    assert request.usage == Usage(input=rest, cache_read=cached, cache_write=2_000, output=800)
    assert [type(remark) for remark in remarks] == [Doubt] * doubts


def test_a_stored_cache_of_gemini_may_be_a_little_larger_than_the_prompt() -> None:
    """As Vertex itself answers: 100,400 of 98,000 tokens; audio in it likewise. 1,000 of tools are beside it."""
    audio = [{"modality": "AUDIO", "tokenCount": 90_400}]
    counts = {"promptTokenCount": 98_000, "cachedContentTokenCount": 100_400, "cacheTokensDetails": audio}
    more = {"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 90_000}], "candidatesTokenCount": 500}
    more |= {"toolUsePromptTokenCount": 1_000, "totalTokenCount": 99_500}
    record = {"modelVersion": "gemini-2.5-flash", "usageMetadata": counts | more}
    request, doubt = FORMATS["gemini"].read(record)
    assert isinstance(request, Request)
    assert isinstance(doubt, Doubt)
    assert request.usage == Usage(input=1_000, cache_read=10_000, output=500, audio={"cache_read": 90_400})


@pytest.mark.parametrize(
    ("total", "rest", "doubts"),
    [
        (None, 0, 1),  # Google: the prompt includes what was cached, so that nothing of it is left
        (98_500, 0, 1),  # 98,000 + 500
        (98_700, 0, 2),  # neither sum
        (198_900, 98_000, 0),  # 98,000 + 100,400 + 500: beside it, as the record itself shows
    ],
)
@pytest.mark.parametrize("form", ["answer", "event"])
def test_the_prompt_of_gemini_includes_what_was_cached_unless_its_total_denies_it(
    form: str, total: int | None, rest: int, doubts: int
) -> None:
    """https://ai.google.dev/api/generate-content#UsageMetadata: promptTokenCount "includes the number of tokens in the
    cached content"; the events of Gemini CLI pass it on."""
    counts = {"promptTokenCount": 98_000, "cachedContentTokenCount": 100_400, "candidatesTokenCount": 500}
    record: dict[str, Any] = {"modelVersion": "gemini-2.5-flash", "usageMetadata": counts | {"totalTokenCount": total}}
    if form == "event":
        counts = {"input_token_count": 98_000, "cached_content_token_count": 100_400, "output_token_count": 500}
        named = {"event.name": "gemini_cli.api_response", "model": "gemini-2.5-flash", "total_token_count": total}
        record = {"attributes": named | counts}
    shape = sniff(record)
    assert shape
    request, *remarks = shape.read(record)
    assert isinstance(request, Request)
    assert request.usage == Usage(input=rest, cache_read=100_400, output=500)
    assert [type(remark) for remark in remarks] == [Doubt] * doubts


@pytest.mark.parametrize(
    "record",
    [
        chat(prompt_tokens=10, completion_tokens=1, total_tokens=11, prompt_tokens_details={"audio_tokens": 30}),
        {
            "modelVersion": "gemini-2.5-flash",
            "usageMetadata": {
                "promptTokenCount": 10,
                "candidatesTokenCount": 1,
                "totalTokenCount": 11,
                "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 30}],
            },
        },
    ],
)
def test_more_audio_than_the_prompt_has_is_doubted(record: dict[str, Any]) -> None:
    """30 tokens of audio in a prompt of 10: all 10 are audio, and the record contradicts itself."""
    shape = sniff(record)
    assert shape
    request, doubt = shape.read(record)
    assert isinstance(request, Request)
    assert request.usage == Usage(output=1, audio={"input": 10})
    assert doubt == Doubt("30 tokens of audio are more than the record has: 10 are billed")


def test_ids_of_a_trace_that_are_not_those_of_its_prompt_are_left_out() -> None:
    """600 tokens are one whole block of 512 and a part: 1 or 2 ids, not 5, so that no prefix can be told by them."""
    request, _ = FORMATS["mooncake"].read({"hash_ids": [1, 2, 3, 4, 5], "input_length": 600, "timestamp": 0})
    assert isinstance(request, Request)
    assert request.blocks == ()


def test_calls_of_tools_that_cost_a_fee_are_counted() -> None:
    """Anthropic's number of searches, OpenAI's items, Gemini's queries; what was only fetched or opened is free."""
    tools = {"web_search_requests": 2, "web_fetch_requests": 5}
    actions = [{"type": "search"}, {"type": "open_page"}, {"type": "search"}]
    items = [{"type": "web_search_call", "status": "completed", "action": each} for each in actions]
    grounded = {"groundingMetadata": {"webSearchQueries": ["a", "b", "c"]}}
    litellm = row(60_800, 0)
    litellm["metadata"] = {"usage_object": {"server_tool_use": {"web_search_requests": 4}}}
    cases = {
        "anthropic_message": (message(input_tokens=1, server_tool_use=tools), (("web_search", 2),)),
        "openai_responses": (
            {"object": "response", "output": [*items, {"type": "file_search_call"}], "usage": {"input_tokens": 5}},
            (("web_search", 2), ("file_search", 1)),
        ),
        "gemini": (
            {"modelVersion": "g", "candidates": [grounded], "usageMetadata": {"promptTokenCount": 5}},
            (("web_search", 3),),
        ),
        "litellm_spend": (litellm, (("web_search", 4),)),
    }
    for name, (record, calls) in cases.items():
        (request,) = FORMATS[name].read(record)
        assert isinstance(request, Request)
        assert request.calls == calls


@pytest.mark.parametrize(
    ("identity", "provider"), [("msg_vrtx_01", "google-vertex"), ("msg_bdrk_01", "bedrock"), ("msg_01", "")]
)
def test_the_id_of_a_message_says_which_cloud_sold_it(identity: str, provider: str) -> None:
    """Alone and in a transcript, whose models have the names of Anthropic on every cloud."""
    body = message(input_tokens=3) | {"id": identity}
    record = {"type": "assistant", "sessionId": "s", "uuid": "u", "message": body}
    for shape, each in (("anthropic_message", body), ("claude_code", record)):
        (request,) = FORMATS[shape].read(each)
        assert isinstance(request, Request)
        assert request.provider == provider


def test_an_answer_of_groq_says_so() -> None:
    """Its models have the names of their makers; the seconds beside the tokens are no tokens."""
    record = chat(prompt_tokens=100, total_time=0.5, queue_time=0.1) | {"x_groq": {"id": "req_1"}}
    assert FORMATS["openai_chat"].read(record) == [
        Request(at=None, model="gpt-4o", usage=Usage(input=100), provider="groq")
    ]


def spoken(cached: int, heard: int | None) -> dict[str, Any]:
    """Details of a prompt of 7,000 tokens of text, 2,000 of audio and 1,000 of images."""
    messages = (
        {} if heard is None else {"cached_tokens_details": {"text_tokens": cached - heard, "audio_tokens": heard}}
    )
    return {"cached_tokens": cached, "text_tokens": 7_000, "audio_tokens": 2_000, "image_tokens": 1_000, **messages}


@pytest.mark.parametrize(
    ("cached", "heard", "usage", "doubts"),
    [
        # 10,000 - 5,000 read: 3,000 of text, 1,000 of audio and 1,000 of images
        (
            5_000,
            1_000,
            Usage(input=3_000, cache_read=4_000, audio={"input": 1_000, "cache_read": 1_000}, image={"input": 1_000}),
            0,
        ),
        (0, 0, Usage(input=7_000, audio={"input": 2_000}, image={"input": 1_000}), 0),
        # not said: text first, of which there are 7,000
        (6_000, None, Usage(input=1_000, cache_read=6_000, audio={"input": 2_000}, image={"input": 1_000}), 2),
        # only 1,500 are fresh: 500 of audio were read at least, then 1,000 of images
        (
            8_500,
            None,
            Usage(cache_read=7_000, audio={"input": 1_500, "cache_read": 500}, image={"cache_read": 1_000}),
            2,
        ),
    ],
)
@pytest.mark.parametrize("form", ["chat", "realtime", "litellm"])
def test_cached_audio_is_no_cached_text(form: str, cached: int, heard: int | None, usage: Usage, doubts: int) -> None:
    """It has its own rates, where the sheet lists them."""
    details, counts = spoken(cached, heard), {"prompt_tokens": 10_000, "completion_tokens": 0, "total_tokens": 10_000}
    record: dict[str, Any] = chat(**counts, prompt_tokens_details=details)
    if form == "realtime":
        counts = {"input_tokens": 10_000, "output_tokens": 0, "total_tokens": 10_000}
        record = {"object": "realtime.response", "usage": {**counts, "input_token_details": details}}
    elif form == "litellm":
        record = row(10_000, 0, prompt=10_000, output=0)
        record["metadata"] = {"usage_object": {**counts, "prompt_tokens_details": details}}
    shape = sniff(record)
    assert shape
    request, *remarks = shape.read(record)
    assert isinstance(request, Request)
    assert request.usage == usage
    assert [type(remark) for remark in remarks] == [Doubt] * doubts


def spent(prompt: int, hashes: Any) -> dict[str, Any]:
    """A line of LiteLLM's spend log with ids of its prefix."""
    messages = {"request_id": "l", "call_type": "acompletion", "spend": 0, "model": OPUS, "prompt_tokens": prompt}
    return messages | {"metadata": {"prefix_block_hashes": hashes}}


@pytest.mark.parametrize(
    ("prompt", "hashes", "blocks"),
    [
        (1300, [1, 2, 3], (1, 2, 3)),  # 512 + 512 + 276: the last one is not full
        (1300, [1, 2], (1, 2)),  # only those that are
        (1024, [1, 2], (1, 2)),
        (1300, {"block_size": 512, "hash_ids": [1, 2, 3]}, (1, 2, 3)),
        (1300, {"block_size": 256, "hash_ids": [1, 2, 3, 4, 5, 6]}, (2, 4, 6)),  # 5 * 256 + 20 tokens
        (1100, {"block_size": 256, "hash_ids": [1, 2, 3, 4, 5]}, (2, 4, 5)),  # 4 * 256 + 76: the third begins with 5
        (100, {"block_size": 128, "hash_ids": [1]}, (1,)),
        (1200, {"hash_ids": [1, 2, 3], "block_size": "512"}, (1, 2, 3)),
        (1500, {"block_size": 512, "hash_ids": [1, 2]}, (1, 2)),  # the proxy's tokenizer counted fewer
        (1300, [], ()),
        (1300, None, ()),
        (1300, "1,2,3", ()),
    ],
)
def test_ids_of_a_prefix_are_those_of_blocks_of_512(prompt: int, hashes: Any, blocks: tuple[int, ...]) -> None:
    """Each id names all that is before it, so that every second one of 256 tokens is one of 512."""
    (request,) = FORMATS["litellm_spend"].read(spent(prompt, hashes))
    assert isinstance(request, Request)
    assert request.blocks == blocks


@pytest.mark.parametrize(
    ("hashes", "said"),
    [
        ([1, 2, 3, 4, 5, 6], "6 blocks are not a prompt of 1,300 tokens in blocks of 512"),  # of 256, as it seems
        ([1], "1 blocks are not a prompt of 1,300 tokens"),
        ({"block_size": 1024, "hash_ids": [1, 2]}, "blocks of 1024 tokens do not make up blocks of 512"),
        ({"block_size": 100, "hash_ids": [1, 2, 3]}, "blocks of 100 tokens do not make up"),
        ({"block_size": 0, "hash_ids": [1, 2, 3]}, "blocks of 0 tokens do not make up"),
        ({"block_size": 25.6, "hash_ids": [1, 2, 3]}, "blocks of 25.6 tokens do not make up"),
        ({"hash_ids": [1, 2, 3, 4]}, "4 blocks are not a prompt of 1,300 tokens"),
    ],
)
def test_ids_of_a_prefix_in_other_blocks_are_left_out_and_told(hashes: Any, said: str) -> None:
    """Ids that stand for another number of tokens would replay another log; the request itself is billed as ever."""
    request, doubt = FORMATS["litellm_spend"].read(spent(1300, hashes))
    assert isinstance(request, Request)
    assert isinstance(doubt, Doubt)
    assert (request.blocks, request.usage) == ((), Usage(input=1300))
    assert said in doubt.message


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (1793527200, TEN),
        ("1793527200", TEN),
        (Decimal("1793527200.0"), TEN),
        (1793527200000, TEN),
        (1793527200000000, TEN),
        ("1793527200000000000", TEN),
        ("2026-11-01T10:00:00Z", TEN),
        ("2026-11-01T11:00:00+01:00", TEN),
        ("2026-11-01 10:00:00", TEN),  # no zone: UTC
        ("2026-11-01", MIDNIGHT),
        ("2026-11-01 10:00:00 UTC", TEN),
        ("2026/11/01 10:00:00", TEN),
        ("", None),
        (None, None),
        ("NaN", None),
    ],
)
def test_times_are_read_however_they_are_written(value: object, instant: datetime | None) -> None:
    """Seconds, milli-, micro- and nanoseconds are distinguished by size; 1793527200 is 2026-11-01 10:00 UTC."""
    (request,) = FORMATS["plain"].read({"at": value, "model": "x", "input": 1})
    assert isinstance(request, Request)
    assert request.at == instant


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("default", "standard"),
        ("auto", "standard"),
        (None, "standard"),
        ("flex", "flex"),
        ("priority", "priority"),
        ("scale", "scale"),
    ],
)
def test_service_tiers_have_the_names_of_the_sheets(said: str | None, service: str) -> None:
    """A tier that no sheet sells stays what it is, so that it is left unpriced and never taken for standard."""
    (request,) = FORMATS["openai_chat"].read(chat(prompt_tokens=1) | {"service_tier": said})
    assert isinstance(request, Request)
    assert request.service == service


def test_a_batch_of_gemini_has_keys() -> None:
    """The Developer API names each line of a batch by `key`, without a time."""
    record = {"key": "a", "response": {"usageMetadata": {"promptTokenCount": 5}, "modelVersion": "gemini-2.5-pro"}}
    (request,) = FORMATS["gemini"].read(record)
    assert isinstance(request, Request)
    assert request.service == "batch"


def test_an_answer_logged_as_text_is_opened() -> None:
    """Many collectors keep the vendor's JSON as a string."""
    record = {"ts": 1793527200, "response": '{"type": "message", "model": "m", "usage": {"input_tokens": 3}}'}
    shape = sniff(record)
    assert shape is FORMATS["anthropic_message"]
    assert shape.read(record) == [Request(at=TEN, model="m", usage=Usage(input=3))]


def test_costs_are_money_without_tokens() -> None:
    """A charge can be compared with what was recomputed, and is never a request."""
    (charge,), ledger = asked("anthropic_costs.json")
    assert isinstance(charge, Charge)
    assert (ledger.total.requests, ledger.total.charges) == (0, 1)


def used(**more: Any) -> dict[str, Any]:
    """A day of GPT-5 mini in OpenAI's report on usage: 1,000 tokens in and 10 out."""
    result = {"start_time": 1793491200, "model": "gpt-5-mini", "num_model_requests": 2}
    return result | {"input_tokens": 1_000, "output_tokens": 10} | more


def test_the_input_of_a_usage_report_includes_what_was_cached() -> None:
    """https://platform.openai.com/docs/api-reference/usage/completions_object: "including cached tokens". 1,200 of
    1,000 leave nothing; what the report says is left is not compared with less than nothing."""
    request, doubt = FORMATS["openai_usage"].read(used(input_cached_tokens=1_200, input_uncached_tokens=7))
    assert isinstance(request, Request)
    assert request.usage == Usage(cache_read=1_200, output=10)
    assert isinstance(doubt, Doubt)


@pytest.mark.parametrize("more", [{"output_tokens": None, "input_cached_tokens": 900}, {}])
def test_a_row_with_tokens_but_no_input_is_refused(more: dict[str, Any]) -> None:
    """It is not skipped as a row without tokens, of which it has 900 or 10."""
    with pytest.raises(BadLog, match="input_tokens: missing"):
        FORMATS["openai_usage"].read(used(input_tokens=None, **more))


def test_a_plain_table_may_count_requests_under_the_name_of_openai() -> None:
    """100 tokens in and 20 out in 4 requests; OpenAI's own report has the times of its bucket."""
    record = {"date": "2026-11-01", "model": "gpt-5-mini", "input": 100, "output": 20, "num_model_requests": 4}
    shape = sniff(record)
    assert shape
    assert shape.name == "plain"
    (request,) = shape.read(record)
    assert isinstance(request, Request)
    assert (request.usage, request.count) == (Usage(input=100, output=20), 4)


def test_an_empty_column_does_not_hide_an_attribute() -> None:
    """A table of log records may have columns for some attributes: 1,000 - 900 = 100."""
    counts = {"input_token_count": 1_000, "cached_token_count": 900, "output_token_count": 30}
    event = {"event.name": "codex.sse_event", "event.timestamp": "2026-11-01T10:00:00Z", "model": "gpt-6-sol"}
    (request,) = FORMATS["agent_events"].read({"attributes": event | counts, "cached_token_count": None})
    assert isinstance(request, Request)
    assert request.usage == Usage(input=100, cache_read=900, output=30)


def test_a_forced_format_refuses_what_it_cannot_be() -> None:
    """An unknown name is answered with the known ones."""
    with pytest.raises(BadLog, match=r"'excel' is not a format of logs; expected auto, claude_code"):
        asked("azure.csv", format_of="excel")
    assert FORMATS["gemini"].read({"usage": 4}) == [Skipped("an answer without usage")]


def test_floats_of_a_log_are_exact() -> None:
    """0.1 + 0.2 dollars are 0.3: the text of the number is the number."""
    assert DECODER.decode('{"spend": 0.1}')["spend"] + DECODER.decode("0.2") == Decimal("0.3")


PURE = sorted((ROOT / "calc" / "cachecost" / "logs" / "formats").glob("*.py"))


@pytest.mark.parametrize(
    "path", [*PURE, *(PURE[0].parents[1] / f"{name}.py" for name in ROOMS)], ids=lambda path: path.stem
)
def test_a_format_touches_no_file_and_no_clock(path: Path) -> None:
    """A record in, requests out: nothing else."""
    targets = [target for _, target in imports(path)]
    assert not {target.partition(".")[0] for target in targets} & WORLD
    doors = [f"cachecost.logs.{name}" for name in ("files", "reader", "lines", "entries")]
    assert not [target for target in targets if target.startswith((*doors, "cachecost.catalog"))]


@pytest.mark.parametrize("empty", [None, ""])
def test_a_record_without_a_count_does_not_change_what_later_ones_are(empty: str | None) -> None:
    """Trace of Azure: 374 tokens in and 44 out, after a line whose input was lost, which may be of our own table."""
    record = {"TIMESTAMP": "2023-11-16 18:15:46.6805900", "ContextTokens": "374", "GeneratedTokens": "44"}
    detector = Detector()
    assert detector.format(record | {"ContextTokens": empty}) is FORMATS["plain"]
    assert detector.format(record) is FORMATS["azure"]


def test_the_order_of_records_does_not_change_their_formats() -> None:
    """For each sample: after one like it that lacks a value, or a key, it is detected as if it were alone."""
    lines = [line for path in sorted(LOGS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    for record in filter(lambda record: isinstance(record, dict), map(json.loads, lines)):
        alone = sniff(record)
        for key in record if alone else ():
            lacking = {name: value for name, value in record.items() if name != key}
            for like in (record | {key: None}, record | {key: ""}, lacking):
                detector = Detector()
                detector.format(like)
                assert detector.format(record) is alone, (alone, key, like)
