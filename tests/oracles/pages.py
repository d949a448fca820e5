"""A price page as its words say it, with what `rest: as above` and `resells` stand for. It shares nothing with the
product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Words = dict[str, Any]
TERMS = ("caching", "fees", "follows", "limits", "regions", "services", "tiers", "without")
NEEDS = {"cache_write": "written", "creation": "stored", "storage_per_hour": "stored", "storage_per_minute": "stored"}


def words_of(page: Path) -> Words:
    """What stands on a page, every scalar as its text."""
    words = yaml.load(page.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    cards = list(_completed(words["rate_cards"]))
    if "resells" in words:
        cards = list(_resold(cards, words_of(page.parents[1] / f"{words['resells']}.yaml")["rate_cards"]))
    result: Words = words | {"rate_cards": cards}
    return result


def _completed(cards: list[Words]) -> Iterator[Words]:
    """The cards of a page with what `rest: as above` stands for."""
    above: Words = {}
    for card in cards:
        if "rest" in card:
            rows = _over(above.get("tiers", []), card.get("tiers", []))
            card = {term: above[term] for term in TERMS if term in above} | card | {"tiers": rows}
        above = above if card.get("status") in ("cancelled", "withdrawn") else card
        yield card


def _over(rows: list[Words], others: list[Words]) -> list[Words]:
    """Rows with others put over them."""
    result = {_selection(row): row for row in rows}
    for row in others:
        before = {} if "not_sold" in row else result.get(_selection(row), {})
        old = {key: value for key, value in before.items() if key != "not_sold"}
        both = {key: old[key] | row[key] for key in row if isinstance(old.get(key), dict) and key != "window"}
        result[_selection(row)] = old | row | both
    return list(result.values())


def _resold(cards: list[Words], theirs: list[Words]) -> Iterator[Words]:
    """The cards of a host; days are compared as they are written."""
    theirs = [card for card in theirs if card.get("status") not in ("cancelled", "withdrawn")]
    for number, card in enumerate(cards):
        if card.get("status") == "withdrawn":
            yield card
            continue
        first, end = card["effective"], next((after["effective"] for after in cards[number + 1 :]), "9999")
        days = [first, *(other["effective"] for other in theirs if first < other["effective"] < end)]
        shown: Words = {}
        for day in days[:1] if card.get("follows") == "no" else days:
            other = [each for each in theirs if each["effective"] <= day][-1]
            filled = {"caching": other.get("caching", {})} | card | {"effective": first}
            sold = [
                _taken(row, filled["caching"], card.get("without", []), Decimal(card.get("factor", "1")))
                for row in other["tiers"]
                if row.get("service", "standard") in card.get("services", ["standard"])
            ]
            filled["tiers"] = _over(sold, card.get("tiers", []))
            if filled != shown:
                yield filled | {"effective": day}
            shown = filled


def _taken(row: Words, caching: Words, without: list[str], factor: Decimal, above: str = "") -> Words:
    """What a host takes over from a row, or from the rates below a key of it."""
    taken: Words = {}
    for key, value in row.items():
        name = f"{above}{key}"
        kind = name.split(".")[-1].split(":")[0]
        reads = set(caching) & ({name.split(":")[1]} if name.startswith("cache_read:") else set(caching))
        sold = bool(reads) if kind == "cache_read" else kind not in NEEDS or NEEDS[kind] in caching
        if not sold or name in without or name in ("note", "disputed", "plausible", "fees"):
            continue
        if isinstance(value, dict) and key != "window":
            value = _taken(value, caching, without, factor, f"{name}:" if kind.startswith("cache_") else f"{name}.")
        elif factor != 1 and key not in _selected(row) and re.fullmatch(r"[0-9.]+", value):
            value = f"{(Decimal(value) * factor).normalize():f}"
        if value != {}:
            taken[key] = value
    return taken


def _selection(row: Words) -> str:
    """Which requests a row prices."""
    return repr(_selected(row))


def _selected(row: Words) -> Words:
    return {key: row[key] for key in row if re.match("service|window|prompt_|output_|thinking", key)}
