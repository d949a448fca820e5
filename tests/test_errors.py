"""Errors that know which parameter is at fault."""

from __future__ import annotations

import pickle
from copy import copy

import pytest

from cachecost.errors import AmbiguousModel, BadSheet, BadWorkload, CachecostError, Fault, NotSold, UnknownModel
from cachecost.questions.words import word_of

from .command import run


@pytest.mark.parametrize(
    ("error", "text", "word"),
    [
        (
            BadWorkload("expected at least 1 token to cache", word="context"),
            "context: expected at least 1 token",
            "context",
        ),
        (BadWorkload("no strategy can serve it"), "no strategy can serve it", ""),
        (BadWorkload("expected a year up to 9999", word="start"), "start: expected a year", "as_of"),
        (NotSold("service 'batch' is not sold", ("service", "batch")), "service 'batch' is not sold", "service"),
        (NotSold("no strategy is sold"), "no strategy is sold", ""),
        (UnknownModel("gpt-40"), "'gpt-40' is not a model", "model"),
        (AmbiguousModel("opus", ["a/opus", "b/opus"]), "'opus' means 2 models, name one of them: a/opus", "model"),
        (BadSheet([Fault("a/b.yaml", 7, "input: expected a rate")]), "a/b.yaml:7: input: expected a rate", ""),
    ],
)
def test_an_error_names_the_word_at_fault(error: CachecostError, text: str, word: str) -> None:
    """As text for people and as data for programs, in another process too."""
    for each in (error, pickle.loads(pickle.dumps(error)), copy(error)):
        assert str(each).startswith(text)
        assert word_of(each) == word


@pytest.mark.parametrize(
    ("arguments", "opening"),
    [
        (["gpt-4o", "-c", "0"], "cachecost: --context: expected"),
        (["gpt-4o", "-c", "1K", "--service", "none"], "cachecost: --service 'none' is not sold"),
        (["gpt-40", "-c", "1K"], "cachecost: 'gpt-40' is not a model"),
        (["gpt-4o", "-c", "1K", "--hit-share", "2"], "cachecost: --hit-rate: '2' is not a share"),
    ],
)
def test_a_message_opens_with_the_flag_that_was_typed(arguments: list[str], opening: str) -> None:
    """Not with the engine's own name of it."""
    assert run("compare", *arguments).err.startswith(opening)
