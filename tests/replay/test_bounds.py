"""Where a log does not say which prompts are alike, what really happened lies between the bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.replay.cases import Between, Sent, between, sent, sent_in_sum
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.policies import offered
from cachecost.replay.survey import survey
from cachecost.replay.tally import price

from ..conftest import PRICES
from .tables import DUCK, least, replayed, table
from .test_sessions import REQUESTS_, SHEETS, traffic

CATALOG = Catalog(PRICES)
SONNET = Epochs(CATALOG.sheet("claude-sonnet-4-5"))
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))


def one(epochs: Epochs, prompt: int, output: int, service: str = "standard") -> Sent:
    """One request."""
    key = epochs.key(max(START, epochs.starts[0]), prompt, service=service)
    return sent_in_sum(key, prompt, output, 1, {epochs.name: epochs})


def test_bounds_worked_by_hand() -> None:
    """Sonnet 4.5: prompts of 10,000, 20,000 and 1,000 tokens, 100 out each.

    Fresh: 31,000 x 3.00 + 300 x 15.00 = 0.0975. At least 20,000 are sent for the first time, 10,000 may be read and
    1,000 are below the minimum: 21,000 x 3.00 + 10,000 x 0.30 + 0.0045 = 0.0705. At worst 30,000 are written for 1 h in
    vain: 30,000 x 6.00 + 1,000 x 3.00 + 0.0045 = 0.1875.
    """
    bounds = [one(SONNET, prompt, 100) for prompt in (10_000, 20_000, 1_000)]
    assert between(bounds, {SONNET.name: SONNET}) == Between(Decimal("0.0705"), Decimal("0.0975"), Decimal("0.1875"))


def test_a_sum_tells_the_mean_of_its_prompts() -> None:
    """3 requests, 31,000 tokens: one of them has at least 10,334. 10,334 x 3.00 + 20,666 x 0.30 = 0.0372018."""
    sheets = {SONNET.name: SONNET}
    bound = sent_in_sum(SONNET.key(START, 31_000), 31_000, 0, 3, sheets)
    assert between([bound], sheets).lowest == Decimal("0.0372018")


def test_what_is_sent_first_is_sent_where_that_is_cheapest() -> None:
    """20,000 tokens and, in a batch at half the price, 10,000. The 20,000 that were sent first may be the batch's
    10,000 at 1.50 and 10,000 at 3.00; the rest is read at 0.30: 0.015 + 0.03 + 0.003 = 0.048."""
    bounds = [one(SONNET, 20_000, 0), one(SONNET, 10_000, 0, service="batch")]
    assert between(bounds, {SONNET.name: SONNET}).lowest == Decimal("0.048")


def test_a_model_without_caching_has_one_price(catalog: Catalog) -> None:
    """All three are the same."""
    sheet = next(sheet for sheet in catalog.sheets() if not any(card.caching.kinds for card in sheet.cards))
    epochs = Epochs(sheet)
    lowest, fresh, highest = between([one(epochs, 1_000, 10)], {epochs.name: epochs})
    assert lowest == fresh == highest > 0


def test_nothing_costs_nothing() -> None:
    """An empty log."""
    assert between([], {}) == Between(Decimal(0), Decimal(0), Decimal(0))


@given(st.lists(REQUESTS_, max_size=14), st.sampled_from(sorted(SHEETS)))
def test_what_sessions_really_do_lies_between(rows, name) -> None:
    """Every policy without pings or rent, and the clairvoyant's, on every vendor's terms."""
    keys, columns = traffic(rows, [name])
    those = zip(columns.key, columns.prompt, columns.output, strict=True)
    singly = between([sent_in_sum(keys[key], prompt, output, 1, SHEETS) for key, prompt, output in those], SHEETS)
    together = sent(survey(DUCK, table(columns), dict(enumerate(keys)), SHEETS))
    lowest, fresh, highest = between(together, SHEETS)
    assert singly == (lowest, fresh, highest)
    assert lowest <= least(columns, keys, SHEETS)
    policies = [one for one in offered(keys, SHEETS) if one.kind in ("fresh", "automatic", "written", "second-sight")]
    totals = {name: price(tally, SHEETS).total for name, tally in replayed(columns, keys, SHEETS, policies).items()}
    assert all(lowest <= total <= highest for total in totals.values())
    assert totals["fresh"] == fresh
