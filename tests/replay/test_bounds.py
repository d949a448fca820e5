"""Where a log does not say which prompts are alike, what really happened lies between the bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.replay.bounds import Between, Bounds
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.policy import offered
from cachecost.replay.tally import price

from ..conftest import PRICES
from .tables import DUCK, least, replayed, table
from .test_sessions import REQUESTS_, SHEETS, traffic

CATALOG = Catalog(PRICES)
SONNET = Epochs(CATALOG.sheet("claude-sonnet-4-5"))
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))


def test_bounds_worked_by_hand() -> None:
    """Sonnet 4.5: prompts of 10,000, 20,000 and 1,000 tokens, 100 out each.

    Fresh: 31,000 x 3.00 + 300 x 15.00 = 0.0975. At least 20,000 are sent for the first time, 10,000 may be read and
    1,000 are below the minimum: 21,000 x 3.00 + 10,000 x 0.30 + 0.0045 = 0.0705. At worst 30,000 are written for 1 h in
    vain: 30,000 x 6.00 + 1,000 x 3.00 + 0.0045 = 0.1875.
    """
    bounds = Bounds({SONNET.name: SONNET})
    for prompt in (10_000, 20_000, 1_000):
        bounds.add(SONNET.key(START, prompt), prompt=prompt, output=100)
    assert bounds.between() == Between(Decimal("0.0705"), Decimal("0.0975"), Decimal("0.1875"))


def test_a_sum_tells_the_mean_of_its_prompts() -> None:
    """3 requests, 31,000 tokens: one of them has at least 10,334. 10,334 x 3.00 + 20,666 x 0.30 = 0.0372018."""
    bounds = Bounds({SONNET.name: SONNET})
    bounds.add(SONNET.key(START, 31_000), prompt=31_000, output=0, requests=3)
    assert bounds.between().lowest == Decimal("0.0372018")


def test_what_is_sent_first_is_sent_where_that_is_cheapest() -> None:
    """20,000 tokens and, in a batch at half the price, 10,000. The 20,000 that were sent first may be the batch's
    10,000 at 1.50 and 10,000 at 3.00; the rest is read at 0.30: 0.015 + 0.03 + 0.003 = 0.048."""
    bounds = Bounds({SONNET.name: SONNET})
    bounds.add(SONNET.key(START, 20_000), prompt=20_000, output=0)
    bounds.add(SONNET.key(START, 10_000, service="batch"), prompt=10_000, output=0)
    assert bounds.between().lowest == Decimal("0.048")


def test_a_model_without_caching_has_one_price(catalog: Catalog) -> None:
    """All three are the same."""
    sheet = next(sheet for sheet in catalog.sheets() if not any(card.caching.kinds for card in sheet.cards))
    epochs = Epochs(sheet)
    bounds = Bounds({epochs.name: epochs})
    bounds.add(epochs.key(epochs.starts[0], 1_000), prompt=1_000, output=10)
    lowest, fresh, highest = bounds.between()
    assert lowest == fresh == highest > 0


def test_nothing_costs_nothing() -> None:
    """An empty log."""
    assert Bounds({}).between() == Between(Decimal(0), Decimal(0), Decimal(0))


@given(st.lists(REQUESTS_, max_size=14), st.sampled_from(sorted(SHEETS)))
def test_what_sessions_really_do_lies_between(rows, name) -> None:
    """Every policy without pings or rent, and the clairvoyant's, on every vendor's terms."""
    keys, columns = traffic(rows, [name])
    bounds = Bounds(SHEETS)
    for key, prompt, output in zip(columns.key, columns.prompt, columns.output, strict=True):
        bounds.add(keys[key], prompt=prompt, output=output)
    together = Bounds(SHEETS)
    together.add_all(DUCK, table(columns), dict(enumerate(keys)))
    assert together.between() == bounds.between()
    lowest, fresh, highest = bounds.between()
    assert lowest <= least(columns, keys, SHEETS)
    policies = [one for one in offered(keys, SHEETS) if one.kind in ("fresh", "automatic", "written", "second-sight")]
    totals = {name: price(tally, SHEETS).total for name, tally in replayed(columns, keys, SHEETS, policies).items()}
    assert all(lowest <= total <= highest for total in totals.values())
    assert totals["fresh"] == fresh
