"""`cachecost curve`: cost against the number of queries, for every strategy of one model."""

from __future__ import annotations

from typing import Annotated

from ... import clock
from ...output import csv, records
from ...output.answers.curve import chart as draw_chart
from ...output.answers.curve import estimate_in_words, markdown, points_table
from ...output.screen import Screen
from ...questions.words import SPAN, Question, points_of
from ...sweep.curve import curve as draw
from .. import options
from ..flags import with_words, workload
from ..options import Format

MAX_POINTS = 100_000
Span = Annotated[str, options.flag(SPAN)]


@with_words
def curve(
    words: Question,
    model: options.Model,
    queries: Span = "1..20",
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Cost against the number of queries, a line a strategy; a chart in a terminal, or CSV, or JSON.

    Example: cachecost curve gemini-2.5-pro --context 100K --queries 1..20
    """
    points = points_of(queries, MAX_POINTS)
    catalog = options.catalog(prices)
    sheet = catalog.sheet(model)
    asked = words.assumptions(options.evictions(words.eviction, catalog.folder))
    tokens, counted, ends = options.context_tokens(words.context, words.file, sheet, catalog.folder)
    words.without("queries", "turns", "times")
    work = workload(words.instead(queries=str(points[-1])), tokens)
    drawn = draw(sheet, work, points, assumptions=asked, strategies=strategy, today=clock.today(), counted=ends)
    if drawn.refusal:
        raise drawn.refusal.error(sheet.id)
    if chart:
        from ...output.vega import curve_spec, save

        save(curve_spec(drawn), *chart)
    if json or format is Format.json:
        options.emit(options.as_json(records.of_curve(drawn)), out)
    elif format is Format.csv:
        options.emit(csv.of_curve(drawn).as_csv(), out)
    elif format is Format.markdown:
        options.emit(markdown(drawn, counted), out)
    elif out:
        options.emit_table(points_table(drawn), format, out)
    else:
        screen = Screen()
        if counted:
            screen.paragraph(counted)
        if ends:
            screen.paragraph(estimate_in_words(drawn))
        draw_chart(drawn, screen)
        options.show(screen, None)
