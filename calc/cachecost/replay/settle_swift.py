"""Requests that wait to be priced, many at once over arrays: the same sums as one after another, to the last token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..bills.warnings import OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_READ, SMALL_WRITE, bounds_of
from ..errors import BadWorkload
from ..files.installed import install
from .account import RELATIVE, UNPRICED, Account, Part
from .binned import binned
from .epochs import DAY
from .keys_swift import keys_of
from .settle import Left, requests
from .split_swift import rates_at
from .tally import HITS, REQUESTS, Key, Tally
from .traffic import NONE, PENDING, Traffic, Who

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None

Array = Any


class Waiting(NamedTuple):
    """Columns of what is pending, and its places in the traffic. `plain`: tokens neither read nor written."""

    place: Array
    at: Array
    who: Array
    plain: Array
    read: Array
    put: Array
    line: Array
    output: Array
    session: Array
    project: Array


def settle(traffic: Traffic, account: Account) -> list[Left]:
    """Price what is pending, and add it to every sum; what has no price is handed back."""
    rows = _waiting(traffic)
    keys: dict[Key, int] = {}
    key = np.full(len(rows.place), NONE, np.int64)
    whos, order = traffic.whos, np.argsort(rows.who, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(rows.who[order])) + 1):
        if len(mine):
            key[mine] = _keyed(whos[rows.who[mine[0]]], account, rows, mine, keys)
    _refuse_unsold(traffic.lines, account, rows, key, list(keys))
    _keep(traffic, rows, key, list(keys))
    _add(traffic, account, rows, key, list(keys))
    _seen(account, rows.at, key != NONE)
    traffic.settled = len(traffic)
    return _left(traffic, account, rows, key)


def _waiting(traffic: Traffic) -> Waiting:
    begin = traffic.settled
    place = begin + np.flatnonzero(np.array(traffic.key[begin:]) == PENDING)
    names = ("at", "who", "prompt", "read", "put", "line", "output", "session", "project")
    at, who, prompt, read, put, *rest = (np.array(getattr(traffic, name)[begin:])[place - begin] for name in names)
    return Waiting(place, at, who, prompt - read - put, read, put, *rest)


def _keyed(who: Who, account: Account, rows: Waiting, mine: Array, keys: dict[Key, int]) -> Array:
    """The keys of requests that differ in time and size alone, as places in `keys`, which grows."""
    try:
        epochs = account.epochs(who.model, who.provider)
    except UNPRICED:
        return NONE
    rated = rates_at(account.rating, rows.at[mine])
    size = rows.plain[mine] + rows.read[mine] + rows.put[mine]
    asked = {"service": who.service, "region": who.region, "thinking": who.thinking}
    found, fresh = keys_of(epochs, rated, size, rows.output[mine], **asked)  # type: ignore[arg-type]
    places = np.array([*(keys.setdefault(each, len(keys)) for each in fresh), NONE], np.int64)
    return places[found]


def _refuse_unsold(lines: Sequence[str], account: Account, rows: Waiting, key: Array, keys: Sequence[Key]) -> None:
    """Take the key from requests with a line for which it has no rate."""
    told = [("input", rows.plain > 0), ("cache_read", rows.read > 0), ("output", rows.output > 0)]
    told += [(line, (rows.put > 0) & (rows.line == place)) for place, line in enumerate(lines)]
    refused = np.zeros(len(key), bool)
    for line, has in told:
        for place in np.unique(key[has]):
            if place != NONE and not account.sells(keys[place], line):
                refused |= has & (key == place)
    key[refused] = NONE


def _keep(traffic: Traffic, rows: Waiting, key: Array, keys: Sequence[Key]) -> None:
    """Write the keys into the traffic, numbered as they first come in the log."""
    used, first = np.unique(key, return_index=True)
    numbers = np.full(len(keys) + 1, NONE, np.int64)
    for place in used[np.argsort(first)]:
        if place != NONE:
            numbers[place] = traffic.place(keys[place])
    column = np.frombuffer(traffic.key, np.int64)
    column[rows.place] = numbers[key]


def _add(traffic: Traffic, account: Account, rows: Waiting, key: Array, keys: Sequence[Key]) -> None:
    """Add what is priced to the account, part by part."""
    good = np.flatnonzero(key != NONE)
    account.priced += len(good)
    if not len(good):
        return
    key, rows = key[good], Waiting(*(column[good] for column in rows))
    part = _parted(account, rows)
    _, first, group = np.unique(part * len(keys) + key, return_index=True, return_inverse=True)
    size = len(first)
    asked = (rows.plain + rows.read + rows.put + rows.output) > 0
    columns: dict[str, list[int]] = {
        "input": binned(group, rows.plain, size),
        "cache_read": binned(group, rows.read, size),
        "output": binned(group, rows.output, size),
        REQUESTS: binned(group[asked], None, size),
        HITS: binned(group[rows.read > 0], None, size),
    }
    for place, line in enumerate(traffic.lines):
        columns[line] = binned(group, np.where(rows.line == place, rows.put, 0), size)
    for doubt, rare in _doubtful(account, rows, key, keys):
        columns[doubt] = binned(group[rare], None, size)
    sessions, projects = [*traffic.sessions, None], [*traffic.projects, None]
    for each in np.argsort(first):
        row = first[each]
        day = None if rows.at[row] < RELATIVE else int(rows.at[row] // DAY)
        session = sessions[rows.session[row]] if "session" in account.by else None
        project = projects[rows.project[row]] if "project" in account.by else None
        tally = account.parts.setdefault(Part(day, session, project), Tally())
        for line, counts in columns.items():
            tally.add(keys[key[row]], line, counts[each])


def _doubtful(account: Account, rows: Waiting, key: Array, keys: Sequence[Key]) -> Iterator[tuple[str, Array]]:
    """Which requests are beyond a bound of their card: `notices.doubts` over arrays."""
    prompt, cached = rows.plain + rows.read + rows.put, rows.read + rows.put
    bounds = [dict(bounds_of(account.card(each))) for each in keys]
    for doubt, tokens, is_limit in (
        (OVER_CONTEXT, prompt + rows.output, True),
        (OVER_INPUT, prompt, True),
        (OVER_OUTPUT, rows.output, True),
        (SMALL_WRITE, np.where(rows.put > 0, cached, NONE), False),
        (SMALL_READ, np.where((rows.put == 0) & (rows.read > 0), cached, NONE), False),
    ):
        if any(doubt in each for each in bounds):
            bound = np.array([each.get(doubt, NONE) for each in bounds], np.int64)[key]
            beyond = tokens > bound if is_limit else (tokens != NONE) & (tokens < bound)
            yield doubt, beyond & (bound != NONE)


def _parted(account: Account, rows: Waiting) -> Array:
    """A number for each request, the same for those of one part."""
    told = [np.where(rows.at < RELATIVE, NONE, rows.at // DAY)]
    told += [rows.session] if "session" in account.by else []
    told += [rows.project] if "project" in account.by else []
    found = np.zeros(len(rows.at), np.int64)
    for column in told:
        values, number = np.unique(column, return_inverse=True)
        _, found = np.unique(found * len(values) + number, return_inverse=True)
    return found


def _seen(account: Account, at: Array, priced: Array) -> None:
    """Take note of the first and last times of what is priced and what is not, by the calendar and since a trace
    began."""
    account.relative += int((at < RELATIVE).sum())
    for has_price in (True, False):
        for absolute in (True, False):
            times = at[(priced == has_price) & ((at >= RELATIVE) == absolute)]
            if len(times):
                account.span_of(int(times.min()), int(times.max()), (has_price, absolute))


def _left(traffic: Traffic, account: Account, rows: Waiting, key: Array) -> list[Left]:
    """What has no price, by model, with the reason of the first."""
    models: dict[str, tuple[int, int]] = {}
    whos, places = traffic.whos, np.flatnonzero(key == NONE)
    told = np.unique(rows.who[places], return_index=True, return_counts=True)
    for who, first, many in zip(*(each.tolist() for each in told), strict=True):
        name, place = whos[who].named, int(rows.place[places[first]])
        count, earlier = models.get(name, (0, place))
        models[name] = count + many, min(earlier, place)
    ranked = sorted(models.items(), key=lambda model: model[1][1])
    return [Left(name, count, _reason(traffic, account, first)) for name, (count, first) in ranked]


def _reason(traffic: Traffic, account: Account, place: int) -> str:
    (request,) = requests(traffic, [place])
    try:
        account.priceable(request)
    except UNPRICED as error:
        return str(error)
    raise AssertionError(f"the plain road prices request {place}, and the road over arrays does not")
