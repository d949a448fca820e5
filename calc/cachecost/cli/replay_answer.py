"""What a replay has come to, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from .. import clock
from ..errors import BadUsage
from ..files.output import written
from ..output.figures import percent, span
from ..output.replay import focus
from ..output.replay.page import page
from ..output.replay.parquet import Rows
from ..output.replay.record import as_rows, of_replay
from ..output.replay.report import markdown, on_screen
from ..output.replay.sentence import missing
from ..output.reply import as_json, emit, show_screen
from ..replay.account import Account
from ..replay.answer import Answer
from ..replay.breakdown import by_currency, report
from ..replay.reconcile import beyond, reconcile
from ..replay.report import Report, counted
from ..replay.run import Run, Sink
from ..replay.tally import price
from .messages import message
from .replay_options import Format

NOT_PRICED = 3
"""The exit code where nothing, or with --strict or --fail-over not everything, could be priced."""
CLOUDS = ("azure/", "bedrock/", "google-vertex/")
"""Providers whose rates depend on where a request ran, and not on what it asked for."""
PAID_ONLY = "Only what was paid, as asked: no other policy, no losses."
NOT_WEIGHED = "Only what was paid: stopped before other policies were weighed."


def summed_up(run: Run, answer: Answer | str, *, stopped: bool, reconciling: bool = False) -> Report:
    """The report of what was read; of nothing but what was paid where `answer` says why."""
    answer = Answer(notes=[answer]) if isinstance(answer, str) else answer
    if reconciling and not stopped and not run.account.charges:
        raise BadUsage("none of the files is a cost report or an invoice; name one beside the usage", word="reconcile")
    return report(
        run.account,
        **answer._replace(notes=[*_assumed(run.account), *answer.notes])._asdict(),
        reconciled=reconcile(run.account, run.ledger.unpriced) if reconciling else (),
        stopped=stopped,
        ledger=run.ledger,
        today=clock.today(),
    )


def _assumed(account: Account) -> list[str]:
    """Which rates were taken where the log leaves it open."""
    today = "priced at today's rates; --as-of names another day."
    assumed = []
    if account.rating.as_of is None and account.timeless:
        assumed.append(f"Without a time: {counted(account.timeless, 'request')}, {today}")
    if account.rating.as_of is None and account.relative:
        assumed.append(f"With a time since a trace began: {counted(account.relative, 'request')}, {today}")
    if account.sums:
        assumed.append(f"Sums over a time: {counted(account.sums, 'record')}, each at the rates of its beginning.")
        assumed += _between(account)
    assumed += _regions(account)
    if account.calls:
        tools = ", ".join(f"{tool} ({number:,})" for tool, number in account.calls.most_common())
        assumed.append(f"Calls of tools cost a fee beside their tokens, which is not priced: {tools}.")
    return assumed


def _regions(account: Account) -> list[str]:
    """Models of clouds whose rates differ by region, where neither the log nor the user names one."""
    keys, region = account.whole().sums, account.rating.region
    if region:
        is_sold = any(key.region for key in keys) or not keys
        return (
            []
            if is_sold
            else [f"No model of this log has other rates in the region {region}: the general ones are used."]
        )
    regional = (
        key.sheet
        for key in keys
        if key.sheet.startswith(CLOUDS) and not key.region and account.card(key).regions and "[" not in key.sheet
    )
    models = ", ".join(dict.fromkeys(regional))
    return (
        [f"Priced as the global endpoint, since the log names no region (--region does): {models}."] if models else []
    )


def _between(account: Account) -> list[str]:
    """What sums come to, where that depends on the sizes of prompts that they do not say."""
    least, most = (by_currency(price(tally, account.sheets), account.sheets) for tally in (account.least, account.most))
    return [
        f"Sums over a time: they cost {span((least[currency], most[currency]), currency)}, since rates depend on the "
        "size of each prompt, which they do not state."
        for currency in least
        if least[currency] != most[currency]
    ]


def checked(
    report: Report,
    shape: Format,
    *,
    limit: Decimal | None,
    strict: bool,
    outside: int,
    tolerance: Fraction | None = None,
) -> int:
    """The exit code of a report, with the reason on stderr: 1 over the limit, or where cost reports differ by more than
    the tolerance; 3 where nothing could be priced.

    A check (`limit` or `strict`) does not pass on a bill of a part of the log either.
    """
    lacking = missing(report)
    over = limit is not None and any(total > limit for total in report.totals.values())
    is_check = strict or limit is not None
    if over:
        message(f"more was paid than {limit}")
    if tolerance is not None and (models := beyond(report.reconciled, tolerance)):
        message(f"cost reports differ by more than {percent(tolerance)}: {', '.join(models)}")
        over = True
    if not report.totals and (is_check or not (report.billed or report.alternatives)):
        unknown = "; cachecost logs lists the formats that are read" if report.unread_files else ""
        message(f"nothing could be priced: {lacking or _empty(outside)}{unknown}")
        return NOT_PRICED
    if lacking and (is_check or shape in (Format.csv, Format.focus)):
        message(lacking)
    return 1 if over else NOT_PRICED if lacking and is_check else 0


def _empty(outside: int) -> str:
    return "the log holds no request" + (" in the time asked for" if outside else "")


@contextmanager
def sink(shape: Format, account: Account, out: Path | None, kept: object) -> Iterator[Sink | None]:
    """Where single requests go while they are read: into a file of Parquet, if one was asked for."""
    if shape is not Format.parquet:
        yield None
        return
    if out is None:
        raise BadUsage("parquet is no text; name a file for it with --out priced.parquet", word="format")
    if kept:
        raise BadUsage(
            "a file of Parquet cannot be gone on with; leave out --checkpoint or the format", word="checkpoint"
        )
    with written(out) as file:
        table = Rows(account, file)
        yield table.add
        table.close()


def show(report: Report, run: Run, shape: Format, out: Path | None) -> None:
    """The report in the form that was asked for; beside a file of Parquet it is shown on the screen."""
    by, outside = run.account.by, run.outside
    texts: dict[Format, Callable[[], str]] = {
        Format.json: lambda: as_json(of_replay(report, run.ledger, outside=outside)),
        Format.csv: lambda: as_rows(report, by).as_csv(),
        Format.markdown: lambda: markdown(report, run.ledger, by, outside=outside),
        Format.html: lambda: page(report, run.ledger, run.account, by, outside=outside),
        Format.focus: lambda: focus.rows(run.account).as_csv(),
    }
    if shape in texts:
        emit(texts[shape](), out)
    else:
        screen = on_screen(report, run.ledger, by, outside=outside)
        show_screen(screen, None if shape is Format.parquet else out)
