"""A usage report beside a cost report: what differs, where, and the likely reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from cachecost import Usage
from cachecost.catalog.catalog import Catalog
from cachecost.replay.account import Account
from cachecost.replay.ledger import Ledger
from cachecost.replay.reconcile import beyond, reconcile
from cachecost.replay.report import Reconciled
from cachecost.replay.request import Charge, Request
from cachecost.replay.run import Run

from ..engine_logs import memory

DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
OPUS, LUNA = "anthropic/claude-opus-4-8", "openai/gpt-5.6-luna"


def used(model: str = "claude-opus-4-8", day: int = 0, **tokens: int) -> Request:
    return Request(FIRST + day * DAY, model, Usage(**tokens), lasting=DAY)  # type: ignore[arg-type]


def stated(amount: str, item: str, model: str = "", day: int = 0, lasting: timedelta = DAY) -> Charge:
    return Charge(FIRST + day * DAY, Decimal(amount), "USD", item, model, lasting=lasting)


def compared(
    catalog: Catalog,
    requests: Iterable[Request],
    charges: Iterable[Charge],
    unpriced: Iterable[str] = (),
) -> tuple[Reconciled, ...]:
    account = Account(lambda model, _: catalog.sheet(model), now=0)
    run = Run(account, Ledger(), memory())
    for each in (*requests, *charges):
        run.take(each)
    run.settle()
    return reconcile(account, unpriced)


def causes(rows: Iterable[Reconciled]) -> list[str]:
    return [row.cause for row in rows]


def test_what_agrees_has_no_cause(catalog: Catalog) -> None:
    """Opus 4.8: 1M of input at 5.00, 2M read at 0.50 and 100,000 of output at 25.00 are 5.00, 1.00 and 2.50."""
    usage = used(input=1_000_000, cache_read=2_000_000, output=100_000)
    charges = [
        stated("5", "Claude Opus 4.8 Usage - Input Tokens", "claude-opus-4-8"),
        stated("1", "Claude Opus 4.8 Usage - Input Tokens, Cache Read", "claude-opus-4-8"),
        stated("2.5", "Claude Opus 4.8 Usage - Output Tokens", "claude-opus-4-8"),
    ]
    rows = compared(catalog, [usage], charges)
    assert [(row.place.line, row.computed, row.stated) for row in rows] == [
        ("cache_read", Decimal(1), Decimal(1)),
        ("input", Decimal(5), Decimal(5)),
        ("output", Decimal("2.5"), Decimal("2.5")),
    ]
    assert causes(rows) == ["", "", ""]
    assert beyond(rows, Fraction(0)) == []


def test_a_cent_is_rounding_and_a_constant_factor_is_a_discount(catalog: Catalog) -> None:
    """5.004 against 5.00; and 5.00 and 10.00 billed as 4.50 and 9.00 are ten percent off."""
    (row,) = compared(catalog, [used(input=1_000_800)], [stated("5", "input tokens", "claude-opus-4-8")])
    assert (row.difference, row.cause) == (Decimal("-0.004"), "rounding to a cent")
    both = [used(input=1_000_000), used(input=2_000_000, day=1)]
    rows = compared(
        catalog, both, [stated("4.5", "claude-opus-4-8, input"), stated("9", "claude-opus-4-8, input", day=1)]
    )
    assert causes(rows) == ["a constant factor of 0.9: a discount on list prices"] * 2
    assert beyond(rows, Fraction(1, 20)) == [f"{OPUS} (USD)"]
    assert beyond(rows, Fraction(1, 10)) == []


def test_days_that_begin_elsewhere_cancel_out(catalog: Catalog) -> None:
    """5.00 and 10.00 by UTC, billed as 7.00 and 8.00 in another zone: 15.00 both, so within any tolerance."""
    both = [used(input=1_000_000), used(input=2_000_000, day=1)]
    rows = compared(
        catalog, both, [stated("7", "input", "claude-opus-4-8"), stated("8", "input", "claude-opus-4-8", 1)]
    )
    assert causes(rows) == ["the days of the two begin at different hours"] * 2
    assert beyond(rows, Fraction(0)) == []


def test_money_without_tokens_has_its_reasons(catalog: Catalog) -> None:
    """A tool, a model without a sheet, another service; and usage that the report does not state."""
    charges = [
        stated("3", "Web Search Usage"),
        stated("4", "nope-1, output"),
        stated("2", "Embeddings"),
        stated("1", "gpt-5.6-luna, output"),
    ]
    rows = compared(catalog, [used(input=1_000_000)], charges, ["nope-1"])
    assert {row.place.model: row.cause for row in rows} == {
        OPUS: "not in the cost report: later, free, or another account",
        LUNA: "another service, or usage that the log does not hold",
        "no model: Web Search Usage": "a fee for a tool or storage, which tokens do not show",
        "no model: nope-1, output": "the model has no price here",
        "no model: Embeddings": "another service, or usage that the log does not hold",
    }


def test_a_charge_for_searches_is_held_against_those_of_all_models(catalog: Catalog) -> None:
    """20 searches of Opus and 30 of Sonnet at 10.00 per 1,000 are 0.50, stated in one line without a model; tokens are
    billed at 0.9 of their list prices, 5.00 and 3.00, which the searches are not."""
    requests = [
        used(input=1_000_000)._replace(calls=(("web_search", 20),)),
        used("claude-sonnet-4-6", input=1_000_000)._replace(calls=(("web_search", 30),)),
    ]
    tokens = [stated("4.5", "Input Tokens", "claude-opus-4-8"), stated("2.7", "Input Tokens", "claude-sonnet-4-6")]
    rows = compared(catalog, requests, [*tokens, stated("0.5", "Web Search Usage")])
    discount = "a constant factor of 0.9: a discount on list prices"
    assert [(row.place.model, row.computed, row.stated, row.cause) for row in rows] == [
        (OPUS, Decimal(5), Decimal("4.5"), discount),
        ("anthropic/claude-sonnet-4-6", Decimal(3), Decimal("2.7"), discount),
        ("no model: Web Search Usage", Decimal("0.5"), Decimal("0.5"), ""),
    ]
    (*_, unlike) = compared(catalog, requests, [*tokens, stated("0.75", "Web Search Usage")])
    assert (unlike.difference, unlike.cause) == (Decimal("0.25"), "unknown")


@pytest.mark.parametrize("item", ["Claude Opus 4.8 (Edition of a shop)", "claude-opus-4-8 regional standard"])
def test_a_charge_without_a_class_is_compared_by_day(catalog: Catalog, item: str) -> None:
    """1M of input and 1M of output are 5.00 and 25.00, against one charge."""
    (row,) = compared(catalog, [used(input=1_000_000, output=1_000_000)], [stated("30", item)])
    assert (row.place.model, row.place.line, row.computed, row.cause) == (OPUS, "all", Decimal(30), "")


def test_a_name_inside_a_longer_one_is_another_model(catalog: Catalog) -> None:
    """`gpt 5` of the log is not the `gpt 5 mini` of the bill."""
    rows = compared(catalog, [used("gpt-5", input=1_000_000)], [stated("1", "gpt 5 mini cached Inp glbl Tokens")])
    assert [(row.place.model, row.computed is None, row.stated is None) for row in rows] == [
        ("no model: gpt 5 mini cached Inp glbl Tokens", True, False),
        ("openai/gpt-5", False, True),
    ]


def test_an_invoice_of_a_month_is_compared_as_a_whole(catalog: Catalog) -> None:
    """5.00 and 10.00 on two days against 15.00 for 30 days."""
    both = [used(input=1_000_000), used(input=2_000_000, day=1)]
    (row,) = compared(catalog, both, [stated("15", "input", "claude-opus-4-8", lasting=30 * DAY)])
    assert (row.place.day, row.computed, row.cause) == ("all", Decimal(15), "")
