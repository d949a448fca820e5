"""What caching as it was used has wasted: writes that nobody read, entries that died, prompts below the minimum.

Counts do not show texts, so a session is taken as one text: tokens at the same place are the same. Of a request's
prompt the first tokens were read, those behind them written (longer TTLs first, as vendors demand), the rest sent
plain. Every write is counted once at most:

- `writes never read`: written, and neither read before the session ended nor before the same place was written again
  while it lived. Lost is what a write costs above plain input.
- `expiry`: written where an entry had stood until its TTL ran out. Lost is what the write costs above a read.
- `prompts under the minimum`: sent plain because the prompt was too small, though the request before it in the session
  was not longer ago than the TTL. Lost is what those tokens cost above a read: at most so much, since a first write is
  not taken off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from .. import money
from ..prices.card import RateCard
from ..prices.quote import rates_of
from ..prices.usage import Usage
from ..strategies.names import AUTOMATIC, STORED, WRITTEN, sold
from ..units import duration
from .epochs import Epochs
from .tally import Key, row_of

NEVER_READ, EXPIRY, MINIMUM = "writes never read", "expiry", "prompts under the minimum"
_PROMISED = "5m"
"""How long an automatic cache can be counted on, where the vendor names no time to live."""
_MICROSECOND = timedelta(microseconds=1)


Counts = Counter[tuple[str, Key, str]]
"""Lost tokens by reason, rates and line."""


class Lost(NamedTuple):
    """Money that bought nothing: why, how many tokens, and what they cost more than they had to."""

    what: str
    currency: str
    tokens: int
    amount: Decimal


class Span(NamedTuple):
    """Places of a session's text from where the span before it ends to before `end`, as they lie in the cache.

    `line` and `key`: what the write was billed as. `waiting`: not read since; a `repeat` is already counted as lost.
    """

    end: int
    at: int
    life: int
    key: Key
    line: str
    waiting: bool
    repeat: bool


class Asked(NamedTuple):
    """Text tokens of one prompt, and how many of them were read and written."""

    prompt: int
    read: int
    written: int


class Terms(NamedTuple):
    """What the rates of a key say of caching: the default life in microseconds, how much has to be written at least,
    and the smallest prompt that can be cached at all."""

    sheet: str
    life: int
    least_written: int
    least: int


class Left:
    """What the requests of a session so far left: the cache, and when the last came with how long a prompt."""

    __slots__ = ("at", "prompt", "spans")

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.at = self.prompt = 0


class Losses:
    """Feed requests in the order of time within each session; `found` may be asked at any time."""

    def __init__(self, sheets: Mapping[str, Epochs]) -> None:
        self.sheets = sheets
        self._left: dict[tuple[str, Hashable], Left] = {}
        self._tokens: Counts = Counter()
        self._terms: dict[Key, Terms] = {}

    def add(self, session: Hashable, at: int, key: Key, usage: Usage) -> None:
        """A request as it was logged, `at` in microseconds since 1970 UTC, priced by `key`."""
        counts = [(name, int(count)) for name, count in usage.quantities]
        read = sum(count for name, count in counts if name.partition(":")[0] == "cache_read")
        written = tuple(each for each in counts if each[0].startswith("cache_write"))
        self.follow(session, at, key, Asked(usage.prompt, read, usage.written), written)

    def follow(
        self, session: Hashable, at: int, key: Key, asked: Asked, written: Sequence[tuple[str, int]] = ()
    ) -> None:
        """The same of a request of text: what it wrote as (line, tokens)."""
        known = self.terms(key)
        left = self._left.get((known.sheet, session))
        if left is None:
            left = self._left[known.sheet, session] = Left()
        prompt, read, put = asked
        if not read and prompt < known.least and left.prompt and at - left.at <= known.life:
            self._tokens[MINIMUM, key, "input"] += min(left.prompt, prompt)
        left.at, left.prompt = at, prompt
        if read or put:
            spans = _read(left.spans, read, at, key, known.life)
            if put and (read or put >= known.least_written):
                lives = [(line, life_of(line.partition(":")[2]) or known.life, tokens) for line, tokens in written]
                for line, life, tokens in sorted(lives, key=_longest) if len(lives) > 1 else lives:
                    spans = self._write(spans, Span(read + tokens, at, life, key, line, True, False), read)
                    read += tokens
            left.spans = spans

    def terms(self, key: Key) -> Terms:
        """What the rates of a key say of caching."""
        if key not in self._terms:
            epochs = self.sheets[key.sheet]
            card, kind = epochs.card(key.epoch), _kind(key, epochs)
            least = (getattr(card.caching, kind).min_tokens or 0) if kind else 0
            self._terms[key] = Terms(key.sheet, life_of(_default(card)), card.least_written, least)
        return self._terms[key]

    def counts(self) -> Counts:
        """The lost tokens so far, as if every session ended here. Those of whole sessions can be added up."""
        tokens = self._tokens.copy()
        for left in self._left.values():
            begin = 0
            for span in left.spans:
                if span.waiting and not span.repeat:
                    tokens[NEVER_READ, span.key, span.line] += span.end - begin
                begin = span.end
        return tokens

    def found(self) -> list[Lost]:
        """The losses in money."""
        return lost(self.counts(), self.sheets)

    def _write(self, spans: Sequence[Span], new: Span, begin: int) -> list[Span]:
        """The spans with a new one over [begin, new.end): what stood there had died, or gave way unread."""
        if not spans or begin == spans[-1].end:
            return [*spans, new]
        found, start = list[Span](), 0
        for span in _cut(_cut(spans, begin), new.end):
            tokens = span.end - start
            if not begin <= start < new.end:
                found.append(span)
            elif new.at - span.at > span.life:
                self._tokens[EXPIRY, new.key, new.line] += tokens
                _join(found, Span(span.end, new.at, new.life, new.key, new.line, True, True))
            else:
                if span.waiting and not span.repeat:
                    self._tokens[NEVER_READ, span.key, span.line] += tokens
                _join(found, Span(span.end, *new[1:]))
            start = span.end
        if start < new.end:
            _join(found, new)
        return found


def lost(tokens: Counts, sheets: Mapping[str, Epochs]) -> list[Lost]:
    """The losses, by reason and currency; in the currency of each sheet."""
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for (what, key, line), count in tokens.items():
        place = what, sheets[key.sheet].sheet.currency
        before, amount = sums.get(place, (0, Decimal(0)))
        dearer = _dearer(what, key, line, sheets[key.sheet])
        sums[place] = before + count, money.add(amount, money.times(count, dearer))
    return [Lost(*place, *sums[place]) for place in sorted(sums)]


def _dearer(what: str, key: Key, line: str, epochs: Epochs) -> Decimal:
    """What a token of the line cost above what it had to; nothing where it was no dearer."""
    kind = _kind(key, epochs)
    cheaper = "input" if what == NEVER_READ or kind is None else f"cache_read:{kind}"
    rates = rates_of((line, cheaper), row_of(key, epochs), epochs.card(key.epoch), epochs.sheet)
    return max(Decimal(0), money.subtract(rates[line].each, rates[cheaper].each))


def _longest(written: tuple[str, int, int]) -> int:
    """Longer lives come first, as vendors demand."""
    return -written[1]


def _default(card: RateCard) -> str:
    written = card.caching.written
    return (written.default_ttl or written.ttls[0]) if written else _PROMISED


@cache
def life_of(ttl: str) -> int:
    """A time to live in microseconds; 0 where none is said."""
    return duration(ttl) // _MICROSECOND if ttl else 0


def _kind(key: Key, epochs: Epochs) -> str | None:
    """The kind of caching that a request could have used: written where it is sold; None where none is."""
    kinds = [strategy.partition(":")[0] for strategy in sold(epochs.card(key.epoch), row_of(key, epochs))]
    return next((kind for kind in (WRITTEN, AUTOMATIC, STORED) if kind in kinds), None)


def _cut(spans: Sequence[Span], place: int) -> list[Span]:
    """The same spans with one of them ending at a place, if it lies inside one."""
    found, start = list[Span](), 0
    for span in spans:
        if start < place < span.end:
            found.append(span._replace(end=place))
        found.append(span)
        start = span.end
    return found


def _read(spans: list[Span], read: int, at: int, key: Key, life: int) -> list[Span]:
    """The spans with the first tokens read, which starts their life again; whoever wrote those that are not known.

    What was read is told apart by its life alone, so that a session has few spans however long it is.
    """
    if not read:
        return spans
    found, start = list[Span](), 0
    for span in spans if read >= (spans[-1].end if spans else 0) else _cut(spans, read):
        if start >= read:
            found.append(span)
        else:
            _join(found, Span(span.end, at, span.life, key, "input", False, False))
        start = span.end
    if start < read:
        _join(found, Span(read, at, life, key, "input", False, False))
    return found


def _join(spans: list[Span], span: Span) -> None:
    """Add a span; one that only lies further on than the last takes its place."""
    if spans and spans[-1][1:] == span[1:]:
        spans.pop()
    spans.append(span)
