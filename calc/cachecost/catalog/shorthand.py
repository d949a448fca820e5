"""Cards that say `rest: as above`: what such a card leaves out is as on the card above it, so that a change is short.

Works on the words of a page before they are checked, and leaves alone what has not the shape of a page: the checks
name it. Every word that is taken over keeps the line on which it is written.
"""

import re
from typing import Any

from ..prices.sheet import Path

Lines = dict[Path, int]
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


def complete(tree: dict[str, Any], lines: Lines) -> None:
    """Fill in every card that says `rest: as above`, in place."""
    cards = tree.get("rate_cards")
    above: tuple[dict[str, Any], Path] | None = None
    for number, card in enumerate(cards if isinstance(cards, list) else ()):
        if not isinstance(card, dict):
            continue
        here: Path = ("rate_cards", number)
        if card.get("rest") == REST and above:
            fill(card, above[0], lines, here, above[1])
        if card.get("status") not in ("cancelled", "withdrawn"):
            above = card, here


def fill(card: dict[str, Any], above: dict[str, Any], lines: Lines, here: Path, there: Path) -> None:
    """Give a card what it leaves out of the one above; `here` and `there` are their paths."""
    places = _below(lines, there)
    for key, value in above.items():
        if key == "tiers" and isinstance(value, list) and isinstance(card.get(key), list):
            card[key] = _rows(card[key], value, lines, (*here, key), (*there, key))
        elif key not in card and key not in OF_CARD:
            card[key] = value
            lines |= {(*here, key, *path): line for path, line in places.get(key, {}).items()}


def _rows(rows: list[Any], above: list[Any], lines: Lines, here: Path, there: Path) -> list[Any]:
    """The rows above, each with what the row for the same requests says here, and then the rows that are new here."""
    here_places, there_places = _below(lines, here), _below(lines, there)
    own = [(row, here_places.get(index, {})) for index, row in enumerate(rows)]
    for path in [path for path in lines if path[: len(here)] == here and len(path) > len(here)]:
        del lines[path]
    given = {_selection(row): (row, places) for row, places in own}
    result: list[Any] = []
    for index, row in enumerate(above):
        places = there_places.get(index, {})
        if changed := given.pop(_selection(row), None):
            row = _merged(row, changed[0])
            places = {path: line for path, line in (places | changed[1]).items() if _has(row, path)}
        lines |= {(*here, len(result), *path): line for path, line in places.items()}
        result.append(row)
    for row, places in own:
        if _selection(row) in given:
            lines |= {(*here, len(result), *path): line for path, line in places.items()}
            result.append(row)
    return result


def _merged(above: Any, row: Any) -> Any:
    """A row with the words of another put over it; a service that is no longer sold keeps no rates."""
    if "not_sold" in row:
        return row
    kept = {key: value for key, value in above.items() if key != "not_sold"}
    for key in OF_RATES:
        if isinstance(about := kept.pop(key, None), dict):
            kept |= {key: {name: each for name, each in about.items() if re.split("[.:]", name)[0] not in row}}
    kept = {key: value for key, value in kept.items() if value != {}}
    for key, value in row.items():
        both = key not in SELECTS and isinstance(value, dict) and isinstance(kept.get(key), dict)
        kept[key] = kept[key] | value if both else value
    return kept


def _has(value: Any, path: Path) -> bool:
    for step in path:
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _selection(row: Any) -> str:
    """What a row prices, as a text; a row of another shape is like no other."""
    return repr([row.get(key) for key in SELECTS]) if isinstance(row, dict) else f"no row {id(row)}"


def _below(lines: Lines, place: Path) -> dict[str | int, Lines]:
    """By each key or index at a path: the lines of everything there, by the rest of their paths."""
    depth = len(place)
    parts: dict[str | int, Lines] = {}
    for path, line in lines.items():
        if path[:depth] == place and len(path) > depth:
            parts.setdefault(path[depth], {})[path[depth + 1 :]] = line
    return parts
