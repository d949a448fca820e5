"""Conversations and agent loops: a prompt that grows by every turn, cached at its end each time.

Turn k sends L_k = context + k x question + (k-1) x (answer + tools) tokens. Where the turn before was cached and is
still alive its L_(k-1) tokens are read and the rest is written; all hits cost w x L_n + r x (L_1 + ... + L_(n-1)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ..prices.usage import Usage

if TYPE_CHECKING:
    from .plan import Terms


class Turn(NamedTuple):
    """One request of a conversation: tokens that it can read, and what it uses."""

    read: int
    usage: Usage


def lengths(context: int, question: int, answer: int, tools: int, turns: int) -> Iterator[int]:
    """L_1 .. L_n, the prompts of the turns."""
    for k in range(1, turns + 1):
        yield context + k * question + (k - 1) * (answer + tools)


def total_length(context: int, question: int, answer: int, tools: int, turns: int) -> int:
    """L_1 + ... + L_n in closed form: n S + u n(n+1)/2 + (a+t) n(n-1)/2."""
    return turns * context + question * turns * (turns + 1) // 2 + (answer + tools) * turns * (turns - 1) // 2


def turns(prompts: Iterable[tuple[int, Terms]], *, answer: int, written: bool, alive: bool) -> Iterator[Turn]:
    """Each turn's usage, from its prompt and what can be cached of it under the terms of its instant. `written`:
    whether what is cached anew is written at a premium; `alive`: whether the turn before can still be read."""
    before = 0
    for prompt, terms in prompts:
        read = min(before, terms.cached) if alive else 0
        anew = terms.cached - read if written else 0
        yield Turn(read, terms.reading(read, plain=prompt - read - anew, answer=answer, written=anew))
        before = terms.cached


def compaction_turns(
    ratio: Fraction, read: Fraction, write: Fraction, output: Fraction, *, call: Fraction | None = None
) -> Fraction | None:
    """After how many turns it pays to replace a cached context by a summary of `ratio` of its length.

    Rates are multiples of the input rate. The call reads the context (r, or `call` where it misses) and writes the
    summary as an answer (ratio x output); the first turn writes it into the cache instead of reading it
    (ratio x (w - r) more), and every turn, the first included, saves r (1 - ratio). None where it never pays.
    """
    if not 0 < ratio < 1 or read <= 0:
        return None
    return ((read if call is None else call) + ratio * (output + write - read)) / (read * (1 - ratio))


def fan_out(requests: int, write: Fraction, read: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """(all at once, seeded first, fresh): cost in prefixes at the input rate of so many first requests.

    An entry can be read only once the first answer begins, so that parallel first requests all write.
    """
    return requests * write, write + (requests - 1) * read, Fraction(requests)
