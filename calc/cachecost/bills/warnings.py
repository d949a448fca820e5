"""What a person should know before believing an answer: limits, minimums, tiers, age and kind of the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from ..errors import CachecostError, NotSold, Refused
from ..prices.caching import Caching
from ..prices.card import Band, RateCard
from ..prices.quote import Quote
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..strategies.batches import basis
from ..strategies.conversation import lengths
from ..strategies.expected import AS_EXPECTED, reach
from ..strategies.names import AUTOMATIC, FRESH, STORED
from ..strategies.outcomes import later, pings
from ..strategies.plan import Plan
from ..strategies.stored import outlived
from ..units import show_duration, show_instant
from ..workload.workload import EVEN, Workload

STALE_AFTER_DAYS = 90
AHEAD = timedelta(days=90)
"""How long after a workload or a request an announced change is still reported."""
TOLD = Fraction(1, 2000)
"""A smaller share of the later queries is none, shown with one decimal."""
WORDS = {"context": "context", "input": "context", "output": "answer", "withdrawn": "model"}
"""The word of a question that a refusal is about."""


class Refusal(NamedTuple):
    """Why the vendor would not serve a request. `kind` is `context`, `input`, `output` or `withdrawn`; `why` is what a
    sentence says after the name of the model: `takes at most 1,000,000 tokens, this request has 1,000,200`."""

    kind: str
    why: str

    @property
    def status(self) -> str:
        return "withdrawn" if self.kind == "withdrawn" else "refused"

    def error(self, model: str, **words: str) -> Refused:
        """The refusal as an error, for answers that cannot be marked. `words` replace those of `WORDS`."""
        return Refused(f"{model} {self.why}", word=(WORDS | words)[self.kind])


class LeftOut(NamedTuple):
    """A model without an answer: `kind` is that of a refusal, `currency`, or that of the error."""

    model: str
    kind: str
    why: str


def unanswered(left_out: Sequence[LeftOut]) -> CachecostError:
    """Why no model has an answer: of one model in the words of `compare`, of several the first reasons."""
    if not left_out:
        return NotSold("no model was named")
    first, *others = left_out
    if not others:
        return Refusal(first.kind, first.why).error(first.model) if first.kind in WORDS else NotSold(first.why)
    reasons = "; ".join(f"{each.model}: {each.why}" for each in left_out[:3])
    error = Refused if all(each.kind in WORDS for each in left_out) else NotSold
    return error(f"no model serves this workload: {reasons}")


def refusal(card: RateCard, *, prompt: int, answer: int, asked: str = "this request has") -> Refusal | None:
    """Why the vendor would refuse a request of so many tokens, None where it would be served or no limit is known.

    The only definition of it: compare, plan, curve, sweep, quote and replay ask here. `prompt` is the whole prompt with
    its cached tokens. A context limit holds for prompt and answer together, an input limit for the prompt alone.
    """
    limits, whole = card.limits, prompt + answer
    if card.status == "withdrawn":
        return Refusal("withdrawn", f"was withdrawn on {card.effective:%Y-%m-%d}")
    if limits.input is not None and prompt > limits.input:
        return Refusal("input", f"takes at most {limits.input:,} tokens of input, {asked} {prompt:,}")
    if limits.context is not None and whole > limits.context:
        return Refusal("context", f"takes at most {limits.context:,} tokens, {asked} {whole:,}")
    if limits.output is not None and answer > limits.output:
        return Refusal("output", f"answers with at most {limits.output:,} tokens, {asked} {answer:,} of answer")
    return None


def refused(sheet: PriceSheet, work: Workload) -> Refusal | None:
    """Why the vendor would refuse a request of a workload: its largest one, under the card of its first query and every
    card that begins before its last. NotInForce before the first card."""
    end = work.start + work.span(work.queries)
    asked = f"turn {work.queries:,} has" if work.grows and work.queries > 1 else "this request has"
    for card in (sheet.card(work.start), *sheet.changes(work.start, end)):
        if found := refusal(card, prompt=work.largest_prompt(), answer=work.answer, asked=asked):
            return found
    return None


OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_WRITE, SMALL_READ = DOUBTS = (
    "over context",
    "over input",
    "over output",
    "small write",
    "small read",
)
"""Why a request of a log is doubtful: more tokens than the model takes or answers with, fewer cached than a minimum."""


class Doubt(NamedTuple):
    """A bound of a card: requests beyond so many tokens are doubtful, and why."""

    what: str
    tokens: int


def bounds_of(card: RateCard) -> tuple[Doubt, ...]:
    """The bounds that a card sets for single requests: limits in tokens, and minimums of what is cached."""
    limits = card.limits
    found = (limits.context, limits.input, limits.output, card.least_written, card.least_read)
    return tuple(Doubt(what, tokens) for what, tokens in zip(DOUBTS, found, strict=True) if tokens)


def doubts(usage: Usage, card: RateCard) -> Iterator[str]:
    """What of DOUBTS is true of a single request that was made; engines ask the same over many at once."""
    limits = card.limits
    if limits.context is not None and usage.prompt + usage.output > limits.context:
        yield OVER_CONTEXT
    if limits.input is not None and usage.prompt > limits.input:
        yield OVER_INPUT
    if limits.output is not None and usage.output > limits.output:
        yield OVER_OUTPUT
    if 0 < usage.cached < (card.least_written if usage.written else card.least_read):
        yield SMALL_WRITE if usage.written else SMALL_READ


def doubted(card: RateCard, counts: Mapping[str, int]) -> Iterator[str]:
    """Warnings about the requests of a log under a card; `counts`: how many of them have each of DOUBTS."""
    for what, tokens in bounds_of(card):
        if number := counts.get(what, 0):
            yield f"{number:,} request{'' if number == 1 else 's'} {_BEYOND[what].format(f'{tokens:,}')}"


_REFUSED = "the vendor would refuse this, so check whether the log adds several requests up"
_BEYOND = {
    OVER_CONTEXT: f"over the context limit of {{}} tokens: {_REFUSED}",
    OVER_INPUT: f"over the input limit of {{}} tokens: {_REFUSED}",
    OVER_OUTPUT: f"over the answer limit of {{}} tokens: {_REFUSED}",
    SMALL_WRITE: "with fewer cached tokens than the minimum of {} for a write: priced as reported",
    SMALL_READ: "with fewer cached tokens than the minimum of {} for a read: priced as reported",
}


def turns_served(card: RateCard, work: Workload) -> int | None:
    """The most turns of a conversation whose last one is within the limits; None where there is no end."""
    limits, added = card.limits, work.question + work.answer + work.tools
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
    longest, block = cacheable_prompt(plan), getattr(getattr(plan.card.caching, plan.kind), "block", None) or 1
    return next((least for least in (plan.minimum or 0, block) if longest < least), None)


def cacheable_prompt(plan: Plan) -> int:
    """Tokens of the longest prefix that the plan could cache, were there no minimum."""
    work = plan.workload
    return work.largest_prompt() if work.grows and plan.kind != STORED else work.context


def notices(plan: Plan, *, today: date) -> tuple[str, ...]:
    """Warnings about one plan, most severe first."""
    return tuple(_notices(plan, today))


def _notices(plan: Plan, today: date) -> Iterator[str]:
    work, card = plan.workload, plan.card
    if found := refused(plan.sheet, work):
        yield f"would be refused: the model {found.why}"
        return
    if card.caution:
        yield card.caution
    if plan.kind != FRESH:
        yield from _of_caching(plan)
    if work.arrivals == EVEN or len(plan.stretches.starts(reach(plan, work.queries))) == 1:
        pass
    elif basis(plan) != AS_EXPECTED and work.by_law(work.queries):
        yield "rates change while the queries come: each stretch of rates has as many as are expected in it"
    else:
        yield "rates change while the queries come: each is priced at the instant at which it is expected"
    low = plan.row.prompt.low
    if plan.kind != FRESH and work.question < low:
        yield (
            f"the context itself moves every request into the tier {tier_text(plan.row.prompt)}: "
            "cached tokens count for the tier"
        )
    yield from dated(plan.sheet, card, on=work.start.date(), today=today)


def dated(sheet: PriceSheet, card: RateCard, *, on: date, today: date) -> Iterator[str]:
    """Why rates may be out of date: on a day after the last that was promised, or not checked for long."""
    if card.promised_until and on > card.promised_until:
        yield f"these rates were promised only until {card.promised_until}; look at the source"
    age = (today - sheet.checked).days
    if age > STALE_AFTER_DAYS:
        yield f"this sheet was last checked against its source on {sheet.checked}, {age} days ago"


class Announced(NamedTuple):
    """A card that changes rates or terms of caching, or withdraws the model. `terms_alone`: no rate changes."""

    card: RateCard
    terms_alone: bool

    @property
    def text(self) -> str:
        """`rates change on 2026-12-01 (scheduled)`."""
        card = self.card
        when = f"{card.effective:%Y-%m-%d}" + (" (scheduled)" if card.status == "scheduled" else "")
        if card.status == "withdrawn":
            return f"the model is withdrawn on {when}"
        return f"{'caching terms' if self.terms_alone else 'rates'} change on {when}"


def announced(sheet: PriceSheet, after: datetime, until: datetime) -> Iterator[Announced]:
    """What changes after the one instant and not later than the other."""
    coming = sheet.changes(after, until)
    if not coming:
        return
    before = sheet.card(after)
    for card in coming:
        terms_alone = card.rows == before.rows
        if not terms_alone or card.status == "withdrawn" or _terms(card) != _terms(before):
            before = card
            yield Announced(card, terms_alone)


def _terms(card: RateCard) -> Caching:
    """The terms of caching, without the words beside them."""
    automatic = card.caching.automatic
    return card.caching._replace(automatic=automatic and replace(automatic, note=None))


def days_after(days: int, what: str) -> str:
    """`8 days after the last query`."""
    return f"{days:,} day{'' if days == 1 else 's'} after {what}"


def with_notices(quoted: Quote, usage: Usage, *, at: datetime, today: date, told: set[str] | None = None) -> Quote:
    """A quote that also warns of what its card says of such a request: limits, promises, age, and changes that are
    announced; `told`: the models of which changes have been told before, to which this one is added. `quote` itself
    does not, since it prices every request of a workload."""
    card = quoted.card
    created = int(
        dict(usage.quantities).get("creation", 0)
    )  # a cache is created by a request apart from the one that reads it
    found = refusal(card, prompt=max(usage.prompt - created, created), answer=usage.output)
    if found:  # as in `compare`, a refusal takes the place of what is doubtful about the rates
        of_usage = quoted.warnings[1 if card.caution else 0 :]
        text = f"would be refused: the model {found.why}"
        return quoted._replace(warnings=(text, *of_usage), status=found.status)
    told = set() if told is None else told
    coming = [] if quoted.sheet.id in told else [*announced(quoted.sheet, at, at + AHEAD)]
    if coming:
        told.add(quoted.sheet.id)
    changes = [f"{each.text}, {days_after((each.card.effective - at).days, 'this request')}" for each in coming]
    return quoted._replace(warnings=(*quoted.warnings, *changes, *dated(quoted.sheet, card, on=at.date(), today=today)))


def _of_caching(plan: Plan) -> Iterator[str]:
    work = plan.workload
    if minimum := too_short(plan):
        tokens = f"the longest of {work.queries:,} prompts has {work.largest_prompt():,} tokens, which"
        tokens = tokens if work.grows and plan.kind != STORED else f"{work.context:,} tokens"
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
    if plan.kind == STORED and plan.cached and plan.idle is None:
        late = outlived(plan, work.queries)
        if late:
            yield f"{_number(float(late))} of {work.queries:,} queries come after the cache is gone and are sent fresh"


def _of_misses(plan: Plan) -> Iterator[str]:
    found = later(plan, plan.workload.queries)
    late, lost = found.late, found.lost
    plain = plan.seen_twice or plan.kind == AUTOMATIC
    then = "is sent without a cache" if plain else "pays the write price again"
    life = plan.lifetime
    if late >= TOLD and life and plan.ttl == life.least < life.most:
        share = "every query comes"
        if late != 1:
            share = f"{float(late) * 100:.1f}% of the later queries are expected to come"
        yield (
            f"{share} more than {show_duration(life.least)} after the one before, the shortest life that the vendor "
            f"names for an automatic cache (the longest is {show_duration(life.most)}), and counted as a miss"
        )
    elif late == 1:
        yield f"the cache expires before every query, so each one {then}"
    elif late >= TOLD:
        yield f"{float(late) * 100:.1f}% of the later queries are expected to come after the cache expires; each {then}"
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
    yield f"{_number(float(each))} pings before each later query{most}, {_number(total)} in all, until {last}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def tier_text(band: Band) -> str:
    """`up to 200,000`, `over 200,000`, `32,001 to 128,000`, `of any size`."""
    low, high = band
    if high is None:
        return "of any size" if low == 0 else f"over {low - 1:,}"
    return f"up to {high:,}" if low == 0 else f"{low:,} to {high:,}"
