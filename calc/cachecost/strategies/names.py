"""Which strategies a row of rates lets one choose from, and the names under which one may ask for others.

Sold: `fresh`, `automatic`, `written:5m`, `stored`. Asked for by name: `automatic:1h`, whose entries live for so long
after their last use, whatever the sheet says; `keep-alive:5m`, written and read by pings so that no entry dies;
`second-sight:5m`, written only by the second query within the TTL; `stored:15m`, a stored cache deleted when it was
idle for so long, which the query that returns creates again. Of self-hosted models: `fresh`, and `kept:hbm`,
`kept:ram`, `kept:nvme` in the tiers that it has, `kept:ram:15m` with an idle time.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from .. import units
from ..errors import BadQuantity, NotSold
from ..prices.card import RateCard, Row
from ..prices.sheet import PriceSheet

FRESH, AUTOMATIC, WRITTEN, STORED = "fresh", "automatic", "written", "stored"
KEPT = "kept"
KEEP_ALIVE, SECOND_SIGHT = "keep-alive", "second-sight"


class Strategy(NamedTuple):
    """A name taken apart: its `kind`, the `sold` strategy that it is served by, and the duration it ends in, as a
    length and as `ttl`, the text."""

    kind: str
    sold: str
    length: timedelta | None
    ttl: str


@lru_cache(maxsize=1024)
def parsed(name: str) -> Strategy:
    """`keep-alive:5m` is served by `written:5m`, `stored:15m` by `stored`, `kept:ram:15m` by `kept:ram`, `automatic:1h`
    by `automatic`."""
    kind, _, text = name.partition(":")
    if kind == KEPT:
        tier, _, text = text.partition(":")
        return Strategy(kind, f"{KEPT}:{tier}", _length(text), text)
    sold = f"{WRITTEN}:{text}" if kind in (KEEP_ALIVE, SECOND_SIGHT) else kind if kind in (AUTOMATIC, STORED) else name
    return Strategy(kind, sold, _length(text), text)


def _length(text: str) -> timedelta | None:
    try:
        return units.duration(text) if text else None
    except BadQuantity:
        return None


def sold(card: RateCard, row: Row) -> tuple[str, ...]:
    """Every strategy that the row has rates for: `fresh`, `automatic`, `written:5m`, `written:1h`, `stored`,
    `kept:ram`."""
    written = [f"{WRITTEN}:{ttl}" for ttl in card.caching.written.ttls] if card.caching.written else []
    kept = [name for name in row.rates if name.startswith(f"{KEPT}:")]
    return tuple(name for name in (FRESH, AUTOMATIC, *written, STORED, *kept) if sells(card, row, name))


def sells(card: RateCard, row: Row, name: str) -> bool:
    kind, _, ttl = name.partition(":")
    if kind not in (AUTOMATIC, WRITTEN, STORED):
        return kind == FRESH or (kind == KEPT and name in row.rates)
    if getattr(card.caching, kind) is None or not row.read_rate(kind):
        return False
    if kind == WRITTEN:
        return f"cache_write:{ttl}" in row.rates and ttl in getattr(card.caching, kind).ttls
    return kind == AUTOMATIC or "storage" in row.rates


def not_sold(card: RateCard, row: Row, wanted: Sequence[str], otherwise: str, sheet: PriceSheet) -> NotSold:
    """Why a row of a card sells none of the strategies that were asked for."""

    def sells_one(other: RateCard) -> bool:
        rows = (each for each in other.rows if each.service == row.service and not each.not_sold)
        return any(sells(other, each, parsed(name).sold) for each in rows for name in wanted)

    refusal = sheet.refusal(card, f"{' or '.join(wanted)} of {sheet.id}", otherwise, sells_one)
    refusal.word = "strategy"
    return refusal


def refreshed(kind: str, card: RateCard, offer: Iterable[str]) -> list[str]:
    """The written strategies of an offer, kept alive or seen twice (`kind`): those that a read refreshes."""
    if not card.caching.written or not card.caching.written.refresh:
        return []
    return [name.replace(WRITTEN, kind, 1) for name in offer if name.startswith(f"{WRITTEN}:")]


def named(card: RateCard, offer: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The strategies that were asked for and that the offer can serve, simpler ones first."""
    known = [*offer, *refreshed(KEEP_ALIVE, card, offer), *refreshed(SECOND_SIGHT, card, offer)]
    served = [name for name in known if name in wanted]
    return [*served, *(name for sold in offer for name in _with_length(sold, wanted))]


def _with_length(sold: str, wanted: Sequence[str]) -> list[str]:
    """Names such as `stored:15m` that were asked for and one of an offer can serve, the shortest first."""
    asked = (each for each in map(parsed, wanted) if each.sold == sold and each.kind in (AUTOMATIC, STORED, KEPT))
    return [
        f"{sold}:{units.show_duration(length)}" for length in sorted({each.length for each in asked if each.length})
    ]
