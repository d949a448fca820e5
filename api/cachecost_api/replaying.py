"""The replay of a log that was sent: read in memory, weighed in a small database, and kept nowhere."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import PurePath

from cachecost.engines.machine import Machine, database
from cachecost.errors import BadLog
from cachecost.logs.files import Stream
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.output.records import Record
from cachecost.output.replay.record import of_replay
from cachecost.output.replay.summary import summed_up
from cachecost.replay.account import ASKED, Account, labels
from cachecost.replay.answer import what_if
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run

from . import limits
from .models import Parameters
from .sheets import SheetSet

MACHINE = Machine(threads=1, memory="500MB", disk="1GB")
"""What the replay of one log may take."""


def replayed(parameters: Parameters, data: bytes, sheets: SheetSet, now: datetime, name: str = "") -> Record:
    """What `cachecost replay LOG --json` reports; BadLog where nothing was sent."""
    if not data:
        raise BadLog("the log is empty; expected a usage log as the body of the request")
    names = Names(sheets.catalog)
    other = [Epochs(sheets.sheet_at(each, now)) for each in parameters.model]
    rated = microseconds(parameters.instant("as_of", now)) if parameters.as_of else None
    account = Account(
        names.sheet, now=microseconds(now), as_of=rated, region=parameters.region, by=labels(parameters.by)
    )
    with database(MACHINE) as duck:
        run = Run(account, Ledger(), duck)
        asked = tuple(word for word in account.labels if word in ASKED)
        reading = Reading(run.ledger, asked=asked)
        for item in reading.stream(_plain(data), PurePath(name).name or "log"):
            run.take(item)
        for item in reading.rest():
            run.take(item)
        run.settle()
        answer = what_if(run.account, run.traffic, others=other, names=parameters.policy, common=0)
        report = summed_up(run, answer, today=now.date())
    return of_replay(report)


def _plain(data: bytes) -> Stream:
    """The log unpacked, up to a size: a kilobyte may unpack to a gigabyte."""
    stream = Stream(BytesIO(data))
    if not stream.packed:
        return stream
    plain = stream.bytes.read(limits.UNPACKED + 1)
    if len(plain) > limits.UNPACKED:
        raise BadLog(
            f"the log unpacks to more than {limits.UNPACKED:,} bytes; send a part of it, or use the command line"
        )
    return Stream(BytesIO(plain))
