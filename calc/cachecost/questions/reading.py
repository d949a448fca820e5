"""The value that the text of a word stands for; a refusal names the word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .. import units
from ..errors import BadQuantity
from ..selfhosted.serving import AS_ON_PAGES, DATA, KV_TYPES, TENSOR, WEIGHT_TYPES, Serving
from ..strategies.assumptions import Eviction
from ..workload.arrivals import bursts as spread_in_bursts

if TYPE_CHECKING:
    from ..advice.breakpoints import Piece

T = TypeVar("T")
CURRENCIES = ("CNY", "EUR")
"""Currencies of price sheets beside dollars."""
MAX_TIMES = 1_000_000
"""Most queries whose instants are worked out one by one."""
POOLS = FULL, FREE = ("full", "free")
ATTENTIONS = (TENSOR, DATA)


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


def eviction(text: str, folder: Path | None) -> Eviction | None:
    """`none`, steps as in `10m:8%,20m:13%`, or a curve of the folder of price sheets by its name."""
    if text == "none":
        return None
    presets: Mapping[str, Eviction] = {}
    if folder and ":" not in text:
        from ..catalog.evictions import load_evictions  # loads YAML

        presets = load_evictions(folder / "eviction.yaml")
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


def piece(text: str) -> Piece:
    """`docs=80K@2/h`: a name, its tokens, and how often it changes: a rate, `each`; never where nothing is said."""
    from ..advice.breakpoints import Piece  # summaries need none

    name, equals, said = text.partition("=")
    name, (tokens, at, changes) = name.strip(), said.partition("@")
    if not (name and equals and tokens) or (at and not changes):
        raise BadQuantity(f"{text!r} is not a part; expected NAME=TOKENS[@CHANGES], such as docs=80K@2/h", word="part")
    where = f"part: {name}"
    return Piece(name, read(where, units.count, tokens), read(where, _changes, changes.strip()))


def _changes(text: str) -> Fraction | None:
    if text == "each":
        return None
    if text in ("", "never"):
        return Fraction(0)
    try:
        return units.rate(text)
    except BadQuantity as error:
        raise BadQuantity(f"{error}; or never, or each where it changes with every query") from None


def summary(text: str, context: int) -> int:
    """Tokens of the summary: a share of the context to the next whole token, or a count. A bare number from 2 to 100
    is refused, since it could be a percentage."""
    if re.fullmatch(r"\s*(0*[0-9]{1,2}|100)\s*", text) and int(text) > 1:
        raise BadQuantity(
            f"{text.strip()!r} could be a share or a count; write {text.strip()}% or a larger count", word="to"
        )
    try:
        share = read("to", units.share, text)
    except BadQuantity:
        if "%" in text or "/" in text:
            raise
        return read("to", units.count, text)
    return -(-(share * context).numerator // (share * context).denominator)


def serving_of(said: Mapping[str, Any]) -> Serving:
    """What the words about deployments say in place of what pages have; texts that are empty say nothing."""
    if not any(said.values()):
        return AS_ON_PAGES
    linear, attended = maybe("efficiency", _efficiency, said["efficiency"]) or (None, None)
    return Serving(
        kv=_one_of("kv", said, KV_TYPES),
        weights=_one_of("weights", said, WEIGHT_TYPES),
        attention=_one_of("attention", said, ATTENTIONS),
        use=maybe("use", _share, said["use"]) or Fraction(1),
        dedicated=said["dedicated"],
        batch=maybe("batch", _batch, said["batch"]),
        linear=linear,
        attended=attended,
        free_pool=_one_of("pool", said, POOLS) == FREE,
    )


def _one_of(word: str, said: Mapping[str, Any], known: Sequence[str]) -> str:
    text: str = said[word]
    if text and text not in known:
        raise BadQuantity(f"expected {', '.join(known)}, not {text!r}", word=word)
    return text


def _share(text: str) -> Fraction:
    share = units.share(text)
    if not share:
        raise BadQuantity(f"expected a share above 0, such as 40%, not {text!r}")
    return share


def _efficiency(text: str) -> tuple[Fraction, Fraction]:
    """`45%`, or `45%,30%` for linear layers and attention."""
    linear, comma, attended = text.partition(",")
    return _share(linear), _share(attended if comma else linear)


def _batch(text: str) -> int:
    number = units.count(text)
    if not number:
        raise BadQuantity("expected 1 request or more")
    return number
