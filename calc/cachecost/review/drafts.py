"""Pages as text: a new one, every word explained and a blank for everything that only the vendor knows; and one with
a new card, which has the new rates and what follows from them, the rest as on the last card.

The given rates are those of the row for the smallest standard prompts. A rate that kept a vendor's stated multiple
before (a read, a write, a larger prompt, batch) keeps it after. All others stay as they are, or with `scale_rest` move
in proportion to the rate that they hang on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from .. import money, units
from ..catalog.composed import REST, SELECTS, compose
from ..errors import BadDocument
from ..files.yaml_text import Quoted, lines_of
from ..prices.card import STANDARD, RateCard, Row
from ..prices.sheet import PriceSheet, printed_at
from .laws import Group, Laws, PriceLaw
from .plausible import base_of, selection, subject

DECIMALS = 12
"""The most that a page may print."""
TEMPLATE = """\
# yaml-language-server: $schema=../sheet.schema.json
provider: {provider}
model: {model}
# maker: NAME                        # whose model it is, where {provider} only hosts it
# resells: NAME/MODEL                # the page whose rates it sells, in place of maker, unit, caching and tiers
name: {model}
aliases: []                          # dated ids and other names under which the model is asked for
unit: USD per 1M tokens
# limits: {{context: 1_000_000, output: 64_000}}  # `input` where the largest prompt is stated apart from the answer

rate_cards:
  - effective: {today}            # first instant, UTC; 2026-08-16T16:00Z where the vendor gave one
    # status: scheduled              # announced | scheduled | cancelled | withdrawn; default in force
    # confidence: medium             # why, goes into note
    # fees: {{web_search: 10.00 per 1k}}
    # allowance: {{web_search: 5_000, per: month}}  # calls that are free, which a replay takes off
    source:                          # the address of the vendor's page
    seen: {today}                 # the day on which you read the source
    caching:                         # leave out what is not sold
      automatic: {{}}                  # {{min_tokens: 1_024}} where the vendor states a minimum
      # written: {{min_tokens: 1_024, default_ttl: 5m}}
      # stored: {{min_tokens: 1_024, default_ttl: 1h}}
    tiers:                           # as printed, per 1M tokens; a row prices the whole request
      - input:
        # cache_write: {{5m: 1.25, 1h: 2.00}}
        cache_read:
        # storage_per_hour: 1.00
        output:
      # Where long prompts cost more: `prompt_up_to: 200_000` on the row above, and a second row
      # - prompt_over: 200_000
      #   input: 2.00
      # - service: batch             # flex, priority … with the numbers as printed
      #   input: 0.50
      # free: yes                    # on a row where a rate of 0 is what the vendor charges
"""


class NewRates(NamedTuple):
    """What a new card is to say: rates by name, the first day or instant, and the address of their page. `note`: why
    the card is of medium confidence; without one it is not. `scale_rest`: rates without a stated multiple move too."""

    rates: Mapping[str, Decimal]
    begins: str
    source: str
    note: str = ""
    scale_rest: bool = False


class Moved(NamedTuple):
    """One rate of one row before and after; `new` is `old` where it stays."""

    row: Row
    name: str
    old: Decimal
    new: Decimal


class Bump(NamedTuple):
    """The page with the new card, the card alone, every rate in force with it, and the lines of the page with a rent or
    a fee, which hang on no other rate and so stay as they were."""

    page: str
    card: str
    moved: tuple[Moved, ...]
    stays: Mapping[int, Moved]


def bump(page: str, sheet: PriceSheet, laws: Laws, new: NewRates, *, today: date, resold: str = "") -> Bump:
    """The page of a sheet with one card more; `resold`: the page that it resells. BadDocument where that cannot be."""
    last = sheet.cards[-1]
    effective = units.instant(new.begins)
    tree, _ = compose(page, sheet.id, resold)
    number = len(tree["rate_cards"]) - 1
    if last.status in ("withdrawn", "cancelled"):
        line = tree["rate_cards"][number].line
        raise BadDocument(
            f"{sheet.id}.yaml:{line}: its last card is {last.status}, and a bump changes the last card's rates; "
            "write a card with all rates by hand"
        )
    if effective <= last.effective:
        raise BadDocument(
            f"{new.begins} is not after the last card of {sheet.id}, {units.show_instant(last.effective)}; "
            "a correction of a card in force is made by hand",
            word="from",
        )
    moved = tuple(_moved(sheet, last, laws, new))
    if all(each.old == each.new for each in moved):
        raise BadDocument(f"{sheet.id}: these are the rates of its last card; nothing would change")
    status = "    status: scheduled\n" if effective.date() > today else ""
    doubt = f"    confidence: medium\n    note: {json.dumps(new.note)}\n" if new.note else ""
    head = (
        f"  - effective: {new.begins}\n{status}{doubt}    source: {new.source}\n    seen: {today}\n    rest: {REST}\n"
    )
    words = tree["rate_cards"][number]["tiers"]
    text = f"{head}    tiers:\n" + "".join(_row(words[index], last.rows[index], moved) for index in range(len(words)))
    longer = page.rstrip("\n") + "\n\n" + text
    lines = lines_of(compose(longer, sheet.id, resold)[0])
    stays = {
        lines[path]: each
        for each in moved
        if each.old == each.new and (each.name == "storage" or each.name.startswith("fee."))
        for row in [("rate_cards", number + 1, "tiers", last.rows.index(each.row))]
        for path in ((*row, *printed_at(each.name)), (*row, f"{each.name}_per_minute"))
        if path in lines
    }
    return Bump(longer, text, moved, stays)


def _moved(sheet: PriceSheet, card: RateCard, laws: Laws, wanted: NewRates) -> Iterator[Moved]:
    """Every rate of the card, row after row, each after the one that it hangs on."""
    plain = card.plain_row()
    if plain.service != STANDARD or plain.window or not plain.rates:
        raise BadDocument(f"{sheet.id}: its last card has no standard row outside of a window; write the card by hand")
    given = wanted.rates
    if unknown := [name for name in given if name not in plain.rates]:
        raise BadDocument(f"{sheet.id}: {unknown[0]} is not a rate of its last card ({', '.join(plain.rates)})")
    new: dict[tuple[int, str], Decimal] = {}
    standard = {selection(row): row for row in card.rows if row.service == STANDARD}
    for row in sorted(card.rows, key=lambda row: (row is not plain, row.service != STANDARD, row.prompt.low)):
        group: Group = "rates" if row is plain else "sizes" if row.service == STANDARD else "services"
        base = standard.get(selection(row), plain) if group == "services" else plain
        for name in sorted(row.rates, key=lambda name: (name not in ("input", "output"), name == "output")):
            key, old = (id(row), name), row.rates[name].value
            base_name = base_of(name, row) if row is plain else name
            new[key] = given.get(name, old) if row is plain else old
            if base_name in base.rates and not (row is plain and name in given):
                was, now = base.rates[base_name].value, new[id(base), base_name]
                law = laws.law(group, subject(sheet, row, name, to=base_name if row is plain else ""))
                new[key] = _settled(old, was, now, law, wanted.scale_rest)
    for row in card.rows:
        for name, rate in row.rates.items():
            yield Moved(row, name, rate.value, new[id(row), name])


def _settled(old: Decimal, was: Decimal, now: Decimal, law: PriceLaw | None, scale_rest: bool) -> Decimal:
    """The new rate of a line, whose base moved: by the law that it obeyed, in proportion, or as it was."""
    multiple = next((each for each in law.values if law.keeps(old, was, each)), None) if law else None
    if multiple is not None:
        return money.multiply(multiple, now) if now != was else old
    if scale_rest and was:
        return money.rounded(Fraction(old) * Fraction(now) / Fraction(was), DECIMALS)
    return old


def _row(words: Mapping[str, Any], row: Row, moved: Iterable[Moved]) -> str:
    """The lines of a row on the new card: which requests it prices and the rates that move; none where none does."""
    rates: dict[str, Any] = {}
    for each in moved:
        if each.row is row and each.old != each.new:
            first, *rest = printed_at(each.name)
            if first == "storage_per_hour" and first not in words:
                first = "storage_per_minute"
            if rest:
                rates.setdefault(str(first), {})[rest[0]] = _printed(each.new)
            else:
                rates[str(first)] = _printed(each.new, minutes=60 if first == "storage_per_minute" else 1)
    selection = {key: words[key] for key in SELECTS if key in words}
    lines = [f"{key}: {_flow(value)}\n" for key, value in (selection | rates).items()] if rates else []
    return "".join(f"      {'  ' if index else '- '}{line}" for index, line in enumerate(lines))


def _printed(rate: Decimal, *, minutes: int = 1) -> str:
    """A rate with two decimals or more."""
    printed = money.rounded(Fraction(rate) / minutes, DECIMALS)
    digits = money.text(printed)
    return digits if len(digits.partition(".")[2]) > 1 else f"{printed:.2f}"


def _flow(value: Any) -> str:
    """Words of a page on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return json.dumps(value) if isinstance(value, Quoted) else str(value)


def skeleton(provider: str, model: str, *, today: date) -> str:
    """The text of a page for a provider's model; BadDocument on names that no page can have."""
    for name in (provider, model):
        if not re.fullmatch(r"[A-Za-z0-9][\w.:@+-]{0,59}", name):
            raise BadDocument(
                f"{name!r} is no name of a page; expected letters, digits and . : @ + - _, such as gpt-4o"
            )
    return TEMPLATE.format(provider=provider, model=model, today=today)
