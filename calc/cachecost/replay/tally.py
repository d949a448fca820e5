"""What traffic adds up to: whole numbers of tokens for every set of rates, whichever engine counted them.

Every engine (Python, a database, a cluster) fills the same tally; `price` alone turns it into money, so that all give
the same bill to the last digit.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..errors import BadUsage
from ..prices.quote import LineItem
from ..prices.usage import Quantity
from ..prices.warnings import DOUBTS
from ..units import HOUR
from .epochs import Epochs, RateKey

REQUESTS, HITS = "requests", "hits"
"""Counters beside the lines: requests that answered something, and those that read a cache. Fees are due on them."""
COUNTERS = (REQUESTS, HITS, *DOUBTS)
"""What a tally holds that is no line of a bill."""
STORAGE = "storage"
"""In token-microseconds, as long as it stands in a tally."""


Cell = tuple[RateKey, str, int]
"""One number of a tally, with its key and line."""


class Tally:
    """Whole numbers by key and line name: `input`, `cache_read`, `cache_read:KIND`, `cache_write:TTL`, `creation`,
    `output`, `audio.input`..., `storage` in token-microseconds, and COUNTERS."""

    __slots__ = ("sums",)

    def __init__(self, cells: Iterable[Cell] = ()) -> None:
        self.sums: dict[RateKey, dict[str, int]] = {}
        self.merge(cells)

    def add(self, key: RateKey, counts: Mapping[str, int]) -> None:
        """Counts by line at one set of rates."""
        for line, count in counts.items():
            if count:
                sums = self.sums.setdefault(key, {})
                sums[line] = sums.get(line, 0) + count

    def merge(self, other: Iterable[Cell]) -> None:
        for key, line, count in other:
            self.add(key, {line: count})

    def __iter__(self) -> Iterator[Cell]:
        for key, sums in self.sums.items():
            for line, count in sums.items():
                yield key, line, count

    def total(self, line: str) -> int:
        """A line over all keys; `cache_read` takes `cache_read:written` and its like with it."""
        return sum(count for _, name, count in self if name == line or name.startswith(f"{line}:"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.sums == other.sums

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Tally({list(self)})"


class Priced(NamedTuple):
    """A tally in money: the items of every key, in its sheet's currency; the total is their sum."""

    items: tuple[tuple[RateKey, LineItem], ...]

    @property
    def total(self) -> Decimal:
        return money.total(item.amount for _, item in self.items)


def price(tally: Tally, sheets: Mapping[str, Epochs]) -> Priced:
    """The tally at the rates of its keys, exact. `sheets`: by `RateKey.sheet`. NotSold for a line without a rate."""
    return Priced(tuple((key, item) for key, sums in tally.sums.items() for item in _items(key, sums, sheets)))


def _items(key: RateKey, sums: Mapping[str, int], sheets: Mapping[str, Epochs]) -> Iterator[LineItem]:
    epochs = sheets[key.sheet]
    due = {"fee.request": sums.get(REQUESTS, 0), "fee.cache_hit": sums.get(HITS, 0)}
    entries: list[tuple[str, int]] = [(name, count) for name, count in sums.items() if name not in COUNTERS]
    entries += [(name, due[name]) for name in epochs.row(key).fees if due[name]]
    rates = epochs.rates(key, *(name for name, _ in entries))
    for name, count in entries:
        quantity = money.exact(Fraction(count, HOUR)) if name == STORAGE else count
        spent = Fraction(count, HOUR) if name == STORAGE else count
        rate = rates[name]
        yield LineItem(name, quantity, rate.unit, rate.value, money.times(spent, rate.each))


def token_microseconds(hours: Quantity) -> int:
    """Token-hours as a tally counts them; BadUsage where they are no whole number of token-microseconds."""
    whole = Fraction(hours * HOUR)
    if whole.denominator != 1:
        raise BadUsage(
            "expected whole token-microseconds, such as tokens over a time between two instants", word="storage"
        )
    return int(whole)
