"""What a rate card says of caching: automatic, written for a time to live, or stored for rent."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ..units import show_duration


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
    """A write rate per TTL; a read costs less. `refresh`: a read starts the TTL again. `apart`: services whose entries
    no request at another service reads."""

    ttls: tuple[str, ...]
    min_tokens: int | None = None
    block: int | None = None
    default_ttl: str | None = None
    refresh: bool = True
    lifetime_from: str = "answer"
    breakpoints: int | None = None
    apart: tuple[str, ...] = ()

    @property
    def usual_ttl(self) -> str:
        """The life of a write that names none."""
        return self.default_ttl or self.ttls[0]


@dataclass(frozen=True)
class Stored:
    """Created once, then rent per token-hour for as long as it stands.

    `creation`: billed at the `input` rate, at its own rate (`rate`), or `free`. `billed_for`: the `life`
    of the cache or the `ttl` as set. `billed_per`: started `second`, `minute` or `hour`.
    """

    default_ttl: timedelta
    min_tokens: int | None = None
    creation: str = "input"
    billed_for: str = "life"
    billed_per: str = "second"


def cacheable(terms: Automatic | Written | Stored, tokens: int) -> int:
    """How many of so many tokens can be cached under the terms of a card: whole blocks, none below the minimum."""
    if tokens < (terms.min_tokens or 0):
        return 0
    block = getattr(terms, "block", None) or 1
    return int(tokens // block * block)


class Caching(NamedTuple):
    automatic: Automatic | None = None
    written: Written | None = None
    stored: Stored | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in ("automatic", "written", "stored") if getattr(self, kind) is not None)
