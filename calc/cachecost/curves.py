"""The curves of eviction that one can assume by name: `pricing/eviction.yaml`, checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from . import quantities
from .errors import BadDocument, BadQuantity, BadWorkload
from .eviction import Eviction, checked

FIELDS = {"steps", "source", "said", "seen"}


def load_evictions(path: Path) -> Mapping[str, Eviction]:
    """The curves of a page by their names; a folder without a page has none. Raises BadDocument for any fault."""
    import yaml

    if not path.is_file():
        return {}
    try:
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadDocument(f"{path}: cannot be read as YAML ({error}), expected curves of eviction") from None
    if not isinstance(page, dict):
        raise BadDocument(f"{path}: expected a table of curves by name")
    return {str(name): _curve(f"{path}: {name}", str(name), entry) for name, entry in page.items()}


def _curve(where: str, name: str, entry: Any) -> Eviction:
    if not isinstance(entry, dict) or entry.keys() != FIELDS or not isinstance(entry["steps"], dict):
        raise BadDocument(f"{where}: expected a table of {', '.join(sorted(FIELDS))}")
    if not str(entry["source"]).startswith("https://") or type(entry["seen"]) is not date:
        raise BadDocument(f"{where}: expected a source that begins with https:// and the day it was seen")
    try:
        steps = tuple((quantities.duration(str(idle)), _share(share)) for idle, share in entry["steps"].items())
        return checked(Eviction(name, steps, entry["source"], entry["seen"]))
    except (BadQuantity, BadWorkload) as error:
        raise BadDocument(f"{where}.steps: {error}") from None


def _share(value: object) -> Fraction:
    return quantities.share(str(value))
