"""`--emit-sql` says for a warehouse what this project would add up, for models that are named or stand in a log."""

from __future__ import annotations

from pathlib import Path

from .. import replay_logs as logs
from ..command import run


def test_models_may_stand_in_a_log(tmp_path: Path) -> None:
    """As if they were named, in the order of the log; an unknown one is left out, and the table is `log`."""
    path = logs.write(tmp_path, "log.jsonl", [*logs.ROWS, logs.UNKNOWN])
    messages = run("replay", path, "--emit-sql", "duckdb", "--by", "day")
    named = run("replay", "log", "--emit-sql", "duckdb", "--by", "day", "--model", logs.OPUS, "--model", "gpt-5.6-sol")
    assert (messages.code, messages.err) == (0, "")
    assert messages.out == named.out


def test_a_log_of_unknown_models_says_what_to_name(tmp_path: Path) -> None:
    """Exit 2, one line."""
    refused = run("replay", logs.write(tmp_path, "log.jsonl", [logs.UNKNOWN]), "--emit-sql", "duckdb")
    assert (refused.code, refused.out) == (2, "")
    assert "say which models the table holds: with --model MODEL, or with a log that is like it" in refused.err
