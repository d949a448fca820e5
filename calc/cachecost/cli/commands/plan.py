"""`cachecost plan`: which strategy to take, on which model, and what would have to change for another to win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ... import clock
from ...advice.advice import plan as advise
from ...output.answers.advice import markdown, of_advice, on_screen
from ...output.figures import cited
from ...prices.sheet import PriceSheet
from ...questions.words import ALL, FORGOTTEN, OVER_HISTORY, Question, refuse_two_scopes
from ...strategies.assumptions import Assumptions
from ...workload.workload import Workload
from .. import options
from ..flags import with_words, workload
from ..options import Format
from ..progress import working

if TYPE_CHECKING:
    from ...bills.survey import Tokens
    from ...output.reply import Listed

Models = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL...]", help="google/gemini-2.5-pro, a model, or an alias; one for full advice."),
]
All = Annotated[bool, options.flag(ALL)]
OverHistory = Annotated[bool, options.flag(OVER_HISTORY)]
ForgottenCache = Annotated[bool, options.flag(FORGOTTEN)]
Top = Annotated[int, typer.Option("--top", metavar="N", min=1, help="Show so many models; json and csv have all.")]
EveryStrategy = Annotated[
    bool, typer.Option("--every-strategy", help="Of many models list every strategy, not the best alone.")
]
Asks = Sequence[tuple[PriceSheet, Workload]]


@with_words
def plan(
    words: Question,
    models: Models = None,
    all_: All = False,
    over_history: OverHistory = False,
    forgotten: ForgottenCache = False,
    every_strategy: EveryStrategy = False,
    top: Top = 20,
    prices: options.Prices = None,
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Name the cheapest strategy, by how much it leads, and what would make another win.

    Example: cachecost plan claude-sonnet-4-6 --context 100K --queries 10 --every 4m
    """
    refuse_two_scopes(models=bool(models), all=all_, over_history=over_history, forgotten=forgotten)
    catalog = options.catalog(prices)
    sheets = catalog.sheets() if all_ else {sheet.id: sheet for sheet in map(catalog.sheet, models or ())}.values()
    asked = words.assumptions(options.evictions(words.eviction, catalog.folder))
    work = workload(words)
    asks: list[tuple[PriceSheet, Workload]] = []
    notes: dict[str, None] = {}
    counted: dict[str, tuple[int, int]] = {}
    tokens_on = options.counter(words.context, words.file, catalog.folder)
    for sheet in sheets:
        tokens, how, ends = tokens_on(sheet)
        asks.append((sheet, replace(work, context=tokens)))
        notes |= {how: None} if how else {}
        counted |= {sheet.id: ends} if ends else {}
    chosen = Format.json if json else format
    if over_history:
        _history(asks, asked, chosen, out, counted)
    elif forgotten:
        _forgotten(asks, asked, chosen, out, top)
    elif len(asks) > 1:
        _survey(asks, asked, chosen, out, top, counted, every=every_strategy)
    else:
        _advice(*asks[0], asked, chosen, out, "\n".join(notes), ends)


def _advice(
    sheet: PriceSheet,
    work: Workload,
    asked: Assumptions,
    chosen: Format,
    out: Path | None,
    counted: str,
    ends: tuple[int, int] | None,
) -> None:
    """One model in full."""
    with working("looking for what would make another strategy win; fewer queries are quicker"):
        advice = advise(sheet, work, asked, today=clock.today(), counted=ends)
    if chosen is Format.json:
        options.emit(options.as_json(of_advice(advice) | {"counted": counted or None}), out)
    elif chosen is Format.csv:
        from ...output import csv

        options.emit(csv.of_advice(advice).as_csv(), out)
    elif chosen is Format.markdown:
        options.emit(markdown(advice, counted), out)
    else:
        options.show(on_screen(advice, counted), out)
    if advice.refusal:
        raise typer.Exit(3)


def _survey(
    asks: Asks, asked: Assumptions, chosen: Format, out: Path | None, top: int, counted: Tokens, *, every: bool
) -> None:
    """Many models, each by its best strategy."""
    from ...bills.survey import across
    from ...output.answers import survey as render
    from ...output.reply import Listed

    found = across(asks, asked, counted)
    if chosen is Format.json:
        options.emit(options.as_json(render.of_survey(found)), out)
        return
    if chosen is Format.csv:
        table = render.every_strategy(found) if every else render.survey_table(found, exact=True)
        options.emit(table.as_csv(), out)
        return
    head = render.head(found, asked)
    shown = render.every_strategy(found, top=top) if every else render.survey_table(found, top=top)
    parts = (shown, render.survey_notes(found, top))
    sources = [cited(each.sheet, each.version) for each in found.found[: min(top, 3)]]
    _listed(Listed(*parts, sources, render.survey_sentence(found), head), chosen, out)


def _history(asks: Asks, asked: Assumptions, chosen: Format, out: Path | None, counted: Tokens) -> None:
    """Each model over its rate cards, oldest card first."""
    from ...bills.survey import all_history
    from ...output.answers import over_history as render
    from ...output.reply import Listed, left

    eras, left_out = all_history(asks, asked, counted)
    if chosen is Format.json:
        options.emit(options.as_json(render.of_history(eras, asks[0][1], left_out)), out)
    elif chosen is Format.csv:
        options.emit(render.history_table(eras, exact=True).as_csv(), out)
    else:
        sources = [cited(sheet, f"{sheet.id}, {len(sheet.cards)} rate cards") for sheet, _ in asks[:3]]
        parts = (render.history_table(eras), [*render.history_notes(eras), *left(left_out)], sources)
        _listed(Listed(*parts, render.history_sentence(eras)), chosen, out)
    if all(each.refusal for each in eras):
        raise typer.Exit(3)


def _forgotten(asks: Asks, asked: Assumptions, chosen: Format, out: Path | None, top: int) -> None:
    """The rent of a cache that nobody deletes."""
    from ...bills.survey import all_forgotten
    from ...output.answers import forgotten as render
    from ...output.reply import Listed, left

    found, left_out = all_forgotten(asks, asked)
    if chosen is Format.json:
        options.emit(options.as_json(render.of_forgotten(found, left_out)), out)
        return
    if chosen is Format.csv:
        options.emit(render.forgotten_table(found, exact=True).as_csv(), out)
        return
    sources = [cited(each.sheet, each.version) for each in found[: min(top, 3)]]
    parts = (render.forgotten_table(found, top=top), list(left(left_out)), sources)
    _listed(Listed(*parts, render.forgotten_sentence(found)), chosen, out)


def _listed(found: Listed, chosen: Format, out: Path | None) -> None:
    if chosen is Format.markdown:
        options.emit(found.markdown(), out)
    else:
        options.show(found.on_screen(), out)
