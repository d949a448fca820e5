"""The text of one page -> its words as they are written, each with its line. The reader of YAML.

A page is read as the events of its text, and nothing is constructed: every scalar stays the text that was written,
every value knows its line, a key given twice is seen, and neither tags nor anchors are followed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import yaml

from ..errors import Fault
from ..files.yaml_text import MAX_DEPTH, Foreign, PageLoader, not_yaml, refuse
from ..prices.sheet import Path
from .resale import resell
from .shorthand import complete
from .written import Items, Quoted, Text, Words, elsewhere, line_of, lined

TO_GIVE = {
    "effective": "expected the first day or instant, such as 2026-12-01",
    "source": "expected the address of the page that says so, such as https://example.com/pricing",
    "seen": "expected the day on which the source was read, such as 2026-11-18",
}
"""What is expected of a key that every page needs and whose value its name does not say."""


@lru_cache(256)  # hosts resell the same models, and a check looks once more at what it has read
def compose(text: str, file: str, resold: str = "") -> tuple[Any, Sequence[Fault]]:
    """The words of a page, None where it is no mapping, and what is no YAML that a page may hold.
    Cards that say `rest: as above` are filled in, and those of a page that resells from `resold`, the other page.
    None of it is to be changed."""
    wrong: list[Fault] = []
    try:
        events = iter(PageLoader(text).get_event, None)  # as `yaml.parse`, which asks twice for each event
        tree = _Reader(events, wrong, file).document()
    except Foreign as fault:
        return None, [Fault(file, fault.line, fault.message)]
    except (yaml.YAMLError, ValueError) as error:
        return None, [Fault(file, *not_yaml(error, text))]
    if not isinstance(tree, Words):
        message = "is not a price sheet; expected keys such as provider, model, rate_cards"
        return None, [Fault(file, 1, message)]
    complete(tree)
    if "resells" in tree:
        unfit = list(resell(tree, elsewhere(compose(resold, "")[0] or "")))
        wrong += [Fault(file, line_of(path, tree), named(path, message)) for path, message in unfit]
    return tree, wrong


class _Reader:
    """One page out of the events of its text, in one pass: a page has a few hundred, and the catalogue a million."""

    def __init__(self, events: Iterator[Any], wrong: list[Fault], file: str) -> None:
        self.events, self.wrong, self.file = events, wrong, file

    def document(self) -> Any:
        """The value of the only document of a text; None where there is none."""
        value: Any = None
        first: Any = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if first:
                    mark: Any = event.start_mark
                    raise yaml.composer.ComposerError(None, None, "another document", mark)
                first, begin = event, next(self.events)
                value = self._value(begin, begin.start_mark.line + 1, "page", 0)
        return value

    def _value(self, event: Any, line: int, key: str, depth: int) -> Any:
        """A value with its line; `key`: the nearest one around it."""
        kind = type(event)
        if event.anchor or event.tag or depth > MAX_DEPTH:  # a call for each event is slow
            refuse(event, depth)
        if kind is yaml.ScalarEvent:
            if not event.value and not event.style:
                expected = TO_GIVE.get(key, "expected one, or leave it out")
                self.wrong.append(Fault(self.file, line, f"{key}: has no value; {expected}"))
            return lined(line, Quoted(event.value) if event.style else Text(event.value))
        if kind is yaml.SequenceStartEvent:
            items = lined(line, Items())
            while type(event := next(self.events)) is not yaml.SequenceEndEvent:
                items.append(self._value(event, event.start_mark.line + 1, key, depth + 1))
            return items
        mapping = lined(line, Words())
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            start = event.start_mark.line + 1
            if type(event) is not yaml.ScalarEvent:
                aside = _Reader(self.events, [], self.file)
                aside._value(event, start, "", depth + 1)
                aside._value(next(self.events), start, "", depth + 1)
                self.wrong.append(Fault(self.file, start, "has a key that is not a word; expected a word"))
                continue
            if event.anchor or event.tag:
                refuse(event, depth)
            name = event.value
            if name in mapping:
                self.wrong.append(Fault(self.file, start, f"{name} is given twice; expected once"))
            mapping[name] = self._value(next(self.events), start, name, depth + 1)
        return mapping


def named(path: Path, message: str) -> str:
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "page")
    return f"{key}: {message}"
