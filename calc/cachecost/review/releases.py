"""Releases of datasets and SDKs: what one holds as cells, what changed since the one before, and which two a watch
compares: given files, or the newest of the package index beside the one looked at before."""

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from .. import money
from ..errors import BadDocument
from .datasets import PeerRate
from .peers import DATASETS, rates
from .peers.package import day_of, fetched, version_of
from .peers.sdks import SDKS, terms
from .side_pages import validated

LOCK = "watch.lock"
PACKAGES = (*(name for name, module in DATASETS.items() if "/" in module.PATTERN), *SDKS)
"""The datasets and SDKs that the package index has; the others are single files."""
_FILES = {"api": "models.dev", "index": "aws"} | {name.replace("-", "_"): name for name in (*DATASETS, *SDKS)}
"""How the names of releases and of their files begin."""
Place = tuple[str, str, str, int, str]
"""Provider, model, service, prompt and line of a rate."""


class Snapshot(NamedTuple):
    """One release. `day`: when it was made, or first read; None where neither is known. `terms`: of an SDK."""

    dataset: str
    version: str
    day: date | None
    rates: Mapping[Place, PeerRate]
    terms: Set[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.dataset} {self.version}".strip()

    def digest(self) -> str:
        """The same for two releases in which nothing differs that is watched."""
        cells = [f"{'|'.join(map(str, place))}={money.text(rate.value)}" for place, rate in self.rates.items()]
        return hashlib.sha256("\n".join(sorted([*cells, *self.terms])).encode()).hexdigest()[:16]


class Locked(NamedTuple):
    """The release of a dataset that was looked at last: its day, and the digest of its cells."""

    version: str
    day: date
    cells: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class RateChange(NamedTuple):
    """A rate that differs between two releases, came (`old` None) or went (`new` None), or a term of an SDK."""

    old: PeerRate | None
    new: PeerRate | None
    term: str = ""


class Pair(NamedTuple):
    """A dataset's present release and the one to compare it with; `old` None: it only bears witness."""

    old: Snapshot | None
    new: Snapshot


def snapshot(dataset: str, path: Path, at: datetime, *, day: date | None = None) -> Snapshot:
    """What a release holds at an instant; BadDocument where the file is another."""
    version, day = version_of(path), day or day_of(path)
    if dataset in SDKS:
        return Snapshot(dataset, version, day, {}, frozenset(terms(path, dataset)))
    return Snapshot(dataset, version, day, {(*rate[:5],): rate for rate in rates(dataset, path, at)})


def changed(old: Snapshot, new: Snapshot, providers: Container[str]) -> Iterator[RateChange]:
    """What differs at these providers; of SDKs only what came, since vendors remove names without a price's change."""
    for place in sorted(old.rates.keys() | new.rates.keys()):
        was, now = old.rates.get(place), new.rates.get(place)
        if place[0] in providers and (was is None or now is None or was.value != now.value):
            yield RateChange(was, now)
    for term in sorted(new.terms - old.terms):
        yield RateChange(None, None, term)


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
) -> tuple[list[Pair], list[BadDocument]]:
    """The newest release of each dataset with the one that is locked, and a refusal for each that cannot be had."""
    if unknown := [name for name in datasets if name not in PACKAGES]:
        expected = ", ".join(PACKAGES)
        raise BadDocument(
            f"{unknown[0]!r} is not a known dataset; expected {expected}, or a file with --from", word="dataset"
        )
    pairs, problems = [], []
    for name in datasets or PACKAGES:
        try:
            new = snapshot(name, fetched(name, "", folder), at)
            new = new._replace(day=new.day or at.date())
            lock = locks.get(name)
            old = new._replace(version=lock.version, day=lock.day) if lock else None
            if lock and lock.cells != new.digest():
                old = snapshot(name, fetched(name, lock.version, folder), at, day=lock.day)
            pairs.append(Pair(old, new))
        except BadDocument as error:
            problems.append(error)
    return pairs, problems


def locked(path: Path) -> dict[str, Locked]:
    """What the lock file holds; BadDocument, with the line, where an entry is unfit."""
    return validated(path, dict[str, Locked])


def lock_text(locks: Mapping[str, Locked]) -> str:
    """The text of the lock file."""
    lines = ["# Written by `cachecost prices watch --write`: the next watch shows what changed since."]
    for name, (version, day, cells) in sorted(locks.items()):
        lines.append(f"{name}: {{version: {version}, day: {day}, cells: {cells}}}")
    return "\n".join([*lines, ""])
