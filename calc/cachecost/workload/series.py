"""How many queries miss a cache whose entries live for a TTL, by the law of their arrival: closed forms.

An entry is touched by a write or, where a read refreshes it, by a read; a query hits iff the age of the last touch is
not above the TTL. Counts are expectations: rational where the law is, otherwise decimals to `DIGITS` places.
Rates are per hour, times are timedeltas; N queries make N - 1 gaps, and the first query always misses.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from ..errors import BadWorkload

DIGITS = 30
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


def hours(length: timedelta) -> Fraction:
    """A timedelta in hours, exact."""
    return Fraction(length // _MICROSECOND, _HOUR // _MICROSECOND)


def exp(power: Fraction) -> Decimal:
    """e to a rational power, to more than `DIGITS` significant digits."""
    return _WIDE.exp(_decimal(power))


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _kept(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-DIGITS), context=_WIDE)


def poisson_miss_share(rate: Fraction, ttl: timedelta) -> Decimal:
    """Share of later queries that miss at Poisson rate `rate`, where a read refreshes: e^(-rate x ttl).

    Gaps are memoryless, so each is longer than the TTL with this probability, whatever came before.
    """
    return _kept(exp(-rate * hours(ttl)))


def poisson_misses(queries: int, rate: Fraction, ttl: timedelta) -> Decimal:
    """Expected misses of N queries at a Poisson rate: 1 + (N-1) e^(-rate x ttl)."""
    return 1 + (queries - 1) * poisson_miss_share(rate, ttl)


def poisson_misses_without_refresh(queries: int, rate: Fraction, ttl: timedelta) -> Decimal:
    """The same where an entry dies a TTL after it was written, read or not.

    Query n misses iff a cycle begins with it; cycle j has begun by then with Pr(Poisson(j x rate x ttl) <= N-1-j),
    summed over j = 0 .. N-1.
    """
    load = rate * hours(ttl)
    return _kept(sum((_poisson_up_to(queries - 1 - j, j * load) for j in range(queries)), Decimal(0)))


def _poisson_up_to(most: int, mean: Fraction) -> Decimal:
    """Pr(Poisson(mean) <= most)."""
    term = exp(-mean)
    total = term
    load = _decimal(mean)
    for k in range(1, most + 1):
        term = _WIDE.divide(_WIDE.multiply(term, load), Decimal(k))
        total = _WIDE.add(total, term)
    return total


def random_misses(queries: int, window: timedelta, ttl: timedelta) -> Fraction:
    """Expected misses of N queries at independent uniform times in a window: 1 + (N-1) (1 - ttl/window)^N.

    Spacings of uniform points are exchangeable, each longer than x with probability (1 - x/window)^N.
    """
    left = 1 - Fraction(ttl // _MICROSECOND, window // _MICROSECOND) if window else Fraction(0)
    return 1 + (queries - 1) * max(Fraction(0), left) ** queries


def random_span(queries: int, window: timedelta) -> Fraction:
    """Expected hours from the first of N uniform times in a window to the last: window x (N-1)/(N+1)."""
    return hours(window) * Fraction(queries - 1, queries + 1)


def window_misses(rate: Fraction, window: timedelta, ttl: timedelta) -> Decimal:
    """Expected misses of a Poisson stream that is watched for a window, the number of queries being random.

    A query at t misses iff none came in [max(0, t - ttl), t): 1 - e^(-rate x window) up to one TTL, after that
    (1 - e^(-rate x ttl)) + rate (window - ttl) e^(-rate x ttl).
    """
    if window <= ttl:
        return _kept(1 - exp(-rate * hours(window)))
    alone = exp(-rate * hours(ttl))
    return _kept(1 - alone + _decimal(rate * hours(window - ttl)) * alone)


def even_threshold(window: timedelta, ttl: timedelta) -> int:
    """Smallest N at which N queries spread evenly over a window all hit but the first: 1 + ceil(window / ttl)."""
    if not ttl:
        raise BadWorkload("expected a time to live above 0", word="ttl")
    return 1 - (window // -ttl)


def break_even_rate(write: Fraction, read: Fraction, ttl: timedelta) -> Decimal | None:
    """Poisson rate per hour at which caching for a TTL costs as much as sending fresh: ln((w-r)/(1-r)) / ttl.

    `write` and `read` are multiples of the input rate. None where reads save nothing; 0 where writes cost nothing.
    """
    if read >= 1:
        return None
    return _kept(max(Decimal(0), _WIDE.ln(_decimal((write - read) / (1 - read))) / _decimal(hours(ttl))))


def longer_ttl_rate(
    short: tuple[Fraction, timedelta], long: tuple[Fraction, timedelta], read: Fraction
) -> Decimal | None:
    """Poisson rate per hour above which the longer TTL is the cheaper in steady traffic; (write, ttl) each.

    From r + (w-r) e^(-rate x ttl) for both: ln((w_long - r)/(w_short - r)) / (ttl_long - ttl_short).
    """
    (w_short, t_short), (w_long, t_long) = short, long
    if t_long <= t_short or w_short <= read:
        return None
    return _kept(_WIDE.ln(_decimal((w_long - read) / (w_short - read))) / _decimal(hours(t_long - t_short)))


def burst_misses(bursts: int, size: int, apart: timedelta, ttl: timedelta) -> int:
    """Misses of bursts of `size` queries one after another at once, a time `apart`: one, or one a burst."""
    return 1 if apart <= ttl else bursts
