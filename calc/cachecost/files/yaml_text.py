"""Text that should be YAML -> its words as they are written, each with its line. Price sheets and the files beside them
are read here.

A text is read as its events, and nothing is constructed: every scalar stays the text that was written, a key given
twice is seen, and tags are not followed. The line of a value is that of its key, or its own where it is in a list.
Values keep it wherever they are taken over on their page; those of another page have none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from datetime import date
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

from ..errors import BadDocument
from .reading import read

V = TypeVar("V", bound="Lined")
Lines = dict[tuple[str | int, ...], int]
MAX_DEPTH = 20
MOST = 4 * 1024**2
"""Bytes of a file beside the price sheets."""
TO_GIVE = {
    "effective": "expected the first day or instant, such as 2026-12-01",
    "source": "expected the address of the page that says so, such as https://example.com/pricing",
    "seen": "expected the day on which the source was read, such as 2026-11-18",
}
"""What is expected of a key that every page needs and whose value its name does not say."""
_HINTS = {
    "mapping values": "expected it as far in as the keys beside it, or quotes around a text with a colon",
    "did not find expected key": "expected this line as far in as those beside it",
    "did not find expected '-' indicator": "expected this line as far in as those beside it",
    "could not find expected ':'": "expected a key and its value, such as seen: 2026-11-18",
    "unexpected end of stream": "expected the quote that ends this text",
    "cannot start any token": "expected quotes around a text that begins so",
}
"""What to do about a problem that libyaml names in terms of its grammar."""
_MERGE = ("<<<<<<< ", ">>>>>>> ")
_TOO_DEEP = f"is nested over {MAX_DEPTH} deep; expected a price sheet"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PageLoader(_Loader):  # type: ignore[misc]
    """Our own loader, used to compose nodes only."""

    def resolve(self, kind: type, value: str, implicit: object) -> str:
        """No tag: the key decides what a text is, and looking for a tag takes a tenth of the time."""
        return ""


class Lined:
    """A value with its line; 0 where it is none of the page."""

    line = 0


class Text(Lined, str):
    """A scalar as it is written."""


class Quoted(Text):
    """A text that stood in quotes on the page: it may be any text, but no number."""


class LinedMapping(Lined, dict[str, Any]):
    """A mapping."""


class LinedList(Lined, list[Any]):
    """A list."""


def lined(line: int, value: V) -> V:
    """A value with its line."""
    value.line = line
    return value


def elsewhere(value: Any) -> Any:
    """The same words without their lines."""
    if isinstance(value, dict):
        return LinedMapping({key: elsewhere(each) for key, each in value.items()})
    return LinedList(map(elsewhere, value)) if isinstance(value, list) else type(value)(value)


def parts(value: Any) -> Mapping[str | int, Any]:
    """What stands in a value, by its key or index."""
    return dict(enumerate(value)) if isinstance(value, list) else value if isinstance(value, dict) else {}


def lines_of(value: Any, path: tuple[str | int, ...] = ()) -> Lines:
    """The line of every path of a page."""
    lines = {path: line} if (line := getattr(value, "line", 0)) else {}
    for step, each in parts(value).items():
        lines |= lines_of(each, (*path, step))
    return lines


def line_of(path: Iterable[str | int], tree: Any) -> int:
    """The line of a path, or of the nearest key around it that is on the page; 1 on an empty one."""
    line: int = getattr(tree, "line", 1)
    for step in path:
        tree = parts(tree).get(step)
        line = getattr(tree, "line", 0) or line
    return line


class SideFile(NamedTuple):
    """A file beside the price sheets, such as `token-ratios.yaml`, and its words; None where it is empty. What reads a
    value, which is found by its keys and indices, raises BadDocument with its line where it is something else."""

    path: Path
    tree: Any

    def line(self, *steps: str | int) -> int:
        return line_of(steps, self.tree)

    def fault(self, message: str, *steps: str | int) -> BadDocument:
        """A fault at a value: `eviction.yaml:4: reported.seen: ...`."""
        name = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
        return BadDocument(f"{self.path}:{self.line(*steps)}: {f'{name}: ' if name else ''}{message}")

    def value(self, *steps: str | int) -> Any:
        """None where the file has none."""
        return reduce(lambda value, step: parts(value).get(step), steps, self.tree)

    def number(self, *steps: str | int, most: int, expected: str) -> Fraction:
        """A number from 0 to the most, in plain digits."""
        text = self.value(*steps)
        if isinstance(text, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text) and Fraction(text) <= most:
            return Fraction(text)
        raise self.fault(f"is {text}, expected {expected}", *steps)

    def day(self, *steps: str | int) -> date:
        """A day such as 2026-11-29."""
        with suppress(ValueError):
            return date.fromisoformat(str(self.value(*steps)))
        raise self.fault("expected the day on which the source was read, such as 2026-11-29", *steps)

    def address(self, *steps: str | int) -> str:
        """The address of a page."""
        if not str(address := self.value(*steps)).startswith("https://"):
            raise self.fault("expected an address that begins with https://", *steps)
        return str(address)

    def pattern(self, *steps: str | int) -> re.Pattern[str]:
        """A regular expression."""
        text = self.value(*steps)
        try:
            return re.compile(text)
        except (re.error, TypeError) as error:
            raise self.fault(f"{text!r} is not a pattern ({error})", *steps) from None


def read_side_file(path: Path) -> SideFile:
    """A file of words. Raises BadDocument, with the line, where it is no plain YAML: a colon in a text without quotes,
    a tag, a key given twice, nesting without end."""
    return side_file(path, read(path, most=MOST, expected="YAML"))


def side_file(path: Path, content: bytes) -> SideFile:
    """The same where the content of the file is at hand."""
    try:
        tree, wrong = words_in(content.decode("utf-8"), anchors=True)
    except UnicodeDecodeError as error:
        raise BadDocument(f"{path}: cannot be read: {error}") from None
    if wrong:
        line, message = min(wrong)
        raise BadDocument(f"{path}:{line}: {message}")
    return SideFile(path, tree)


def words_in(text: str, *, anchors: bool = False) -> tuple[Any, list[tuple[int, str]]]:
    """The words of a text, None where it has none, and what no page may hold, each with its line. None of the words is
    to be changed. With `anchors` a value may have a name (&name) and be used again (*name)."""
    wrong: list[tuple[int, str]] = []
    try:
        return _Reader(text, wrong, anchors=anchors).document(), wrong
    except _Foreign as fault:
        line, message = fault.args
        return None, [(line, message)]
    except (yaml.YAMLError, ValueError) as error:
        return None, [_not_yaml(error, text)]


class _Foreign(Exception):
    """Something that YAML knows and a page may not hold: its line, and what it is."""


class _Reader:
    """One text out of its events, in one pass: a page has a few hundred, and the catalogue a million."""

    def __init__(self, text: str, wrong: list[tuple[int, str]], *, anchors: bool) -> None:
        # As `yaml.parse`, which asks twice for each event.
        self.events: Iterator[Any] = iter(PageLoader(text).get_event, None)
        self.wrong, self.anchors = wrong, anchors
        self.anchored: dict[str, Any] = {}

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
            return self._unusual(event, line, key, depth)
        if kind is yaml.ScalarEvent:
            if not event.value and not event.style:
                self.wrong.append((line, f"{key}: has no value; {TO_GIVE.get(key, 'expected one, or leave it out')}"))
            return lined(line, Quoted(event.value) if event.style else Text(event.value))
        if kind is yaml.SequenceStartEvent:
            items = lined(line, LinedList())
            while type(event := next(self.events)) is not yaml.SequenceEndEvent:
                items.append(self._value(event, event.start_mark.line + 1, key, depth + 1))
            return items
        mapping = lined(line, LinedMapping())
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            start = event.start_mark.line + 1
            if type(event) is not yaml.ScalarEvent:
                before = len(self.wrong)
                self._value(event, start, "", depth + 1)
                self._value(next(self.events), start, "", depth + 1)
                self.wrong[before:] = [(start, "has a key that is not a word; expected a word")]
                continue
            if event.anchor or event.tag:
                self._refuse(event, depth)
            name = event.value
            if name in mapping:
                self.wrong.append((start, f"{name} is given twice; expected once"))
            mapping[name] = self._value(next(self.events), start, name, depth + 1)
        return mapping

    def _unusual(self, event: Any, line: int, key: str, depth: int) -> Any:
        """A value with a name, or the one that a name stands for, where that is allowed."""
        self._refuse(event, depth)
        name = event.anchor
        if isinstance(event, yaml.AliasEvent):
            if name not in self.anchored:
                raise _Foreign(line, f"uses *{name}, but nothing above it is named &{name}")
            return lined(line, copy(self.anchored[name]))
        event.anchor = None
        self.anchored[name] = value = self._value(event, line, key, depth)
        return value

    def _refuse(self, event: Any, depth: int) -> None:
        """Raise _Foreign where an event has a tag, lies too deep, or has a name that is not allowed. (To compose events
        recurses in C, where nesting without end takes the process down.)"""
        line = event.start_mark.line + 1
        name = "a tag (!name)" if getattr(event, "tag", None) else ""
        if not self.anchors and event.anchor:
            name = "an alias (*name)" if isinstance(event, yaml.AliasEvent) else "an anchor (&name)"
        if name:
            raise _Foreign(line, f"uses {name}; expected every value written out")
        if depth > MAX_DEPTH:
            raise _Foreign(line, _TOO_DEEP)


def _not_yaml(error: Exception, text: str) -> tuple[int, str]:
    """Where a page stops being YAML, and why. What never ends is said where it begins."""
    written = text.splitlines() or [""]
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    at = next((mark.line for mark in marks if mark and mark.line < len(written)), 0)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    if "nesting depth" in problem:  # libyaml since 0.2.6 counts for itself
        return at + 1, _TOO_DEEP
    merge = [line for line, said in enumerate(written) if said.startswith(_MERGE)]
    if merge:
        at, problem = merge[0], "an unfinished merge; expected one of its two sides, without the lines of git"
    elif "\t" in written[at]:
        problem = "a tab; expected spaces"
    elif "another document" in problem:
        problem = "a second document begins (---); expected one page"
    hint = next((hint for said, hint in _HINTS.items() if said in problem), "")
    return at + 1, f"is not YAML: {problem}{hint and '; '}{hint}"
