"""Requests at the rates of one sheet, under every policy that it sells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from importlib.util import find_spec
from typing import NamedTuple

from .. import money
from ..strategy import FRESH, KEEP_ALIVE
from .bounds import Bounds
from .clairvoyant import of_blocks, of_sessions
from .columns import Columns
from .epochs import Epochs
from .policy import NOT_SOLD, Policy, offered, policy, terms
from .report import Alternative
from .split import Split
from .tally import Key, Tally, price
from .traffic import Whole

CLAIRVOYANT, ANY = "clairvoyant", "any caching"
FORESEEN = 100_000
"""Requests of a log up to which the bound is worked out unasked: some seconds."""
SMALL = 5_000
"""Requests for which plain Python answers before numpy is loaded."""


def swift(requests: int) -> bool:
    """Whether to work over arrays: for many requests, where numpy is at hand. Both roads give the same."""
    return requests > SMALL and find_spec("numpy") is not None


class Case(NamedTuple):
    """Requests at the rates of one sheet: `own` are its keys as they first come, `beside` is what no policy changes.

    `wholes` are sums of requests, where nothing tells which of them share a prompt. `foreseen`: whether the bound below
    all policies is worked out unasked.
    """

    sheet: str
    keys: Sequence[Key]
    sheets: Mapping[str, Epochs]
    split: Split
    own: Sequence[Key]
    beside: Tally
    wholes: Sequence[Whole] = ()
    foreseen: bool = True

    @property
    def requests(self) -> int:
        return len(self.split) + sum(each.requests or 1 for each in self.wholes)


def policies_of(case: Case, names: Sequence[str]) -> Iterator[Alternative]:
    """Every policy that the sheet sells, and the bound below them all; where nothing tells which requests share a
    prompt, only what holds for any sharing."""
    if not case.split.shared:
        yield from _between(case)
        return
    policies = chosen(case.own, case.sheets, names)
    if policies:
        tallies = fold(case.keys, case.sheets, policies, case.split)
        for one in policies:
            if sells(one, case.own, case.sheets):
                tallies[one.name].merge(case.beside)
                yield alternative(one.name, case, tallies[one.name])
    if CLAIRVOYANT in names or (case.foreseen and not names):
        yield _least(case)


def _between(case: Case) -> Iterator[Alternative]:
    """Fresh, and what any caching must lie between."""
    bounds = Bounds(case.sheets)
    columns = plain(case.split.columns)
    for key, prompt, output in zip(columns.key, columns.prompt, columns.output, strict=True):
        bounds.add(case.keys[key], prompt=prompt, output=output)
    for each in case.wholes:
        bounds.add(each.key, prompt=each.prompt, output=each.output, requests=each.requests)
    found, beside = bounds.between(), price(case.beside, case.sheets).total
    currency = case.sheets[case.sheet].sheet.currency
    rows = ((FRESH, found.fresh, ""), (ANY, found.lowest, "lower"), (ANY, found.highest, "upper"))
    for name, total, bound in rows:
        share = Fraction(0) if name == FRESH else None
        yield Alternative(case.sheet, name, currency, case.requests, money.add(total, beside), None, share, bound)


def _least(case: Case) -> Alternative:
    """The bound that no policy goes below, whatever it knows."""
    columns, trace = plain(case.split.columns), case.split.trace
    total = price(case.beside, case.sheets).total
    if columns.at:
        total = money.add(total, of_sessions(columns, case.keys, case.sheets))
    if trace.at:
        total = money.add(total, of_blocks(trace, case.keys, case.sheets))
    currency = case.sheets[case.sheet].sheet.currency
    return Alternative(case.sheet, CLAIRVOYANT, currency, case.requests, total, None, None, bound="lower")


def alternative(name: str, case: Case, tally: Tally) -> Alternative:
    """The row of a policy: its tally in money, and its hit share; none where pings read as well."""
    prompt = sum(tally.total(line) for line in ("input", "cache_read", "cache_write"))
    read = tally.total("cache_read")
    return Alternative(
        on=case.sheet,
        policy=name,
        currency=case.sheets[case.sheet].sheet.currency,
        requests=case.requests,
        total=price(tally, case.sheets).total,
        paid=None,
        hit_share=Fraction(read, prompt) if prompt and not name.startswith(KEEP_ALIVE) else None,
    )


def chosen(keys: Sequence[Key], sheets: Mapping[str, Epochs], names: Sequence[str]) -> list[Policy]:
    """The policies that are sold, or those of them and others that were asked for by name."""
    known = {one.name: one for one in offered(keys, sheets)}
    if not names:
        return list(known.values())
    return [known.get(name) or policy(name) for name in dict.fromkeys(names) if name != CLAIRVOYANT]


def sells(one: Policy, keys: Sequence[Key], sheets: Mapping[str, Epochs]) -> bool:
    return one.kind == FRESH or any(terms(one, key, sheets) != NOT_SOLD for key in keys)


def fold(
    keys: Sequence[Key], sheets: Mapping[str, Epochs], policies: Sequence[Policy], split: Split
) -> dict[str, Tally]:
    """The tally of every policy, by the faster road that is at hand; both give the same."""
    columns = split.columns
    if swift(len(split)):
        from . import blocks_swift as blocks
        from . import sessions_swift as sessions
    else:
        from . import blocks, sessions  # type: ignore[no-redef]

        columns = plain(columns)
    folded = sessions.Fold(keys, sheets, policies)
    folded.feed(columns)
    found = folded.tallies()
    if split.trace.at:
        for name, tally in blocks.replay(split.trace, keys, sheets, policies).items():
            found[name].merge(tally)
    return found


def plain(columns: Columns) -> Columns:
    """Columns of Python's own numbers, which never wrap."""
    return Columns(*(column.tolist() for column in columns))
