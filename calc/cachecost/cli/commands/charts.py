"""`cachecost curve` and `sweep`: how bills change with the number of queries, or with other words of the question."""

from typing import Annotated

import typer

from ... import clock
from ...bills.comparison import refuse_mixed
from ...output.answers.curve import reply as curves_reply
from ...output.answers.sweep import reply as sweep_reply
from ...output.reply import Reply, counting
from ...output.vega import curves_spec, grid_spec, save
from ...questions.axes import axes_of, begun
from ...questions.words import SPAN, Question, number_marked, points_of
from ...sweep.curve import curves
from ...sweep.grid import Grid
from ...sweep.lines import AXES
from .. import options

MAX_POINTS = 100_000
FEW = "1..20"
"""The numbers of queries where neither they nor the turns of a conversation are said."""
HELP = f"Such as every=1m..2h. Once or twice; every=1m..2h:30 has 30 points. Axes: {', '.join(AXES)}."


@options.answered
def curve(
    models: options.Models,
    words: Question,
    queries: Annotated[str, options.flag(SPAN)] = FEW,
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
) -> Reply:
    """Draw cost against the number of queries: a chart, CSV or JSON.

    cachecost curve gemini-2.5-pro -c 100K -n 1..20
    cachecost curve claude-opus -c 100K -n 1..10K:500 --chart curve.svg
    cachecost curve claude gemini gpt -c 150K -n 50
    """
    words.without("queries", "times", "for_")
    if queries != FEW:
        words.without("queries", "turns")
    queries = words.turns if words.turns else queries
    points = points_of(queries, MAX_POINTS)
    asked, last = number_marked(queries, points), str(points[-1])
    asks, assumptions, counted, how = options.ask(
        words.instead(queries=last, turns=words.turns and last), models, prices
    )
    refuse_mixed(sheet for sheet, _ in asks)
    drawn, left_out = curves(
        asks, points, assumptions=assumptions, strategies=strategy, today=clock.today(), counted=counted
    )
    if chart:
        save(curves_spec(drawn, asked), *chart)
    return counting(curves_reply(drawn, left_out, words.service, asked), how)


@options.answered
def sweep(
    model: options.Model,
    words: Question,
    sweep: Annotated[list[str], typer.Option(metavar="AXIS=FROM..TO", help=HELP)] = [],  # noqa: B006
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
) -> Reply:
    """Vary one or two words of the question: a table or a map.

    cachecost sweep claude-opus -c 100K --sweep every=1m..2h
    cachecost sweep claude-opus --sweep context=10K..1M --sweep every=1m..2h
    cachecost sweep gpt-5.6-luna -c 100K --sweep queries=1..50 --chart map.png
    """
    axes = axes_of(sweep)
    [(sheet, work)], assumptions, counted, how = options.ask(begun(words, axes), [model], prices)
    ends = counted.get(sheet.id)
    grid = Grid(sheet, work, assumptions, axes, strategies=strategy, today=clock.today(), counted=ends)
    if chart:
        save(grid_spec(grid), *chart)
    return counting(sweep_reply(grid), how)
