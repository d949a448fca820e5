"""`cachecost sweep`: how the bill and the cheapest strategy change with one or two words of the question."""

from __future__ import annotations

from typing import Annotated

import typer

from ... import clock
from ...output.answers.sweep import reply
from ...output.reply import Reply
from ...output.vega import grid_spec, save
from ...questions.axes import axes_of, begun
from ...questions.words import Question
from ...sweep.axes import AXES
from ...sweep.grid import sweep as swept
from .. import options
from ..flags import answered, ask

HELP = f"Such as every=1m..2h. Once or twice; every=1m..2h:30 has 30 points. Axes: {', '.join(AXES)}."


@answered
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
    [(sheet, work)], assumptions, counted, how = ask(begun(words, axes), [model], prices)
    ends = counted.get(sheet.id)
    grid = swept(sheet, work, assumptions, axes, strategies=strategy, today=clock.today(), counted=ends)
    if chart:
        save(grid_spec(grid), *chart)
    return reply(grid, how)
