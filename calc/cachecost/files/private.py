"""The folders in which what was worked out is kept: the user's own, closed to others. Any other is left alone."""

import os
import stat
import sys


def folder(name: str) -> str | None:
    """A folder in `$CACHECOST_CACHE`, or in `cachecost` in the user's cache folder; None where it is `off`."""
    chosen = os.environ.get("CACHECOST_CACHE", "")
    if chosen == "off":
        return None
    if chosen:
        return os.path.join(chosen, name)  # noqa: PTH118  # a Path takes as long to load as a line of a status bar
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    else:
        home = os.environ.get("HOME")
        base = os.environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else None)
    return os.path.join(base, "cachecost", name) if base and os.path.isabs(base) else None  # noqa: PTH117, PTH118


def is_private(where: str) -> bool:
    """Whether a folder is no link, belongs to the user, and is closed to others."""
    status = os.lstat(where)
    is_ours = sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & 0o077)
    return stat.S_ISDIR(status.st_mode) and is_ours


def keep(where: str, name: str, text: str) -> bool:
    """Write a file of a folder whole or not at all; whether it was written. Raises OSError where it cannot be."""
    os.makedirs(where, mode=0o700, exist_ok=True)  # noqa: PTH103
    if not is_private(where):
        return False
    part = os.path.join(where, f"{name}.{os.getpid()}")  # noqa: PTH118
    with open(part, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
    os.replace(part, os.path.join(where, name))  # noqa: PTH105, PTH118
    return True
