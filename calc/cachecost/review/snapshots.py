"""One release of a dataset or SDK as cells, and what changed in them since the release before."""

import hashlib
from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from .. import money
from ..errors import BadDocument
from ..files.reading import exists
from .datasets import PeerRate
from .peers import DATASETS
from .peers.package import day_of, version_of
from .peers.sdks import SDKS, terms
from .side_pages import validated

LOCK = "watch.lock"
FILES = ("models.dev", "aws")
"""Datasets that the package index does not have."""
PACKAGES = tuple(name for name in (*DATASETS, *SDKS) if name not in FILES)
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


class Change(NamedTuple):
    """A rate that differs between two releases, came (`old` None) or went (`new` None), or a term of an SDK."""

    old: PeerRate | None
    new: PeerRate | None
    term: str = ""


def snapshot(dataset: str, path: Path, at: datetime, *, day: date | None = None) -> Snapshot:
    """What a release holds at an instant; BadDocument where the dataset is unknown or the file is another."""
    version, day = version_of(path), day or day_of(path)
    if dataset in SDKS:
        return Snapshot(dataset, version, day, {}, frozenset(terms(path, dataset)))
    if dataset not in DATASETS:
        expected = ", ".join((*DATASETS, *SDKS))
        raise BadDocument(f"{dataset!r} is not a dataset known here; expected one of {expected}", word="dataset")
    rates = import_module(f"cachecost.review.peers.{DATASETS[dataset]}").rates(path, at)
    return Snapshot(dataset, version, day, {(*rate[:5],): rate for rate in rates})


def changed(old: Snapshot, new: Snapshot, providers: Set[str]) -> Iterator[Change]:
    """What differs at these providers; of SDKs only what came, since vendors remove names without a price's change."""
    for place in sorted(old.rates.keys() | new.rates.keys()):
        was, now = old.rates.get(place), new.rates.get(place)
        if place[0] in providers and (was is None or now is None or was.value != now.value):
            yield Change(was, now)
    for term in sorted(new.terms - old.terms):
        yield Change(None, None, term)


def locked(path: Path) -> dict[str, Locked]:
    """What the lock file holds; BadDocument, with the line, where an entry is unfit."""
    return validated(path, dict[str, Locked]) if exists(path) else {}


def lock_text(locks: Mapping[str, Locked]) -> str:
    """The text of the lock file."""
    lines = (
        f"{name}: {{version: {each[0]}, day: {each[1]}, cells: {each[2]}}}" for name, each in sorted(locks.items())
    )
    return "\n".join(
        ["# Written by `cachecost prices watch --write`: the next watch shows what changed since.", *lines, ""]
    )
