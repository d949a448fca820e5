"""The shape of a price sheet as written: what may stand on a YAML page, and what each word must hold.

Every scalar arrives as its text, so that `3.50` stays 3.50, `16:30` an hour and `on` a word. What the words
mean together (order, coverage, pairs that need each other) is `rules`' business.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from . import quantities
from .errors import BadQuantity

NUMBER = r"^\d+(\.\d{1,12})?$"
COUNT = r"^\d[\d_]*$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _number(text: object) -> Decimal:
    if not isinstance(text, str) or not re.match(NUMBER, text) or len(text) > 24:
        raise ValueError("expected plain digits such as 3.50 (no sign, no quotes, no exponent, no unit)")
    return Decimal(text)


def _count(text: object) -> int:
    if not isinstance(text, str) or not re.match(COUNT, text) or len(text) > 20:
        raise ValueError("expected a whole number of tokens such as 128_000")
    return int(text)


def _day(text: object) -> date:
    if not isinstance(text, str) or not re.match(r"^\d{4}-\d\d-\d\d$", text):
        raise ValueError("expected a day such as 2026-11-22")
    return date.fromisoformat(text)


def _instant(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("expected a day or an instant with its zone, such as 2026-08-16T16:00Z")
    try:
        return quantities.instant(text)
    except BadQuantity as error:
        raise ValueError(str(error)) from None


def _ttl(text: object) -> str:
    try:
        shown = quantities.show_duration(quantities.duration(str(text)))
    except BadQuantity as error:
        raise ValueError(str(error)) from None
    if shown != text:
        raise ValueError(f"expected the shortest writing of this time to live, {shown}")
    return shown


def _duration(text: object) -> timedelta:
    return quantities.duration(_ttl(text))


def _hours(text: object) -> list[tuple[time, time]]:
    found = []
    for part in text if isinstance(text, list) else [text]:
        match = re.match(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$", str(part))
        if not match:
            raise ValueError("expected hours such as 16:30-00:30, or a list of them")
        h1, m1, h2, m2 = map(int, match.groups())
        begin, end = time(h1, m1), time(h2 % 24, m2)
        if begin == end and part != "00:00-24:00":
            raise ValueError("a window cannot begin and end at the same minute (the whole day is 00:00-24:00)")
        found.append((begin, end))
    return found


def _days(text: object) -> frozenset[int]:
    found: set[int] = set()
    for part in str(text).split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"expected weekdays such as mon-fri or sat,sun ({', '.join(DAYS)})")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}
    return frozenset(found)


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _address(text: object) -> str:
    if not isinstance(text, str) or not re.match(
        r"^https?://[^\s/]+\.[^\s]+$|^[\w.-]+/[\w.-]+@\S+$|^PyPI \S+ \S+$", text
    ):
        raise ValueError("expected the address of a page (https://…), OWNER/REPO@COMMIT:PATH, or PyPI NAME VERSION")
    return text


Number = Annotated[Decimal, BeforeValidator(_number)]
Count = Annotated[int, BeforeValidator(_count)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Ttl = Annotated[str, BeforeValidator(_ttl)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, BeforeValidator(_address)]
Addresses = Annotated[list[Address], BeforeValidator(_listed)]
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][\w.:/@+-]*$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Confidence = Literal["high", "medium", "low"]


class Words(BaseModel):
    """A mapping on a page. `noun` says what its keys are, in the message about one that is not; `beside` are
    keys that this message need not list."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    noun: ClassVar[str] = "key"
    beside: ClassVar[frozenset[str]] = frozenset()


class Reading(Words):
    """What another source says of the same term."""

    noun: ClassVar[str] = "key of a disputed reading"
    value: Text
    source: Address
    seen: Day
    note: Text | None = None


Disputed = dict[str, list[Reading]]


class Modality(Words):
    """Rates of audio, image or video tokens, where they differ from text."""

    noun: ClassVar[str] = "rate"
    input: Number | None = None
    cache_read: Number | None = None
    output: Number | None = None


class Fees(Words):
    """Money for a request as such, whatever its size."""

    noun: ClassVar[str] = "fee"
    request: Number | None = None
    cache_hit: Number | None = None


class WindowWords(Words):
    """When a row is open: hours (half-open, may cross midnight), weekdays, zone, and days on which it is not."""

    noun: ClassVar[str] = "key of a window"
    hours: Annotated[list[tuple[time, time]], BeforeValidator(_hours)]
    days: Annotated[frozenset[int], BeforeValidator(_days)] = frozenset(range(7))
    zone: Word
    closed_on: list[Day] = []


class RowWords(Words):
    """One row of rates: for a service, a band of prompt sizes and, where sold so, answer size, mode or hours."""

    noun: ClassVar[str] = "rate"
    beside: ClassVar[frozenset[str]] = frozenset(
        "service window prompt_up_to prompt_over prompt_below prompt_from output_up_to output_over output_below "
        "output_from thinking not_sold disputed note".split()
    )
    service: Word = "standard"
    window: WindowWords | None = None
    prompt_up_to: Count | None = None
    prompt_over: Count | None = None
    prompt_below: Count | None = None
    prompt_from: Count | None = None
    output_up_to: Count | None = None
    output_over: Count | None = None
    output_below: Count | None = None
    output_from: Count | None = None
    thinking: Literal["on", "off"] | None = None
    input: Number | None = None
    cache_write: dict[Ttl, Number] | None = None
    cache_read: Number | dict[Literal["automatic", "written", "stored"], Number] | None = None
    creation: Number | None = None
    storage_per_hour: Number | None = None
    storage_per_minute: Number | None = None
    output: Number | None = None
    audio: Modality | None = None
    image: Modality | None = None
    video: Modality | None = None
    fees: Fees | None = None
    not_sold: Text | None = None
    disputed: Disputed = {}
    note: Text | None = None


class AutomaticWords(Words):
    """Best effort caching without a write fee. `lifetime` is what the vendor says of it, in words."""

    noun: ClassVar[str] = "term of automatic caching"
    min_tokens: Count | None = None
    block: Count | None = None
    lifetime: Text | None = None
    note: Text | None = None


class WrittenWords(Words):
    """Caching with a write rate per TTL. `lifetime_from`: the TTL runs from the request's start or its answer."""

    noun: ClassVar[str] = "term of written caching"
    min_tokens: Count | None = None
    block: Count | None = None
    default_ttl: Ttl | None = None
    refresh: Literal["yes", "no"] = "yes"
    lifetime_from: Literal["request", "answer"] = "answer"
    breakpoints: Count | None = None
    note: Text | None = None


class StoredWords(Words):
    """Caching created once and rented by token-hour."""

    noun: ClassVar[str] = "term of stored caching"
    min_tokens: Count | None = None
    default_ttl: Duration
    creation: Literal["input", "rate", "free"] = "input"
    billed_for: Literal["life", "ttl"] = "life"
    billed_per: Literal["second", "minute", "hour"] = "second"
    disputed: Disputed = {}
    note: Text | None = None


class CachingWords(Words):
    noun: ClassVar[str] = "kind of caching"
    automatic: AutomaticWords | None = None
    written: WrittenWords | None = None
    stored: StoredWords | None = None


class LimitsWords(Words):
    """Largest prompt plus answer and largest answer, in tokens."""

    noun: ClassVar[str] = "limit"
    context: Count | None = None
    output: Count | None = None


class CardWords(Words):
    """All rates from one instant on. `seen`: the day somebody read the source."""

    noun: ClassVar[str] = "key of a rate card"
    effective: Instant
    status: Literal["in force", "announced", "scheduled", "cancelled", "withdrawn"] = "in force"
    confidence: Confidence = "high"
    source: Addresses
    seen: Day
    note: Text | None = None
    promised_until: Day | None = None
    limits: LimitsWords | None = None
    regions: dict[Word, Number] = {}
    caching: CachingWords = CachingWords()
    tiers: list[RowWords] = []


class SheetWords(Words):
    """One page: one model of one provider, its rate cards oldest first."""

    noun: ClassVar[str] = "key of a price sheet"
    provider: Word
    model: Word
    name: Text
    aliases: list[Word] = []
    unit: Literal["USD per 1M tokens", "CNY per 1M tokens", "EUR per 1M tokens"]
    checked: Day
    limits: LimitsWords = LimitsWords()
    note: Text | None = None
    rate_cards: Annotated[list[CardWords], Field(min_length=1)]
