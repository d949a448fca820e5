"""What a replay has come to, in the form that was asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from ..errors import BadUsage
from ..files.output import written
from ..output.figures import percent, plain
from ..output.replay import focus
from ..output.replay.page import page
from ..output.replay.parquet import PricedRows
from ..output.replay.record import as_rows, of_replay
from ..output.replay.report import markdown, on_screen
from ..output.replay.sentence import missing
from ..output.reply import as_json, emit, show_screen
from ..replay.account import Account
from ..replay.reconcile import beyond
from ..replay.report import Report
from ..replay.run import Run, Sink
from .progress import message
from .replay_options import ReportFormat

NOT_PRICED = 3
"""The exit code where nothing, or with --strict or --fail-over not everything, could be priced."""
PAID_ONLY = "Only what was paid, as asked: no other policy, no losses."
NOT_WEIGHED = "Only what was paid: stopped before other policies were weighed."


def checked(
    report: Report, shape: ReportFormat, *, limit: Decimal | None, strict: bool, tolerance: Fraction | None = None
) -> int:
    """The exit code of a report, with the reason on stderr: 1 over the limit, or where cost reports differ by more than
    the tolerance; 3 where nothing could be priced.

    A check (`limit` or `strict`) does not pass on a bill of a part of the log either.
    """
    lacking = missing(report)
    above = [f"{plain(paid)} {each}" for each, paid in report.totals.items() if limit is not None and paid > limit]
    over = bool(above)
    is_check = strict or limit is not None
    if over:
        message(f"what was paid, {' and '.join(above)}, is over {plain(limit)}; see --fail-over")
    if tolerance is not None and (models := beyond(report.reconciled, tolerance)):
        message(f"cost reports differ by more than {percent(tolerance)}: {', '.join(models)}")
        over = True
    if not report.totals and (is_check or not (report.billed or report.alternatives)):
        unknown = "; cachecost logs lists the formats that are read" if report.ledger.unread_files else ""
        empty = "its requests used no tokens" if report.ledger.priced else "the log holds no request"
        empty += " in the time asked for" if report.outside else ""
        message(f"nothing could be priced: {lacking or empty}{unknown}")
        return NOT_PRICED
    if lacking and (is_check or shape in (ReportFormat.csv, ReportFormat.focus)):
        message(lacking)
    return 1 if over else NOT_PRICED if lacking and is_check else 0


@contextmanager
def sink(shape: ReportFormat, account: Account, out: Path | None, checkpoint: object) -> Iterator[Sink | None]:
    """Where single requests go while they are read: into a file of Parquet, if one was asked for."""
    if shape is not ReportFormat.parquet:
        yield None
        return
    if out is None:
        raise BadUsage("parquet is no text; name a file for it with --out priced.parquet", word="format")
    if checkpoint:
        raise BadUsage(
            "a file of Parquet cannot be gone on with; leave out --checkpoint or the format", word="checkpoint"
        )
    with written(out) as file:
        table = PricedRows(account, file)
        yield table.add
        table.close()


def show(report: Report, run: Run, shape: ReportFormat, out: Path | None) -> None:
    """The report in the form that was asked for; beside a file of Parquet it is shown on the screen."""
    texts: dict[ReportFormat, Callable[[], str]] = {
        ReportFormat.json: lambda: as_json(of_replay(report)),
        ReportFormat.csv: lambda: as_rows(report).as_csv(),
        ReportFormat.markdown: lambda: markdown(report),
        ReportFormat.html: lambda: page(report, run.account),
        ReportFormat.focus: lambda: focus.rows(run.account).as_csv(),
    }
    if shape in texts:
        emit(texts[shape](), out)
    else:
        show_screen(on_screen(report), None if shape is ReportFormat.parquet else out)
