"""Logs of live sessions in the shapes of vendors, with clocks and counts that a test chooses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

OPUS = "claude-opus-5-5"
"""On 2026-11-20, per million: input 4.00, written for 5 minutes 5.00, for an hour 8.00, read 0.20, output 20.00."""


class Asked(NamedTuple):
    """One request of Claude Code: its time on 2026-11-20, tokens read, written by life, sent plain and answered."""

    at: str
    read: int = 0
    five_minutes: int = 0
    hour: int = 0
    plain: int = 0
    output: int = 1_000
    model: str = OPUS


WARM = (Asked("10:00:00", five_minutes=100_000), Asked("10:02:00", read=100_000, five_minutes=2_000))
"""102,000 tokens in the cache and 1,000 of answer, at 10:02."""


def claude_code(folder: Path, asked: Iterable[Asked], session: str = "s-1", **also: str) -> Path:
    """A transcript of Claude Code (https://code.claude.com/docs/en/monitoring-usage): a line an answer. `also`: what
    the usage of each says beside its tokens, as `speed`."""

    def line(number: int, each: Asked) -> dict[str, Any]:
        usage: dict[str, Any] = {
            "input_tokens": each.plain,
            "cache_read_input_tokens": each.read,
            "cache_creation_input_tokens": each.five_minutes + each.hour,
            "cache_creation": {
                "ephemeral_5m_input_tokens": each.five_minutes,
                "ephemeral_1h_input_tokens": each.hour,
            },
            "output_tokens": each.output,
        }
        usage |= also
        message = {"model": each.model, "id": f"msg_{number}", "type": "message", "content": [], "usage": usage}
        about = {"sessionId": session, "type": "assistant", "uuid": f"u{number}", "requestId": f"r{number}"}
        return about | {"timestamp": f"2026-11-20T{each.at}Z", "message": message}

    return lines(folder / "session.jsonl", (line(number, each) for number, each in enumerate(asked)))


def codex(folder: Path, counts: Iterable[tuple[str, int, int, int, int]], model: str = "gpt-6-sol") -> Path:
    """A rollout of Codex CLI: time, input (which includes what was read and written), read, written and answered."""
    keys = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
    records: list[dict[str, Any]] = [
        {"type": "session_meta", "payload": {"id": "c-1", "model_provider": "openai"}},
        {"type": "turn_context", "payload": {"model": model}},
    ]
    for at, *numbers in counts:
        usage = dict(zip(keys, numbers, strict=True))
        payload = {"type": "token_count", "info": {"last_token_usage": usage}}
        records.append({"type": "event_msg", "timestamp": f"2026-11-20T{at}Z", "payload": payload})
    return lines(folder / "rollout-1.jsonl", records)


def responses(folder: Path, counts: Iterable[tuple[int, int, int, int]], model: str = "gpt-4.1") -> Path:
    """Answers of OpenAI's Responses API: seconds since 1970, input, of which read, and output."""
    return lines(
        folder / "responses.jsonl",
        (
            {
                "id": f"resp_{number}",
                "object": "response",
                "created_at": at,
                "model": model,
                "prompt_cache_key": "book",
                "usage": {
                    "input_tokens": whole,
                    "input_tokens_details": {"cached_tokens": read},
                    "output_tokens": output,
                    "total_tokens": whole + output,
                },
            }
            for number, (at, whole, read, output) in enumerate(counts)
        ),
    )


def lines(path: Path, records: Iterable[Any]) -> Path:
    """A file with a record a line."""
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path
