"""When which rates of a price sheet hold: every request of a log falls under one row of one card of its sheet.

Times are whole microseconds since 1970 UTC. The sheet searches for the card and its row, as for a quote.
"""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ..errors import NotSold, UnknownModel
from ..hours import Window
from ..prices.card import STANDARD, Rate, RateCard, Row
from ..prices.quote import rates_of
from ..prices.sheet import PriceSheet
from ..strategies.names import sold
from ..units import MICROSECOND

_START = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1) // MICROSECOND


def microseconds(at: datetime) -> int:
    """An instant with a zone as whole microseconds since 1970-01-01 UTC."""
    return (at - _START) // MICROSECOND


def instant(at: int) -> datetime:
    """The instant so many microseconds after 1970-01-01 UTC."""
    return _START + at * MICROSECOND


class RateKey(NamedTuple):
    """A set of rates: the sheet (`Epochs.name`), service, region, and the places of a card and of a row in it."""

    sheet: str
    service: str = STANDARD
    region: str | None = None
    card: int = 0
    row: int = 0


class Epochs:
    """The cards of one sheet in time, and the rates that its keys stand for.

    `name`: what keys call this sheet: its id, with the region where a name of the model stands for one.
    """

    def __init__(self, sheet: PriceSheet) -> None:
        if sheet.meter.cards:
            why = "the hours that its machine needs do not follow from sums of tokens; ask compare or plan"
            raise UnknownModel(sheet.id, what=f"a model that a replay can price: {why}")
        self.sheet = sheet
        self.name = f"{sheet.id}[{sheet.region}]" if sheet.region else sheet.id
        self.cards = tuple(card for card in sheet.cards if card.status != "cancelled")
        self.starts = [microseconds(card.effective) for card in self.cards]
        self._windows = [tuple(dict.fromkeys(row.window for row in card.rows if row.window)) for card in self.cards]
        self.windows = {window for windows in self._windows for window in windows}
        self._rows: dict[RateKey, Row] = {}
        self._sold: dict[RateKey, tuple[str, ...]] = {}

    def key(
        self,
        at: int,
        prompt: int,
        *,
        output: int = 0,
        service: str = STANDARD,
        region: str | None = None,
        thinking: bool = False,
    ) -> RateKey:
        """The rates of a request of this size at an instant; NotInForce and NotSold as a quote would raise them."""
        card = self.sheet.card(instant(at))
        row = self.sheet.row(card, at=instant(at), prompt=prompt, service=service, output=output, thinking=thinking)
        try:
            billed = card.billed_in(region, service)
        except NotSold as error:
            raise self.sheet.explained(error, card) from None
        return RateKey(self.name, service, billed, _index(self.cards, card), _index(card.rows, row))

    def card(self, key: RateKey) -> RateCard:
        return self.cards[key.card]

    def row(self, key: RateKey) -> Row:
        """The row that a key stands for, as billed in its region."""
        if key not in self._rows:
            self._rows[key] = _billed(self.card(key), key)
        return self._rows[key]

    def rates(self, key: RateKey, *names: str) -> dict[str, Rate]:
        """The rates of some lines; NotSold for a line that has none."""
        return rates_of(names, self.row(key), self.card(key), self.sheet)

    def listed(self, key: RateKey, name: str) -> Decimal:
        """What one unit of a line costs by the page, before the customer's own terms."""
        card = self.card(key).listed or self.card(key)
        return rates_of((name,), _billed(card, key), card, self.sheet)[name].each

    def each(self, key: RateKey, name: str) -> Fraction:
        """What one token of a line costs."""
        return Fraction(self.rates(key, name)[name].each)

    def sold(self, key: RateKey) -> tuple[str, ...]:
        """The strategies that the row has rates for."""
        if key not in self._sold:
            self._sold[key] = sold(self.card(key), self.row(key))
        return self._sold[key]

    def state(self, at: int) -> Hashable:
        """What rates depend on at an instant: the card in force, None before the first, and which windows are open."""
        if (card := self.sheet.in_force(instant(at))) is None:
            return None
        place = _index(self.cards, card)
        return place, *(window.is_open(instant(at)) for window in self._windows[place])

    def edges(self, start: int, end: int) -> set[int]:
        """The instants inside (start, end) at which a card begins or a window opens or closes."""
        first = max(start, self.starts[0] - 1)
        begins = {begin for begin in self.starts if start < begin < end}
        for window in self.windows if first < end else ():
            begins |= _edges(window, first, end)
        return begins


def _billed(card: RateCard, key: RateKey) -> Row:
    row = card.rows[key.row]
    return row if key.region is None else row.times(card.factor(key.region))


def _index(things: Sequence[object], thing: object) -> int:
    """The place of this very thing, which may be equal to others."""
    return next(place for place, each in enumerate(things) if each is thing)


@lru_cache(maxsize=64)
def _edges(window: Window, start: int, end: int) -> frozenset[int]:
    return frozenset(map(microseconds, window.edges(instant(start), instant(end))))
