"""Bills of a question for all its queries, for one of them, or for a month of the same traffic."""

from datetime import timedelta
from fractions import Fraction

from .. import units
from ..errors import BadWorkload
from ..workload.workload import Workload
from .words import PER, Question

MONTH = timedelta(days=30)


def projected(words: Question, per: str) -> Question:
    """The question whose bill is scaled by `factor`: for a month it is kept up for one where nothing says how long."""
    if per not in PER.metavar.split("|"):
        raise BadWorkload(f"expected {PER.metavar.replace('|', ', ')}, not {per!r}", word="per")
    return words.for_a_month() if per == "month" else words


def factor(words: Question, per: str, work: Workload) -> Fraction:
    """By how much a bill is multiplied: 1, one over the number of queries, or 30 days over the time that they take."""
    if per == "query":
        return Fraction(1, work.queries)
    if per != "month":
        return Fraction(1)
    length = units.duration(words.for_ or words.over or "0s") // units.MICROSECOND or work.gap * work.queries
    if not length:
        raise BadWorkload("say how long these queries take; give rate, every, over or for", word="per")
    return Fraction(MONTH // units.MICROSECOND) / length
