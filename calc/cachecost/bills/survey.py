"""One workload over many models, or over the history of one; and what a cache costs that is never deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from ..errors import BadWorkload, CachecostError, NotInForce, NotSold, Refused
from ..prices.card import RateCard
from ..prices.quote import quote
from ..prices.sheet import PriceSheet
from ..prices.usage import MAX_TOKENS, Usage
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, STORED, WRITTEN
from ..workload.workload import Workload
from .bill import crossing
from .break_even import BreakEven
from .candidates import contenders, priced
from .measures import open_ends, read_rate
from .rules import rules
from .warnings import WORDS, Refusal, refusal, refused

Tokens = Mapping[str, tuple[int, int]]


class Best(NamedTuple):
    """One model by its best strategy, beside its fresh bill; `totals` has every strategy, the cheapest first."""

    sheet: PriceSheet
    card: RateCard
    workload: Workload
    strategy: str
    total: Decimal
    fresh: Decimal
    totals: tuple[tuple[str, Decimal], ...] = ()
    free: bool = False
    """Every rate is 0."""
    ranges: tuple[tuple[Decimal, Decimal], ...] = ()
    """Lowest and highest of each of `totals`, over the lives of automatic entries and estimated tokens."""

    @property
    def version(self) -> str:
        return self.sheet.version(self.card)


class LeftOut(NamedTuple):
    """A model without an answer: `kind` is that of a refusal, currency, or that of the error."""

    model: str
    kind: str
    why: str


class Survey(NamedTuple):
    """Every model that serves the workload, cheapest first, all in one currency."""

    currency: str
    found: tuple[Best, ...]
    left_out: tuple[LeftOut, ...]


def across(
    asks: Iterable[tuple[PriceSheet, Workload]], assumptions: Assumptions, counted: Tokens = MappingProxyType({})
) -> Survey:
    """Each workload by the best strategy of its sheet; one workload a sheet, since tokens differ between models.
    `counted`: by the id of a sheet, the fewest and the most tokens of a document which were only estimated.

    Only the currency in which most of the sheets that fit bill is ranked. Raises NotSold where nothing is left, or
    Refused where every vendor would refuse.
    """
    fitting: list[tuple[PriceSheet, Workload, RateCard]] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        card_or_reason = _fits(sheet, workload)
        if isinstance(card_or_reason, LeftOut):
            left_out.append(card_or_reason)
        else:
            fitting.append((sheet, workload, card_or_reason))
    most = Counter(sheet.currency for sheet, _, _ in fitting).most_common(1)
    currency = most[0][0] if most else ""
    found: list[Best] = []
    for sheet, workload, card in fitting:
        if sheet.currency != currency:
            left_out.append(LeftOut(sheet.id, "currency", f"bills in {sheet.currency}, not in {currency}"))
            continue
        try:
            bills, _ = priced(sheet, workload, assumptions, offer=contenders)
        except NotSold as error:
            left_out.append(LeftOut(sheet.id, error.kind, str(error)))
            continue
        ranked = sorted(bills, key=lambda each: each[1])
        totals = [(bill.plan.strategy, total) for bill, total in ranked]
        ranges = tuple(open_ends(bill.plan, total, counted.get(sheet.id)) for bill, total in ranked)
        free = bills[0][0].plan.free
        found.append(Best(sheet, card, workload, *totals[0], bills[0][1], tuple(totals), free, ranges))
    if not found:
        reasons = "; ".join(f"{each.model}: {each.why}" for each in left_out[:3]) or "no model was named"
        unserved = left_out and all(each.kind in WORDS for each in left_out)
        raise (Refused if unserved else NotSold)(f"no model serves this workload: {reasons}")
    return Survey(currency, tuple(sorted(found, key=lambda each: each.total)), tuple(left_out))


def _fits(sheet: PriceSheet, workload: Workload) -> RateCard | LeftOut:
    """The card in force, or why the model cannot serve the workload."""
    try:
        card = sheet.card(workload.start)
    except NotInForce as error:
        return LeftOut(sheet.id, "not-in-force", str(error))
    if found := refused(sheet, workload):
        return LeftOut(sheet.id, *found)
    return card


def _unanswered(left_out: Sequence[LeftOut]) -> CachecostError:
    """Why no model has an answer: the first reason, in the words of `compare` where the vendor would refuse."""
    if not left_out:
        return NotSold("no model was named")
    first = left_out[0]
    return Refusal(first.kind, first.why).error(first.model) if first.kind in WORDS else NotSold(first.why)


class Era(NamedTuple):
    """One rate card of a model and what the workload costs under it; no amounts where the vendor would have refused it.

    `kept`: the strategy that costs money to keep, stored or the first TTL written (automatic where only that is
    sold, None without a cache); `break_even`, `rate` per hour above which it pays and `discount` on a read are its.
    """

    sheet: PriceSheet
    card: RateCard
    strategy: str | None = None
    total: Decimal | None = None
    fresh: Decimal | None = None
    kept: str | None = None
    break_even: BreakEven | None = None
    rate: Fraction | None = None
    discount: Fraction | None = None
    refusal: Refusal | None = None
    ends: tuple[Decimal, Decimal] | None = None
    """Lowest and highest total, as in `Best`."""

    @property
    def version(self) -> str:
        return self.sheet.version(self.card)


def over_history(
    sheet: PriceSheet, workload: Workload, assumptions: Assumptions, tokens: tuple[int, int] | None = None
) -> tuple[tuple[Era, ...], tuple[LeftOut, ...]]:
    """The workload as if begun at each rate card's first instant and billed by that card alone, oldest first.

    Cards that change no rate, and nothing about whether the workload is served, are skipped, as are the cancelled and
    the withdrawn; raises NotSold if none is left.
    """
    eras: list[Era] = []
    left_out: list[LeftOut] = []
    before: object = None
    for card in sheet.cards:
        if card.status in ("cancelled", "withdrawn"):
            continue
        alone, work = replace(sheet, cards=(card,)), replace(workload, start=card.effective)
        unserved = refused(alone, work)
        if before == (now := (card.rows, card.caching.kinds, unserved is None)):
            continue
        before = now
        if unserved:
            eras.append(Era(alone, card, refusal=unserved))
            continue
        try:
            eras.append(_era(alone, work, assumptions, tokens))
        except (NotSold, BadWorkload) as error:
            left_out.append(LeftOut(sheet.version(card), "not-sold", str(error)))
    if not eras:
        raise NotSold(left_out[0].why if left_out else f"{sheet.id} has no rate card that was ever in force")
    return tuple(eras), tuple(left_out)


def all_history(
    asks: Iterable[tuple[PriceSheet, Workload]], assumptions: Assumptions, counted: Tokens = MappingProxyType({})
) -> tuple[tuple[Era, ...], tuple[LeftOut, ...]]:
    """The same of several models, in order of their cards; NotSold where no card of any serves the workload."""
    eras: list[Era] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        try:
            found, without = over_history(sheet, workload, assumptions, counted.get(sheet.id))
        except NotSold as error:
            left_out.append(LeftOut(sheet.id, error.kind, str(error)))
            continue
        eras += found
        left_out += without
    if not eras:
        raise _unanswered(left_out)
    return tuple(sorted(eras, key=lambda each: each.card.effective)), tuple(left_out)


def _era(sheet: PriceSheet, workload: Workload, assumptions: Assumptions, tokens: tuple[int, int] | None) -> Era:
    bills, _ = priced(sheet, workload, assumptions)
    fresh = bills[0][0]
    bill, total = min(bills, key=lambda each: each[1])
    head = (sheet, fresh.plan.card, bill.plan.strategy, total, bills[0][1])
    ends = open_ends(bill.plan, total, tokens)
    cached = [each for each, _ in bills if each.plan.kind != FRESH]
    if not cached:
        return Era(*head, ends=ends)
    kept = min(cached, key=lambda each: (STORED, WRITTEN, each.plan.kind).index(each.plan.kind))
    plain = Fraction(kept.plan.row.rates["input"].value)
    discount = 1 - read_rate(kept.plan) / plain if plain else None
    (rule,) = (each for each in rules([one.plan for one in cached]) if each.strategy == kept.plan.strategy)
    return Era(*head, kept.plan.strategy, crossing(kept, fresh), rule.rate, discount, ends=ends)


class Forgotten(NamedTuple):
    """The rent of a stored cache that is never deleted, at the rates of one card."""

    sheet: PriceSheet
    card: RateCard
    tokens: int
    hour: Decimal
    day: Decimal
    month: Decimal
    """Thirty days."""

    @property
    def version(self) -> str:
        return self.sheet.version(self.card)


def forgotten(sheet: PriceSheet, tokens: int, at: datetime, assumptions: Assumptions | None = None) -> Forgotten:
    """The rent of so many tokens in a stored cache. Raises NotSold where none is sold or the tokens are too few."""
    asked = assumptions or Assumptions()
    card = sheet.card(at)
    stored = card.caching.stored
    if not 1 <= tokens <= MAX_TOKENS:
        raise BadWorkload(f"expected 1 to {MAX_TOKENS:,} tokens to store, not {tokens:,}", word="context")
    if stored is None:
        kinds = ", ".join(card.caching.kinds) or "none"
        raise NotSold(f"{sheet.version(card)} stores no cache that could be forgotten (its caching: {kinds})")
    if tokens < (stored.min_tokens or 0):
        raise NotSold(f"{sheet.version(card)} stores no cache below {stored.min_tokens:,} tokens, not {tokens:,}")

    def rent(hours: int) -> Decimal:
        usage = Usage(storage=tokens * hours)
        service, region, thinking = asked.service, asked.region, asked.thinking
        return quote(usage, sheet, at=at, prompt=tokens, service=service, region=region, thinking=thinking).total

    return Forgotten(sheet, card, tokens, rent(1), rent(24), rent(24 * 30))


def all_forgotten(
    asks: Iterable[tuple[PriceSheet, Workload]], assumptions: Assumptions
) -> tuple[tuple[Forgotten, ...], tuple[LeftOut, ...]]:
    """The rent on every model that still stores caches, dearest first, and the most common currency before others;
    NotSold or Refused where none does."""
    found: list[Forgotten] = []
    left_out: list[LeftOut] = []
    for sheet, workload in asks:
        try:
            rent = forgotten(sheet, workload.context, workload.start, assumptions)
        except (NotSold, NotInForce) as error:
            left_out.append(LeftOut(sheet.id, error.kind, str(error)))
            continue
        if unserved := refusal(rent.card, prompt=rent.tokens, answer=0):
            left_out.append(LeftOut(sheet.id, *unserved))
        else:
            found.append(rent)
    if not found:
        raise _unanswered(left_out)
    often = Counter(each.sheet.currency for each in found)
    ranked = sorted(found, key=lambda each: (often[each.sheet.currency], each.hour), reverse=True)
    return tuple(ranked), tuple(left_out)
