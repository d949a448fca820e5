"""What will be asked: a context, a question and an answer, how many times, and when.

Query k of N comes at k x gap after `start`, k = 0 .. N-1, where the gap is `every`, or `over` / (N-1) so that
the first comes at 0 and the last at the end, or nothing: all of them at once, inside any time to live.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import BadWorkload

MAX_QUERIES = 10**9
LONGEST = timedelta(365_250)
"""A thousand years, from the first query to the last: no price lasts so long, and no calendar overflows."""
LAST_YEAR = 8000
_NOW = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Workload:
    """Token counts of one query, the number of queries, and how they are spread; BadWorkload on nonsense."""

    context: int
    question: int
    answer: int
    queries: int
    start: datetime
    every: timedelta | None = None
    over: timedelta | None = None

    def __post_init__(self) -> None:
        if self.every is not None and self.over is not None:
            raise BadWorkload("every: over is given too, and both say how the queries are spread; give one of them")
        if self.context < 1:
            raise BadWorkload("context: expected at least 1 token to cache")
        if self.question < 0 or self.answer < 0:
            raise BadWorkload("question: question and answer are each expected to be 0 tokens or more")
        if not 1 <= self.queries <= MAX_QUERIES:
            raise BadWorkload(f"queries: expected 1 to {MAX_QUERIES:,}, not {self.queries:,}")
        if self.start.tzinfo is None:
            raise BadWorkload("start: expected an instant with a zone")
        for name, length in (("every", self.every), ("over", self.over)):
            if length is not None and length < _NOW:
                raise BadWorkload(f"{name}: expected a duration of 0 or more")
        if self.start.year > LAST_YEAR:
            raise BadWorkload(f"start: expected a year up to {LAST_YEAR}, not {self.start.year}")
        self.span(self.queries)

    @property
    def prompt(self) -> int:
        return self.context + self.question

    def span(self, queries: int) -> timedelta:
        """From the first query to the last; BadWorkload beyond `LONGEST`."""
        if queries < 2:
            return _NOW
        gaps = 1 if self.over else queries - 1
        gap = self.over or self.every or _NOW
        if gap // _MICROSECOND * gaps > LONGEST // _MICROSECOND:
            raise BadWorkload(
                f"queries: {queries:,} would take over {LONGEST.days:,} days; ask for fewer or closer ones"
            )
        return gap * gaps

    def up_to(self, queries: int, after: timedelta) -> int:
        """How many of so many queries come not later than `after` the first."""
        if after < _NOW:
            return 0
        if not self.span(queries):
            return queries
        if self.every:
            return min(queries, after // self.every + 1)
        assert self.over is not None
        return min(queries, after // _MICROSECOND * (queries - 1) // (self.over // _MICROSECOND) + 1)

    def before(self, queries: int, instant: datetime) -> int:
        """How many of so many queries come earlier than an instant; an even spread need not fall on whole
        microseconds, so the first k with k x gap >= instant - start is found without dividing."""
        after = instant - self.start
        if after <= _NOW:
            return 0
        if not self.span(queries):
            return queries
        if self.every:
            return min(queries, -(after // -self.every))
        assert self.over is not None
        return min(queries, -(after // _MICROSECOND * (queries - 1) // -(self.over // _MICROSECOND)))

    def hits(self, queries: int, ttl: timedelta) -> bool:
        """Whether every query comes within `ttl` of the one before; exactly `ttl` still is."""
        return self.span(queries) // _MICROSECOND <= ttl // _MICROSECOND * (queries - 1)
