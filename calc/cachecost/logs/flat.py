"""Formats whose records are flat: declared by the keys that tell them and the keys under which their fields lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..replay.request import Item, Request
from .counts import plain, usage
from .format import Format, Record
from .values import count, instant, money, needed, service, text, word

NOWHERE = "\0"
"""The key of a field that a format does not have."""


class Fields(NamedTuple):
    """Where the fields of a record lie. Tokens of `input` include those of `cached`; `model` lists keys, of which the
    first that holds a word counts."""

    at: str
    input: str
    output: str
    cached: str = NOWHERE
    thoughts: str = NOWHERE
    model: Sequence[str] = ()
    provider: str = NOWHERE
    service: str = NOWHERE
    session: str = NOWHERE
    project: str = NOWHERE
    id: str = NOWHERE
    paid: str = NOWHERE


def request(record: Record, fields: Fields) -> Request:
    """The request of a flat record. Raises BadLog where it has no count of input."""
    cached = count(record, fields.cached)
    return Request(
        at=instant(record.get(fields.at), fields.at),
        model=word(record, fields.model),
        usage=usage(
            input=plain(needed(record, fields.input), cached), cache_read=cached, output=count(record, fields.output)
        ),
        provider=text(record, fields.provider),
        service=service(record.get(fields.service)),
        session=text(record, fields.session) or None,
        project=text(record, fields.project) or None,
        id=text(record, fields.id) or None,
        paid=money(record, fields.paid),
        thinking=count(record, fields.thoughts) > 0,
    )


def flat(name: str, keys: Sequence[str], fields: Fields, note: str = "") -> Format:
    """The format of flat records that have all of the keys."""

    def read(record: Record) -> list[Item]:
        return [request(record, fields)]

    return Format(name, lambda record: all(key in record for key in keys), read, note=note)
