"""Questions in words -> questions for the engine, the same for the command line, files and HTTP.

Texts such as `1M`, `5m` or `75%` become a workload and its assumptions; a JSON record becomes a quote:
`{"id", "model", "at", "service", "region", "thinking", "usage": {"input", "cache_read", "cache_write", "creation",
"output", "storage_token_hours", "audio", "image", "video"}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeVar

from . import money, quantities
from .errors import BadQuantity, BadUsage, BadWorkload
from .eviction import Eviction
from .notices import with_notices
from .quote import Quote, quote
from .sheet import STANDARD, PriceSheet
from .strategy import Assumptions
from .usage import MODALITIES, Usage, shown
from .workload import Workload

T = TypeVar("T")
MAX_TIMES = 1_000_000
"""Most queries whose instants are told one by one."""
KEYS = ("id", "model", "at", "service", "region", "thinking", "usage")
USAGE_KEYS = ("input", "cache_read", "cache_write", "creation", "output", "storage_token_hours", *MODALITIES)


def read(name: str, reader: Callable[[str], T], text: str) -> T:
    """The value of a word's text; BadQuantity that names the word."""
    try:
        return reader(text)
    except BadQuantity as error:
        raise BadQuantity(f"{name}: {error}") from None


def maybe(name: str, reader: Callable[[str], T], text: str) -> T | None:
    """The same where an empty text means that nothing was said."""
    return read(name, reader, text) if text else None


def workload(
    *,
    context: int,
    question: str,
    answer: str,
    queries: str,
    every: str,
    over: str,
    start: datetime,
    rate: str = "",
    arrivals: str = "even",
    turns: str = "",
    tools: str = "0",
    burst: str = "",
    times: Sequence[datetime] = (),
    office: str = "",
) -> Workload:
    """The workload that the words describe; `turns` are the queries of a conversation that grows, `times` the very
    instants at which queries come, of which the first is the start; `office` are the hours in which alone they do."""
    length = maybe("turns", quantities.count, turns)
    number = read("queries", quantities.count, queries) if length is None else length
    offsets: tuple[timedelta, ...] = ()
    gap, window = maybe("every", quantities.duration, every), maybe("over", quantities.duration, over)
    hourly, hours = maybe("rate", quantities.rate, rate), None
    if office:
        if times or burst or turns:
            raise BadWorkload("office: times, bursts and turns say how queries come; give every, over or rate instead")
        if number > MAX_TIMES:
            raise BadQuantity(f"queries: {number:,} in office hours are too many; expected up to {MAX_TIMES:,}")
        from .office import Pace, inside

        pace = Pace(gap, window, hourly, arrivals)
        hours, instants = read("office", lambda text: inside(text, pace, number, start), office)
        start, offsets = instants[0], tuple(instant - instants[0] for instant in instants)
        gap = window = hourly = None
    elif times:
        start, number, offsets = times[0], len(times), tuple(instant - times[0] for instant in times)
    elif burst:
        offsets = read("burst", lambda text: _bursts(text, number), burst)
    return Workload(
        context=context,
        question=read("question", quantities.count, question),
        answer=read("answer", quantities.count, answer),
        queries=number,
        start=start,
        times=offsets,
        every=gap,
        over=window,
        rate=hourly,
        arrivals=arrivals,
        grows=length is not None,
        tools=read("tools", quantities.count, tools),
        office=hours,
    )


def _bursts(text: str, queries: int) -> tuple[timedelta, ...]:
    """`10@5m`: ten queries at once, every five minutes."""
    size, at, apart = text.partition("@")
    number = quantities.count(size)
    if not at or not number:
        raise BadQuantity(f"{text!r} is not a burst: expected a number of queries and a duration, such as 10@5m")
    if queries > MAX_TIMES:
        raise BadQuantity(f"{queries:,} queries in bursts are too many; expected up to {MAX_TIMES:,}")
    from .schedule import bursts

    return bursts(queries, number, quantities.duration(apart))


def assumptions(
    *,
    hit_share: str = "",
    hold: str = "",
    creation: str = "",
    first_query: str = "reads",
    billed_per: str = "",
    service: str = STANDARD,
    region: str = "",
    thinking: bool = False,
    generation: str = "0s",
    pings: str = "",
    eviction: str = "",
    presets: Mapping[str, Eviction] = MappingProxyType({}),
) -> Assumptions:
    """The assumptions that the words describe; an empty text takes what the rate card says. `presets` are the curves
    of eviction that have a name."""
    share = maybe("hit_share", quantities.share, hit_share)
    return Assumptions(
        hit_share=1 if share is None else money.settled(share),
        hold=maybe("hold", quantities.duration, hold),
        creation=creation or None,
        first_query=first_query,
        billed_per=billed_per or None,
        service=service,
        region=region or None,
        thinking=thinking,
        generation=read("generation", quantities.duration, generation),
        pings=maybe("pings", quantities.count, pings),
        eviction=None
        if eviction in ("", "none")
        else read("eviction", lambda text: _eviction(text, presets), eviction),
    )


def _eviction(text: str, presets: Mapping[str, Eviction]) -> Eviction:
    """A preset by its name, or steps: `10m:8%,20m:13%`."""
    if text in presets:
        return presets[text]
    steps = []
    for step in text.split(","):
        idle, colon, lost = step.partition(":")
        if not colon:
            known = ", ".join(["none", *presets])
            raise BadQuantity(f"{text!r} is no eviction: expected {known}, or steps such as 10m:8%,20m:13%")
        steps.append((quantities.duration(idle), quantities.share(lost)))
    return Eviction(text, tuple(steps))


def quoted(asked: object, *, sheet: Callable[[str], PriceSheet], default_at: datetime, today: date) -> Quote:
    """The quote for one parsed record, with what its card warns of; `sheet` finds a price sheet by name.

    Raises BadUsage on a record of another shape, and whatever the sheet and the quote raise.
    """
    if not isinstance(asked, Mapping):
        raise BadUsage(f"expected an object with {', '.join(KEYS)}, not {shown(asked)}")
    _known(asked, KEYS, "the record")
    model, at = asked.get("model"), asked.get("at")
    if not isinstance(model, str) or not model:
        raise BadUsage("model: missing; expected a name such as google/gemini-2.5-pro")
    if at is not None and not isinstance(at, str):
        raise BadUsage(f"at: expected an instant such as 2026-08-10T02:00Z, not {shown(at)}")
    if "usage" not in asked:
        raise BadUsage(f"usage: missing; expected an object with {', '.join(USAGE_KEYS)}")
    thinking = asked.get("thinking")
    if not isinstance(thinking, bool | None):
        raise BadUsage(f"thinking: expected true or false, not {shown(thinking)}")
    used, when = usage(asked["usage"]), default_at if at is None else quantities.instant(at)
    found = quote(
        used,
        sheet(model),
        at=when,
        service=_word(asked, "service") or STANDARD,
        region=_word(asked, "region"),
        thinking=bool(thinking),
    )
    if all(count is None for count in asked["usage"].values()):
        raise BadUsage(f"usage: empty; expected at least one of {', '.join(USAGE_KEYS)}")
    return with_notices(found, used, at=when, today=today)


def usage(asked: object) -> Usage:
    """The usage in a parsed object; null counts are counts that were not given."""
    if not isinstance(asked, Mapping):
        raise BadUsage(f"usage: expected an object with {', '.join(USAGE_KEYS)}, not {shown(asked)}")
    _known(asked, USAGE_KEYS, "usage")
    given = {key: value for key, value in asked.items() if value is not None}
    storage = given.pop("storage_token_hours", 0)
    for key in ("cache_read", "cache_write"):
        if isinstance(given.get(key), Mapping):
            given[key] = _by_ttl(key, given[key])
    return Usage(**given, storage=_hours(storage))


def _by_ttl(key: str, counts: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, count in counts.items():
        if (short := ttl(name)) in found:
            raise BadUsage(f"{key}: {short} is given twice")
        found[short] = count
    return found


def ttl(name: str) -> str:
    """A TTL in its shortest writing, so that `60m` finds the rate of `1h`; other words as they are."""
    try:
        return quantities.show_duration(quantities.duration(name))
    except BadQuantity:
        return name


def _hours(value: object) -> int | Fraction:
    """Token-hours: a number, or text such as "25000/3" where no decimal is exact."""
    if isinstance(value, int | Decimal | str) and not isinstance(value, bool):
        text = str(value) if not isinstance(value, int) else ""
        try:
            # Fraction("1e999999999") would count to a number with as many digits: short exponents only.
            if len(text) <= quantities.MAX_TEXT and not re.search(r"[eE][+-]?\d{3}", text):
                return Fraction(value)
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    raise BadUsage(f'storage_token_hours: expected a number or a fraction such as "25000/3", not {shown(value)}')


def _known(asked: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := [key for key in asked if key not in known]:
        raise BadUsage(f"{unknown[0]!r} is not a key of {where} ({', '.join(known)})")


def _word(asked: Mapping[str, Any], key: str) -> str | None:
    value = asked.get(key)
    if value is not None and not isinstance(value, str):
        raise BadUsage(f"{key}: expected a word, not {shown(value)}")
    return value
