"""Bills of months beside each other: where a month ends, and what begins in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from cachecost.bills.months import Traffic, months_from, over_months
from cachecost.catalog.reader import read_text
from cachecost.strategies.assumptions import Assumptions
from cachecost.workload.workload import Workload

PAGE = """\
provider: somewhere
model: dearer
name: Dearer
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-09-01
    tiers: [{input: 1.00, output: 10.00}]
  - effective: 2026-10-16
    source: https://example.com/pricing
    seen: 2026-09-01
    tiers: [{input: 2.00, output: 10.00}]
  - effective: 2026-11-01
    source: https://example.com/pricing
    seen: 2026-09-01
    caching: {automatic: {lifetime: {least: 1h, most: 1h}}}
    tiers: [{input: 2.00, cache_read: 0.20, output: 10.00}]
"""


def conversation(start: datetime, queries: int) -> Workload:
    """Ten turns, a minute apart, over a million tokens."""
    del queries
    return Workload(1_000_000, 0, 0, queries=10, grows=True, every=timedelta(minutes=1), start=start)


def test_months_begin_on_their_first_days_and_one_more_ends_the_last() -> None:
    """Two months from 17 November: November and December, and 1 January at their end."""
    starts = months_from(datetime(2026, 11, 17, 9, tzinfo=UTC), 2)
    assert starts == [
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ]


def test_a_card_of_the_next_month_does_not_touch_this_one() -> None:
    """One conversation an hour. October: 15 days at 10 x $1 and 16 at 10 x $2, so 360 x $10 + 384 x $20 = $11,280, all
    without a cache, which is sold from 1 November on. November: 720 x ($2 + 9 x $0.20) = $2,736."""
    traffic = Traffic("chat", read_text(PAGE, file="page.yaml"), Fraction(1), conversation, Assumptions(), policy=None)
    months = over_months(traffic, months_from(datetime(2026, 10, 1, tzinfo=UTC), 2)).months
    assert [(each.number, each.strategy, each.total) for each in months] == [
        (744, "fresh", 11_280),
        (720, "automatic", 2_736),
    ]
    assert [len(each.changes) for each in months] == [1, 1]
