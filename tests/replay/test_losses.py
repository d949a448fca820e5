"""What caching wasted, worked by hand, and told token by token by a simulation of its own."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.replay.epochs import Epochs, instant, microseconds
from cachecost.replay.losses import EXPIRY, MINIMUM, NEVER_READ, Losses
from cachecost.replay.tally import key_of

from ..conftest import PRICES

CATALOG = Catalog(PRICES)
SONNET = Epochs(CATALOG.sheet("claude-sonnet-4-5"))
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))
MINUTE = 60 * 10**6
LIVES = {"5m": 5 * MINUTE, "1h": 60 * MINUTE}
DEAR = {"5m": Fraction("3.75"), "1h": Fraction(6)}


def lost(*asked: tuple[int, Usage], epochs: Epochs = SONNET) -> dict[str, tuple[int, Decimal]]:
    """Losses of one session: requests as (microseconds after the start, usage)."""
    found = Losses({epochs.name: epochs})
    for after, usage in asked:
        found.add("one", START + after, key_of(epochs, START + after, usage.prompt, output=usage.output), usage)
    return {what: (tokens, amount) for what, _, tokens, amount in found.found()}


def written(tokens: int, ttl: str = "5m", read: int = 0) -> Usage:
    return Usage(input=10, cache_read=read, cache_write={ttl: tokens}, output=5)


def test_a_write_that_nobody_reads_loses_its_premium() -> None:
    """10,000 tokens at 3.75 instead of 3.00 per 1M: 0.0075."""
    assert lost((0, written(10_000))) == {NEVER_READ: (10_000, Decimal("0.0075"))}


def test_a_write_that_is_read_loses_nothing() -> None:
    """And of a conversation only the last piece waits in vain: 500 at 0.75 per 1M."""
    asked = ((0, written(10_000)), (MINUTE, written(500, read=10_000)))
    assert lost(*asked) == {NEVER_READ: (500, Decimal("0.000375"))}


def test_a_write_that_repeats_what_died_is_expiry() -> None:
    """Six minutes later the same 10,000 are written again: 3.75 instead of 0.30, 0.0345; the first write is not counted
    besides, and what comes on top is read at last."""
    asked = ((0, written(10_000)), (6 * MINUTE, written(11_000)), (7 * MINUTE, Usage(cache_read=11_000, output=1)))
    assert lost(*asked) == {EXPIRY: (10_000, Decimal("0.0345"))}


def test_a_write_over_what_still_lives_was_another_text() -> None:
    """Five minutes later it would still have hit: the first write was in vain, as was the second."""
    assert lost((0, written(10_000)), (5 * MINUTE, written(10_000))) == {NEVER_READ: (20_000, Decimal("0.015"))}


def test_prompts_under_the_minimum_lose_their_read() -> None:
    """900 tokens twice in a minute, minimum 1,024: the second could have been read for 0.30 instead of 3.00."""
    small = Usage(input=900, output=5)
    assert lost((0, small), (MINUTE, small)) == {MINIMUM: (900, Decimal("0.00243"))}
    assert lost((0, small), (6 * MINUTE, small)) == {}
    assert lost((0, Usage(input=1_024)), (MINUTE, Usage(input=1_024))) == {}


def test_writes_below_the_minimum_were_billed_plain() -> None:
    """Nothing was cached and no premium paid, so none is lost."""
    assert lost((0, written(500))) == {}


def test_where_writing_costs_no_more_nothing_is_lost_by_it() -> None:
    """Gemini's automatic cache: reads only, and no write to be in vain."""
    gemini = Epochs(CATALOG.sheet("gemini-2.5-pro"))
    asked = ((0, Usage(input=9_000, output=1)), (MINUTE, Usage(input=1_000, cache_read=8_000, output=1)))
    assert lost(*asked, epochs=gemini) == {}


def test_sessions_and_models_are_told_apart() -> None:
    """What one session wrote is not read by another that happens to be as long."""
    found = Losses({SONNET.name: SONNET})
    key = key_of(SONNET, START, 10_010)
    found.add("one", START, key, written(10_000))
    found.add("other", START + 1, key, Usage(input=10, cache_read=10_000))
    assert [(each.what, each.tokens) for each in found.found()] == [(NEVER_READ, 10_000)]


REQUESTS = st.tuples(
    st.sampled_from([0, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 60 * MINUTE, 61 * MINUTE]),
    st.sampled_from([0, 0, 1_024, 1_030, 2_000]),
    st.dictionaries(st.sampled_from(["5m", "1h"]), st.sampled_from([0, 5, 1_024, 1_500]), max_size=2),
)


@given(st.lists(REQUESTS, max_size=8))
def test_spans_say_what_each_token_says(rows) -> None:
    """The same told place by place; and no more is lost than was paid."""
    asked, at, paid = [], 0, Decimal(0)
    places: dict[int, tuple[int, str, bool, bool]] = {}
    sums: Counter[tuple[str, str]] = Counter()
    for gap, read, writes in rows:
        at += gap
        usage = Usage(cache_read=read, cache_write=writes, output=1)
        asked.append((at, usage))
        paid += quote(usage, SONNET.sheet, at=instant(START + at)).total
        for place in range(read):
            _, ttl, _, repeat = places.get(place, (0, "5m", False, False))
            places[place] = (at, ttl, False, repeat)
        place = read
        for ttl in ("1h", "5m") if read or usage.written >= 1_024 else ():
            for _ in range(writes.get(ttl, 0)):
                touched, old, waiting, repeat = places.get(place, (at, ttl, False, False))
                died = at - touched > LIVES[old]
                if died:
                    sums[EXPIRY, ttl] += 1
                elif waiting and not repeat:
                    sums[NEVER_READ, old] += 1
                places[place] = (at, ttl, True, died)
                place += 1
    for _, ttl, waiting, repeat in places.values():
        sums[NEVER_READ, ttl] += waiting and not repeat
    found = lost(*asked)
    for what, cheaper in ((EXPIRY, Fraction("0.3")), (NEVER_READ, Fraction(3))):
        tokens = sum(count for (reason, _), count in sums.items() if reason == what)
        amount = sum(count * (DEAR[ttl] - cheaper) for (reason, ttl), count in sums.items() if reason == what)
        assert found.get(what, (0, Decimal(0))) == (tokens, amount / 10**6)
    assert sum(amount for _, amount in found.values()) <= paid
