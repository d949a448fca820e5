"""Two sets of price sheets side by side: which rates changed, from when, and what that does to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .bill import cheapest
from .errors import NotInForce, NotSold
from .reference import REFERENCES, Reference
from .sheet import STANDARD, PriceSheet, RateCard, Row
from .strategy import Assumptions


class RateChange(NamedTuple):
    """One rate that differs. `old` None: not sold before; `new` None: no longer. `correction`: the card was already
    in force, so that bills of the past change."""

    model: str
    effective: datetime
    row: Row
    line: str
    old: Decimal | None
    new: Decimal | None
    currency: str
    correction: bool

    @property
    def ratio(self) -> Fraction | None:
        """New over old, less one."""
        if self.old is None or self.new is None or not self.old:
            return None
        return Fraction(self.new) / Fraction(self.old) - 1


class Effect(NamedTuple):
    """One reference workload on one model, by its cheapest strategy, before and after."""

    model: str
    reference: Reference
    at: datetime
    currency: str
    before: tuple[str, Decimal]
    after: tuple[str, Decimal]

    @property
    def flips(self) -> bool:
        return self.before[0] != self.after[0]


class Difference(NamedTuple):
    """`added` and `removed` are ids of whole sheets."""

    changes: tuple[RateChange, ...]
    effects: tuple[Effect, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def corrections(self) -> tuple[RateChange, ...]:
        return tuple(change for change in self.changes if change.correction)


def difference(base: Sequence[PriceSheet], head: Sequence[PriceSheet], *, now: datetime) -> Difference:
    """Everything that changed from `base` to `head`; cards in force at `now` that differ are corrections."""
    old, new = {sheet.id: sheet for sheet in base}, {sheet.id: sheet for sheet in head}
    both = [(old[id_], new[id_]) for id_ in old if id_ in new and old[id_] != new[id_]]
    changes = [change for before, after in both for change in _changes(before, after, now)]
    effects = [effect for before, after in both for effect in _effects(before, after, changes, now)]
    return Difference(
        tuple(changes),
        tuple(effects),
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
    )


def _changes(before: PriceSheet, after: PriceSheet, now: datetime) -> Iterator[RateChange]:
    old = {card.effective: card for card in before.cards}
    new = {card.effective: card for card in after.cards}
    for instant in sorted(old.keys() | new.keys()):
        was, card = old.get(instant), new.get(instant)
        correction = instant <= now and (was is not None or instant <= before.cards[-1].effective)
        reference = was if was is not None else _in_force_before(before, instant)
        for line in _lines(reference, card if card is not None else _in_force_before(after, instant)):
            row, name, from_, to = line
            yield RateChange(after.id, instant, row, name, from_, to, after.currency, correction)


def _in_force_before(sheet: PriceSheet, instant: datetime) -> RateCard | None:
    try:
        return sheet.card(instant)
    except NotInForce:
        return None


def _lines(old: RateCard | None, new: RateCard | None) -> Iterator[tuple[Row, str, Decimal | None, Decimal | None]]:
    """Rows told apart by what selects them, their rates side by side where they differ."""
    before = {_selector(row): row for row in old.rows} if old else {}
    after = {_selector(row): row for row in new.rows} if new else {}
    for key in dict.fromkeys([*before, *after]):
        was, row = before.get(key), after.get(key)
        names = dict.fromkeys([*(was.rates if was else ()), *(row.rates if row else ())])
        for name in names:
            from_ = was.rates[name].value if was and name in was.rates else None
            to = row.rates[name].value if row and name in row.rates else None
            if from_ != to:
                shown = row or was
                assert shown is not None
                yield shown, name, from_, to


def _selector(row: Row) -> tuple[object, ...]:
    return row.service, row.prompt, row.output, row.thinking, row.window


def _effects(before: PriceSheet, after: PriceSheet, changes: Sequence[RateChange], now: datetime) -> Iterator[Effect]:
    """Each reference workload at the first instant, not before now, at which the change tells."""
    instants = [change.effective for change in changes if change.model == after.id]
    if not instants:
        return
    at = max(now, min(instants))
    for reference in REFERENCES:
        was, will = _best(before, reference, at), _best(after, reference, at)
        if was and will and was != will:
            yield Effect(after.id, reference, at, after.currency, was, will)


def _best(sheet: PriceSheet, reference: Reference, at: datetime) -> tuple[str, Decimal] | None:
    """The cheapest strategy and its bill, in the preferred service where it is sold; None where nothing is."""
    for service in dict.fromkeys((reference.service, STANDARD)):
        try:
            strategy, total = cheapest(sheet, reference.at(at), Assumptions(service=service))
        except (NotSold, NotInForce):
            continue
        return strategy, total * reference.times
    return None
