"""What an engine found in a log: tallies by group, and what has no price and why, the same from every engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from types import MappingProxyType
from typing import NamedTuple

from ..bills.warnings import Doubt, bounds_of
from ..errors import CachecostError
from ..logs.names import Names
from ..prices.card import STANDARD
from ..prices.quote import rates_of
from ..prices.usage import as_sold
from ..replay.epochs import Epochs, microseconds
from ..replay.ledger import Ledger
from ..replay.request import Charge, Request
from ..replay.tally import COUNTERS, Key, Tally, key_of, logged, row_of
from .sql import DAY

Group = tuple[str | None, ...]
NO_TIME = "the log says no time, and rates depend on it"


class Class(NamedTuple):
    """Requests that pay the same, told by one of them. `at` in microseconds since 1970, None where unknown."""

    model: str
    provider: str
    service: str
    region: str | None
    at: int | None
    prompt: int
    output: int


@dataclass
class Sums:
    """Tallies by group (one group `()` where `by` is empty), and requests that stay unpriced: their number by model
    and reason. `sheets` are those of the tallies' keys, for `price`; `spans`: the first and the last time of what is
    priced (True) and of what is not."""

    names: Names
    by: tuple[str, ...] = ()
    tallies: dict[Group, Tally] = field(default_factory=dict)
    unpriced: dict[tuple[str, str], int] = field(default_factory=dict)
    priced: int = 0
    sheets: dict[str, Epochs] = field(default_factory=dict)
    spans: dict[bool, tuple[int, int]] = field(default_factory=dict)
    _found: dict[tuple[str, str], Epochs] = field(default_factory=dict, repr=False)
    _sold: dict[tuple[Key, str], str] = field(default_factory=dict, repr=False)
    _keys: dict[Class, Key | CachecostError] = field(default_factory=dict, repr=False)

    @property
    def whole(self) -> Tally:
        """All groups in one."""
        found = Tally()
        for tally in self.tallies.values():
            found.merge(tally)
        return found

    def epochs(self, model: str, provider: str) -> Epochs:
        """The sheet that a log's name means; UnknownModel where there is none."""
        if (model, provider) not in self._found:
            epochs = Epochs(self.names.sheet(model, provider))
            self._found[model, provider] = self.sheets.setdefault(epochs.name, epochs)
        return self._found[model, provider]

    def add(
        self,
        group: Group,
        of: Class,
        lines: Mapping[str, int],
        count: int,
        doubtful: Mapping[Doubt, int] = MappingProxyType({}),
        span: tuple[int, int] | None = None,
    ) -> None:
        """So many requests of a class and what they add up to; unpriced where some line of theirs has no rate.
        `doubtful`: how many of them are beyond a bound that some card sets. `span`: the first and the last of them, in
        microseconds since 1970."""
        try:
            key, lines = self._placed(of, lines)
        except CachecostError as error:
            self.leave(of.model, _reason(error), count)
            self._seen(span, priced=False)
            return
        self._seen(span, priced=True)
        bounds = doubtful and bounds_of(self.sheets[key.sheet].card(key.epoch))
        counters = {doubt.what: doubtful[doubt] for doubt in bounds if doubt in doubtful}
        self._enter(group, key, {**lines, **counters}, count)

    def unsold(self, of: Class, lines: Iterable[str]) -> set[str]:
        """Those lines for which the class has no rate; none where the class itself has no row of rates."""
        try:
            key, _ = self._placed(of, {})
        except CachecostError:
            return set()
        return {line for line in lines if self._refusal(key, line)}

    def take(self, request: Request) -> None:
        """One request from a reader of logs."""
        try:
            key, lines = self._read(request)
        except CachecostError as error:
            self.leave(request.model, _reason(error), request.count)
            return
        day = request.at.astimezone(UTC).date().isoformat() if request.at else None
        told = {DAY: day, "session": request.session, "project": request.project}
        self._enter(tuple(told[name] for name in self.by), key, lines, request.count)

    @property
    def models(self) -> list[tuple[str, str]]:
        """The models and their providers, as the log names them, whose sheets are known."""
        return list(self._found)

    def known(self, models: Iterable[tuple[str, str]]) -> list[Epochs]:
        """The sheets that these models of these providers mean, each once, without those that no sheet claims."""
        found: dict[str, Epochs] = {}
        for model, provider in models:
            try:
                epochs = self.epochs(model, provider)
            except CachecostError:
                continue
            found[epochs.name] = epochs
        return list(found.values())

    def leave(self, model: str, reason: str, count: int) -> None:
        self.unpriced[model, reason] = self.unpriced.get((model, reason), 0) + count

    def merge(self, other: Sums) -> None:
        """Take over what another engine, or another part of the log, has added up."""
        for group, tally in other.tallies.items():
            self.tallies.setdefault(group, Tally()).merge(tally)
        for (model, reason), count in other.unpriced.items():
            self.leave(model, reason, count)
        self.priced += other.priced
        self.sheets |= other.sheets
        for priced, span in other.spans.items():
            self._seen(span, priced=priced)

    def _seen(self, span: tuple[int, int] | None, *, priced: bool) -> None:
        if span:
            first, last = self.spans.get(priced, span)
            self.spans[priced] = min(first, span[0]), max(last, span[1])

    def _enter(self, group: Group, key: Key, lines: Mapping[str, int], count: int) -> None:
        self.priced += count
        if any(lines.values()):
            tally = self.tallies.setdefault(group, Tally())
            for line, number in lines.items():
                tally.add(key, line, number)

    def _placed(self, of: Class, lines: Mapping[str, int]) -> tuple[Key, Mapping[str, int]]:
        found = self._keys.get(of) or self._keys.setdefault(of, self._key(of))
        if isinstance(found, CachecostError):
            raise found
        self._check(found, lines)
        return found, lines

    def _key(self, of: Class) -> Key | CachecostError:
        """The rates of a class, or why it has none."""
        try:
            epochs = self.epochs(of.model, of.provider)
            if of.at is None:
                raise CachecostError(NO_TIME)
            return key_of(epochs, of.at, of.prompt, output=of.output, service=of.service, region=of.region)
        except CachecostError as error:
            return error

    def _read(self, request: Request) -> tuple[Key, dict[str, int]]:
        epochs = self.epochs(request.model, request.provider)
        if request.at is None:
            raise CachecostError(NO_TIME)
        used, size = request.usage, request.usage.prompt if request.prompt is None else request.prompt
        at = microseconds(request.at)
        key = key_of(
            epochs,
            at,
            size,
            output=used.output,
            service=request.service or STANDARD,
            region=request.region,
            thinking=request.thinking,
        )
        lines = dict(logged(as_sold(used, row_of(key, epochs)), epochs.card(key.epoch), single=request.is_single))
        self._check(key, lines)
        return key, lines

    def _check(self, key: Key, lines: Mapping[str, int]) -> None:
        for line, number in lines.items():
            if number and (refusal := self._refusal(key, line)):
                raise CachecostError(refusal)

    def _refusal(self, key: Key, line: str) -> str:
        """Why a line has no rate under a key; nothing where it has one."""
        if line in COUNTERS:
            return ""
        if (key, line) not in self._sold:
            epochs = self.sheets[key.sheet]
            try:
                rates_of((line,), row_of(key, epochs), epochs.card(key.epoch), epochs.sheet)
                self._sold[key, line] = ""
            except CachecostError as error:
                self._sold[key, line] = str(error)
        return self._sold[key, line]


def fold(requests: Iterable[Request | Charge], sums: Sums, ledger: Ledger | None = None) -> None:
    """The road without an engine: one request after another."""
    for request in requests:
        if isinstance(request, Request):
            sums.take(request)
        elif ledger is not None:
            ledger.note("charges of cost reports stand beside tokens and are not in the tally")


def _reason(error: CachecostError) -> str:
    """Why, without the instant and the size of one request, so that all requests of one reason count as one."""
    return _ONE.sub("", str(error))


_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
