"""`cachecost next`: what will the next turn of a live session cost, and is it time to compact, switch or start anew?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Annotated

import typer

from ... import units
from ...advice.ahead import ahead
from ...advice.session import Call
from ...catalog.catalog import Catalog
from ...errors import BadLog
from ...logs.names import Names
from ...logs.tail import last_session, newest
from ...output.answers.ahead import label, reply, statusline
from ...output.figures import amount, plain
from ...output.reply import Reply, emit
from ...prices.sheet import PriceSheet
from ...prices.usage import as_sold
from ...questions import reading
from ...questions.parts import summary
from ...questions.words import TOKEN_RATIO, WORD
from ...strategies.assumptions import Assumptions
from .. import options
from ..flags import answered
from ..messages import message

LOG = typer.Argument(metavar="[LOG]", help="A session's log, or a folder: its newest file (default: of all tools).")
AT = typer.Option("--at", metavar="WHEN", help="When the next turn is asked about (default: now).")
PAUSE = typer.Option("--pause", metavar="DURATION", help="How long until the next turn comes: 20m.")
LEFT = typer.Option("--turns-left", metavar="N", help="How many turns are to come, the next one among them.")
QUESTION = typer.Option("--question", metavar="TOKENS", help="What each turn adds beside the answer before it.")
ANSWER = typer.Option("--answer", metavar="TOKENS", help="Tokens of each answer.")
TO = typer.Option("--to", metavar="SHARE|TOKENS", help="How long a summary is: 10%, 1/20, 15K.")
SWITCH = typer.Option(
    "--switch-to", metavar="MODEL", help="Another model to go on with (default: a smaller sibling). Repeatable."
)
STATUS = typer.Option("--statusline", help="Print one line for a status bar.")
LIMIT = typer.Option("--fail-over", metavar="MONEY", help="Exit 1 if the next turn will likely cost more: 1.00.")


@answered
def next(  # noqa: A001  # the name of the command
    log: Annotated[str, LOG] = "",
    at: Annotated[str, AT] = "",
    pause: Annotated[str, PAUSE] = "",
    turns_left: Annotated[str, LEFT] = "10",
    question: Annotated[str, QUESTION] = "200",
    answer: Annotated[str, ANSWER] = "2K",
    to: Annotated[str, TO] = "10%",
    switch_to: Annotated[list[str], SWITCH] = [],  # noqa: B006
    token_ratio: Annotated[str, options.flag(TOKEN_RATIO)] = "",
    hit_share: Annotated[str, options.flag(WORD["hit_share"])] = "",
    alias: options.Alias = [],  # noqa: B006
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    prices: options.Prices = None,
    status: Annotated[bool, STATUS] = False,
    fail_over: Annotated[str, LIMIT] = "",
) -> Reply | None:
    """Say what the next turn of a session costs, and what to do.

    To continue, compact, switch the model or start anew.

    The session is the last one in LOG. Its cache is cold, warm for some time, or unknown where the vendor does not say.

    Example: cachecost next ~/.claude/projects/-home-u-p/session.jsonl --turns-left 20
    """
    budget = reading.maybe("fail_over", reading.price, fail_over)
    catalog = options.catalog(prices, discount, terms)
    session = last_session(newest([log] if log else _local()))
    last, now = session.last, options.instant("at", at)
    aliases = options.aliases(alias, catalog)
    if not last.model and "" not in aliases:
        raise BadLog(f"{session.log}: its last request names no model; name one with --alias =MODEL")
    sheet = Names(catalog, aliases=aliases).sheet(last.model, last.provider)
    row = sheet.card(now).plain_row()
    calls = [Call(each.at, as_sold(each.usage, row)) for each in session.requests if each.at]
    outlook = ahead(
        sheet,
        calls,
        now=now,
        turns=reading.read("turns_left", units.count, turns_left),
        question=reading.read("question", units.count, question),
        answer=reading.read("answer", units.count, answer),
        pause=reading.read("pause", units.duration, pause or "0s"),
        summary=partial(summary, to),
        others=[] if status else _others(catalog, sheet, switch_to, token_ratio, now),
        hit_share=reading.maybe("hit_share", units.share, hit_share),
        assumptions=Assumptions(service=last.service, region=last.region, thinking=last.thinking),
    )
    likely, code = outlook.ways[0].likely.exact_total(1), 0
    if budget is not None and likely > budget:
        bill = f"{amount(likely, sheet.currency)} for the next turn ({label(outlook.ways[0])})"
        message(f"{bill} is over {plain(budget)}; see --fail-over")
        code = 1
    if status:
        emit(statusline(outlook))
        raise typer.Exit(code)
    return reply(outlook, session.name)._replace(exit_code=code)


def _local() -> list[str]:
    from ..replay_run import local_logs  # loads what a replay needs

    return local_logs()


def _others(
    catalog: Catalog, sheet: PriceSheet, names: Sequence[str], text: str, now: datetime
) -> list[tuple[PriceSheet, Fraction]]:
    """The models to switch to, each with its tokens for one of the session's model."""
    from ...questions.switch import ratio, smaller  # counts tokens

    named = [options.sheet(catalog, name, now) for name in names] or smaller(catalog, sheet, now)
    return [(each, ratio(text, sheet, each, catalog.folder)) for each in named]
