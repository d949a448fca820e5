"""Amounts are exact: checked against fractions, which cannot round."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost import money

amounts = st.decimals(-(10**9), 10**9, places=12, allow_nan=False)
counts = st.integers(0, 10**12)
fractions = st.fractions(-(10**9), 10**9, max_denominator=10**9)
numbers = st.one_of(counts, amounts, fractions)


@contextmanager
def narrow() -> Iterator[None]:
    """An ambient decimal context in which nearly every operation would round, and raise for it."""
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.Inexact] = True
        yield


@given(quantity=numbers, other=numbers)
def test_products_and_sums_are_those_of_fractions_in_any_ambient_context(
    quantity: money.Number, other: money.Number
) -> None:
    """Whatever kinds of number meet, and however narrow the context of the program around."""
    with narrow():
        product, both = money.by(quantity, other), money.plus(quantity, other)
    assert Fraction(product) == Fraction(quantity) * Fraction(other)
    assert Fraction(both) == Fraction(quantity) + Fraction(other)


@given(quantity=st.one_of(counts, amounts), each=amounts)
def test_an_amount_is_quantity_times_money_for_one(quantity: int | Decimal, each: Decimal) -> None:
    """To the last digit."""
    with narrow():
        amount = money.times(quantity, each)
    assert Fraction(amount) == Fraction(quantity) * Fraction(each)


@given(value=st.fractions(-(10**9), 10**9))
def test_a_fraction_keeps_all_its_digits_where_they_end_and_24_decimals_where_not(value: Fraction) -> None:
    """Far below anything that is ever billed: half of 10 to the -24 at most is lost."""
    with narrow():
        cut = money.exact(value)
    lost = abs(Fraction(cut) - value)
    rest = value.denominator
    while rest % 2 == 0:
        rest //= 2
    while rest % 5 == 0:
        rest //= 5
    assert lost == 0 if rest == 1 else 0 < lost <= Fraction(1, 2 * 10**24)


@given(values=st.lists(amounts, max_size=20))
def test_a_total_is_the_sum_of_its_amounts(values: list[Decimal]) -> None:
    """No digit is lost on the way."""
    with narrow():
        total = money.total(values)
    assert Fraction(total) == sum(map(Fraction, values))


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Fraction(1, 8), 2, "0.12"),  # half to even: 0.125 lies between 0.12 and 0.13, and 12 is even
        (Fraction(3, 8), 2, "0.38"),  # 0.375 lies between 0.37 and 0.38
        (Decimal("2.675"), 2, "2.68"),  # 2.67|2.68: even; as a float 2.675 would be below and give 2.67
        (Decimal("0.0049999999999999999999999999999999999999"), 2, "0.00"),
        (Decimal("7.00"), 4, "7.00"),
        (Fraction(2, 3), 6, "0.666667"),
        (Fraction(-2, 3), 6, "-0.666667"),
        (12, 2, "12.00"),
    ],
)
def test_rounding_is_half_to_even_and_happens_once(value: money.Number, places: int, expected: str) -> None:
    """Worked by hand."""
    with narrow():
        result = money.rounded(value, places)
    assert result == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("3.50"), "3.5"),
        (Decimal("14.000000"), "14"),
        (Decimal("0.000003"), "0.000003"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (Decimal(0), "0"),
        (Decimal("100"), "100"),
        (Decimal("-1.50"), "-1.5"),
        (Decimal("0.5000025"), "0.5000025"),
        (7, "7"),
        (Fraction(3, 80), "0.0375"),
    ],
)
def test_money_is_shown_in_plain_digits(value: money.Number, expected: str) -> None:
    """No exponent, no trailing zeros, no negative zero."""
    with narrow():
        assert money.text(value) == expected


@given(value=amounts)
def test_the_text_of_an_amount_reads_back_as_the_same_amount(value: Decimal) -> None:
    """Nothing is lost between the engine and JSON."""
    with narrow():
        shown = money.text(value)
    assert Decimal(shown) == value
    assert "E" not in shown.upper()


@given(value=amounts)
def test_a_rate_per_million_is_a_millionth_for_one(value: Decimal) -> None:
    """Exactly."""
    with narrow():
        each = money.per_million(value)
    assert Fraction(each) * 1_000_000 == Fraction(value)


def test_an_operation_that_would_lose_a_digit_raises_instead() -> None:
    """The exact context traps every rounding: one third has no decimal."""
    with pytest.raises(decimal.Inexact):
        money.EXACT.divide(Decimal(1), Decimal(3))
