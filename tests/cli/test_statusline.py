"""The line for a status bar, answered without loading commands: the same line, and everything else left to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachecost.cli import statusline

from ..command import naming_modules, run
from ..conftest import ROOT

LOG = str(ROOT / "docs" / "session.jsonl")
ASK = ["next", LOG, "--statusline", "--at", "2026-11-20T10:03:48Z"]


def test_a_line_loads_no_library_of_commands() -> None:
    """A status bar asks often."""
    heavy = ["duckdb", "fastapi", "numpy", "pydantic", "rich", "typer", "yaml"]
    ran = naming_modules(heavy, *ASK)
    assert (ran.returncode, ran.stderr) == (0, "[]\n")
    assert ran.stdout == "warm, 3 min 12 s left · next turn $0.0664, cold $0.56\n"


@pytest.mark.parametrize(
    "more",
    [
        [],
        ["--answer=8K", "--question", "50"],
        ["--hit-rate", "50%"],
        ["--pause", "20m", "--turns-left", "3"],
        ["--to", "nothing"],  # refused by the command
        ["--answer", "1B"],
    ],
)
def test_a_line_is_that_of_the_command(more: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In words and in its exit code, refusals too."""
    quick = run(*ASK, *more)
    monkeypatch.setattr(statusline, "answered", lambda arguments: False)
    assert quick == run(*ASK, *more)


@pytest.mark.parametrize(
    "arguments",
    [
        ["next", "--statusline"],
        ["next", LOG, LOG, "--statusline"],
        ["next", "-", "--statusline"],
        [*ASK, "--fail-over", "1"],
        [*ASK, "--json"],
        [*ASK, "--switch-to", "claude-sonnet-5-5"],
        [*ASK, "--at", "2026-11-20"],
        ["next", LOG, "--at", "--statusline"],
        ["next", LOG, "--statusline", "--at"],
        ["compare", LOG, "--statusline"],
        ["help", "next", "--statusline"],
    ],
)
def test_what_needs_more_is_left_to_the_command(arguments: list[str]) -> None:
    """Other options, none or several logs, a flag without its value."""
    assert statusline.words(arguments) is None


def test_settings_are_left_to_the_command(tmp_path: Path) -> None:
    """From the environment, a folder, or a user's own file: an answer of no tokens costs 0.04 less."""
    line = "warm, 3 min 12 s left · next turn $0.0264, cold $0.52\n"
    (tmp_path / ".cachecost.toml").write_text("answer = 0\n", encoding="utf-8")
    (tmp_path / "cachecost").mkdir()
    (tmp_path / "cachecost" / "cachecost.toml").write_text("answer = 0\n", encoding="utf-8")
    assert run(*ASK, env={"CACHECOST_ANSWER": "0"}).out == line
    assert run(*ASK, cwd=tmp_path).out == line
    assert run(*ASK, env={"XDG_CONFIG_HOME": str(tmp_path)}).out == line
