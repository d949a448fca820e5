"""`cachecost plan`: which strategy to take, on which model, and what would have to change for another to win."""

from typing import Annotated

import typer

from ... import clock
from ...advice.advice import Advice, across
from ...bills.history import all_history
from ...bills.rents import all_forgotten
from ...output.answers.advice import reply as advice_reply
from ...output.answers.over_history import reply as history_reply
from ...output.answers.survey import rents_reply, reply as survey_reply
from ...output.reply import Reply, counting
from ...questions.words import ALL, FORGOTTEN, MODEL, OVER_HISTORY, Question, refuse_two_scopes
from .. import completion, options
from ..progress import working

MODELS = typer.Argument(metavar="MODEL", help=f"{MODEL.help} One for full advice.", autocompletion=completion.models)
EVERY = typer.Option("--every-strategy", help="Of many models list every strategy, not the best alone.")


@options.answered
def plan(
    models: Annotated[list[str] | None, MODELS] = None,
    *,
    words: Question,
    all_: Annotated[bool, options.flag(ALL)] = False,
    over_history: Annotated[bool, options.flag(OVER_HISTORY)] = False,
    forgotten: Annotated[bool, options.flag(FORGOTTEN)] = False,
    every_strategy: Annotated[bool, EVERY] = False,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Show so many models; json and csv have all.")] = 20,
    verbose: options.Verbose = False,
    prices: options.Prices = None,
) -> Reply:
    """Find the cheapest strategy, and what would make another win.

    cachecost plan claude-sonnet -c 100K -n 10 --every 4m
    cachecost plan claude gemini gpt -c 100K
    cachecost plan --all -c 100K -n 50 --rate 12/h
    """
    refuse_two_scopes(models=bool(models), all=all_, over_history=over_history, forgotten=forgotten)
    each, assumptions, counted, how = options.ask(words, None if all_ else models, prices)
    if over_history:
        eras, left_out = all_history(each, assumptions, counted=counted, today=clock.today())
        return counting(history_reply(eras, each[0][1], left_out, [sheet for sheet, _ in each[:3]]), how)
    if forgotten:
        return counting(rents_reply(*all_forgotten(each, assumptions, counted), top=top), how)
    if len(each) > 1:
        advices = across(each, assumptions, today=clock.today(), counted=counted)
        answer = survey_reply(advices, assumptions.service, top=top, every=every_strategy, verbose=verbose)
        return counting(answer, how)
    with working("looking for what would make another strategy win; fewer queries are quicker"):
        advice = Advice(*each[0], assumptions, today=clock.today(), counted=counted.get(each[0][0].id))
    return counting(advice_reply(advice, verbose=verbose), how)
