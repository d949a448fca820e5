"""A rate card: the rows of rates in force from one instant on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from .. import money
from ..errors import NotSold
from ..hours import Window
from .caching import Caching

STANDARD = "standard"
REGIONAL = "regional"
SERVICE, REGION = "service", "region"
LOCATION = "location:"
"""Before the name of a place where a log saw a request run, which may cost no more than anywhere else."""
ONE = Decimal(1)
PER_MILLION = ("tokens", "token-hours")
"""Units that are rated per million; all others are rated for one."""
DUE = ("fee.request", "fee.cache_hit")
"""Fees that are due on requests as such; others are due on the calls of tools that a usage counts."""
Term = str | Decimal
Ladder = tuple[list[int], list["Row"]]
"""The upper ends of prompt sizes, rising, and the rows that they select; the last row may have no end."""


class Rate(NamedTuple):
    """Money for one kind of thing: `value` as the vendor prints it, `each` for one `unit`."""

    value: Decimal
    unit: str
    each: Decimal

    def times(self, factor: Decimal) -> Rate:
        return Rate(money.multiply(self.value, factor), self.unit, money.multiply(self.each, factor))


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
    `creation`, `storage`, `output`, `audio.input`, `fee.request`, `fee.web_search`. `free`: its zeros are prices.
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
        object.__setattr__(self, "fees", tuple(name for name in DUE if name in self.rates))

    def read_rate(self, kind: str) -> Rate | None:
        """The rate of reading one kind of cache, by its own name or that of all kinds; None where there is none."""
        return self.rates.get(f"cache_read:{kind}") or self.rates.get("cache_read")

    def times(self, factor: Decimal) -> Row:
        """The same row with every rate multiplied, for regions that cost more; calls of tools cost the same there."""
        return self.scaled(partial(_regional, factor, self))

    def with_fees(self, fees: Mapping[str, Rate]) -> Row:
        """The same row with fees that hold for all rows of its card; its own stay."""
        return replace(self, rates={**self.rates, **fees, **self.rates}) if fees and not self.not_sold else self

    def scaled(self, factor: Callable[[str], Decimal]) -> Row:
        """The same row with each rate multiplied by the factor of its line."""
        return replace(self, rates={name: rate.times(factor(name)) for name, rate in self.rates.items()})


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


class Reserved(NamedTuple):
    """Capacity that is rented by the hour: what a unit is called, costs, and serves; cached reads may be `free` of its
    throughput, or `counted` like all other tokens."""

    unit: str
    per_hour: Decimal
    tokens_per_minute: int
    cache_read: str = "counted"


class Allowance(NamedTuple):
    """How many calls of a vendor's tools are free each UTC `day` or `month` (`per`), by the name of their fee; models
    of a provider with the same word in `shared` have them together."""

    free: Mapping[str, int]
    per: str
    shared: str | None = None

    def text(self, tool: str) -> str:
        """`5,000 a month, shared by gemini-3`."""
        return f"{self.free[tool]:,} a {self.per}{f', shared by {self.shared}' if self.shared else ''}"


@dataclass(frozen=True, slots=True)
class RateCard:
    """All rates in force from `effective` (inclusive, UTC) until the next card begins.

    `regions`: what each multiplies all rates by; `not_in`: the services that are not sold in a region.
    `terms`: the customer's own terms that changed its rates, in words. `listed`: the card of the page, where this is
    all or a part of one under such terms.
    """

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
    not_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disputes: tuple[Dispute, ...] = ()
    reserved: Reserved | None = None
    allowance: Allowance | None = None
    terms: tuple[str, ...] = ()
    listed: RateCard | None = None
    caution: str | None = field(init=False, repr=False, compare=False)
    least_read: int = field(init=False, repr=False, compare=False)
    least_written: int = field(init=False, repr=False, compare=False)
    least_cached: int = field(init=False, repr=False, compare=False)
    ladders: Mapping[str, Ladder | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every quote asks: `caution`, minimums, and `ladders`: the upper ends and rows of each
        service whose rows differ by the size of the prompt alone."""
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
            raise self.lacking(service)
        row = self.tier(service, prompt) or self._search(at, prompt, service, output, thinking)
        billed = self.billed_in(region, service)
        return row if billed is None else row.times(self.factor(billed))

    def lacking(self, service: str) -> NotSold:
        """The refusal of a service that this card does not sell."""
        sold = ", ".join(self.services())
        return NotSold(f"service {service!r} is not sold; this card sells {sold}", (SERVICE, service))

    def tier(self, service: str, prompt: int) -> Row | None:
        """The row for prompts of a size, found by bisection: every request of a log is priced by it. None where the
        rows of the service differ by more than the size, or there are none."""
        ladder = self.ladders.get(service)
        return ladder[1][bisect_left(ladder[0], prompt)] if ladder else None

    def billed_in(self, region: str | None, service: str = STANDARD) -> str | None:
        """The card's own name for a region, None where a request costs what it costs anywhere; NotSold for a region
        that the card does not know, or that does not sell the service. Several are given with commas between them:
        `eu,fedramp`. A `location:` is a region by its name, or one of those that `regional` means.
        """
        if region is None:
            return None
        if region.startswith(LOCATION):
            places = _apart(region.removeprefix(LOCATION))
            known = [name for name in places if name in self.regions] or [REGIONAL] * (REGIONAL in self.regions)
            return ",".join(known) or None
        names = _apart(region)
        self.factor(region)
        if without := next((name for name in names if service in self.not_in.get(name, ())), None):
            raise NotSold(f"service {service!r} is not sold in region {without!r}; leave out one of them", word=SERVICE)
        return ",".join(names)

    def factor(self, region: str) -> Decimal:
        """What a region multiplies every rate by, or the product of several; NotSold for one that the card does not
        know."""
        product = ONE
        for name in _apart(region):
            if name not in self.regions:
                known = ", ".join(self.regions)
                expected = f"expected {known}" if known else "it has none for regions: leave region out"
                message = f"region {name!r} has no rates on this card; {expected}"
                raise NotSold(message, (REGION, name))
            product = money.multiply(product, self.regions[name])
        return product

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
            raise NotSold(f"{what} is not sold: {row.not_sold}", word=SERVICE)
        return row

    def windows(self, service: str) -> frozenset[Window]:
        """The hours for which rows of a service are."""
        if self.ladders.get(service):
            return frozenset()
        return frozenset(row.window for row in self.rows if row.window and row.service == service)

    def plain_row(self) -> Row:
        """The row of an ordinary short request: of the standard service where that is sold, and outside of windows."""

        def order(row: Row) -> tuple[int, ...]:
            return not row.rates, row.service != STANDARD, row.window is not None, row.prompt.low, row.output.low

        return min(self.rows, key=order)

    @property
    def input_rate(self) -> Decimal | None:
        """Money for a million tokens of an ordinary request; None where none are sold by the token."""
        rate = self.plain_row().rates.get("input")
        return rate.value if rate else None

    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.service for row in self.rows))

    def in_region(self, region: str) -> RateCard:
        """This card as it is billed in a region, or itself where it knows no such region."""
        if region not in self.regions:
            return self
        scaled = self.scaled(partial(_regional, self.regions[region]))
        why = f"not sold in region {region}"
        lacking = self.not_in.get(region, ())
        rows = tuple(replace(row, rates={}, not_sold=why) if row.service in lacking else row for row in scaled.rows)
        listed = self.listed.in_region(region) if self.listed else None
        return replace(scaled, rows=rows, regions={}, not_in={}, listed=listed)

    def scaled(self, factor: Callable[[Row, str], Decimal]) -> RateCard:
        """This card with each rate of each row multiplied by a factor, in every reading of a dispute."""
        rows = tuple(row.scaled(partial(factor, row)) for row in self.rows)
        return replace(self, rows=rows, disputes=tuple(self._scaled(each, factor) for each in self.disputes))

    def _scaled(self, dispute: Dispute, factor: Callable[[Row, str], Decimal]) -> Dispute:
        place, name = dispute.where[0], str(dispute.where[-1])
        if not isinstance(place, int):  # a term of caching, which is no money
            return dispute
        by = factor(self.rows[place], name)
        others = tuple((money.multiply(Decimal(value), by), source) for value, source in dispute.others)
        return Dispute(dispute.where, money.multiply(Decimal(dispute.taken), by), others)

    def with_reading(self, dispute: Dispute, value: Term) -> RateCard:
        """This card with one disputed term read the other way."""
        first, *rest = dispute.where
        if isinstance(first, int):
            name = str(rest[0])
            rows = list(self.rows)
            old = rows[first].rates[name]
            each = money.per_million(Decimal(value)) if old.unit in PER_MILLION else Decimal(value)
            rates = {**rows[first].rates, name: Rate(Decimal(value), old.unit, each)}
            rows[first] = replace(rows[first], rates=rates)
            return replace(self, rows=tuple(rows))
        kind = getattr(self.caching, first)
        return replace(self, caching=self.caching._replace(**{first: replace(kind, **{str(rest[0]): value})}))


def _apart(region: str) -> list[str]:
    """The names of regions that are given together, each once."""
    return list(dict.fromkeys(name.strip() for name in region.split(",")))


def _regional(factor: Decimal, row: Row, line: str) -> Decimal:
    """What a region multiplies a line by."""
    return ONE if row.rates[line].unit == "calls" else factor


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
