"""The value that the text of a word stands for; a refusal names the word."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from ..errors import BadQuantity

T = TypeVar("T")


def price(text: str) -> Decimal:
    """Money such as 5 or 0.25."""
    if not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", text):
        raise BadQuantity(f"{text!r} is not an amount of money: expected plain digits such as 5 or 0.25")
    return Decimal(text)


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
