"""Between what caching can have cost where a log does not say which requests share a prompt.

Sums over a day, and traces of sizes alone, tell no prefix. Then only this holds: some text is sent for the first time,
and that is at least as long as the longest prompt; everything else may have been read, and all may have been written in
vain. `lowest` takes the cheapest rates for it, `highest` the dearest write, and what really would have happened lies
between. Rent and pings are in neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..prices.quote import rates_of
from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from .epochs import Epochs
from .policies import Database, by_key
from .policy import NOT_SOLD, offered, terms
from .tally import REQUESTS, Key, Tally, price, row_of


class Between(NamedTuple):
    """What no policy can be below, what fresh costs, and what no policy without pings or rent can be above."""

    lowest: Decimal
    fresh: Decimal
    highest: Decimal


class Texts:
    """What the bounds need of a log: tokens that cannot be cached, tokens that may have been, and by sheet the longest
    prompt. Those of two parts of a log can be added up."""

    __slots__ = ("longest", "open", "plain")

    def __init__(self) -> None:
        self.plain, self.open = Tally(), Tally()
        self.longest: dict[str, int] = {}

    def long(self, sheet: str, prompt: int) -> None:
        """Take note of a prompt that may be the longest."""
        self.longest[sheet] = max(self.longest.get(sheet, 0), prompt)

    def merge(self, other: Texts) -> None:
        self.plain.merge(other.plain)
        self.open.merge(other.open)
        for sheet, prompt in other.longest.items():
            self.long(sheet, prompt)


class Bounds:
    """Feed requests, or sums of them; `between` may be asked at any time. All sheets of one currency."""

    def __init__(self, sheets: Mapping[str, Epochs]) -> None:
        self.sheets = sheets
        self.texts = Texts()
        self._least: dict[Key, int] = {}

    def add(self, key: Key, *, prompt: int, output: int, requests: int = 1) -> None:
        """Text tokens of one prompt, or of so many together: then the longest is at least as long as their mean."""
        small, texts = requests == 1 and prompt < self.least(key), self.texts
        (texts.plain if small else texts.open).add(key, "input", prompt)
        texts.plain.add(key, "output", output)
        texts.plain.add(key, REQUESTS, requests)
        if not small and requests:
            texts.long(key.sheet, -(-prompt // requests))

    def add_all(self, database: Database, requests: str, keys: Sequence[Key]) -> None:
        """The requests of a table, as `policies.tallies` takes them, one by one."""
        texts, least = self.texts, by_key([self.least(key) for key in keys])
        sums = "SUM(prompt), SUM(output), COUNT(*), MAX(prompt)"
        query = f"SELECT key, prompt < {least} AS small, {sums} FROM {requests} GROUP BY 1, 2 ORDER BY 1, 2"
        for place, small, prompt, output, count, longest in database.rows(query):
            key = keys[place]
            (texts.plain if small else texts.open).add(key, "input", int(prompt))
            texts.plain.add(key, "output", int(output))
            texts.plain.add(key, REQUESTS, count)
            if not small:
                texts.long(key.sheet, longest)

    def least(self, key: Key) -> int:
        """The smallest prompt that can be cached at these rates."""
        if key not in self._least:
            self._least[key] = min(terms(one, key, self.sheets).least for one in offered([key], self.sheets))
        return self._least[key]

    def between(self) -> Between:
        """The bounds over all that was added."""
        fresh, highest, lowest = Tally(), Tally(), Tally()
        for found in (fresh, highest, lowest):
            found.merge(self.texts.plain)
        first = defaultdict(int, self.texts.longest)
        for saved, key, tokens, reading, writing in sorted(self._lines(), key=lambda line: line[0]):
            sent = min(tokens, first[key.sheet])
            first[key.sheet] -= sent
            fresh.add(key, "input", tokens)
            highest.add(key, writing, tokens)
            lowest.add(key, "input" if saved > 0 else reading, sent)
            lowest.add(key, reading, tokens - sent)
        return Between(*(price(found, self.sheets).total for found in (lowest, fresh, highest)))

    def _lines(self) -> list[tuple[Fraction, Key, int, str, str]]:
        """For each key what a read saves, its tokens, and the names of its cheapest read and its dearest write."""
        found = []
        for key, line, tokens in self.texts.open.cells():
            each = self._each(key, line)
            reading = min(each, key=lambda name: (each[name], name != line))
            writing = max((name for name in each if not name.startswith("cache_read")), key=each.__getitem__)
            found.append((each[line] - each[reading], key, tokens, reading, writing))
        return found

    def _each(self, key: Key, line: str) -> dict[str, Fraction]:
        """The rates at which a prompt's token can be billed."""
        names = [line]
        for one in offered([key], self.sheets):
            if one.kind in (AUTOMATIC, WRITTEN, STORED) and terms(one, key, self.sheets) != NOT_SOLD:
                names.append(f"cache_read:{one.kind}")
            if one.kind == WRITTEN:
                names.append(f"cache_write:{one.ttl}")
        return self._rates(key, names)

    def _rates(self, key: Key, names: Sequence[str]) -> dict[str, Fraction]:
        epochs = self.sheets[key.sheet]
        rates = rates_of(names, row_of(key, epochs), epochs.card(key.epoch), epochs.sheet)
        return {name: Fraction(rate.each) for name, rate in rates.items()}
