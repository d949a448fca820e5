"""Logs made up for the engines: every edge of a price sheet is met, on both of its sides."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import gettempdir
from typing import Any

from cachecost import Usage
from cachecost.catalog.catalog import Catalog
from cachecost.cli import replay_run
from cachecost.engines.intake import pourer
from cachecost.engines.machine import Duck, EngineLimits, database
from cachecost.errors import CachecostError
from cachecost.logs.formats import sniff
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.logs.values import DECODER
from cachecost.prices.quote import quote
from cachecost.replay.account import Account
from cachecost.replay.ledger import Ledger
from cachecost.replay.request import Request
from cachecost.replay.run import Run

from .conftest import PRICES

CATALOG = Catalog(PRICES)
Money = tuple[str, Decimal]
"""A currency and an amount."""
MODELS = (
    "claude-sonnet-4-5 claude-haiku-4-5 gpt-5.6-luna gemini-2.5-pro deepseek-chat deepseek-v4-pro sonar-pro qwen3-max "
    "glm-4.5 moonshot-cn/moonshot-v1-128k nobody-9"
).split()


def memory() -> Duck:
    """The requests that DuckDB finds, in a new database."""
    import duckdb

    return Duck(duckdb.connect(), gettempdir())


def plain_rows(count: int, seed: int = 5) -> list[dict[str, Any]]:
    """Requests of many models over two years: night hours, size tiers, answers in bands, small writes, unsold lines."""
    drawn = Random(seed)
    return [_plain(drawn) for _ in range(count)]


def _plain(drawn: Random) -> dict[str, Any]:
    model = drawn.choice(MODELS)
    minute = drawn.choice((0, 15, 29, 30, 31, 59))
    day = f"{drawn.choice((2025, 2026))}-{drawn.randint(1, 11):02}-{drawn.randint(1, 28):02}"
    small = (0, 0, 500, 1_023, 1_024, 3_000, 4_096) if "claude" in model else (0,) * 50 + (7,)
    return {
        "at": f"{day}T{drawn.randint(0, 23):02}:{minute:02}:00Z",
        "model": model,
        "service": drawn.choice(("", "standard", "batch")),
        "session": drawn.choice("abc"),
        "input": drawn.choice((0, 5, 199_999, 200_000, 200_001, 272_000, 272_001)),
        "cache_read": drawn.choice((0, 0, 10, 5_000)),
        "cache_write_5m": drawn.choice(small),
        "output": drawn.choice((0, 1, 199, 200, 201, 4_000)),
    }


def anthropic(drawn: Random, number: int) -> dict[str, Any]:
    """A message of Anthropic with its time: written tokens by TTL, or in one number."""
    short, long = drawn.choice(((0, 0), (drawn.randint(0, 3_000), 0), (0, 5_000), (700, 900)))
    used: dict[str, Any] = {
        "input_tokens": drawn.choice((3, 199_999, 200_001)),
        "cache_creation_input_tokens": short + long,
        "cache_read_input_tokens": drawn.choice((0, 0, 900)),
        "output_tokens": drawn.randint(0, 900),
        "service_tier": drawn.choice(("standard", "batch", "priority", None)),
    }
    if number % 3:
        used["cache_creation"] = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    if number % 4 == 0:
        used["inference_geo"] = drawn.choice(("us", "global", "not_available"))
    model = drawn.choice(("claude-sonnet-4-5-20250929", "claude-opus-5-5", "claude-haiku-4-5"))
    cloud = ("", "", "vrtx_", "bdrk_")[number % 4]
    message = {"id": f"msg_{cloud}{number}", "type": "message", "model": model, "content": [], "usage": used}
    return message | {"timestamp": f"2026-{drawn.randint(1, 11):02}-03T10:00:00.123Z", "session_id": f"s{number % 5}"}


def wrapped(drawn: Random, number: int) -> dict[str, Any]:
    """The same as a proxy logs it: the answer below, its time beside it."""
    message = anthropic(drawn, number)
    around = {key: message.pop(key) for key in ("timestamp", "session_id")}
    return around | {"response": message}


def chat(drawn: Random, number: int) -> dict[str, Any]:
    """A chat completion of OpenAI: the prompt includes what was read."""
    cached, prompt, output = drawn.choice((0, 1_024)), drawn.choice((6_000, 272_000, 272_001)), drawn.randint(0, 900)
    used = {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": output // 2, "audio_tokens": 0},
    }
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_785_000_000 + drawn.randint(0, 9_999_999),
        "model": drawn.choice(("gpt-5.6-luna", "gpt-4o-2024-08-06", "gpt-5-mini")),
        "service_tier": drawn.choice(("default", "flex", "priority", None)),
        "usage": used,
    }


def response(drawn: Random, number: int) -> dict[str, Any]:
    """An answer of OpenAI's Responses: the input includes what was read and what was written."""
    put, got, question = drawn.choice((0, 900, 3_000)), drawn.choice((0, 1_024)), drawn.choice((6_000, 272_001))
    used = {
        "input_tokens": question,
        "output_tokens": 7,
        "total_tokens": question + 7,
        "input_tokens_details": {"cached_tokens": got, "cache_write_tokens": put},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    at = 1_785_000_000 + drawn.randint(0, 9_999_999)
    messages = {"id": f"resp_{number}", "object": "response", "created_at": at, "model": "gpt-5.6-luna"}
    return messages | {"prompt_cache_key": f"k{number % 3}", "usage": used}


def span(drawn: Random, number: int) -> dict[str, Any]:
    """A span of OpenTelemetry's console exporter: input includes what was cached; spans of agents repeat others."""
    got, put = drawn.choice((0, 400)), drawn.choice((0, 300))
    attributes = {
        "gen_ai.operation.name": drawn.choice(("chat", "chat", "invoke_agent")),
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-opus-4-8",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.cache_read.input_tokens": got,
        "gen_ai.usage.cache_creation.input_tokens": put,
        "gen_ai.usage.output_tokens": drawn.randint(0, 900),
    }
    context = {"trace_id": f"0xt{number % 7}", "span_id": f"0x{number}"}
    around = {"start_time": "2026-11-01T10:00:01.000000Z", "resource": {"attributes": {"service.name": "shop"}}}
    return {"name": "chat", "context": context, "attributes": attributes, **around}


MESSAGES = {"anthropic": anthropic, "wrapped": wrapped, "chat": chat, "response": response, "span": span}


def numbered(record: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy of the record with new ids, also in the objects below."""
    keys = ("id", "request_id", "uuid", "requestId", "generation_id")
    below = {key: numbered(each, number) for key, each in record.items() if isinstance(each, dict)}
    return record | below | {key: f"{record[key]} {number}" for key in keys if record.get(key)}


def is_plain(record: dict[str, Any]) -> bool:
    """Whether its reader finds one request in a record, without ids of blocks, and nothing to remark on."""
    read = DECODER.decode(json.dumps(record))
    shape = sniff(read)
    items = shape.read(read) if shape else []
    return [type(item) for item in items] == [Request] and not items[0].blocks


def write_lines(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def write_csv(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, records[0])
        table.writeheader()
        table.writerows(records)
    return path


def write_parquet(path: Path, lines: Path, *, at: str = "TIMESTAMPTZ") -> Path:
    """Lines of JSON as Parquet, with instants of that type."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = f'SELECT * REPLACE (CAST("at" AS {at}) AS "at") FROM read_json(\'{lines}\')'
        connection.execute(f"COPY ({source}) TO '{path}' (FORMAT parquet)")
    return path


def added(engine: str, *paths: Path, by: tuple[str, ...] = (), threads: int = 1) -> Run:
    """The logs added up by `python` or `duckdb`, and no request kept; by `columns`, the database has read every one."""
    account, ledger = Account(Names(CATALOG).sheet, now=0, by=by), Ledger()
    with database(EngineLimits(threads=threads)) as duck:
        run = Run(account, ledger, duck)
        run.keep = False
        reading = Reading(ledger)
        pour = pourer(duck, paths if engine != "python" else (), run, reading, lambda past: None)

        def checked(path: Path) -> bool:
            result = pour(path)
            assert result or engine != "columns", f"{path} was left to its reader"
            return result

        replay_run.read([str(path) for path in paths], run, reading, pour=checked if engine != "python" else None)
    return run


def cost(row: dict[str, Any]) -> Money | None:
    """What a request of the plain table costs by itself, None where it has no price."""
    used = Usage(
        input=row["input"],
        cache_read=row["cache_read"],
        cache_write={"5m": row["cache_write_5m"]},
        output=row["output"],
    )
    try:
        sheet = CATALOG.sheet(row["model"], suggest=False)
        at = datetime.fromisoformat(row["at"])
        return sheet.currency, quote(used, sheet, at=at, service=row["service"] or "standard").total
    except CachecostError:
        return None
