"""The shape of a price page: which keys the YAML may have, and what each value must be.

What the words mean together (order, coverage, pairs that need each other) is `rules`' business.
"""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ..hours import zone_name
from .composed import SELECTS
from .scalars import (
    ONE_OR_MORE,
    SOME,
    Address,
    Addresses,
    Confidence,
    Count,
    Day,
    Days,
    Duration,
    Factor,
    Fee,
    Instant,
    Name,
    Number,
    OpenHours,
    PageName,
    Text,
    Ttl,
    Whole,
    Word,
    listed,
    meaning,
)

T = TypeVar("T")


class Words(BaseModel):
    """A mapping on a page. `noun` says what its keys are, in the message about one that is not; `beside` are
    keys that this message need not list."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    noun: ClassVar[str] = "key"
    beside: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, noun: str = "", beside: str = "", **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.noun, cls.beside = noun or cls.noun, frozenset(beside.split()) or cls.beside


class DisputedReading(Words, Generic[T], noun="key of a disputed reading"):
    """What another source says of the same term."""

    value: T
    source: Address
    seen: Day
    note: Text | None = None


Plausible = dict[Word, Text]
"""Why a number is right although it looks wrong to `prices check`, by the word that its warning begins with."""


class Modality(Words, noun="rate"):
    """Rates of audio, image or video tokens, where they differ from text."""

    input: Number | None = None
    cache_write: Annotated[dict[Ttl, Number], SOME] | None = None
    cache_read: Number | None = None
    storage_per_hour: Number | None = None
    output: Number | None = None


class Fees(Words, noun="fee", beside="source seen"):
    """Money for a request as such, whatever its size, and for each call of a vendor's tool: a number, or so much
    `per 1k`. Fees of a card hold for all of its rows; a row's take their place. `source` and `seen`: of the fees, where
    another page than the card's prints them."""

    request: Fee | None = None
    cache_hit: Fee | None = None
    web_search: Fee | None = None
    grounded_prompt: Fee | None = None
    x_search: Fee | None = None
    file_search: Fee | None = None
    code_execution: Fee | None = None
    source: Addresses | None = None
    seen: Day | None = None

    @property
    def given(self) -> dict[str, Decimal]:
        return {name: fee for name, fee in self if name not in self.beside and fee is not None}


class WindowWords(Words, noun="key of a window"):
    """When a row is open: hours (half-open, may cross midnight), weekdays, zone, and days on which it is not."""

    hours: Annotated[list[OpenHours], BeforeValidator(listed), SOME, ONE_OR_MORE]
    days: Days = frozenset(range(7))
    zone: Annotated[str, BeforeValidator(partial(meaning, zone_name))]
    closed_on: list[Day] = []


Reads = Annotated[
    Annotated[Number, Tag("rate")] | Annotated[dict[Literal["automatic", "written", "stored"], Number], Tag("rates")],
    Discriminator(lambda value: "rates" if isinstance(value, dict) else "rate"),
]


_NO_RATES = f"{' '.join(SELECTS)} free not_sold disputed plausible note"


class RowWords(Words, noun="rate", beside=_NO_RATES):
    """One row of rates: for a service, a band of prompt sizes and, where sold so, answer size, mode or hours."""

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
    cache_write: Annotated[dict[Ttl, Number], SOME] | None = None
    cache_read: Reads | None = None
    creation: Number | None = None
    storage_per_hour: Number | None = None
    storage_per_minute: Number | None = None
    output: Number | None = None
    reasoning: Number | None = None
    audio: Modality | None = None
    image: Modality | None = None
    video: Modality | None = None
    fees: Fees | None = None
    free: Literal["yes"] | None = None
    not_sold: Text | None = None
    disputed: dict[str, Annotated[list[DisputedReading[Number]], SOME]] = {}
    plausible: Plausible = {}
    note: Text | None = None


class LifetimeWords(Words, noun="key of a lifetime"):
    """How long an automatic entry can be read after its last use: for `least` as a rule, and for `most` at the longest;
    both the same where the vendor names one time."""

    least: Duration
    most: Duration


class AutomaticWords(Words, noun="term of automatic caching"):
    """Best effort caching without a write fee. Without `lifetime` it is not known how long an entry lives."""

    min_tokens: Count | None = None
    block: Count | None = None
    lifetime: LifetimeWords | None = None
    note: Text | None = None


class WrittenWords(Words, noun="term of written caching"):
    """Caching with a write rate per TTL. `lifetime_from`: the TTL runs from the request's start or its answer. `apart`:
    services whose entries no request at another service reads."""

    min_tokens: Count | None = None
    block: Count | None = None
    default_ttl: Ttl | None = None
    refresh: Literal["yes", "no"] = "yes"
    lifetime_from: Literal["request", "answer"] = "answer"
    breakpoints: Count | None = None
    apart: list[Word] = []
    note: Text | None = None


Creation = Literal["input", "rate", "free"]
BilledFor = Literal["life", "ttl"]
BilledPer = Literal["second", "minute", "hour"]


class StoredReadings(Words, noun="term that can be disputed"):
    """What other sources say of the terms of stored caching."""

    creation: Annotated[list[DisputedReading[Creation]], SOME] | None = None
    billed_for: Annotated[list[DisputedReading[BilledFor]], SOME] | None = None
    billed_per: Annotated[list[DisputedReading[BilledPer]], SOME] | None = None

    @property
    def given(self) -> dict[str, list[DisputedReading[Any]]]:
        return {name: readings for name, readings in self if readings}


class StoredWords(Words, noun="term of stored caching"):
    """Caching created once and rented by token-hour."""

    min_tokens: Count | None = None
    default_ttl: Duration
    creation: Creation = "input"
    billed_for: BilledFor = "life"
    billed_per: BilledPer = "second"
    disputed: StoredReadings = Field(default_factory=StoredReadings)
    note: Text | None = None


class CachingWords(Words, noun="kind of caching"):
    automatic: AutomaticWords | None = None
    written: WrittenWords | None = None
    stored: StoredWords | None = None


class LimitsWords(Words, noun="limit"):
    """Largest prompt plus answer, largest prompt and largest answer, in tokens."""

    context: Count | None = None
    input: Count | None = None
    output: Count | None = None


class RegionWords(Words, noun="key of a region"):
    """A region that does not sell every service: what it multiplies all rates by, and the services that it lacks."""

    factor: Factor
    not_: Annotated[list[Word], SOME] = Field(alias="not")


Region = Annotated[
    Annotated[Factor, Tag("factor")] | Annotated[RegionWords, Tag("region")],
    Discriminator(lambda value: "region" if isinstance(value, dict) else "factor"),
]


class ReservedWords(Words, noun="term of reserved capacity"):
    """Capacity rented by the hour: what a unit costs and how many tokens a minute it serves. `cache_read`: whether
    cached reads count against that."""

    unit: Text
    per_hour: Factor
    tokens_per_minute: Whole
    cache_read: Literal["free", "counted"] = "counted"


class AllowanceWords(Words, noun="fee or term of an allowance"):
    """Calls of tools that are free each day or month, in UTC, by the name of their fee. `shared`: a word by which the
    provider's models that have them together know each other. `source` and `seen` as those of fees."""

    web_search: Whole | None = None
    grounded_prompt: Whole | None = None
    x_search: Whole | None = None
    file_search: Whole | None = None
    code_execution: Whole | None = None
    per: Literal["day", "month"]
    shared: Word | None = None
    source: Addresses | None = None
    seen: Day | None = None
    note: Text | None = None

    @property
    def free(self) -> dict[str, int]:
        return {name: value for name, value in self if isinstance(value, int)}


class CardWords(Words, noun="key of a rate card"):
    """All rates from one instant on. `seen`: the day on which the source was read. `rest`: what the card leaves out is
    as on the card above it, rates of a row and rows as well. `services`, `factor` and `without`: what is taken over of
    the page that is resold, times what, without which rates; `follows`: whether later changes of them are, too."""

    effective: Instant
    status: Literal["in force", "announced", "scheduled", "cancelled", "withdrawn"] = "in force"
    confidence: Confidence = "high"
    source: Addresses
    seen: Day
    note: Text | None = None
    plausible: Plausible = {}
    promised_until: Day | None = None
    rest: Literal["as above"] | None = None
    limits: LimitsWords | None = None
    regions: dict[Word, Region] = {}
    fees: Fees | None = None
    reserved: ReservedWords | None = None
    allowance: AllowanceWords | None = None
    follows: Literal["yes", "no"] = "yes"
    services: Annotated[list[Word], SOME] | None = None
    factor: Factor | None = None
    without: Annotated[list[Word], SOME] | None = None
    caching: CachingWords = CachingWords()
    tiers: list[RowWords] = []


class SheetWords(Words, noun="key of a price sheet"):
    """One page: one model of one provider, its rate cards oldest first. `maker`: whose model it is, where the
    provider only hosts it; a bare name means the maker's own page. `resells`: the page whose rates and terms the cards
    have where they say nothing else, with its maker and unit. `aliases_in`: ids that name a region with them."""

    model_config = ConfigDict(json_schema_extra=lambda schema: _unit_or_resells(schema))
    provider: Name
    model: Name
    resells: PageName | None = None
    maker: Name | None = None
    name: Text
    aliases_in: dict[Word, list[Word]] = {}
    aliases: list[Word] = []
    unit: Literal["USD per 1M tokens", "CNY per 1M tokens", "EUR per 1M tokens"]
    limits: LimitsWords = LimitsWords()
    note: Text | None = None
    plausible: Plausible = {}
    rate_cards: Annotated[list[CardWords], SOME]


def _unit_or_resells(schema: dict[str, Any]) -> None:
    schema["required"].remove("unit")
    schema["anyOf"] = [{"required": [key]} for key in ("unit", "resells")]


def schema_for_editors(page: type[Words] = SheetWords, title: str = "price sheet") -> dict[str, Any]:
    """The JSON schema of a page as editors read it: numbers as YAML 1.2 has them, counts with or without `_`."""
    schema: dict[str, Any] = _without_null(page.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": f"cachecost {title}"}


def _without_null(schema: Any) -> Any:
    """The same without `null` and machine-made titles: what is not known is left out on a page, never null."""
    if isinstance(schema, list):
        return [_without_null(each) for each in schema if each != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    rest = {
        key: _without_null(value)
        for key, value in schema.items()
        if not (key == "default" and value is None) and not (key == "title" and isinstance(value, str))
    }
    choices = rest.get("anyOf", [])
    if len(choices) == 1:
        rest = {key: value for key, value in rest.items() if key != "anyOf"} | choices[0]
    return rest
