"""When to delete a stored cache that is not read: the idle time-out at which a query costs the least.

A query that returns within the time-out reads (r), after it creates the cache anew (read and creation k more); until
then the cache was rented at `rent` an hour. All in prefixes at the input rate, so that a fresh query costs 1: under a
time-out T a query costs r + rent x E[min(X, T)] + k x Pr(X > T), X being the pause before it. The derivative is
Pr(X > T) x (rent - k x hazard(T)): delete when the hazard of a query falls to rent / k.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from cachecost.errors import BadWorkload
from cachecost.units import hours
from cachecost.workload.series import exp

_MICROSECOND = timedelta(microseconds=1)
LONGEST = timedelta(days=365)
"""A cache that would be kept for longer is never deleted."""


class Part(NamedTuple):
    """A share of the pauses that are Poisson at a rate per hour; shares of all parts make one."""

    share: Fraction
    rate: Fraction


def longer(parts: Sequence[Part], than: timedelta) -> Fraction:
    """Share of the pauses that are longer: the sum of share x e^(-rate x than)."""
    return sum((part.share * Fraction(exp(-part.rate * hours(than))) for part in parts), Fraction(0))


def hazard(parts: Sequence[Part], idle: timedelta) -> Fraction:
    """Queries an hour to expect next, when none came for so long; it falls the longer none did."""
    weights = [part.share * Fraction(exp(-part.rate * hours(idle))) for part in parts]
    return sum((weight * part.rate for weight, part in zip(weights, parts, strict=True)), Fraction(0)) / sum(weights)


def cost(
    parts: Sequence[Part],
    timeout: timedelta | None,
    *,
    read: Fraction,
    rent: Fraction,
    creation: Fraction = Fraction(1),
) -> Fraction:
    """What one query costs in the long run; None never deletes."""
    kept = (
        part.share / part.rate * (1 - (0 if timeout is None else Fraction(exp(-part.rate * hours(timeout)))))
        for part in parts
    )
    again = Fraction(0) if timeout is None else longer(parts, timeout)
    return read + rent * sum(kept, Fraction(0)) + creation * again


def best(parts: Sequence[Part], *, rent: Fraction, creation: Fraction = Fraction(1)) -> timedelta | None:
    """The time-out of least cost, to the microsecond; 0 deletes at once, None never does. Of one Poisson rate it is
    always one of these two, since what a pause has lasted says nothing of how long it will."""
    if not parts or sum(part.share for part in parts) != 1 or any(part.rate <= 0 for part in parts):
        raise BadWorkload("timeout: expected shares that make one, of rates above 0")
    level = rent / creation
    if hazard(parts, timedelta(0)) <= level:
        return timedelta(0)
    if min(part.rate for part in parts) >= level:
        return None
    low, high = timedelta(0), timedelta(hours=1)
    while hazard(parts, high) > level:
        low, high = high, high * 2
        if high > LONGEST:
            return None
    while high - low > _MICROSECOND:
        middle = low + (high - low) / 2
        low, high = (middle, high) if hazard(parts, middle) > level else (low, middle)
    return high


def worst_case(*, rent: Fraction, creation: Fraction = Fraction(1)) -> timedelta:
    """The time-out creation / rent, under which no pauses whatever cost more than twice what foresight would pay."""
    return timedelta(microseconds=int(creation / rent * 3_600_000_000))
