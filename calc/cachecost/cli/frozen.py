"""What a program knows, as JSON that can be read back: a closed list of shapes, so that a file never runs code."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

Json = Any
_MICROSECOND = timedelta(microseconds=1)
_TEXTS: Mapping[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    Decimal: (str, Decimal),
    Fraction: (str, Fraction),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    timedelta: (lambda span: str(span // _MICROSECOND), lambda text: int(text) * _MICROSECOND),
}
_NAMED = {kind.__name__: reader for kind, (_, reader) in _TEXTS.items()}
_DIGEST = 16


class Shapes:
    """Values to JSON and back, where every class among them is one of `classes`."""

    def __init__(self, *classes: type) -> None:
        self._classes = {each.__name__: each for each in classes}

    def frozen(self, value: Any) -> Json:
        """The value as JSON: plain ones as they are, others as a list that begins with the name of their shape."""
        kind = type(value)
        if value is None or kind in (str, int, bool):
            return value
        if kind in _TEXTS:
            return [kind.__name__, _TEXTS[kind][0](value)]
        if kind in (list, tuple):
            return [kind.__name__, [self.frozen(each) for each in value]]
        if kind in (dict, Counter):
            return [kind.__name__, [[self.frozen(name), self.frozen(each)] for name, each in value.items()]]
        if kind is set:
            return ["set", b64encode(b"".join(sorted(value))).decode()]
        if self._classes.get(kind.__name__) is not kind:
            raise TypeError(f"{kind.__name__} is no shape that can be kept")
        parts = list(value) if isinstance(value, tuple) else [getattr(value, name) for name in fields(kind, value)]
        return [kind.__name__, [self.frozen(each) for each in parts]]

    def thawed(self, json: Json) -> Any:
        """The value that was frozen. Raises ValueError, TypeError or KeyError on what was not."""
        if not isinstance(json, list):
            return json
        name, told = json
        if name in _NAMED:
            return _NAMED[name](told)
        if name == "set":
            digests = b64decode(told)
            return {digests[place : place + _DIGEST] for place in range(0, len(digests), _DIGEST)}
        if name in ("dict", "Counter"):
            pairs = {self.thawed(each): self.thawed(value) for each, value in told}
            return Counter(pairs) if name == "Counter" else pairs
        parts = [self.thawed(each) for each in told]
        if name in ("list", "tuple"):
            return parts if name == "list" else tuple(parts)
        return _made(self._classes[name], parts)


def fields(kind: type, value: Any = None) -> list[str]:
    """The attributes of an object, in an order that does not change."""
    slots: Any = getattr(kind, "__slots__", None)
    return sorted(slots if slots is not None else vars(value))


def _made(kind: type, parts: list[Any]) -> Any:
    if issubclass(kind, tuple):
        return kind(*parts)
    made: Any = kind.__new__(kind)
    for name, value in zip(fields(kind, kind() if not hasattr(kind, "__slots__") else None), parts, strict=True):
        setattr(made, name, value)
    return made
