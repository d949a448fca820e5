"""The words of a page as they are written, each with its line: that of its key, or its own where it is in a list.

Words keep it wherever they are taken over on their page. Those of another page have none.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from ..prices.sheet import Path

Lines = dict[Path, int]
V = TypeVar("V")


class Text(str):
    """A scalar as it is written."""

    line = 0


class Quoted(Text):
    """A text that stood in quotes on the page: it may be any text, but no number."""


class Words(dict[str, Any]):
    """A mapping."""

    line = 0


class Items(list[Any]):
    """A list."""

    line = 0


def lined(line: int, value: V) -> V:
    """A value with its line."""
    value.line = line  # type: ignore[attr-defined]  # every kind has one
    return value


def elsewhere(value: Any) -> Any:
    """The same words without their lines."""
    if isinstance(value, dict):
        return Words({key: elsewhere(each) for key, each in value.items()})
    return Items(map(elsewhere, value)) if isinstance(value, list) else type(value)(value)


def parts(value: Any) -> Mapping[str | int, Any]:
    """What stands in a value, by its key or index."""
    return dict(enumerate(value)) if isinstance(value, list) else value if isinstance(value, dict) else {}


def lines_of(value: Any, path: Path = ()) -> Lines:
    """The line of every path of a page."""
    lines = {path: line} if (line := getattr(value, "line", 0)) else {}
    for step, each in parts(value).items():
        lines |= lines_of(each, (*path, step))
    return lines


def line_of(path: Path, tree: Any) -> int:
    """The line of a path, or of the nearest key around it that is on the page."""
    line: int = tree.line
    for step in path:
        tree = parts(tree).get(step)
        line = getattr(tree, "line", 0) or line
    return line
