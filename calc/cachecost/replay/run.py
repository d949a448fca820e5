"""One reading of a log: every request goes to the account, the traffic and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from typing import NamedTuple

from .account import UNPRICED, Account, Taken
from .cases import swift
from .heaps import Store, keep
from .ledger import Ledger
from .request import Charge, Request
from .traffic import Traffic

MANY = 1 << 16
"""Requests that are priced at once."""
HELD = 1 << 21
"""Requests that are held in memory, some hundred bytes each; more go to a store, where there is one."""


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
Sink = Callable[[Request, Taken | None], None]


class Stop:
    """Whether somebody asked to stop."""

    asked = False


class Run:
    """What a reading has come to so far.

    `sink` takes single requests where somebody wants them; `open_store` makes room for more than memory should hold.
    """

    def __init__(self, account: Account, ledger: Ledger, span: Span = NO_SPAN) -> None:
        self.account, self.ledger, self.span = account, ledger, span
        self.sink: Sink | None = None
        self.traffic = Traffic()
        self.outside = 0
        self.stop = Stop()
        self.open_store: Callable[[], Store] | None = None
        self._together = find_spec("numpy") is not None

    def take(self, item: Request | Charge) -> None:
        """Account for one thing that the log says."""
        if self.span is not NO_SPAN and item.at not in self.span:
            self.outside += isinstance(item, Request)
        elif isinstance(item, Charge):
            self.account.charge(item)
        elif not (self._together and self.sink is None and self.traffic.pend(item)):
            self.alone(item)
        elif self.traffic.pending >= MANY:
            self.settle()

    def alone(self, request: Request) -> None:
        """Price one request now."""
        taken: Taken | None = None
        try:
            taken = self.account.take(request)
        except UNPRICED as error:
            self.settle()  # of each model the reason that comes first in the log is told
            self.ledger.leave_unpriced(named(request), str(error))
        else:
            self.ledger.priced += 1
        self.account.seen(request, priced=taken is not None)
        self.traffic.add(request, taken)
        if self.sink:
            self.sink(request, taken)

    def settle(self) -> None:
        """Price what waits to be priced: over arrays where it is much."""
        if swift(self.traffic.pending):
            from .settle_swift import settle
        else:
            from .settle import settle
        before = self.account.priced
        for left in settle(self.traffic, self.account):
            self.ledger.leave_unpriced(left.model, left.reason, left.requests)
        self.ledger.priced += self.account.priced - before
        if len(self.traffic) >= HELD and self.open_store:
            self.traffic.store = self.traffic.store or self.open_store()
            keep(self.traffic)


def named(request: Request) -> str:
    """A model as a person would look for it in the log."""
    return f"{request.provider}/{request.model}" if request.provider and request.model else request.model
