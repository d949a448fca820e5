"""What to know before believing a price: whether the vendor serves such a request, what is doubtful about requests that
were made, how old the rates are, for how long they were promised, and what changes soon."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..errors import Refused
from ..units import counted
from .caching import Caching
from .card import Band, RateCard, Row
from .quote import Quote
from .sheet import PriceSheet
from .usage import Usage

WORDS = {"context": "context", "input": "context", "output": "answer", "withdrawn": "model"}
"""The word of a question that a refusal is about."""


class Refusal(NamedTuple):
    """Why the vendor would not serve a request. `kind` is `context`, `input`, `output` or `withdrawn`; `why` is what a
    sentence says after the name of the model: `takes at most 1,000,000 tokens, this request has 1,000,200`. `over`: by
    how many tokens."""

    kind: str
    why: str
    over: int = 0

    @property
    def status(self) -> str:
        return "withdrawn" if self.kind == "withdrawn" else "refused"

    @property
    def warning(self) -> str:
        return f"would be refused: the model {self.why}"

    def of(self, model: str) -> str:
        """`openai/o1 was withdrawn on 2026-01-15 (for its prices, ask about an earlier day)`."""
        return f"{model} {self.why}{' (for its prices, ask about an earlier day)' * (self.kind == 'withdrawn')}"

    def error(self, model: str, **words: str) -> Refused:
        """The refusal as an error, for answers that cannot be marked. `words` replace those of `WORDS`."""
        return Refused(self.of(model), word=(WORDS | words)[self.kind])


def refusal(card: RateCard, *, prompt: int, answer: int, subject: str = "this request has") -> Refusal | None:
    """Why the vendor would refuse a request of so many tokens, None where it would be served or no limit is known.

    The only definition of it: compare, plan, curve, sweep, quote and replay ask here. `prompt` is the whole prompt with
    its cached tokens. A context limit holds for prompt and answer together, an input limit for the prompt alone.
    """
    limits, whole = card.limits, prompt + answer
    if card.status == "withdrawn":
        return Refusal("withdrawn", f"was withdrawn on {card.effective:%Y-%m-%d}")
    if limits.input is not None and prompt > limits.input:
        why = f"takes at most {limits.input:,} tokens of input, {subject} {prompt:,}"
        return Refusal("input", why, prompt - limits.input)
    if limits.context is not None and whole > limits.context:
        why = f"takes at most {limits.context:,} tokens, {subject} {whole:,}"
        return Refusal("context", why, whole - limits.context)
    if limits.output is not None and answer > limits.output:
        most = f"answers with at most {limits.output:,} tokens" if limits.output else "gives no answers (ask for 0)"
        why = f"{most}, {subject} {answer:,} of answer"
        return Refusal("output", why, answer - limits.output)
    return None


_REFUSED = "the vendor would refuse this, so check whether the log adds several requests up"
_PRICED = "with fewer cached tokens than the minimum of {} for a"
_BEYOND = {
    "over context": f"over the context limit of {{}} tokens: {_REFUSED}",
    "over input": f"over the input limit of {{}} tokens: {_REFUSED}",
    "over output": f"over the answer limit of {{}} tokens: {_REFUSED}",
    "small write": f"{_PRICED} write: priced as reported",
    "small read": f"{_PRICED} read: priced as reported",
}
OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_WRITE, SMALL_READ = DOUBTS = tuple(_BEYOND)
"""Why a request of a log is doubtful: more tokens than the model takes or answers with, fewer cached than a minimum."""


class Bound(NamedTuple):
    """A bound of a card: requests beyond so many tokens are doubtful, and why."""

    what: str
    tokens: int


def bounds_of(card: RateCard) -> tuple[Bound, ...]:
    """The bounds that a card sets for single requests: limits in tokens, and minimums of what is cached."""
    limits = card.limits
    known = (limits.context, limits.input, limits.output, card.least_written, card.least_read)
    return tuple(Bound(what, tokens) for what, tokens in zip(DOUBTS, known, strict=True) if tokens)


def doubted(card: RateCard, counts: Mapping[str, int]) -> Iterator[str]:
    """Warnings about the requests of a log under a card; `counts`: how many of them have each of DOUBTS."""
    for what, tokens in bounds_of(card):
        if number := counts.get(what, 0):
            yield f"{counted(number, 'request')} {_BEYOND[what].format(f'{tokens:,}')}"


STALE_AFTER_DAYS = 90
AHEAD = timedelta(days=90)
"""How long after a workload or a request an announced change is still reported."""


def dated(sheet: PriceSheet, card: RateCard, *, on: date, today: date) -> Iterator[str]:
    """Why rates may be out of date: a day after the last that was promised, or a source that was read long ago."""
    if card.promised_until and on > card.promised_until:
        yield f"these rates were promised only until {card.promised_until}; look at the source"
    age = (today - sheet.checked).days
    if age > STALE_AFTER_DAYS and card.status != "withdrawn":
        yield f"the source of these rates was last read on {sheet.checked}, {age} days ago"


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
        if card.listed and card.listed.effective < card.effective:
            return f"your terms change on {when}"
        return f"{'caching terms' if self.terms_alone else 'rates'} change on {when}"


def announced(sheet: PriceSheet, after: datetime, until: datetime, service: str) -> Iterator[Announced]:
    """What changes for a service after the one instant and not later than the other."""
    coming = sheet.changes(after, until)
    if not coming:
        return
    before = sheet.card(after)
    for card in coming:
        terms_alone = _rows(card, service) == _rows(before, service)
        if not terms_alone or card.status == "withdrawn" or _terms(card) != _terms(before):
            before = card
            yield Announced(card, terms_alone)


def _rows(card: RateCard, service: str) -> list[Row]:
    return [row for row in card.rows if row.service == service]


def _terms(card: RateCard) -> Caching:
    """The terms of caching, without the words beside them."""
    automatic = card.caching.automatic
    return card.caching._replace(automatic=automatic and replace(automatic, note=None))


def days_after(days: int, what: str) -> str:
    """`8 days after the last query`."""
    return f"{counted(days, 'day')} after {what}"


def with_notices(
    quoted: Quote, usage: Usage, *, at: datetime, today: date, service: str, warned: set[str] | None = None
) -> Quote:
    """A quote that also warns of what its card says of such a request: limits, promises, age, and changes of its
    service that are announced; `warned`: the models and services of which changes have been announced before, to which
    this one is added. `quote` itself does not, since it prices every request of a workload."""
    card = quoted.card
    # A cache is created by a request apart from the one that reads it.
    created = int(dict(usage.quantities).get("creation", 0))
    refused = refusal(card, prompt=max(usage.prompt - created, created), answer=usage.output)
    if refused:  # as in `compare`, a refusal takes the place of what is doubtful about the rates
        of_usage = quoted.warnings[1 if card.caution else 0 :]
        return quoted._replace(warnings=(refused.warning, *of_usage), status=refused.status)
    warned = set() if warned is None else warned
    asked = f"{quoted.sheet.id} {service}"
    coming = [] if asked in warned else [*announced(quoted.sheet, at, at + AHEAD, service)]
    if coming:
        warned.add(asked)
    changes = [f"{each.text}, {days_after((each.card.effective - at).days, 'this request')}" for each in coming]
    if free := card.allowance:
        used = (line.removeprefix("fee.") for line, _ in usage.quantities)
        changes += [f"{tool}: {free.text(tool)}, are free and not taken off here" for tool in used if tool in free.free]
    return quoted._replace(warnings=(*quoted.warnings, *changes, *dated(quoted.sheet, card, on=at.date(), today=today)))


def tier_text(band: Band) -> str:
    """`up to 200,000`, `over 200,000`, `32,001 to 128,000`, `of any size`."""
    low, high = band
    if high is None:
        return "of any size" if low == 0 else f"over {low - 1:,}"
    return f"up to {high:,}" if low == 0 else f"{low:,} to {high:,}"
