"""Text that should be YAML: what is refused of it, and at which line. Files beside the price sheets are read here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.constructor import BaseConstructor

from ..errors import BadDocument
from .reading import read

MAX_DEPTH = 20
MOST = 4 * 1024**2
"""Bytes of a file beside the price sheets."""
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


class SideFile(NamedTuple):
    """A file beside the price sheets, such as `token-ratios.yaml`, and the tree of values in it."""

    path: Path
    text: str
    tree: Any

    def line(self, *steps: str | int) -> int:
        """The line of a value, found by its keys and indices."""
        node, line = yaml.compose(self.text, Loader=PageLoader), 1
        for step in steps:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line + 1
            elif isinstance(node, yaml.MappingNode):
                key, node = next((pair for pair in node.value if pair[0].value == step), (None, None))
                line = key.start_mark.line + 1 if key else line
        return line

    def fault(self, message: str, *steps: str | int) -> BadDocument:
        """A fault at the line of a value, found by its keys and indices: `eviction.yaml:4: reported.seen: ...`."""
        name = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
        return BadDocument(f"{self.path}:{self.line(*steps)}: {f'{name}: ' if name else ''}{message}")


def read_side_file(path: Path, *, texts: bool = False) -> SideFile:
    """The file with its values as YAML has them, or all as texts. Raises BadDocument, with the line, where it is no
    plain YAML: a colon in a text without quotes, a tag, nesting without end."""
    return side_file(path, read(path, most=MOST, expected="YAML"), texts=texts)


def side_file(path: Path, content: bytes, *, texts: bool = False) -> SideFile:
    """The same where the content of the file is at hand."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadDocument(f"{path}: cannot be read: {error}") from None
    tree: Any = None
    try:
        fault = foreign(text, anchors=True)
        if texts and not fault:  # a file of the user
            node = yaml.compose(text, Loader=PageLoader)
            fault = next(_twice(node, set()), None)
            tree = None if fault or node is None else BaseConstructor().construct_document(node)
        elif not fault:
            tree = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        fault = not_yaml(error, text)
    if fault:
        raise BadDocument(f"{path}:{fault[0]}: {fault[1]}")
    return SideFile(path, text, tree)


def _twice(node: Any, known: set[int]) -> Iterator[tuple[int, str]]:
    """Each key that a mapping has twice, of which YAML takes the last, and its line. `known`: nodes that were looked
    at, since an alias may stand in many places."""
    if id(node) in known or not isinstance(node, yaml.CollectionNode):
        return
    known.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in keys[:place]:
                yield key.start_mark.line + 1, f"{key.value} is given twice; expected once"
    for each in node.value:
        yield from _twice(each[1] if isinstance(each, tuple) else each, known)


class Foreign(Exception):
    """Something that YAML knows and a price sheet does not."""

    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message


def refuse(event: Any, depth: int, *, anchors: bool = False) -> None:
    """Raise Foreign where an event of a text has a tag, or an anchor or alias unless they are allowed, or lies too
    deep. Events are asked, since composing them recurses, in C, where nesting without end takes the process down."""
    line = event.start_mark.line + 1
    name = "a tag (!name)" if getattr(event, "tag", None) else ""
    if not anchors and getattr(event, "anchor", None):
        name = "an alias (*name)" if isinstance(event, yaml.AliasEvent) else "an anchor (&name)"
    if name:
        raise Foreign(line, f"uses {name}; expected every value written out")
    if depth > MAX_DEPTH:
        raise Foreign(line, _TOO_DEEP)


def foreign(text: str, *, anchors: bool = False) -> tuple[int, str] | None:
    """The first thing in a text that YAML knows and a price sheet does not, with its line."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=PageLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            refuse(event, depth, anchors=anchors)
    except Foreign as fault:
        return fault.line, fault.message
    return None


def not_yaml(error: Exception, text: str) -> tuple[int, str]:
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
