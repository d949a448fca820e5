"""Short names at every command: the answer says what they mean, and an ambiguous one is asked back."""

from __future__ import annotations

import io
import sys

import pytest

from cachecost.cli import options
from cachecost.errors import AmbiguousModel

from ..command import run

DAY = ("--as-of", "2026-11-20")


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "claude-opus", "-c", "100K"),
        ("plan", "claude-opus", "-c", "100K"),
        ("curve", "claude-opus", "-c", "100K"),
        ("sweep", "claude-opus", "-c", "100K", "--sweep", "queries=1..3"),
        ("quote", "claude-opus", "--input", "20K"),
        ("show", "claude-opus"),
        ("compact", "claude-opus", "-c", "100K"),
    ],
)
def test_every_command_takes_a_short_name_and_says_what_it_means(command: tuple[str, ...]) -> None:
    assert "claude-opus = anthropic/claude-opus-5-5" in run(*command, *DAY).out
    assert run(*command, *DAY, "--json").json["names"] == {"claude-opus": "anthropic/claude-opus-5-5"}


def test_a_name_that_is_written_out_needs_no_word() -> None:
    ran = run("compare", "claude-opus-5-5", "-c", "100K", *DAY, "--json")
    assert "names" not in ran.json


def test_the_name_that_a_gateway_uses_is_understood_and_the_answer_says_what_it_means() -> None:
    """LiteLLM writes `azure_ai` for what Azure sells; a name of which no page is known gets Azure's models instead."""
    ran = run("quote", "azure_ai/claude-opus-5-5", "--input", "1M", *DAY, "--json")
    assert ran.json["names"] == {"azure_ai/claude-opus-5-5": "azure/claude-opus-5-5"}
    unknown = run("quote", "azure_ai/claude-opus-5-6", "--input", "1M", *DAY)
    assert unknown.code == 2
    assert "'azure_ai/claude-opus-5-6' is not a model with a price sheet; did you mean azure/claude-opus" in unknown.err


def test_a_pipe_gets_the_choices_of_an_ambiguous_name() -> None:
    ran = run("compare", "flash", "-c", "100K", *DAY)
    assert ran.code == 2
    assert "google/gemini-3.8-flash" in ran.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "model"), [("2\n", "b/two"), (" 1 \n", "a/one")])
def test_a_person_is_asked_which_model_is_meant(monkeypatch: pytest.MonkeyPatch, typed: str, model: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert options._chosen(AmbiguousModel("flash", ["a/one", "b/two"])) == model


@pytest.mark.parametrize("typed", ["3\n", "0\n", "x\n"])
def test_another_answer_is_a_refusal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(AmbiguousModel):
        options._chosen(AmbiguousModel("flash", ["a/one", "b/two"]))
