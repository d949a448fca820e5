"""Reports of OpenAI and Anthropic come as pages of buckets of results: here they are taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from json import dumps
from typing import NamedTuple

from ..format import Record
from ..values import first, instant

SUMS = "sums over a time: what was paid is exact where no rate changes inside, what caching would have cost is bounded"


class Result(NamedTuple):
    """One result and the time that it covers."""

    at: datetime | None
    lasting: timedelta | None
    found: Record

    @property
    def id(self) -> str:
        """The same for a result that was saved twice, and for no other."""
        told = dumps([str(self.at), str(self.lasting), self.found], sort_keys=True, default=str)
        return blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()


def results(record: Record) -> Iterator[Result]:
    """Every result of a page, a bucket, or a list of them."""
    data = record.get("data")
    if isinstance(data, list):
        for bucket in data:
            if isinstance(bucket, Mapping):
                yield from results(bucket)
        return
    begin = instant(first(record, ("start_time", "starting_at")), "start_time")
    end = instant(first(record, ("end_time", "ending_at")), "end_time")
    found = record.get("results")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield Result(begin, end - begin if begin and end else timedelta(), each)


def is_page(record: Record) -> bool:
    """Whether a record has the shape of a page or a bucket."""
    data = record.get("data")
    if isinstance(data, list):
        return "has_more" in record or any(isinstance(each, Mapping) and is_page(each) for each in data[:1])
    return isinstance(record.get("results"), list) and first(record, ("start_time", "starting_at")) is not None


def sample(record: Record) -> Record | None:
    """The first result of a page or bucket, whatever its times; None where there is none."""
    if not is_page(record):
        return None
    data = record.get("data")
    pieces = data if isinstance(data, list) else record.get("results")
    for each in pieces if isinstance(pieces, list) else ():
        if isinstance(each, Mapping) and (found := sample(each) if isinstance(data, list) else each) is not None:
            return found
    return None
