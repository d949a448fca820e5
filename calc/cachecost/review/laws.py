"""What prices look like: vendors' stated multiples and the ranges that the catalogue shows, from one YAML page.

`pricing/plausibility.yaml` holds them; `prices check` measures pages by them, `prices bump` scales rates by them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

Group = Literal["rates", "services", "sizes", "cards", "hosts", "amounts", "terms"]


class Subject(NamedTuple):
    """What a law may be about: a rate (or term) of a model in a service."""

    of: str
    to: str = ""
    provider: str = ""
    maker: str = ""
    model: str = ""
    service: str = ""
    currency: str = ""


_LISTED = BeforeValidator(lambda value: value if isinstance(value, list) else [value])
Names = Annotated[tuple[str, ...], _LISTED]


class PriceLaw(BaseModel):
    """A multiple that a rate is of another (`values`: one of them), or a range that it lies in.

    `rounded`: the vendor prints rounded rates, so that half a unit of the last digit of either is no breach.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    of: Names = ()
    to: Names = ()
    provider: Names = ()
    maker: Names = ()
    model: Names = ()
    service: Names = ()
    currency: Names = ()
    values: Annotated[tuple[Decimal, ...], _LISTED] = Field(default=(), alias="is")
    least: Decimal | None = None
    most: Decimal | None = None
    rounded: bool = False
    source: str = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> PriceLaw:
        if bool(self.values) == (self.least is not None and self.most is not None):
            raise ValueError("expected either `is`, or `least` and `most`")
        return self

    def covers(self, subject: Subject) -> bool:
        """Whether this law is about a subject; a name may hold `*`."""
        return all(
            subject[place] in patterns or any("*" in each and fnmatchcase(subject[place], each) for each in patterns)
            for place, patterns in self._selectors
        )

    @cached_property
    def _selectors(self) -> list[tuple[int, tuple[str, ...]]]:
        """The places in a subject that this law is about, and the names that it may have there."""
        return [(place, getattr(self, key)) for place, key in enumerate(Subject._fields) if getattr(self, key)]

    def allows(self, value: Decimal, base: Decimal) -> bool:
        if self.least is None or self.most is None:
            return any(self.keeps(value, base, multiple) for multiple in self.values)
        return self.least * base <= value <= self.most * base

    def keeps(self, value: Decimal, base: Decimal, multiple: Decimal) -> bool:
        """Whether a rate is a multiple of another, as exactly as the vendor prints it."""
        grain = _grain(value) + multiple * _grain(base) if self.rounded else 0
        return abs(value - multiple * base) <= grain


def _grain(rate: Decimal) -> Decimal:
    """Half a unit of the last digit that is printed."""
    return Decimal(5).scaleb(int(rate.as_tuple().exponent) - 1)


class Laws(BaseModel):
    """Everything on the page. Within a group the first law that covers a subject decides."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    rates: list[PriceLaw]
    services: list[PriceLaw]
    sizes: list[PriceLaw]
    cards: list[PriceLaw]
    hosts: list[PriceLaw]
    amounts: list[PriceLaw]
    terms: list[PriceLaw]
    exchange: dict[str, Decimal]
    currencies: dict[str, Names]
    ttls: tuple[str, ...]
    first_day: date
    days_ahead: int
    _known: dict[tuple[Group, Subject], PriceLaw | None] = PrivateAttr(default_factory=dict)

    def broken(
        self, group: Group, subject: Subject, value: Decimal | int, base: Decimal = Decimal(1)
    ) -> PriceLaw | None:
        """The law that decides about a subject, where a value breaks it as a multiple of a base."""
        law = self.law(group, subject)
        return law if law and not law.allows(Decimal(value), base) else None

    def law(self, group: Group, subject: Subject) -> PriceLaw | None:
        """The law of a group that decides about a subject; remembered, as the cards of a page ask the same."""
        key = group, subject
        if key not in self._known:
            self._known[key] = next((law for law in getattr(self, group) if law.covers(subject)), None)
        return self._known[key]
