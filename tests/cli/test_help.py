"""Help on one screen: everyday options in panels, three examples that run, all options by `--help-all`."""

from __future__ import annotations

import re
import shlex

import pytest

from cachecost.cli.help import EVERYDAY, PANELS
from cachecost.cli.settings import COMMANDS
from cachecost.questions.words import WORDS

from ..command import run

LONG = sorted(EVERYDAY)
SEEN = 30
"""Lines of help that a small terminal shows at once."""


def examples(command: str) -> list[str]:
    return re.findall(rf"^ (cachecost {command}\b.*?) *$", run(command, "--help").out, flags=re.MULTILINE)


@pytest.mark.parametrize("command", ["", *LONG])
def test_help_fits_a_screen_of_80_columns(command: str) -> None:
    lines = run(*command.split(), "--help", env={"COLUMNS": "80"}).out.splitlines()
    assert len(lines) <= SEEN
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", LONG)
def test_help_shows_everyday_options_and_help_all_shows_every_one(command: str) -> None:
    short, long = (run(command, flag, env={"COLUMNS": "200"}).out for flag in ("--help", "--help-all"))
    assert short.count("│ --") <= 10, "nine options, and --help-all"
    assert {"--prices", "--format", "--out"} <= set(re.findall(r"--[a-z-]+", long))
    assert set(re.findall(r"│ (--[a-z-]+)", short)) < set(re.findall(r"│ (--[a-z-]+)", long))


@pytest.mark.parametrize("flag", ["--help", "--help-all"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_word_of_the_library_leaks_into_help(command: str, flag: str) -> None:
    shown = run(command, flag if command in EVERYDAY else "--help").out
    assert not re.search(r"<[a-z\[\]|]+>|\[\[|\]\]|\{|x>=", shown)


def test_every_word_of_a_question_has_a_heading() -> None:
    assert {word.field for word in WORDS} <= set(PANELS)


def test_the_list_of_commands_has_what_their_own_help_begins_with() -> None:
    """Neither is written twice, though the list loads none of them."""
    top = " ".join(run("--help").out.replace("│", " ").split())
    for name in COMMANDS:
        first = re.split(r"\n\s*\n", run(name, "--help").out)[1]
        assert f" {name} {' '.join(first.split())}" in top


@pytest.mark.parametrize("command", [each for each in LONG if each != "replay"])
def test_the_examples_of_help_run(command: str) -> None:
    """Those that read or write files are left out."""
    shown = examples(command)
    assert len(shown) == 3
    for example in shown:
        if not re.search(r"-f |--from|--chart|--all", example):
            assert run(*shlex.split(example)[1:]).code == 0, example


@pytest.mark.parametrize("command", ["models", "show", "explain"])
def test_the_example_of_a_small_command_runs(command: str) -> None:
    example = re.search(r"Example: cachecost (.+?)\n\s*\n", run(command, "--help").out, flags=re.DOTALL)
    assert example
    assert run(*example[1].split()).code == 0


def test_the_name_of_the_program_alone_shows_it_at_work_and_what_can_be_done() -> None:
    ran = run()
    assert ran.code == 0
    assert ran.out.startswith("$ cachecost compare claude gemini gpt -c 150K -n 50\n")
    for word in ("cachecost compare", "cachecost models", "cachecost replay", "cachecost serve", "cachecost explain"):
        assert word in ran.out.rpartition("\nAsk")[2] or word == "cachecost compare"


def test_help_and_version_are_words_too() -> None:
    assert run("help") == run("--help")
    assert run("help", "curve") == run("curve", "--help")
    assert run("version") == run("--version")


def test_a_service_may_be_written_with_capitals() -> None:
    """Vendors print Batch."""
    question = ("compare", "gpt-4o", "-c", "10K", "--as-of", "2026-11-01", "--json")
    assert run(*question, "--service", "Batch").json == run(*question, "--service", "batch").json
