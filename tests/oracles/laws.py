"""Closed forms that the product has no use for, but its tests: misses by the law of arrival, and rules of thumb.

Costs are in prefixes at the input rate: a read costs r, a write w, sending fresh 1.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from cachecost.units import hours
from cachecost.workload.poisson import Poisson
from cachecost.workload.series import exp, ln


def poisson_misses(queries: int, rate: Fraction, ttl: timedelta) -> Fraction:
    """Expected misses of N queries at a Poisson rate: 1 + (N-1) e^(-rate x ttl)."""
    return 1 + (queries - 1) * Poisson(rate, queries).share_longer(ttl)


def random_misses(queries: int, window: timedelta, ttl: timedelta) -> Fraction:
    """Expected misses of N queries at independent uniform times in a window: 1 + (N-1) (1 - ttl/window)^N."""
    left = 1 - Fraction(ttl / timedelta.resolution) / Fraction(window / timedelta.resolution) if window else Fraction(0)
    return 1 + (queries - 1) * max(Fraction(0), left) ** queries


def window_misses(rate: Fraction, window: timedelta, ttl: timedelta) -> Fraction:
    """Expected misses of a Poisson stream that is watched for a window, the number of queries being random.

    A query at t misses iff none came in [max(0, t - ttl), t): 1 - e^(-rate x window) up to one TTL, after that
    (1 - e^(-rate x ttl)) + rate (window - ttl) e^(-rate x ttl).
    """
    if window <= ttl:
        return 1 - Fraction(exp(-rate * hours(window)))
    alone = Fraction(exp(-rate * hours(ttl)))
    return 1 - alone + rate * hours(window - ttl) * alone


def even_threshold(window: timedelta, ttl: timedelta) -> int:
    """Smallest N at which N queries spread evenly over a window all hit but the first: 1 + ceil(window / ttl)."""
    return 1 - (window // -ttl)


def poisson_rewrite_rate(write: Fraction, read: Fraction, ttl: timedelta) -> Decimal:
    """Poisson rate per hour above which pinging for ever beats writing again after the TTL.

    r / (1-q) <= r + (w-r) q with q = e^(-rate x ttl) the share of pauses longer than it: q <= 1 - r/(w-r).
    """
    length = hours(ttl)
    return ln(1 / (1 - read / (write - read))) * length.denominator / length.numerator


def worst_ratio(write: Fraction, read: Fraction, most: int) -> Fraction:
    """How many times foresight's cost a pause can cost under at most so many pings, as bad as pauses come.

    In slots of one TTL a pause of k slots costs k r while it is pinged through (k - 1 <= most) and most x r + w beyond;
    foresight pays the smaller of k r and w. Beyond most + 1 slots only most x r + w over min((most + 2) r, w) is worst.
    """
    held = max(read * k / min(read * k, write) for k in range(1, most + 2))
    return max(held, (most * read + write) / min((most + 2) * read, write))


def safest(write: Fraction, read: Fraction) -> tuple[int, Fraction]:
    """The number of pings after which to stop that bounds the worst case best, and its ratio."""
    ratio, most = min((worst_ratio(write, read, most), most) for most in range(int(write // read) + 1))
    return most, ratio


def total_length(context: int, question: int, answer: int, tools: int, turns: int) -> int:
    """L_1 + ... + L_n of a conversation: n S + u n(n+1)/2 + (a+t) n(n-1)/2."""
    return turns * context + question * turns * (turns + 1) // 2 + (answer + tools) * turns * (turns - 1) // 2


def compaction_turns(
    ratio: Fraction, read: Fraction, write: Fraction, output: Fraction, *, call: Fraction | None = None
) -> Fraction | None:
    """After how many turns it pays to replace a cached context by a summary of `ratio` of its length.

    The call reads the context (r, or `call` where it misses) and writes the summary as an answer (ratio x output); the
    first turn writes it into the cache instead of reading it (ratio x (w - r) more), and every turn, the first
    included, saves r (1 - ratio). None where it never pays.
    """
    if not 0 < ratio < 1 or read <= 0:
        return None
    return ((read if call is None else call) + ratio * (output + write - read)) / (read * (1 - ratio))


def fan_out(requests: int, write: Fraction, read: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """(all at once, seeded first, fresh): cost of so many first requests.

    An entry can be read only once the first answer begins, so that parallel first requests all write.
    """
    return requests * write, write + (requests - 1) * read, Fraction(requests)
