"""A price page as its words say it, with what `rest: as above` stands for. It shares nothing with the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Words = dict[str, Any]
TERMS = ("caching", "fees", "limits", "regions", "tiers")


def words_of(page: Path) -> Words:
    """What stands on a page, every scalar as its text."""
    words = yaml.load(page.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    result: Words = words | {"rate_cards": list(_completed(words["rate_cards"]))}
    return result


def _completed(cards: list[Words]) -> Iterator[Words]:
    """The cards of a page with what `rest: as above` stands for."""
    above: Words = {}
    for card in cards:
        if "rest" in card:
            rows = {_selection(row): row for row in above["tiers"]}
            for row in card.get("tiers", []):
                old = {} if "not_sold" in row else rows.get(_selection(row), {})
                both = {key: old[key] | row[key] for key in row if isinstance(old.get(key), dict) and key != "window"}
                rows[_selection(row)] = old | row | both
            card = {term: above[term] for term in TERMS if term in above} | card | {"tiers": list(rows.values())}
        above = above if card.get("status") in ("cancelled", "withdrawn") else card
        yield card


def _selection(row: Words) -> str:
    """Which requests a row prices."""
    return repr({key: row[key] for key in row if re.match("service|window|prompt_|output_|thinking", key)})
