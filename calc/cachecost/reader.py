"""The text of one page -> a checked price sheet, or every fault of it with its line. The reader of YAML.

A page is composed into nodes, never constructed: every scalar stays the text that was written, every key and
value knows its line, a key given twice is seen, and neither tags nor anchors are followed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from . import page, rules
from .errors import BadSheet, Fault
from .sheet import PriceSheet

MAX_DEPTH = 20

Lines = dict[tuple[str | int, ...], int]


class PageLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Our own loader, used to compose nodes only."""


def read_text(text: str, *, file: str, today: date) -> PriceSheet:
    """The sheet in a page's text; BadSheet with every fault of it."""
    tree, lines, wrong = _compose(text, file)
    if wrong:
        raise BadSheet(wrong)
    try:
        words = page.SheetWords.model_validate(tree)
    except ValidationError as error:
        raise BadSheet([_shape_fault(dict(each), lines, file) for each in error.errors()]) from None
    wrong = [
        Fault(file, _line(path, lines), _named(path, message)) for path, message in rules.faults(words, today=today)
    ]
    if wrong:
        raise BadSheet(wrong)
    return rules.compile_sheet(words)


def _compose(text: str, file: str) -> tuple[Any, Lines, list[Fault]]:
    lines: Lines = {(): 1}
    wrong: list[Fault] = []
    seen: set[int] = set()

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        line = node.start_mark.line + 1
        lines.setdefault(path, line)
        if id(node) in seen:
            wrong.append(Fault(file, line, "uses an alias (*name); expected every value written out"))
            return None
        if len(path) > MAX_DEPTH:
            wrong.append(Fault(file, line, f"is nested over {MAX_DEPTH} deep; expected a price sheet"))
            return None
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.value or node.style else None
        if isinstance(node, yaml.SequenceNode):
            return [walk(child, (*path, index)) for index, child in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                wrong.append(Fault(file, at, "has a key that is not a word"))
                continue
            if key.value in found:
                wrong.append(Fault(file, at, f"{key.value} is given twice; expected once"))
            lines[*path, key.value] = at
            found[key.value] = walk(value, (*path, key.value))
        return found

    try:
        for token in yaml.scan(text, Loader=PageLoader):
            if isinstance(token, yaml.TagToken | yaml.AnchorToken | yaml.AliasToken):
                name = {yaml.TagToken: "a tag (!name)", yaml.AnchorToken: "an anchor (&name)"}.get(type(token))
                line = token.start_mark.line + 1
                return (
                    None,
                    lines,
                    [Fault(file, line, f"uses {name or 'an alias (*name)'}; expected values written out")],
                )
        node = yaml.compose(text, Loader=PageLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, lines, [Fault(file, mark.line + 1 if mark else 1, f"is not YAML: {problem}")]
    if not isinstance(node, yaml.MappingNode):
        return (
            None,
            lines,
            [Fault(file, 1, "is not a price sheet; expected keys such as provider, model, rate_cards")],
        )
    tree = walk(node, ())
    return tree, lines, wrong


def _line(path: tuple[str | int, ...], lines: Lines) -> int:
    """The line of a path, or of the nearest thing around it that stands on the page."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _named(path: tuple[str | int, ...], message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"


def _shape_fault(error: dict[str, Any], lines: Lines, file: str) -> Fault:
    """One pydantic error in this project's words."""
    location = tuple(step for step in error["loc"] if not (isinstance(step, str) and "[" in step))
    path = tuple(
        step for index, step in enumerate(location) if (location[: index + 1] in lines) or index == len(location) - 1
    )
    key, kind = str(path[-1]) if path else "page", error["type"]
    if kind == "extra_forbidden":
        owner = _owner(path[:-1], page.SheetWords)
        known = [name for name in owner.model_fields if name not in owner.beside]
        near = difflib.get_close_matches(key, owner.model_fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Fault(file, _line(path, lines), f"{key} is not a {owner.noun} ({', '.join(known)}){hint}")
    if kind == "missing":
        return Fault(file, _line(path, lines), _named(path, "missing; it has to be given"))
    if kind == "literal_error":
        return Fault(
            file,
            _line(path, lines),
            _named(path, f"{error['input']!r} is not one of {error['ctx']['expected']}"),
        )
    if error["input"] is None:
        return Fault(file, _line(path, lines), _named(path, "has no value"))
    said = error["msg"].removeprefix("Value error, ")
    shown = f"{error['input']!r}: " if isinstance(error["input"], str) else ""
    return Fault(file, _line(path, lines), _named(path, f"{shown}{said}"))


def _owner(path: tuple[str | int, ...], model: Any) -> Any:
    """The class whose mapping stands at a path."""
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            model = next(iter(_models(model.model_fields[step].annotation)), model)
    return model


def _models(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
