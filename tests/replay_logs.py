"""Small logs for the tests of replay, and what they cost, worked by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

OPUS = "claude-opus-4-8"
ROWS: list[dict[str, Any]] = [
    {"at": "2026-11-01T10:00:00Z", "model": OPUS, "session": "a", "project": "p1", "id": "1", "input": 210}
    | {"cache_read": 0, "cache_write_5m": 100_000, "output": 300},
    {"at": "2026-11-01T10:04:00Z", "model": OPUS, "session": "a", "project": "p1", "id": "2", "input": 210}
    | {"cache_read": 100_000, "cache_write_5m": 400, "output": 300},
    {"at": "2026-11-01T10:30:00Z", "model": OPUS, "session": "a", "project": "p2", "id": "3", "input": 210}
    | {"cache_read": 0, "cache_write_5m": 100_800, "output": 300},
    {"at": "2026-11-02T10:30:00Z", "model": "gpt-5.6-sol", "session": "b", "project": "p2", "id": "4", "input": 5_000}
    | {"cache_read": 0, "cache_write_5m": 0, "output": 300},
]
UNKNOWN = {"at": "2026-11-02T10:30:00Z", "model": "nope-1", "session": "b", "project": "p2", "id": "5", "input": 5_000}

# Opus 4.8 per 1M tokens: input 5.00, written for 5m 6.25 and for 1h 10.00, read 0.50, output 25.00
# (https://platform.claude.com/docs/en/about-claude/pricing).
#   1   210 x 5 + 100,000 x 6.25                    + 300 x 25 = 1,050 + 625,000          + 7,500 = 633,550 millionths
#   2   210 x 5 + 100,000 x 0.50 +     400 x 6.25   + 300 x 25 = 1,050 + 50,000 + 2,500   + 7,500 =  61,050
#   3   210 x 5 + 100,800 x 6.25                    + 300 x 25 = 1,050 + 630,000          + 7,500 = 638,550
# GPT-5.6 Sol: input 4.00, output 20.00 (https://developers.openai.com/api/docs/pricing).
#   4 5,000 x 4 + 300 x 20                                                                        =  26,000
OF_OPUS, OF_SOL, TOTAL = "1.33315", "0.026", "1.35915"
BY_PROJECT = {"p1": "0.6946", "p2": "0.66455"}
BY_DAY = {"2026-11-01": "1.33315", "2026-11-02": "0.026"}
BY_CLASS = {"input": "0.02315", "cache_read": "0.05", "cache_write:5m": "1.2575", "output": "0.0285"}

# The same three prompts of 100,210, 100,610 and 101,010 tokens, answers 900 x 25 = 22,500:
#   fresh       301,830 x 5                                                                   + 22,500 = 1,531,650
#   written:5m  100,210 x 6.25 | 100,210 x 0.5 + 400 x 6.25 | 101,010 x 6.25 (26 minutes on)  + 22,500
#               626,312.5      + 52,605                     + 631,312.5                       + 22,500 = 1,332,730
#   written:1h  100,210 x 10   | 100,210 x 0.5 + 400 x 10   | 100,610 x 0.5 + 400 x 10        + 22,500
#               1,002,100      + 54,105                     + 54,305                          + 22,500 = 1,133,010
POLICIES = {"fresh": "1.53165", "written:5m": "1.33273", "written:1h": "1.13301"}


def as_csv(rows: list[dict[str, Any]]) -> str:
    names = list(rows[0])
    return "\n".join([",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]) + "\n"


def as_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_messages(rows: list[dict[str, Any]]) -> str:
    """The same requests as the vendor answers them, in an envelope."""
    results = []
    for row in rows:
        usage = {
            "input_tokens": row["input"],
            "cache_read_input_tokens": row["cache_read"],
            "cache_creation_input_tokens": row["cache_write_5m"],
            "cache_creation": {"ephemeral_5m_input_tokens": row["cache_write_5m"], "ephemeral_1h_input_tokens": 0},
            "output_tokens": row["output"],
        }
        body = {"id": f"msg_{row['id']}", "type": "message", "model": row["model"], "usage": usage}
        results.append({"timestamp": row["at"], "session_id": row["session"], "response": body})
    return as_lines(results)


def write(folder: Path, name: str = "log.csv", rows: list[dict[str, Any]] = ROWS) -> Path:
    """A log in the format that its name says."""
    path = folder / name
    if name.endswith(".csv"):
        path.write_text(as_csv(rows))
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(as_lines(rows).encode()))
    elif name.endswith(".parquet"):
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        parquet.write_table(arrow.Table.from_pylist(rows), path)
    else:
        path.write_text(as_lines(rows))
    return path
