"""Keeping an entry alive by pings: a ping is a read that answers nothing and starts the TTL again.

Costs are in prefixes at the input rate: a ping costs r, writing anew costs w, sending fresh costs 1.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from .series import exp, hours

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


def poisson_rewrite_rate(write: Fraction, read: Fraction, ttl: timedelta) -> Decimal:
    """Poisson rate per hour above which pinging for ever beats writing anew after the TTL.

    r / (1-q) <= r + (w-r) q with q = e^(-rate x ttl) the share of pauses longer than it: q <= 1 - r/(w-r).
    """
    left = 1 - read / (write - read)
    ratio = _WIDE.divide(Decimal(left.denominator), Decimal(left.numerator))
    length = hours(ttl)
    return _WIDE.divide(_WIDE.ln(ratio) * Decimal(length.denominator), Decimal(length.numerator))


def worst_ratio(write: Fraction, read: Fraction, most: int) -> Fraction:
    """How many times foresight's cost a pause can cost under at most so many pings, as bad as pauses come.

    In slots of one TTL a pause of k slots costs k r while it is pinged through (k - 1 <= most) and most x r + w beyond;
    foresight pays the smaller of k r and w. Beyond most + 1 slots only most x r + w over min((most + 2) r, w) is worst.
    """
    held = max(read * k / min(read * k, write) for k in range(1, most + 2))
    return max(held, (most * read + write) / min((most + 2) * read, write))


def safest(write: Fraction, read: Fraction) -> tuple[int, Fraction]:
    """The number of pings after which to stop that bounds the worst case best, and its ratio."""
    ratios = [(worst_ratio(write, read, most), most) for most in range(int(write // read) + 1)]
    ratio, most = min(ratios)
    return most, ratio
