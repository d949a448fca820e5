"""`cachecost next`: what will the next turn of a live session cost, and is it time to compact, switch or start anew?"""

from functools import partial
from typing import Annotated, Any

import typer

from ... import clock
from ...errors import BadUsage
from ...logs.names import Names
from ...logs.tail import last_session, newest
from ...output.answers.ahead import reply
from ...output.answers.statusline import label, statusline
from ...output.figures import amount, plain
from ...output.reply import Reply, emit
from ...questions import reading
from ...questions.ahead import NEXT, looked_ahead
from ...questions.switch import others
from .. import options
from ..progress import message
from ..settings import by_flag

LOG = typer.Argument(metavar="[LOG]", help="A session's log, or a folder: its newest file (default: of all tools).")
STATUS = typer.Option("--statusline", help="Print one line for a status bar.")
LIMIT = typer.Option("--fail-over", metavar="MONEY", help="Exit 1 if the next turn will likely cost more: 1.00.")


@options.answered
def next(  # noqa: A001  # the name of the command
    log: Annotated[str, LOG] = "",
    words: Annotated[dict[str, Any], NEXT] = {},  # noqa: B006
    *,
    context: typer.Context,
    alias: options.Alias = [],  # noqa: B006
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    prices: options.Prices = None,
    status: Annotated[bool, STATUS] = False,
    fail_over: Annotated[str, LIMIT] = "",
    out: options.Out = None,
) -> Reply | None:
    """Say what the next turn of a session costs, and what to do.

    To continue, compact, switch the model or start anew.

    The session is the last one in LOG. Its cache is cold, warm for some time, or unknown where the vendor does not say.

    Example: cachecost next ~/.claude/projects/-home-u-p/session.jsonl --turns-left 20
    """
    if status and by_flag(context, "format", "json"):  # a settings file may have one for all commands
        raise BadUsage("a status bar takes one line of text; leave this, or the format, out", word="statusline")
    budget = reading.maybe("fail_over", reading.price, fail_over)
    catalog = options.catalog(prices, discount, terms)
    session = last_session(newest([log] if log else _local()))
    sheet = session.sheet(Names(catalog, aliases=options.aliases(alias, catalog)))
    switches = None if status else partial(others, words, catalog, partial(options.sheet, catalog))
    outlook = looked_ahead(words, session.requests, sheet, clock.now(), switches)
    likely, code = outlook.ways[0].likely.exact_total(1), 0
    if budget is not None and likely > budget:
        bill = f"{amount(likely, sheet.currency)} for the next turn ({label(outlook.ways[0])})"
        message(f"{bill} is over {plain(budget)}; see --fail-over")
        code = 1
    if status:
        emit(statusline(outlook), out)
        raise typer.Exit(code)
    return reply(outlook, session.name)._replace(exit_code=code)


def _local() -> list[str]:
    from ..replay_run import local_logs  # loads what a replay needs

    return local_logs()
