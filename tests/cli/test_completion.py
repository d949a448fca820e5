"""A shell completes the values of words: bash, zsh and fish, as each of them asks."""

from __future__ import annotations

import pytest

from cachecost.cli.completion import words_before

from ..command import run


def bash(words: str, number: int) -> list[str]:
    asked = {"_CACHECOST_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    return run(env=asked).out.split()


@pytest.mark.parametrize(
    ("typed", "number", "expected"),
    [
        ("cachecost comp", 1, {"compare", "compact"}),
        ("cachecost compare claude-opus-5", 2, {"claude-opus-5", "claude-opus-5-5"}),
        ("cachecost compare anthropic/claude-opus-5", 2, {"anthropic/claude-opus-5-5"}),
        ("cachecost quote gpt-5.6", 2, {"gpt-5.6-luna"}),
        ("cachecost replay --model gpt-5.6", 3, {"gpt-5.6-luna"}),
        ("cachecost replay --policy cl", 3, {"clairvoyant"}),
        ("cachecost compare gpt-4o --strategy wri", 4, {"written:5m", "written:1h"}),
        ("cachecost compare gpt-4o --service ba", 4, {"batch"}),
        ("cachecost compare gpt-4o --arrivals p", 4, {"poisson"}),
        ("cachecost models --provider anth", 3, {"anthropic"}),
        ("cachecost models --sort ", 3, {"price", "name", "context", "new"}),
        ("cachecost compare gpt-4o --format ", 4, {"table", "json", "csv", "markdown"}),
        ("cachecost explain break", 2, {"break-even"}),
        ("cachecost compare gpt-4o --qu", 3, {"--queries", "--question"}),
    ],
)
def test_bash_is_told_what_may_follow(typed: str, number: int, expected: set[str]) -> None:
    result = bash(typed, number)
    assert expected <= set(result)
    assert all(each.startswith(typed.split(" ")[-1]) for each in result)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_told_the_same(shell: str) -> None:
    asked = {"_CACHECOST_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "cachecost compare claude-opus-5"}
    ran = run(env=asked | {"_TYPER_COMPLETE_FISH_ACTION": "get-args"})
    assert "claude-opus-5-5" in ran.out
    assert "gpt" not in ran.out


def test_only_the_command_that_is_typed_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words before the one being typed, as each shell hands them over."""
    monkeypatch.delenv("_CACHECOST_COMPLETE", raising=False)
    assert words_before() is None
    monkeypatch.setenv("_CACHECOST_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "cachecost compare gpt")
    assert words_before() == ["cachecost", "compare"]
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "cachecost compare ")
    assert words_before() == ["cachecost", "compare"]


def test_broken_settings_do_not_stop_a_shell_from_completing(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("folder")
    (folder / ".cachecost.toml").write_text("not TOML", encoding="utf-8")
    asked = {"_CACHECOST_COMPLETE": "complete_bash", "COMP_WORDS": "cachecost comp", "COMP_CWORD": "1"}
    assert "compare" in run(env=asked, cwd=folder).out
