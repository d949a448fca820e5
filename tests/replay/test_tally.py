"""Sums of whole tokens give the same bill as quoting request by request, at every vendor's rates and hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadUsage, CachecostError, NotInForce, NotSold
from cachecost.prices.card import Row
from cachecost.prices.quote import quote
from cachecost.prices.sheet import PriceSheet
from cachecost.prices.usage import Usage
from cachecost.replay.account import Account
from cachecost.replay.epochs import Epochs, RateKey, instant, microseconds
from cachecost.replay.request import Request
from cachecost.replay.tally import HITS, REQUESTS, Tally, price, token_microseconds

from ..conftest import PRICES


@cache
def sheets() -> list[PriceSheet]:
    """Read when a test runs: other tests are collected without them."""
    return Catalog(PRICES).sheets()


def peculiar(name: str = "") -> st.SearchStrategy[PriceSheet]:
    """A sheet with hours, fees, sizes or thinking in its rows."""

    def has_more(row: Row) -> bool:
        return bool(row.window or row.fees or row.thinking is not None or row.output.high or row.prompt.high)

    def some() -> list[PriceSheet]:
        return [
            each for each in sheets() if name in each.model and any(has_more(r) for c in each.cards for r in c.rows)
        ]

    return st.deferred(lambda: st.sampled_from(some()))


TIMES = st.datetimes(datetime(2024, 5, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
COUNTS = st.sampled_from([0, 1, 63, 1_023, 1_024, 32_768, 128_000, 128_001, 200_000, 200_001, 272_001])
WRITES = st.dictionaries(st.sampled_from(["5m", "30m", "1h"]), COUNTS, max_size=1)
USAGES = st.builds(
    Usage,
    input=COUNTS,
    cache_read=COUNTS,
    cache_write=WRITES,
    output=COUNTS,
    storage=st.sampled_from([0, 0, 7, Fraction(1, 4)]),
)


@given(peculiar(), st.lists(st.tuples(TIMES, USAGES, st.booleans()), max_size=12))
def test_a_tally_costs_what_its_requests_cost(sheet, question) -> None:
    """To the last digit, whatever hours, sizes, fees and minimums a sheet has; and what a quote refuses is refused."""
    epochs, tally, total = Epochs(sheet), Tally(), Decimal(0)
    for at, usage, thinking in question:
        try:
            answer = quote(usage, sheet, at=at, thinking=thinking)
        except CachecostError as refusal:
            with pytest.raises(type(refusal)):
                price(_of(epochs, at, usage, thinking), {epochs.name: epochs})
            continue
        tally.merge(_of(epochs, at, usage, thinking))
        total += answer.total
    assert price(tally, {epochs.name: epochs}).total == total


def _of(epochs: Epochs, at: datetime, usage: Usage, thinking: bool) -> Tally:
    key = epochs.key(microseconds(at), usage.prompt, output=usage.output, thinking=thinking)
    return taken(epochs, usage, key)


def taken(epochs: Epochs, usage: Usage, key: RateKey) -> Tally:
    """What one request adds to a bill."""
    account = Account(lambda model, provider: epochs.sheet, now=0)
    account.epochs("")
    tally = Tally()
    tally.add(key, account.taken(Request(None, "", usage), key))
    return tally


def test_every_sheet_of_the_catalogue_is_told_by_epochs() -> None:
    """One request a card and service, at its first instant, through both roads."""
    for sheet in sheets():
        epochs = Epochs(sheet)
        for card in epochs.cards:
            at, usage = card.effective, Usage(input=1_000, output=10)
            for service in card.services():
                try:
                    total = quote(usage, sheet, at=at, service=service).total
                except NotSold:
                    continue
                key = epochs.key(microseconds(at), 1_000, output=10, service=service)
                tally = taken(epochs, usage, key)
                assert price(tally, {epochs.name: epochs}).total == total


@given(peculiar("deepseek"), TIMES, st.integers(1, 40))
def test_stretches_are_cut_where_rates_change(sheet, start, days) -> None:
    """Just before, at and after each cut the stretch says what the instant itself says."""
    epochs = Epochs(sheet)
    first = max(microseconds(start), epochs.starts[0])
    cuts = sorted(epochs.edges(first, first + days * 86_400_000_000))
    for begin, end in pairwise([first, *cuts]):
        assert epochs.state(begin) == epochs.state(end - 1)
        assert epochs.card(epochs.key(begin, 1)) is sheet.card(instant(begin))


def test_night_is_another_set_of_rates(catalog: Catalog) -> None:
    """DeepSeek in March 2025: 1M in, 1M out by day 0.27 + 1.10 = 1.37; from 16:30 UTC half of it, 0.685.
    https://api-docs.deepseek.com/quick_start/pricing"""
    epochs = Epochs(catalog.sheet("deepseek/deepseek-chat"))
    day = microseconds(datetime(2025, 3, 3, 16, 29, 59, 999_999, tzinfo=UTC))
    by_day, by_night = (epochs.key(at, 1_000_000, output=1_000_000) for at in (day, day + 1))
    assert by_day != by_night
    for key, total in ((by_day, "1.37"), (by_night, "0.685")):
        tally = Tally([(key, "input", 1_000_000), (key, "output", 1_000_000)])
        assert price(tally, {epochs.name: epochs}).total == Decimal(total)
    assert epochs.key(day - 86_400_000_000, 1_000_000) == by_day


def test_the_epoch_does_not_depend_on_the_log() -> None:
    """Sums made apart, by two machines that saw other days, have the same keys and can be merged."""
    sheet = next(sheet for sheet in sheets() if sheet.id == "deepseek/deepseek-chat")
    at = microseconds(datetime(2025, 3, 3, 20, tzinfo=UTC))
    one, other = Epochs(sheet), Epochs(sheet)
    other.key(at + 86_400_000_000 * 5, 1)
    assert one.key(at, 1) == other.key(at, 1)
    parts = [Tally([(one.key(at, 1), "input", 1)]) for _ in range(3)]
    parts[0].merge(parts[1])
    assert parts[0].total("input") == 2
    assert parts[0] != parts[1] == parts[2]


def test_fees_are_counted_with_the_requests() -> None:
    """A fee on a cache hit is due once a request that read, a fee on a request on each."""
    sheet = next(
        sheet for sheet in sheets() for card in sheet.cards for row in card.rows if "fee.cache_hit" in row.fees
    )
    at = next(card for card in sheet.cards if any("fee.cache_hit" in row.fees for row in card.rows)).effective
    epochs = Epochs(sheet)
    usages = [Usage(input=10, cache_read=40_000, output=5), Usage(input=10, output=5), Usage(input=5, cache_read=1)]
    tally = Tally()
    for usage in usages:
        tally.merge(_of(epochs, at, usage, False))
    assert (tally.total(REQUESTS), tally.total(HITS)) == (3, 2)
    assert price(tally, {epochs.name: epochs}).total == sum(quote(usage, sheet, at=at).total for usage in usages)


def test_a_region_has_its_own_rates(catalog: Catalog) -> None:
    """A key says which region; one that the card does not know is refused before anything is added."""
    sheet = catalog.sheet("claude-opus-5-5")
    epochs, at = Epochs(sheet), datetime(2026, 11, 1, tzinfo=UTC)
    region = next(iter(sheet.card(at).regions))
    key = epochs.key(microseconds(at), 2_000, region=region)
    expected = quote(Usage(input=2_000), sheet, at=at, region=region).total
    assert price(Tally([(key, "input", 2_000)]), {epochs.name: epochs}).total == expected
    with pytest.raises(NotSold, match="atlantis"):
        epochs.key(microseconds(at), 2_000, region="atlantis")


def test_before_the_first_card_nothing_is_priced(catalog: Catalog) -> None:
    """The message is that of a quote."""
    epochs = Epochs(catalog.sheet("claude-sonnet-4-5"))
    with pytest.raises(NotInForce, match="first card begins 2025-09-29"):
        epochs.key(epochs.starts[0] - 1, 1)


def test_rent_is_counted_in_whole_token_microseconds() -> None:
    """A third of a token-hour is 1.2e9 token-microseconds; a seventh is none."""
    assert token_microseconds(Fraction(1, 3)) == 1_200_000_000
    with pytest.raises(BadUsage, match="whole token-microseconds"):
        token_microseconds(Fraction(1, 7))


def test_times_are_whole_microseconds() -> None:
    """There and back, without a float between."""
    at = datetime(2026, 11, 1, 12, 30, 15, 123_457, tzinfo=UTC)
    assert instant(microseconds(at)) == at
    assert microseconds(at + timedelta(microseconds=1)) - microseconds(at) == 1
