"""The curves of eviction that one can assume by name: `pricing/eviction.yaml`, checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import units
from ..errors import BadQuantity, BadWorkload
from ..files.reading import exists
from ..files.yaml_text import SideFile, read_side_file
from ..strategies.assumptions import Eviction, checked

FIELDS = {"steps", "source", "said", "seen"}


def load_evictions(path: Path) -> Mapping[str, Eviction]:
    """The curves of a page by their names; a folder without a page has none. Raises BadDocument for any fault."""
    if not exists(path):
        return {}
    file = read_side_file(path)
    if not isinstance(file.tree, dict):
        raise file.fault("expected a table of curves by name")
    return {name: _curve(file, name, entry) for name, entry in file.tree.items()}


def _curve(file: SideFile, name: str, entry: Any) -> Eviction:
    if not isinstance(entry, dict) or entry.keys() != FIELDS or not isinstance(entry["steps"], dict):
        raise file.fault(f"expected a table of {', '.join(sorted(FIELDS))}", name)
    source, seen = file.address(name, "source"), file.day(name, "seen")
    try:
        steps = tuple((units.duration(idle), units.share(str(share))) for idle, share in entry["steps"].items())
        return checked(Eviction(name, steps, source, seen))
    except (BadQuantity, BadWorkload) as error:
        raise file.fault(str(error), name, "steps") from None
