"""What a request can cost before it is sent: at least, likely and at most, for a budget that reserves money.

Lowest: all of the prompt that a cache can hold is read from it, no answer comes, at the cheapest hour. Highest: nothing
is read, all that can be is written at the dearest rate that is sold, the answer is as long as it may be, at the dearest
hour. Hours are those of the time in which the request will be sent.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..errors import BadUsage, BadWorkload
from ..prices.caching import cacheable
from ..prices.card import STANDARD, RateCard, Row
from ..prices.quote import quote
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..prices.warnings import refusal
from ..strategies.assumptions import Assumptions
from ..strategies.stretches import Stretches
from ..workload.workload import LAST_YEAR

WITHIN, LONGEST = timedelta(days=1), timedelta(days=31)


class Case(NamedTuple):
    """One request as it may be: what it uses, at an instant, and the total. `ttl`: of what it writes, empty without."""

    total: Decimal
    at: datetime
    usage: Usage
    ttl: str = ""


class Likely(NamedTuple):
    """A request that hits with a probability: the case of a hit, that of a miss, and their mean."""

    total: Fraction
    hit: Case
    miss: Case
    hit_share: Fraction


class Bounds(NamedTuple):
    """The least, the likely and the most that one request costs, in the currency of the sheet."""

    sheet: PriceSheet
    card: RateCard
    prompt: int
    lowest: Case
    likely: Likely
    highest: Case
    is_cut: bool
    """Whether the longest answer is that of the model, which is shorter than the request allows."""

    @property
    def version(self) -> str:
        return self.sheet.version(self.card)


def bounds(
    sheet: PriceSheet,
    prompt: int,
    *,
    at: datetime,
    longest: int | None = None,
    answer: int | None = None,
    hit_share: Fraction = Fraction(0),
    within: timedelta = WITHIN,
    service: str = STANDARD,
    region: str | None = None,
    thinking: bool = False,
) -> Bounds:
    """The bounds of a request with a prompt of so many tokens of text, sent `within` a time from an instant on.

    `longest`: the most tokens of answer that the request allows (default: what the model's limits leave). `answer`:
    those of a likely one (default: the longest). `hit_share`: how likely it is that the prompt is in a cache, now.

    Raises Refused where the vendor would not serve the request, BadUsage where no limit of the answer is known,
    BadWorkload beyond `LONGEST` or where `hit_share` is no share.
    """
    Assumptions(hit_share=hit_share)  # refuses what is no share
    if not timedelta(0) <= within <= LONGEST:
        raise BadWorkload(f"expected a duration of up to {LONGEST.days} days", word="within")
    if at.year > LAST_YEAR:
        raise BadWorkload(f"expected a year up to {LAST_YEAR}, not {at.year}", word="at")
    card = sheet.card(at)
    if unserved := refusal(card, prompt=prompt, answer=0):
        raise unserved.error(sheet.id, context="input", input="input")
    most = _longest(card, prompt, longest)
    usual = most if answer is None else min(answer, most)
    how = {"service": service, "region": region, "thinking": thinking}

    def row(begin: datetime, output: int) -> tuple[RateCard, Row]:
        card = sheet.card(begin)
        return card, sheet.row(card, at=begin, prompt=prompt, output=output, **how)

    def case(usage: Usage, begin: datetime, ttl: str = "") -> Case:
        priced = quote(usage, sheet, at=begin, service=service, region=region, thinking=thinking, prompt=prompt)
        return Case(priced.total, begin, usage, ttl)

    starts = Stretches(at, sheet, service).starts(within)
    cheapest = [case(usage, begin) for begin in starts for usage in _reads(*row(begin, 0), prompt, 0)]
    dearest = [case(usage, begin, ttl) for begin in starts for ttl, usage in _writes(*row(begin, most), prompt, most)]
    hit = min((case(usage, at) for usage in _reads(*row(at, usual), prompt, usual)), key=_total)
    misses = [case(usage, at, ttl) for ttl, usage in _writes(*row(at, usual), prompt, usual)]
    miss = next((each for each in misses if each.ttl == _usual_life(card)), misses[0])
    mean = Fraction(miss.total) + hit_share * (Fraction(hit.total) - Fraction(miss.total))
    likely, is_cut = Likely(mean, hit, miss, hit_share), longest is not None and longest > most
    return Bounds(sheet, card, prompt, min(cheapest, key=_total), likely, max(dearest, key=_total), is_cut)


def _total(case: Case) -> Decimal:
    return case.total


def _longest(card: RateCard, prompt: int, asked: int | None) -> int:
    """The longest answer: what the request allows and the limits of the model leave."""
    limits = card.limits
    left = None if limits.context is None else limits.context - prompt
    known = [each for each in (asked, limits.output, left) if each is not None]
    if not known:
        raise BadUsage("missing; no limit of answers is known for this model, so say the longest", word="max_output")
    return min(known)


def _reads(card: RateCard, row: Row, prompt: int, answer: int) -> Iterator[Usage]:
    """The request without a cache, and with all read that each kind of cache can hold."""
    yield Usage(input=prompt, output=answer)
    for kind in card.caching.kinds:
        tokens = cacheable(getattr(card.caching, kind), prompt)
        if tokens and row.read_rate(kind):
            own = f"cache_read:{kind}" in row.rates
            read = {kind: tokens} if own else tokens
            yield Usage(input=prompt - tokens, cache_read=read, output=answer)


def _writes(card: RateCard, row: Row, prompt: int, answer: int) -> Iterator[tuple[str, Usage]]:
    """The request without a cache, and with all written that can be, for each life that is sold."""
    yield "", Usage(input=prompt, output=answer)
    written = card.caching.written
    tokens = cacheable(written, prompt) if written else 0
    for ttl in written.ttls if written and tokens else ():
        if f"cache_write:{ttl}" in row.rates:
            yield ttl, Usage(input=prompt - tokens, cache_write={ttl: tokens}, output=answer)


def _usual_life(card: RateCard) -> str:
    """The life for which a miss writes: the vendor's own choice, none where it caches by itself."""
    written = card.caching.written
    if written is None or card.caching.automatic:
        return ""
    return written.usual_ttl
