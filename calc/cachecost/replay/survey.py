"""The requests of a log by their rates: which of them pay the same, and how many there are of which kind.

The rates of a request depend on what was bought, when, and how large it was. Rates change at few times of the day and
at few sizes, so a class tells the day, between which of those times, and between which of those sizes. These are digits
of one whole number, which SQL works out and Python takes apart, since DuckDB groups and joins by one number much faster
than by several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .epochs import DAY, Epochs, RateKey


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


class Digit(NamedTuple):
    """One thing that a class tells: SQL that counts through its values, and the values."""

    text: str
    values: Sequence[Any]


def rate_digits(
    database: Database,
    requests: str,
    products: Iterable[int],
    sheets: Sequence[Epochs],
    answer: str = "answer",
) -> list[Digit]:
    """What the rates of requests depend on beside the day, as four digits: the product, a time of the day in
    microseconds, the tokens of a prompt and of an answer, each the least of its class.

    `requests`: what to read them from, with the columns `product`, `size` and `moment`, and `answer` in SQL.
    """
    rows = [row for sheet in sheets for card in sheet.cards for row in card.rows]
    return [
        Digit("product", range(max(products, default=0) + 1)),
        _between(f"{_MOMENT} % {DAY}", _times(database, requests, sheets)),
        _between("size", ends(row.prompt.high for row in rows)),
        _between(answer, ends(row.output.high for row in rows)),
    ]


def _between(text: str, cuts: Sequence[int]) -> Digit:
    """Between which of some numbers a number lies, told by the lower one."""
    return Digit(tree(f"({text})", list(map(str, cuts)), list(map(str, range(len(cuts) + 1)))), (0, *cuts))


def class_number(digits: Iterable[Digit]) -> str:
    """The class of a request in SQL."""
    text = f"{_MOMENT} // {DAY}"
    for digit in digits:
        if len(digit.values) > 1:
            text = f"({text}) * {len(digit.values)} + {digit.text}"
    return text


def class_values(by: int, digits: Sequence[Digit]) -> tuple[int, *tuple[Any, ...]]:
    """The day of a class, since 1970, and the values of its digits."""
    parts = []
    for digit in reversed(digits):
        by, place = divmod(by, len(digit.values))
        parts.append(digit.values[place])
    return by, *reversed(parts)


def tree(value: str, cuts: Sequence[str], leaves: Sequence[str]) -> str:
    """The leaf of the class in which a value lies, as SQL that finds it by halves: few comparisons for many cuts."""
    if not cuts or len(set(leaves)) == 1:
        return leaves[0]
    half = len(cuts) // 2
    below = tree(value, cuts[:half], leaves[: half + 1])
    above = tree(value, cuts[half + 1 :], leaves[half + 1 :])
    return f"CASE WHEN {value} < {cuts[half]} THEN {below} ELSE {above} END"


_MOMENT = "COALESCE(moment, 0)"
"""A request without a time has that of a trace's beginning, which tells no day either."""


def _times(database: Database, requests: str, sheets: Sequence[Epochs]) -> list[int]:
    """The times of the day, in UTC, at which rates change on some day: where hours recur, those of the days between the
    first request and the last, since an hour of the day moves with the clocks of its zone."""
    times = {start % DAY for sheet in sheets for start in sheet.starts}
    if recurring := [sheet for sheet in sheets if sheet.windows]:
        ((first, last),) = database.rows(f"SELECT MIN(moment), MAX(moment) FROM {requests}")
        if last is not None:
            days = first // DAY * DAY - DAY, last // DAY * DAY + 2 * DAY
            times |= {edge % DAY for sheet in recurring for edge in sheet.edges(*days)}
    return sorted(times - {0})


def ends(highs: Iterable[int | None]) -> list[int]:
    """Where the next class of sizes begins."""
    return sorted({high + 1 for high in highs if high is not None})
