"""What is ahead of a live session in one line for a status bar."""

from datetime import timedelta
from fractions import Fraction

from ...advice.ahead import COMPACT, CONTINUE, NEW, PING, SWITCH, Ahead, Way
from ...advice.session import COLD, WARM
from ..figures import amount, count, duration

LABELS = {
    CONTINUE: "continue",
    COMPACT: "compact first",
    NEW: "new session with a summary",
    SWITCH: "switch to {model}",
    PING: "ping until {until:%b %d %H:%M} UTC",
}
"""Way to go on -> what people read."""


def state(ahead: Ahead) -> str:
    """`cold`, `warm, 3 min 12 s left`, `warm for 50,000 of 80,000 tokens, 49 min left`, `unknown`."""
    cache, now = ahead.cache, ahead.now
    word, alive, left = cache.state(now), cache.alive(now), cache.time_left(now)
    if word != WARM or left is None:
        return word
    some = f" for {count(alive)} of {count(cache.tokens)} tokens" if alive < cache.tokens else ""
    return f"warm{some}, {duration(timedelta(seconds=left // timedelta(seconds=1)))} left"


def label(way: Way) -> str:
    text = LABELS[way.name] if way.until or way.name != PING else "ping"
    return text.format(model=way.model, until=way.until)


def statusline(ahead: Ahead) -> str:
    """One line for a status bar: `warm, 3 min 12 s left · next turn $0.08, cold $0.97`."""
    first, currency = ahead.ways[0], ahead.sheet.currency
    costs = first.over(1)
    assert costs is not None
    next_turn = f"next turn {amount(_cents(costs.likely), currency)}"
    if ahead.cache.state(ahead.now) != COLD and costs.high != costs.likely:
        next_turn += f", cold {amount(_cents(costs.high), currency)}"
    return f"{state(ahead)} · {next_turn if first.name == CONTINUE else f'{label(first)}: {next_turn}'}"


def _cents(value: Fraction) -> Fraction:
    """A cost to two decimals, or to four below ten cents: a bar has little room."""
    places = 100 if value >= Fraction(1, 10) else 10_000
    return Fraction(round(value * places), places)
