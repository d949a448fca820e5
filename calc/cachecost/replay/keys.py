"""Under which rates the requests of a table fall: few classes of requests that pay the same, each looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .account import RELATIVE, Rating
from .classes import Edges, edges, largest, tree, windowed
from .epochs import DAY, Epochs
from .policies import Database

CLASS = ("who", "k_stretch", "k_size", "k_answer")
Find = Callable[[int, int, int, int, int], int | None]
"""From who asks, an instant, the tokens of a prompt and of an answer, and the number of such requests, to a key."""


def keyed(database: Database, source: str, table: str, *, sheets: Sequence[Epochs], rating: Rating, find: Find) -> str:
    """What to read the requests from with one more column, `key`: what `find` says of their class, or NULL.

    `source` has the columns `place`, `moment`, `who`, `prompt`, `rest` and `output`; `table`: where the classes go.
    """
    at = (
        str(rating.as_of)
        if rating.as_of is not None
        else f"CASE WHEN moment < {RELATIVE} THEN {rating.now} ELSE moment END"
    )
    cuts = _edges(database, source, at, sheets)
    instants, sizes, answers = (list(map(str, each)) for each in (cuts.instants, cuts.sizes, cuts.answers))
    classed = (
        f"SELECT *, {tree('k_at', instants, list(map(str, cuts.stretches)))} AS k_stretch, "
        f"{tree('k_prompt', sizes, _numbers(sizes))} AS k_size, "
        f"{tree('output', answers, _numbers(answers))} AS k_answer "
        f"FROM (SELECT *, {at} AS k_at, prompt + rest AS k_prompt FROM {source})"
    )
    listed = ", ".join(CLASS)
    classes = database.rows(f"SELECT {listed}, COUNT(*) FROM ({classed}) GROUP BY {listed} ORDER BY MIN(place)")
    rows = [
        (*of, find(of[0], cuts.times[of[1]], largest(cuts.sizes, of[2]), largest(cuts.answers, of[3]), count))
        for *of, count in classes
    ]
    database.load(table, dict.fromkeys((*CLASS, "key"), "INTEGER"), rows)
    return f"(SELECT * FROM ({classed}) JOIN {table} USING ({listed}))"


def _numbers(cuts: Sequence[str]) -> list[str]:
    return [str(number) for number in range(len(cuts) + 1)]


def _edges(database: Database, source: str, at: str, sheets: Sequence[Epochs]) -> Edges:
    """The edges of the sheets; where hours recur, those of the days on which there are requests."""
    if not windowed(sheets):
        return edges(sheets)
    days = database.rows(f"SELECT DISTINCT ({at}) // {DAY} FROM {source} ORDER BY 1")
    return edges(sheets, *_spans(day for (day,) in days))


def _spans(days: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of days as spans of microseconds."""
    runs: list[list[int]] = []
    for day in days:
        if not runs or day != runs[-1][-1] + 1:
            runs.append([day])
        runs[-1].append(day)
    return [(run[0] * DAY, (run[-1] + 1) * DAY - 1) for run in runs]
