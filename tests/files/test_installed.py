"""A missing part is added by a command that works where this copy came from; cachecost is on no package index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cachecost.files.installed import command

HERE = {"url": "file:///src/my%20cost", "dir_info": {"editable": True}}
PLAIN = {"url": "file:///src/cost", "dir_info": {}}
GIT = {"url": "https://example.org/cost.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}
WHEEL = {"url": "https://example.org/cachecost-1.whl", "archive_info": {}}


@pytest.mark.parametrize(
    ("origin", "installer", "marker", "here", "expected"),
    [
        (HERE, "pip", "", "/", 'pip install --editable "/src/my cost[files]"'),
        (HERE, "pip", "", "/src/my cost", 'pip install --editable ".[files]"'),
        (PLAIN, "pip", "", "/src/cost", 'pip install ".[files]"'),
        (PLAIN, "uv", "", "/", 'uv pip install "/src/cost[files]"'),
        (PLAIN, "uv", "uv-receipt.toml", "/", 'uv tool install --reinstall "cachecost[files] @ file:///src/cost"'),
        (PLAIN, "pip", "pipx_metadata.json", "/", 'pipx install --force "cachecost[files] @ file:///src/cost"'),
        (GIT, "pip", "", "/", 'pip install "cachecost[files] @ git+https://example.org/cost.git@abc123"'),
        (WHEEL, "pip", "", "/", 'pip install "cachecost[files] @ https://example.org/cachecost-1.whl"'),
        ({}, "pip", "", "/", "install cachecost again, from where it came, with its extra [files]"),
    ],
)
def test_the_command_follows_from_the_origin(
    origin: dict[str, Any], installer: str, marker: str, here: str, expected: str, tmp_path: Path
) -> None:
    """PEP 610 says where a package came from; uv's and pipx's own files say that they made the environment."""
    if marker:
        (tmp_path / marker).touch()
    assert command("files", origin, installer=installer, prefix=tmp_path, here=lambda: Path(here)) == expected
