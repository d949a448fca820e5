"""Between what caching can have cost where a log does not say which requests share a prompt.

Sums over a day, and traces of sizes alone, tell no prefix. Then only this holds: some text is sent for the first time,
and that is at least as long as the longest prompt; everything else may have been read, and all may have been written in
vain. `lowest` takes the cheapest rates for it, `highest` the dearest write, and what really would have happened lies
between. Rent and pings are in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from .epochs import Epochs, Key
from .policy import NOT_SOLD, offered, terms
from .survey import Database, among, by_key
from .tally import REQUESTS, Tally, price


class Between(NamedTuple):
    """What no policy can be below, what fresh costs, and what no policy without pings or rent can be above."""

    lowest: Decimal
    fresh: Decimal
    highest: Decimal


class Sent(NamedTuple):
    """Text tokens of the prompts and answers of so many requests at some rates: of such as are too small for any cache,
    or of others, whose longest prompt is at least so long."""

    key: Key
    is_small: bool
    prompt: int
    output: int
    requests: int
    longest: int


def sent(database: Database, requests: str, keys: Mapping[int, Key], sheets: Mapping[str, Epochs]) -> list[Sent]:
    """The requests that have some keys."""
    small = f"prompt < {by_key({number: _least(key, sheets) for number, key in keys.items()})}"
    sums = "SUM(prompt)::HUGEINT, SUM(output)::HUGEINT, COUNT(*), MAX(prompt)"
    query = f"SELECT key, {small}, {sums} FROM {requests} WHERE {among(keys)} GROUP BY 1, 2 ORDER BY 1, 2"
    return [Sent(keys[key], *row) for key, *row in database.rows(query)]


def sent_in_sum(key: Key, prompt: int, output: int, requests: int, sheets: Mapping[str, Epochs]) -> Sent:
    """A sum of so many requests, one of which is at least as long as their mean; 0 where their number is unknown."""
    is_small = requests == 1 and prompt < _least(key, sheets)
    return Sent(key, is_small, prompt, output, requests, -(-prompt // requests) if requests else 0)


def _least(key: Key, sheets: Mapping[str, Epochs]) -> int:
    """The smallest prompt that can be cached at these rates."""
    return min(terms(one, key, sheets).least for one in offered([key], sheets))


def between(requests: Iterable[Sent], sheets: Mapping[str, Epochs]) -> Between:
    """The bounds over requests on sheets of one currency."""
    plain, cacheable, longest = Tally(), Tally(), Counter[str]()
    for each in requests:
        (plain if each.is_small else cacheable).add(each.key, "input", each.prompt)
        plain.merge([(each.key, "output", each.output), (each.key, REQUESTS, each.requests)])
        if not each.is_small:
            longest[each.key.sheet] = max(longest[each.key.sheet], each.longest)
    lowest, fresh, highest = Tally(plain), Tally(plain), Tally(plain)
    for saved, key, tokens, reading, writing in sorted(_lines(cacheable, sheets), key=lambda line: line[0]):
        first = min(tokens, longest[key.sheet])
        longest[key.sheet] -= first
        fresh.add(key, "input", tokens)
        highest.add(key, writing, tokens)
        lowest.add(key, "input" if saved > 0 else reading, first)
        lowest.add(key, reading, tokens - first)
    return Between(*(price(tally, sheets).total for tally in (lowest, fresh, highest)))


def _lines(cacheable: Tally, sheets: Mapping[str, Epochs]) -> Iterator[tuple[Fraction, Key, int, str, str]]:
    """For each key what a read saves, its tokens, and the names of its cheapest read and its dearest write."""
    for key, line, tokens in cacheable:
        each = _each(key, line, sheets)
        reading = min(each, key=lambda name: (each[name], name != line))
        writing = max((name for name in each if not name.startswith("cache_read")), key=each.__getitem__)
        yield each[line] - each[reading], key, tokens, reading, writing


def _each(key: Key, line: str, sheets: Mapping[str, Epochs]) -> dict[str, Fraction]:
    """The rates at which a prompt's token can be billed."""
    names = [line]
    for one in offered([key], sheets):
        if one.kind in (AUTOMATIC, WRITTEN, STORED) and terms(one, key, sheets) != NOT_SOLD:
            names.append(one.read)
        if one.kind == WRITTEN:
            names.append(f"cache_write:{one.ttl}")
    return {name: sheets[key.sheet].each(key, name) for name in names}
