"""One reading of a log: requests wait for their rates, are added up by class in one query, and priced class by class.

Each goes to the account, the traffic and the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from threading import Event
from typing import NamedTuple

from ..errors import BadUsage
from ..prices.usage import MAX_TOKENS, sold
from ..prices.warnings import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, Bound, bounds_of
from ..units import HOUR
from .account import FEE, GROUNDED, OPTIONAL, RELATIVE, SEARCH, UNPRICED, Account, Slice
from .epochs import DAY, Epochs, RateKey
from .ledger import Ledger
from .request import Charge, Product, Request
from .stated import compare_stated
from .survey import Database, Digit, class_number, class_values, inline, rate_digits
from .tally import COUNTERS, HITS, REQUESTS, Tally
from .traffic import LABEL_END, LOGGED, RequestTable, Source

MANY = 1 << 17
"""Requests that are priced at once."""
_DOUBTS = {
    OVER_CONTEXT: "size + answer > {}",
    OVER_INPUT: "size > {}",
    OVER_OUTPUT: "answer > {}",
    SMALL_WRITE: "put > 0 AND put + reads < {}",
    SMALL_READ: "put = 0 AND reads > 0 AND reads < {}",
}
"""When a single request is beyond a bound of its card, in SQL."""
_HOUR = f"CASE WHEN moment >= {RELATIVE} THEN moment // {HOUR} END"


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
Sink = Callable[[Request, RateKey | None, Mapping[str, int]], None]
"""Takes a request with its rates, None without a price, and what it adds under them by line."""


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
        """Price the requests of a source, and add them to every sum; the ledger says what has no price."""
        before, ledger, batch = self.account.priced, self.ledger, _Batch(self.account, self.traffic, source)
        batch.add()
        if self.traffic.aside and not source.is_plain:
            batch.remark(self.sink)
        if self.keep:
            batch.keep()
        batch.leave_unpriced(ledger)
        ledger.unpriced = dict(sorted(ledger.unpriced.items(), key=lambda model: model[1].first))
        ledger.priced += self.account.priced - before


class Group(NamedTuple):
    """Requests of one class and one slice of the bill, in the order of the log: `key` is that of their rates, None
    without; `number` that of their class; `timed`: how many have a time; `span`: the first and last of them; `sums`:
    their tokens by line."""

    number: int
    product: int
    key: RateKey | None
    part: Slice
    first: int
    requests: int
    timed: int
    span: tuple[int, int]
    sums: Mapping[str, int]


class _Batch:
    """The requests of a source with their rates. `classed`: the class of each in SQL; `groups`: all of them, added up
    by class and slice."""

    def __init__(self, account: Account, traffic: RequestTable, source: Source) -> None:
        self.account, self.traffic, self.source = account, traffic, source
        self.sheets: dict[str, Epochs] = {}
        for product in source.products.values():
            with suppress(*UNPRICED):
                epochs = account.epochs(product.model, product.provider)
                self.sheets[epochs.name] = epochs
        digits = rate_digits(traffic.database, source.text, source.products, list(self.sheets.values()))
        self.classed, self.groups = class_number(digits), list(self._groups(digits))
        # where some requests of a class have tokens of a line that is not sold, such lines tell classes apart as well
        if unsold := {line for each in self.groups for line in self._unsold(each)}:
            digits += [Digit(f"({self._tokens(line)} > 0)::INTEGER", (False, True)) for line in sorted(unsold)]
            self.classed = class_number(digits)
            groups = self._groups(digits)
            self.groups = [each._replace(key=None) if any(self._unsold(each)) else each for each in groups]

    def _groups(self, digits: Sequence[Digit]) -> Iterator[Group]:
        """The classes of the digits and their slices, each with its rates."""
        account, source, key, bounds = self.account, self.source, self._keys(), self._reached()

        @cache
        def names(key: RateKey | None) -> list[str]:
            """What is added up; empty for a bound that is none of these rates."""
            known = () if key is None else bounds_of(account.card(key))
            return [*source.tokens, REQUESTS, HITS, *(bound.what if bound in known else "" for bound in bounds)]

        for by, *row in self.traffic.database.rows(self._sums(class_number(digits), bounds)):
            of, (place, count, timed, first, last, *counts) = row[: len(account.labels)], row[len(account.labels) :]
            day, number, time, prompt, output, *_ = class_values(by, digits)
            rates = key(day, number, time, prompt, output)
            tokens = {name: count for name, count in zip(names(rates), counts, strict=True) if name and count}
            if rates is not None:
                tokens = sold(tokens, account.card(rates).rows[rates.row])
            part = Slice(day if timed and first >= RELATIVE else None, tuple(of))
            yield Group(by, number, rates, part, place, count, timed, (first, last), tokens)

    def _keys(self) -> Callable[[int, int, int, int, int], RateKey | None]:
        """The rates of a class, from its day and digits, each looked up once; None without a price."""
        # from one of these days to the next all days have the same rates; where hours recur, each day is by itself
        starts = [start // DAY for sheet in self.sheets.values() for start in sheet.starts]
        is_by_day = any(sheet.windows for sheet in self.sheets.values())
        turns = set() if is_by_day else {RELATIVE // DAY, *starts, *(start + 1 for start in starts)}

        @cache
        def turn(day: int) -> int:
            return max((each for each in turns if each <= day), default=day)

        @cache
        def key(day: int, number: int, time: int, prompt: int, output: int) -> RateKey | None:
            with suppress(*UNPRICED):
                return self.account.key(self.source.products[number], day * DAY + time, prompt, output)
            return None

        return lambda day, *digits: key(turn(day), *digits)

    def _reached(self) -> list[Bound]:
        """The bounds of all cards that some request may be beyond."""
        size, answer = self.source.largest
        reached = {OVER_CONTEXT: size + answer, OVER_INPUT: size, OVER_OUTPUT: answer}
        bounds = {bound for sheet in self.sheets.values() for card in sheet.cards for bound in bounds_of(card)}
        return sorted(bound for bound in bounds if bound.tokens < reached.get(bound.what, MAX_TOKENS))

    def _sums(self, classed: str, bounds: Iterable[Bound]) -> str:
        """Requests and tokens by class and label, and how many requests are beyond each of the bounds."""
        source, labels = self.source, self.account.labels
        words = enumerate((word for word in labels if word in OPTIONAL), 1)
        texts = {word: f"split_part(labels, chr({ord(LABEL_END)}), {place})" for place, word in words} | {"hour": _HOUR}
        columns = [f"{classed} AS class", *(texts.get(word, word) for word in labels)]
        columns += ["MIN(place) AS first", "COUNT(*)", "COUNT(moment)", "MIN(moment)", "MAX(moment)"]
        columns += [f"SUM({tokens})" for tokens in source.tokens.values()]
        columns += ["COUNT_IF(size + answer > 0)" if source.is_plain else f"SUM({source.answered})"]
        single = "" if source.is_plain else "many IS NULL AND "
        tests = ["reads > 0", *(single + _DOUBTS[bound.what].format(bound.tokens) for bound in bounds)]
        columns += [f"COUNT_IF({test})" for test in tests]  # quicker than COUNT(*) FILTER
        return f"SELECT {', '.join(columns)} FROM {source.text} GROUP BY ALL ORDER BY first"

    def _unsold(self, group: Group) -> Iterator[str]:
        """Lines of a group for which its key has no rate."""
        for line in group.sums:
            if group.key and _needs_rate(line) and not self.account.sells(group.key, line):
                yield line

    def _tokens(self, line: str) -> str:
        """The tokens of a line, with those of modalities that may be billed as it."""
        tokens = self.source.tokens.items()
        return " + ".join(text for each, text in tokens if each == line or each.endswith(f".{line}"))

    def add(self) -> None:
        """Add all groups to the account, and compare what the log says that they cost."""
        for each in self.groups:
            _add(self.account, each)
        keys = {each.number: each.key for each in self.groups if each.key}
        if "paid" in self.source.given and keys:
            compare_stated(self.traffic.database, self.account, self.source, self.classed, keys)

    def remark(self, sink: Sink | None) -> None:
        """Do what is done with requests one by one, now that their rates are known."""
        keys = {each.number: each.key for each in self.groups}
        query = f"SELECT place, {self.classed} FROM {self.source.text} WHERE aside ORDER BY place"
        for place, number in self.traffic.database.rows(query):
            request, key = self.traffic.aside.pop(place), keys[number]
            taken = {} if key is None else self.account.taken(request, key)
            self.account.remark(request, key, taken)
            if key is not None:
                self.traffic.set_aside(request, self.account, key, taken)
            if sink:
                sink(request, key, taken)

    def keep(self) -> None:
        """Add those that take part to the table of the traffic; the first of a session that is not known has its
        name."""
        source, traffic = self.source, self.traffic
        by_class = {each.number: each for each in self.groups}
        rated = inline(
            {
                "class": list(by_class),
                "bought": [traffic.products.number(source.products[each.product]) for each in by_class.values()],
                "rates": [each.key and traffic.keys.number(each.key) for each in by_class.values()],
            }
        )
        own = {"product": "bought", "key": "rates", "session": "NULL", "name": "NULL"}
        those = f"FROM {source.text} WHERE prompt > 0 AND moment IS NOT NULL AND many IS NULL"
        named = ""
        if "session" in source.given:
            is_new = "number IS NULL AND place = first"
            own |= {"session": "COALESCE(number, first)", "name": f"CASE WHEN {is_new} THEN named END"}
            named = (
                f"LEFT JOIN (SELECT session AS named, MIN(place) AS first {those} GROUP BY 1) ON named = session "
                "LEFT JOIN (SELECT name AS known, session AS number FROM requests WHERE name IS NOT NULL) "
                "ON known = named"
            )
        traffic.database.rows(
            f"INSERT INTO requests SELECT {', '.join(own.get(name, name) for name in LOGGED)} "
            f"FROM (SELECT * EXCLUDE (product), {self.classed} AS class {those}) AS those "
            f"JOIN {rated} USING (class) {named}"
        )

    def leave_unpriced(self, ledger: Ledger) -> None:
        """Count what has no price by model, with the reason of the first."""
        products, models = self.source.products, dict[str, list[Group]]()
        for each in self.groups:
            if each.key is None:
                models.setdefault(products[each.product].named, []).append(each)
        if not models:
            return
        places = ", ".join(str(first.first) for first, *_ in models.values())
        query = f"SELECT place, moment, size, answer FROM {self.source.text} WHERE place IN ({places})"
        sizes = {place: size for place, *size in self.traffic.database.rows(query)}
        for model, lacking in models.items():
            first, count = lacking[0], sum(each.requests for each in lacking)
            reason = _reason(self.account, products[first.product], sizes[first.first], first.sums)
            ledger.leave_unpriced(model, reason, first=first.first, requests=count)


def _needs_rate(line: str) -> bool:
    """Whether a request has no price where a line has none; calls of tools without a fee are only named."""
    return line not in COUNTERS and not line.startswith(FEE)


def _add(account: Account, group: Group) -> None:
    """Add a group to the account."""
    if group.timed:
        is_absolute = group.part.day is not None
        account.span_of(*group.span, (group.key is not None, is_absolute))
        account.relative += 0 if is_absolute else group.timed
    if group.key is None:
        return
    account.priced += group.requests
    due = account.due(group.key, group.sums)
    account.parts.setdefault(group.part, Tally()).add(group.key, due)
    for line in group.sums.keys() - due.keys() - {GROUNDED}:  # calls of tools that have no fee
        if line != SEARCH or GROUNDED not in due:
            account.calls[line.removeprefix(FEE)] += group.sums[line]


def _reason(account: Account, product: Product, size: Sequence[int], sums: Mapping[str, int]) -> str:
    """Why a request has no price: that of its time and size, or of a line of its class."""
    try:
        key = account.key(product, *size)
        account.sheets[key.sheet].rates(key, *filter(_needs_rate, sums))
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"a request of {product} has a price, and its class has none")
