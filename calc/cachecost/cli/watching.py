"""The releases that a watch is asked to compare, and what it remembers of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import clock
from ..catalog.catalog import Catalog
from ..errors import BadDocument, BadUsage
from ..files.output import written
from ..review import releases
from ..review.releases import Pair, Watched
from ..review.snapshots import LOCK, Locked, lock_text, locked


def watched(
    catalog: Catalog,
    datasets: Sequence[str],
    new: Sequence[Path],
    previous: Sequence[Path],
    between: str,
    packages: Path | None,
) -> Watched:
    """What changed between given files, or else in the package index."""
    at = clock.now()
    if datasets and (new or previous):
        raise BadUsage("files say by their names of which dataset they are; leave the datasets out", word="dataset")
    if new or previous:
        return releases.watched(releases.from_files(new, previous, at, _days(between)), catalog, at)
    if between:
        raise BadUsage("days are for files that do not say them; expected --from and --previous too", word="between")
    locks = locked(catalog.folder / LOCK)
    with TemporaryDirectory(prefix="cachecost-") as place:
        found = list(releases.from_index(datasets, locks, packages or Path(place), at))
    problems = [each for each in found if isinstance(each, BadDocument)]
    pairs = [each for each in found if isinstance(each, Pair)]
    if not pairs:
        raise problems[0]
    return releases.watched(pairs, catalog, at, problems=problems)


def _days(text: str) -> list[date]:
    """`2026-10-20..2026-11-20` as two days."""
    try:
        first, last = map(date.fromisoformat, text.split("..")) if text else (None, None)
    except ValueError:
        raise BadDocument(f"{text!r} is not two days; expected 2026-10-20..2026-11-20", word="between") from None
    if first and last and first > last:
        raise BadDocument(f"{text}: the first day is after the last", word="between")
    return [first, last] if first and last else []


def remember(folder: Path, answer: Watched, today: date) -> None:
    """Write the lock file: the next watch begins at these releases."""
    path = folder / LOCK
    locks = locked(path)
    for _, new in answer.pairs:
        locks[new.dataset] = Locked(new.version or "file", new.day or today, new.digest())
    with written(path) as file:
        file.write(lock_text(locks).encode())
