"""What is ahead of a live session, for people and programs: its cache, and the ways to go on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from ...advice.ahead import CONTINUE, Ahead
from ...bills.break_even import BreakEven
from ...units import show_instant
from ..figures import amount, cited, count, duration, intervals, many
from ..labels import policy
from ..records import Count, ModelId, OfOneModel, RecordFields, Text, of, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table
from .measures import BreakEvenRecord
from .statusline import label, state

COLUMNS = (
    "way model strategy next_turn.low next_turn.likely next_turn.high turns.low turns.likely turns.high wins.first "
    "pings until"
)


class CostRangeRecord(RecordFields):
    """What it costs where all hits that may hit, as it is likely, and where nothing hits."""

    low: Decimal
    likely: Decimal
    high: Decimal


class WayRecord(RecordFields):
    """One way to go on; `turns` null where the turns left do not fit into the context."""

    way: Literal["continue", "compact", "new-session", "switch", "ping"] = of("name")
    model: ModelId
    strategy: Text
    next_turn: CostRangeRecord
    turns: CostRangeRecord | None
    wins: BreakEvenRecord | None
    turns_until_full: Count | None = of("likely.served")
    pings: Count | None
    until: datetime | None
    note: Text | None


class LeftOutWayRecord(RecordFields):
    """A way that is none, and why."""

    way: Text = of("model")
    type: Text = of("kind")
    why: Text


class AheadRecord(OfOneModel):
    """The next turn of a session and the turns left."""

    session: Text
    at: datetime = of("now")
    last_request: datetime = of("cache.last.at")
    state: Literal["cold", "warm", "unknown"] = of(lambda ahead: ahead.cache.state(ahead.now))
    time_left: timedelta | None = of(lambda ahead: ahead.cache.time_left(ahead.now))
    cached: Count = of("cache.tokens")
    alive: Count = of(lambda ahead: ahead.cache.alive(ahead.now))
    possibly_alive: Count = of(lambda ahead: ahead.cache.possible(ahead.now))
    next_prompt: Count = of("workload.prompt")
    answer: Count = of("workload.answer")
    turns_left: Count = of("turns")
    summary: Count
    ways: list[WayRecord]
    best: Text = of("best.name")
    left_out: list[LeftOutWayRecord]
    sentence: Text = of(lambda ahead: sentence(ahead))


def reply(ahead: Ahead, session: str, warnings: tuple[str, ...] = ()) -> Reply:
    """The answer in every form."""
    ways = [record(WayRecord, way, next_turn=way.over(1), turns=way.over(ahead.turns)) for way in ahead.ways]
    return Reply(
        page=lambda: page(ahead, session, warnings),
        record=lambda: record(AheadRecord, ahead, session=session, ways=ways),
        rows=lambda: rows(COLUMNS, ways, **of_model(ahead)),
    )


def page(ahead: Ahead, session: str, warnings: tuple[str, ...]) -> Page:
    """A row a way, those that are left out, what is assumed, and where the rates come from."""
    work, idle = ahead.workload, (ahead.now - ahead.cache.last.at) // timedelta(seconds=1)
    head = f"{state(ahead)}: session {session} of {ahead.sheet.id}, idle for {duration(timedelta(seconds=idle))}"
    notes = [f"{each.model} is left out: {each.why}" for each in ahead.left_out]
    notes += [f"{each.note}." for each in ahead.ways if each.note]
    added = f"{many(work.question, 'token')} of question and {count(work.answer)} of answer"
    sources = [
        f"Assumed: the last prompt and its answer are sent again; each turn adds {added}, and later turns hit.",
        f"A summary has {many(ahead.summary, 'token')}; a new session's is written by you. Turn by turn: "
        "low, all that may hit hits; high, nothing hits.",
        f"{cited(ahead.sheet, ahead.version)}, at {show_instant(work.start)}",
    ]
    head += f", {many(work.prompt, 'token')} in the next prompt"
    return Page(head, [table(ahead)], [*notes, *warnings], sources, sentence(ahead))


def table(ahead: Ahead) -> Table:
    """A row a way."""
    cells = []
    for way in ahead.ways:
        ranges = (each or ("-", "-", "-") for each in (way.over(1), way.over(ahead.turns)))
        (low, likely, high), (low_all, likely_all, high_all) = (
            [each if isinstance(each, str) else amount(each, ahead.sheet.currency) for each in ends] for ends in ranges
        )
        cells.append(
            {
                "to go on": label(way),
                "next turn": likely,
                "low": low,
                "high": high,
                many(ahead.turns, "turn"): likely_all,
                "low ": low_all,
                "high ": high_all,
                "wins for turns": wins(way.wins) if way.wins else "-",
                "as": policy(way.strategy),
            }
        )
    return Table.of(cells, list(cells[0])[1:-1], spare=("as", "low ", "high ", "low", "high"))


def wins(pays: BreakEven) -> str:
    """`6+`, `1-3`, `never`: the numbers of turns for which a way costs less than to continue. Beyond the horizon that
    was tried nothing is claimed to end."""
    last = pays.horizon
    open_ended = tuple((first, None if end == last else end) for first, end in pays.intervals)
    return intervals(pays._replace(intervals=open_ended), "+", "-")


def sentence(ahead: Ahead) -> str:
    """What is cheapest, and by how much."""
    best, currency = ahead.best, ahead.sheet.currency
    turns = ahead.turns if best.over(ahead.turns) else 1
    total, first = best.likely.exact_total(turns), ahead.ways[0]
    over = f"over {many(turns, 'more turn')}" if turns > 1 else "for the next turn"
    text = f"Cheapest {over}: {label(best)}, {amount(total, currency)}"
    if best is first or first.name != CONTINUE or turns > first.likely.horizon:
        return f"{text}."
    more = first.likely.exact_total(turns) - total
    return f"{text}, {amount(more, currency)} less than to continue." if more else f"{text}."
