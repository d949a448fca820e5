"""What one request used, as a person or a program says it: `20K`, `1h=20K`, `1M@24h`, or a JSON record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .. import money, units
from ..errors import BadUsage
from ..prices.card import STANDARD
from ..prices.quote import Quote, quote
from ..prices.sheet import PriceSheet
from ..prices.usage import USAGE_KEYS, Usage, check_keys, short_ttl, shown, usage_of
from ..prices.warnings import with_notices
from . import reading
from .word import HIT_SHARE, Word

if TYPE_CHECKING:
    from ..advice.bounds import Bounds

WORDS = (
    Word("input", "", "TOKENS", "Uncached prompt tokens.", "2K"),
    Word("cache_read", (), "[KIND=]TOKENS", "Tokens read from a cache. Of one kind: written=80K.", "80K"),
    Word("cache_write", (), "[TTL=]TOKENS", "Tokens written: 1h=20K. Repeatable."),
    Word("creation", "", "TOKENS", "Tokens put into a stored cache."),
    Word("output", "", "TOKENS", "Answer tokens, thinking included.", "500"),
    Word("reasoning", "", "TOKENS", "Tokens of thought beside output, where they have another rate."),
    Word(
        "audio", (), "PART=TOKENS", "Audio tokens: input=5K, cache_read=1K, cache_write:1h=4K, output=2K. Repeatable."
    ),
    Word("fee", (), "NAME=CALLS", "Calls of the vendor's tools: web_search=120. Repeatable."),
    Word("storage", "", "TOKENS@DURATION", "Rent of a stored cache: 1M@24h."),
)
"""The words of which a usage needs at least one."""
WORD = {word.name: word for word in WORDS}
MAX_OUTPUT = Word("max_output", "", "TOKENS", "The longest answer that is allowed (default: the model's).", "4K")
WITHIN = Word("within", "", "DURATION", "By when it is sent: the cheapest and dearest hours count (default: 1d).", "1h")
BEFORE = (MAX_OUTPUT, HIT_SHARE, WITHIN)
"""What is said of a request before it is sent, beside its input and output."""
DEEPEST = 50
"""Lists and objects around each other in an id."""


def quoted(said: Mapping[str, Any], sheet: PriceSheet, *, at: datetime, today: date, **how: Any) -> Quote:
    """The quote for the usage that the words describe, with what its card warns of; `how`: service, region, thinking.
    BadUsage where no word of a usage is said: a forgotten word is no bill of zero."""
    storage = said["storage"]
    used = Usage(
        input=reading.read("input", units.count, said["input"] or "0"),
        cache_read=keyed("cache_read", said["cache_read"]),
        cache_write=keyed("cache_write", said["cache_write"]),
        creation=reading.read("creation", units.count, said["creation"] or "0"),
        output=reading.read("output", units.count, said["output"] or "0"),
        reasoning=reading.read("reasoning", units.count, said["reasoning"] or "0"),
        audio=_parts("audio", said["audio"], "expected input=5K, cache_read=1K or output=2K"),
        fees=_parts("fee", said["fee"], "expected the name of a fee and calls, such as web_search=120"),
        storage=reading.maybe("storage", units.storage, storage) or 0,
    )
    # The prompt chooses the tier, that of the stored cache where only storage is asked for.
    prompt = units.count(storage.partition("@")[0]) if storage and used.prompt == 0 else None
    priced = quote(used, sheet, at=at, prompt=prompt, **how)
    if not any(said.values()):
        raise BadUsage(f"missing; expected at least one of {', '.join(WORD)}, such as 20K for input", word="usage")
    return with_notices(priced, used, at=at, today=today, service=how["service"])


def bounds_of(said: Mapping[str, Any], sheet: PriceSheet, *, at: datetime, **how: Any) -> Bounds:
    """The bounds of a request that is still to be sent: its prompt is the `input`, its likely answer the `output`, and
    `how` as for `quoted`. BadUsage on other words of a usage: what is read and written is what the bounds are about."""
    from ..advice.bounds import bounds  # loads strategies, which no quote needs

    if other := next((name for name in WORD if name not in ("input", "output") and said.get(name)), None):
        raise BadUsage("the bounds say what is cached or not; give the whole prompt as input", word=other)
    if not said.get("input"):
        raise BadUsage("missing; expected the tokens of the prompt, such as 100K", word="input")
    return bounds(
        sheet,
        reading.read("input", units.count, said["input"]),
        at=at,
        longest=reading.maybe(MAX_OUTPUT.name, units.count, said[MAX_OUTPUT.name]),
        answer=reading.maybe("output", units.count, said["output"]),
        hit_share=reading.maybe(HIT_SHARE.name, units.share, said[HIT_SHARE.name]) or Fraction(0),
        within=reading.read(WITHIN.name, units.duration, said[WITHIN.name] or "1d"),
        **how,
    )


def keyed(word: str, texts: Sequence[str]) -> int | dict[str, int]:
    """`20K` as a count, `1h=20K` by key."""
    if len(texts) == 1 and "=" not in texts[0]:
        return reading.read(word, units.count, texts[0])
    counts: dict[str, int] = {}
    for text in texts:
        key, equals, number = text.partition("=")
        if not equals:
            raise BadUsage(f"{text!r} has no key; expected KEY=TOKENS where it is given more than once", word=word)
        key = short_ttl(key)
        if key in counts:
            raise BadUsage(f"{key} is given twice", word=word)
        counts[key] = reading.read(word, units.count, number)
    return counts or 0


def _parts(word: str, texts: Sequence[str], expected: str) -> dict[str, int] | None:
    if not texts:
        return None
    counts = keyed(word, texts)
    if isinstance(counts, int):
        raise BadUsage(f"{texts[0]!r} has no key; {expected}", word=word)
    return counts


def parsed(text: bytes) -> Any:
    """The JSON value in a text, numbers with a point as exact decimals; BadUsage where it is none."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=not_a_number)
    except (ValueError, RecursionError) as error:
        raise BadUsage(f"not a JSON record: {error}") from None


def plain_id(identity: Any, depth: int = 0) -> Any:
    """An id as it came, whatever JSON it is; a number that a float would change becomes text. BadUsage where it is
    nested too deeply."""
    if depth > DEEPEST:
        raise BadUsage(f"expected it to be nested no deeper than {DEEPEST}", word="id")
    if isinstance(identity, Decimal):
        return number if Decimal(repr(number := float(identity))) == identity else str(identity)
    if isinstance(identity, list):
        return [plain_id(each, depth + 1) for each in identity]
    if isinstance(identity, dict):
        return {key: plain_id(each, depth + 1) for key, each in identity.items()}
    return identity


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is beyond every number") from None


def not_a_number(text: str) -> None:
    """Refuse NaN and Infinity, which are not JSON though Python reads them."""
    raise ValueError(f"{text} is not a number")


OPTIONAL: dict[str, tuple[type, str]] = {
    "at": (str, "an instant such as 2026-08-10T02:00Z"),
    "service": (str, "a word"),
    "region": (str, "a word"),
    "thinking": (bool, "true or false"),
    "requests": (int, "how many requests the usage sums up, such as 12"),
}
"""Keys of a record that may be left out or null: the type of a value, and what is expected of it."""
KEYS = ("id", "model", *OPTIONAL, "usage")


def quote_record(
    request: object,
    *,
    sheet: Callable[[str], PriceSheet],
    default_at: datetime,
    today: date,
    warned: set[str] | None = None,
) -> Quote:
    """The quote for one parsed record, with what its card warns of; `sheet` finds a price sheet by name. `warned`:
    among many records, the models and services of which coming changes have been announced before.

    Raises BadUsage on a record of another shape, and whatever the sheet and the quote raise.
    """
    if not isinstance(request, Mapping):
        raise BadUsage(f"expected an object with {', '.join(KEYS)}, not {shown(request)}")
    check_keys(request, KEYS, "the record")
    model, at = request.get("model"), request.get("at")
    if not isinstance(model, str) or not model:
        raise BadUsage("missing; expected a name such as google/gemini-2.5-pro", word="model")
    for key, (kind, expected) in OPTIONAL.items():
        if not isinstance(request.get(key), kind | None) or (request.get(key) is True and kind is not bool):
            raise BadUsage(f"expected {expected}, not {shown(request[key])}", word=key)
    if "usage" not in request:
        raise BadUsage(f"missing; expected an object with {', '.join(USAGE_KEYS)}", word="usage")
    used, when = usage_of(request["usage"]), default_at if at is None else reading.read("at", units.instant, at)
    service, many = request.get("service") or STANDARD, 1 if request.get("requests") is None else request["requests"]
    if many < 1:
        raise BadUsage(f"expected {OPTIONAL['requests'][1]}, not {shown(many)}", word="requests")

    def priced(prompt: int | None) -> Quote:
        return quote(
            used,
            sheet(model),
            at=when,
            service=service,
            region=request.get("region") or None,
            thinking=bool(request.get("thinking")),
            prompt=prompt,
            requests=many,
        )

    quoted = priced(None) if many == 1 else _summed(priced, used.prompt, many)
    if all(count is None for count in request["usage"].values()):
        raise BadUsage(f"empty; expected at least one of {', '.join(USAGE_KEYS)}", word="usage")
    about = used if many == 1 else Usage()
    return with_notices(quoted, about, at=when, today=today, service=service, warned=warned)


def _summed(priced: Callable[[int], Quote], whole: int, many: int) -> Quote:
    """The quote of a sum of requests at their mean size, and what it may be where their sizes decide the rates."""
    middle, least, most = (priced(size) for size in (-(-whole // many), min(1, whole), max(1, whole - many + 1)))
    if least.total == most.total:
        return middle
    sums = f"{money.text(least.total)} to {money.text(most.total)} {middle.currency}"
    warning = f"{many:,} requests cost {sums}, since rates depend on the size of each prompt; the mean size is taken"
    return middle._replace(warnings=(*middle.warnings, warning))
