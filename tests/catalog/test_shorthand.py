"""`rest: as above`: a card may leave out what is as on the card above it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cachecost.catalog.composed import compose
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet

FIRST = """\
provider: acme
model: one
name: One
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    note: The first day.
    source: https://acme.dev/pricing
    seen: 2026-01-05
    regions: {eu: 1.1}
    caching:
      written: {default_ttl: 5m}
    tiers:
      - prompt_up_to: 200_000
        input: 2.00
        cache_write: {5m: 2.50}
        cache_read: 0.20
        output: 10.00
        plausible: {output: Looked up twice.}
      - prompt_over: 200_000
        input: 4.00
        cache_write: {5m: 5.00}
        cache_read: 0.40
        output: 20.00
"""
SHORT = """\
  - effective: 2026-06-01
    source: https://acme.dev/news
    seen: 2026-06-02
    rest: as above
    tiers:
      - prompt_up_to: 200_000
        cache_write: {1h: 4.00}
        output: 9.00
      - prompt_over: 200_000
        cache_write: {1h: 8.00}
      - service: batch
        input: 1.00
        output: 4.50
"""
LONG = """\
  - effective: 2026-06-01
    source: https://acme.dev/news
    seen: 2026-06-02
    regions: {eu: 1.1}
    caching:
      written: {default_ttl: 5m}
    tiers:
      - prompt_up_to: 200_000
        input: 2.00
        cache_write: {5m: 2.50, 1h: 4.00}
        cache_read: 0.20
        output: 9.00
      - prompt_over: 200_000
        input: 4.00
        cache_write: {5m: 5.00, 1h: 8.00}
        cache_read: 0.40
        output: 20.00
      - service: batch
        input: 1.00
        output: 4.50
"""


def test_a_short_card_is_the_long_one_without_what_is_as_above() -> None:
    assert read_text(FIRST + SHORT, file="one") == read_text(FIRST + LONG, file="one")


def test_what_speaks_of_the_card_above_is_not_taken_over() -> None:
    """Neither its note, nor the reason why a rate is right that this card prints anew."""
    tree = compose(FIRST + SHORT, "one")[0]
    card = tree["rate_cards"][1]
    assert "note" not in card
    assert "plausible" not in card["tiers"][0]


def test_what_is_taken_over_keeps_the_line_on_which_it_is_written() -> None:
    card = compose(FIRST + SHORT, "one")[0]["rate_cards"][1]
    page = (FIRST + SHORT).splitlines()
    row = card["tiers"][1]
    assert page[row["output"].line - 1].strip() == "output: 20.00"
    assert page[row["cache_write"].line - 1].strip() == "cache_write: {1h: 8.00}"
    assert page[card["tiers"][2]["output"].line - 1].strip() == "output: 4.50"
    assert page[card["caching"].line - 1].strip() == "caching:"


def test_a_service_that_ends_keeps_none_of_its_rates() -> None:
    text = FIRST + SHORT + "  - effective: 2026-09-01\n    source: https://acme.dev/news\n    seen: 2026-09-01\n"
    text += "    rest: as above\n    tiers:\n      - {service: batch, not_sold: It ended.}\n"
    row = read_text(text, file="one").cards[2].rows[2]
    assert (row.rates, row.not_sold) == ({}, "It ended.")


def test_a_cancelled_card_is_not_the_one_above() -> None:
    """It was never in force: the card after it goes on from the one before it."""
    later = SHORT.replace("2026-06-0", "2026-07-0")
    cancelled = LONG.replace("    source", "    status: cancelled\n    source", 1).replace("input: 2.00", "input: 3.00")
    card = read_text(FIRST + cancelled + later, file="one").cards[2]
    plain = read_text(FIRST + LONG, file="one").cards[1]
    assert (card.rows, card.caching) == (plain.rows, plain.caching)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rest: as above", "rest: as below", "one:29: rest: 'as below' is not one of 'as above'"),
        ("- service: batch", "- service: 3.5.1 x", "one:36: service"),
        ("        output: 4.50\n", "", "one:36: output: missing"),
        ("    tiers:\n", "    limits: 4\n    tiers:\n", "one:30: limits"),
    ],
)
def test_a_fault_of_a_short_card_is_named_on_its_own_line(old: str, new: str, said: str) -> None:
    with pytest.raises(BadSheet) as error:
        read_text(FIRST + SHORT.replace(old, new), file="one")
    assert str(error.value.faults[0]).startswith(said)


def test_the_text_of_both_cards_prices_alike_after_a_change_of_the_first() -> None:
    """A correction of what is as above corrects the short card too."""
    corrected = FIRST.replace("input: 4.00", "input: 3.00")
    card = read_text(corrected + SHORT, file="one").cards[1]
    assert str(card.rows[1].rates["input"].value) == "3.00"
    assert replace(card, rows=()) == replace(read_text(FIRST + LONG, file="one").cards[1], rows=())
