"""A difference of price sheets for people: what is loud first, then bills of five workloads, then rates and terms."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ... import money
from ...review.diff import Change, Difference, Event, NewSheet
from ...review.effects import FAR, Effect, far
from ...review.workloads import REFERENCES
from ...units import show_instant
from ..figures import amount, percent, plain, rate
from ..records import Answered, Currency, Fields, ModelId, of, record
from ..reply import Reply
from ..screen import Screen
from ..table import Table
from .sheets import row_name, term

MARK = "<!-- cachecost prices diff -->"
"""Stands first in the markdown, so that one comment can be found again and updated in place."""
EFFECTS = "Effect on five reference workloads"
SHOWN = 10
"""Most names or loud lines of a kind in the summary; the tables have all."""


class ChangeRecord(Fields):
    """A rate or a term that differs."""

    model: ModelId
    effective: datetime | None
    row: str | None = of(lambda change: change.row and row_name(change.row))
    line: str = of("name")
    old: str | None = of(lambda change: _digits(change.old))
    new: str | None = of(lambda change: _digits(change.new))
    ratio: Decimal | None
    correction: bool
    far: bool = of("is_far")


class BillRecord(Fields):
    """The cheapest strategy of a workload, and its total."""

    strategy: str = of(lambda bill: bill[0][0])
    total: Decimal = of(lambda bill: bill[0][1])
    currency: Currency = of(lambda bill: bill[1])


class EffectRecord(Fields):
    """A reference workload before and after."""

    model: ModelId
    workload: str = of("reference.name")
    service: str | None
    region: str | None
    strategy: str | None
    at: datetime
    before: BillRecord | None = of(lambda effect: effect.before and (effect.before, effect.currencies[0]))
    after: BillRecord | None = of(lambda effect: effect.after and (effect.after, effect.currencies[1]))
    flips: bool
    far: bool = of(lambda effect: far(effect.factor))


class EventRecord(Fields):
    """A rate card that came or went."""

    model: ModelId
    effective: datetime
    what: str
    status: str


class NewSheetRecord(Fields):
    """A new sheet beside its nearest relative."""

    model: ModelId = of("id")
    at: datetime
    rate_cards: int = of("cards")
    kin: str | None
    why: str | None = of(lambda new: new.why or None)
    rates: list[ChangeRecord]
    bills: list[EffectRecord]


class DifferenceRecord(Answered):
    """What differs between two folders of price sheets."""

    summary: list[str] = of(lambda found: summary(found))
    changes: list[ChangeRecord]
    effects: list[EffectRecord]
    unchanged_workloads: list[str] = of(lambda found: _unchanged(found))
    events: list[EventRecord]
    added: list[str] = of(lambda found: [new.id for new in found.added])
    new_sheets: list[NewSheetRecord] = of("added")
    removed: list[str]
    only_notes: list[str]


def reply(difference: Difference, *, limit: int | None, command: str) -> Reply:
    """The difference in every form."""
    return Reply(
        page=lambda: DifferencePage(difference, limit, command),
        record=lambda: record(DifferenceRecord, difference),
        rows=lambda: as_table(difference),
    )


class Block(NamedTuple):
    """A part of the answer that can be cut after any row; its head is only shown with a row."""

    head: Sequence[str]
    rows: Sequence[str]


def summary(difference: Difference) -> list[str]:
    """What happened, a sentence each, the loud ones first."""
    told = _corrections(difference)
    for what, lines in _far(difference).items():
        told += _some([f"OVER {FAR}x: {line}" for line in lines], f"OVER {FAR}x: {{}} more {what}; see the tables.")
    told += [f"REMOVED: {id_}. Nothing is known by its names any more." for id_ in difference.removed]
    loud = [each for each in difference.events if each.what != "new card"]
    told += [_event(each) for each in loud]
    gone = {each.model for each in difference.events if each.what == "withdrawn"}
    if unserved := _models(
        each for each in difference.effects if each.before and not each.after and each.model not in gone
    ):
        told.append(f"NOT SERVED ANY MORE: a reference workload of {_listed(unserved)}.")
    told += [f"NAMES REMOVED: {model}: {', '.join(names)}." for model, names in _lost_names(difference).items()]
    if flips := _models(effect for effect in difference.effects if effect.flips and effect.strategy is None):
        told.append(f"Another strategy becomes the cheapest: {_listed(flips)}.")
    told += [_added(each) for each in difference.added]
    told += [_event(each) for each in difference.events if each.what == "new card"]
    if not told and not difference.changes:
        told.append("No changes that affect an answer.")
    if difference.only_notes:
        told.append(f"Only notes, sources or days changed, which affect no answer: {_listed(difference.only_notes)}.")
    return told


def as_markdown(difference: Difference, limit: int | None = None, command: str = "cachecost prices diff") -> str:
    """For a comment on a pull request, of at most `limit` bytes; `command` prints what had to be cut."""
    blocks = [Block([MARK, "### What changes"], [f"- {line}" for line in summary(difference)])]
    for title, notes, table in _sections(difference):
        lines = table.as_markdown().splitlines() if table else []
        head = ["", f"#### {title}", "", *(line for note in notes for line in (note, "")), *lines[:2]]
        blocks.append(Block(head, lines[2:]) if table else Block(head[:3], notes))
    return _joined(blocks, limit, command)


def as_text(difference: Difference, limit: int | None = None, command: str = "cachecost prices diff") -> str:
    """For a terminal or a pipe."""
    blocks = [Block([], summary(difference))]
    for title, notes, table in _sections(difference):
        lines = table.as_text().splitlines() if table else []
        blocks.append(Block(["", title, *notes, *lines[:1]], lines[1:]) if table else Block(["", title], notes))
    return _joined(blocks, limit, command)


class DifferencePage(NamedTuple):
    """The page of a difference, which can be cut to `limit` bytes."""

    found: Difference
    limit: int | None
    command: str

    def on_screen(self) -> Screen:
        screen = Screen()
        screen.text(as_text(*self))
        return screen

    def markdown(self) -> str:
        return as_markdown(*self)


def as_table(difference: Difference) -> Table:
    """Everything in rows for machines, every digit: events, bills, then rates and terms."""
    rows = [
        [each.what, each.model, show_instant(each.effective), "", each.status, "", "", "", ""]
        for each in difference.events
    ]
    rows += [["removed sheet", id_, *[""] * 7] for id_ in difference.removed]
    for new in difference.added:
        rows.append(["new sheet", new.id, show_instant(new.at), "", new.kin or "", "", "", "", new.why])
        rows += [_effect_cells("new bill", each) for each in new.bills]
        rows += [_change_cells("new rate", each) for each in new.rates]
    rows += [_effect_cells("bill", each) for each in difference.effects]
    rows += [_change_cells("rate" if each.is_rate else "term", each) for each in difference.changes]
    rows += [["only notes", id_, *[""] * 7] for id_ in difference.only_notes]
    return Table(["kind", "model", "at", "row", "what", "old", "new", "ratio", "mark"], rows)


def _sections(difference: Difference) -> list[tuple[str, list[str], Table | None]]:
    """Title, sentences and table of each part, the most telling first."""
    parts: list[tuple[str, list[str], Table | None]] = []
    if difference.effects:
        unchanged = _unchanged(difference)
        notes = [f"Not shown, because nothing changed there: {'; '.join(unchanged)}."] if unchanged else []
        parts.append((EFFECTS, notes, _effects_table(difference)))
    elif difference.changes:
        parts.append((EFFECTS, ["No bill changes."], None))
    for new in difference.added:
        beside = f" beside {new.kin}" if new.kin else ""
        parts.append((f"New sheet {new.id}: bills{beside}", [], _new_bills(new)))
        parts.append((f"New sheet {new.id}: rates{beside}", [], _new_rates(new)))
    if difference.changes:
        parts.append(("Rates and terms", [], _changes_table(difference)))
    return parts


def _joined(blocks: Sequence[Block], limit: int | None, command: str) -> str:
    """All blocks, or as many rows as fit into `limit` bytes and a last line about the others."""
    told = "\n{} rows were cut to fit here; `" + command + "` prints all."
    left = None if limit is None else limit - len(told.format(f"{sum(len(block.rows) for block in blocks):,}").encode())
    lines: list[str] = []
    cut = 0
    for block in blocks:
        for number, row in enumerate(block.rows):
            added = [*block.head, row] if number == 0 else [row]
            size = sum(len(line.encode()) + 1 for line in added)
            if left is not None and (cut or size > left):
                cut += 1
                continue
            lines += added
            left = None if left is None else left - size
    return "\n".join([*lines, *([told.format(f"{cut:,}")] if cut else [])])


def _corrections(difference: Difference) -> list[str]:
    counts = Counter(change.model for change in difference.corrections)
    listed = [
        f"{model} ({number:,} {'rate or term' if number == 1 else 'rates and terms'})"
        for model, number in counts.items()
    ]
    return [f"CORRECTS CARDS IN FORCE: {_listed(listed)}. ANSWERS ABOUT THE PAST CHANGE."] if counts else []


def _far(difference: Difference) -> dict[str, list[str]]:
    """Every rate and term that is over `FAR` times as much or as little, and the worst such bill of each model; those
    without a factor first."""
    kin = {new.id: f" beside {new.kin}" for new in difference.added}
    terms, bills = dict[tuple[object, ...], list[Change]](), dict[str, tuple[float, str]]()
    for change in [*difference.changes, *(each for new in difference.added for each in new.rates)]:
        if change.is_far:
            key = (change.model, change.name, change.row and row_name(change.row), change.old, change.new)
            terms.setdefault(key, []).append(change)
    lines = [(_distance(alike[0].factor), _far_term(alike, kin)) for alike in terms.values()]
    for effect in [*difference.effects, *(each for new in difference.added for each in new.bills)]:
        if far(effect.factor):
            moved = f"{_bill(effect, effect.before, 0)} -> {_bill(effect, effect.after, 1)}{_times(effect.factor)}"
            line = f"{effect.model}{kin.get(effect.model, '')}: {_workload(effect)}: {moved}"
            bills[effect.model] = max(bills.get(effect.model, (0.0, "")), (_distance(effect.factor), line))
    groups = {"rates and terms": lines, "models with such bills": bills.values()}
    return {what: [line for _, line in sorted(group, reverse=True)] for what, group in groups.items()}


def _far_term(alike: Sequence[Change], kin: Mapping[str, str]) -> str:
    """The same change of one or several cards, the last of which is named."""
    change = alike[-1]
    where = f"{change.model} {change.name}" + (f" ({row_name(change.row)})" if change.row else "")
    since = f" from {show_instant(change.effective)}" if change.effective else ""
    also = f" and in {len(alike) - 1} more" if len(alike) > 1 else ""
    beside = kin.get(change.model, since + also)
    moved = f"{_value(change, change.old, 0)} -> {_value(change, change.new, 1)}{_times(change.factor)}"
    return f"{where}{beside}: {moved}"


def _distance(factor: Fraction | None) -> float:
    return float(max(factor, 1 / factor)) if factor else float("inf")


def _times(factor: Fraction | None) -> str:
    return f" ({_moved(factor)})" if factor else ""


def _event(event: Event) -> str:
    day = show_instant(event.effective)
    if event.what == "new card":
        begun = ", which has begun: answers since then change" if event.begun else ""
        return f"New rate card: {event.model} from {day} ({event.status}){begun}."
    if event.what == "cancelled":
        return f"CANCELLED: {event.model}: the rates announced for {day} do not come into force."
    if event.what == "withdrawn":
        return f"WITHDRAWN: {event.model} is not sold from {day} on."
    return f"{event.what.upper()}: {event.model} of {day}."


def _added(new: NewSheet) -> str:
    beside = f"shown beside {new.kin} ({new.why})" if new.kin else "without a relative to be shown beside"
    cards = "1 rate card" if new.cards == 1 else f"{new.cards} rate cards, of which the one of {show_instant(new.at)}"
    return f"New sheet: {new.id}, {cards} {beside}."


def _lost_names(difference: Difference) -> dict[str, list[str]]:
    lost: dict[str, list[str]] = {}
    known = {change.new for change in difference.changes if change.name.startswith("aliases")}
    for change in difference.changes:
        if change.name.startswith("aliases") and change.new is None and change.old not in known:
            lost.setdefault(change.model, []).append(str(change.old))
    return lost


def _unchanged(difference: Difference) -> list[str]:
    changed = {effect.reference.name for effect in difference.effects}
    return [reference.name for reference in REFERENCES if reference.name not in changed]


def _changes_table(difference: Difference) -> Table:
    rows = [
        [
            change.model,
            show_instant(change.effective) if change.effective else "",
            row_name(change.row) if change.row else "",
            change.name,
            _value(change, change.old, 0),
            _value(change, change.new, 1),
            _moved(change.factor),
            _mark(change),
        ]
        for change in difference.changes
    ]
    return Table(["model", "from", "row", "rate or term", "old", "new", "change", ""], rows, ("old", "new", "change"))


def _mark(change: Change) -> str:
    return " ".join(["CORRECTION"] * change.correction + [f"OVER {FAR}x"] * change.is_far)


def _effects_table(difference: Difference) -> Table:
    rows = [
        [
            effect.model,
            show_instant(effect.at.replace(second=0, microsecond=0)),
            _workload(effect),
            _bill(effect, effect.before, 0),
            _bill(effect, effect.after, 1),
            _moved(effect.factor),
            _effect_mark(effect),
        ]
        for effect in difference.effects
    ]
    return Table(["model", "at", "workload", "before", "after", "change", ""], rows, ("before", "after", "change"))


def _effect_mark(effect: Effect) -> str:
    return " ".join(["FLIPS"] * effect.flips + [f"OVER {FAR}x"] * far(effect.factor))


def _new_bills(new: NewSheet) -> Table:
    rows = [
        [_workload(each), _bill(each, each.after, 1), _bill(each, each.before, 0), _moved(each.factor)]
        for each in new.bills
    ]
    return _beside(["workload"], new, rows)


def _new_rates(new: NewSheet) -> Table:
    rows = [
        [
            row_name(each.row) if each.row else "",
            each.name,
            _value(each, each.new, 1),
            _value(each, each.old, 0),
            _moved(each.factor),
        ]
        for each in new.rates
    ]
    return _beside(["row", "rate"], new, rows)


def _beside(headings: list[str], new: NewSheet, rows: list[list[str]]) -> Table:
    figures = [new.id, new.kin or "", "against it"]
    table = Table([*headings, *figures], rows, figures)
    return table if new.kin else table.without(*figures[1:])


def _workload(effect: Effect) -> str:
    where = [
        effect.strategy and f"as {effect.strategy}",
        effect.service and f"service {effect.service}",
        effect.region and f"region {effect.region}",
    ]
    return ", ".join([effect.reference.name, *filter(None, where)])


def _bill(effect: Effect, bill: tuple[str, Decimal] | None, side: int) -> str:
    return f"{amount(bill[1], effect.currencies[side])} {bill[0]}" if bill else "not served"


def _value(change: Change, value: object | None, side: int) -> str:
    if change.is_rate:
        return rate(value, change.currencies[side]) if isinstance(value, Decimal) else "not sold"
    text = "none" if value is None else " ".join(term(value).split())
    return f"`{text.replace('`', '')}`" if isinstance(value, str) and " " in text else text


def _moved(factor: Fraction | None) -> str:
    """`+20%`, `x10` or `÷1,000` where it is far."""
    if factor is None or factor == 1:
        return "" if factor is None else "the same"
    if far(factor) and factor:
        return f"x{_rounded(factor)}" if factor > 1 else f"÷{_rounded(1 / factor)}"
    return f"{'-' if factor < 1 else '+'}{percent(factor - 1)}"


def _rounded(factor: Fraction) -> str:
    return f"{money.rounded(factor, 0 if factor >= FAR * 2 else 1):,f}"


def _change_cells(kind: str, change: Change) -> list[str]:
    told = record(ChangeRecord, change)
    cells = [kind, *(told[key] or "" for key in ("model", "effective", "row", "line", "old", "new", "ratio"))]
    return [*cells, _mark(change)]


def _digits(value: object | None) -> str | None:
    return None if value is None else plain(value) if isinstance(value, Decimal | int) else term(value)


def _effect_cells(kind: str, effect: Effect) -> list[str]:
    bills = [f"{plain(bill[1])} {bill[0]}" if bill else "" for bill in (effect.before, effect.after)]
    ratio = plain(None if effect.factor is None else effect.factor - 1) or ""
    return [kind, effect.model, show_instant(effect.at), "", _workload(effect), *bills, ratio, _effect_mark(effect)]


def _models(effects: Iterable[Effect]) -> list[str]:
    return sorted({effect.model for effect in effects})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_some(names, "and {} more"))


def _some(lines: Sequence[str], rest: str) -> list[str]:
    """The first few, and how many more there are."""
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([rest.format(f"{more:,}")] if more > 0 else [])]
