"""How to add an optional part of cachecost, by the way in which it was installed (PEP 610)."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .reading import is_file


def install(extra: str) -> str:
    """The command that adds an extra such as `files`; a sentence where it is not known where the package came from."""
    from importlib.metadata import PackageNotFoundError, distribution  # takes longer to load than most commands

    try:
        package = distribution("cachecost")
        origin = json.loads(package.read_text("direct_url.json") or "{}")
        installer = (package.read_text("INSTALLER") or "").strip()
    except (PackageNotFoundError, OSError, ValueError):
        origin, installer = {}, ""
    return command(extra, origin, installer=installer, prefix=Path(sys.prefix), here=Path.cwd)


def command(
    extra: str, origin: Mapping[str, Any], *, installer: str, prefix: Path, here: Callable[[], Path] = Path.cwd
) -> str:
    """The same from the content of `direct_url.json`, the name of the installer, and the root of the environment."""
    if not origin.get("url"):
        return f"install cachecost again, from where it came, with its extra [{extra}]"
    if is_file(prefix / "uv-receipt.toml"):
        return f'uv tool install --reinstall "{_requirement(extra, origin)}"'
    if is_file(prefix / "pipx_metadata.json"):
        return f'pipx install --force "{_requirement(extra, origin)}"'
    pip = "uv pip install" if installer == "uv" else "pip install"
    if "dir_info" not in origin:
        return f'{pip} "{_requirement(extra, origin)}"'
    folder = unquote(urlsplit(origin["url"]).path)
    editable = " --editable" if origin["dir_info"].get("editable") else ""
    try:
        is_here = here() == Path(folder)
    except OSError:  # the folder was deleted
        is_here = False
    return f'{pip}{editable} "{"." if is_here else folder}[{extra}]"'


def _requirement(extra: str, origin: Mapping[str, Any]) -> str:
    """`cachecost[files] @ git+https://...@commit`, as PEP 508 writes a package at an address."""
    url, where = origin["url"], origin.get("subdirectory")
    if vcs := origin.get("vcs_info"):
        url = f"{vcs['vcs']}+{url}@{vcs.get('requested_revision') or vcs['commit_id']}"
    return f"cachecost[{extra}] @ {url}" + (f"#subdirectory={where}" if where else "")
