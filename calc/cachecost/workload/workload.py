"""What will be asked: a context, a question and an answer, how many times, and when.

Evenly: query k of N comes at k x gap after `start`, k = 0 .. N-1, where the gap is `every`, or `over` / (N-1) so that
the first comes at 0 and the last at the end, or nothing: all of them at once, inside any time to live. At a Poisson
`rate`, or at random in `over`, the same instants are the expected ones and only hits and misses differ. A
conversation grows: each turn sends all that was said before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from ..errors import BadWorkload
from ..units import HOUR, MICROSECOND
from .arrivals import NOW, Even, Given, Law
from .series import LONGEST

if TYPE_CHECKING:  # most queries come at even gaps, at any hour, and load no other law of arrival
    from .office import Office
    from .within import RandomLaw

MAX_QUERIES = 10**9
MAX_TURNS = 10_000
"""Most turns of a conversation: each is priced by itself, and no context holds so many."""
MOST_AT_RATE = 100_000
"""Most queries at a Poisson rate whose instants are weighed; those of more stray by less than half a percent."""
LAST_YEAR = 8000
EVEN, POISSON, RANDOM = "even", "poisson", "random"
ARRIVALS = (EVEN, POISSON, RANDOM)


@dataclass(frozen=True)
class Workload:
    """Token counts of one query, the number of queries, and how they are spread; BadWorkload on nonsense.

    `rate`: queries per hour. `arrivals`: `even`, `poisson` (needs `rate`) or `random` (needs `over`). `grows`: a
    conversation of `queries` turns, `tools` tokens of results joining each. `times`: how long after `start` each query
    comes, in order, where they keep no law; there are as many as `queries`, and fewer queries are the first of them.
    `office`: the hours in which they come, at `times` in them, which are the expected ones of a Poisson rate.
    """

    context: int
    question: int
    answer: int
    queries: int
    start: datetime
    every: timedelta | None = None
    over: timedelta | None = None
    arrivals: str = EVEN
    rate: Fraction | None = None
    grows: bool = False
    tools: int = 0
    times: tuple[timedelta, ...] = ()
    office: Office | None = None

    def __post_init__(self) -> None:
        if self.every is not None and self.over is not None:
            raise BadWorkload(
                "over is given too, and both say how the queries are spread; give one of them", word="every"
            )
        for name in ("context", "question", "answer", "queries", "tools"):
            if not isinstance(number := getattr(self, name), int) or isinstance(number, bool):
                raise BadWorkload(f"expected a whole number, not {number!r}", word=name)
        if self.context < 1:
            raise BadWorkload("expected at least 1 token to cache", word="context")
        if self.question < 0 or self.answer < 0:
            raise BadWorkload("question and answer are each expected to be 0 tokens or more", word="question")
        most = MAX_TURNS if self.grows else MAX_QUERIES
        if not 1 <= self.queries <= most:
            word = "turns" if self.grows else "queries"
            raise BadWorkload(f"expected 1 to {most:,}, not {self.queries:,}", word=word)
        if self.start.tzinfo is None:
            raise BadWorkload("expected an instant with a zone", word="start")
        for name, length in (("every", self.every), ("over", self.over)):
            if length is not None and length < NOW:
                raise BadWorkload("expected a duration of 0 or more", word=name)
        self._check_arrivals()
        self._check_times()
        if self.start.year > LAST_YEAR:
            raise BadWorkload(f"expected a year up to {LAST_YEAR}, not {self.start.year}", word="start")
        self.span(self.queries)

    def _check_times(self) -> None:
        if not self.times:
            if self.office:
                raise BadWorkload("expected the instants of the queries inside these hours, in times", word="office")
            return
        if len(self.times) != self.queries:
            raise BadWorkload(f"expected as many as queries ({self.queries:,}), not {len(self.times):,}", word="times")
        if self.times[0] < NOW or any(later < earlier for earlier, later in pairwise(self.times)):
            raise BadWorkload("expected instants in order, none before the start", word="times")
        if self.gap or self.over or self.grows or (self.arrivals != EVEN and not self.office):
            raise BadWorkload(
                "bursts or given times say how queries come; so do every, over, rate, turns, arrivals", word="times"
            )

    def _check_arrivals(self) -> None:
        if self.arrivals not in ARRIVALS:
            raise BadWorkload(f"expected {', '.join(ARRIVALS)}, not {self.arrivals!r}", word="arrivals")
        if self.rate is not None and (self.every is not None or self.over is not None):
            raise BadWorkload("every or over is given too, and both say how the queries are spread", word="rate")
        if self.rate is not None and self.rate <= 0:
            raise BadWorkload("expected more than 0 queries per hour, such as 12/h", word="rate")
        in_office = self.office is not None and self.office.rate is not None
        if self.office is not None and (self.arrivals == RANDOM or (self.arrivals == POISSON) != in_office):
            raise BadWorkload("queries come evenly or at a Poisson rate inside office hours", word="office")
        if self.arrivals == POISSON and self.rate is None and not in_office:
            raise BadWorkload("Poisson arrivals need a rate, such as 12/h", word="rate")
        if self.arrivals == RANDOM and not self.over:
            raise BadWorkload("arrivals at random need the window in which they fall, such as 8h", word="over")
        if self.tools < 0 or (self.tools and not self.grows):
            raise BadWorkload("results of tools join the turns of a conversation; give turns too", word="tools")
        if self.grows and (self.arrivals != EVEN or self.over is not None):
            raise BadWorkload("a conversation is paced by every or rate, not by over or other arrivals", word="turns")

    @property
    def prompt(self) -> int:
        return self.context + self.question

    @property
    def added(self) -> int:
        """Tokens by which each prompt of a conversation is longer than the one before."""
        return self.question + self.answer + self.tools

    def largest_prompt(self) -> int:
        """Tokens of the last prompt of a conversation, of any prompt otherwise."""
        return self.prompt + (self.queries - 1) * self.added if self.grows else self.prompt

    @cached_property
    def spread(self) -> bool:
        """Whether time passes between the queries."""
        return bool(self.times or self.gap or self.over)

    @cached_property
    def gap(self) -> Fraction:
        """Microseconds from one query to the next, exact, where they are spread by a gap: `every`, or one over the
        rate, which need not be a whole number of them (7/h is 3,600,000,000 / 7)."""
        if self.rate is not None:
            return HOUR / self.rate
        return Fraction(self.every // MICROSECOND) if self.every else Fraction(0)

    @cached_property
    def pause(self) -> timedelta:
        """From one query to the next, to the microsecond above. Where instants are given: the one pause that at least
        half of all pauses have, such as that between bursts or inside a day, 0 where there is none."""
        if not self.times:
            return timedelta(microseconds=ceil(self.step(self.queries)))
        pauses = Counter(later - earlier for earlier, later in pairwise(self.times) if later > earlier)
        pause, number = max(pauses.items(), key=lambda each: each[1], default=(NOW, 0))
        return pause if 2 * number >= pauses.total() else NOW

    def first(self, queries: int) -> Workload:
        """The same with another number of queries; of given instants the first ones."""
        return replace(self, queries=queries, times=self.times[:queries])

    def step(self, queries: int) -> Fraction:
        """Microseconds from one of so many queries to the next, by a gap or in a window."""
        return Fraction(self.over // MICROSECOND, max(1, queries - 1)) if self.over else self.gap

    def law(self, queries: int) -> Law:
        """The law of the pauses between so many queries."""
        if self.office and self.office.rate is not None:
            from .office import OpenPoisson

            return OpenPoisson(self.office.window, self.start, self.office.rate, queries)
        if self.times:
            return Given(self.times[:queries])
        return self._random(queries) or Even(self.step(queries), queries)

    def by_law(self, queries: int) -> RandomLaw | None:
        """The law by which so many queries come; None where they are counted, or the mean number of them up to an
        instant is not known."""
        unknown = self.office or (self.arrivals == POISSON and not 1 < queries <= MOST_AT_RATE)
        return None if unknown else self._random(queries)

    def _random(self, queries: int) -> RandomLaw | None:
        if self.arrivals == POISSON and self.rate is not None:
            from .poisson import Poisson

            return Poisson(self.rate, queries)
        if self.arrivals == RANDOM and self.over is not None:
            from .uniform import Random

            return Random(self.over, queries)
        return None

    def span(self, queries: int) -> timedelta:
        """From the start to the last query, to the microsecond below; BadWorkload beyond `LONGEST`."""
        if self.times:
            return min(self.times[queries - 1], LONGEST)
        if not self.spread:
            return NOW
        gap = self.gap if self.rate is not None else self.gap.numerator
        span = gap * (queries - 1) if not self.over else self.over // MICROSECOND if queries > 1 else 0
        if span > LONGEST // MICROSECOND:
            raise BadWorkload(
                f"{queries:,} would take over {LONGEST.days:,} days; ask for fewer or closer ones", word="queries"
            )
        return timedelta(microseconds=int(span))

    def at(self, query: int, queries: int) -> timedelta:
        """How long after the start one of so many queries comes, counted from 0, to the microsecond below."""
        return self.times[query] if self.times else timedelta(microseconds=int(self.moment(query, queries)))

    def moment(self, query: int, queries: int) -> Fraction:
        """The same in microseconds, exact."""
        return Fraction(self.times[query] // MICROSECOND) if self.times else self.step(queries) * query

    def stay(self, queries: int) -> Fraction | int:
        """Microseconds for which a cache has to stand for so many queries: their span, or the time in which they come
        at a rate."""
        if self.rate is not None:
            return self.gap * queries
        return self.span(queries) // MICROSECOND

    def up_to(self, queries: int, after: Fraction | int) -> int:
        """How many of so many queries come not later than so many microseconds after the start."""
        if after < 0:
            return 0
        if self.times:
            return bisect_right(self.times, timedelta(microseconds=int(after)), hi=queries)
        step = self.step(queries)
        return min(queries, after // step + 1) if step else queries

    def before(self, queries: int, after: timedelta) -> int:
        """How many of so many queries come earlier than a time after the start: the first k with k x gap >= it."""
        if after <= NOW:
            return 0
        if self.times:
            return bisect_left(self.times, after, hi=queries)
        if self.span(queries) < after:
            return queries
        step = self.step(queries)
        return min(queries, -(after // MICROSECOND // -step)) if step else queries
