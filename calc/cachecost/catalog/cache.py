"""Checked sheets kept for the next start: found again by the bytes of the page itself, so never stale.

An entry's name is a digest of the page's bytes and of the code that checks pages; a page changed in one
character, or another version of the checks, has another name. Entries lie in the user's own cache folder and
are no more trusted than Python's compiled modules; `CACHECOST_CACHE=off` does without them.
"""

from __future__ import annotations

import os
import pickle
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

from ..prices.sheet import PriceSheet

_PACKAGE = Path(__file__).parents[1]
CHECKED_BY = (
    *sorted(_PACKAGE.glob("catalog/*.py")),
    *sorted(_PACKAGE.glob("prices/*.py")),
    *(_PACKAGE / name for name in ("hours.py", "money.py", "units.py", "files/yaml_text.py")),
)
"""The modules whose rules a kept sheet has passed."""


def folder() -> Path | None:
    """`$CACHECOST_CACHE`, or `cachecost` in the user's cache folder; None where it is `off`."""
    chosen = os.environ.get("CACHECOST_CACHE", "")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    else:
        home = os.environ.get("HOME")
        base = os.environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else None)
    return Path(base, "cachecost") if base and Path(base).is_absolute() else None


def _entry(page: bytes) -> Path | None:
    where = folder()
    if where is None:
        return None
    return where / blake2b(page, digest_size=16, key=_version_of_checks()).hexdigest()


@cache
def _version_of_checks() -> bytes:
    """A digest of the code that checks pages, by size and time of each file, and of the Python that runs it."""
    stats = ((path.name, path.stat()) for path in CHECKED_BY)
    words = ";".join(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in stats)
    return blake2b(f"{sys.hexversion};{words}".encode(), digest_size=32).digest()


def load(page: bytes) -> PriceSheet | None:
    """The checked sheet of a page with these bytes, if it has been kept."""
    entry = _entry(page)
    try:
        found = pickle.loads(entry.read_bytes()) if entry else None
    except Exception:  # a damaged entry is as good as none, whatever it is that pickle raises
        return None
    return found if isinstance(found, PriceSheet) else None


def keep(page: bytes, sheet: PriceSheet) -> None:
    """Keep a checked sheet; where nothing can be written, nothing is."""
    entry = _entry(page)
    if entry is None:
        return
    part = entry.with_suffix(f".{os.getpid()}")
    try:
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_bytes(pickle.dumps(sheet, protocol=5))
        part.replace(entry)
    except OSError:
        return
