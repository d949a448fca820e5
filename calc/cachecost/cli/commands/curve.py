"""`cachecost curve`: cost against the number of queries, by strategy or by model."""

from __future__ import annotations

from typing import Annotated

from ... import clock
from ...bills.comparison import refuse_mixed
from ...output.answers.curves import reply
from ...output.reply import Reply
from ...output.vega import curves_spec, save
from ...questions.words import SPAN, Question, number_asked, points_of
from ...sweep.curve import curves
from .. import options
from ..flags import answered, ask

MAX_POINTS = 100_000


@answered
def curve(
    models: options.Models,
    words: Question,
    queries: Annotated[str, options.flag(SPAN)] = "1..20",
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
) -> Reply:
    """Draw cost against the number of queries: a chart, CSV or JSON.

    cachecost curve gemini-2.5-pro -c 100K -n 1..20
    cachecost curve claude-opus -c 100K -n 1..10K:500 --chart curve.svg
    cachecost curve claude gemini gpt -c 150K -n 50
    """
    points = points_of(queries, MAX_POINTS)
    asked = number_asked(queries, points)
    words.without("queries", "turns", "times", "for_")
    asks, assumptions, counted, how = ask(words.instead(queries=str(points[-1])), models, prices)
    refuse_mixed(sheet for sheet, _ in asks)
    drawn, left_out = curves(
        asks, points, assumptions=assumptions, strategies=strategy, today=clock.today(), counted=counted
    )
    if chart:
        save(curves_spec(drawn, asked), *chart)
    return reply(drawn, left_out, words.service, how, asked)
