"""Which requests pay the same: the class of each as one whole number, which SQL works out and Python takes apart.

The rates of a request depend on what was bought, when, and how large it was. Rates change at few times of the day and
at few sizes, so a class tells the day, between which of those times, and between which of those sizes. These are digits
of one number, since DuckDB groups and joins by one number much faster than by several.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .epochs import DAY, Epochs
from .survey import Database


class Digit(NamedTuple):
    """One thing that a class tells: SQL that counts through its values, and the values."""

    text: str
    values: Sequence[Any]


def rating(
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
        between(f"{_MOMENT} % {DAY}", _times(database, requests, sheets)),
        between("size", ends(row.prompt.high for row in rows)),
        between(answer, ends(row.output.high for row in rows)),
    ]


def between(text: str, cuts: Sequence[int]) -> Digit:
    """Between which of some numbers a number lies, told by the lower one."""
    return Digit(tree(f"({text})", list(map(str, cuts)), list(map(str, range(len(cuts) + 1)))), (0, *cuts))


def number(digits: Iterable[Digit]) -> str:
    """The class of a request in SQL."""
    text = f"{_MOMENT} // {DAY}"
    for digit in digits:
        if len(digit.values) > 1:
            text = f"({text}) * {len(digit.values)} + {digit.text}"
    return text


def parted(by: int, digits: Sequence[Digit]) -> tuple[int, *tuple[Any, ...]]:
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
