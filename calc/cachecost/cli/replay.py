"""`cachecost replay`: what did our own traffic cost, and what would it have cost under another policy?"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from itertools import islice
from pathlib import Path

import typer

from .. import clock, units
from ..engines import sql
from ..engines.machine import database
from ..errors import BadUsage, UnknownModel
from ..files.reading import exists
from ..logs.files import files_of
from ..logs.names import Names
from ..logs.reader import AUTO, Reading, read as records
from ..output.replay.summary import summed_up
from ..output.reply import emit
from ..questions import reading as ask
from ..replay.account import OPTIONAL, Account, labels
from ..replay.epochs import Epochs, microseconds
from ..replay.ledger import Ledger
from ..replay.report import WhatIf
from ..replay.request import Request
from ..replay.run import NO_SPAN, Run, Span
from ..replay.whatif import what_if
from ..units import counted
from . import options, replay_options
from .checkpoint import Checkpoint
from .help import HelpAll
from .progress import message, unbroken, working
from .replay_answer import NOT_WEIGHED, PAID_ONLY, checked, show, sink
from .replay_options import ReportFormat, moment
from .replay_run import chosen, local_logs, machine, on_cluster, read, ready

STOPPED = 130
MANY = 100_000
"""Requests of a log that are asked for the names of its models."""
Pour = Callable[[Path], bool]
"""What adds a file to a run without its reader, or says False."""


def replay(
    log: replay_options.Logs = [],  # noqa: B006
    format_of: replay_options.FormatOf = AUTO,
    strict: replay_options.Strict = False,
    alias: options.Alias = [],  # noqa: B006
    model: replay_options.Others = [],  # noqa: B006
    policy: replay_options.Policies = [],  # noqa: B006
    shared: replay_options.Shared = "",
    by: replay_options.By = [],  # noqa: B006
    since: replay_options.Since = "",
    until: replay_options.Until = "",
    as_of: replay_options.AsOf = "",
    region: replay_options.Region = "",
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    engine: replay_options.Engine = "auto",
    master: replay_options.Master = "",
    threads: replay_options.Threads = "",
    memory: replay_options.Memory = "",
    disk: replay_options.Disk = "",
    spill: replay_options.Spill = "",
    paid_only: replay_options.PaidOnly = False,
    emit_sql: replay_options.EmitSql = "",
    checkpoint: replay_options.Checkpoint = None,
    fail_over: replay_options.FailOver = "",
    reconcile: replay_options.Reconcile = "",
    prices: options.Prices = None,
    format: replay_options.FormatOption = ReportFormat.table,
    json: options.Json = False,
    out: options.Out = None,
    help_all: HelpAll = False,
) -> None:
    """Price your logs, and what another policy would have cost.

    Without LOG it reads the logs on this machine, see cachecost logs.
    Exit 1: more was paid than --fail-over allows.
    Exit 3: nothing could be priced; with --strict or --fail-over, not everything.

    cachecost replay
    cachecost replay logs/ --since 7d --by project --model gpt
    cachecost replay logs/ --policy written:1h --out report.html
    """
    catalog = options.catalog(prices, discount, terms)
    names = Names(catalog, aliases=options.aliases(alias, catalog))
    others = [Epochs(options.sheet(catalog, each, clock.now())) for each in model]
    span = Span(moment("since", since), moment("until", until))
    if emit_sql and region:
        raise BadUsage("a query has the regions of its log; leave it out", word="region")
    if emit_sql:
        emit(_as_sql(emit_sql, log, names, others, by, span), out)
        return
    log = log or local_logs()
    limit = ask.price(fail_over) if fail_over else None
    common = ask.maybe("shared", units.count, shared) or 0
    tolerance = ask.maybe("reconcile", units.share, reconcile)
    rated, shape = moment("as_of", as_of), ReportFormat.json if json else format
    now, at = microseconds(clock.now()), None if rated is None else microseconds(rated)
    account = Account(names.sheet, now=now, as_of=at, region="" if region == "global" else region, by=labels(by))
    optional = tuple(word for word in account.labels if word in OPTIONAL)
    alone: dict[str, object] = {"-": "-" in log, "--checkpoint": checkpoint, "--format-of": format_of != AUTO}
    alone |= {"--format parquet": shape is ReportFormat.parquet, f"--by {' or '.join(OPTIONAL)}": optional}
    if paid_only and (model or policy):
        idle = "--model" if model else "--policy"
        raise BadUsage(f"leaves nothing for {idle} to say; leave out one of the two", word="paid_only")
    engine = chosen(engine, log, alone)
    limits = machine(threads=threads, memory=memory, disk=disk, spill=spill)
    question = {
        "alias": alias,
        "by": by,
        "since": since,
        "until": until,
        "as_of": as_of,
        "region": region,
        "discount": discount,
        "terms": str(catalog.terms or ""),
        "format_of": format_of,
    }
    with ExitStack() as stack:
        duck = stack.enter_context(database(limits))
        run = Run(account, Ledger(strict=strict), duck, span if any(span) else NO_SPAN)
        run.sink = stack.enter_context(sink(shape, account, out, checkpoint))
        run.keep = not paid_only or checkpoint is not None
        reading = Reading(run.ledger, format_of=format_of, labels=optional)
        saved = Checkpoint(checkpoint, question, run, reading) if checkpoint else None
        begin = {
            "spark": partial(on_cluster, log, run, reading, master, stack),
            "duckdb": partial(ready, log, run, reading, duck),
        }
        stopped = _read(log, run, reading, saved, begin.get(engine))
        asks = partial(what_if, run.account, run.traffic, others=others, names=policy, common=common)
        more = PAID_ONLY if paid_only else _weighed(asks)
        stopped = stopped or more == NOT_WEIGHED
        report = summed_up(run, more, today=clock.today(), stopped=stopped, reconciling=tolerance is not None)
    show(report, run, shape, out)
    if stopped:
        message(f"stopped{_kept(saved, log)}")
        raise typer.Exit(STOPPED)
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    if code := checked(report, shape, limit=limit, strict=strict, tolerance=tolerance):
        raise typer.Exit(code)


def _as_sql(
    dialect: str, log: Sequence[str], names: Names, others: Sequence[Epochs], by: Sequence[str], span: Span
) -> str:
    """The integer aggregation as SQL. `log`: the name of a table, or logs that are like it; then the table is `log` and
    its models are theirs. `others`: further models that it holds."""
    files = [path for path in log if exists(Path(path))]
    sheets = [*others, *(_models(files, names) if files else [])]
    if not sheets:
        raise BadUsage("emit-sql: say which models the table holds: with --model MODEL, or with a log that is like it")
    if any(sheet.windows for sheet in sheets) and None in span:
        raise BadUsage("emit-sql: rates change by the hour; say from when to when with --since and --until")
    ends = None if span.since is None or span.until is None else (microseconds(span.since), microseconds(span.until))
    columns = [word for word in by if word in ("day", "session", "project")]
    return sql.emit(dialect, "log" if files or not log else log[0], sql.edges(sheets, ends), columns).rstrip("\n")


def _models(files: Sequence[str], names: Names) -> Iterable[Epochs]:
    """The sheets of the models that the first requests ask; those that no sheet claims are left out."""
    models: dict[str, Epochs] = {}
    requests = (each for each in islice(records(files, ledger=Ledger()), MANY) if isinstance(each, Request))
    for model, provider in dict.fromkeys((each.model, each.provider) for each in requests):
        with suppress(UnknownModel):
            epochs = Epochs(names.sheet(model, provider))
            models[epochs.name] = epochs
    return models.values()


def _read(
    log: Sequence[str],
    run: Run,
    reading: Reading,
    checkpoint: Checkpoint | None,
    begin: Callable[[], Pour] | None,
) -> bool:
    """Read the logs, and say whether the user stopped the reading; what was read by then is reported all the same."""
    before: dict[Path, int | None] = {}
    if checkpoint:
        if "-" in log:
            raise BadUsage("stdin cannot be taken up again; name files", word="checkpoint")
        before, reading.between = checkpoint.resume(files_of(log)), checkpoint.within
    try:
        pour = begin() if begin else None
        with unbroken(run.stop, waiting="-" in log):
            read(log, run, reading, before=before, done=checkpoint.done if checkpoint else None, pour=pour)
    except KeyboardInterrupt:
        for item in reading.rest():
            run.take(item)
        run.settle()
        return True
    return False


def _weighed(asks: Callable[[], WhatIf]) -> WhatIf | str:
    """What else there is to tell; a Ctrl-C leaves it out."""
    try:
        with working("weighing other policies"):
            return asks()
    except KeyboardInterrupt:
        return NOT_WEIGHED


def _kept(checkpoint: Checkpoint | None, log: Sequence[str]) -> str:
    if not checkpoint:
        return ""
    files, name, entries = checkpoint.saved
    more = f" and {counted(entries, 'line')} of {name}" if entries else ""
    return f": {files:,} of {len(files_of(log)):,} files{more} are kept; the same command goes on there"
