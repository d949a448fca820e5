"""The requests of one sheet under every policy that it sells: weighed in whole tokens, and what that comes to.

Sums over a day, and traces of sizes alone, do not say which requests share a prompt. Then only this holds: some text is
sent for the first time, and that is at least as long as the longest prompt; everything else may have been read, and all
may have been written in vain. `lowest` takes the cheapest rates for it, `highest` the dearest write, and what really
would have happened lies between. Rent and pings are in neither.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..prices.card import STANDARD, RateCard
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN
from ..units import duration, show_duration
from .clairvoyant import least
from .epochs import Epochs, RateKey
from .policies import NOT_SOLD, Policy, lifetimes, offered, policy, tallies, terms
from .report import ANY, SAME, Alternative
from .survey import RequestSurvey, by_key
from .tally import REQUESTS, Tally, price
from .touches import kind
from .traffic import Whole

CLAIRVOYANT = "clairvoyant"


class Weighing(NamedTuple):
    """What is weighed: every policy on sale, or those of `names`. `common`: tokens that all sessions begin with.
    `foreseen`: the bound below all policies is worked out unasked."""

    names: Sequence[str]
    common: int
    foreseen: bool


class SheetCase:
    """Those requests of a survey that have rates of one sheet, under the policies that are weighed.

    `keys`: the rates by number. `shared`: whether anything tells which requests share a prompt. `bounded`: the bound
    below all policies is shown.
    """

    def __init__(self, sheet: str, survey: RequestSurvey, weighing: Weighing) -> None:
        names, common, foreseen = weighing
        mine = ((number, key) for number, key in survey.keys.items() if key.sheet == sheet)
        self.survey = survey.on(dict(sorted(mine, key=lambda each: _first(each[1]))))
        self.sheet, self.common, self.keys, self.sheets = sheet, common, self.survey.keys, survey.sheets
        shares = self.survey.shares.values()
        self.requests = sum(share.requests for share in shares)
        self.shared = any(share.requests > share.alone for share in shares)
        self.policies = chosen(list(self.keys.values()), self.sheets, names) if self.shared else []
        if common:
            self.policies = [one for one in self.policies if one.kind not in (SECOND_SIGHT, STORED)]
        self.bounded = self.shared and not common and (CLAIRVOYANT in names or (foreseen and not names))

    def alternatives(
        self, unchanged: Tally, wholes: Sequence[Whole], same: Tally | None = None
    ) -> Iterator[Alternative]:
        """What all requests come to. `unchanged`: what no policy changes; `wholes`: sums of requests, which count where
        nothing is `shared`, and `same`: all of them with the hits of another model."""
        if not self.shared:
            yield from self._between(unchanged, wholes, same)
            return
        also = price(unchanged, self.sheets).total
        done = tallies(self.survey, self.policies, self.common)
        for one in self.policies:
            if one.kind == FRESH or any(terms(one, key, self.sheets) != NOT_SOLD for key in self.keys.values()):
                tally = done[one.name]
                total = money.add(price(tally, self.sheets).total, also)
                yield self._row(one.name, self.requests, total, _hit_share(one, tally))
        if self.bounded:
            yield self._row(CLAIRVOYANT, self.requests, money.add(least(self.survey), also), None, "lower")

    def lifetime_notes(self, *, was_on: bool = False) -> Iterator[str]:
        """What the rows of automatic caching rest on. `was_on`: the log's own requests were served by it."""
        one = next((each for each in self.policies if each.name == AUTOMATIC), None)
        ends = lifetimes(self.keys.values(), self.sheets)
        if was_on:
            yield (
                f"{self.sheet} caches automatically: the log shows what that came to; its row here is what it would "
                "have been if every request in time had hit."
            )
        if one and ends:
            short, most = show_duration(min(end.least for end in ends)), show_duration(max(end.most for end in ends))
            other = f", the shortest life that the vendor names; the policy automatic:{most} takes the longest"
            yield f"Assumed: automatic entries of {self.sheet} live for {short}{other if most != short else ''}."
        elif one:
            yield f"Not known: how long automatic entries of {self.sheet} live; counted as if they never died."

    def floor(self, unchanged: Tally) -> Alternative:
        """What no caching can be below, whatever sessions share."""
        return next(row for row in self._between(unchanged, ()) if row.bound == "lower")

    def _between(self, unchanged: Tally, wholes: Sequence[Whole], same: Tally | None = None) -> Iterator[Alternative]:
        """Fresh, the same hits where they are known, and what any caching must lie between."""
        singly = sent(self.survey) if self.keys else []
        sums = (sent_in_sum(each.key, each.prompt, each.output, each.requests, self.sheets) for each in wholes)
        bounds = between([*singly, *sums], self.sheets)
        also, requests = price(unchanged, self.sheets).total, self.requests + sum(each.requests or 1 for each in wholes)
        lowest, fresh, highest = (money.add(total, also) for total in bounds)
        yield self._row(FRESH, requests, fresh, Fraction(0))
        if same:
            yield self._row(SAME, requests, money.add(price(same, self.sheets).total, also), _share_read(same))
        yield self._row(ANY, requests, lowest, None, "lower")
        yield self._row(ANY, requests, highest, None, "upper")

    def _row(
        self, name: str, requests: int, total: Decimal, hit_share: Fraction | None, bound: str = ""
    ) -> Alternative:
        currency = self.sheets[self.sheet].sheet.currency
        return Alternative(self.sheet, name, currency, requests, total, None, hit_share, bound)


def _first(key: RateKey) -> tuple[bool, str, str, int, int]:
    """Rates in an order that depends on the sheet alone: standard service before others, old before new."""
    return key.service != STANDARD, key.service, key.region or "", key.card, key.row


def _hit_share(one: Policy, tally: Tally) -> Fraction | None:
    """The share of prompt tokens that was read; none where pings read as well."""
    return None if one.kind == KEEP_ALIVE else _share_read(tally)


def _share_read(tally: Tally) -> Fraction | None:
    prompt = sum(tally.total(line) for line in ("input", "cache_read", "cache_write"))
    return Fraction(tally.total("cache_read"), prompt) if prompt else None


def chosen(keys: Sequence[RateKey], sheets: Mapping[str, Epochs], names: Sequence[str]) -> list[Policy]:
    """The policies that are sold, or those of them and others that were asked for by name."""
    known = {one.name: one for one in offered(keys, sheets)}
    if not names:
        return list(known.values())
    return [known.get(name) or policy(name) for name in dict.fromkeys(names) if name != CLAIRVOYANT]


def as_logged(lines: Mapping[str, int], key: RateKey, epochs: Epochs, *, all_written: bool) -> Counter[str]:
    """Tokens that a log read and wrote by line, as the rates of another model bill them: a write goes on for the
    shortest life on sale that is as long, or the longest. `all_written`: what was not read is written too. Where no
    cache is sold without rent, all is input."""
    how = kind(key, epochs)
    sold = [name.partition(":")[2] for name in epochs.sold(key) if name.startswith(f"{WRITTEN}:")]
    moved = Counter[str]()
    for line, count in lines.items():
        name, _, ttl = line.partition(":")
        if name == "cache_read":
            line = f"cache_read:{how}" if how in (WRITTEN, AUTOMATIC) else "input"
        elif name == "cache_write" or (name == "input" and all_written):
            line = f"cache_write:{_lasting(ttl, sold, epochs.card(key))}" if sold else "input"
        moved[line] += count
    return moved


def _lasting(ttl: str, sold: Sequence[str], card: RateCard) -> str:
    """The shortest life on sale that is as long as one, or the longest; the usual one where none is named."""
    if ttl in sold:
        return ttl
    if not ttl and card.caching.written:
        return card.caching.written.usual_ttl
    lives = sorted(filter(None, sold), key=duration)
    return next((each for each in lives if duration(each) >= duration(ttl)), lives[-1])


class Between(NamedTuple):
    """What no policy can be below, what fresh costs, and what no policy without pings or rent can be above."""

    lowest: Decimal
    fresh: Decimal
    highest: Decimal


class Sent(NamedTuple):
    """Text tokens of the prompts and answers of so many requests at some rates: of such as are too small for any cache,
    or of others, whose longest prompt is at least so long."""

    key: RateKey
    is_small: bool
    prompt: int
    output: int
    requests: int
    longest: int


def sent(survey: RequestSurvey) -> list[Sent]:
    """The requests that have keys."""
    small = f"prompt < {by_key({number: _least(key, survey.sheets) for number, key in survey.keys.items()})}"
    sums = "SUM(prompt)::HUGEINT, SUM(output)::HUGEINT, COUNT(*), MAX(prompt)"
    query = f"SELECT key, {small}, {sums} FROM {survey.those} GROUP BY 1, 2 ORDER BY 1, 2"
    return [Sent(survey.keys[key], *row) for key, *row in survey.database.rows(query)]


def sent_in_sum(key: RateKey, prompt: int, output: int, requests: int, sheets: Mapping[str, Epochs]) -> Sent:
    """A sum of so many requests, one of which is at least as long as their mean; 0 where their number is unknown."""
    is_small = requests == 1 and prompt < _least(key, sheets)
    return Sent(key, is_small, prompt, output, requests, -(-prompt // requests) if requests else 0)


def _least(key: RateKey, sheets: Mapping[str, Epochs]) -> int:
    """The smallest prompt that can be cached at these rates."""
    return min(terms(one, key, sheets).least for one in offered([key], sheets))


def between(requests: Iterable[Sent], sheets: Mapping[str, Epochs]) -> Between:
    """The bounds over requests on sheets of one currency."""
    plain, cacheable, longest = Tally(), Tally(), Counter[str]()
    for each in requests:
        (plain if each.is_small else cacheable).add(each.key, {"input": each.prompt})
        plain.add(each.key, {"output": each.output, REQUESTS: each.requests})
        if not each.is_small:
            longest[each.key.sheet] = max(longest[each.key.sheet], each.longest)
    lowest, fresh, highest = Tally(plain), Tally(plain), Tally(plain)
    for saved, key, tokens, reading, writing in sorted(_lines(cacheable, sheets), key=lambda line: line[0]):
        first = min(tokens, longest[key.sheet])
        longest[key.sheet] -= first
        fresh.add(key, {"input": tokens})
        highest.add(key, {writing: tokens})
        lowest.add(key, {"input" if saved > 0 else reading: first})
        lowest.add(key, {reading: tokens - first})
    return Between(*(price(tally, sheets).total for tally in (lowest, fresh, highest)))


def _lines(cacheable: Tally, sheets: Mapping[str, Epochs]) -> Iterator[tuple[Fraction, RateKey, int, str, str]]:
    """For each key what a read saves, its tokens, and the names of its cheapest read and its dearest write."""
    for key, line, tokens in cacheable:
        each = _each(key, line, sheets)
        reading = min(each, key=lambda name: (each[name], name != line))
        writing = max((name for name in each if not name.startswith("cache_read")), key=each.__getitem__)
        yield each[line] - each[reading], key, tokens, reading, writing


def _each(key: RateKey, line: str, sheets: Mapping[str, Epochs]) -> dict[str, Fraction]:
    """The rates at which a prompt's token can be billed."""
    names = [line]
    for one in offered([key], sheets):
        if one.kind in (AUTOMATIC, WRITTEN, STORED) and terms(one, key, sheets) != NOT_SOLD:
            names.append(one.read)
        if one.kind == WRITTEN:
            names.append(f"cache_write:{one.ttl}")
    return {name: sheets[key.sheet].each(key, name) for name in names}
