"""What a request can cost before it is sent: at least, likely and at most, for a budget that reserves money.

Lowest: all of the prompt that a cache can hold is read from it, no answer comes, at the cheapest hour. Highest: nothing
is read, all that can be is written at the dearest rate that is sold, the answer is as long as it may be, at the dearest
hour. Hours are those of the time in which the request will be sent.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

from ..bills.bill import Bill
from ..bills.candidates import plans
from ..errors import BadUsage, BadWorkload, NotSold
from ..prices.card import STANDARD, RateCard
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..prices.warnings import refusal
from ..strategies.assumptions import Assumptions
from ..strategies.stretches import Stretches
from ..workload.workload import LAST_YEAR, Workload

WITHIN, LONGEST = timedelta(days=1), timedelta(days=31)
_total = attrgetter("total")


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

    Raises Refused where the vendor would not serve the request, BadUsage where there is no prompt or no limit of the
    answer is known, NotSold of a deployment, BadWorkload beyond `LONGEST` or where `hit_share` is no share.
    """
    assumed = Assumptions(hit_share=hit_share, service=service, region=region, thinking=thinking)
    if prompt < 1:
        raise BadUsage("expected at least 1 token", word="input")
    if sheet.meter.cards:
        raise NotSold(f"{sheet.id} is billed by the second of its machine, not by the token; see compare")
    if not timedelta(0) <= within <= LONGEST:
        raise BadWorkload(f"expected a duration of up to {LONGEST.days} days", word="within")
    if at.year > LAST_YEAR:
        raise BadWorkload(f"expected a year up to {LAST_YEAR}, not {at.year}", word="at")
    card = sheet.card(at)
    if unserved := refusal(card, prompt=prompt, answer=0):
        raise unserved.error(sheet.id, context="input", input="input")
    most = _longest(card, prompt, longest)
    usual = most if answer is None else min(answer, most)

    def cases(begin: datetime, output: int, *, hits: bool) -> list[Case]:
        """The request under every strategy, without a cache first, where it reads all that it can, or nothing."""
        result = []
        for plan in plans(sheet, Workload(prompt, 0, output, 1, begin), assumed):
            usage = plan.read_request if hits else plan.missed_request
            result.append(Case(Bill(plan).of_one(usage), begin, usage, plan.entry if usage.written else ""))
        return result

    starts = Stretches(at, sheet, service).starts(within)
    cheapest = [case for begin in starts for case in cases(begin, 0, hits=True)]
    dearest = [case for begin in starts for case in cases(begin, most, hits=False)]
    hit, misses = min(cases(at, usual, hits=True), key=_total), cases(at, usual, hits=False)
    miss = next((each for each in misses if each.ttl == _usual_life(card)), misses[0])
    mean = Fraction(miss.total) + hit_share * (Fraction(hit.total) - Fraction(miss.total))
    likely, is_cut = Likely(mean, hit, miss, hit_share), longest is not None and longest > most
    return Bounds(sheet, card, prompt, min(cheapest, key=_total), likely, max(dearest, key=_total), is_cut)


def _longest(card: RateCard, prompt: int, wanted: int | None) -> int:
    """The longest answer: what the request allows and the limits of the model leave."""
    limits = card.limits
    left = None if limits.context is None else limits.context - prompt
    known = [each for each in (wanted, limits.output, left) if each is not None]
    if not known:
        raise BadUsage("missing; no limit of answers is known for this model, so say the longest", word="max_output")
    return min(known)


def _usual_life(card: RateCard) -> str:
    """The life for which a miss writes: the vendor's own choice, none where it caches by itself."""
    written = card.caching.written
    if written is None or card.caching.automatic:
        return ""
    return written.usual_ttl
