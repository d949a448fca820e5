"""The names that `import cachecost` offers: few, each of them there, and each known to type checkers."""

from __future__ import annotations

import ast
import inspect

import cachecost

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
    """A function by its docstring and the types of all that it takes."""
    for name in cachecost.__all__:
        thing = getattr(cachecost, name)
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            assert set(inspect.signature(thing).parameters) <= thing.__annotations__.keys(), name


def test_there_are_few_public_names() -> None:
    """As many as a page of documentation can show."""
    assert len(cachecost.__all__) <= 32
