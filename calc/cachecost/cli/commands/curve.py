"""`cachecost curve`: cost against the number of queries, for every strategy of one model."""

from __future__ import annotations

from typing import Annotated

from ... import clock
from ...output.answers.curve import reply
from ...output.reply import Reply
from ...output.vega import curve_spec, save
from ...questions.words import SPAN, Question, points_of
from ...sweep.curve import curve as draw
from .. import options
from ..flags import answered, ask

MAX_POINTS = 100_000


@answered
def curve(
    model: options.Model,
    words: Question,
    queries: Annotated[str, options.flag(SPAN)] = "1..20",
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    chart: options.Charts = [],  # noqa: B006
) -> Reply:
    """Draw cost against the number of queries: a chart, CSV or JSON.

    cachecost curve gemini-2.5-pro -c 100K -n 1..20
    cachecost curve claude-opus -c 100K -n 1..10K:500 --chart curve.svg
    cachecost curve gpt-5.6-luna -c 100K --every 20m --format csv
    """
    points = points_of(queries, MAX_POINTS)
    words.without("queries", "turns", "times", "for_")
    [(sheet, work)], assumptions, counted, how = ask(words.instead(queries=str(points[-1])), [model], prices)
    ends, today = counted.get(sheet.id), clock.today()
    drawn = draw(sheet, work, points, assumptions=assumptions, strategies=strategy, today=today, counted=ends)
    if drawn.refusal:
        raise drawn.refusal.error(sheet.id)
    if chart:
        save(curve_spec(drawn), *chart)
    return reply(drawn, how)
