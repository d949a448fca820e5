"""The value that the text of a word stands for; a refusal names the word."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from .. import units
from ..errors import BadQuantity
from ..strategies.assumptions import Eviction
from ..workload.arrivals import bursts as spread_in_bursts

T = TypeVar("T")
CURRENCIES = ("CNY", "EUR")
"""Currencies of price sheets beside dollars."""
MAX_TIMES = 1_000_000
"""Most queries whose instants are worked out one by one."""


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


def bursts(text: str, queries: int) -> tuple[timedelta, ...]:
    """`10@5m`: ten queries at once, every five minutes."""
    size, at, apart = text.partition("@")
    number = units.count(size)
    if not at or not number:
        raise BadQuantity(f"{text!r} is not a burst: expected a number of queries and a duration, such as 10@5m")
    if queries > MAX_TIMES:
        raise BadQuantity(f"{queries:,} queries in bursts are too many; expected up to {MAX_TIMES:,}")
    return spread_in_bursts(queries, number, units.duration(apart))


def microseconds(length: timedelta) -> Fraction:
    return Fraction(length // units.MICROSECOND)


def starts(length: timedelta, step: Fraction) -> int:
    """How many steps begin in a length of time."""
    if not step:
        raise BadQuantity("queries without time between them have no pace; expected more than 0 s")
    return -(-microseconds(length) // step)


def exchange(text: str) -> dict[str, Decimal]:
    rates: dict[str, Decimal] = {}
    for each in text.split(","):
        currency, equals, rate = (part.strip() for part in each.partition("="))
        if not equals or currency not in CURRENCIES:
            raise BadQuantity(
                f"{each!r} is no rate of exchange; expected dollars for 1 {' or '.join(CURRENCIES)}: CNY=0.14"
            )
        if currency in rates:
            raise BadQuantity(f"{currency} is given twice")
        rates[currency] = price(rate)
        if not rates[currency]:
            raise BadQuantity(f"{each!r} is no rate of exchange: it cannot be 0")
    return rates


def eviction(text: str, presets: Mapping[str, Eviction]) -> Eviction:
    """A preset by its name, or steps: `10m:8%,20m:13%`."""
    if text in presets:
        return presets[text]
    steps = []
    for step in text.split(","):
        idle, colon, lost = step.partition(":")
        if not colon:
            known = ", ".join(["none", *presets])
            raise BadQuantity(f"{text!r} is no eviction: expected {known}, or steps such as 10m:8%,20m:13%")
        steps.append((units.duration(idle), units.share(lost)))
    return Eviction(text, tuple(steps))
