"""One reading of a log: every request goes to the account, the traffic and the ledger."""

from datetime import datetime
from threading import Event
from typing import NamedTuple

from ..errors import BadUsage
from .account import Account
from .ledger import Ledger
from .request import Charge, Request
from .settle import Sink, settle
from .survey import Database
from .traffic import RequestTable, Source

MANY = 1 << 17
"""Requests that are priced at once."""


class Span(NamedTuple):
    """The time that was asked for; None has no end."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, at: object) -> bool:
        if self.since is None and self.until is None:
            return True
        if not isinstance(at, datetime):
            return False
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


NO_SPAN = Span()


class Run:
    """What a reading has come to so far; its requests lie in a database, to be weighed, unless `keep` is false. `sink`
    takes each request with its price; `stop` is set when the user asks for it."""

    def __init__(self, account: Account, ledger: Ledger, database: Database, span: Span = NO_SPAN) -> None:
        self.account, self.ledger, self.span = account, ledger, span
        self.sink: Sink | None = None
        self.traffic = RequestTable(database)
        self.outside = 0
        self.keep = True
        self.stop = Event()

    def take(self, item: Request | Charge) -> None:
        """Account for one thing that the log says."""
        if self.span is not NO_SPAN and item.at not in self.span:
            self.outside += isinstance(item, Request)
        elif isinstance(item, Charge):
            self.account.charge(item)
        else:
            try:
                self.traffic.wait(item, aside=self.sink is not None)
            except BadUsage as error:
                self.ledger.leave_unpriced(item.product.named, str(error), first=self.traffic.count)
        if len(self.traffic.waiting) >= MANY:
            self.settle()

    def settle(self) -> None:
        """Price what waits to be priced."""
        if self.traffic.waiting:
            self.pour(self.traffic.waited())

    def pour(self, source: Source) -> None:
        """Take all requests of a source."""
        before = self.account.priced
        ledger = self.ledger
        settle(self.traffic, self.account, ledger, source, keep=self.keep, sink=self.sink)
        ledger.unpriced = dict(sorted(ledger.unpriced.items(), key=lambda model: model[1].first))
        ledger.priced += self.account.priced - before
