"""Keeping an entry alive by pings: a ping is a read that answers nothing and starts the TTL again.

Costs are in prefixes at the input rate: a ping costs r, writing anew costs w, sending fresh costs 1.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from .arrivals import exp, hours

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def pings(gap: timedelta, ttl: timedelta) -> int:
    """How many pings keep an entry from one query to the next: the query itself is the last read of the gap."""
    return max(0, -(gap // -ttl) - 1)


def longest_gap(write: Fraction, read: Fraction, ttl: timedelta) -> timedelta:
    """Longest gap over which pinging costs no more than writing anew: r x ceil(gap/ttl) <= w."""
    return ttl * (write // read) if read else timedelta.max


def poisson_reads(rate: Fraction, ttl: timedelta) -> Decimal:
    """Expected reads per query, pings included, at a Poisson rate: 1 / (1 - e^(-rate x ttl))."""
    return _WIDE.divide(Decimal(1), _WIDE.subtract(Decimal(1), exp(-rate * hours(ttl))))


def fresh_rate(read: Fraction, ttl: timedelta) -> Decimal:
    """Poisson rate per hour above which pinging for ever beats sending fresh: ln(1/(1-r)) / ttl."""
    kept = 1 - read
    ratio = _WIDE.divide(Decimal(kept.denominator), Decimal(kept.numerator))
    length = hours(ttl)
    return _WIDE.divide(_WIDE.ln(ratio) * Decimal(length.denominator), Decimal(length.numerator))
