"""Whether a vendor serves a request of some size, and what is doubtful about requests that were made."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import Refused
from .card import RateCard

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


OVER_CONTEXT, OVER_INPUT, OVER_OUTPUT, SMALL_WRITE, SMALL_READ = DOUBTS = (
    "over context",
    "over input",
    "over output",
    "small write",
    "small read",
)
"""Why a request of a log is doubtful: more tokens than the model takes or answers with, fewer cached than a minimum."""


class Bound(NamedTuple):
    """A bound of a card: requests beyond so many tokens are doubtful, and why."""

    what: str
    tokens: int


def bounds_of(card: RateCard) -> tuple[Bound, ...]:
    """The bounds that a card sets for single requests: limits in tokens, and minimums of what is cached."""
    limits = card.limits
    limits_known = (limits.context, limits.input, limits.output, card.least_written, card.least_read)
    return tuple(Bound(what, tokens) for what, tokens in zip(DOUBTS, limits_known, strict=True) if tokens)


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
