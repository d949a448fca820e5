"""Whether a page's numbers look like prices: each measured by the vendor's laws, its neighbours and its kin.

A doubt is a path into the page (`("rate_cards", 1, "tiers", 0, "cache_read")`), the word under which the page may
explain it (`plausible: {cache_read: why}`), and a message. Nothing here is a proof; a doubt is a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from ..prices.card import STANDARD, RateCard, Row
from ..prices.sheet import Path, PriceSheet, printed_at
from ..units import duration, show_duration
from .laws import Group, Laws, PriceLaw, Subject

WORDS = {Decimal("0.5"): "half of", Decimal("0.1"): "a tenth of", Decimal(1): "the same as", Decimal(2): "twice"}

SURER = ("low", "medium", "high")
NOTHING_NEW = "changes nothing; move `source` and `seen` to the card before it, and delete it"


class Implausible(NamedTuple):
    path: Path
    word: str
    message: str


def doubts(sheet: PriceSheet, kin: Sequence[PriceSheet], laws: Laws, *, today: date) -> Iterator[Implausible]:
    """Everything about a sheet that would surprise a reader of the catalogue.

    `kin`: the pages of the same model at its maker and at other hosts. `today`: the latest day that it is anywhere.
    """
    sold_in = laws.currencies.get(sheet.provider, laws.currencies["*"])
    if sheet.currency not in sold_in:
        message = f"unit: {sheet.currency} is not a currency of {sheet.provider} ({', '.join(sold_in)})"
        yield Implausible(("unit",), "unit", message)
    others = _kin_rates(kin, laws)
    before: RateCard | None = None
    for index, card in enumerate(sheet.cards):
        doubts_of_card = [*_date_doubts(card, laws, today)]
        if card.status != "withdrawn":
            doubts_of_card += [*_term_doubts(sheet, card, laws), *_row_doubts(sheet, card, before, laws)]
            doubts_of_card += [*(_missing(before, card) if before else ()), *_kin_doubts(sheet, card, others, laws)]
            if before and sheet.cards[index - 1] is before and _says_nothing_new(before, card):
                message = f"the card of {card.effective:%Y-%m-%d} {NOTHING_NEW}"
                doubts_of_card.append(Implausible(("effective",), "effective", message))
            before = before if card.status == "cancelled" else card
        yield from _below(("rate_cards", index), doubts_of_card)


def _below(path: Path, doubts: Iterable[Implausible]) -> Iterator[Implausible]:
    """Doubts of a part of the page, with the path of the part before theirs."""
    return (doubt._replace(path=(*path, *doubt.path)) for doubt in doubts)


def _date_doubts(card: RateCard, laws: Laws, today: date) -> Iterator[Implausible]:
    day = card.effective.date()
    message = ""
    if day < laws.first_day:
        message = f"is before {laws.first_day}; is the year right?"
    elif day > today + timedelta(laws.days_ahead):
        message = f"is more than {laws.days_ahead} days away; is the year right?"
    elif day > today and card.status == "in force":
        message = "is still to come, but the card is in force; expected status scheduled or announced"
    if message:
        yield Implausible(("effective",), "effective", f"effective {day} {message}")
    if card.promised_until and card.promised_until < day:
        message = f"promised_until {card.promised_until} is before the card begins ({day})"
        yield Implausible(("promised_until",), "promised_until", message)


def _row_doubts(sheet: PriceSheet, card: RateCard, before: RateCard | None, laws: Laws) -> Iterator[Implausible]:
    """Each rate measured by the one that it hangs on in its row, and by the same rate of three other rows: of the
    standard service, of smaller prompts, and of the card before; a rate that hangs on no other, as money."""
    standard = {selection(row): row for row in card.rows if row.service == STANDARD}
    old = {(row.service, selection(row)): row for row in before.rows} if before else {}
    for index, row in enumerate(card.rows):
        usual = standard.get(selection(row)) if row.service != STANDARD else None
        smaller, was = _next_smaller(row, card.rows), old.get((row.service, selection(row)))
        in_row = {name: (base, row.rates[base].value) for name in row.rates if (base := base_of(name, row))}
        result = [*_ratio_doubts("rates", sheet, row, in_row, laws), *_write_doubts(row, laws)]
        result += _amount_doubts(sheet, row, usual, laws)
        result += _ratio_doubts("services", sheet, row, _same(usual, STANDARD), laws)
        result += _ratio_doubts("sizes", sheet, row, _same(smaller, "the row for smaller prompts"), laws)
        result += _ratio_doubts("cards", sheet, row, _same(was, "the card before"), laws)
        result += _threshold_doubts(sheet, row, card, laws)
        yield from _below(("tiers", index), result)


Bases = Mapping[str, tuple[str, Decimal]]
"""Rate name -> what it is measured by: in words, and as money."""


def _same(row: Row | None, words: str) -> Bases:
    """Every rate of another row, as the base of the same rate."""
    return {name: (words, rate.value) for name, rate in row.rates.items()} if row else {}


def _ratio_doubts(group: Group, sheet: PriceSheet, row: Row, bases: Bases, laws: Laws) -> Iterator[Implausible]:
    """Rates that a law of a group does not expect to be what they are of their bases."""
    for name, rate in row.rates.items():
        base_name, base = bases.get(name, ("", Decimal(0)))
        if not base or (row.free and not rate.value and group in ("rates", "services")):
            continue
        about = subject(sheet, row, name, to=base_name if group == "rates" else "")
        if law := laws.broken(group, about, rate.value, base):
            what = f"{'' if row.service == STANDARD else f'{row.service} '}{name} {rate.value:f}"
            is_dear_read = base_name == "input" and name.startswith("cache_read") and rate.value > base
            share = f"{_short(rate.value / base)}{'x' if rate.value >= base else ' of'}"
            times = f"over input {base:f}" if is_dear_read else f"{share} {base_name} ({base:f})"
            asks = f"; did {row.service} change too?" if group == "services" else ""
            yield Implausible(printed_at(name), word_of(name), f"{what} is {times}; {_expected(law, base_name)}{asks}")


def base_of(name: str, row: Row) -> str:
    """The rate of a row that another one is a multiple of: `audio.output` of `output`, most others of `input`."""
    base = "output" if name.endswith(".output") else "input"
    return (
        base
        if name != base and base in row.rates and not name.endswith("storage") and not name.startswith("fee.")
        else ""
    )


def _write_doubts(row: Row, laws: Laws) -> Iterator[Implausible]:
    """Times to live of a row: the longer one costs no less, and some vendor sells it."""
    writes = [(duration(name.partition(":")[2]), name) for name in row.rates if name.startswith("cache_write:")]
    for (_, short), (_, long) in pairwise(sorted(writes)):
        if row.rates[long].value < row.rates[short].value:
            message = f"{long} {row.rates[long].value:f} is below {short} {row.rates[short].value:f}, but lives longer"
            yield Implausible(printed_at(long), "cache_write", message)
    for _, name in writes:
        if (ttl := name.partition(":")[2]) not in laws.ttls:
            yield Implausible(printed_at(name), "cache_write", f"{ttl} is a time to live that no vendor sells yet")


def _amount_doubts(sheet: PriceSheet, row: Row, base: Row | None, laws: Laws) -> Iterator[Implausible]:
    """Rates that hang on no other: money as such, in the page's currency."""
    for name, rate in row.rates.items():
        if (base and name in base.rates) or (row.free and not rate.value):
            continue
        if law := laws.broken("amounts", subject(sheet, row, name), rate.value):
            message = f"{name} {rate.value:f} {sheet.currency} is not usual at {sheet.provider}; {_expected(law)}"
            yield Implausible(printed_at(name), word_of(name), message)


def _threshold_doubts(sheet: PriceSheet, row: Row, card: RateCard, laws: Laws) -> Iterator[Implausible]:
    low = row.prompt.low
    if not low or row.not_sold:
        return
    about = subject(sheet, row, "prompt")
    if (law := laws.broken("terms", about, low)) and laws.broken("terms", about, low - 1):
        yield Implausible(("prompt_over",), "prompt", f"{low - 1:,} tokens is not a usual threshold; {_expected(law)}")
    if (most := card.limits.prompt) and low > most:
        name = "context" if most == card.limits.context else "input"
        message = f"{low - 1:,} tokens is beyond the {name} limit of {most:,}: no prompt gets there"
        yield Implausible(("prompt_over",), "prompt", message)


def _term_doubts(sheet: PriceSheet, card: RateCard, laws: Laws) -> Iterator[Implausible]:
    """Minimums, times to live, region factors and limits."""
    numbers: list[tuple[Path, str, str, Decimal | int | None]] = []
    for kind in card.caching.kinds:
        terms = getattr(card.caching, kind)
        for name in ("min_tokens", "block", "breakpoints"):
            numbers.append((("caching", kind, name), name, f"{kind}.{name}", getattr(terms, name, None)))
        ttl = getattr(terms, "default_ttl", None)
        shown = show_duration(ttl) if isinstance(ttl, timedelta) else ttl
        if shown and shown not in laws.ttls:
            message = f"default_ttl {shown} is not a usual time to live ({', '.join(laws.ttls)})"
            yield Implausible(("caching", kind, "default_ttl"), "default_ttl", message)
    numbers += [(("regions", name), "regions", "regions", factor) for name, factor in card.regions.items()]
    context, output = card.limits.context, card.limits.output
    for name, limit in (("context", context), ("input", card.limits.input), ("output", output)):
        numbers.append((("limits", name), "limits", f"limits.{name}", limit or None))  # 0: it does not answer
    for path, word, term, number in numbers:
        if number is not None and (law := laws.broken("terms", subject(sheet, None, term), number)):
            yield Implausible(path, word, f"{term} {number:,} is not usual; {_expected(law)}")
    if context and output and output > context:
        message = f"limits.output {output:,} is over limits.context {context:,}; no answer gets that long"
        yield Implausible(("limits", "output"), "limits", message)


def _missing(before: RateCard, card: RateCard) -> Iterator[Implausible]:
    """What was on the card before and is on this one no more."""

    def gone(before: Iterable[str], now: Iterable[str]) -> list[str]:
        return [name for name in before if name not in set(now)]

    kinds = [
        (("tiers",), "services", "service", gone(before.services(), card.services())),
        (("caching",), "caching", "caching", gone(before.caching.kinds, card.caching.kinds)),
        (("regions",), "regions", "region", gone(before.regions, card.regions)),
    ]
    for service in (each for each in before.services() if _names(card, each)):  # one that is `not_sold` says why
        noun = "rate" if service == STANDARD else f"{service} rate"
        for name in gone(_names(before, service), _names(card, service)):
            kinds.append((("tiers",), word_of(name), noun, [name]))
    for path, word, noun, names in kinds:
        if names:
            message = f"{noun} {', '.join(names)} was on the card before and is missing here; is it still sold?"
            yield Implausible(path, word, message)


def _says_nothing_new(before: RateCard, card: RateCard) -> bool:
    """Whether a card has all rates, terms and promises of the one before; one that is surer of them says something."""
    return _content(before) == _content(card) and SURER.index(card.confidence) <= SURER.index(before.confidence)


def _content(card: RateCard) -> tuple[object, ...]:
    rows = {(row.service, selection(row)): (row.rates, row.not_sold, row.free) for row in card.rows}
    terms = (card.caching, card.limits, card.regions, card.not_in, card.reserved, card.allowance, card.disputes)
    return rows, terms, card.status == "announced", card.promised_until


def _names(card: RateCard, service: str) -> dict[str, None]:
    """Rate names of a service; all kinds of reads are one, as a page may begin to tell them apart."""
    names = (name for row in card.rows if row.service == service for name in row.rates)
    return dict.fromkeys("cache_read" if name.startswith("cache_read:") else name for name in names)


KinRates = dict[str, list[tuple[Decimal, str]]]


def _kin_rates(kin: Sequence[PriceSheet], laws: Laws) -> KinRates:
    """What each standard rate has ever cost on other pages of the same model, in dollars, and the page's id."""
    rates: KinRates = {}
    for sheet in kin:
        for card in sheet.cards:
            if card.status not in ("withdrawn", "cancelled"):
                for name, rate in card.plain_row().rates.items():
                    rates.setdefault(name, []).append((rate.value / laws.exchange[sheet.currency], sheet.id))
    return rates


def _kin_doubts(sheet: PriceSheet, card: RateCard, kin: KinRates, laws: Laws) -> Iterator[Implausible]:
    """Standard rates that are far from what every other page of the same model has ever had."""
    row = card.plain_row()
    for name, rate in row.rates.items():
        value = rate.value / laws.exchange[sheet.currency]
        others = [each for each in kin.get(name, ()) if each[0]]
        about = subject(sheet, row, name)
        if value and others and all(laws.broken("hosts", about, value, other) for other, _ in others):
            own = [each for each in others if each[1].startswith(f"{sheet.maker}/")]
            other, page = min(own or others, key=lambda each: max(each[0] / value, value / each[0]))
            whose = "the maker's page" if own else "every other page of this model"
            dollars = "" if sheet.currency == "USD" else f", about ${_short(value)}"
            message = f"{name} {rate.value:f}{dollars} is far from {whose} ({page}: {_short(other)})"
            yield Implausible(("tiers", card.rows.index(row), *printed_at(name)), word_of(name), message)


def _next_smaller(row: Row, rows: Sequence[Row]) -> Row | None:
    """The row for the prompts just below those of this one, all else equal."""
    alike = (each for each in rows if each.service == row.service and selection(each)[1:] == selection(row)[1:])
    return next((each for each in alike if each.prompt.high == row.prompt.low - 1), None)


def selection(row: Row) -> tuple[object, ...]:
    """What a request has to have to be priced by a row, beside its service."""
    return row.prompt, row.output, row.thinking, row.window


def subject(sheet: PriceSheet, row: Row | None, of: str, *, to: str = "") -> Subject:
    maker = sheet.maker or sheet.provider
    return Subject(of, to, sheet.provider, maker, sheet.model, row.service if row else "", sheet.currency)


def word_of(name: str) -> str:
    """The word under which a row explains a rate: `cache_write` for each of its times to live."""
    return "storage" if name == "storage" else str(printed_at(name)[0])


def _short(number: Decimal) -> str:
    """Two digits of a number below 10, and whole numbers above."""
    if number >= 10:
        return f"{number:,.0f}"
    return format(Decimal(f"{number:.2g}"), "f")


def _expected(law: PriceLaw, base: str = "") -> str:
    if law.values and base:
        return f"expected {' or '.join(WORDS.get(value, f'{value:f}x') for value in law.values)} {base}"
    if law.values:
        return f"expected {', '.join(f'{value:,f}' for value in law.values)}"
    of = f" of {base}" if base else ""
    return f"expected {law.least:,f} to {law.most:,f}{of}"


def family(model: str) -> str:
    """One name for a model that hosts spell in their own ways: `glm-5p1` and `glm-5.1-maas` are `glm-5.1`."""
    return re.sub(r"(?<=\d)p(?=\d)", ".", model.lower()).removesuffix("-maas")
