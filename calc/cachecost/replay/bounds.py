"""Between what caching can have cost where a log does not say which requests share a prompt.

Sums over a day, and traces of sizes alone, tell no prefix. Then only this holds: some text is sent for the first time,
and that is at least as long as the longest prompt; everything else may have been read, and all may have been written in
vain. `lowest` takes the cheapest rates for it, `highest` the dearest write, and what really would have happened lies
between. Rent and pings are in neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from .epochs import Epochs, Key
from .policies import Database, by_key
from .policy import NOT_SOLD, offered, terms
from .tally import REQUESTS, Tally, price


class Between(NamedTuple):
    """What no policy can be below, what fresh costs, and what no policy without pings or rent can be above."""

    lowest: Decimal
    fresh: Decimal
    highest: Decimal


class Bounds:
    """Feed requests, or sums of them; `between` may be asked at any time. All sheets of one currency.

    `plain`: what cannot be cached, `open`: tokens that may have been, `longest`: the longest prompt by sheet.
    """

    def __init__(self, sheets: Mapping[str, Epochs]) -> None:
        self.sheets = sheets
        self.plain, self.open = Tally(), Tally()
        self.longest: dict[str, int] = defaultdict(int)

    def add(self, key: Key, *, prompt: int, output: int, requests: int = 1) -> None:
        """Text tokens of one prompt, or of so many together: then the longest is at least as long as their mean."""
        is_small = requests == 1 and prompt < self.least(key)
        self._add(key, is_small, prompt, output, requests, -(-prompt // requests) if requests else 0)

    def add_all(self, database: Database, requests: str, keys: Mapping[int, Key]) -> None:
        """The requests of a table, as `policies.tallies` takes them, one by one."""
        small = f"prompt < {by_key({number: self.least(key) for number, key in keys.items()})}"
        sums = "SUM(prompt), SUM(output), COUNT(*), MAX(prompt)"
        for number, *row in database.rows(
            f"SELECT key, {small} AS small, {sums} FROM {requests} GROUP BY 1, 2 ORDER BY 1, 2"
        ):
            self._add(keys[number], *row)

    def _add(self, key: Key, is_small: bool, prompt: int, output: int, requests: int, longest: int) -> None:
        (self.plain if is_small else self.open).add(key, "input", int(prompt))
        self.plain.merge([(key, "output", int(output)), (key, REQUESTS, requests)])
        if not is_small:
            self.longest[key.sheet] = max(self.longest[key.sheet], longest)

    def least(self, key: Key) -> int:
        """The smallest prompt that can be cached at these rates."""
        return min(terms(one, key, self.sheets).least for one in offered([key], self.sheets))

    def between(self) -> Between:
        """The bounds over all that was added."""
        lowest, fresh, highest = Tally(self.plain), Tally(self.plain), Tally(self.plain)
        first = dict(self.longest)
        for saved, key, tokens, reading, writing in sorted(self._lines(), key=lambda line: line[0]):
            sent = min(tokens, first.get(key.sheet, 0))
            first[key.sheet] = first.get(key.sheet, 0) - sent
            fresh.add(key, "input", tokens)
            highest.add(key, writing, tokens)
            lowest.add(key, "input" if saved > 0 else reading, sent)
            lowest.add(key, reading, tokens - sent)
        return Between(*(price(tally, self.sheets).total for tally in (lowest, fresh, highest)))

    def _lines(self) -> list[tuple[Fraction, Key, int, str, str]]:
        """For each key what a read saves, its tokens, and the names of its cheapest read and its dearest write."""
        lines = []
        for key, line, tokens in self.open:
            each = self._each(key, line)
            reading = min(each, key=lambda name: (each[name], name != line))
            writing = max((name for name in each if not name.startswith("cache_read")), key=each.__getitem__)
            lines.append((each[line] - each[reading], key, tokens, reading, writing))
        return lines

    def _each(self, key: Key, line: str) -> dict[str, Fraction]:
        """The rates at which a prompt's token can be billed."""
        names = [line]
        for one in offered([key], self.sheets):
            if one.kind in (AUTOMATIC, WRITTEN, STORED) and terms(one, key, self.sheets) != NOT_SOLD:
                names.append(f"cache_read:{one.kind}")
            if one.kind == WRITTEN:
                names.append(f"cache_write:{one.ttl}")
        return {name: self.sheets[key.sheet].each(key, name) for name in names}
