"""A table of many rows with what to know beside it: what was left out, where it comes from, and one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..bills.survey import LeftOut
from .screen import Screen
from .table import Table

FIGURES = ("total", "fresh", "saved", "discount", "pays above", "per hour", "per day", "in 30 days", "tokens")
REASONS = {
    "withdrawn": "withdrawn",
    "not-in-force": "not yet sold then",
    "not-sold": "that do not sell it",
    "not-known": "whose rates for it are not known then",
    "not-yet-sold": "that do not sell it yet",
    "no-longer-sold": "that no longer sell it",
    "context": "with a smaller context",
    "input": "with a smaller context",
    "output": "with shorter answers",
    "currency": "in another currency",
}


def left(left_out: Sequence[LeftOut], few: int = 3) -> Iterator[str]:
    """Each reason once with the number of its models, or with the models where they are few."""
    reasons = [REASONS.get(each.kind, each.kind) for each in left_out]
    for reason, number in Counter(reasons).items():
        if number <= few:
            yield from (
                f"left out: {each.model}: {each.why}"
                for each, its in zip(left_out, reasons, strict=True)
                if its == reason
            )
        else:
            yield f"left out: {number:,} models {reason}"


class Listed(NamedTuple):
    """The table, its notes and sources, and the sentence that ends it."""

    table: Table
    notes: Sequence[str]
    sources: Sequence[str]
    sentence: str
    head: str = ""

    def on_screen(self) -> Screen:
        screen = Screen()
        if self.head:
            screen.paragraph(self.head, "bold")
            screen.text("")
        screen.table(self.table)
        screen.text("")
        for note in self.notes:
            screen.paragraph(f"! {note}", "yellow")
        for line in self.sources:
            screen.paragraph(line, "dim")
        screen.text("")
        screen.paragraph(self.sentence, "bold", indent="")
        return screen

    def markdown(self) -> str:
        told = "\n".join(f"- {note}" for note in self.notes)
        return "\n\n".join(
            filter(None, [self.head, self.table.as_markdown(), told, *self.sources, f"**{self.sentence}**"])
        )
