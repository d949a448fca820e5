"""The releases that a watch is asked to compare, and what it remembers of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import clock
from ..catalog.catalog import Catalog
from ..catalog.confirmed import CONFIRMED, Confirmation, confirmations, confirmed_text
from ..errors import BadDocument, BadUsage
from ..files.output import written
from ..review import watch
from ..review.datasets import Ours, compared
from ..review.releases import LOCK, Locked, from_files, from_index, lock_text, locked


def watched(
    catalog: Catalog,
    datasets: Sequence[str],
    new: Sequence[Path],
    previous: Sequence[Path],
    between: str,
    packages: Path | None,
) -> watch.Watched:
    """What changed between given files, or else in the package index."""
    at = clock.now()
    if datasets and (new or previous):
        raise BadUsage("files say by their names of which dataset they are; leave the datasets out", word="dataset")
    if new or previous:
        return watch.watched(from_files(new, previous, at, _days(between)), Ours(catalog, at))
    if between:
        raise BadUsage(
            "needs --from and --previous: it dates files that do not say when they were released", word="between"
        )
    with TemporaryDirectory(prefix="cachecost-") as place:
        pairs, problems = from_index(datasets, locked(catalog.folder / LOCK), packages or Path(place), at)
    if not pairs:
        raise problems[0]
    return watch.watched(pairs, Ours(catalog, at), problems=problems)


def _days(text: str) -> list[date]:
    """`2026-10-20..2026-11-20` as two days."""
    if not text:
        return []
    try:
        first, last = map(date.fromisoformat, text.split(".."))
    except ValueError:
        raise BadDocument(f"{text!r} is not two days; expected 2026-10-20..2026-11-20", word="between") from None
    if first > last:
        raise BadDocument(f"{text}: the first day is after the last", word="between")
    return [first, last]


def remember(catalog: Catalog, answer: watch.Watched) -> None:
    """Write the lock file, at which the next watch begins, and in the file of each provider which rates of ours the
    releases confirm, in place of what the same datasets did before."""
    path, now = catalog.folder / LOCK, clock.now()
    locks, ours = locked(path), Ours(catalog, now)
    for _, new in answer.pairs:
        day = new.day or now.date()
        locks[new.dataset] = Locked(new.version or "file", day, new.digest())
        if not new.rates:
            continue
        confirmed: dict[str, list[Confirmation]] = defaultdict(list)
        for sheet, cells in compared(new.dataset, new.rates.values(), ours).confirmed.items():
            confirmed[sheet.provider].append(Confirmation(day, new.dataset, new.version, sheet.model, cells))
        for provider in {*confirmed, *(path.stem for path in (catalog.folder / CONFIRMED).glob("*.csv"))}:
            others = [each for each in confirmations(catalog.folder, provider) if each.source != new.dataset]
            _write(catalog.folder / CONFIRMED / f"{provider}.csv", confirmed_text([*others, *confirmed[provider]]))
    _write(path, lock_text(locks))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with written(path) as file:
        file.write(text.encode())
