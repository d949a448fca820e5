"""Requests that wait to be priced, one after another: the plain road, and the one for a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..prices.usage import Usage
from .account import UNPRICED, Account
from .epochs import instant
from .request import Request
from .traffic import NONE, PENDING, Traffic


class Left(NamedTuple):
    """Requests of a model that have no price: how many, and why the first of them has none."""

    model: str
    requests: int
    reason: str


def settle(traffic: Traffic, account: Account) -> list[Left]:
    """Price what is pending, and add it to every sum; what has no price is handed back."""
    left: list[Left] = []
    whos = traffic.whos
    places = [place for place in range(traffic.settled, len(traffic)) if traffic.key[place] == PENDING]
    for place, request in zip(places, requests(traffic, places), strict=True):
        try:
            taken = account.take(request)
        except UNPRICED as error:
            left.append(Left(whos[traffic.who[place]].named, 1, str(error)))
            traffic.key[place] = NONE
        else:
            traffic.key[place] = traffic.place(taken.key)
        account.seen(request, priced=traffic.key[place] != NONE)
    traffic.settled = len(traffic)
    return left


def requests(traffic: Traffic, places: Sequence[int]) -> Iterator[Request]:
    """Requests of text as the log told them."""
    whos, sessions, projects = traffic.whos, [*traffic.sessions, None], [*traffic.projects, None]
    for place in places:
        who, put = whos[traffic.who[place]], traffic.written(place)
        yield Request(
            at=instant(traffic.at[place]),
            model=who.model,
            usage=Usage(
                input=traffic.prompt[place] - traffic.read[place] - traffic.put[place],
                cache_read=traffic.read[place],
                cache_write=_by_ttl(put),
                output=traffic.output[place],
            ),
            provider=who.provider,
            service=who.service,
            region=who.region,
            session=sessions[traffic.session[place]],
            project=projects[traffic.project[place]],
            blocks=traffic.blocks.get(place, ()),
            thinking=who.thinking,
        )


def _by_ttl(written: tuple[tuple[str, int], ...]) -> int | dict[str, int]:
    """Tokens by TTL as a usage takes them; one count where the log names no TTL."""
    by = {line.partition(":")[2]: count for line, count in written}
    return by[""] if list(by) == [""] else by
