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

from . import assemble, page, rules
from .errors import BadSheet, Fault
from .sheet import PriceSheet
from .yaml_text import PageLoader, foreign, not_yaml

_EXPECTED = {
    "string_type": "expected text",
    "string_too_short": "expected text",
    "string_too_long": "expected at most {max_length} characters",
    "string_pattern_mismatch": "expected one word of letters, digits and . _ : @ + - (a slash in aliases only)",
    "list_type": "expected a list such as [one, two]",
    "dict_type": "expected keys with values written as {{key: value}}",
    "model_type": "expected keys with values ({known})",
    "too_short": "expected at least one",
}

Path = tuple[str | int, ...]
Lines = dict[Path, int]


def read_text(text: str, *, file: str, today: date) -> PriceSheet:
    """The sheet in a page's text; BadSheet with every fault of it."""
    tree, lines, wrong = _compose(text, file)
    if tree is None:
        raise BadSheet(wrong)
    try:
        words = page.SheetWords.model_validate(tree)
    except ValidationError as error:
        noted = {fault.line for fault in wrong}
        wrong += [fault for fault in _shape_faults(error, lines, file) if fault.line not in noted]
        raise BadSheet(wrong) from None
    wrong = wrong or [
        Fault(file, _line(path, lines), _named(path, message)) for path, message in rules.faults(words, today=today)
    ]
    if wrong:
        raise BadSheet(wrong)
    return assemble.compile_sheet(words)


def _compose(text: str, file: str) -> tuple[Any, Lines, list[Fault]]:
    lines: Lines = {}
    wrong: list[Fault] = []

    def walk(node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        lines.setdefault(path, line)
        if isinstance(node, yaml.ScalarNode):
            if not node.value and not node.style:
                message = _named(path, "has no value; expected one, or leave it out")
                wrong.append(Fault(file, lines[path], message))
            return page.Quoted(node.value) if node.style else node.value
        if isinstance(node, yaml.SequenceNode):
            return [walk(child, (*path, index)) for index, child in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                wrong.append(Fault(file, at, "has a key that is not a word; expected a word"))
                continue
            if key.value in found:
                wrong.append(Fault(file, at, f"{key.value} is given twice; expected once"))
            lines[*path, key.value] = at
            found[key.value] = walk(value, (*path, key.value))
        return found

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
    return tree, lines, wrong


def _line(path: Path, lines: Lines) -> int:
    """The line of a path, or of the nearest thing around it that stands on the page."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _named(path: Path, message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"


def _shape_faults(wrong: ValidationError, lines: Lines, file: str) -> Iterator[Fault]:
    """What pydantic found, in this project's words. A key that is there, but misspelt, is not missing as well."""
    misspelt: set[Path] = set()
    errors = sorted(wrong.errors(include_url=False), key=lambda error: error["type"] == "missing")
    for error in errors:
        path = _written(error["loc"], lines)
        if error["type"] == "extra_forbidden":
            near, message = _unknown(path)
            misspelt.add((*path[:-1], near))
        elif error["type"] == "missing":
            path = (*path, error["loc"][-1])
            message = _named(path, "missing; it has to be given")
        else:
            message = _named(path, _unfit(dict(error), path))
        if error["type"] != "missing" or path not in misspelt:
            yield Fault(file, _line(path, lines), message)


def _written(location: Path, lines: Lines) -> Path:
    """The part of pydantic's location that stands on the page; the rest names its own types."""
    path: Path = ()
    for step in location:
        if (*path, step) in lines:
            path = (*path, step)
    return path


def _unknown(path: Path) -> tuple[str, str]:
    """The known key that an unknown one resembles ("" where there is none), and the message."""
    owner, key = _owner(path[:-1], page.SheetWords), str(path[-1])
    near = next(iter(difflib.get_close_matches(key, owner.model_fields, n=1)), "")
    hint = f"; did you mean {near}?" if near else ""
    return near, f"{key or 'an empty key'} is not a {owner.noun} ({_known(owner)}){hint}"


def _unfit(error: dict[str, Any], path: Path) -> str:
    """Why the value at a path cannot stand there."""
    value, context = error["input"], error.get("ctx", {})
    shown = repr(value) if isinstance(value, str) and value != path[-1] else ""
    if len(shown) > 80:
        shown = f"{shown[:60]}…'"
    if error["type"] == "literal_error":
        return f"{shown} is not one of {context['expected']}".strip()
    if error["type"] in _EXPECTED:
        said = _EXPECTED[error["type"]].format(**context, known=_known(_owner(path, page.SheetWords)))
    else:
        said = error["msg"].removeprefix("Value error, ")
    return said if not shown or said.startswith(shown) else f"{shown}: {said}"


def _known(owner: Any) -> str:
    return ", ".join(name for name in owner.model_fields if name not in owner.beside)


def _owner(path: Path, model: Any) -> Any:
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
