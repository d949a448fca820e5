"""Usage x rates, line by line: the heart.

Everything else in the engine asks this module what something costs; nothing else multiplies a rate.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from .. import money
from ..errors import BadUsage
from .card import PER_MILLION, STANDARD, Rate, RateCard, Row
from .sheet import PriceSheet, Version
from .usage import Quantity, Usage

_ZERO = Decimal(0)
Entries = tuple[tuple[str, Quantity], ...]
_new = tuple.__new__
_fma, _multiply = money.EXACT.fma, money.EXACT.multiply


class LineItem(NamedTuple):
    """One line of a quote: `amount` = `quantity` x `rate`, where tokens and token-hours are rated per 1M."""

    name: str
    quantity: money.Number
    unit: str
    rate: Decimal
    amount: Decimal

    @property
    def each(self) -> Decimal:
        """Money for one unit."""
        return money.per_million(self.rate) if self.unit in PER_MILLION else self.rate


class Quote(NamedTuple):
    """The priced answer for one request, in the sheet's currency; `total` is the sum of its line items.

    `entries` are (line name, quantity), their rates are in `rates`; `lines` multiplies them out one by one.
    `status` is `ok`, or `refused` or `withdrawn` where `notices` says that the vendor would not serve such a request.
    """

    total: Decimal
    entries: Entries
    rates: Mapping[str, Rate]
    sheet: PriceSheet
    card: RateCard
    warnings: tuple[str, ...] = ()
    status: str = "ok"

    @property
    def free(self) -> bool:
        """Whether every rate that was used is 0."""
        return bool(self.entries) and not any(self.rates[name].value for name, _ in self.entries)

    @property
    def lines(self) -> tuple[LineItem, ...]:
        """The line items, in the order of the usage, fees last."""
        lines = []
        for name, quantity in self.entries:
            value, unit, each = self.rates[name]
            amount = _multiply(quantity, each) if type(quantity) is int else money.times(quantity, each)
            lines.append(_new(LineItem, (name, quantity, unit, value, amount)))
        return tuple(lines)

    @property
    def version(self) -> Version:
        return self.sheet.version(self.card)

    @property
    def currency(self) -> str:
        return self.sheet.currency


def quote(
    usage: Usage,
    sheet: PriceSheet,
    *,
    at: datetime,
    service: str = STANDARD,
    thinking: bool = False,
    region: str | None = None,
    prompt: int | None = None,
    requests: int = 1,
) -> Quote:
    """What one request costs at an instant: line items whose sum is the total, exact.

    `at`: an instant with a zone. `prompt`: the prompt size that selects the row, where the usage itself has
    none (rent of a cache) or sums up several `requests`, for each of which fees are due. Raises NotInForce
    outside the sheet's dates and NotSold for what has no rate. Cached tokens below the minimum are billed as they
    were reported, and a warning says so.
    """
    card = sheet.card(at)
    size = usage.prompt if prompt is None else prompt
    row = card.tier(service, size) if region is None else None
    if row is None:
        request = {"service": service, "output": usage.output, "thinking": thinking, "region": region}
        row = sheet.row(card, at=at, prompt=size, **request)
    warnings: tuple[str, ...] = (card.caution,) if card.caution else ()
    if 0 < usage.cached < card.least_cached:
        warnings += _below_minimum(usage, card)
    each = row.each
    total = _ZERO
    try:
        for name, quantity in usage.quantities:
            total = _fma(quantity, each[name], total)  # type: ignore[arg-type]
    except (KeyError, TypeError):
        return _by_other_names(usage, row, card, sheet, warnings, requests)
    if row.fees:
        return _by_other_names(usage, row, card, sheet, warnings, requests)
    return _new(Quote, (total, usage.quantities, row.rates, sheet, card, warnings, "ok"))


def _by_other_names(
    usage: Usage, row: Row, card: RateCard, sheet: PriceSheet, warnings: tuple[str, ...], requests: int
) -> Quote:
    """The same where a line goes by another rate's name, a quantity is a fraction, or fees are due."""
    answered = any(
        name.partition(":")[0] != "creation" and not name.endswith("storage") for name, _ in usage.quantities
    )
    due = {"fee.request": answered, "fee.cache_hit": usage.read > 0}
    entries = (*usage.quantities, *((name, requests) for name in row.fees if due[name]))
    rates = rates_of((name for name, _ in entries), row, card, sheet)
    total = money.total(money.times(quantity, rates[name].each) for name, quantity in entries)
    return Quote(total, entries, rates, sheet, card, warnings)


def _below_minimum(usage: Usage, card: RateCard) -> tuple[str, ...]:
    """What is said of cached tokens below the minimum: nothing should be cached there, but what was reported was."""
    minimum = card.least_written if usage.written else card.least_read
    if usage.cached >= minimum:
        return ()
    return (f"{usage.cached:,} cached tokens are below the minimum of {minimum:,}: priced as reported",)


def rates_of(names: Iterable[str], row: Row, card: RateCard, sheet: PriceSheet) -> dict[str, Rate]:
    """The rates of so many lines in a row; NotSold for a line that has none."""
    return {name: row.rates.get(name) or _rate(name, row, card, sheet) for name in names}


def _rate(name: str, row: Row, card: RateCard, sheet: PriceSheet) -> Rate:
    """The rate of a line that the row does not list under that very name; NotSold where there is none."""
    rates = row.rates
    kind, _, key = name.partition(":")
    if name == "creation" and card.caching.stored and card.caching.stored.creation == "input":
        return rates["input"]
    if name == "creation:input":
        return rates["input"]
    if name == "reasoning" and "output" in rates:
        return rates["output"]
    if kind == "cache_read" and key in card.caching.kinds and "cache_read" in rates:
        return rates["cache_read"]
    if name == "cache_write" and (written := card.caching.written):
        ttl = written.default_ttl or (written.ttls[0] if len(written.ttls) == 1 else None)
        if ttl is None:
            raise BadUsage(f"{sheet.id} sells TTLs {', '.join(written.ttls)}; say which", word="cache_write")
        if f"cache_write:{ttl}" in rates:
            return rates[f"cache_write:{ttl}"]
    if name == "cache_read" and (several := [known for known in rates if known.startswith("cache_read:")]):
        if len({rates[known].value for known in several}) == 1:
            return rates[several[0]]
        kinds = " and ".join(f"{known.partition(':')[2]} ({rates[known].value})" for known in several)
        raise BadUsage(
            f'{sheet.id} reads at different rates, {kinds}; say {{"cache_read": {{KIND: N}}}}', word="cache_read"
        )
    service = "" if row.service == STANDARD else f" in service {row.service}"
    otherwise = f"{sheet.version(card)} has no rate for {name}{service}; it sells {', '.join(rates)}"
    otherwise += ", in seconds and GB-hours; see compare, which works them out from tokens" if sheet.meter.cards else ""
    what = f"{name}{service} of {sheet.id}"
    refusal = sheet.refusal(card, what, otherwise, lambda other: _rated(name, row.service, other))
    refusal.word = name
    raise refusal


def _rated(name: str, service: str, card: RateCard) -> bool:
    """Whether a card has a rate for a line in a service, by its own name or as the only rate for reads."""
    kind, _, key = name.partition(":")
    names = {name, *((kind,) if kind == "cache_read" and key in card.caching.kinds else ())}
    return any(row.service == service and not names.isdisjoint(row.rates) for row in card.rows)
