"""What one request may ask for: bytes, models, points, turns, seconds. Everything beyond is refused with a problem."""

from collections.abc import Iterable

from cachecost.prices.sheet import PriceSheet
from cachecost.workload.workload import EVEN, Workload

from .problems import RefusedRequest, bad_request

BODY = 1_000_000
"""Bytes of a body, counted as they come."""
UPLOAD = 10_000_000
"""Bytes of a document that is counted, or of a log that is replayed."""
UNPACKED = 50_000_000
"""Bytes to which an upload may unpack."""
DISCARDED = 16_000_000
"""Bytes of a larger body that are read and thrown away: a client that is cut off while it sends hears no refusal."""
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
SURVEYED = 80_000
"""Turns of all models together, where the cheapest of all is looked for: nothing is asked about other numbers."""
RANDOM = 100_000
"""Queries at random in a window, where misses are summed one by one."""
WORK = 5
"""Seconds of work on a question, as far as they can be foreseen."""
ADVISED = (60, 300, 300)
"""Turns, queries at random and instants of advice, which looks for thresholds on both sides of the question."""
SECONDS = 10
PATIENCE = 6
"""Times as many seconds for work whose progress the client sees."""
SLOW = 15
"""Seconds in which the head of a request must have come, and then its body."""
WORKERS = 4
SHARE = 2
"""Threads that one client may have at a time."""
QUEUE = 1_024
CONNECTIONS = 4_000
"""Open connections; fewer where the system allows fewer files."""
SUGGESTED = 20
"""Unknown models of one batch for which similar names are looked up."""


def affordable(
    questions: Iterable[tuple[PriceSheet, Workload]],
    strategies: Iterable[str] = (),
    *,
    points: int = 1,
    advice: bool = False,
    eras: bool = False,
) -> None:
    """Refuse a question before it is worked on, if answering it would take more than `WORK` seconds or so.

    `points`: numbers of queries at which a curve is drawn. `eras`: asked at the rates of every card.
    """
    one_by_one = any(name.startswith("stored:") for name in strategies)
    seconds = sum(
        _seconds(sheet, work, points, advice=advice, one_by_one=one_by_one) * (len(sheet.cards) if eras else 1)
        for sheet, work in questions
    )
    if seconds > WORK:
        raise bad_request(
            f"queries: about {seconds:,.0f} seconds of work are too much to answer over HTTP; ask for fewer queries, "
            "models or points, or for a shorter time, or ask the command line",
            where="queries",
        )


def _seconds(sheet: PriceSheet, work: Workload, points: int, *, advice: bool, one_by_one: bool) -> float:
    """About how long a model takes on one core: as measured, what counts are the changes of rates that queries live
    through, and where they come at random the queries themselves. `one_by_one`: every time for which an entry stands is
    billed by itself."""
    queries, changes = work.queries, _changes(sheet, work)
    seconds = points * (queries / 500_000 if work.times else 1 / 3_000)
    if not changes:
        return seconds
    if work.by_law(queries):
        seconds += queries / 90 if advice else points * (1 / 100 + queries / 70_000)
    else:
        seconds += changes / 55 if advice else 1 / 100 + changes / 6_000
    return seconds + (points * queries / 50_000 if one_by_one else 0)


def _changes(sheet: PriceSheet, work: Workload) -> int:
    """How often rates change while queries come: new cards, and hours that open and close."""
    try:
        span = work.span(work.queries)
        cards = sheet.changes(work.start, work.start + span)
    except OverflowError:
        return 0  # refused by the engine
    windows = {row.window for card in sheet.cards for row in card.rows if row.window}
    return len(cards) + 2 * len(windows) * (span.days + 1)


def bounded(work: Workload, *, advice: bool = False, models: int = 1) -> Workload:
    """The workload, where the work of answering it is bounded; a refusal that names the word otherwise."""
    turns, random, times = ADVISED if advice else (TURNS, RANDOM, TIMES)
    if models > MODELS:
        turns = SURVEYED
    if work.grows and work.queries * models > turns:
        raise too_many("turns", work.queries, turns, models)
    if work.times and work.queries * models > times:
        raise too_many("queries", work.queries, times, models)
    if work.arrivals != EVEN and work.over is not None and work.queries * models > random:
        raise too_many("queries", work.queries, random, models)
    return work


def too_many(word: str, count: int, most: int, models: int = 1) -> RefusedRequest:
    """A refusal of a count that takes too long on all models together."""
    over = f" on {models:,} models" if models > 1 else ""
    return bad_request(
        f"{word}: {count:,}{over} are too many to answer over HTTP; expected up to {most // models:,}, "
        "or ask the command line",
        where=word,
    )
