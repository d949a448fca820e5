"""Names of other datasets that have no page here, and why: `pricing/not-kept.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from .side_pages import validated

Text = Annotated[str, Field(min_length=1)]


class NotKept(NamedTuple):
    """Models of a provider without a page; a name may hold `*`."""

    provider: Text
    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    reason: Text


def not_kept(path: Path) -> list[NotKept]:
    """What such a page lists; BadDocument, with the line, where it or an entry is unfit."""
    return validated(path, list[NotKept]) if path.exists() else []


def reason(provider: str, model: str, listed: Iterable[NotKept]) -> str | None:
    """Why a model has no page; None where no entry says so."""
    entries = (each for each in listed if each.provider == provider)
    return next((each.reason for each in entries if any(fnmatchcase(model, name) for name in each.names)), None)
