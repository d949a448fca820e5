"""Defaults of options: the environment, then `./.cachecost.toml`, then the user's config folder; flags win.

`CACHECOST_QUESTION=200` holds for every command that has `--question`. In a file keys before any table hold for
every command, a table `[compare]` for one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import BadQuantity

COMMANDS = {
    "compare": "compare",
    "quote": "quote",
    "curve": "curve",
    "models": "models",
    "show": "models",
    "prices": "prices",
}
"""Each command, and the module of this room that holds it."""


def defaults() -> dict[str, Any]:
    """Option defaults by command, in the form that typer takes."""
    merged: dict[str, dict[str, Any]] = {command: {} for command in COMMANDS}
    for path in (_user_file(), Path(".cachecost.toml")):
        if path.is_file():
            for command, options in _read(path).items():
                merged[command] |= options
    own = {key[10:].lower(): value for key, value in os.environ.items() if key.startswith("CACHECOST_")}
    return {command: options | own for command, options in merged.items()}


def _user_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "cachecost" / "cachecost.toml"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadQuantity(f"{path}: cannot be read as TOML: {error}") from None
    shared = {_key(key): value for key, value in content.items() if not isinstance(value, dict)}
    own = {key: value for key, value in content.items() if isinstance(value, dict)}
    if unknown := set(own) - set(COMMANDS):
        raise BadQuantity(f"{path}: [{min(unknown)}] is not a command ({', '.join(COMMANDS)})")
    return {command: shared | {_key(key): value for key, value in own.get(command, {}).items()} for command in COMMANDS}


def _key(option: str) -> str:
    return option.replace("-", "_")
