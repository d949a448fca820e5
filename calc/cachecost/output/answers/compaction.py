"""When a summary pays for itself, for people and programs."""

from __future__ import annotations

from fractions import Fraction

from ...advice.compaction import Compacted, Compaction
from ..figures import amount, cited, count, ordinal, percent, plain
from ..records import SCHEMA_VERSION, Record
from ..screen import Screen
from ..table import Table


def on_screen(found: Compaction, ahead: int | None = None) -> Screen:
    """The whole answer for a terminal or a pipe; its sentence comes last."""
    screen = Screen()
    screen.paragraph(head(found), "bold")
    screen.text("")
    screen.table(table(found, ahead))
    screen.text("")
    for note in notes(found):
        screen.paragraph(note, "dim")
    screen.text("")
    screen.paragraph(sentence(found, ahead), "bold", indent="")
    return screen


def markdown(found: Compaction, ahead: int | None = None) -> str:
    """The same as markdown."""
    return "\n\n".join([head(found), table(found, ahead).as_markdown(), *notes(found), f"**{sentence(found, ahead)}**"])


def head(found: Compaction) -> str:
    share = percent(Fraction(found.summary, found.context))
    return f"{count(found.context)} tokens replaced by a summary of {count(found.summary)} ({share})"


def table(found: Compaction, ahead: int | None) -> Table:
    """A row a strategy and kind of call."""
    currency = found.sheet.currency
    rows = [
        [
            each.strategy,
            _finds(each, found),
            amount(each.cost, currency),
            amount(each.before, currency),
            amount(each.after, currency),
            "never" if each.turns is None else f"{each.turns:,}+",
            *([amount(each.ahead(ahead), currency)] if ahead is not None else []),
        ]
        for each in found.found
    ]
    later = [f"{ahead:,} turns save"] if ahead is not None else []
    headings = ["strategy", "the call", "costs", "a turn before", "after", "pays for turns", *later]
    return Table(headings, rows, headings[2:], spare=("a turn before", "after"))


def _finds(each: Compacted, found: Compaction) -> str:
    """Whether the call reads the cache; a dash where there is nothing to find."""
    alone = sum(other.strategy == each.strategy for other in found.found) == 1
    return "-" if alone else "hits" if each.hits else "misses"


def notes(found: Compaction) -> list[str]:
    left = [f"! left out: {each}" for each in found.left_out]
    assumed = (
        "Assumed: the call sends the context and answers the summary, which is written once; every later turn hits."
    )
    added = "What the turns themselves add costs the same either way; that a summary loses something is not priced."
    return [*left, assumed, added, cited(found.sheet, found.version)]


def sentence(found: Compaction, ahead: int | None = None) -> str:
    """`Compacting pays from the 9th later turn on with written:5m, from the 17th where the call misses.`"""
    cached = [each for each in found.found if each.strategy != "fresh"] or list(found.found)
    first = cached[0]
    miss = next((each for each in cached if each.strategy == first.strategy and not each.hits), None)
    if first.turns is None:
        return f"Compacting never pays with {first.strategy}: a turn costs no less after it."
    missed = f", from the {ordinal(miss.turns)} where the call misses" if miss and miss.turns is not None else ""
    told = f"Compacting pays from the {ordinal(first.turns)} later turn on with {first.strategy}{missed}"
    if ahead is None:
        return f"{told}."
    left = first.ahead(ahead)
    what = "saved" if left >= 0 else "still to be earned"
    return f"{told}; after {ahead:,} turns {amount(abs(left), found.sheet.currency)} are {what}."


def of_compaction(found: Compaction, ahead: int | None) -> Record:
    """The answer for machines."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": found.sheet.id,
        "version": found.version,
        "currency": found.sheet.currency,
        "context": found.context,
        "summary": found.summary,
        "ahead": ahead,
        "strategies": [_of_one(each, ahead) for each in found.found],
        "left_out": list(found.left_out),
        "sentence": sentence(found, ahead),
    }


def _of_one(each: Compacted, ahead: int | None) -> Record:
    return {
        "strategy": each.strategy,
        "call_hits": each.hits,
        "call": plain(each.call),
        "cache_write": plain(each.written),
        "turn_before": plain(each.before),
        "turn_after": plain(each.after),
        "saved_per_turn": plain(each.saved),
        "turns": each.turns,
        "exact_turns": plain(each.exact_turns),
        "savings_ahead": None if ahead is None else plain(each.ahead(ahead)),
    }


def exact_table(found: Compaction, ahead: int | None) -> Table:
    """Every digit, for CSV."""
    records = [_of_one(each, ahead) for each in found.found]
    lead = [found.sheet.id, found.version, found.sheet.currency, str(found.context), str(found.summary)]
    headings = ["model", "version", "currency", "context", "summary", *records[0]]
    return Table(headings, [[*lead, *map(_text, record.values())] for record in records])


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
