"""Which datasets have the rates of a card, and since when: `confirmed/PROVIDER.csv` beside the price sheets.

`cachecost prices watch --write` writes the files, a line for each model and dataset. A rate is confirmed as long as the
card in force has it: the values stand in the file, so that no later change of a page is called confirmed.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from .. import money
from ..errors import BadDocument
from ..files.reading import is_file, read
from ..prices.card import STANDARD, Row
from ..prices.sheet import PriceSheet

CONFIRMED = "confirmed"
COLUMNS = ("day", "source", "version", "model", "rates")
MOST = 1 << 24
"""Bytes of one provider's file: a hundred times what the largest has."""


class Confirmation(NamedTuple):
    """The rates of a model, as `cell` names them, that a release of a dataset has as we do, on a day."""

    day: date
    source: str
    version: str
    model: str
    rates: Mapping[str, Decimal]


def cell(row: Row, line: str) -> str:
    """One name for a rate of a card: `input`, `batch.input`, `cache_read@200001` for prompts from that size on."""
    service = "" if row.service == STANDARD else f"{row.service}."
    return f"{service}{line}{f'@{row.prompt.low}' if row.prompt.low else ''}"


def confirmations(folder: Path, provider: str) -> list[Confirmation]:
    """Those of a provider's models, none where there is no file; BadDocument, with the line, where one is unfit."""
    path = folder / CONFIRMED / f"{provider}.csv"
    if not is_file(path):
        return []
    reader = csv.reader(io.StringIO(read(path, most=MOST, expected=",".join(COLUMNS)).decode(errors="replace")))
    result = []
    for number, words in enumerate(reader, 1):
        if number == 1 and tuple(words) == COLUMNS:
            continue
        try:
            day, source, version, model, rates = words
            values = {name: Decimal(value) for name, _, value in (each.rpartition("=") for each in rates.split())}
            result.append(Confirmation(date.fromisoformat(day), source, version, model, values))
        except (ValueError, InvalidOperation):
            raise BadDocument(f"{path}:{number}: cannot be read; expected {','.join(COLUMNS)}") from None
    return result


def confirmed_text(confirmations: Iterable[Confirmation]) -> str:
    """The text of a provider's file."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for each in sorted(confirmations, key=lambda each: (each.model, each.source)):
        rates = " ".join(f"{name}={money.text(value)}" for name, value in sorted(each.rates.items()))
        table.writerow([each.day, each.source, each.version, each.model, rates])
    return text.getvalue()


def confirmed(folder: Path, sheet: PriceSheet, at: datetime) -> str:
    """`Confirmed 2026-11-26 by litellm 1.110.2; vendor's page read 2026-10-14.`, and which of the standard rates in
    force no dataset has; "" where the provider has no file."""
    listed = confirmations(folder, sheet.provider)
    card = sheet.sold(at)
    if not listed or card is None:
        return ""
    rates = {cell(row, line): rate.value for row in card.rows for line, rate in row.rates.items() if not row.window}
    lacking = dict.fromkeys(name for name in rates if not {".", "@"} & {*name.removeprefix("audio.")})
    by_day: dict[date, list[str]] = {}
    for each in sorted(listed, reverse=True):
        same = [name for name, value in each.rates.items() if rates.get(name) == value]
        if each.model == sheet.model and same and each.day >= card.effective.date():
            by_day.setdefault(each.day, []).append(f"{each.source} {each.version}")
            lacking = {name: None for name in lacking if name not in same}
    parts = [f"{day} by {_in_words(sorted(names))}" for day, names in by_day.items()]
    said = f"Confirmed {', '.join(parts)}" if parts else "Confirmed by no dataset"
    some = f" (all but {', '.join(lacking)})" if parts and lacking else ""
    vendor = all(source.startswith("http") and "//github.com" not in source for source in card.sources)
    page = "vendor's page" if vendor else "source"
    return f"{said}{some}; {page} read {card.seen}."


def _in_words(names: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])
