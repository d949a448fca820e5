"""`cachecost compare`: what do N queries over a context cost, under every strategy of one or more models?"""

from __future__ import annotations

from typing import Annotated

import typer

from ... import clock
from ...bills.comparison import compare as compared
from ...output.answers.comparison import reply
from ...output.figures import plain
from ...output.reply import Reply
from ...questions import reading
from ...questions.words import Question
from .. import options
from ..flags import answered, ask
from ..messages import message


@answered
def compare(
    models: options.Models,
    words: Question,
    strategy: options.Strategies = [],  # noqa: B006
    prices: options.Prices = None,
    all_strategies: Annotated[bool, typer.Option("--all-strategies", help="A row for every strategy.")] = False,
    lines: Annotated[bool, typer.Option("--lines", help="Show the line items of each bill.")] = False,
    verbose: options.Verbose = False,
    fail_over: Annotated[
        str, typer.Option(metavar="MONEY", help="Exit 1 if the cheapest bill is above this: 5, 0.25.")
    ] = "",
) -> Reply:
    """Compare no cache with every way of caching, over N queries.

    cachecost compare claude gemini gpt -c 150K -n 50
    cachecost compare claude-opus -f contract.pdf -n 20 --every 4m
    cachecost compare gemini-2.5-pro -c 100K --as-of 2026-11-01 --format csv
    """
    budget = reading.maybe("fail_over", options.price, fail_over)
    asks, assumptions, counted, how = ask(words, models, prices)
    today = clock.today()
    comparison = compared(asks, today=today, assumptions=assumptions, strategies=strategy, counted=counted)
    answer = reply(comparison, how, lines=lines, every=all_strategies, verbose=verbose)
    if comparison.served and budget is not None and comparison.best.total > budget:
        bill = f"{plain(comparison.best.total)} {comparison.best.sheet.currency}"
        message(f"the cheapest bill, {bill}, is over {plain(budget)}; see --fail-over")
        return answer._replace(exit_code=1)
    return answer
