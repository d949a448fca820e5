"""`cachecost compare`: what do N queries over a context cost, under every strategy of one or more models?"""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import typer

from ... import clock
from ...bills.comparison import compare as compared
from ...money import Number
from ...output.answers.comparison import reply
from ...output.figures import plain
from ...output.reply import Reply, counting, sourced
from ...questions import reading
from ...questions.word import SWITCH
from ...questions.words import BUDGET, PER, Question
from .. import options
from ..progress import message


@options.answered
def compare(
    models: options.Models,
    words: Question,
    strategy: options.Strategies = [],  # noqa: B006
    per: Annotated[str, options.flag(PER)] = "total",
    budget: Annotated[str, options.flag(BUDGET)] = "",
    prices: options.Prices = None,
    all_strategies: Annotated[bool, typer.Option("--all-strategies", help="A row for every strategy.")] = False,
    lines: Annotated[bool, typer.Option("--lines", help="Show the line items of each bill.")] = False,
    verbose: options.Verbose = False,
    *,
    switch: Annotated[dict[str, Any], SWITCH],
    fail_over: Annotated[
        str, typer.Option(metavar="MONEY", help="Exit 1 if the cheapest bill is above this: 5, 0.25.")
    ] = "",
) -> Reply:
    """Compare no cache with every way of caching, over N queries.

    cachecost compare claude gemini gpt -c 150K -n 50
    cachecost compare claude-opus -f contract.pdf -n 20 --every 4m
    cachecost compare gemini-2.5-pro -c 100K --as-of 2026-11-01 --format csv
    """
    limit = reading.maybe("fail_over", reading.price, fail_over)
    words = words.projected(per)
    asks, assumptions, counted, how = options.ask(words, models, prices)
    if any(switch.values()):
        from ...output.answers.switch import reply as switch_reply
        from ...questions.switch import switched

        catalog = options.catalog(prices, words.discount, words.terms)
        sheet = partial(options.sheet, catalog, at=asks[0][1].start)
        two = switched(switch, asks, sheet, assumptions, strategy, catalog.folder)
        totals = [two.before + two.costs(each) for each in (two.stay, two.switch)]
        return _within(counting(switch_reply(two), how), limit, min(totals), asks[0][0].currency)
    today = clock.today()
    money = reading.maybe("budget", reading.price, budget)
    comparison = compared(
        asks, today=today, assumptions=assumptions, strategies=strategy, counted=counted, budget=money
    )
    answer = reply(
        comparison,
        lines=lines,
        every=all_strategies,
        verbose=verbose,
        per=per,
        factor=words.factor(per, comparison.workload),
    )
    answer = counting(answer, how)
    if verbose:
        from ...catalog.confirmed import confirmed  # for those alone who want to see all

        catalog, at = options.catalog(prices), asks[0][1].start
        names = dict.fromkeys(each.sheet.id for each in comparison.answers if not each.sheet.meter.cards)
        # As listed: the sheets of an answer may have the customer's terms or another currency.
        lines_of = ((name, confirmed(catalog.folder, catalog.sheet(name), at)) for name in names)
        answer = sourced(answer, [f"{name}: {text[0].lower()}{text[1:]}" for name, text in lines_of if text])
    if not comparison.served:
        return answer
    return _within(answer, limit, comparison.best.total, comparison.best.sheet.currency)


def _within(answer: Reply, limit: Decimal | None, cheapest: Number, currency: str) -> Reply:
    """The answer, with exit code 1 and a message where the cheapest bill is over a limit."""
    if limit is None or cheapest <= limit:
        return answer
    message(f"the cheapest bill, {plain(cheapest)} {currency}, is over {plain(limit)}; see --fail-over")
    return answer._replace(exit_code=1)
