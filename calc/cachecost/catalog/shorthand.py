"""Cards that say `rest: as above`: what such a card leaves out is as on the card above it, so that a change is short.

Works on the words of a page before they are checked, and leaves alone what has not the shape of a page: the checks
name it.
"""

import re
from typing import Any

from .written import Items, Words, lined

REST = "as above"
OF_CARD = frozenset("effective status confidence note promised_until plausible source seen rest".split())
"""Keys that speak of the card on which they are written."""
SELECTS = (
    "service window prompt_up_to prompt_over prompt_below prompt_from output_up_to output_over output_below "
    "output_from thinking"
).split()
"""Keys of a row that say which requests it prices."""
OF_RATES = ("disputed", "plausible")
"""Keys of a row that speak of its rates as they are printed there; what they say of a rate ends with that rate."""


def complete(tree: dict[str, Any]) -> None:
    """Fill in every card that says `rest: as above`, in place."""
    cards = tree.get("rate_cards")
    above: dict[str, Any] | None = None
    for card in cards if isinstance(cards, list) else ():
        if not isinstance(card, dict):
            continue
        if card.get("rest") == REST and above:
            fill(card, above)
        if card.get("status") not in ("cancelled", "withdrawn"):
            above = card


def fill(card: dict[str, Any], above: dict[str, Any]) -> None:
    """Give a card what it leaves out of the one above."""
    for key, value in above.items():
        if key == "tiers" and isinstance(value, list) and isinstance(card.get(key), list):
            card[key] = lined(card[key].line, Items(_rows(card[key], value)))
        elif key not in card and key not in OF_CARD:
            card[key] = value


def _rows(rows: list[Any], above: list[Any]) -> list[Any]:
    """The rows above, each with what the row for the same requests says here, and then the rows that are new here."""
    given = {_selection(row): row for row in rows}
    changed = [_merged(row, given.pop(_selection(row), None)) for row in above]
    return changed + [row for row in rows if _selection(row) in given]


def _merged(above: Any, row: Any) -> Any:
    """A row with the words of another put over it, if there is one; a service that is no longer sold keeps no rates."""
    if row is None or "not_sold" in row:
        return above if row is None else row
    kept = {key: value for key, value in above.items() if key != "not_sold"}
    for key in OF_RATES:
        if isinstance(about := kept.pop(key, None), Words):
            lasting = {name: each for name, each in about.items() if re.split("[.:]", name)[0] not in row}
            kept |= {key: lined(about.line, Words(lasting))}
    kept = {key: value for key, value in kept.items() if value != {}}
    for key, value in row.items():
        both = key not in SELECTS and isinstance(value, dict) and isinstance(kept.get(key), dict)
        kept[key] = lined(value.line, Words(kept[key] | value)) if both else value
    return lined(row.line, Words(kept))


def _selection(row: Any) -> str:
    """What a row prices, as a text; a row of another shape is like no other."""
    return repr([row.get(key) for key in SELECTS]) if isinstance(row, dict) else f"no row {id(row)}"
