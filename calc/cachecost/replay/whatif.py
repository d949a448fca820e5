"""The same requests under other policies and on other models, each beside what was paid for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from .account import Account
from .breakdown import rates_of
from .cases import CLAIRVOYANT, FORESEEN, Case, policies_of, swift
from .epochs import Epochs
from .losses import Asked, Losses
from .report import Alternative, Loss, Rates, counted
from .tally import REQUESTS, Tally, price
from .traffic import NONE, Traffic


class Found(NamedTuple):
    """Alternatives, the rates of other models behind them, and what is to be said of them."""

    alternatives: list[Alternative]
    rates: list[Rates]
    notes: list[str]


def what_if(account: Account, traffic: Traffic, *, others: Sequence[Epochs] = (), names: Sequence[str] = ()) -> Found:
    """Every policy on the models of the log, then on the others. `names`: only these policies."""
    found = Found([], [], [])
    road = _road(traffic)
    found.alternatives.extend(_logged(account, traffic, road, names))
    for epochs in others:
        _on(epochs, account, traffic, road, names, found)
    if traffic.alone and traffic.sessions and found.alternatives:
        found.notes.append(
            f"Without a session: {counted(traffic.alone, 'request')} of {len(traffic):,}; where others on the model "
            "name one, they are sent fresh under other policies."
        )
    if len(traffic) > FORESEEN and not names:
        found.notes.append(
            f"Left out above {FORESEEN:,} requests: the bound below all policies; --policy {CLAIRVOYANT} asks for it."
        )
    if headless := road.headless(traffic):
        found.notes.append(
            f"Begun with a read of what the log does not show being written: {counted(headless, 'session')}; "
            "other policies pay for that write."
        )
    if traffic.sessions and found.alternatives:
        found.notes.append(
            "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."
        )
    return found


def _road(traffic: Traffic) -> Any:
    """The room that splits the requests, by the size of the log."""
    if swift(len(traffic)):
        from . import split_swift

        return split_swift
    from . import split

    return split


def _logged(account: Account, traffic: Traffic, road: Any, names: Sequence[str]) -> Iterator[Alternative]:
    """Every sheet of the log by itself, those with most requests first."""
    keys, split = traffic.known, road.logged(traffic)
    counts: Counter[str] = Counter()
    for place, requests in Counter(split.places).items():
        counts[keys[place].sheet] += requests
    counts.update(each.key.sheet for each in traffic.wholes if each.key.sheet not in counts)
    for sheet, _ in counts.most_common():
        mine = {place for place, key in enumerate(keys) if key.sheet == sheet}
        beside = Tally(cell for cell in traffic.beside.cells() if cell.key.sheet == sheet)
        part = road.of(split, mine)
        case = Case(sheet, keys, account.sheets, part, [keys[place] for place in road.arrivals(part)], beside)
        case = case._replace(foreseen=len(traffic) <= FORESEEN)
        if not case.split.shared:
            case = case._replace(wholes=[each for each in traffic.wholes if each.key.sheet == sheet])
        paid = _took_part(account, traffic, sheet, wholes=bool(case.wholes))
        total = price(paid, account.sheets).total
        for each in policies_of(case, names):
            yield each._replace(paid=total)


def _took_part(account: Account, traffic: Traffic, sheet: str | None = None, *, wholes: bool = False) -> Tally:
    """What the requests that are compared added to the bill, of one sheet or of all; with sums of requests or not."""
    found = account.whole()
    for tally in (traffic.timeless, *(() if wholes else (traffic.sums,))):
        for key, line, count in tally.cells():
            found.add(key, line, -count)
    return Tally(cell for cell in found.cells() if sheet in (None, cell.key.sheet))


def _on(epochs: Epochs, account: Account, traffic: Traffic, road: Any, names: Sequence[str], found: Found) -> None:
    """All requests on another sheet."""
    keys, split, refused = road.elsewhere(traffic, epochs, account)
    for reason, count in refused.items():
        found.notes.append(f"Without a price on {epochs.name}: {counted(count, 'request')}: {reason}")
    if not keys:
        return
    paid = None if refused or NONE in traffic.key else _paid(account, traffic)
    own = [keys[place] for place in road.arrivals(split)]
    case = Case(epochs.name, keys, {epochs.name: epochs}, split, own, Tally(), foreseen=len(traffic) <= FORESEEN)
    found.rates.extend(rates_of(Tally((key, REQUESTS, 1) for key in keys), case.sheets))
    found.alternatives.extend(each._replace(paid=paid, same=False) for each in policies_of(case, names))


def _paid(account: Account, traffic: Traffic) -> Decimal | None:
    """What all requests that take part cost on their own models; None where they cost several currencies."""
    whole = _took_part(account, traffic)
    currencies = {account.sheets[key.sheet].sheet.currency for key in whole.sums}
    return price(whole, account.sheets).total if len(currencies) == 1 else None


def lost(account: Account, traffic: Traffic) -> list[Loss]:
    """Spending that bought nothing, by reason and currency, as far as sessions tell."""
    losses, keys, lines = Losses(account.sheets), traffic.known, traffic.lines
    follow = losses.follow
    names = ("session", "key", "at", "read", "put", "line", "prompt")
    columns: list[Any] = [getattr(traffic, name) for name in names]
    order = traffic.order()
    if not isinstance(order, range):
        columns = [[column[place] for place in order] for column in columns]
    for place, (session, key, at, read, put, line, prompt) in zip(order, zip(*columns, strict=True), strict=True):
        if session != NONE and key != NONE:
            written = ((lines[line], put),) if put and place not in traffic.several else traffic.written(place)
            follow(session, at, keys[key], Asked(prompt, read, put), written)
    return [Loss(*each) for each in losses.found()]
