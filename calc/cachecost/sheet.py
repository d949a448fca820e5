"""What a price sheet is: a sheet holds rate cards, a card holds rows, a row holds rates.

A row is chosen for the WHOLE request by the size of its prompt, cached tokens included (Google, OpenAI,
Anthropic, xAI, Qwen, GLM: no vendor bills only the tokens beyond a threshold at the higher rate).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from . import money
from .errors import BadQuantity, NoLongerSold, NotInForce, NotKnown, NotSold, NotYetSold
from .hours import Window
from .quantities import show_duration, show_instant

STANDARD = "standard"
REGIONAL = "regional"
SERVICE, REGION = "service", "region"
LOCATION = "location:"
"""Before the name of a place where a log saw a request run, which may cost no more than anywhere else."""
_HELD = {SERVICE: "ladders", REGION: "regions"}
"""Where a card holds what it sells."""
Term = str | Decimal
Ladder = tuple[list[int], list["Row"]]
Path = tuple[str | int, ...]
"""Where something stands on a page: keys and indexes, outermost first."""


class Rate(NamedTuple):
    """Money for one kind of thing: `value` as the vendor prints it, `each` for one `unit`."""

    value: Decimal
    unit: str
    each: Decimal


def printed_at(name: str) -> Path:
    """Where a row of a page prints a rate: `audio.input` under audio, `cache_write:5m` under cache_write."""
    for mark in ".:":
        if mark in name:
            first, _, rest = name.partition(mark)
            return ("fees" if first == "fee" else first), rest
    return ("storage_per_hour",) if name == "storage" else (name,)


class Band(NamedTuple):
    """Whole numbers from `low` to `high`, both inclusive; `high` None has no end."""

    low: int = 0
    high: int | None = None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number and (self.high is None or number <= self.high)


@dataclass(frozen=True, slots=True)
class Row:
    """The rates of one service, one band of prompt sizes, and where given one window, answer size or mode.

    `rates` maps line names to rates: `input`, `cache_read` (or `cache_read:written`), `cache_write:5m`,
    `creation`, `storage`, `output`, `audio.input`, `fee.request`, `fee.cache_hit`. `free`: its zeros are prices.
    """

    rates: Mapping[str, Rate]
    service: str = STANDARD
    prompt: Band = Band()
    output: Band = Band()
    thinking: bool | None = None
    window: Window | None = None
    not_sold: str | None = None
    note: str | None = None
    free: bool = False
    each: Mapping[str, Decimal] = field(init=False, repr=False, compare=False)
    fees: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "each", {name: rate.each for name, rate in self.rates.items()})
        object.__setattr__(self, "fees", tuple(name for name in self.rates if name.startswith("fee.")))

    def times(self, factor: Decimal) -> Row:
        """The same row with every rate multiplied, for regions that cost more."""
        rates = {
            name: Rate(money.multiply(rate.value, factor), rate.unit, money.multiply(rate.each, factor))
            for name, rate in self.rates.items()
        }
        return replace(self, rates=rates)


class Lifetime(NamedTuple):
    """How long an automatic entry can be read after its last use: `least` as a rule, `most` at the longest."""

    least: timedelta
    most: timedelta

    def __str__(self) -> str:
        """`5m to 1h`, or `5m` where the vendor names one time."""
        ends = dict.fromkeys((show_duration(self.least), show_duration(self.most)))
        return " to ".join(ends)


@dataclass(frozen=True)
class Automatic:
    """Best effort, no write fee: a repeated prefix is found by itself. `lifetime` None: the vendor does not say."""

    min_tokens: int | None = None
    block: int | None = None
    lifetime: Lifetime | None = None
    note: str | None = None


@dataclass(frozen=True)
class Written:
    """A write rate per TTL; a read costs less. `refresh`: a read starts the TTL again."""

    ttls: tuple[str, ...]
    min_tokens: int | None = None
    block: int | None = None
    default_ttl: str | None = None
    refresh: bool = True
    lifetime_from: str = "answer"
    breakpoints: int | None = None


@dataclass(frozen=True)
class Stored:
    """Created once, then rent per token-hour for as long as it stands.

    `creation`: billed at the `input` rate, at a rate of its own (`rate`), or `free`. `billed_for`: the `life`
    of the cache or the `ttl` as set. `billed_per`: started `second`, `minute` or `hour`.
    """

    default_ttl: timedelta
    min_tokens: int | None = None
    creation: str = "input"
    billed_for: str = "life"
    billed_per: str = "second"


@dataclass(frozen=True)
class Caching:
    automatic: Automatic | None = None
    written: Written | None = None
    stored: Stored | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in ("automatic", "written", "stored") if getattr(self, kind) is not None)


class Dispute(NamedTuple):
    """A term on which sources contradict each other: where it stands, the reading taken, the other ones."""

    where: tuple[str | int, ...]
    taken: Term
    others: tuple[tuple[Term, str], ...]

    @property
    def name(self) -> str:
        return ".".join(str(step) for step in self.where if not isinstance(step, int))


@dataclass(frozen=True)
class Limits:
    """Largest prompt plus answer, largest prompt, and largest answer, in tokens; None is unknown."""

    context: int | None = None
    input: int | None = None
    output: int | None = None

    @property
    def prompt(self) -> int | None:
        """The largest prompt that any answer, however short, leaves possible."""
        return min((each for each in (self.context, self.input) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class RateCard:
    """All rates in force from `effective` (inclusive, UTC) until the next card begins."""

    effective: datetime
    rows: tuple[Row, ...]
    sources: tuple[str, ...]
    seen: date
    caching: Caching = Caching()
    status: str = "in force"
    confidence: str = "high"
    note: str | None = None
    promised_until: date | None = None
    limits: Limits = Limits()
    regions: Mapping[str, Decimal] = field(default_factory=dict)
    disputes: tuple[Dispute, ...] = ()
    caution: str | None = field(init=False, repr=False, compare=False)
    least_read: int = field(init=False, repr=False, compare=False)
    least_written: int = field(init=False, repr=False, compare=False)
    least_cached: int = field(init=False, repr=False, compare=False)
    ladders: Mapping[str, Ladder | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every quote asks: `caution`, minimums, and `ladders`: the upper ends and rows of each
        service whose rows are told apart by the prompt's size alone."""
        kinds = [getattr(self.caching, kind) for kind in self.caching.kinds]
        written = self.caching.written
        settle = object.__setattr__
        settle(self, "caution", _caution(self))
        settle(self, "least_read", min((kind.min_tokens or 0 for kind in kinds), default=0))
        settle(self, "least_written", (written.min_tokens or 0) if written else 0)
        settle(self, "least_cached", max(self.least_read, self.least_written))
        settle(self, "ladders", {service: _ladder(self.rows, service) for service in self.services()})

    def row(
        self,
        *,
        at: datetime,
        prompt: int,
        service: str = STANDARD,
        output: int = 0,
        thinking: bool = False,
        region: str | None = None,
    ) -> Row:
        """The one row that prices a request of this size, service and minute; NotSold where there is none."""
        if service not in self.ladders:
            message = f"service {service!r} is not sold; this card sells {', '.join(self.services())}"
            raise NotSold(message, (SERVICE, service))
        ladder = self.ladders[service]
        if ladder:
            row = ladder[1][bisect_left(ladder[0], prompt)]
        else:
            row = self._search(at, prompt, service, output, thinking)
        billed = None if region is None else self.billed_in(region)
        return row if billed is None else row.times(self.regions[billed])

    def billed_in(self, region: str | None) -> str | None:
        """The card's own name for a region, None where a request costs what it costs anywhere; NotSold for a region
        that the card does not know. A `location:` is a region by its name, or one of those that `regional` means.
        """
        if region is None:
            return None
        if region.startswith(LOCATION):
            return next((name for name in (region.removeprefix(LOCATION), REGIONAL) if name in self.regions), None)
        self.factor(region)
        return region

    def factor(self, region: str) -> Decimal:
        """What a region multiplies every rate by; NotSold for one that the card does not know."""
        if region not in self.regions:
            known = ", ".join(self.regions) or "none"
            message = f"region {region!r} has no rates of its own on this card (known: {known})"
            raise NotSold(message, (REGION, region))
        return self.regions[region]

    def _search(self, at: datetime, prompt: int, service: str, output: int, thinking: bool) -> Row:
        fitting = [
            row
            for row in self.rows
            if row.service == service
            and prompt in row.prompt
            and output in row.output
            and row.thinking in (None, thinking)
            and (row.window is None or row.window.is_open(at))
        ]
        row = max(fitting, key=lambda row: row.window is not None)
        if row.not_sold:
            what = f"service {service!r} for a prompt of {prompt:,} tokens"
            raise NotSold(f"{what} is not sold: {row.not_sold}")
        return row

    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.service for row in self.rows))

    def in_region(self, region: str) -> RateCard:
        """This card as it is billed in a region, or itself where it knows no such region."""
        if region not in self.regions:
            return self
        return replace(self, rows=tuple(row.times(self.regions[region]) for row in self.rows), regions={})

    def readings(self) -> list[RateCard]:
        """This card once for every combination of the readings that its sources dispute; itself first."""
        cards = [self]
        for dispute in self.disputes:
            cards += [card.with_reading(dispute, value) for card in cards for value, _ in dispute.others]
        return cards

    def with_reading(self, dispute: Dispute, value: Term) -> RateCard:
        """This card with one disputed term read the other way."""
        first, *rest = dispute.where
        if isinstance(first, int):
            name = str(rest[0])
            rows = list(self.rows)
            old = rows[first].rates[name]
            each = money.per_million(Decimal(value)) if old.unit != "requests" else Decimal(value)
            rates = {**rows[first].rates, name: Rate(Decimal(value), old.unit, each)}
            rows[first] = replace(rows[first], rates=rates)
            return replace(self, rows=tuple(rows))
        kind = getattr(self.caching, first)
        return replace(self, caching=replace(self.caching, **{first: replace(kind, **{str(rest[0]): value})}))


def _caution(card: RateCard) -> str | None:
    """Why the rates of a card should not simply be believed, in a sentence; None where they may."""
    note = f": {card.note}" if card.note else ""
    if card.status == "withdrawn":
        return f"the model was withdrawn on {card.effective:%Y-%m-%d}; these are its last rates{note}"
    if card.status == "announced":
        return f"these rates were announced, not yet sold{note}"
    if card.confidence != "high":
        return f"confidence in this rate card is {card.confidence}{note}"
    return None


def _ladder(rows: tuple[Row, ...], service: str) -> Ladder | None:
    """Upper ends and rows, smallest prompts first; None where more than the prompt's size has to be asked."""
    steps = sorted((row for row in rows if row.service == service), key=lambda row: row.prompt.low)
    if any(row.window or row.not_sold or row.thinking is not None or row.output != Band() for row in steps):
        return None
    return [row.prompt.high for row in steps if row.prompt.high is not None], steps


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All rate cards of one model, oldest first. Cancelled cards are kept for the record, never in force.

    `read_on`: the latest day on which the page says that a source was read.
    """

    provider: str
    model: str
    name: str
    currency: str
    checked: date
    cards: tuple[RateCard, ...]
    aliases: tuple[str, ...] = ()
    note: str | None = None
    maker: str | None = None
    aliases_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    region: str | None = None
    read_on: date = field(default=date.min, compare=False)
    _live: tuple[RateCard, ...] = field(init=False, repr=False, compare=False)
    _instants: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        live = tuple(card for card in self.cards if card.status != "cancelled")
        object.__setattr__(self, "_live", live)
        object.__setattr__(self, "_instants", tuple(card.effective for card in live))

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.model}"

    def version(self, card: RateCard) -> str:
        """`google/gemini-1.5-pro@2024-10-01`: what an answer cites."""
        return f"{self.id}@{show_instant(card.effective)}"

    def card(self, at: datetime) -> RateCard:
        """The card in force at an instant with a zone; NotInForce before the first one.

        A card of status `withdrawn` keeps the last rates that were sold, and its `caution` says so.
        """
        try:
            index = bisect_right(self._instants, at) - 1
        except TypeError:
            raise BadQuantity(f"{at} has no zone; expected an instant with one, such as 2026-08-10T02:00Z") from None
        if index < 0:
            first = self._live[0]
            raise NotInForce(
                f"{self.id} has no rates at {show_instant(at)}: "
                f"its first card begins {show_instant(first.effective)}; ask for that day or a later one"
            )
        return self._live[index]

    def row(self, card: RateCard, **asked: Any) -> Row:
        """`RateCard.row` of one of these cards, whose refusal the other cards explain."""
        try:
            return card.row(**asked)
        except NotSold as error:
            raise self.explained(error, card) from None

    def explained(self, error: NotSold, card: RateCard) -> NotSold:
        """The refusal of a card, told apart by the cards before and after it."""
        if error.asked is None:
            return error
        axis, name = error.asked
        words = f"{axis} {name!r}"
        return self.refusal(card, words, str(error), lambda other: name in getattr(other, _HELD[axis]))

    def refusal(self, card: RateCard, what: str, otherwise: str, sells: Callable[[RateCard], bool]) -> NotSold:
        """Why a card does not sell something: a later one does, so that it is not known whether it was sold before; a
        scheduled one will; only an earlier one did; or, with the message `otherwise`, none does."""
        if sells(card):  # elsewhere than in the row that was asked
            return NotSold(otherwise)
        others = [other for other in self._live if sells(other)]
        after = next((other for other in others if other.effective > card.effective), None)
        before = next((other for other in reversed(others) if other.effective < card.effective), None)
        if before:
            ended = self._live[self._live.index(before) + 1].effective
            return NoLongerSold(f"{what} is no longer sold since {show_instant(ended)}; {self.version(before)} had it")
        if after:
            first = show_instant(after.effective)
            if after.status in ("scheduled", "announced"):
                return NotYetSold(f"{what} is not sold before {first} ({after.status})")
            return NotKnown(f"{what} is not known before {first}; ask for that day or a later one")
        return NotSold(otherwise)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which the provider knows the model, itself first."""
        return (self.model, *self.aliases, *(name for ids in self.aliases_in.values() for name in ids))

    def called(self, name: str) -> PriceSheet:
        """This sheet as a name means it: an id that names a region means the rates of that region."""
        region = next((region for region, ids in self.aliases_in.items() if name in ids), None)
        if region is None:
            return self
        return replace(self, cards=tuple(card.in_region(region) for card in self.cards), region=region)

    def changes(self, after: datetime, until: datetime) -> tuple[RateCard, ...]:
        """Cards that begin after the one instant and not later than the other."""
        return tuple(card for card in self._live if after < card.effective <= until)

    def reading(self, card: RateCard, other: RateCard) -> PriceSheet:
        """This sheet with one card replaced by another reading of it."""
        return replace(self, cards=tuple(other if each is card else each for each in self.cards))
