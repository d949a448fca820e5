"""The text of one page -> its words as they are written, each with its line. The reader of YAML.

A page is composed into nodes, never constructed: every scalar stays the text that was written, every key and
value knows its line, a key given twice is seen, and neither tags nor anchors are followed.
"""

from __future__ import annotations

from typing import Any

import yaml

from ..errors import Fault
from ..files.yaml_text import PageLoader, foreign, not_yaml
from ..prices.sheet import Path
from .shorthand import Lines as Lines
from .shorthand import complete


class Quoted(str):
    """A text that stood in quotes on the page: it may be any text, but no number."""

    __slots__ = ()


def compose(text: str, file: str) -> tuple[Any, Lines, list[Fault]]:
    """The words of a page as mappings, lists and texts, the line of each, and what is no YAML that a page may hold.
    Cards that say `rest: as above` are filled in."""
    lines: Lines = {}
    wrong: list[Fault] = []

    def walk(node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        lines.setdefault(path, line)
        if isinstance(node, yaml.ScalarNode):
            if not node.value and not node.style:
                message = named(path, "has no value; expected one, or leave it out")
                wrong.append(Fault(file, lines[path], message))
            return Quoted(node.value) if node.style else node.value
        if isinstance(node, yaml.SequenceNode):
            return [walk(child, (*path, index)) for index, child in enumerate(node.value)]
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                wrong.append(Fault(file, at, "has a key that is not a word; expected a word"))
                continue
            if key.value in mapping:
                wrong.append(Fault(file, at, f"{key.value} is given twice; expected once"))
            lines[*path, key.value] = at
            mapping[key.value] = walk(value, (*path, key.value))
        return mapping

    try:
        if unknown := foreign(text):
            return None, lines, [Fault(file, *unknown)]
        node = yaml.compose(text, Loader=PageLoader)
    except (yaml.YAMLError, ValueError) as error:
        return None, lines, [Fault(file, *not_yaml(error, text))]
    if not isinstance(node, yaml.MappingNode):
        return (
            None,
            lines,
            [Fault(file, 1, "is not a price sheet; expected keys such as provider, model, rate_cards")],
        )
    tree = walk(node, ())
    complete(tree, lines)
    return tree, lines, wrong


def line_of(path: Path, lines: Lines) -> int:
    """The line of a path, or of the nearest key around it that is on the page."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def named(path: Path, message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"
