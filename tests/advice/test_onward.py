"""The turns of a conversation from one of them on: whatever follows on a line costs what each turn costs by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachecost.advice.onward import Onward
from cachecost.bills.bill import Bill
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import Workload

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TURNS = 400


def plan(catalog: Catalog, model: str, strategy: str, work: Workload, share: Fraction = Fraction(1)) -> Plan:
    return Plan(strategy, work, catalog.sheet(model), Assumptions(hit_share=share))


@given(
    of=st.sampled_from(
        [
            ("gpt-4.1", "automatic"),  # in blocks of 128
            ("gemini-2.5-pro", "automatic"),  # from a minimum on, and dearer above 200,000 tokens
            ("gemini-2.5-pro", "fresh"),
            ("claude-opus-5-5", "written:5m"),
            ("grok-4", "automatic"),
        ]
    ),
    context=st.one_of(st.integers(1, 5_000), st.integers(195_000, 200_000)),
    question=st.integers(0, 40),
    answer=st.integers(0, 60),
    first=st.integers(1, 5),
    share=st.sampled_from([Fraction(1), Fraction(0), Fraction(2, 3)]),
)
def test_turns_on_a_line_cost_what_each_costs_by_itself(
    of: tuple[str, str], context: int, question: int, answer: int, first: int, share: Fraction, catalog: Catalog
) -> None:
    """A bill prices every turn: across tiers, minimums and blocks the sums are the same."""
    whole = plan(catalog, *of, Workload(context, question, answer, TURNS, NOW, grows=True), share)
    bill, onward = Bill(whole), Onward(whole, first=first, most=TURNS)
    for turns in {min(onward.horizon, each) for each in (1, 7, 200, TURNS - first + 1)}:
        assert onward.exact_total(turns) == bill.exact_total(first - 1 + turns) - bill.exact_total(first - 1)


def test_a_longer_life_costs_more_for_the_first_tokens_only(catalog: Catalog) -> None:
    """Of every prompt that hits nothing 60,000 tokens are written for an hour, at 8.00 for 5.00 per million; where it
    hits, those that the first turn does not find."""
    work = Workload(59_000, 3, 4, TURNS, NOW, grows=True)
    for share, dearer in ((Fraction(1), 60_000), (Fraction(0), sum(min(59_003 + 7 * k, 60_000) for k in range(TURNS)))):
        whole = plan(catalog, "claude-opus-5-5", "written:5m", work, share)
        more = Onward(whole, longer=("1h", 60_000), most=TURNS).exact_total(TURNS)
        assert more - Onward(whole, most=TURNS).exact_total(TURNS) == Fraction(dearer * 3, 10**6)


def test_what_does_not_fit_into_the_context_is_refused(catalog: Catalog) -> None:
    """Opus 5.5 takes a million tokens: after 999,000, with 200 and 100 a turn, 999,200 + 100, + 300, + 600."""
    onward = Onward(plan(catalog, "claude-opus-5-5", "written:5m", Workload(999_000, 200, 100, 9, NOW, grows=True)))
    assert (onward.served, onward.exact_total(3) > onward.exact_total(2)) == (3, True)
    with pytest.raises(BadWorkload, match="4 more turns do not fit"):
        onward.exact_total(4)
