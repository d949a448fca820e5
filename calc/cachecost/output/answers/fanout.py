"""Parallel first requests for people and programs."""

from __future__ import annotations

from ...advice.fanout import Fanned, Fanout
from ..figures import amount, cited, count, plain
from ..records import SCHEMA_VERSION, Record
from ..screen import Screen
from ..table import Table


def on_screen(found: Fanout) -> Screen:
    """The whole answer for a terminal or a pipe; its sentence comes last."""
    screen = Screen()
    screen.paragraph(head(found), "bold")
    screen.text("")
    if found.found:
        screen.table(table(found))
        screen.text("")
    for note in notes(found):
        screen.paragraph(note, "dim")
    screen.text("")
    screen.paragraph(sentence(found), "bold", indent="")
    return screen


def markdown(found: Fanout) -> str:
    """The same as markdown."""
    return "\n\n".join([head(found), table(found).as_markdown(), *notes(found), f"**{sentence(found)}**"])


def head(found: Fanout) -> str:
    later = f", then {count(found.later)} more" if found.later else ""
    noun = "first request" if found.requests == 1 else "first requests"
    return f"{count(found.requests)} {noun} over {count(found.workload.context)} tokens{later}"


def table(found: Fanout) -> Table:
    """A row a strategy: all at once, one first, and fresh."""
    currency = found.sheet.currency
    rows = [
        [each.strategy, *(amount(total, currency) for total in (each.together, each.seeded, each.fresh)), _pays(each)]
        for each in found.found
    ]
    headings = ["strategy", "all at once", "one first", "fresh", "at once pays after"]
    return Table(headings, rows, headings[1:], spare=("at once pays after",))


def _pays(each: Fanned) -> str:
    return "never" if each.pays_after is None else f"{each.pays_after:,} more" if each.pays_after else "at once"


def notes(found: Fanout) -> list[str]:
    wait = "One first: the others wait until its answer begins; that time is not known to a price sheet."
    return [wait, "Assumed: requests sent at once all miss; every later one hits.", cited(found.sheet, found.version)]


def sentence(found: Fanout) -> str:
    """`Send one first: 10 requests cost $0.88 with written:5m instead of $5.00 all at once; fresh they cost $4.00.`"""
    best, currency = found.best, found.sheet.currency
    total = found.requests + found.later
    many = f"{count(total)} {'request costs' if total == 1 else 'requests cost'}"
    if best is None:
        return f"No cache is sold that a request fills: {many} {amount(found.fresh, currency)} fresh."
    totals = [amount(total, currency) for total in (best.seeded, best.together, best.fresh)]
    if best.fresh <= best.seeded:
        return (
            f"Send them fresh: {many} {totals[2]}, with {best.strategy} {totals[0]} after one, {totals[1]} all at once."
        )
    instead = f"instead of {totals[1]} all at once; fresh {totals[2]}."
    return f"Send one first: {many} {totals[0]} with {best.strategy} {instead}"


def of_fanout(found: Fanout) -> Record:
    """The answer for machines."""
    work = found.workload
    return {
        "schema_version": SCHEMA_VERSION,
        "model": found.sheet.id,
        "version": found.version,
        "currency": found.sheet.currency,
        "context": work.context,
        "question": work.question,
        "answer": work.answer,
        "requests": found.requests,
        "then": found.later,
        "fresh": plain(found.fresh),
        "strategies": [_of_one(each) for each in found.found],
        "sentence": sentence(found),
    }


def _of_one(each: Fanned) -> Record:
    return {
        "strategy": each.strategy,
        "all_at_once": plain(each.together),
        "one_first": plain(each.seeded),
        "fresh": plain(each.fresh),
        "saved_by_one_first": plain(each.saved),
        "at_once_pays_after": each.pays_after,
    }


def exact_table(found: Fanout) -> Table:
    """Every digit, for CSV."""
    keys = "strategy all_at_once one_first fresh saved_by_one_first at_once_pays_after".split()
    lead = [found.sheet.id, found.version, found.sheet.currency]
    rows = [[*lead, *("" if value is None else str(value) for value in _of_one(each).values())] for each in found.found]
    return Table(["model", "version", "currency", *keys], rows)
