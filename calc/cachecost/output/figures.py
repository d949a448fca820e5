"""How figures are written for people: money, counts, shares, durations. Here numbers are rounded, once."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from .. import money, units as quantities
from ..bills.break_even import BreakEven
from ..prices.sheet import PriceSheet, Version

SIGNS = {"USD": "$", "CNY": "¥", "EUR": "€"}
DIGITS = 18
"""Decimals of a number in JSON and CSV whose digits never end."""


def amount(value: money.Number, currency: str = "USD") -> str:
    """Money for people: `$46.50`, `$1.161`, `$0.0375`, `-$8.00`: two decimals or more, four digits where small."""
    whole, _, decimals = _written(value, _places(abs(Fraction(value))), currency).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def by_size(values: Iterable[money.Number], currency: str = "USD") -> dict[money.Number, str]:
    """Money by its size, for a column or a sentence: `$0.015`, `$0.22`, `$5.73`, `$1,532`. Amounts that differ do not
    look the same: they have as many more digits as it takes."""
    places = {value: _places_by_size(abs(Fraction(value))) for value in values}
    while True:
        texts = {value: _written(value, digits, currency) for value, digits in places.items()}
        seen = Counter(texts.values())
        if not (alike := [value for value, text in texts.items() if seen[text] > 1 and places[value] < DIGITS]):
            return texts
        places |= {value: places[value] + 1 for value in alike}


def sized(value: money.Number, currency: str = "USD") -> str:
    """One amount by its size."""
    return by_size([value], currency)[value]


def _places_by_size(size: Fraction) -> int:
    """None from a thousand on, two down to ten cents, below that as many as show two digits."""
    places = 0 if size >= 1000 else 2
    while 0 < size * 10**places < Fraction(19, 2) and places < DIGITS:
        places += 1
    return places


def _written(value: money.Number, places: int, currency: str) -> str:
    shown = money.rounded(value, places)
    return f"{'-' if shown < 0 else ''}{SIGNS[currency]}{abs(shown):,.{places}f}"


def rough(ends: Sequence[money.Number], currency: str = "USD") -> str:
    """The ends of an estimate, with a digit less than the money between them: `$6.0 to $10.0`, `$0.23 to $0.31`."""
    least = min(abs(Fraction(end)) for end in ends)
    places = 0 if least >= 100 else 1 if least >= 1 else _places_by_size(least)
    return " to ".join(dict.fromkeys(_written(end, places, currency) for end in ends))


def on_the_point(texts: Sequence[str]) -> list[str]:
    """Figures for a column that is set to the right, filled up with blanks so that their points are in line; words and
    empty cells stay as they are."""
    tails = [len(text) - text.find(".") if "." in text else 0 for text in texts]
    longest = max(tails, default=0)
    is_figure = [any(letter.isdigit() for letter in text) for text in texts]
    cells = zip(texts, tails, is_figure, strict=True)
    return [text + " " * (longest - tail) if figure else text for text, tail, figure in cells]


def cents(value: money.Number, currency: str = "USD") -> str:
    """Money to the cent, `$52.67`; with more digits below one, as in `amount`."""
    return amount(value if abs(Fraction(value)) < 1 else money.rounded(value, 2), currency)


def headline(value: money.Number, currency: str = "USD") -> str:
    """Money for a headline: `$360`, `$12,051`; from ten on without cents."""
    return amount(value if abs(Fraction(value)) < 10 else money.rounded(value, 0), currency).removesuffix(".00")


def is_rounded(value: money.Number) -> bool:
    """Whether `amount` leaves digits out."""
    return Fraction(money.rounded(value, _places(abs(Fraction(value))))) != Fraction(value)


def _places(size: Fraction) -> int:
    if size >= 100 or not size:
        return 2
    places = 4
    while size < Fraction(1, 10 ** (places - 3)) and places < DIGITS:
        places += 1
    return places


def percent(share: Fraction, *, least: int = 0) -> str:
    """`34%`; one decimal below 10%, at `least` so many, and never 0 or 100 where it is not."""
    size = abs(share) * 100
    for places in range(max(least, 0 if size >= 10 else 1), 7):
        shown = Fraction(money.rounded(size, places))
        if shown == size or shown not in (0, 100):
            return f"{money.text(shown)}%"
    return "under 0.000001%" if size < 1 else "under 100%" if size < 100 else "over 100%"


PARTS = {
    Fraction(1, 4): "a quarter of",
    Fraction(1, 3): "a third of",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds of",
}
"""Shares that have a word."""
NEAR = Fraction(2, 100)
"""How far a share may be from one with a word to be called so."""


def part(share: Fraction) -> str:
    """A share before what it is of: `half`, `a third of`, `42% of`."""
    return next((word for of, word in PARTS.items() if abs(share - of) <= NEAR), f"{percent(share)} of")


def signed(share: Fraction | None) -> str:
    """`34%`, `-12%`; nothing where there is no share."""
    return "" if share is None else f"{'-' if share < 0 else ''}{percent(share)}"


def span(ends: tuple[money.Number, money.Number], currency: str = "USD") -> str:
    """`$6.03 to $10.05`, or one amount where both ends are the same."""
    return " to ".join(dict.fromkeys(amount(end, currency) for end in ends))


def many(number: money.Number, noun: str, plural: str = "") -> str:
    """`1 query`, `1,000 queries`."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


NOUNS = {False: ("query", "queries"), True: ("turn", "turns")}
"""Whether a workload grows -> what one of its requests is called, and several."""


def intervals(pays: BreakEven | None, or_more: str, to: str) -> str:
    """`2 to 4, 8 or more`, `2-4, 8+`, `never`: the numbers of queries at which caching pays."""
    if pays is None or not pays.intervals:
        return "never"
    ends = ((f"{first:,}", first, last) for first, last in pays.intervals)
    return ", ".join(f"{n}{or_more}" if b is None else n if a == b else f"{n}{to}{b:,}" for n, a, b in ends)


def plain(value: money.Number | None) -> str | None:
    """Every digit, as text for machines; a number whose digits never end is cut at `DIGITS`."""
    if value is None:
        return None
    if isinstance(value, Fraction) and Fraction(money.exact(value)) != value:
        value = money.rounded(value, DIGITS)
    return money.text(value)


def given(value: money.Number) -> str:
    """A number of the question as text that reads back as the same number: `0.75`, and `1/3` where digits never end."""
    settled = money.settled(Fraction(value))
    return str(settled) if isinstance(settled, Fraction) else money.text(settled)


def count(number: money.Number) -> str:
    """`1,000,000`; expected counts may have decimals, two or as many as it takes not to be nothing."""
    places = 2
    while not (shown := money.rounded(number, places)) and number and places < DIGITS:
        places += 1
    whole, _, decimals = f"{shown:,f}".partition(".")
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole


def listed(names: Sequence[str], few: int | None) -> str:
    """`a, b, c and 8 more`."""
    more = len(names) - few if few else 0
    return f"{', '.join(names[:few])} and {more:,} more" if more > 0 else ", ".join(names)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"


def duration(length: timedelta) -> str:
    """`1 h`, `5 min`, `46 min 40 s`, `1 s 250 ms`."""
    units = {"m": "min"}
    parts = re.findall(r"([0-9.]+)([a-z]+)", quantities.show_duration(length))
    return " ".join(f"{number} {units.get(unit, unit)}" for number, unit in parts)


def rate(value: Decimal, currency: str = "USD") -> str:
    """A rate as the sheet prints it, with at least two decimals: `$3.50`, `$0.3125`."""
    if -int(value.as_tuple().exponent) > DIGITS:  # worked out, not printed by a vendor
        return amount(value, currency)
    text = money.text(value)
    whole, _, decimals = text.partition(".")
    return f"{SIGNS[currency]}{int(whole):,}.{decimals.ljust(2, '0')}"


def cited(sheet: PriceSheet, version: str) -> str:
    """Where an answer's rates come from: `Rates: google/gemini-1.5-pro@2024-05-14, source read 2026-11-22`, and the
    customer's own terms that changed them: `..., after your discount of 15%, terms.yaml:4`."""
    region = f", region {sheet.region}" if sheet.region else ""
    terms = after(terms_of([version]))
    return f"Rates: {version}{region}, source read {sheet.checked}{terms}"


def terms_of(versions: Iterable[str]) -> list[str]:
    """The customer's own terms behind rate cards, each once."""
    return list(dict.fromkeys(term for each in versions if isinstance(each, Version) for term in each.terms))


def after(terms: Sequence[str]) -> str:
    """`, after your discount of 15%, terms.yaml:4`; nothing where the rates are those of the page."""
    return f", after {'; '.join(terms)}" if terms else ""
