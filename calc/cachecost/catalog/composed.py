"""The text of one page -> its words as they are written, each with its line. The reader of YAML.

A page is read as the events of its text, and nothing is constructed: every scalar stays the text that was written,
every key and value knows its line, a key given twice is seen, and neither tags nor anchors are followed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import yaml

from ..errors import Fault
from ..files.yaml_text import MAX_DEPTH, Foreign, PageLoader, not_yaml, refuse
from ..prices.sheet import Path
from .resale import resell
from .shorthand import Lines as Lines
from .shorthand import complete


class Quoted(str):
    """A text that stood in quotes on the page: it may be any text, but no number."""

    __slots__ = ()


@lru_cache(256)  # hosts resell the same models, and a check looks once more at what it has read
def compose(text: str, file: str, resold: str = "") -> tuple[Any, Lines, Sequence[Fault]]:
    """The words of a page as mappings, lists and texts, the line of each, and what is no YAML that a page may hold.
    Cards that say `rest: as above` are filled in, and those of a page that resells from `resold`, the other page.
    None of it is to be changed."""
    lines: Lines = {}
    wrong: list[Fault] = []
    try:
        events = iter(PageLoader(text).get_event, None)  # as `yaml.parse`, which asks twice for each event
        tree = _Reader(events, lines, wrong, file).document()
    except Foreign as fault:
        return None, lines, [Fault(file, fault.line, fault.message)]
    except (yaml.YAMLError, ValueError) as error:
        return None, lines, [Fault(file, *not_yaml(error, text))]
    if not isinstance(tree, dict):
        message = "is not a price sheet; expected keys such as provider, model, rate_cards"
        return None, lines, [Fault(file, 1, message)]
    complete(tree, lines)
    if "resells" in tree:
        unfit = list(resell(tree, lines, compose(resold, "")[0]))
        wrong += [Fault(file, line_of(path, lines), named(path, message)) for path, message in unfit]
    return tree, lines, wrong


class _Reader:
    """One page out of the events of its text, in one pass: a page has a few hundred, and the catalogue a million."""

    def __init__(self, events: Iterator[Any], lines: Lines, wrong: list[Fault], file: str) -> None:
        self.events, self.lines, self.wrong, self.file = events, lines, wrong, file

    def document(self) -> Any:
        """The value of the only document of a text; None where there is none."""
        value: Any = None
        first: Any = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if first:
                    mark: Any = event.start_mark
                    raise yaml.composer.ComposerError(None, None, "another document", mark)
                first, value = event, self._value(next(self.events), ())
        return value

    def _value(self, event: Any, path: Path) -> Any:
        kind, line = type(event), event.start_mark.line + 1
        if event.anchor or event.tag or len(path) > MAX_DEPTH:  # a call for each event is slow
            refuse(event, len(path))
        self.lines.setdefault(path, line)
        if kind is yaml.ScalarEvent:
            if not event.value and not event.style:
                message = named(path, "has no value; expected one, or leave it out")
                self.wrong.append(Fault(self.file, self.lines[path], message))
            return Quoted(event.value) if event.style else event.value
        if kind is yaml.SequenceStartEvent:
            items: list[Any] = []
            while type(event := next(self.events)) is not yaml.SequenceEndEvent:
                items.append(self._value(event, (*path, len(items))))
            return items
        mapping: dict[str, Any] = {}
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            at = event.start_mark.line + 1
            if type(event) is not yaml.ScalarEvent:
                aside = _Reader(self.events, {}, [], self.file)
                aside._value(event, (*path, ""))
                aside._value(next(self.events), (*path, ""))
                self.wrong.append(Fault(self.file, at, "has a key that is not a word; expected a word"))
                continue
            if event.anchor or event.tag:
                refuse(event, len(path))
            key = event.value
            if key in mapping:
                self.wrong.append(Fault(self.file, at, f"{key} is given twice; expected once"))
            self.lines[*path, key] = at
            mapping[key] = self._value(next(self.events), (*path, key))
        return mapping


def line_of(path: Path, lines: Lines) -> int:
    """The line of a path, or of the nearest key around it that is on the page."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def named(path: Path, message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"
