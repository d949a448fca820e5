"""Models side by side, the history of one, and forgotten caches, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..strategy import Assumptions
from ..survey import Best, Era, Forgotten, LeftOut, Survey
from ..workload import Workload
from .advice import ends, per_hour, text
from .comparison import pays_for, question
from .figures import amount, count, percent, plain
from .record import SCHEMA_VERSION, Record, of_workload
from .screen import Screen
from .table import Table

FIGURES = ("total", "fresh", "saved", "discount", "pays above", "per hour", "per day", "in 30 days", "tokens")
REASONS = {
    "withdrawn": "withdrawn",
    "not-in-force": "not yet sold then",
    "not-sold": "that do not sell it",
    "context": "with a smaller context",
    "output": "with shorter answers",
    "currency": "in another currency",
}

# Many models -------------------------------------------------------------


def survey_table(survey: Survey, *, exact: bool = False, top: int | None = None) -> Table:
    """A row a model, cheapest first, as many as `top`."""
    if exact:
        headings = "model version strategy currency total fresh".split()
        rows = [
            [
                each.sheet.id,
                each.version,
                each.strategy,
                survey.currency,
                text(plain(each.total)),
                text(plain(each.fresh)),
            ]
            for each in survey.found
        ]
        return Table(headings, rows)
    shown = [
        [
            each.sheet.id,
            each.strategy,
            amount(each.total, survey.currency),
            amount(each.fresh, survey.currency),
            percent(Fraction(each.fresh - each.total) / Fraction(each.fresh)) if each.fresh else "",
        ]
        for each in survey.found[:top]
    ]
    return Table(["model", "strategy", "total", "fresh", "saved"], shown, FIGURES, spare=("fresh", "saved"))


def head(survey: Survey, assumptions: Assumptions) -> str:
    """The question in one line."""
    lengths = {count(each.workload.context) for each in survey.found}
    return question(survey.found[0].workload, assumptions, lengths)


def survey_notes(survey: Survey, top: int | None = None) -> list[str]:
    hidden = len(survey.found[top:]) if top is not None else 0
    cautions = [f"{each.sheet.id}: {each.card.caution}" for each in survey.found[:top] if each.card.caution]
    return [
        *([f"{hidden:,} dearer models are not shown; see --top"] if hidden else []),
        *cautions,
        *left(survey.left_out),
    ]


def left(left_out: Sequence[LeftOut], few: int = 3) -> Iterator[str]:
    """Each reason once with the number of its models, or with the models where they are few."""
    for kind, number in Counter(each.kind for each in left_out).items():
        why = [f"{each.model}: {each.why}" for each in left_out if each.kind == kind]
        if number <= few:
            yield from (f"left out: {each}" for each in why)
        else:
            yield f"left out: {number:,} models {REASONS.get(kind, kind)}"


def survey_sentence(survey: Survey) -> str:
    """`Cheapest of 431 models is openai/gpt-5-nano, automatic: $0.0116; next is ..., $0.0121 (4.6 % more).`"""
    best, *others = survey.found
    bill = f"{best.sheet.id} with {best.strategy}: {amount(best.total, survey.currency)}"
    if not others:
        return f"Only {bill}."
    second = others[0]
    more = f" ({percent(Fraction(second.total - best.total) / Fraction(best.total))} more)" if best.total else ""
    next_ = f"{second.sheet.id} with {second.strategy}, {amount(second.total, survey.currency)}{more}"
    return f"Cheapest of {len(survey.found):,} models is {bill}; next is {next_}."


def of_survey(survey: Survey) -> Record:
    first = survey.found[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "workload": {key: value for key, value in of_workload(first.workload).items() if key != "context"},
        "currency": survey.currency,
        "models": [_of_best(each, survey.currency) for each in survey.found],
        "left_out": [each._asdict() for each in survey.left_out],
        "sentence": survey_sentence(survey),
    }


def _of_best(each: Best, currency: str) -> Record:
    return {
        "model": each.sheet.id,
        "version": each.version,
        "context": each.workload.context,
        "strategy": each.strategy,
        "currency": currency,
        "total": plain(each.total),
        "fresh": plain(each.fresh),
    }


# The history of models ---------------------------------------------------


def history_table(eras: Sequence[Era], *, exact: bool = False) -> Table:
    """A row a rate card."""
    if exact:
        headings = "version status strategy currency total fresh kept first stable_from rate_per_hour discount".split()
        return Table(headings, [[text(value) for value in _of_era(each).values()] for each in eras])
    rows = [
        [
            each.version.partition("/")[2],
            each.strategy,
            amount(each.total, each.sheet.currency),
            each.kept or "none sold",
            "" if each.kept is None else pays_for(each.break_even),
            "" if each.rate is None else f"{per_hour(each.rate)}/h",
            "" if each.discount is None else percent(each.discount),
        ]
        for each in eras
    ]
    headings = ["rate card", "cheapest", "total", "cache", "pays for N", "pays above", "discount"]
    return Table(headings, rows, FIGURES)


def history_sentence(eras: Sequence[Era]) -> str:
    """`From ...@2024-05-14 to ...@2025-10-01 the break-even rate rose from 1.29 to 4 queries per hour, while the
    discount on a read rose from 50 % to 90 %.`"""
    told = [each for each in eras if each.rate is not None and each.discount is not None]
    if len(told) < 2:
        return f"{len(eras):,} rate {'card' if len(eras) == 1 else 'cards'}; too few of them sell a cache to compare."
    first, last = told[0], told[-1]
    assert first.rate is not None
    assert last.rate is not None
    assert first.discount is not None
    assert last.discount is not None
    moved = _moved(first.rate, last.rate, f"{per_hour(first.rate)}", f"{per_hour(last.rate)}")
    off = _moved(first.discount, last.discount, percent(first.discount), percent(last.discount))
    from_to = f"From {first.version} to {last.version}"
    return f"{from_to} the break-even rate {moved} queries per hour, while the discount on a read {off}."


def _moved(before: Fraction, after: Fraction, first: str, last: str) -> str:
    if before == after:
        return f"stayed at {last}"
    return f"{'rose' if after > before else 'fell'} from {first} to {last}"


def _of_era(each: Era) -> Record:
    first, stable = ends(each.break_even)
    return {
        "version": each.version,
        "status": each.card.status,
        "strategy": each.strategy,
        "currency": each.sheet.currency,
        "total": plain(each.total),
        "fresh": plain(each.fresh),
        "kept": each.kept,
        "first": first,
        "stable_from": stable,
        "rate_per_hour": plain(each.rate),
        "discount": plain(each.discount),
    }


def of_history(eras: Sequence[Era], work: Workload, left_out: Iterable[LeftOut]) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "workload": {key: value for key, value in of_workload(work).items() if key not in ("context", "start")},
        "rate_cards": [_of_era(each) for each in eras],
        "left_out": [each._asdict() for each in left_out],
        "sentence": history_sentence(eras),
    }


# Forgotten caches --------------------------------------------------------


def forgotten_table(found: Sequence[Forgotten], *, exact: bool = False, top: int | None = None) -> Table:
    """A row a model, dearest first."""
    if exact:
        headings = "model version currency tokens hour day days_30".split()
        return Table(headings, [[text(value) for value in _of_forgotten(each).values()] for each in found])
    rows = [
        [
            each.sheet.id,
            count(each.tokens),
            *(amount(rent, each.sheet.currency) for rent in (each.hour, each.day, each.month)),
        ]
        for each in found[:top]
    ]
    return Table(["model", "tokens", "per hour", "per day", "in 30 days"], rows, FIGURES, spare=("tokens",))


def forgotten_sentence(found: Sequence[Forgotten]) -> str:
    """`A cache of 1,000,000 tokens on google/gemini-2.5-pro that nobody deletes costs $108.00 a day.`"""
    each = found[0]
    day, month = amount(each.day, each.sheet.currency), amount(each.month, each.sheet.currency)
    return (
        f"A cache of {count(each.tokens)} tokens on {each.sheet.id} that nobody deletes costs {day} a day, "
        f"{month} in 30 days."
    )


def _of_forgotten(each: Forgotten) -> Record:
    return {
        "model": each.sheet.id,
        "version": each.version,
        "currency": each.sheet.currency,
        "tokens": each.tokens,
        "hour": plain(each.hour),
        "day": plain(each.day),
        "days_30": plain(each.month),
    }


def of_forgotten(found: Sequence[Forgotten], left_out: Iterable[LeftOut]) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "forgotten": [_of_forgotten(each) for each in found],
        "left_out": [each._asdict() for each in left_out],
        "sentence": forgotten_sentence(found),
    }


class Listed(NamedTuple):
    """A table of many rows with what to know and where it comes from, ending in its sentence."""

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
