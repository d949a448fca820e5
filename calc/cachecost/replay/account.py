"""What a log's requests cost at the rates of their times, added up by time, label, model and class.

Requests come one by one; whole tokens are summed per day and label, and money is worked out from the sums.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from .. import money
from ..errors import BadQuantity, BadUsage, NotInForce, NotSold, UnknownModel
from ..prices.card import LOCATION, RateCard
from ..prices.sheet import PriceSheet
from ..prices.usage import sold
from .epochs import DAY, Epochs, RateKey, microseconds
from .request import Charge, Product, Request
from .tally import COUNTERS, HITS, REQUESTS, STORAGE, Tally, token_microseconds

FEE, SEARCH, GROUNDED = "fee.", "fee.web_search", "fee.grounded_prompt"
UNANSWERED = ("creation", STORAGE, FEE)
"""How lines begin that are no tokens of a request."""
RELATIVE = 365 * DAY
"""Times before 1971 count from the beginning of a trace: they tell distances, and no day on which rates hold."""
UNPRICED = (UnknownModel, NotInForce, NotSold, BadUsage, BadQuantity)
"""Why a request may have no price; a broken price sheet is none of them, and ends the command."""
DAY_LONG = timedelta(days=1)
TIMES = ("hour", "day", "week", "month")
OPTIONAL = ("user", "team", "tag", "key")
"""Labels that are only read from a log where they are asked for."""
BY = ("model", *TIMES, "session", "project", *OPTIONAL, "class")
"""What sums can be told apart by."""


class Slice(NamedTuple):
    """What a tally is about: a day (since 1970; None where the log has no time), and values of `Account.labels`."""

    day: int | None
    labels: tuple[str | int | None, ...] = ()


@dataclass(slots=True)
class Stated:
    """What the log itself says its requests cost, and what they cost by the sheets; `differing` counts the rows whose
    two amounts are not the same to the last digit that the log gives."""

    paid: Decimal = Decimal(0)
    requests: int = 0
    differing: int = 0
    tally: Tally = field(default_factory=Tally)


class Account:
    """The sums of a log. `find`: the sheet of a model and provider, or UnknownModel. `now`: the instant for requests
    without a time. `as_of`: one for all, where it is asked for. `region`: where the requests ran that name no region,
    as far as their models have rates of it.

    Times are microseconds since 1970 UTC. `named`: the sheets of models and providers that were asked for. `priced`,
    `timeless`, `relative` and `sums` count requests. `least` and `most`: what sums come to where each of their prompts
    is as short or as long as it can be.
    """

    def __init__(
        self,
        find: Callable[[str, str], PriceSheet],
        *,
        now: int,
        as_of: int | None = None,
        region: str = "",
        by: tuple[str, ...] = (),
    ) -> None:
        self.find, self.now, self.as_of, self.region, self.by = find, now, as_of, region, by
        self.labels = tuple(word for word in by if word in ("hour", "session", "project", *OPTIONAL))
        self.sheets: dict[str, Epochs] = {}
        self.parts: dict[Slice, Tally] = {}
        self.stated: dict[tuple[str, str], Stated] = {}
        self.charges: dict[tuple[str, str, str, str], Decimal] = {}
        self.spans: dict[tuple[bool, bool], tuple[int, int]] = {}
        self.least, self.most = Tally(), Tally()
        self.calls = Counter[str]()
        self.priced = self.timeless = self.relative = self.sums = 0
        self.named: dict[tuple[str, str], Epochs] = {}
        self._sold: dict[tuple[RateKey, str], bool] = {}

    def at(self, time: int | None) -> int:
        """The instant whose rates price a request made at a time."""
        if self.as_of is not None:
            return self.as_of
        return self.now if time is None or time < RELATIVE else time

    def epochs(self, model: str, provider: str = "") -> Epochs:
        """The stretches of the sheet that a log's name means."""
        named = (model, provider)
        if named not in self.named:
            epochs = Epochs(self.find(model, provider))
            self.named[named] = self.sheets.setdefault(epochs.name, epochs)
        return self.named[named]

    def span_of(self, begin: int, end: int, kind: tuple[bool, bool]) -> None:
        """Widen the span of what is priced or not, by the calendar or since a trace began."""
        first, last = self.spans.get(kind, (begin, end))
        self.spans[kind] = min(first, begin), max(last, end)

    def card(self, key: RateKey) -> RateCard:
        return self.sheets[key.sheet].card(key)

    def key(self, product: Product, at: int | None, prompt: int, output: int) -> RateKey:
        """The rates of a request; raises UnknownModel, NotInForce or NotSold."""
        return self.epochs(product.model, product.provider).key(
            self.at(at),
            prompt,
            output=output,
            service=product.service,
            region=self.region_of(product),
            thinking=product.thinking,
        )

    def region_of(self, product: Product) -> str | None:
        """Where a request ran, or was asked to run: as the log says, else as the user says."""
        return product.region or (f"{LOCATION}{self.region}" if self.region else None)

    def sells(self, key: RateKey, line: str) -> bool:
        """Whether a key has a rate for a line."""
        if (key, line) not in self._sold:
            self._sold[key, line] = False
            with suppress(*UNPRICED):
                self._sold[key, line] = bool(self.sheets[key.sheet].rates(key, line))
        return self._sold[key, line]

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last time: of what is priced where anything is, of traces where nothing else has a time."""
        order = ((True, True), (True, False), (False, True), (False, False))
        return next((self.spans[kind] for kind in order if kind in self.spans), None)

    def taken(self, request: Request, key: RateKey) -> dict[str, int]:
        """What a request adds at its rates, by line."""
        lines = counts_of(request)
        answered = any(not line.startswith(UNANSWERED) for line in lines)
        lines |= {REQUESTS: request.count} if answered else {}
        lines |= {HITS: 1} if request.usage.read else {}
        return self.billed(key, lines)

    def billed(self, key: RateKey, counts: dict[str, int]) -> dict[str, int]:
        """Counts by the lines under which these rates bill them."""
        return self.due(key, sold(counts, self.card(key).rows[key.row]))

    def due(self, key: RateKey, lines: Mapping[str, int]) -> dict[str, int]:
        """The lines that are billed: of calls of tools those for which the rates have a fee."""
        by_search = SEARCH in lines and self.sells(key, SEARCH)
        return {
            line: count
            for line, count in lines.items()
            if not line.startswith(FEE) or (self.sells(key, line) and not (line == GROUNDED and by_search))
        }

    def remark(self, request: Request, key: RateKey | None, taken: Mapping[str, int]) -> None:
        """Take note of what a request adds beside its tokens: that it has no time or is a sum. `key` is None without a
        price."""
        if request.at is not None and request.lasting is not None:
            begin, end = microseconds(request.at), microseconds(request.at + request.lasting)
            self.span_of(begin, end, (key is not None, begin >= RELATIVE))
        if key is None:
            return
        self.timeless += request.at is None
        if request.lasting is not None:
            self.sums += 1
            self._add_bounds(request, key, taken)

    def _add_bounds(self, request: Request, key: RateKey, taken: Mapping[str, int]) -> None:
        """What a sum costs at the least and at the most that its prompts can be."""
        at, (least, _, most) = None if request.at is None else microseconds(request.at), request.sizes
        for tally, prompt in ((self.least, least), (self.most, most)):
            try:
                bound = self.key(request.product, at, prompt, 0)
                lines = self.taken(request, bound)
                self.sheets[bound.sheet].rates(bound, *(line for line in lines if line not in COUNTERS))
                tally.add(bound, lines)
            except UNPRICED:
                tally.add(key, taken)

    def charge(self, charge: Charge) -> None:
        """Take note of money that a cost report states."""
        daily = charge.at is not None and (charge.lasting or DAY_LONG) <= DAY_LONG
        day = charge.at.astimezone(UTC).strftime("%Y-%m-%d") if charge.at and daily else "all"
        named = (day, charge.model, charge.item, charge.currency)
        self.charges[named] = money.add(self.charges.get(named, Decimal(0)), charge.amount)

    def whole(self) -> Tally:
        """Everything in one tally."""
        return Tally(cell for tally in self.parts.values() for cell in tally)

    def label(self, part: Slice, word: str) -> str | int | None:
        """What a part has under a label; None where it has none, or none was asked for."""
        return part.labels[self.labels.index(word)] if word in self.labels else None


def counts_of(request: Request) -> dict[str, int]:
    """The tokens of a request by line, rent in token-microseconds, and calls of tools by the names of their fees; that
    of a grounded prompt is due once for all of its searches."""
    counts: dict[str, Any] = dict(request.usage.quantities)
    if STORAGE in counts:
        counts[STORAGE] = token_microseconds(counts[STORAGE])
    if request.calls:
        counts |= {f"{FEE}{tool}": calls for tool, calls in request.calls}
        counts |= {GROUNDED: request.count} if SEARCH in counts else {}
    return counts


def labels(by: list[str]) -> tuple[str, ...]:
    """What sums are told apart by, each once, the model where nothing is said; BadUsage for another word."""
    for word in by:
        if word not in BY:
            raise BadUsage(f"{word!r} is not a way to group sums; expected {', '.join(BY)}", word="by")
    return tuple(dict.fromkeys(by)) or ("model",)
