"""Exponentials and logarithms of exact numbers to many digits for every law of arrival."""

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from .. import money

WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Far more digits than are kept, since sums of thousands of terms lose some of them."""
LONGEST = timedelta(365_250)
"""A thousand years, the longest time from a first query to a last: no price lasts so long, no calendar overflows."""
_GRAIN = Decimal(1).scaleb(-money.GRAIN)


def decimal(value: Fraction) -> Decimal:
    """A fraction to as many digits as `WIDE` has."""
    return WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


@lru_cache(maxsize=4096)
def exp(power: Fraction) -> Decimal:
    """e to a rational power, to as many digits."""
    return WIDE.exp(decimal(power))


def ln(value: Fraction) -> Decimal:
    """The natural logarithm of a fraction above 0, to as many digits."""
    return WIDE.ln(decimal(value))


def to_grain(value: Decimal) -> Decimal:
    """The value rounded half to even to `money.GRAIN` decimals."""
    return value.quantize(_GRAIN, context=WIDE)
