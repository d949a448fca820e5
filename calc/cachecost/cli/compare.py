"""`cachecost compare`: what do N queries over a context cost, under every strategy of one or more models?"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from .. import ask, clock
from ..compare import compare as compared
from ..render import record
from ..render.comparison import markdown, on_screen, table
from ..render.figures import plain
from . import options
from .options import Format

Strategies = Annotated[
    list[str],
    typer.Option("--strategy", metavar="NAME", help="Only these: fresh, automatic, written:5m, stored. Repeatable."),
]
FailOver = Annotated[
    str,
    typer.Option("--fail-over", metavar="MONEY", help="Exit 1 if the cheapest bill is above this: 5, 0.25."),
]
Lines = Annotated[bool, typer.Option("--lines", help="Show the line items of every answer.")]


def compare(
    models: options.Models,
    context: options.Context = "",
    file: options.File = "",
    queries: options.Queries = "10",
    question: options.Question = "0",
    answer: options.AnswerTokens = "0",
    every: options.Every = "",
    over: options.Over = "",
    rate: options.Rate = "",
    arrivals: options.Arrivals = "even",
    burst: options.Burst = "",
    times: options.Times = "",
    turns: options.Turns = "",
    tools: options.Tools = "0",
    hold: options.Hold = "",
    hit_share: options.HitShare = "",
    strategy: Strategies = [],  # noqa: B006
    creation: options.Creation = "",
    first_query: options.FirstQuery = "reads",
    billed_per: options.BilledPer = "",
    service: options.Service = "standard",
    region: options.Region = "",
    thinking: options.Thinking = False,
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    lines: Lines = False,
    fail_over: FailOver = "",
    format: options.FormatOption = Format.table,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Compare sending a context fresh with caching it, over N queries.

    Example: cachecost compare gemini-2.5-pro --context 100K --queries 10 --answer 500
    """
    catalog = options.catalog(prices)
    sheets = {sheet.id: sheet for sheet in map(catalog.sheet, models)}
    asked = ask.assumptions(
        hit_share=hit_share,
        hold=hold,
        creation=creation,
        first_query=first_query,
        billed_per=billed_per,
        service=service,
        region=region,
        thinking=thinking,
    )
    budget = ask.maybe("fail_over", options.price, fail_over)
    work = ask.workload(
        context=1,
        question=question,
        answer=answer,
        queries=queries,
        every=every,
        over=over,
        rate=rate,
        arrivals=arrivals,
        turns=turns,
        burst=burst,
        times=options.instants(times),
        tools=tools,
        start=options.instant("as_of", as_of),
    )
    asks = []
    notes = []
    for sheet in sheets.values():
        tokens, how = options.context_tokens(context, file, sheet, catalog.folder)
        asks.append((sheet, replace(work, context=tokens)))
        notes += [how] if how and how not in notes else []
    comparison = compared(asks, today=clock.today(), assumptions=asked, strategies=strategy)
    counted = "\n".join(notes)
    if json or format is Format.json:
        found = record.of_comparison(comparison)
        options.emit(options.as_json(found | {"counted": counted or None}), out)
    elif format is Format.csv:
        options.emit(table(comparison, exact=True).as_csv(), out)
    elif format is Format.markdown:
        options.emit(markdown(comparison, counted), out)
    else:
        screen = on_screen(comparison, counted, lines=lines)
        options.show(screen, out)
    if budget is not None and comparison.best.total > budget:
        bill = f"{plain(comparison.best.total)} {comparison.best.sheet.currency}"
        options.message(f"the cheapest bill, {bill}, is over {plain(budget)}; see --fail-over")
        raise typer.Exit(1)
