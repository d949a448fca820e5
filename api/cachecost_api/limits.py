"""What one request may ask for: bytes, models, points, turns, seconds. Everything beyond is refused with a problem."""

from __future__ import annotations

from cachecost.workload.workload import EVEN, Workload

from .problems import Refusal, bad_request

BODY = 1_000_000
"""Bytes of a body, counted as they come."""
BODIES = 64_000_000
"""Bytes of all bodies that are coming or being answered."""
URL = 8_000
"""Bytes of a path and its query."""
MODELS = 10
TIMES_GIVEN = 20
"""Times that any other word may be given."""
QUOTES = 1_000
POINTS = 2_000
TIMES = 10_000
"""Instants, or queries in bursts, that are counted one by one."""
TURNS = 1_000
RANDOM = 100_000
"""Queries at random in a window, where misses are summed one by one."""
DRAWN = 500_000
"""Instants times points of a curve whose queries come in bursts."""
ADVISED = (60, 300, 300)
"""Turns, queries at random and instants of advice, which looks for thresholds on both sides of the question."""
SECONDS = 10
SLOW = 15
"""Seconds in which the head of a request must have come, and then its body."""
WORKERS = 4
SHARE = 2
"""Threads that one client may have at a time."""
QUEUE = 1_024
CONNECTIONS = 1_000
"""Open connections; fewer where the system allows fewer files."""
SUGGESTED = 20
"""Unknown models of one batch for which similar names are looked up."""


def drawable(points: int, work: Workload) -> None:
    """Refuse a curve whose every point would take many instants one by one."""
    if work.times and points * work.queries > DRAWN:
        most = f"{points:,} points of up to {work.queries:,} instants are too many"
        message = f"queries: {most}; expected points x queries up to {DRAWN:,}, or a step: 1..1000:50"
        raise bad_request(message, where="queries")


def bounded(work: Workload, *, advice: bool = False, models: int = 1) -> Workload:
    """The workload, where the work of answering it is bounded; a refusal that names the word otherwise."""
    turns, random, times = ADVISED if advice else (TURNS, RANDOM, TIMES)
    if work.grows and work.queries * models > turns:
        raise _much("turns", work.queries, turns, models)
    if work.times and work.queries * models > times:
        raise _much("queries", work.queries, times, models)
    if work.arrivals != EVEN and work.over is not None and work.queries * models > random:
        raise _much("queries", work.queries, random, models)
    return work


def instants(queries: int) -> None:
    """Refuse more queries than are counted one by one."""
    if queries > TIMES:
        raise _much("queries", queries, TIMES, 1)


def _much(word: str, asked: int, most: int, models: int) -> Refusal:
    over = f" on {models} models" if models > 1 else ""
    return bad_request(
        f"{word}: {asked:,}{over} are too many to answer over HTTP; expected up to {most // models:,}, "
        "or ask the command line",
        where=word,
    )
