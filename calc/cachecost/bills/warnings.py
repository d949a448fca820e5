"""What a person should know before believing an answer: limits, minimums, tiers, age and kind of the card."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ..errors import CachecostError, NotSold, Refused
from ..prices.card import RateCard
from ..prices.sheet import PriceSheet
from ..prices.warnings import WORDS, Refusal, dated, refusal, tier_text
from ..strategies.batches import basis, lengths
from ..strategies.expected import AS_EXPECTED, at_one_rate
from ..strategies.names import AUTOMATIC, FRESH, STORED
from ..strategies.outcomes import later, pings
from ..strategies.plan import Plan
from ..strategies.stored import outlived
from ..units import counted, show_instant
from ..workload.workload import EVEN, Workload

TOLD = Fraction(1, 2000)
"""A smaller share of the later queries is none, shown with one decimal."""


class LeftOut(NamedTuple):
    """A model without an answer: `kind` is that of a refusal, `currency`, or that of the error."""

    model: str
    kind: str
    why: str

    @property
    def text(self) -> str:
        """The reason with the model named once: `openai/gpt-4o takes at most 128,000 tokens, ...`."""
        if self.model in self.why:
            return self.why
        return f"{self.model}{'' if self.kind in WORDS else ':'} {self.why}"


def unanswered(left_out: Sequence[LeftOut]) -> CachecostError:
    """Why no model has an answer: of one model in the words of `compare`, of several the first reasons."""
    if not left_out:
        return NotSold("no model was named")
    first, *others = left_out
    if not others:
        return Refusal(first.kind, first.why).error(first.model) if first.kind in WORDS else NotSold(first.why)
    reasons = "; ".join(each.text for each in left_out[:3])
    error = Refused if all(each.kind in WORDS for each in left_out) else NotSold
    return error(f"no model serves this workload: {reasons}")


def refused(sheet: PriceSheet, work: Workload) -> Refusal | None:
    """Why the vendor would refuse a request of a workload: its largest one, under the card of its first query and every
    card that begins before its last. NotInForce before the first card."""
    end = work.start + work.span(work.queries)
    subject = f"turn {work.queries:,} has" if work.grows and work.queries > 1 else "this request has"
    for card in (sheet.card(work.start), *sheet.changes(work.start, end)):
        if limit := refusal(card, prompt=work.largest_prompt(), answer=work.answer, subject=subject):
            return limit
    return None


def turns_served(card: RateCard, work: Workload) -> int | None:
    """The most turns of a conversation whose last one is within the limits; None where there is no end."""
    limits, added = card.limits, work.added
    rest = [] if limits.context is None else [limits.context - work.prompt - work.answer]
    rest += [] if limits.input is None else [limits.input - work.prompt]
    if not work.grows or not rest or not added:
        return None
    return max(0, min(rest) // added + 1)


def too_short(plan: Plan) -> int | None:
    """The tokens that a prompt needs for anything to be cached, where no prompt of the plan has so many; otherwise
    None. In a conversation the longest prompt counts; a stored cache holds its first context alone."""
    if plan.kind == FRESH or plan.cached or (plan.kind != STORED and plan.sizes(plan.workload.queries) != {0}):
        return None
    longest, block = cacheable_prompt(plan), plan.block
    return next((least for least in (plan.minimum or 0, block) if longest < least), None)


def least_to_cache(plans: Iterable[Plan]) -> int | None:
    """The tokens that a prompt needs for any of the plans to cache it, where none of them does; otherwise None."""
    minimums = [too_short(plan) for plan in plans if plan.kind != FRESH]
    return min((each for each in minimums if each), default=None) if all(minimums) else None


def cacheable_prompt(plan: Plan) -> int:
    """Tokens of the longest prefix that the plan could cache, were there no minimum."""
    work = plan.workload
    return work.largest_prompt() if work.grows and plan.kind != STORED else work.context


def notices(plan: Plan, *, today: date) -> tuple[str, ...]:
    """Warnings about one plan, most severe first."""
    return tuple(_notices(plan, today))


def _notices(plan: Plan, today: date) -> Iterator[str]:
    work, card = plan.workload, plan.card
    if refused_by := refused(plan.sheet, work):
        yield refused_by.warning
        return
    if card.caution:
        yield card.caution
    if plan.kind != FRESH:
        yield from _of_caching(plan)
    if work.arrivals == EVEN or at_one_rate(plan, work.queries):
        pass
    elif basis(plan) != AS_EXPECTED and work.by_law(work.queries):
        yield "rates change while the queries come: each stretch of rates has as many as are expected in it"
    else:
        yield "rates change while the queries come: each is priced at the instant at which it is expected"
    yield from plan.sheet.meter.doubts(work.prompt, work.answer, plan.entry)
    low = plan.row.prompt.low
    if plan.kind != FRESH and work.question < low:
        yield (
            f"the context itself moves every request into the tier {tier_text(plan.row.prompt)}: "
            "cached tokens count for the tier"
        )
    yield from dated(plan.sheet, card, on=work.start.date(), today=today)


def _of_caching(plan: Plan) -> Iterator[str]:
    work = plan.workload
    if minimum := too_short(plan):
        tokens = f"the longest of {work.queries:,} prompts has {counted(work.largest_prompt(), 'token')}, which"
        tokens = tokens if work.grows and plan.kind != STORED else counted(work.context, "token")
        yield f"{tokens} are below the minimum of {minimum:,}: nothing is cached, no premium is paid"
    elif work.grows and plan.kind != STORED:
        short = sum(length < (plan.minimum or 0) for length in lengths(work, work.queries))
        if short:
            turns = f"the first {short:,} turns are" if short > 1 else "the first turn is"
            yield f"{turns} below the minimum of {plan.minimum:,} tokens and not cached"
    if plan.pinged:
        yield from _of_pings(plan)
    if plan.ttl is not None and plan.cached and work.queries > 1:
        yield from _of_misses(plan)
    if plan.kind == AUTOMATIC and plan.ttl is None and plan.cached and work.queries > 1 and work.spread:
        yield "how long an automatic cache lives is not known here: every later query is counted as in time"
    if plan.kind == STORED and plan.cached and work.grows and work.queries > 1:
        yield "it holds the first context alone: what the turns add is sent uncached with every later turn"
    if plan.kind == STORED and plan.cached and plan.idle is None:
        late = outlived(plan, work.queries)
        if late:
            yield f"{_number(float(late))} of {work.queries:,} queries come after the cache is gone and are sent fresh"


def _of_misses(plan: Plan) -> Iterator[str]:
    misses = later(plan, plan.workload.queries)
    late, lost = misses.late, misses.lost
    plain = plan.seen_twice or plan.kind == AUTOMATIC
    then = "is sent without a cache" if plain else "pays the write price again"
    life = plan.lifetime
    come = "come" if plan.workload.arrivals == EVEN else "are expected to come"  # evenly, or at instants that are given
    share = f"{float(late) * 100:.1f}% of the later queries {come}"
    if late >= TOLD and life and plan.ttl == life.least < life.most:
        these = share if late != 1 else "all later queries come"
        yield f"{these} after the shortest life that the vendor names for an automatic cache: counted as misses"
    elif late == 1:
        yield f"the cache expires before every query, so each one {then}"
    elif late >= TOLD:
        yield f"{share} after the cache expires; each {then}"
    if lost >= TOLD:
        yield f"{float(lost) * 100:.1f}% of the later queries are assumed to find their entry evicted before its time"


def _of_pings(plan: Plan) -> Iterator[str]:
    """How many pings, and until when: none follows the last query."""
    work = plan.workload
    each = pings(plan, work.queries)
    if not each:
        yield "no query comes later than the entry lives: no ping is needed"
        return
    total = float(each) * (work.queries - 1)
    last = show_instant(work.start + work.span(work.queries))
    bound = plan.assumptions.pings
    most = "" if bound is None else f", at most {bound:,} after a query"
    noun = "ping" if each == 1 else "pings"
    yield f"{_number(float(each))} {noun} before each later query{most}, {_number(total)} in all, until {last}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
