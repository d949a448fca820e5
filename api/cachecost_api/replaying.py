"""The replay of a log that was sent: read in memory, weighed in a small database, and kept nowhere."""

from io import BytesIO
from itertools import chain
from pathlib import PurePath

from cachecost.engines.machine import Duck, EngineLimits, database
from cachecost.errors import BadLog
from cachecost.logs.files import Stream
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.output.records import Record
from cachecost.output.replay.record import of_replay
from cachecost.output.replay.summary import summed_up
from cachecost.replay.account import OPTIONAL, Account, labels
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run
from cachecost.replay.whatif import what_if

from . import limits
from .models import Parameters
from .sheets import Inquiry

MACHINE = EngineLimits(threads=1, memory="500MB", disk="1GB")
"""What the replay of one log may take."""


class Replay:
    """What `cachecost replay LOG` reports of a log. Another thread may read how far it is, and stop it."""

    def __init__(self, parameters: Parameters, data: bytes, name: str = "") -> None:
        """Raises BadLog where nothing was sent, BadQuantity for a word that groups nothing."""
        if not data:
            raise BadLog("the log is empty; expected a usage log as the body of the request")
        self.name, self._by = PurePath(name).name or "log", labels(parameters.by)
        self.stage, self.of, self._log = "reading", len(data), BytesIO(data)
        self._ledger, self._stopped = Ledger(), False
        self._duck: Duck | None = None

    @property
    def bytes(self) -> int:
        return self._log.tell()

    @property
    def entries(self) -> int:
        return self._ledger.total.entries

    def stop(self) -> None:
        """End the work soon, wherever it is."""
        self._stopped = True
        if duck := self._duck:
            duck.connection.interrupt()

    def report(self, inquiry: Inquiry) -> Record:
        """What `--json` reports. BadLog where it was stopped."""
        try:
            with database(MACHINE) as duck:
                self._duck = duck
                try:
                    return self._report(duck, inquiry)
                finally:
                    self._duck = None
        except KeyboardInterrupt:
            raise BadLog("the replay was stopped") from None

    def _report(self, duck: Duck, inquiry: Inquiry) -> Record:
        parameters, now = inquiry.parameters, microseconds(inquiry.now)
        other = [Epochs(inquiry.sheet_at(each, inquiry.now)) for each in parameters.model]
        rated, names = microseconds(inquiry.at) if parameters.as_of else None, Names(inquiry.catalog)
        account = Account(names.sheet, now=now, as_of=rated, region=parameters.region, by=self._by)
        run = Run(account, self._ledger, duck)
        reading = Reading(self._ledger, labels=tuple(word for word in account.labels if word in OPTIONAL))
        for item in chain(reading.stream(self._plain(), self.name), reading.rest()):
            self._end_if_stopped()
            run.take(item)
        self._begin("pricing")
        run.settle()
        self._begin("comparing")
        answer = what_if(run.account, run.traffic, others=other, names=parameters.policy, common=0)
        return of_replay(summed_up(run, answer, today=inquiry.now.date()))

    def _begin(self, stage: str) -> None:
        self.stage = stage
        self._end_if_stopped()

    def _end_if_stopped(self) -> None:
        if self._stopped:
            raise KeyboardInterrupt

    def _plain(self) -> Stream:
        """The log unpacked, up to a size: a kilobyte may unpack to a gigabyte."""
        stream = Stream(self._log)
        if stream.packed:
            self._begin("unpacking")
            plain = stream.bytes.read(limits.UNPACKED + 1)
            if len(plain) > limits.UNPACKED:
                most = f"{limits.UNPACKED:,} bytes"
                raise BadLog(f"the log unpacks to more than {most}; send a part of it, or use the command line")
            self._log, self.of = BytesIO(plain), len(plain)
            stream = Stream(self._log)
            self._begin("reading")
        return stream
