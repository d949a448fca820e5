"""What to know of an answer: notes for people, in full, or the three that could cost most, in short."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ... import money
from ...bills.price_changes import PriceChange
from ...bills.spacing import Spacing
from ...prices.card import RateCard
from . import measures

FEW = 3
"""Notes beside a block; the others are shown by --verbose."""
WHOLE = Decimal("Infinity")
"""The cost of what leaves no bill at all: a model that is left out, or will be withdrawn."""


class Note(NamedTuple):
    """A note in full, and in short for the block. `cost`: the money by which a bill of the block could rise, None where
    that is not known. `aside`: it is about none of the bills that the block shows."""

    text: str
    short: str = ""
    cost: Decimal | None = Decimal(0)
    aside: bool = False


def more(other: Decimal, total: Decimal) -> Decimal:
    """By how much another total is above one; 0 where it is below."""
    return max(Decimal(0), money.subtract(other, total))


def risk(spacing: Spacing | None) -> Decimal:
    """By how much other pauses raise a bill."""
    return Decimal(0) if spacing is None else more(spacing.total, spacing.planned)


def of_change(change: PriceChange, total: Decimal, currency: str) -> Note:
    """What is announced, beside a bill of this total."""
    cost = WHOLE if change.total is None else more(change.total, total)
    return Note(measures.change_in_words(change, currency), measures.short_change(change, currency), cost)


def of_card(warnings: Iterable[str], card: RateCard) -> Iterator[Note]:
    """Warnings about a bill. What the card itself says against its rates may be worth any money, and is long."""
    for text in warnings:
        doubtful = text == card.caution
        yield Note(text, text.partition(": ")[0] if doubtful else "", None if doubtful else Decimal(0))


def _rank(note: Note) -> tuple[Decimal, bool]:
    """What raises a bill of the block comes first, by how much; then what may raise it, and last what does not."""
    cost = Decimal(0) if note.aside else note.cost
    return -(cost or Decimal(0)), cost is not None


def full(notes: Iterable[Note]) -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(note.text for note in sorted(notes, key=_rank)))


def brief(notes: Sequence[Note]) -> str:
    """`... · ... · 2 more notes (-v)`: the costliest few about what is shown; nothing where there are none."""
    costliest = sorted((note for note in notes if not note.aside), key=_rank)[:FEW]
    texts = list(dict.fromkeys(note.short or note.text for note in costliest))
    more = len(full(notes)) - len(texts)
    rest = [f"{more:,} {'more ' if texts else ''}note{'' if more == 1 else 's'} (-v)"] if more > 0 else []
    return " · ".join([*texts, *rest])
