"""What is told of a log: what it cost, told apart in every way asked for, and what it would have cost otherwise.

These are the shapes of it, and from its alternatives what caching saved and would have saved; every amount is exact,
and `output` rounds, once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..strategies.names import FRESH
from ..units import MICROSECOND
from .ledger import Ledger

MONTH, LONG_ENOUGH = timedelta(days=30), timedelta(days=7)
"""A month of a run rate, and the shortest log that has one: below a week, weekends are missing or count too much."""
ANY = "any caching"
"""The policy of bounds that hold whatever is cached."""
SAME = "same hits"
"""The policy of another model where it reads what the log read and writes what the log wrote."""
LEAST_SAVED = Decimal("0.01")
"""The share of a bill from which on another policy is worth naming."""


class Sum(NamedTuple):
    """A row of a breakdown: whole tokens by class, and the cost in one currency."""

    label: str
    currency: str
    requests: int
    hits: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    cost: Decimal

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write

    @property
    def hit_share(self) -> Fraction | None:
        """The share of the prompt tokens that a cache served; None without any."""
        return Fraction(self.cache_read, self.prompt) if self.prompt else None


COUNTS = Sum._fields[2:-1]
"""What a row counts."""


class Class(NamedTuple):
    """What one line of the bills came to: `input`, `cache_write:5m`, `storage`, a fee."""

    name: str
    currency: str
    quantity: money.Number
    unit: str
    cost: Decimal


class Loss(NamedTuple):
    """Money that bought nothing: `what` became of it, the tokens, and what they cost more than they had to.

    `outlived`: how much of it the longest TTL on sale would have kept. `needed`: no loss, but what any cache costs.
    `reason`: the word by which the vendor states the cause; empty where it is inferred.
    """

    what: str
    currency: str
    tokens: int
    amount: Decimal
    outlived: Decimal = Decimal(0)
    needed: bool = False
    reason: str = ""

    @property
    def basis(self) -> str:
        """Whether the cause is `stated` by the vendor or `inferred` from counts."""
        return "stated" if self.reason else "inferred"


class Worst(NamedTuple):
    """One of the sessions that lost most, in one currency: its losses, the dearest first."""

    session: str
    currency: str
    losses: tuple[Loss, ...]

    @property
    def amount(self) -> Decimal:
        return money.total(each.amount for each in self.losses)


class Claim(NamedTuple):
    """What the log says a model's requests cost, beside what they cost by the sheets."""

    model: str
    currency: str
    requests: int
    differing: int
    logged: Decimal
    recomputed: Decimal
    recomputed_currency: str

    @property
    def difference(self) -> Decimal | None:
        """None where the two are in different currencies."""
        return money.subtract(self.logged, self.recomputed) if self.currency == self.recomputed_currency else None


class Billed(NamedTuple):
    """Money that a cost report states."""

    item: str
    currency: str
    amount: Decimal


class Place(NamedTuple):
    """What is reconciled: a day, a model, a class of tokens, in one currency."""

    day: str
    model: str
    line: str
    currency: str


class Reconciled(NamedTuple):
    """What the sheets and cost reports say of one place, and why they may differ; None where one says nothing."""

    place: Place
    computed: Decimal | None
    stated: Decimal | None
    cause: str = ""

    @property
    def difference(self) -> Decimal:
        """How much more is stated than computed."""
        return money.subtract(self.stated or Decimal(0), self.computed or Decimal(0))


class Alternative(NamedTuple):
    """The same requests under another policy: `on` the sheet, what they would have cost, and what they did.

    `paid` is None where the log's own model is not priced. `bound`: `lower` where no policy can be below it, `upper`
    where none that was tried can be above it; empty for what would have happened. `was_on`: automatic caching on the
    log's own model, which was on already: the log shows what it came to, so nothing can be saved by it.
    """

    on: str
    policy: str
    currency: str
    requests: int
    total: Decimal
    paid: Decimal | None
    hit_share: Fraction | None
    bound: str = ""
    same_model: bool = True
    was_on: bool = False

    @property
    def savings(self) -> Decimal | None:
        return None if self.paid is None else money.subtract(self.paid, self.total)

    @property
    def savings_ratio(self) -> Fraction | None:
        return Fraction(self.savings) / Fraction(self.paid) if self.savings is not None and self.paid else None


class Rates(NamedTuple):
    """A rate card that priced some of the log: `google/gemini-1.5-pro@2024-10-01`, when a source was last read, and
    the customer's own terms that changed its rates."""

    version: str
    checked: str
    caution: str | None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What is to be said beside what was paid: alternatives, the rates of other models behind them, spending that
    bought nothing, notes, the log's own models whose sessions share a prefix of unknown length, so that their
    alternatives are bounds, and the sessions that lost most."""

    alternatives: Sequence[Alternative] = ()
    rates: Sequence[Rates] = ()
    losses: Sequence[Loss] = ()
    notes: Sequence[str] = ()
    sharing: Sequence[str] = ()
    worst: Sequence[Worst] = ()


@dataclass(frozen=True, kw_only=True)
class Report(WhatIf):
    """What a log cost. `by` holds a breakdown for each label that was asked for; `totals` are by currency; `rates` are
    those of the log's own models as well.

    `words` are those labels, `ledger` says what was read and what has no price, `outside` how many requests lie outside
    of the time that was asked for. `stopped`: the user ended the reading early, and this is what had been read by then.
    `sums`: how many records are sums of requests.
    """

    ledger: Ledger
    words: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    requests: int
    totals: Mapping[str, Decimal]
    whole: tuple[Sum, ...]
    classes: tuple[Class, ...]
    by: Mapping[str, tuple[Sum, ...]]
    claims: tuple[Claim, ...] = ()
    billed: tuple[Billed, ...] = ()
    reconciled: Sequence[Reconciled] = ()
    stopped: bool = False
    outside: int = 0
    sums: int = 0

    @property
    def is_unnumbered(self) -> bool:
        """Whether all are sums of requests whose number the log does not state."""
        return self.sums >= self.requests > 0

    @property
    def lost(self) -> tuple[Loss, ...]:
        """The losses by cause and currency, the dearest first."""
        return tuple(each for each in self.losses if not each.needed)

    @property
    def cold_start(self) -> tuple[Loss, ...]:
        """What first writes cost above plain input, by currency, where they were read later."""
        return tuple(each for each in self.losses if each.needed)

    @property
    def lost_totals(self) -> dict[str, Decimal]:
        """The sum of all losses by currency."""
        return money.summed((each.currency, each.amount) for each in self.lost)

    @property
    def is_complete(self) -> bool:
        """Whether all that the log holds was read and priced."""
        return not (self.unpriced or self.ledger.total.malformed or self.ledger.unread_files)

    @property
    def unpriced(self) -> int:
        """Requests that have no price."""
        return sum(each.count for each in self.ledger.unpriced.values())

    @property
    def span(self) -> timedelta | None:
        """From the first request to the last; None without two different instants."""
        return self.last - self.first if self.first and self.last and self.first < self.last else None

    def per_month(self, amount: Decimal) -> Decimal | None:
        """What an amount of this log comes to in 30 days at the same rate; None where the log is under a week long."""
        if self.span is None or self.span < LONG_ENOUGH:
            return None
        return money.exact(Fraction(amount) * (MONTH // MICROSECOND) / (self.span // MICROSECOND))


class Outlook(NamedTuple):
    """The models of a log whose requests can be compared, added up in one currency: what they cost, what they would
    have cost without caching (None where that is not known), and with the cheapest of the `policies`, which hold those
    of the models where one saves 1% or more. `at_least`: some totals are bounds from above."""

    currency: str
    paid: Decimal
    fresh: Decimal | None
    total: Decimal
    policies: Mapping[str, str]
    at_least: bool = False

    @property
    def saved(self) -> Decimal | None:
        """What caching saved; negative where it cost more than it saved."""
        return None if self.fresh is None else money.subtract(self.fresh, self.paid)

    @property
    def saves(self) -> Decimal:
        """What the policies would have saved beside that."""
        return money.subtract(self.paid, self.total)


def outlook(alternatives: Iterable[Alternative]) -> list[Outlook]:
    """By currency, the dearest first; nothing where no policy could be compared."""
    models: dict[str, list[Alternative]] = {}
    for each in alternatives:
        if each.same_model and each.paid is not None:
            models.setdefault(each.on, []).append(each)
    outlooks: dict[str, Outlook] = {}
    for on, rivals in models.items():
        choices = [each for each in rivals if each.bound != "lower" and each.policy != ANY and not each.was_on]
        best = min(choices, key=lambda each: each.total, default=None)
        if best is None or best.paid is None:
            continue
        worth = best.total < best.paid * (1 - LEAST_SAVED)
        fresh = next((each.total for each in rivals if each.policy == FRESH), None)
        old = outlooks.get(best.currency, Outlook(best.currency, Decimal(0), Decimal(0), Decimal(0), {}))
        outlooks[best.currency] = Outlook(
            best.currency,
            money.add(old.paid, best.paid),
            None if fresh is None or old.fresh is None else money.add(old.fresh, fresh),
            money.add(old.total, best.total if worth else best.paid),
            {**old.policies, **({on: best.policy} if worth else {})},
            old.at_least or (worth and best.bound == "upper"),
        )
    return sorted(outlooks.values(), key=lambda each: -each.paid)
