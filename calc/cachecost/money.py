"""Exact money: every amount is a decimal that no step has rounded.

`EXACT` refuses to round: an operation that would lose a digit raises instead. The one thing decimals cannot
hold is a fraction whose digits never end (rent for 20 minutes at a rate per hour may be one); `exact` cuts
such a number at `GRAIN`, half to even, far below anything that is ever billed.
"""

from collections.abc import Hashable, Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Underflow
from fractions import Fraction
from typing import TypeVar

EXACT = Context(
    prec=200,
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow, Underflow],
)
GRAIN = 24
"""Decimals kept of a number whose digits never end."""

_WIDE = Context(prec=200, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999, traps=[InvalidOperation])
_MILLION = Decimal(1_000_000)

multiply = EXACT.multiply
add = EXACT.add
subtract = EXACT.subtract

Number = int | Decimal | Fraction


def exact(value: Number) -> Decimal:
    """The number as a decimal: all its digits where they end, `GRAIN` decimals where they never do."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if _ends(value.denominator):
        return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return rounded(value, GRAIN)


def settled(value: Fraction) -> Decimal | Fraction:
    """The number as a decimal where its digits end, and as it is where they never do."""
    return exact(value) if _ends(value.denominator) else value


def rounded(value: Number, places: int) -> Decimal:
    """The number rounded half to even to so many decimals, without a detour through a second rounding."""
    if isinstance(value, Decimal):
        if -int(value.as_tuple().exponent) <= places:
            return value
        value = Fraction(value)
    scaled = round(value * 10**places)
    return Decimal(scaled).scaleb(-places, context=_WIDE)


def times(quantity: Number, each: Decimal) -> Decimal:
    """Quantity x money for one, exact."""
    if isinstance(quantity, Fraction):
        return exact(quantity * Fraction(each))
    return multiply(quantity, each)


def per_million(value: Decimal) -> Decimal:
    """Money for one token at a rate given per 1M tokens."""
    return EXACT.divide(value, _MILLION)


def text(value: Number) -> str:
    """Plain digits without exponent or trailing zeros: `0.5`, `14`, `0.000003`."""
    plain = format(exact(value), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def _ends(denominator: int) -> bool:
    """Whether a fraction in lowest terms with this denominator has finitely many decimals."""
    return pow(10, denominator.bit_length(), denominator) == 0


def by(quantity: Number, count: Number) -> Number:
    """Quantity x count, exact, whatever kinds of number they are."""
    if isinstance(quantity, Fraction) or isinstance(count, Fraction):
        return Fraction(quantity) * Fraction(count)
    if isinstance(quantity, int) and isinstance(count, int):
        return quantity * count
    return multiply(quantity, count)


def plus(one: Number, other: Number) -> Number:
    """The sum, exact, whatever kinds of number they are."""
    if isinstance(one, Fraction) or isinstance(other, Fraction):
        return Fraction(one) + Fraction(other)
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return add(one, other)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts."""
    so_far = Decimal(0)
    for amount in amounts:
        so_far = add(so_far, amount)
    return so_far


Name = TypeVar("Name", bound=Hashable)


def summed(amounts: Iterable[tuple[Name, Decimal]]) -> dict[Name, Decimal]:
    """The sum of the amounts under each name, in the order in which names came."""
    sums: dict[Name, Decimal] = {}
    for name, amount in amounts:
        sums[name] = add(sums.get(name, Decimal(0)), amount)
    return sums
