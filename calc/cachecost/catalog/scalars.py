"""The scalars of a price page: how each is written, what it is read as, and its schema for editors.

Every one arrives as its text, so that `3.50` stays 3.50, `16:30` an hour and `on` a word.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from .. import money, units
from ..errors import BadQuantity
from ..files.yaml_text import Quoted
from ..hours import Hours, hours_of_day, weekdays

T = TypeVar("T")
NUMBER = r"(?=.{1,24}$)[0-9]+(\.[0-9]{1,12})?"
COUNT = r"[0-9]{1,3}(_[0-9]{3}){1,3}|[0-9]{1,12}"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DURATION = r"([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+"
ADDRESS = r"https?://[^\s/]+\.\S+|[\w.-]+/[\w.-]+@\S+|PyPI \S+ \S+"


def _written(pattern: str, read: Callable[[str], object], expected: str, *, quoted: bool = True) -> BeforeValidator:
    """Reads a text of this form; anything else is refused. `quoted`: the text may stand in quotes."""

    fits = re.compile(pattern).fullmatch

    def value(text: object) -> object:
        if isinstance(text, str) and (quoted or not isinstance(text, Quoted)) and fits(text):
            with suppress(ValueError):
                return read(text)
        raise ValueError(f"expected {expected}")

    return BeforeValidator(value)


def meaning(read: Callable[[str], T], text: object) -> T:
    """What a text means, and its refusal in the way in which pydantic expects it."""
    try:
        return read(str(text))
    except BadQuantity as error:
        raise ValueError(str(error)) from None


def _instant(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("expected a day or an instant with its zone, such as 2026-08-16T16:00Z")
    return meaning(units.instant, text)


def _ttl(text: object) -> str:
    shown = units.show_duration(meaning(units.duration, text))
    if shown == "0s":
        raise ValueError("expected a time to live such as 5m or 1h; what lives for no time cannot be read")
    if shown != text:
        raise ValueError(f"expected the shortest writing of this time to live, {shown}")
    return shown


def _fee(text: str) -> Decimal:
    """Money for one request or call: `10.00 per 1k` is a hundredth."""
    number, per, _ = text.partition(" per ")
    return money.EXACT.divide(Decimal(number), Decimal(1000)) if per else Decimal(number)


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _text_like(example: str, pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "examples": [example]})


_DIGITS = "plain digits such as 3.50 (no sign, no quotes, no exponent, no unit)"
_NUMBER = _written(NUMBER, Decimal, _DIGITS, quoted=False)
_PAGE = "the address of a page (https://…), OWNER/REPO@COMMIT:PATH, or PyPI NAME VERSION"
_INTEGER = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": f"^({COUNT})$"}]}
SOME = Field(min_length=1)
ONE_OR_MORE = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
)

Number = Annotated[Decimal, _NUMBER, WithJsonSchema({"type": "number", "minimum": 0})]
Factor = Annotated[Decimal, Field(gt=0), _NUMBER, WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Fee = Annotated[
    Decimal,
    _written(r"[0-9]{1,12}(\.[0-9]{1,12})?( per 1k)?", _fee, "an amount such as 0.005, or 10.00 per 1k"),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? per 1k$"}]}
    ),
]
Count = Annotated[
    int, _written(COUNT, int, "a whole number of tokens such as 128_000", quoted=False), WithJsonSchema(_INTEGER)
]
Whole = Annotated[Count, Field(gt=0)]  # a number above 0
Day = Annotated[
    date, _written(DAY, date.fromisoformat, "a day such as 2026-11-22"), _text_like("2026-11-22", r"\d{4}-\d\d-\d\d")
]
Instant = Annotated[datetime, BeforeValidator(_instant), _text_like("2026-08-16T16:00Z", r"\d{4}-\d\d-\d\d(T.+)?")]
Ttl = Annotated[str, BeforeValidator(_ttl), _text_like("5m", DURATION)]
Duration = Annotated[timedelta, BeforeValidator(lambda text: units.duration(_ttl(text))), _text_like("1h", DURATION)]
Address = Annotated[str, _written(ADDRESS, str, _PAGE), _text_like("https://ai.google.dev/pricing", ADDRESS)]
Addresses = Annotated[list[Address], BeforeValidator(listed), SOME, ONE_OR_MORE]
Days = Annotated[frozenset[int], BeforeValidator(partial(meaning, weekdays)), _text_like("mon-fri", r"[a-z, -]+")]
OpenHours = Annotated[Hours, BeforeValidator(partial(meaning, hours_of_day))]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][\w.:@+-]*$")]
Word = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][\w.:/@+-]*$")]
PageName = Annotated[
    str,
    _written(r"[A-Za-z0-9][\w.:@+-]*/[A-Za-z0-9][\w.:@+-]*", str, "a page such as anthropic/claude-opus-5-5"),
    _text_like("anthropic/claude-opus-5-5", r"[^/\s]+/[^/\s]+"),
]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Confidence = Literal["high", "medium", "low"]
