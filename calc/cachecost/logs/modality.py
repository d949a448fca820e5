"""Audio, images and video in a log, as the model's sheet sells them: at a rate of their own, or as text."""

from __future__ import annotations

from collections.abc import Mapping

from ..sheet import Row
from ..usage import MODALITIES, Usage

STARTS = tuple(f"{modality}." for modality in MODALITIES)


def as_sold(usage: Usage, row: Row) -> Usage:
    """The usage with counts of a modality that the row does not rate moved to the text beside them.

    Gemini 3 and GPT-4o bill images at the rates of text and their sheets list no others. The same object where
    nothing moves, as nearly always.
    """
    if not any(name.startswith(STARTS) and name not in row.rates for name, _ in usage.quantities):
        return usage
    kept: dict[str, int] = {}
    for name, quantity in usage.quantities:
        if name.startswith(STARTS) and name not in row.rates:
            name = name.partition(".")[2]
        kept[name] = kept.get(name, 0) + int(quantity)
    return _from_lines(kept)


def _from_lines(lines: Mapping[str, int]) -> Usage:
    """The usage whose lines have these names."""

    def by(start: str, mark: str) -> dict[str, int]:
        return {name.removeprefix(start + mark): n for name, n in lines.items() if name.startswith(start + mark)}

    return Usage(
        input=lines.get("input", 0),
        cache_read=by("cache_read", ":") or lines.get("cache_read", 0),
        cache_write=by("cache_write", ":") or lines.get("cache_write", 0),
        output=lines.get("output", 0),
        audio=by("audio", "."),
        image=by("image", "."),
        video=by("video", "."),
    )
