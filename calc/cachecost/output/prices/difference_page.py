"""A difference of price sheets for people, cut where a comment on a pull request has no room for more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from ... import money
from ...review.diff import Change, Difference, Event, NewSheet
from ...review.effects import FAR, REFERENCES, Effect, far
from ...units import show_instant
from ..escapes import in_markdown
from ..figures import amount, listed, many, percent, plain, rate
from ..screen import Screen
from ..table import Table
from .sheets import row_name, term

MARK = "<!-- cachecost prices diff -->"
"""Stands first in the markdown, so that one comment can be found again and updated in place."""
SHOWN = 10
"""Most names or loud lines of a kind in the summary; the tables have all."""
EFFECTS = "Effect on five reference workloads"
CHANGES = {"model": "model", "from": "at", "row": "row", "rate or term": "what", "old": "old", "new": "new"}
BILLS = {"model": "model", "at": "at", "workload": "what", "before": "old", "after": "new"}
"""Heading of a table -> the cell of a change or of a bill that stands below it."""
MOVED = {"change": "moved", "": "mark"}


class DifferencePage(NamedTuple):
    """The page of a difference, of at most `limit` bytes; `command` prints what had to be cut."""

    difference: Difference
    limit: int | None = None
    command: str = "cachecost prices diff"

    def on_screen(self) -> Screen:
        screen = Screen()
        screen.text(self._text(markdown=False))
        return screen

    def markdown(self) -> str:
        """For a comment on a pull request."""
        return self._text(markdown=True)

    def _text(self, *, markdown: bool) -> str:
        """All lines, or as many rows as fit into `limit` bytes and a last line about the others."""
        rows = [
            "\n".join([*head, row] if place == 0 else [row])
            for head, rows in _blocks(self.difference, markdown)
            for place, row in enumerate(rows)
        ]

        def rest(cut: int) -> str:
            return f"\n{cut:,} rows were cut to fit here; `{self.command}` prints all."

        space = float("inf") if self.limit is None else self.limit - len(rest(len(rows)).encode())
        fit = sum(size <= space for size in accumulate(len(row.encode()) + 1 for row in rows))
        return "\n".join([*rows[:fit], *([rest(len(rows) - fit)] if fit < len(rows) else [])])


def _blocks(difference: Difference, markdown: bool) -> Iterator[tuple[list[str], list[str]]]:
    """The parts of the page: a head, which is only shown with a row, and rows, after any of which it can be cut."""
    happened = summary(difference)
    yield ([MARK, "### What changes"], [f"- {in_markdown(line)}" for line in happened]) if markdown else ([], happened)
    for title, notes, part in _sections(difference):
        heads = 0 if isinstance(part, str) else 2 if markdown else 1
        whole = part if isinstance(part, str) else part.as_markdown() if markdown else part.as_text()
        lines = whole.splitlines()
        above = ["", f"#### {in_markdown(title)}", "", *(line for note in notes for line in (in_markdown(note), ""))]
        yield [*(above if markdown else ["", title, *notes]), *lines[:heads]], lines[heads:]


def _sections(difference: Difference) -> Iterator[tuple[str, list[str], Table | str]]:
    """Title, sentences and table of each part, the most telling first."""
    if difference.effects:
        names = unchanged(difference)
        notes = [f"Not shown, because nothing changed there: {'; '.join(names)}."] if names else []
        table = table_of(BILLS | MOVED, map(cells_of, difference.effects), ("before", "after", "change"))
        yield EFFECTS, notes, table
    elif difference.changes:
        yield EFFECTS, [], "No bill changes."
    for new in difference.added:
        figures = {new.id: "new"} | ({new.kin: "old", "against it": "moved"} if new.kin else {})
        title = f"New sheet {new.id}: {{}}" + (f" beside {new.kin}" if new.kin else "")
        yield (
            title.format("bills"),
            [],
            table_of({"workload": "what"} | figures, map(cells_of, new.bills), list(figures)),
        )
        columns = {"row": "row", "rate": "what"} | figures
        yield title.format("rates"), [], table_of(columns, map(cells_of, new.rates), list(figures))
    if difference.changes:
        table = table_of(CHANGES | MOVED, map(cells_of, difference.changes), ("old", "new", "change"))
        yield "Rates and terms", [], table


def summary(difference: Difference) -> list[str]:
    """What happened, a sentence each, the loud ones first."""
    lines: list[str] = []
    if counts := Counter(change.model for change in difference.changes if change.correction):
        models = [f"{model} ({many(number, 'rate or term', 'rates and terms')})" for model, number in counts.items()]
        lines.append(f"CORRECTS CARDS IN FORCE: {listed(models, SHOWN)}. ANSWERS ABOUT THE PAST CHANGE.")
    for what, far_ones in _far(difference).items():
        lines += [f"OVER {FAR}x: {line}" for line in far_ones[:SHOWN]]
        if (more := len(far_ones) - SHOWN) > 0:
            lines.append(f"OVER {FAR}x: {more:,} more {what}; see the tables.")
    lines += [f"REMOVED: {id_}. Nothing is known by its names any more." for id_ in difference.removed]
    lines += [_event(each) for each in difference.events if each.what != "new card"]
    gone = {each.model for each in difference.events if each.what == "withdrawn"}
    if unserved := {each.model for each in difference.effects if each.before and not each.after} - gone:
        lines.append(f"NOT SERVED ANY MORE: a reference workload of {listed(sorted(unserved), SHOWN)}.")
    lines += [f"NAMES REMOVED: {model}: {', '.join(names)}." for model, names in _lost_names(difference).items()]
    if flips := {each.model for each in difference.effects if each.flips and each.strategy is None}:
        lines.append(f"Another strategy becomes the cheapest: {listed(sorted(flips), SHOWN)}.")
    lines += [_added(each) for each in difference.added]
    lines += [_event(each) for each in difference.events if each.what == "new card"]
    if not lines and not difference.changes:
        lines.append("No changes that affect an answer.")
    if difference.only_notes:
        lines.append(
            f"Only notes, sources or days changed, which affect no answer: {listed(difference.only_notes, SHOWN)}."
        )
    return lines


def _far(difference: Difference) -> dict[str, list[str]]:
    """Every rate and term that is over `FAR` times as much or as little, and the worst such bill of each model; those
    without a factor first."""
    kin = {new.id: f" beside {new.kin}" for new in difference.added}
    terms, bills = dict[tuple[object, ...], list[Change]](), dict[str, tuple[float, str]]()
    for change in [*difference.changes, *(each for new in difference.added for each in new.rates)]:
        if change.far:
            key = (change.model, change.name, change.row and row_name(change.row), change.old, change.new)
            terms.setdefault(key, []).append(change)
    lines = [(_distance(alike[0].factor), _far_term(alike, kin)) for alike in terms.values()]
    for effect in [*difference.effects, *(each for new in difference.added for each in new.bills)]:
        if effect.far:
            line = f"{effect.model}{kin.get(effect.model, '')}: {workload_name(effect)}: {_move(effect)}"
            bills[effect.model] = max(bills.get(effect.model, (0.0, "")), (_distance(effect.factor), line))
    groups = {"rates and terms": lines, "models with such bills": bills.values()}
    return {what: [line for _, line in sorted(group, reverse=True)] for what, group in groups.items()}


def _far_term(alike: Sequence[Change], kin: Mapping[str, str]) -> str:
    """The same change of one or several cards, the last of which is named."""
    change = alike[-1]
    where = f"{change.model} {change.name}" + (f" ({row_name(change.row)})" if change.row else "")
    since = f" from {show_instant(change.effective)}" if change.effective else ""
    also = f" and in {len(alike) - 1} more" if len(alike) > 1 else ""
    return f"{where}{kin.get(change.model, since + also)}: {_move(change)}"


def _move(each: Change | Effect) -> str:
    cells = cells_of(each)
    return f"{cells['old']} -> {cells['new']}" + (f" ({cells['moved']})" if each.factor else "")


def _distance(factor: Fraction | None) -> float:
    return float(max(factor, 1 / factor)) if factor else float("inf")


def _event(event: Event) -> str:
    day = show_instant(event.effective)
    begun = ", which has begun: answers since then change" if event.begun else ""
    texts = {
        "new card": f"New rate card: {event.model} from {day} ({event.status}){begun}.",
        "cancelled": f"CANCELLED: {event.model}: the rates announced for {day} do not come into force.",
        "withdrawn": f"WITHDRAWN: {event.model} is not sold from {day} on.",
    }
    return texts.get(event.what, f"{event.what.upper()}: {event.model} of {day}.")


def _added(new: NewSheet) -> str:
    context = f"shown beside {new.kin} ({new.why})" if new.kin else "without a relative to be shown beside"
    cards = "1 rate card" if new.cards == 1 else f"{new.cards} rate cards, of which the one of {show_instant(new.at)}"
    return f"New sheet: {new.id}, {cards} {context}."


def _lost_names(difference: Difference) -> dict[str, list[str]]:
    names = [change for change in difference.changes if change.name.startswith("aliases")]
    present = {change.new for change in names}
    lost = [(each.model, str(each.old)) for each in names if each.new is None and each.old not in present]
    return {model: [name for each, name in lost if each == model] for model, _ in lost}


def cells_of(each: Change | Effect, *, exact: bool = False) -> dict[str, str]:
    """A change or a bill in words; with `exact` for machines, every digit."""
    factor = each.factor
    change = plain(None if factor is None else factor - 1) or "" if exact else moved(factor)
    if isinstance(each, Change):
        sides = [digits(each.old) or "", digits(each.new) or ""] if exact else [value_of(each, 0), value_of(each, 1)]
        at, row, what = each.effective, row_name(each.row) if each.row else "", each.name
        marks = ["CORRECTION"] * each.correction
    else:
        bills = zip((each.before, each.after), each.currencies, strict=True)
        shown = (bill and f"{plain(bill[1]) if exact else amount(bill[1], unit)} {bill[0]}" for bill, unit in bills)
        sides = [bill or ("" if exact else "not served") for bill in shown]
        at, row, what = each.at if exact else each.at.replace(second=0, microsecond=0), "", workload_name(each)
        marks = ["FLIPS"] * each.flips
    cells = {"model": each.model, "at": show_instant(at) if at else "", "row": row, "what": what, "moved": change}
    return cells | {"old": sides[0], "new": sides[1], "mark": " ".join([*marks, *[f"OVER {FAR}x"] * each.far])}


def table_of(columns: Mapping[str, str], rows: Iterable[Mapping[str, str]], figures: Sequence[str] = ()) -> Table:
    return Table(list(columns), [[row.get(key, "") for key in columns.values()] for row in rows], figures)


def workload_name(effect: Effect) -> str:
    where = {"as": effect.strategy, "service": effect.service, "region": effect.region}
    return ", ".join([effect.reference.name, *(f"{word} {name}" for word, name in where.items() if name)])


def value_of(change: Change, side: int) -> str:
    """The rate or term before (`side` 0) or after (1)."""
    value = change.new if side else change.old
    if change.is_rate:
        return rate(value, change.currencies[side]) if isinstance(value, Decimal) else "not sold"
    return "none" if value is None else " ".join(term(value).split())


def moved(factor: Fraction | None) -> str:
    """`+20%`, `x10` or `÷1,000` where it is far."""
    if factor is None or factor == 1:
        return "" if factor is None else "the same"
    if far(factor) and factor:
        times = max(factor, 1 / factor)
        return f"{'x' if factor > 1 else '÷'}{money.rounded(times, 0 if times >= FAR * 2 else 1):,f}"
    return f"{'-' if factor < 1 else '+'}{percent(factor - 1)}"


def digits(value: object | None) -> str | None:
    return None if value is None else plain(value) if isinstance(value, Decimal | int) else term(value)


def unchanged(difference: Difference) -> list[str]:
    changed = {effect.reference.name for effect in difference.effects}
    return [reference.name for reference in REFERENCES if reference.name not in changed]
