"""Requests made up for a test as a table of the database, and what the plan says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from cachecost.replay import clairvoyant
from cachecost.replay.epochs import Epochs, RateKey
from cachecost.replay.policies import Policy, tallies
from cachecost.replay.survey import survey
from cachecost.replay.tally import Tally
from cachecost.replay.traffic import LOGGED

from ..engine_logs import memory

DUCK = memory()
TABLE = ("place", "moment", "key", "prompt", "output", "session", "blocks")


class Columns(NamedTuple):
    """Requests with sessions, -1 where they have none."""

    at: list[int]
    key: list[int]
    prompt: list[int]
    output: list[int]
    session: list[int]


class Trace(NamedTuple):
    """Requests with block ids, in the order of the log."""

    at: list[int]
    key: list[int]
    prompt: list[int]
    output: list[int]
    blocks: list[tuple[int, ...]]


def table(message: Columns | Trace) -> str:
    """The table of these requests."""
    rows: Iterable[Sequence[Any]] = zip(*message, strict=True)
    if isinstance(message, Columns):
        loaded = [(*row, None if session < 0 else session, None) for *row, session in rows]
    else:
        loaded = [(*row, None, list(blocks)) for *row, blocks in rows]
    requests = (dict(zip(TABLE, (place, *row), strict=True)) for place, row in enumerate(loaded))
    DUCK.load("told", LOGGED, [list(map(each.get, LOGGED)) for each in requests])
    return "told"


def replayed(
    message: Columns | Trace, keys: Sequence[RateKey], sheets: Mapping[str, Epochs], policies: Sequence[Policy]
) -> dict[str, Tally]:
    """The tally of every policy, by its name."""
    requests = survey(DUCK, table(message), dict(enumerate(keys)), sheets)
    sums = {one.name: Tally() for one in policies}
    for mine in by_sheet(keys).values():
        for name, tally in tallies(requests.on(mine), policies).items():
            sums[name].merge(tally)
    return sums


def by_sheet(keys: Sequence[RateKey]) -> dict[str, dict[int, RateKey]]:
    """The keys of each sheet by number."""
    sheets: dict[str, dict[int, RateKey]] = {}
    for number, key in enumerate(keys):
        sheets.setdefault(key.sheet, {})[number] = key
    return sheets


def least(message: Columns | Trace, keys: Sequence[RateKey], sheets: Mapping[str, Epochs]) -> Decimal:
    """The least that these requests can have cost."""
    requests = survey(DUCK, table(message), dict(enumerate(keys)), sheets)
    return sum((clairvoyant.least(requests.on(mine)) for mine in by_sheet(keys).values()), Decimal(0))
