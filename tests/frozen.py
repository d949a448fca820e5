"""The catalogue as it was on a day: without the cards that were added later and take effect later.

Expected bills are worked out for that catalogue, so that a price change by pull request makes no test wrong.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

_DAY = r"(\d{4}-\d\d-\d\d)"
_RENT = re.compile(r"^      - effective:.*\n(?: {8}.*\n)*", re.MULTILINE)
RENTS_READ = date(2026, 11, 28)
"""The day up to which the rents of machines were read for the bills that are expected of them."""


def price_pages(folder: Path) -> Iterator[Path]:
    """The price sheets of a folder; what is self-hosted has pages of other kinds."""
    return (page for page in folder.glob("*/*.yaml") if page.parent.name != "self-hosted")


def _hardware(folder: Path) -> Iterator[Path]:
    return (folder / "self-hosted").rglob("*.yaml")


def newest(folder: Path) -> date:
    """The latest day on which a source was read, found in the text of the pages, which takes milliseconds."""
    texts = (page.read_text(encoding="utf-8") for page in (*price_pages(folder), *_hardware(folder)))
    return date.fromisoformat(max(day for text in texts for day in re.findall(rf"\b(?:checked|seen): *{_DAY}", text)))


def as_of(day: date, folder: Path, target: Path) -> Path:
    """A copy of the catalogue in `target`, without what is both read and in force only after that day.

    Pages of what is self-hosted stay, as if they had been read by then, without rents that were read later still.
    """
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("confirmed"))  # each watch writes them anew
    for page in price_pages(target):
        text = page.read_text(encoding="utf-8")
        head, *cards = re.split(r"^(?=  - )", text, flags=re.MULTILINE)
        known = [card for card in cards if not all(_after(day, key, card) for key in ("effective", "seen"))]
        if known:
            page.write_text("".join([head, *known]), encoding="utf-8")
        else:
            page.unlink()
    for page in _hardware(target):
        text = _RENT.sub(lambda found: _rent(found[0], day), page.read_text(encoding="utf-8"))
        text = re.sub(rf"\b(checked|seen): *{_DAY}", lambda found: f"{found[1]}: {min(found[2], str(day))}", text)
        page.write_text(text, encoding="utf-8")
    return target


def _rent(card: str, day: date) -> str:
    """A card of a machine's rent, or nothing where it came later."""
    later = _after(day, "effective", card, indent=6) and _after(RENTS_READ, "seen", card, indent=6)
    return "" if later else card


def _after(day: date, key: str, card: str, *, indent: int = 2) -> bool:
    result = re.search(rf"^{' ' * indent}[- ] {key}: *{_DAY}", card, flags=re.MULTILINE)
    return result is not None and date.fromisoformat(result[1]) > day
