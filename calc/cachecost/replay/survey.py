"""The requests of a log by their rates: how many there are of which kind, asked of the database once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .epochs import Epochs, RateKey


class Database(Protocol):
    """Whatever runs the text of a query."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of its answer."""

    def batches(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """The same, some at a time."""

    def load(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], source: str = "") -> None:
        """A table, made anew from rows, with these names and types of columns, or from a query over them."""


class Share(NamedTuple):
    """Requests at the same rates: how many there are, how many of them name a session, have block ids, have neither,
    so that nothing says with which others they share a prompt; how many wrote a cache, read one, wrote with several
    TTLs, or have a vendor's reason for a miss; tokens of text; the shortest prompt that read nothing.
    """

    requests: int = 0
    named: int = 0
    traced: int = 0
    alone: int = 0
    writes: int = 0
    reads: int = 0
    several: int = 0
    missed: int = 0
    prompt: int = 0
    output: int = 0
    shortest: int | None = None


class RequestSurvey(NamedTuple):
    """The requests of a log by their rates on one sheet, or on their own sheets. `requests`: what to read them from,
    whose `key` counts through `keys`; `sheets`: by `RateKey.sheet`. `shares`: what is known of those of each key; of
    those without a price under None."""

    database: Database
    requests: str
    keys: Mapping[int, RateKey]
    sheets: Mapping[str, Epochs]
    shares: Mapping[int | None, Share]

    def on(self, keys: Mapping[int, RateKey]) -> RequestSurvey:
        """Those of its requests that have some of the keys."""
        shares: dict[int | None, Share] = {key: self.shares[key] for key in keys if key in self.shares}
        return self._replace(keys=keys, shares=shares)

    @property
    def those(self) -> str:
        """What to read the requests that have a key from, with a condition to which others can be added."""
        return f"{self.requests} WHERE key IN ({', '.join(map(str, self.keys))})"

    @property
    def session(self) -> str:
        """A number for what requests of a session have in common that may read the same caches; NULL without a
        session."""
        cache, many = by_cache(self.keys, self.sheets)
        return f"session * {many} + {cache}" if many > 1 else "session"


def survey(
    database: Database, requests: str, keys: Mapping[int, RateKey], sheets: Mapping[str, Epochs]
) -> RequestSurvey:
    """Ask the database for the shares of all keys, in the order of the log.

    `requests`: what to read them from, with the columns of `traffic.LOGGED`.
    """
    sums = (
        "COUNT(*), COUNT(session), COUNT(blocks), COUNT(*) FILTER (WHERE session IS NULL AND blocks IS NULL), "
        "COUNT(*) FILTER (WHERE put > 0), COUNT(*) FILTER (WHERE read > 0), COUNT(several), COUNT(miss), "
        "SUM(prompt), SUM(output), MIN(prompt) FILTER (WHERE read = 0)"
    )
    rows = database.rows(f"SELECT key, {sums} FROM {requests} GROUP BY key ORDER BY MIN(place)")
    return RequestSurvey(database, requests, keys, sheets, {key: Share(*row) for key, *row in rows})


def inline(columns: Mapping[str, Sequence[float | None]]) -> str:
    """A few thousand rows of numbers inside of a query, by column: read from one text, many times as fast as VALUES."""

    def unnested(numbers: Sequence[float | None]) -> str:
        kind = "DOUBLE" if any(isinstance(each, float) for each in numbers) else "BIGINT"
        return f"UNNEST('{str(list(numbers)).replace('None', 'NULL')}'::{kind}[])"

    return f"(SELECT {', '.join(f'{unnested(numbers)} AS {name}' for name, numbers in columns.items())})"


def by_key(values: Mapping[int, int]) -> str:
    """A value for each request by its key; the value itself where it is the same for all."""
    if len(set(values.values())) == 1:
        return str(next(iter(values.values())))
    return (
        f"[{', '.join(str(values.get(key, 'NULL')) for key in range(max(values) + 1))}][key + 1]" if values else "NULL"
    )


def by_cache(keys: Mapping[int, RateKey], sheets: Mapping[str, Epochs]) -> tuple[str, int]:
    """A number for each request by the caches that it may read, and how many of them there are: those of its model, or
    those of its service alone where a card says that they lie apart."""
    caches = {number: (key.sheet, _apart(key, sheets)) for number, key in keys.items()}
    names = list(dict.fromkeys(caches.values()))
    return by_key({number: names.index(cache) for number, cache in caches.items()}), len(names)


def _apart(key: RateKey, sheets: Mapping[str, Epochs]) -> str:
    written = sheets[key.sheet].card(key).caching.written
    return key.service if written and key.service in written.apart else ""
