"""Which releases a watch compares: given files, or the newest of the package index beside the one looked at before."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from ..catalog.catalog import Catalog
from ..errors import BadDocument
from .datasets import accepted, not_kept
from .peers import DATASETS
from .peers.package import fetched
from .peers.sdks import SDKS
from .snapshots import PACKAGES, Locked, Snapshot, snapshot
from .watch import KINDS, Finding, findings

_FILES = {"api": "models.dev", "index": "aws"} | {name.replace("-", "_"): name for name in (*DATASETS, *SDKS)}
"""How the names of releases and of their files begin."""


class Pair(NamedTuple):
    """A dataset's present release and the one to compare it with; `old` None: it only bears witness."""

    old: Snapshot | None
    new: Snapshot


class Watched(NamedTuple):
    """The releases that were compared, what could not be had, and every change, proposals first."""

    pairs: Sequence[Pair]
    problems: list[str]
    changes: list[Finding]

    @property
    def releases(self) -> list[str]:
        """`litellm 1.110.2 since 1.106.2`, `genai-prices 0.2.3 as a second source`."""
        return [f"{new.name} {_beside(old)}" for old, new in self.pairs]


def _beside(old: Snapshot | None) -> str:
    return f"since {old.version or 'the previous file'}" if old else "as a second source"


def dataset_of(path: Path) -> str:
    """The dataset of a file by its name, such as `litellm-1.110.2.json` or a wheel."""
    name = path.name.lower().replace("-", "_")
    starts = [start for start in _FILES if name.startswith((f"{start}_", f"{start}."))]
    if not starts:
        expected = "a release as pip downloads it, or a file such as litellm-1.110.2.json, api.json or index.json"
        raise BadDocument(f"{path}: not named like a release of a known dataset; expected {expected}", word="from")
    return _FILES[max(starts, key=len)]


def from_files(new: Sequence[Path], previous: Sequence[Path], at: datetime, days: Sequence[date] = ()) -> list[Pair]:
    """Pairs of files; `days`: of the previous and of the new releases, where the files do not say them."""
    earlier = {dataset_of(path): path for path in previous}
    pairs = []
    for path in new:
        dataset = dataset_of(path)
        before = earlier.pop(dataset, None)
        then, now = days or (None, None)
        old = snapshot(dataset, before, at, day=then) if before else None
        pairs.append(Pair(old, snapshot(dataset, path, at, day=now if before else None)))
    if earlier:
        name = next(iter(earlier.values()))
        raise BadDocument(f"{name}: no file of the same dataset is given with --from", word="previous")
    return pairs


def from_index(
    datasets: Sequence[str], locks: Mapping[str, Locked], folder: Path, at: datetime
) -> Iterator[Pair | BadDocument]:
    """The newest release of each dataset with the one that is locked; a refusal in place of one that cannot be had."""
    for name in datasets or PACKAGES:
        if name not in PACKAGES:
            expected = ", ".join(PACKAGES)
            raise BadDocument(
                f"{name!r} is not a known dataset; expected {expected}, or a file with --from", word="dataset"
            )
        try:
            new = snapshot(name, fetched(name, "", folder), at)
            new = new._replace(day=new.day or at.date())
            lock = locks.get(name)
            if lock is None:
                yield Pair(None, new)
            elif lock.cells == new.digest():
                yield Pair(new._replace(version=lock.version, day=lock.day), new)
            else:
                old = snapshot(name, fetched(name, lock.version, folder), at, day=lock.day)
                yield Pair(old, new)
        except BadDocument as error:
            yield error


def watched(pairs: Sequence[Pair], catalog: Catalog, at: datetime, *, problems: Sequence[BadDocument] = ()) -> Watched:
    """What the changes of every pair ask for, each held beside the present releases of the others."""
    explained = accepted(catalog.folder / "disagreements.yaml")
    without = not_kept(catalog.folder / "not-kept.yaml")
    changes = []
    for old, new in pairs:
        if old is not None and old.digest() != new.digest():
            others = [each.new for each in pairs if each.new.dataset != new.dataset]
            changes += findings(old, new, catalog, at=at, others=others, explained=explained, without=without)
    changes.sort(key=lambda each: KINDS.index(each.kind))
    return Watched(pairs, list(map(str, problems)), changes)
