"""What a person should know of a rate card before believing a price: its age, its promises, what changes soon."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from .caching import Caching
from .card import Band, RateCard, Row
from .limits import refusal
from .quote import Quote
from .sheet import PriceSheet
from .usage import Usage

STALE_AFTER_DAYS = 90
AHEAD = timedelta(days=90)
"""How long after a workload or a request an announced change is still reported."""


def dated(sheet: PriceSheet, card: RateCard, *, on: date, today: date) -> Iterator[str]:
    """Why rates may be out of date: a day after the last that was promised, or a source that was read long ago."""
    if card.promised_until and on > card.promised_until:
        yield f"these rates were promised only until {card.promised_until}; look at the source"
    age = (today - sheet.checked).days
    if age > STALE_AFTER_DAYS and card.status != "withdrawn":
        yield f"the source of these rates was last read on {sheet.checked}, {age} days ago"


class Announced(NamedTuple):
    """A card that changes rates or terms of caching, or withdraws the model. `terms_alone`: no rate changes."""

    card: RateCard
    terms_alone: bool

    @property
    def text(self) -> str:
        """`rates change on 2026-12-01 (scheduled)`."""
        card = self.card
        when = f"{card.effective:%Y-%m-%d}" + (" (scheduled)" if card.status == "scheduled" else "")
        if card.status == "withdrawn":
            return f"the model is withdrawn on {when}"
        if card.listed and card.listed.effective < card.effective:
            return f"your terms change on {when}"
        return f"{'caching terms' if self.terms_alone else 'rates'} change on {when}"


def announced(sheet: PriceSheet, after: datetime, until: datetime, service: str) -> Iterator[Announced]:
    """What changes for a service after the one instant and not later than the other."""
    coming = sheet.changes(after, until)
    if not coming:
        return
    before = sheet.card(after)
    for card in coming:
        terms_alone = _rows(card, service) == _rows(before, service)
        if not terms_alone or card.status == "withdrawn" or _terms(card) != _terms(before):
            before = card
            yield Announced(card, terms_alone)


def _rows(card: RateCard, service: str) -> list[Row]:
    return [row for row in card.rows if row.service == service]


def _terms(card: RateCard) -> Caching:
    """The terms of caching, without the words beside them."""
    automatic = card.caching.automatic
    return card.caching._replace(automatic=automatic and replace(automatic, note=None))


def days_after(days: int, what: str) -> str:
    """`8 days after the last query`."""
    return f"{days:,} day{'' if days == 1 else 's'} after {what}"


def with_notices(
    quoted: Quote, usage: Usage, *, at: datetime, today: date, service: str, warned: set[str] | None = None
) -> Quote:
    """A quote that also warns of what its card says of such a request: limits, promises, age, and changes of its
    service that are announced; `warned`: the models and services of which changes have been announced before, to which
    this one is added. `quote` itself does not, since it prices every request of a workload."""
    card = quoted.card
    created = int(
        dict(usage.quantities).get("creation", 0)
    )  # a cache is created by a request apart from the one that reads it
    refused = refusal(card, prompt=max(usage.prompt - created, created), answer=usage.output)
    if refused:  # as in `compare`, a refusal takes the place of what is doubtful about the rates
        of_usage = quoted.warnings[1 if card.caution else 0 :]
        return quoted._replace(warnings=(refused.warning, *of_usage), status=refused.status)
    warned = set() if warned is None else warned
    asked = f"{quoted.sheet.id} {service}"
    coming = [] if asked in warned else [*announced(quoted.sheet, at, at + AHEAD, service)]
    if coming:
        warned.add(asked)
    changes = [f"{each.text}, {days_after((each.card.effective - at).days, 'this request')}" for each in coming]
    if free := card.allowance:
        used = (line.removeprefix("fee.") for line, _ in usage.quantities)
        changes += [f"{tool}: {free.text(tool)}, are free and not taken off here" for tool in used if tool in free.free]
    return quoted._replace(warnings=(*quoted.warnings, *changes, *dated(quoted.sheet, card, on=at.date(), today=today)))


def tier_text(band: Band) -> str:
    """`up to 200,000`, `over 200,000`, `32,001 to 128,000`, `of any size`."""
    low, high = band
    if high is None:
        return "of any size" if low == 0 else f"over {low - 1:,}"
    return f"up to {high:,}" if low == 0 else f"{low:,} to {high:,}"
