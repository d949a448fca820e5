"""What a log says that its requests cost, compared in the database with what they cost by the sheets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from operator import mul

from .. import money
from ..prices.usage import sold
from ..units import HOUR
from .account import Account, Stated
from .epochs import RateKey
from .survey import Database, inline
from .tally import COUNTERS, HITS, REQUESTS, STORAGE, Tally, price
from .traffic import Source

_PAID = "split_part(lower(paid), 'e', 1)"
_DIGITS = f"TRY_CAST(replace({_PAID}, '.', '') AS BIGINT)::HUGEINT"
_PLACES = f"strlen(split_part({_PAID}, '.', 2)) - COALESCE(TRY_CAST(split_part(lower(paid), 'e', 2) AS INTEGER), 0)"
"""The digits of an amount, and how many of them are decimals: `1.25e-05` is 125 with 7."""
_LARGEST = 10**18
"""Factors are below this: their product, and ten times that, fit into the 128 bits of a HUGEINT."""
_POWER = f"CASE WHEN places >= 0 THEN ('{[10**places for places in range(37)]}'::HUGEINT[])[places + 1] END"
_OFF = "abs(2 * (due * power - digits * one))"
_DIFFERS = (
    # what is past the first bound is more than any such amount
    f"CASE WHEN digits IS NULL THEN NULL WHEN due > {10 * _LARGEST}::HUGEINT * {_LARGEST} // power THEN TRUE "
    f"ELSE {_OFF} > one OR {_OFF} = one AND digits % 2 <> 0 END"
)
"""Whether what is due, rounded half to even to the places of an amount, is another one. `one`: how many parts of what
is due are a unit of money. NULL where the numbers are too large."""


def compare_stated(
    database: Database, account: Account, source: Source, classed: str, keys: Mapping[int, RateKey]
) -> None:
    """Compare what the log says that its requests cost with what they cost by the sheets."""
    lines = [*source.tokens, REQUESTS, HITS]
    parts = {key: _each(account, key, lines) for key in set(keys.values())}
    rates = [parts[key] if max(parts[key]) < _LARGEST else [None] * (len(lines) + 1) for key in keys.values()]
    names = [*(f"rate{number}" for number in range(len(lines))), "one"]
    rated = inline({"class": list(keys), **dict(zip(names, zip(*rates, strict=True), strict=True))})
    counts = [*source.tokens.values(), source.answered, "(reads > 0)::UTINYINT"]
    sums = ", ".join(f"SUM({count})" for count in counts)
    due = " + ".join(f"({count})::HUGEINT * {name}" for count, name in zip(counts, names, strict=False))
    stated = f"(SELECT *, {classed} AS class FROM {source.text} WHERE paid IS NOT NULL) JOIN {rated} USING (class)"
    stated = f"(SELECT *, {_DIGITS} AS digits, {_PLACES} AS places, ({due}) AS due FROM {stated})"
    stated = f"(SELECT *, {_DIFFERS} AS differs FROM (SELECT *, {_POWER} AS power FROM {stated}))"
    grouped = "class, currency, CASE WHEN differs IS NOT NULL THEN places END AS decimals"
    query = f"SELECT {grouped}, COUNT(*), SUM(differs::UTINYINT), SUM(digits), {sums} FROM {stated} GROUP BY ALL"
    odd = f"SELECT class, currency, paid, {', '.join(counts)} FROM {stated} WHERE differs IS NULL"
    is_odd = False
    for by, currency, places, requests, differing, digits, *tokens in database.rows(query):
        total = account.stated.setdefault((keys[by].sheet, currency), Stated())
        total.requests += requests
        used = {line: int(count) for line, count in zip(lines, tokens, strict=True) if count}
        total.tally.add(keys[by], account.billed(keys[by], used))
        is_odd = is_odd or places is None
        if places is not None:
            total.differing += differing
            total.paid = money.add(total.paid, money.EXACT.scaleb(Decimal(int(digits)), -places))
    for by, currency, text, *tokens in database.rows(odd) if is_odd else ():
        total, (*each, one) = account.stated[keys[by].sheet, currency], parts[keys[by]]
        cost, amount = Fraction(int(sum(map(mul, each, tokens))), one), Decimal(text)
        total.differing += round(cost, max(0, -int(amount.as_tuple().exponent))) != Fraction(amount)
        total.paid = money.add(total.paid, amount)


def _each(account: Account, key: RateKey, lines: Sequence[str]) -> list[int]:
    """What one of each line costs, as whole parts of a unit of money, and at the end how many of them are one."""
    row = account.card(key).rows[key.row]
    billed = [next(iter(sold({line: 1}, row))) for line in lines]
    due = {line for line in account.due(key, dict.fromkeys(billed, 1)) if line in COUNTERS or account.sells(key, line)}
    units = [(line, HOUR if line == STORAGE else 1) for line in billed]
    each = [
        Fraction(price(Tally([(key, line, unit)]), account.sheets).total) / unit if line in due else Fraction(0)
        for line, unit in units
    ]
    one = lcm(*(rate.denominator for rate in each))
    return [*(int(rate * one) for rate in each), one]
