"""Two sets of price sheets side by side: every term that changes an answer, and the bills that move with it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any, NamedTuple

from ..prices.card import Band, Rate, RateCard, Row
from ..prices.sheet import PriceSheet
from ..units import MICROSECOND
from .effects import Effect, beside, effects, far
from .plausible import family, selection

NOTES = frozenset(("name", "note", "source", "sources", "seen", "checked"))
"""Fields that explain a price and change no bill."""
NAMES = frozenset(("aliases", "aliases_in"))
"""Fields of names without an order: each name that comes or goes is a change."""
MARKED = ("withdrawn", "cancelled")
BEGUN = frozenset(("in force", "scheduled"))
SELECTORS = frozenset(("service", "prompt", "output", "thinking", "window"))
"""Fields by which a row is chosen."""
GIVEN = "given"

Path = tuple[str, ...]


class Change(NamedTuple):
    """A rate or another term that differs. `effective` None: a term of the whole sheet; `row` None: of the whole card.

    `old` None: absent before; `new` None: absent now. `correction`: the card was already in force, so that answers
    about the past change. `currencies`: of the old and the new sheet.
    """

    model: str
    effective: datetime | None
    row: Row | None
    name: str
    old: object | None
    new: object | None
    currencies: tuple[str, str]
    correction: bool
    is_rate: bool

    @property
    def ratio(self) -> Fraction | None:
        """New over old, less one; None where one of them is no amount or is nothing."""
        factor = self.factor
        return None if factor is None else factor - 1

    @property
    def factor(self) -> Fraction | None:
        old, new = _amount(self.old), _amount(self.new)
        if not old or new is None or (self.is_rate and self.currencies[0] != self.currencies[1]):
            return None
        return new / old

    @property
    def far(self) -> bool:
        """Over `FAR` times as much or as little; from or to nothing is as far as can be."""
        old, new = _amount(self.old), _amount(self.new)
        if old is None or new is None:
            return False
        return far(self.factor) or bool(old) != bool(new)


class Event(NamedTuple):
    """What happened to a whole rate card: `new card`, `removed card`, `withdrawn`, `no longer withdrawn`, `cancelled`
    or `no longer cancelled`. `status`: of the card, after the change where it is still there. `begun`: not to come."""

    model: str
    effective: datetime
    what: str
    status: str
    begun: bool


class NewSheet(NamedTuple):
    """A sheet that was not there: the rates of its card at `at`, and its bills, beside those of `kin` as `old` and
    `before`. `why`: `same model` or `nearest older model`; `cards`: how many rate cards it has."""

    id: str
    at: datetime
    cards: int
    kin: str | None
    why: str
    rates: tuple[Change, ...]
    bills: tuple[Effect, ...]


class Difference(NamedTuple):
    """`removed`: ids of sheets that are gone; `only_notes`: ids of those that changed in no term."""

    changes: list[Change]
    effects: list[Effect]
    events: list[Event]
    added: list[NewSheet]
    removed: list[str]
    only_notes: list[str]


def difference(base: Sequence[PriceSheet], head: Sequence[PriceSheet], *, now: datetime) -> Difference:
    """Everything that changed from `base` to `head`; cards in force at `now` that differ are corrections."""
    old, new = {sheet.id: sheet for sheet in base}, {sheet.id: sheet for sheet in head}
    added = [_new_sheet(new[id_], head, now) for id_ in sorted(new.keys() - old.keys())]
    result = Difference([], [], [], added, sorted(old.keys() - new.keys()), [])
    for id_, before in old.items():
        after = new.get(id_, before)
        if after == before:
            continue
        changes = list(_changes(before, after, now))
        events = list(_events(before, after, now))
        result.changes.extend(changes)
        result.events.extend(events)
        result.effects.extend(effects(before, after, _instants(before, after, changes, now)))
        if not changes and not events:
            result.only_notes.append(id_)
    return result


def _changes(before: PriceSheet, after: PriceSheet, now: datetime) -> Iterator[Change]:
    currencies = (before.currency, after.currency)
    for path, old, new in _terms(before, after, skip={"cards"}):
        yield Change(
            after.id, None, None, ".".join(path), old, new, currencies, path[0] not in {*NAMES, "maker"}, False
        )
    own, theirs = _live(before), _live(after)
    last = max(own)
    for instant in sorted(own.keys() | theirs.keys()):
        was, card = before.in_force(instant), after.in_force(instant)
        both = instant in own and instant in theirs
        correction = instant <= now and (instant in own or instant <= last)
        for row, name, old, new, is_rate in _card_changes(was, card):
            if name == "status" and not both and {old, new} <= BEGUN:
                continue  # a change that begins, or that was called off, is an event
            yield Change(after.id, instant, row, name, old, new, currencies, correction, is_rate)


def _live(sheet: PriceSheet) -> dict[datetime, RateCard]:
    return {card.effective: card for card in sheet.cards if card.status != "cancelled"}


def _card_changes(was: RateCard | None, card: RateCard | None) -> Iterator[tuple[Row | None, str, Any, Any, bool]]:
    """Terms of two cards, then their rows: whose row (None is the whole card), name, old, new, and if it is a rate."""
    if was is not None and card is not None:
        for path, old, new in _terms(was, card, skip={"effective", "rows"}):
            yield None, ".".join(path), old, new, False
    for row, other in _pairs(was.rows if was else (), card.rows if card else ()):
        shown = other or row
        assert shown is not None
        for path, old, new in _terms(row or _empty(shown), other or _empty(shown)):
            is_rate = path[0] == "rates"
            yield shown, ".".join(path[1:] if is_rate else path), old, new, is_rate


def _pairs(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows that are chosen by the same service, sizes, mode and hours. Of the others of a service, if there are as many
    before as after, the first belongs to the first: a threshold or an hour was moved."""
    before, after = ({(row.service, selection(row)): row for row in rows} for rows in (old, new))
    pairs: dict[int, tuple[Row | None, Row | None]] = {}
    for service in dict.fromkeys(row.service for row in (*old, *new)):
        gone = [row for key, row in before.items() if key not in after and row.service == service]
        come = [row for key, row in after.items() if key not in before and row.service == service]
        if len(gone) == len(come):
            pairs |= {id(row): (other, row) for other, row in zip(gone, come, strict=True)}
        else:
            pairs |= {id(row): (row, None) for row in gone} | {id(row): (None, row) for row in come}
    pairs |= {id(row): (before[key], row) for key, row in after.items() if key in before}
    for row in (*new, *old):
        if id(row) in pairs:
            yield pairs[id(row)]


def _empty(row: Row) -> Row:
    """A row that is chosen by the same terms and holds nothing: what stands for one that is not there."""
    return Row({}, **{name: getattr(row, name) for name in SELECTORS})


def _terms(
    old: object, new: object, *, skip: Set[str] = frozenset()
) -> Iterator[tuple[Path, object | None, object | None]]:
    """Every term on which two sheets, cards or rows differ."""
    before, after = (dict(_flat(value, (), skip)) for value in (old, new))
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            yield key[0], before.get(key), after.get(key)


def _flat(value: Any, path: Path, skip: Set[str] = frozenset()) -> Iterator[tuple[tuple[Path, object], object]]:
    """(where, which of several) -> each term of a tree of dataclasses: fields added to them later are walked as well.

    What is only worked out from other fields (`compare=False`) and notes are left out, and so is what is absent.
    """
    if value is None:
        return
    if isinstance(value, Rate | Band):
        yield (path, None), value.value if isinstance(value, Rate) else value
    elif is_dataclass(value):
        if len(path) > 1:
            yield (path, None), GIVEN
        for field in fields(value):
            if field.compare and field.name not in NOTES | skip:
                yield from _flat(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, Mapping) or hasattr(value, "_asdict"):
        for key, each in (value if isinstance(value, Mapping) else value._asdict()).items():
            yield from _flat(each, (*path, str(key)))
    elif path[:1] == ("disputes",):
        for dispute in value:
            yield ((*path, *map(str, dispute.where)), None), tuple(value for value, _ in dispute.others)
    elif path[0] in NAMES:
        for name in value:
            yield (path, name), name
    else:
        yield (path, None), value


def _amount(value: object | None) -> Fraction | None:
    if isinstance(value, timedelta):
        return Fraction(value // MICROSECOND)
    if isinstance(value, Band):
        return None if value.high is None else Fraction(value.high)
    return Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _events(before: PriceSheet, after: PriceSheet, now: datetime) -> Iterator[Event]:
    old = {card.effective: card.status for card in before.cards}
    new = {card.effective: card.status for card in after.cards}
    for instant in sorted(old.keys() | new.keys()):
        was, status = old.get(instant, "cancelled"), new.get(instant, "cancelled")
        if was == status:
            continue
        events = [status] if status in MARKED and instant in new else []
        events += [f"no longer {was}"] if was in MARKED and instant in old else []
        if instant not in old and status != "withdrawn":
            events.append("new card")
        elif instant not in new and was != "withdrawn":
            events.append("removed card")
        for what in events:
            yield Event(after.id, instant, what, status if instant in new else was, instant <= now)


def _instants(before: PriceSheet, after: PriceSheet, changes: Sequence[Change], now: datetime) -> list[datetime]:
    """Now, then the first instant of each changed card that is not in force now: those to come, then the past."""
    in_force = {card.effective for sheet in (before, after) if (card := sheet.in_force(now))}
    changed = {change.effective for change in changes if change.effective} | {
        max(now, card.effective) for sheet in (before, after) for card in sheet.cards[:1]
    }
    return sorted({now} | (changed - in_force), key=lambda at: (at < now, abs(at - now)))


def _new_sheet(sheet: PriceSheet, others: Sequence[PriceSheet], now: datetime) -> NewSheet:
    at = max(now, min(_live(sheet)))
    kin, why = _kin_of(sheet, others, at)
    currencies = (kin.currency if kin else sheet.currency, sheet.currency)
    rates = tuple(
        Change(sheet.id, at, row, name, old, new, currencies, False, True)
        for row, name, old, new in _side_by_side(kin.in_force(at) if kin else None, sheet.card(at))
    )
    bills = tuple(beside(kin, sheet, at))
    return NewSheet(sheet.id, at, len(sheet.cards), kin.id if kin else None, why, rates, bills)


def _kin_of(sheet: PriceSheet, others: Sequence[PriceSheet], at: datetime) -> tuple[PriceSheet | None, str]:
    """The same model at its maker or at another host, else the model of the provider with the nearest name that began
    no later; sold at the instant. (None, "") where there is neither."""
    priced = [other for other in others if other.id != sheet.id and other.sold(at)]
    maker, names = sheet.maker or sheet.provider, set(map(family, sheet.names))
    by_maker = [other for other in priced if (other.maker or other.provider) == maker]
    if same := [other for other in by_maker if names & set(map(family, other.names))]:
        return min(same, key=lambda other: other.maker is not None), "same model"
    begun = sheet.cards[0].effective
    older = [other for other in priced if other.provider == sheet.provider and other.cards[0].effective <= begun]

    def likeness(other: PriceSheet) -> tuple[float, datetime]:
        return SequenceMatcher(None, other.model, sheet.model).ratio(), other.cards[0].effective

    return (max(older, key=likeness), "nearest older model") if older else (None, "")


def _side_by_side(kin: RateCard | None, card: RateCard) -> Iterator[tuple[Row, str, Decimal | None, Decimal]]:
    """Every rate of a card, with the one that the card of its kin has for the same service and size."""
    for row in card.rows:
        matching = [other for other in kin.rows if other.service == row.service] if kin else []
        other = next((each for each in matching if row.prompt.low in each.prompt), None)
        for name, rate in row.rates.items():
            yield row, name, other.rates[name].value if other and name in other.rates else None, rate.value
