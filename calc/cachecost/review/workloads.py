"""Five workloads that everybody recognises, to show what a change of prices costs."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ..workload.workload import Workload


class Reference(NamedTuple):
    """A named workload, how often it runs side by side, and the service that it prefers where that is sold."""

    name: str
    context: int
    question: int
    answer: int
    queries: int
    every: timedelta | None = None
    over: timedelta | None = None
    service: str = "standard"
    times: int = 1

    def at(self, start: datetime) -> Workload:
        return Workload(
            self.context, self.question, self.answer, self.queries, start=start, every=self.every, over=self.over
        )


REFERENCES = (
    Reference("a book of 900K tokens asked 50 times in an hour", 900_000, 200, 500, 50, over=timedelta(hours=1)),
    Reference("a support bot with a 10K prompt, 1,000 times a day", 10_000, 300, 300, 1_000, over=timedelta(days=1)),
    Reference("an agent loop of 40 turns over 40K", 40_000, 1_500, 700, 40, every=timedelta(seconds=30)),
    Reference(
        "a nightly batch over 100 documents of 20K, 5 questions each", 20_000, 200, 300, 5, service="batch", times=100
    ),
    Reference("a quiet tool over 50K, 3 questions a day", 50_000, 200, 500, 3, over=timedelta(hours=8)),
)
