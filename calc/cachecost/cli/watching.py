"""The releases that a watch is asked to compare, and what it remembers of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import clock
from ..catalog.catalog import Catalog
from ..catalog.confirmed import CONFIRMED, Confirmation, confirmations, confirmed_text
from ..errors import BadDocument, BadUsage
from ..files.output import written
from ..prices.sheet import PriceSheet
from ..review import releases
from ..review.datasets import compared
from ..review.releases import Pair, Watched
from ..review.snapshots import LOCK, Locked, Snapshot, lock_text, locked


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
        raise BadUsage(
            "needs --from and --previous: it dates files that do not say when they were released", word="between"
        )
    locks = locked(catalog.folder / LOCK)
    with TemporaryDirectory(prefix="cachecost-") as place:
        released = list(releases.from_index(datasets, locks, packages or Path(place), at))
    problems = [each for each in released if isinstance(each, BadDocument)]
    pairs = [each for each in released if isinstance(each, Pair)]
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


def remember(catalog: Catalog, answer: Watched) -> None:
    """Write the lock file, at which the next watch begins, and which rates of ours the releases confirm."""
    path = catalog.folder / LOCK
    locks, now = locked(path), clock.now()
    for _, new in answer.pairs:
        day = new.day or now.date()
        locks[new.dataset] = Locked(new.version or "file", day, new.digest())
        if new.rates:
            agreement = compared(new.dataset, new.rates.values(), catalog, at=now, explained=())
            _confirm(catalog.folder, new, day, agreement.confirmed)
    _write(path, lock_text(locks))


def _confirm(folder: Path, new: Snapshot, day: date, rates: Mapping[PriceSheet, Mapping[str, Decimal]]) -> None:
    """In the file of each provider, what the dataset confirms in place of what it did before."""
    confirmed: dict[str, list[Confirmation]] = defaultdict(list)
    for sheet, cells in rates.items():
        confirmed[sheet.provider].append(Confirmation(day, new.dataset, new.version, sheet.model, cells))
    for provider in {*confirmed, *(path.stem for path in (folder / CONFIRMED).glob("*.csv"))}:
        others = [each for each in confirmations(folder, provider) if each.source != new.dataset]
        _write(folder / CONFIRMED / f"{provider}.csv", confirmed_text([*others, *confirmed[provider]]))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with written(path) as file:
        file.write(text.encode())
