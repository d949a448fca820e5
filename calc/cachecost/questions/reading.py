"""The value that the text of a word stands for; a refusal names the word."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import BadQuantity

T = TypeVar("T")


def read(name: str, reader: Callable[[str], T], text: str) -> T:
    """The value of a word's text; BadQuantity that names the word, and what follows it in `sweep: context`."""
    try:
        return reader(text)
    except BadQuantity as error:
        word, _, where = name.partition(": ")
        raise BadQuantity(f"{where}: {error}" if where else str(error), word=word) from None


def maybe(name: str, reader: Callable[[str], T], text: str) -> T | None:
    """The same where an empty text means that nothing was said."""
    return read(name, reader, text) if text else None
