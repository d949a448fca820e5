"""`cachecost curve`: cost against the number of queries, by strategy or by model."""

from __future__ import annotations

from typing import Annotated

from ... import clock
from ...bills.comparison import refuse_mixed
from ...output.answers.curve import reply
from ...output.answers.curves import reply as reply_of_several
from ...output.reply import Reply
from ...output.vega import curve_spec, curves_spec, save
from ...questions.words import SPAN, Question, number_asked, points_of
from ...sweep.curve import curve as draw
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
    curves, refused = [], []
    for sheet, work in asks:
        ends, today = counted.get(sheet.id), clock.today()
        drawn = draw(sheet, work, points, assumptions=assumptions, strategies=strategy, today=today, counted=ends)
        if drawn.refusal:
            refused.append((sheet.id, drawn.refusal))
        else:
            curves.append(drawn)
    if not curves:
        model, refusal = refused[0]
        raise refusal.error(model)
    if len(asks) == 1:
        if chart:
            save(curve_spec(curves[0]), *chart)
        return reply(curves[0], how, asked)
    if chart:
        save(curves_spec(curves, asked), *chart)
    return reply_of_several(curves, [f"{model} {refusal.why}" for model, refusal in refused], how, asked)
