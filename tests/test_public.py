"""The names that `import cachecost` offers: few, each of them there, and each known to type checkers."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

import cachecost
from cachecost import CachecostError, Call, Catalog, Usage, Workload, ahead, bounds, compare, last_session

from .conftest import ROOT


def _typed() -> set[str]:
    """Names that a type checker sees, which does not run the loading on first use."""
    tree = ast.parse((ROOT / "calc" / "cachecost" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom) and node.level)
    return {alias.asname or alias.name for node in imports for alias in node.names}


def test_every_public_name_is_there_and_has_its_type() -> None:
    """What is listed, what is typed, and what can be imported are the same names."""
    assert _typed() == set(cachecost.__all__)
    assert all(getattr(cachecost, name) is not None for name in cachecost.__all__)


def test_every_public_name_says_what_it_is() -> None:
    """A function by its docstring and the types of all that it takes; a tuple by more than its fields, which
    Python lists unasked."""
    for name in cachecost.__all__:
        thing = getattr(cachecost, name)
        text = inspect.getdoc(thing)
        assert text, name
        assert not text.startswith(f"{name}("), name
        if inspect.isfunction(thing):
            assert set(inspect.signature(thing).parameters) <= thing.__annotations__.keys(), name


NOW = datetime(2026, 11, 20, tzinfo=UTC)
OPUS = Catalog().sheet("claude-opus-5-5")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: Workload(1.5, 0, 0, 1, NOW), "context: expected a whole number, not 1.5"),
        (lambda: Workload("10K", 0, 0, 1, NOW), "context: expected a whole number, not '10K'"),
        (lambda: Workload(1, 0, 0, True, NOW), "queries: expected a whole number, not True"),
        (lambda: compare([], today=date(2026, 11, 20)), "model: expected one sheet or more"),
        (lambda: bounds(OPUS, 10, at=NOW, hit_share=Fraction(3)), "hit_share: expected a share from 0 to 1, not 3"),
        (lambda: ahead(OPUS, [], now=NOW), "calls: expected one request or more"),
        (
            lambda: ahead(OPUS, [Call(NOW, Usage(input=1))], now=NOW.replace(tzinfo=None)),
            "at: expected an instant with a zone",
        ),
        (lambda: Catalog("/no/such/folder"), "/no/such/folder: is not a folder of price sheets"),
        (lambda: last_session("/no/such.jsonl"), "cannot be read: No such file"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(asked: Callable[[], object], said: str) -> None:
    """Never by an error of Python's, nor by an answer. Paths may be texts."""
    with pytest.raises(CachecostError, match=re.escape(said)):
        asked()


def test_there_are_few_public_names() -> None:
    """As many as a page of documentation can show."""
    assert len(cachecost.__all__) <= 32
