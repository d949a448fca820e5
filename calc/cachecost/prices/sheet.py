"""What a price sheet is: a sheet holds rate cards, a card holds rows, a row holds rates.

A row is chosen for the WHOLE request by the size of its prompt, cached tokens included (Google, OpenAI,
Anthropic, xAI, Qwen, GLM: no vendor bills only the tokens beyond a threshold at the higher rate).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from ..errors import BadQuantity, NoLongerSold, NotInForce, NotKnown, NotSold, NotYetSold
from ..units import show_instant
from .card import REGION, SERVICE, STANDARD, RateCard, Row
from .usage import TOKENS, Meter

_SOLD_IN = {SERVICE: "ladders", REGION: "regions"}
"""The fields of a card that say which services and regions it sells."""
Path = tuple[str | int, ...]
"""A path on a page: keys and indexes, outermost first."""


def printed_at(name: str) -> Path:
    """Where a row of a page prints a rate: `audio.input` under audio, `cache_write:5m` under cache_write."""
    keys = {"fee": "fees", "storage": "storage_per_hour"}
    before, mark, rest = name.partition(".")
    return tuple(keys.get(key, key) for key in ((before,) if mark else ()) + tuple((rest or before).split(":")))


class Version(str):
    """What an answer cites, such as `google/gemini-1.5-pro@2024-10-01`; `terms`: the customer's own terms that changed
    the rates of that card, in words."""

    __slots__ = ("terms",)
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All rate cards of one model, oldest first. Cancelled cards are kept for the record, never in force.

    `checked`: the latest day on which one of its sources was read. `digest`: that of a page which is not the one that
    comes with cachecost, so that a citation tells them apart. `resells`: the page whose rates it takes over.
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
    digest: str = field(default="", compare=False)
    resells: str | None = field(default=None, compare=False)
    _live: tuple[RateCard, ...] = field(init=False, repr=False, compare=False)
    _instants: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _changed: tuple[RateCard, ...] = field(init=False, repr=False, compare=False)
    """Cards with other rates or terms of caching than the one before; one that withdraws a model keeps its rates."""

    def __post_init__(self) -> None:
        live = tuple(card for card in self.cards if card.status != "cancelled")
        changed = (b for a, b in pairwise(live) if (a.rows, a.caching) != (b.rows, b.caching))
        object.__setattr__(self, "_live", live)
        object.__setattr__(self, "_changed", tuple(changed))
        object.__setattr__(self, "_instants", tuple(card.effective for card in live))

    def __hash__(self) -> int:
        return hash((self.provider, self.model))

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.model}"

    @property
    def meter(self) -> Meter:
        """What counts usage for these rates."""
        return TOKENS

    def served(self, serving: Any) -> PriceSheet:
        """This sheet where a deployment serves otherwise; a vendor's sheet stays as it is."""
        return self

    def version(self, card: RateCard) -> Version:
        """`google/gemini-1.5-pro@2024-10-01`: what an answer cites. Where a page is not cachecost's own, as in a folder
        that `--prices` names, its digest follows: `google/gemini-1.5-pro@2024-10-01+3f2a91c0`."""
        digest = f"+{self.digest}" if self.digest else ""
        version = Version(f"{self.id}@{show_instant((card.listed or card).effective)}{digest}")
        version.terms = card.terms
        return version

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

    def sold(self, at: datetime) -> RateCard | None:
        """The card at which the model is sold at an instant; None before the first card and once it is withdrawn."""
        card = self.in_force(at)
        return None if card is None or card.status == "withdrawn" else card

    def in_force(self, at: datetime) -> RateCard | None:
        """The card in force at an instant; None before the first one."""
        try:
            return self.card(at)
        except NotInForce:
            return None

    def row(self, card: RateCard, **request: Any) -> Row:
        """`RateCard.row` of one of these cards, whose refusal the other cards explain."""
        try:
            return card.row(**request)
        except NotSold as error:
            raise self.explained(error, card) from None

    def service_like(self, service: str, at: datetime) -> tuple[str, str]:
        """The service for what another model serves by a service: the same where it is sold at an instant, else the
        standard one, and why. NotInForce before the first card."""
        card = self.card(at)
        if service in card.ladders or STANDARD not in card.ladders:
            return service, ""
        return STANDARD, str(self.explained(card.lacking(service), card))

    def region_like(self, region: str | None, service: str, at: datetime) -> tuple[str | None, str]:
        """The region for what another model serves in a region: the same where this sheet sells the service there at
        an instant, else None for the rates of no region, and why. A sheet that is of one region has its rates anyway.
        NotInForce before the first card."""
        card = self.card(at)
        if self.region:
            return None, ""
        try:
            card.billed_in(region, service)
        except NotSold as error:
            # what comes after the semicolon says what else to ask for
            return None, str(self.explained(error, card)).partition(";")[0]
        return region, ""

    def explained(self, error: NotSold, card: RateCard) -> NotSold:
        """The refusal of a card: not yet sold, or no longer, by the cards before and after it."""
        if error.term is None:
            return error
        axis, name = error.term
        words = f"{axis} {name!r}"
        refusal = self.refusal(card, words, str(error), lambda other: name in getattr(other, _SOLD_IN[axis]))
        refusal.word = axis
        return refusal

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

    def changes(self, after: datetime, until: datetime, *, of_rates: bool = False) -> tuple[RateCard, ...]:
        """Cards that begin after the one instant and not later than the other; those alone that change rates or terms
        of caching where `of_rates`."""
        cards = self._changed if of_rates else self._live
        return tuple([card for card in cards if after < card.effective <= until])
