"""Rules of thumb for a strategy: from which hit rate, rate of queries or gap on it pays, whatever the workload."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from ..strategies.names import FRESH, STORED, WRITTEN
from ..strategies.plan import Plan
from ..units import HOUR, hours
from ..workload.series import decimal, ln
from .break_even import never_dearer as never_costs_more
from .measures import break_even_hit_share, break_even_rate, multiples
from .warnings import too_short

_DIGITS = Context(prec=28)
NO_CACHE = Fraction(1), timedelta(0)
"""What is written is sent as input, and lives for no time."""


class CachingRule(NamedTuple):
    """When one strategy pays, whatever the workload: what its rates alone imply.

    `hit_share`: at least this share of later queries must hit. `rate`: queries per hour of steady traffic (Poisson
    where written) above which it beats fresh. `gap`: one over that rate. `longer`: another TTL, and the rate above
    which it is the cheaper of the two. `pinged_up_to`: longest gap over which pings cost no more than writing again.
    `minimum`: the context is below it, and nothing is cached. `never_dearer` than fresh, whatever hits.
    """

    strategy: str
    hit_share: Fraction | None = None
    rate: Fraction | None = None
    gap: timedelta | None = None
    longer: tuple[str, Fraction] | None = None
    pinged_up_to: timedelta | None = None
    minimum: int | None = None
    never_dearer: bool = False


def rules(plans: Sequence[Plan]) -> tuple[CachingRule, ...]:
    return tuple(_rule(each, plans) for each in plans if each.kind != FRESH)


def _rule(each: Plan, plans: Sequence[Plan]) -> CachingRule:
    if minimum := too_short(each):
        return CachingRule(each.strategy, minimum=minimum)
    if each.pinged:
        return _pinged(each)
    if each.kind == WRITTEN:
        return _written(each, plans)
    if each.kind != STORED:
        return CachingRule(each.strategy, never_dearer=never_costs_more(each))
    rate = break_even_rate(each)
    gap = timedelta(microseconds=int(HOUR / rate)) if rate else None
    return CachingRule(each.strategy, rate=rate, gap=gap)


def _pinged(each: Plan) -> CachingRule:
    """Rate ln(1/(1-r))/TTL and gap TTL x floor(1/r) up to which pings for ever cost no more than sending fresh."""
    read = multiples(each)[1]
    if not each.ttl or not 0 < read < 1:
        return CachingRule(each.strategy)
    return CachingRule(each.strategy, rate=pinging_rate(read, each.ttl), gap=each.ttl * (1 // read))


def _written(each: Plan, plans: Sequence[Plan]) -> CachingRule:
    """Hit share (w-1)/(w-r), rate ln((w-r)/(1-r))/TTL, and the crossing with the next longer TTL."""
    share = break_even_hit_share(each)
    if share is None:
        return CachingRule(each.strategy)
    terms, ttl = each.card.caching.written, each.ttl
    if not ttl or terms is None or not terms.refresh:
        return CachingRule(each.strategy, share)
    write, read = multiples(each)
    longer = [
        (other.strategy, rate)
        for other in plans
        if other.kind == WRITTEN and not other.pinged and other.ttl is not None and other.ttl > ttl
        if (rate := longer_ttl_rate((write, ttl), (multiples(other)[0], other.ttl), read)) is not None
    ]
    return CachingRule(
        each.strategy,
        share,
        rate=longer_ttl_rate(NO_CACHE, (write, ttl), read),
        longer=min(longer, key=lambda pair: pair[1]) if longer else None,
        pinged_up_to=longest_pinged_gap(write, read, ttl) if read else None,
    )


def longer_ttl_rate(
    short: tuple[Fraction, timedelta], long: tuple[Fraction, timedelta], read: Fraction
) -> Fraction | None:
    """Poisson rate per hour above which the longer TTL is the cheaper in steady traffic; (write, ttl) each, where
    `write` and `read` are multiples of the input rate. Sending fresh is the TTL of no time, `NO_CACHE`.

    From r + (w-r) e^(-rate x ttl) for both: ln((w_long - r)/(w_short - r)) / (ttl_long - ttl_short). 0 where the
    longer one costs no more to write; None where a write costs no more than a read, or the TTL is not longer.
    """
    (w_short, t_short), (w_long, t_long) = short, long
    if t_long <= t_short or w_short <= read:
        return None
    if w_long <= w_short:
        return Fraction(0)
    return _per_hour(ln((w_long - read) / (w_short - read)), t_long - t_short)


def pinging_rate(read: Fraction, ttl: timedelta) -> Fraction:
    """Poisson rate per hour above which pinging for ever beats sending fresh: ln(1/(1-r)) / ttl."""
    return _per_hour(ln(1 / (1 - read)), ttl)


def longest_pinged_gap(write: Fraction, read: Fraction, ttl: timedelta) -> timedelta:
    """Longest gap over which pinging costs no more than writing again: r x ceil(gap/ttl) <= w."""
    return ttl * (write // read)


def _per_hour(times: Decimal, length: timedelta) -> Fraction:
    """Times in a length as a rate per hour, to 28 significant digits."""
    return Fraction(_DIGITS.divide(times, decimal(hours(length))))
